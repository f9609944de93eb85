"""Lengths, the twist between two elbows and the number of pieces.

A length has a unit, a word (OAL, CL, long, L=) or stands behind the X; `3'6"` is 42 in. Two lengths that differ are
the overall and the cut length where the words say so, and a conflict where they do not. Source: section 11; RYCO's
three ways of measuring, section 3.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from brassleaf.trade.numbers import exactly
from brassleaf.trade.parsing.phrases import Lexeme
from brassleaf.trade.parsing.reading import ASSUMED, PLACED, SAID, Fact, Length, Measured
from brassleaf.trade.parsing.sequence import Sequence, inch_dash, is_separator, is_times

_MILLIMETRES = {
    "in": Fraction("25.4"),
    "ft": Fraction("304.8"),
    "mm": Fraction(1),
    "cm": Fraction(10),
    "m": Fraction(1000),
}
#: A length that is given twice, in inches and rounded millimetres, is the same within this share.
_SAME = Fraction(6, 1000)
#: Over so many words a word of measuring reaches its number; so many lengths are compared.
_REACH = 4
_MOST = 20
_SHORTEST = 4
_LARGEST = 1_000_000


@dataclass(slots=True)
class _Candidate:
    item: Lexeme
    how: Measured | None = None
    sure: float = SAID


@exactly
def decimal(value: Fraction) -> Decimal:
    """A number of a text as a decimal: fractions of an inch end, by their denominators."""
    return Decimal(value.numerator) / value.denominator


def _decimal(value: int | Fraction) -> Decimal:
    return Decimal(value) if isinstance(value, int) else decimal(value)


def behind_times(text: Sequence) -> None:
    """Mark the bare number behind `1/2 X` as the length, before an end takes it for its size."""
    for place, item in text.free("number"):
        if item.form != "int" or item.unit is not None or not is_times(text.at(place - 1)):
            continue
        before, after = text.at(place - 2), text.at(place + 1)
        if before is None or (after is not None and after.glued and after.kind in ("style", "gender")):
            continue
        if before.kind in ("hose", "hosepart", "dn", "bore") or inch_dash(before) is not None:
            if not any(map(_is_length, text.items)):
                item.form = "length"
            return


def _is_length(item: Lexeme) -> bool:
    """Whether a number with a unit can be a length: not what is a nominal size in inches."""
    if item.kind != "number" or item.used or item.unit not in _MILLIMETRES or not 0 < item.value < _LARGEST:
        return False
    return item.form == "feet" or item.unit != "in" or inch_dash(item) is None


def length(text: Sequence, default: str) -> tuple[Fact[Length] | None, Fact[Length] | None, Fact[Measured] | None]:
    """The length, the cut length where both are said, and how the length is measured."""
    found = [_Candidate(item) for item in text.items if _is_length(item)]
    _label(text, found)
    if not found:
        found = _bare(text)
    for candidate in found:
        candidate.item.used = True
    distinct = _distinct(found, text, default)
    cut = [one for one in distinct if one.how == "cut"]
    rest = [one for one in distinct if one.how != "cut"]
    if len(cut) == 1 and len(rest) == 1:
        return _fact(rest[0]), _fact(cut[0]), Fact(rest[0].how) if rest[0].how else None
    if len(distinct) > 1:
        said = [one.item.text for one in distinct]
        text.clash("length", said, f"The text gives several lengths: {', '.join(said)}.")
        return None, None, None
    if not distinct:
        return None, None, None
    how = next((one.how for one in found if one.how), None)
    return _fact(distinct[0]), None, Fact(how) if how else None


def _fact(candidate: _Candidate) -> Fact[Length]:
    return Fact(Length(_decimal(candidate.item.value), candidate.item.unit), candidate.sure)


def _label(text: Sequence, found: list[_Candidate]) -> None:
    """Give each word of measuring to the length before it, else to the one behind it, with a unit or without."""
    if "length" not in text.kinds:
        return
    by_item = {id(candidate.item): candidate for candidate in found}
    for place, word in enumerate(text.items):
        if word.kind != "length" or word.used:
            continue
        target = _beside(text, place, by_item)
        if target is None:
            continue
        word.used = True
        candidate = by_item.get(id(target))
        if candidate is None:
            candidate = by_item[id(target)] = _Candidate(target)
            found.append(candidate)
        candidate.how = candidate.how or word.value


def _beside(text: Sequence, place: int, known: dict[int, _Candidate]) -> Lexeme | None:
    before, after = _near(text, place, -1), _near(text, place, 1)
    for item in (before, after):
        if item is not None and id(item) in known:
            return item
    word = text.items[place]
    bare = [item for item in (after, before) if item is not None and _is_bare(item)]
    if not bare or (word.text == "LONG" and bare[0] is not before):
        return None
    if known and bare[0].glued is False and word.text not in ("L", "LG", "LENGTH", "LEN") and word.value is None:
        return None
    return bare[0]


def _near(text: Sequence, place: int, step: int) -> Lexeme | None:
    """The next lexeme in a direction, over signs and other words of measuring."""
    near = text.next(place, ":=-.", step)
    for _ in range(_REACH):
        item = text.at(near)
        if item is None or (item.kind != "length" and item.text not in ("OF", "IS")):
            return item
        if step < 0 and item.used:
            return None  # that word has the length before it
        near = text.next(near, ":=-.", step)
    return None


def _is_bare(item: Lexeme) -> bool:
    if item.kind != "number" or item.used or item.unit is not None:
        return False
    return item.form == "length" or (item.form != "word" and _SHORTEST < item.value < _LARGEST)


def _bare(text: Sequence) -> list[_Candidate]:
    """A number without a unit: the one behind the X, else the first that nothing else took."""
    bare = [(place, item) for place, item in text.free("number") if _is_bare(item) and not _in_word(text, place)]
    behind = [item for place, item in bare if item.form == "length" or is_times(text.at(place - 1))]
    chosen = behind[:1] or [item for _, item in bare if item.value >= 10][:1]
    if "DIN 20066" in text.text:  # the standard measures in millimetres
        for item in chosen:
            item.unit = "mm"
    return [_Candidate(item, sure=PLACED) for item in chosen]


def _in_word(text: Sequence, place: int) -> bool:
    """Whether a number is the end of a word that was not understood: AB-123."""
    near = place
    while near > 0 and text.items[near].glued and place - near < _REACH:
        near -= 1
        if text.items[near].kind in ("word", "unknown") and not text.items[near].used:
            return True
    return False


def _distinct(found: list[_Candidate], text: Sequence, default: str) -> list[_Candidate]:
    """The candidates without those that say another's length again, in other units."""
    if len(found) < 2:
        return found
    unit = "mm" if text.metric else default
    kept: list[_Candidate] = []
    for candidate in found[:_MOST]:
        size = Fraction(candidate.item.value) * _MILLIMETRES[candidate.item.unit or unit]
        same = next((one for one in kept if abs(_size(one, unit) - size) <= size * _SAME), None)
        if same is None:
            kept.append(candidate)
        else:
            same.how = same.how or candidate.how
    return kept


def _size(candidate: _Candidate, unit: str) -> Fraction:
    return Fraction(candidate.item.value) * _MILLIMETRES[candidate.item.unit or unit]


# -- twist and quantity -----------------------------------------------------------------------------------------------


def twist(text: Sequence) -> Fact[Decimal] | None:
    """The angle between two elbows: `@ 90`, `offset 180`, `45° rotation`, `V 90`. To be asked before the ends."""
    if "twist" not in text.kinds and "@" not in text.text:
        return None
    for place, word in enumerate(text.items):
        at = word.kind == "separator" and word.value == "@"
        if not at and word.kind != "twist":
            continue
        behind, before = text.at(text.next(place, ":=")), text.at(text.next(place, "-", -1))
        for item in (behind, before if not at else None):
            if item is not None and _is_angle(item) and not (word.text == "V" and item is before):
                item.used = word.used = True
                return Fact(_decimal(item.value))
    return None


def left_angle(text: Sequence) -> Fact[Decimal] | None:
    """An angle that stands by itself when both ends are complete."""
    if "angle" not in text.kinds:
        return None
    for place, item in text.free("angle"):
        if is_separator(text.at(place - 1)) and 0 <= item.value < 360:
            item.used = True
            return Fact(_decimal(item.value), PLACED)
    return None


def _is_angle(item: Lexeme) -> bool:
    free = not item.used and (item.kind == "angle" or (item.kind == "number" and item.unit is None))
    return free and item.form not in ("fraction", "word") and 0 <= item.value < 360


def quantity(text: Sequence) -> Fact[int] | None:
    """How many pieces: `qty 6`, `5 pcs`, `(4)` or `10x` in front."""
    for place, word in enumerate(text.items) if "quantity" in text.kinds else ():
        if word.kind != "quantity":
            continue
        steps = (text.next(place, ":=."),) if word.value == "before" else (place - 1,)
        for near in steps:
            item = text.at(near)
            if item is not None and _is_count(item) and not (word.text == "EACH" and near == 0 and place > 1):
                item.used = word.used = True
                return Fact(int(item.value))
    return _in_front(text)


def _in_front(text: Sequence) -> Fact[int] | None:
    items = text.items
    if len(items) > 3 and is_separator(items[0], "(") and _is_count(items[1]) and is_separator(items[2], ")"):
        items[1].used = True
        return Fact(int(items[1].value), PLACED)
    if len(items) > 2 and _is_count(items[0]) and items[0].form == "int" and is_times(items[1]):
        after = items[2]
        sized = inch_dash(after) is not None or after.kind in ("dash", "dn", "hose", "bore", "hosepart", "style")
        if sized or (after.kind == "number" and len(items) > 3 and items[3].glued and items[3].kind == "style"):
            items[0].used = True
            return Fact(int(items[0].value), PLACED if items[1].glued else ASSUMED)
    return None


def _is_count(item: Lexeme) -> bool:
    whole = item.kind == "number" and item.unit is None and item.form in ("int", "word") and not item.used
    return whole and 0 < item.value <= 100_000

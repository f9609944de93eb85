"""The ends of an assembly: each style word takes the sizes, genders and angles that stand around it.

An anchor is a word that names a style (FJX, JIC, code 61) or a fitting's number. What stands directly before or behind
it, up to a separator or a word of another kind, is said of it; between two anchors without a separator the first takes
what it lacks. One anchor and `both ends`, a plural or `M/F` make two ends; so does a part that only changes the gender
or the angle (`JIC F x 90`). Source: section 11, the grammar of free text.
"""

from collections.abc import Iterator
from dataclasses import replace

from brassleaf.trade.parsing.anchors import Anchor, take
from brassleaf.trade.parsing.codes import FittingPart
from brassleaf.trade.parsing.lexicon import TUBES
from brassleaf.trade.parsing.phrases import Lexeme
from brassleaf.trade.parsing.reading import MEANT, PLACED, SAID, End, Fact, Gender
from brassleaf.trade.parsing.sequence import METRIC_STYLES, Sequence, bare_dash, is_separator, is_times

_ATTRIBUTES = frozenset(
    {"gender", "swivel", "straight", "angle", "number", "dash", "sizeword", "thread", "unthread", "tube"}
)
_TRANSPARENT = frozenset({"noise", "bent", "rigid", "degree", "pressure", "both", "bore-in", "length-drop"})
_ANCHORS = frozenset({"style", "fitting", "pipe", "flangecode", "tube"})


def ends(text: Sequence) -> tuple[End | None, End | None, tuple[FittingPart, ...]]:
    """Both ends, as far as the text has them, and the fittings that it names by number."""
    anchors = list(_anchors(text))
    _take_glued(text, anchors)
    _take_around(text, anchors)
    parts = tuple(anchor.part for anchor in anchors if anchor.part)
    if len(anchors) > 2:
        names = [text.items[anchor.place].text for anchor in anchors]
        text.clash("ends", names, f"An assembly has two ends; the text names {len(anchors)}: {', '.join(names)}.")
        return None, None, parts
    if len(anchors) == 2:
        pair = [anchor.end for anchor in anchors]
        if _labels(text, anchors) == [2, 1]:
            pair.reverse()
        return pair[0], pair[1], parts
    if not anchors:
        return None, None, ()
    return *_from_one(text, anchors[0]), parts


# -- anchors ----------------------------------------------------------------------------------------------------------


def _anchors(text: Sequence) -> Iterator[Anchor]:
    for place, item in enumerate(text.items):
        anchor = _anchor(text, place, item) if item.kind in _ANCHORS else None
        if anchor is not None:
            item.used = True
            anchor.last = place
            yield anchor


def _anchor(text: Sequence, place: int, item: Lexeme) -> Anchor | None:
    if item.used:
        return None
    if (plain := _plain_anchor(place, item)) is not None:
        return plain
    if item.kind == "flangecode" and not _names_code(text, place):
        style, sure = _flange(text, place)
        return Anchor(place, style, sure, both=item.both)
    if item.kind == "tube" and not _beside_style(text, place):
        size, series = item.value
        return Anchor(place, f"DIN-{series}", PLACED, size=TUBES[series][size])
    return None


def _plain_anchor(place: int, item: Lexeme) -> Anchor | None:
    if item.kind == "style" and item.entry is not None:
        entry = item.entry
        gender: Gender | None = entry.gender if entry.gender in ("M", "F") else None  # type: ignore[assignment]
        return Anchor(place, str(entry.value), entry.confidence, gender, swivel=entry.swivel, both=entry.both)
    if item.kind == "fitting":
        return Anchor(place, "", SAID, part=item.value)
    return Anchor(place, item.value[0], SAID, size=item.value[1]) if item.kind == "pipe" else None


def _names_code(text: Sequence, place: int) -> bool:
    """Whether a flange stands beside the code that says which one: then it is no end of its own."""
    for step in (1, -1):
        near = text.at(place + step)
        if near is not None and near.kind == "style" and near.value in ("C61", "C62", "CAT"):
            text.items[place].used = True
            return True
    return False


def _flange(text: Sequence, place: int) -> tuple[str, float]:
    """Code 61 or 62 by the pressure class beside the word; 61, the commoner, where none stands there."""
    for near in range(max(place - 4, 0), min(place + 6, len(text.items))):
        item = text.items[near]
        if item.kind == "pressure" and item.value in (3000, 5000, 6000):
            item.used = True
            return ("C62" if item.value == 6000 else "C61"), SAID
    return "C61", 0.5


def _beside_style(text: Sequence, place: int) -> bool:
    """Whether a tube end (15L) belongs to a style word that stands on either side of it, attributes between."""
    for step in (-1, 1):
        near = place + step
        while (item := text.at(near)) is not None and item.kind in ("gender", "swivel", "straight", "angle", "noise"):
            near += step
        if item is not None and item.kind == "style" and item.value in METRIC_STYLES:
            return True
    return False


# -- what stands around them ------------------------------------------------------------------------------------------


def _take_glued(text: Sequence, anchors: list[Anchor]) -> None:
    """The numbers written together with a style: 8FJX, FJX90, 12FJX90S, FJX-08, DKOL15-90."""
    for anchor in anchors:
        before, word = text.at(anchor.place - 1), text.items[anchor.place]
        if anchor.part is None and word.glued and before is not None and bare_dash(before) and not before.used:
            anchor.size, before.used = bare_dash(before), True
    for anchor in anchors:
        place = anchor.place
        while (found := _glued(text, place)) is not None:
            item = text.items[found]
            if not take(anchor, item, glued=True):
                break
            place = anchor.last = found
            drop = text.at(found + 1)
            if drop is not None and drop.glued and drop.kind in ("word", "length") and drop.text in "SML":
                drop.used = True
                place = anchor.last = found + 1


def _glued(text: Sequence, place: int) -> int | None:
    """The place of the number that follows without a blank, with a hyphen or not, and opens no other end."""
    near = place + 1
    hyphen = text.at(near)
    if is_separator(hyphen, "-") and hyphen is not None and hyphen.glued:
        near += 1
    item, after = text.at(near), text.at(near + 1)
    if item is None or item.used or not item.glued or item.kind not in ("number", "thread"):
        return None
    opens = after is not None and after.glued and after.kind in ("style", "unknown")
    return None if opens else near


def _take_around(text: Sequence, anchors: list[Anchor]) -> None:
    for number, anchor in enumerate(anchors):
        _scan(text, anchor, -1, anchors[number - 1].last if number else -1)
        limit = anchors[number + 1].place if number + 1 < len(anchors) else len(text.items)
        _scan(text, anchor, 1, limit)


def _scan(text: Sequence, anchor: Anchor, step: int, limit: int) -> None:
    place = (anchor.last if step > 0 else anchor.place) + step
    while place != limit and (item := text.at(place)) is not None:
        if item.kind == "separator":
            if not _passes(text, place, step, limit):
                return
        elif item.kind in _ATTRIBUTES:
            if item.used or not take(anchor, item):
                return
        elif item.kind not in _TRANSPARENT and not _is_drop(item, anchor):
            return
        if step > 0:
            anchor.last = place
        anchor.both = anchor.both or item.both or item.kind == "both"
        item.used = item.used or item.kind in ("both", "rigid", "bent", "degree")
        place += step


def _is_drop(item: Lexeme, anchor: Anchor) -> bool:
    """LONG behind an angle is the drop of the elbow, not the length of the hose."""
    return item.kind == "length" and item.text == "LONG" and anchor.angle not in (None, 0)


def _passes(text: Sequence, place: int, step: int, limit: int) -> bool:
    """Whether a separator joins rather than parts: brackets, hyphens, and a comma before what only describes."""
    sign = str(text.items[place].value or text.items[place].text)
    if sign in "(-)." and sign:
        return True
    if step < 0 or sign != ",":
        return False
    near = place + 1
    while near != limit and (item := text.at(near)) is not None and item.kind != "separator":
        if item.used or item.kind not in ("gender", "swivel", "straight", "angle", "bent", "rigid", "degree", "noise"):
            return False
        near += 1
    return near == limit or text.at(near) is None or is_separator(text.at(near))


# -- two ends of one --------------------------------------------------------------------------------------------------


def _labels(text: Sequence, anchors: list[Anchor]) -> list[int]:
    """`End 2: … End 1: …`: the number that stands before each anchor."""
    found = []
    for number, anchor in enumerate(anchors):
        start = anchors[number - 1].last + 1 if number else 0
        labels = [int(item.value) for item in text.items[start : anchor.place] if item.kind == "end"]
        found.extend(labels[-1:])
    return found


def _from_one(text: Sequence, anchor: Anchor) -> tuple[End, End | None]:
    end = anchor.end
    if anchor.pair is not None:
        one, other = (replace(end, gender=Fact(gender)) for gender in anchor.pair)
        return one, other
    second = _described(text, anchor)
    if second is not None:
        return end, second
    if anchor.both or _both_said(text) or _counted(text, anchor):
        return end, end
    return end, None


def _both_said(text: Sequence) -> bool:
    said = [item for item in text.items if item.kind == "both"]
    for item in said:
        item.used = True
    return bool(said)


def _counted(text: Sequence, anchor: Anchor) -> bool:
    """`8FJX X2` behind it, `2 X 8FJX` before it."""
    after = text.at(text.next(anchor.last, "),"))
    number = text.at(text.next(anchor.last, "),") + 1)
    if is_times(after) and number is not None and number.glued and number.kind == "number" and number.value == 2:
        number.used = True
        return True
    start = anchor.place - 1
    while (item := text.at(start)) is not None and item.used and not is_separator(item):
        start -= 1
    count = text.at(start - 1)
    if is_times(text.at(start)) and count is not None and start > 1 and not count.used and count.kind == "number":
        count.used = count.value == 2 and count.unit is None
        return count.used
    return False


def _described(text: Sequence, anchor: Anchor) -> End | None:
    """The other end where only its difference is said: `JIC F x 90`, `DKOL M22x1.5 gerade / 90°`."""
    place = text.next(anchor.last, ",)")
    if not (is_times(text.at(place)) or is_separator(text.at(place), "/&+") or is_separator(text.at(place), "TOAND")):
        return None
    other = Anchor(anchor.place, anchor.style, MEANT, None, anchor.size, None, anchor.swivel)
    long_enough = any(item.kind == "number" and item.unit for item in text.items)
    near, taken = place + 1, 0
    while (item := text.at(near)) is not None and not is_separator(item):
        plain = item.kind in ("gender", "swivel", "straight", "angle") or (
            item.kind == "number" and long_enough and item.value in (30, 45, 60, 90) and item.unit is None
        )
        if item.kind in ("noise", "bent", "both", "degree"):
            near += 1
            continue
        if item.used or not plain or not take(other, item):
            return None
        taken += 1
        near += 1
    if not taken:
        return None
    other.gender = other.gender or anchor.gender
    return other.end

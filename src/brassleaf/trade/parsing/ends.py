"""The ends of an assembly: each style word takes the sizes, genders and angles that stand around it.

An anchor is a word that names a style (FJX, JIC, code 61) or a fitting's number. What stands directly before or behind
it, up to a separator or a word of another kind, is said of it; between two anchors without a separator the first takes
what it lacks. One anchor and `both ends`, a plural or `M/F` make two ends; so does a part that only changes the gender
or the angle (`JIC F x 90`). Source: section 11, the grammar of free text.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from brassleaf.trade import threads
from brassleaf.trade.ends import parse_end_size
from brassleaf.trade.parsing.codes import FittingPart
from brassleaf.trade.parsing.lexemes import Lexeme
from brassleaf.trade.parsing.lexicon import ANGLES, END_DASHES, TUBES
from brassleaf.trade.parsing.reading import MEANT, PLACED, SAID, End, Fact, Gender
from brassleaf.trade.parsing.sequence import METRIC_STYLES, Sequence, bare_dash, inch_dash, is_separator, is_times
from brassleaf.trade.sizes import parse_hose_size

_ATTRIBUTES = frozenset(
    {"gender", "swivel", "straight", "angle", "number", "dash", "sizeword", "thread", "unthread", "tube"}
)
_TRANSPARENT = frozenset({"noise", "bent", "rigid", "degree", "pressure", "both", "bore-in", "length-drop"})
#: The angles that no size has the number of.
_BENT = ANGLES - END_DASHES - {0}
_ANCHORS = frozenset({"style", "fitting", "pipe", "flangecode", "tube"})
_NOTHING = End()
_BY_GENDER = {"DIN-L": ("DKOL", "CEL"), "DIN-S": ("DKOS", "CES")}
_CONES = {"JIS": 30, "KOM": 30, "BSPP": 60, "JIC": 37}
_THREADED = {"JIC": "JIC", "ORB": "JIC", "UNF": "JIC", "ORFS": "ORFS"}
#: A thread to the dash of the end that has it.
_DASHES = {
    style: {thread: dash for dash, thread in table.items()}
    for style, table in (("JIC", threads.JIC), ("ORFS", threads.ORFS))
}


@dataclass(slots=True)
class Anchor:
    """An end while it is put together."""

    place: int
    style: str
    confidence: float
    gender: Gender | None = None
    size: int | str | None = None
    angle: int | None = None
    swivel: bool = False
    part: FittingPart | None = None
    pair: tuple[Gender, Gender] | None = None
    both: bool = False
    stated_gender: bool = False
    last: int = 0

    @property
    def end(self) -> End:
        """The end as it was read."""
        given = self.part.end if self.part else _NOTHING
        return _end(self.style, self.confidence, self.gender, self.size, self.angle, self.swivel, given)


@lru_cache(maxsize=2048)
def _end(
    style: str,
    confidence: float,
    gender: Gender | None,
    size: int | str | None,
    angle: int | None,
    swivel: bool,  # noqa: FBT001 - no keywords, for the cache's sake
    given: End,
) -> End:
    """An end of what was read, and of what its number says; a generic 24° end is male or female by its gender."""
    pair = _BY_GENDER.get(style)
    named = style if pair is None else pair[gender == "M"]
    return End(
        style=given.style or (Fact(named, confidence) if named else None),
        gender=given.gender or (Fact(gender) if gender else None),
        size=given.size or (Fact(size) if size is not None else None),
        angle=given.angle or (Fact(angle) if angle is not None else None),
        swivel=swivel or given.swivel,
        part=given.part,
    )


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
            if not _take(anchor, item, glued=True):
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
            if item.used or not _take(anchor, item):
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


def _take(anchor: Anchor, item: Lexeme, *, glued: bool = False) -> bool:
    """Say what a lexeme says of an end, if the end lacks it."""
    taken = _TAKEN.get(item.kind)
    done = taken(anchor, item) if taken else _take_number(anchor, item, glued=glued)
    item.used = item.used or done
    return done


def _take_gender(anchor: Anchor, item: Lexeme) -> bool:
    if isinstance(item.value, tuple):
        anchor.pair = item.value
        return True
    if anchor.stated_gender and anchor.gender != item.value:
        return False
    if anchor.gender is None or anchor.style in ("BSPP", "JIC", "ORFS", "NPTF"):
        anchor.gender = item.value if anchor.gender is None else anchor.gender
    anchor.stated_gender = True
    return True


def _take_swivel(anchor: Anchor, _: Lexeme) -> bool:
    anchor.swivel = True
    if anchor.gender is None and anchor.style not in ("NPTF", "C61", "C62", "CAT"):
        anchor.gender = "F"
    return True


def _take_angle(anchor: Anchor, item: Lexeme) -> bool:
    degrees = int(item.value)
    if item.kind == "angle" and _CONES.get(anchor.style) == degrees:
        return True  # the angle of the cone, which the style says already
    if anchor.angle is not None or degrees not in ANGLES:
        return False
    anchor.angle = degrees
    return True


def _take_thread(anchor: Anchor, item: Lexeme) -> bool:
    if item.kind == "thread":
        if anchor.size is not None:
            return False
        anchor.size = str(item.value)
        return True
    size = parse_end_size(str(item.value), _THREADED.get(anchor.style, ""))
    if size is None or (anchor.size is not None and anchor.size != size):
        return anchor.size is not None and size == anchor.size
    anchor.size = size
    return True


def _take_tube(anchor: Anchor, item: Lexeme) -> bool:
    if anchor.size is not None or anchor.style not in METRIC_STYLES:
        return False
    diameter, series = item.value
    anchor.size = TUBES[series][diameter]
    return True


_TAKEN = {
    "gender": _take_gender,
    "swivel": _take_swivel,
    "straight": _take_angle,
    "angle": _take_angle,
    "thread": _take_thread,
    "unthread": _take_thread,
    "tube": _take_tube,
}


def _take_number(anchor: Anchor, item: Lexeme, *, glued: bool) -> bool:
    size = _size(anchor, item)
    value = item.value if item.kind == "number" and item.unit is None and item.form == "int" else None
    angle = int(value) if value is not None and int(value) in _BENT else None
    if angle is not None and anchor.angle is None and not (glued and anchor.style in METRIC_STYLES and size):
        anchor.angle = angle
        return True
    if size is not None and anchor.size is None and not (anchor.part and anchor.part.end.size):
        anchor.size = size
        return True
    return False


def _size(anchor: Anchor, item: Lexeme) -> int | str | None:
    """The size that a number means on an end of this style."""
    bare = item.kind == "number" and item.unit is None and item.form == "int"
    series = anchor.style[-1] if anchor.style in METRIC_STYLES else None
    if series and bare and int(item.value) in TUBES[series]:
        return TUBES[series][int(item.value)]
    if (dash := bare_dash(item)) is not None:
        return dash
    if bare and anchor.style in ("C61", "C62"):
        return parse_hose_size(f"DN{int(item.value)}")  # a flange by its DN: SFS 25
    if item.kind == "number" and item.form == "fraction" and (known := _DASHES.get(_THREADED.get(anchor.style, ""))):
        dash = inch_dash(item)
        if dash is None or dash == 14:
            return _by_diameter(known, Fraction(item.value))
    dash = inch_dash(item)
    return dash if dash in END_DASHES else None


def _by_diameter(threads: object, value: Fraction) -> int | None:
    """A thread by its diameter alone: 9/16 JIC is -6, 1-3/16 ORFS is -12."""
    whole, rest = divmod(value, 1)
    text = f"{whole}-{rest}-" if whole and rest else f"{rest or whole}-"
    return next((dash for thread, dash in dict(threads).items() if thread.startswith(text)), None)  # type: ignore[call-overload]


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
        if item.used or not plain or not _take(other, item):
            return None
        taken += 1
        near += 1
    if not taken:
        return None
    other.gender = other.gender or anchor.gender
    return other.end

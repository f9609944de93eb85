"""An end while it is put together: what a lexeme beside a style word says of it."""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from brassleaf.trade import threads
from brassleaf.trade.ends import parse_end_size
from brassleaf.trade.parsing.codes import FittingPart
from brassleaf.trade.parsing.lexicon import ANGLES, END_DASHES, TUBES
from brassleaf.trade.parsing.phrases import Lexeme
from brassleaf.trade.parsing.reading import End, Fact, Gender
from brassleaf.trade.parsing.sequence import METRIC_STYLES, bare_dash, inch_dash
from brassleaf.trade.sizes import parse_hose_size

#: The angles that no size has the number of.
_BENT = ANGLES - END_DASHES - {0}
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


def take(anchor: Anchor, item: Lexeme, *, glued: bool = False) -> bool:
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

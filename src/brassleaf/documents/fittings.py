"""How the ends of a hose assembly look from the side.

Shapes are drawn in units of the hose's outside diameter, along an axis that leaves the hose; they show the kind of end
(thread, nut, flange, eye; straight or bent), not the dimensions of one maker's part.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from brassleaf.documents.models import End
from brassleaf.documents.pen import INK, QUIET, Pen, Point, colour

STEEL: Final = colour("#d3d9df")
STEEL_LIGHT: Final = colour("#e9edf0")
RUBBER_SEAL: Final = colour("#2b3036")
OUTLINE: Final = 0.7

NECK: Final = 0.32  # length of the stem between ferrule and what follows
BEND_RADIUS: Final = 0.72  # of the centreline of a bent tube
_TUBE: Final = 0.30  # half the tube's diameter


class Kind(Enum):
    """What an end is, as far as a drawing tells it."""

    MALE = "male"
    TAPER = "male taper"
    FEMALE = "female"
    FLANGE = "flange"
    BANJO = "banjo"
    PLAIN = "plain"


# Words of the catalogues, most specific first (domain.md section 1: end styles and trade abbreviations).
_WORDS: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    (Kind.FLANGE, re.compile(r"flange|code\s*6[12]|\bsf[ls]\b|\bcat\b", re.IGNORECASE)),
    (Kind.BANJO, re.compile(r"banjo|\bbel\b", re.IGNORECASE)),
)
_TAPERED: Final = re.compile(r"npt|bspt|pipe|taper", re.IGNORECASE)
_O_RING_FACE: Final = re.compile(r"orfs|ffor|flat.?face", re.IGNORECASE)
_O_RING_BOSS: Final = re.compile(r"\borb\b|boss|straight thread", re.IGNORECASE)
_DEGREES: Final = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d)?)(?![\d.])")


def kind_of(end: End) -> Kind:
    """The kind of end that style and gender name; a plain stub when they name none."""
    for kind, words in _WORDS:
        if words.search(end.style) or words.search(end.gender) or words.search(end.shape):
            return kind
    gender = end.gender.strip().lower()
    if gender.startswith(("f", "x")) or end.swivel:
        return Kind.FEMALE
    if gender.startswith("m"):
        return Kind.TAPER if _TAPERED.search(end.style) else Kind.MALE
    return Kind.PLAIN


def bend_of(end: End) -> float:
    """The angle of a bent end in degrees; 0 for a straight one and for shapes that name no usable angle."""
    found = _DEGREES.search(end.shape)
    angle = float(found.group(1)) if found else 0.0
    return angle if 15 <= angle <= 135 else 0.0


_LENGTHS: Final = {
    Kind.MALE: 1.45,
    Kind.TAPER: 1.35,
    Kind.FEMALE: 1.0,
    Kind.FLANGE: 0.78,
    Kind.BANJO: 0.62,
    Kind.PLAIN: 0.8,
}
_HALVES: Final = {
    Kind.MALE: 0.6,
    Kind.TAPER: 0.6,
    Kind.FEMALE: 0.66,
    Kind.FLANGE: 0.84,
    Kind.BANJO: 0.62,
    Kind.PLAIN: 0.36,
}


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an end reaches from the hose, in hose diameters.

    `along` and `across` lead to the point that lengths are measured to, `far` and `low` to the outermost edges.
    """

    along: float
    across: float
    far: float
    low: float


def reach_of(end: End) -> Reach:
    """The extent of an end, bent ones downwards."""
    kind, bend = kind_of(end), math.radians(bend_of(end))
    length, half = _LENGTHS[kind], _HALVES[kind]
    tip = length + (half if kind is Kind.BANJO else 0.0)
    if not bend:
        return Reach(NECK + length, 0.0, NECK + tip, half)
    cos, sin = math.cos(bend), math.sin(bend)
    along = NECK + BEND_RADIUS * sin + length * cos
    across = BEND_RADIUS * (1 - cos) + length * sin
    beyond = tip - length
    return Reach(
        along, across, max(along + beyond * cos + half * sin, NECK + BEND_RADIUS), across + beyond * sin + half * cos
    )


@dataclass(frozen=True, slots=True)
class Axis:
    """A line from a point in a direction, on which parts are strung; distances are in hose diameters."""

    x: float
    y: float
    dx: float
    dy: float
    unit: float

    def at(self, along: float, across: float = 0.0) -> Point:
        """The point that lies so far along the axis and so far to its left."""
        a, b = along * self.unit, across * self.unit
        return self.x + a * self.dx - b * self.dy, self.y + a * self.dy + b * self.dx

    @property
    def lit(self) -> float:
        """The side on which light falls: the upper one, the left one where the axis is upright."""
        side = self.dx if abs(self.dx) > 0.01 else self.dy
        return 1.0 if side >= 0 else -1.0


def body(pen: Pen, axis: Axis, profile: Sequence[Point], fill: str = STEEL) -> None:
    """Draw a turned part from its profile (along, half the diameter), with a lighter band where light falls on it."""
    upper = [axis.at(along, half) for along, half in profile]
    lower = [axis.at(along, -half) for along, half in reversed(profile)]
    pen.polygon([*upper, *lower], fill=fill)
    lit = axis.lit
    near = [axis.at(along, lit * half * 0.62) for along, half in profile]
    far = [axis.at(along, lit * half * 0.22) for along, half in reversed(profile)]
    pen.polygon([*near, *far], fill=STEEL_LIGHT)
    pen.polygon([*upper, *lower], ink=INK, stroke=OUTLINE)


def ferrule(pen: Pen, axis: Axis) -> None:
    """The crimped ferrule over the hose's end: flats of the dies and the collar towards the stem."""
    body(pen, axis, [(-1.62, 0.56), (-1.56, 0.64), (-1.36, 0.64), (-1.3, 0.6), (-0.34, 0.6), (-0.28, 0.66), (0, 0.66)])
    for edge in (-1.33, -0.31):
        pen.lines([(*axis.at(edge, 0.6), *axis.at(edge, -0.6))], width=0.45)
    flats = [(*axis.at(-1.3, across), *axis.at(-0.34, across)) for across in (-0.34, 0.02, 0.36)]
    pen.lines(flats, ink=QUIET, width=0.4)


def draw_end(pen: Pen, axis: Axis, end: End, turn: float) -> tuple[Point, Axis]:
    """Draw an end on an axis that starts at the ferrule; bent ends turn to the side `turn` (+1 up, -1 down on paper).

    Answers the point that lengths are measured to and the axis of the bent part.
    """
    kind, bend = kind_of(end), math.radians(bend_of(end))
    body(pen, axis, [(0, 0.4), (NECK, 0.4 if not bend else _TUBE)])
    tip = axis
    if bend:
        tip = _elbow(pen, axis, bend, turn)
    else:
        x, y = axis.at(NECK)
        tip = Axis(x, y, axis.dx, axis.dy, axis.unit)
    _DRAW[kind](pen, tip, end)
    return tip.at(_LENGTHS[kind]), tip


def _elbow(pen: Pen, axis: Axis, bend: float, turn: float) -> Axis:
    """A bent tube; the axis that leaves it."""
    vx, vy = 0.0, turn  # the side to which the tube turns
    outer: list[Point] = []
    inner: list[Point] = []
    band: list[list[Point]] = [[], []]
    steps = max(4, round(math.degrees(bend) / 8))
    sx, sy = axis.at(NECK)
    unit = axis.unit
    for step in range(steps + 1):
        angle = bend * step / steps
        sin, cos = math.sin(angle), math.cos(angle)
        x = sx + unit * BEND_RADIUS * (sin * axis.dx + (1 - cos) * vx)
        y = sy + unit * BEND_RADIUS * (sin * axis.dy + (1 - cos) * vy)
        nx, ny = -sin * axis.dx + cos * vx, -sin * axis.dy + cos * vy  # towards the centre of the bend
        for points, across in ((inner, _TUBE), (outer, -_TUBE), (band[0], -0.19), (band[1], -0.06)):
            points.append((x + unit * across * nx, y + unit * across * ny))
    pen.polygon([*outer, *reversed(inner)], fill=STEEL)
    pen.polygon([*band[0], *reversed(band[1])], fill=STEEL_LIGHT)
    pen.polygon([*outer, *reversed(inner)], ink=INK, stroke=OUTLINE)
    sin, cos = math.sin(bend), math.cos(bend)
    return Axis(x, y, cos * axis.dx + sin * vx, cos * axis.dy + sin * vy, unit)


def _hexagon(pen: Pen, axis: Axis, start: float, end: float, half: float) -> None:
    """A hexagon seen on its corners: chamfered ends, two edges."""
    slope = 0.05
    body(pen, axis, [(start, half * 0.9), (start + slope, half), (end - slope, half), (end, half * 0.9)])
    edges = [(*axis.at(start, side), *axis.at(end, side)) for side in (half * 0.5, -half * 0.5)]
    pen.lines(edges, width=0.5)


def _threads(pen: Pen, axis: Axis, start: float, end: float, halves: tuple[float, float]) -> None:
    """Lines of a thread between two distances; the diameter may taper."""
    turns = 8
    strokes = []
    for turn in range(1, turns):
        part = turn / turns
        along, half = start + (end - start) * part, halves[0] + (halves[1] - halves[0]) * part
        strokes.append((*axis.at(along - 0.02, half), *axis.at(along + 0.02, -half)))
    pen.lines(strokes, ink=QUIET, width=0.4)


def _seal(pen: Pen, axis: Axis, along: float, half: float) -> None:
    """An O-ring seen from the side."""
    corners = [axis.at(along, half), axis.at(along + 0.09, half), axis.at(along + 0.09, -half), axis.at(along, -half)]
    pen.polygon(corners, fill=RUBBER_SEAL)


def _male(pen: Pen, axis: Axis, end: End) -> None:
    _hexagon(pen, axis, 0, 0.42, 0.6)
    cone = not (_O_RING_FACE.search(end.style) or _O_RING_BOSS.search(end.style))
    last = 1.2 if cone else 1.45
    body(pen, axis, [(0.42, 0.38), (0.5, 0.38), (0.5, 0.45), (last - 0.05, 0.45), (last, 0.4)])
    _threads(pen, axis, 0.5, last - 0.03, (0.45, 0.45))
    if cone:  # 37 degree and 24 degree cones seal on their nose
        body(pen, axis, [(last, 0.38), (1.45, 0.24)])
    elif _O_RING_BOSS.search(end.style):
        _seal(pen, axis, 0.42, 0.47)
    else:
        _seal(pen, axis, 1.37, 0.3)


def _taper(pen: Pen, axis: Axis, _: End) -> None:
    _hexagon(pen, axis, 0, 0.42, 0.6)
    # The taper of 1 in 16 is drawn twice as steep, or nobody would see it.
    body(pen, axis, [(0.42, 0.48), (1.3, 0.42), (1.35, 0.38)])
    _threads(pen, axis, 0.44, 1.32, (0.48, 0.42))


def _female(pen: Pen, axis: Axis, end: End) -> None:
    start = 0.0
    if end.swivel:  # the nut turns on the stem: a gap and the collar show it
        body(pen, axis, [(0, 0.34), (0.1, 0.34)])
        start = 0.1
    _hexagon(pen, axis, start, 1.0, 0.66)
    hidden = [(*axis.at(start + 0.3, side), *axis.at(1.0, side)) for side in (0.44, -0.44)]
    hidden.append((*axis.at(start + 0.3, 0.44), *axis.at(start + 0.3, -0.44)))
    pen.lines(hidden, ink=QUIET, width=0.45, dash="2 1.5")


def _flange(pen: Pen, axis: Axis, end: End) -> None:
    thick = 0.36 if "62" in end.style else 0.28
    start = 0.78 - thick
    body(pen, axis, [(0, _TUBE + 0.04), (start - 0.16, _TUBE + 0.08), (start, 0.5)])
    body(pen, axis, [(start, 0.8), (start + 0.04, 0.84), (0.78, 0.84)])
    groove = [(*axis.at(0.7, side), *axis.at(0.78, side)) for side in (0.6, 0.48, -0.48, -0.6)]
    pen.lines(groove, width=0.5)


def _banjo(pen: Pen, axis: Axis, _: End) -> None:
    x, y = axis.at(0.62)
    pen.circle(x, y, 0.62 * axis.unit, fill=STEEL, ink=INK, stroke=OUTLINE)
    pen.circle(x, y, 0.44 * axis.unit, ink=QUIET, stroke=0.4)
    pen.circle(x, y, 0.28 * axis.unit, fill="1 1 1", ink=INK, stroke=OUTLINE)


def _plain(pen: Pen, axis: Axis, _: End) -> None:
    body(pen, axis, [(0, _TUBE), (0.72, _TUBE), (0.8, _TUBE - 0.05)])


_DRAW: Final[dict[Kind, Callable[[Pen, Axis, End], None]]] = {
    Kind.MALE: _male,
    Kind.TAPER: _taper,
    Kind.FEMALE: _female,
    Kind.FLANGE: _flange,
    Kind.BANJO: _banjo,
    Kind.PLAIN: _plain,
}

"""The drawing of a hose assembly: side view with dimensions, wrap, balloons and the sketch of the offset angle.

Proportions follow the hose: its drawn diameter grows with the real one, a short assembly keeps its ratio of length to
diameter, a long one is broken in the middle. Bent ends are drawn in the plane of the paper; the offset angle between
them is shown by the sketch alone (convention of SAE J517: look along the hose from end 1, end 1 at 6 o'clock, turn
counter-clockwise; contract/domain.md section 5).
"""

import math
from dataclasses import dataclass
from typing import Final

from brassleaf.documents.fittings import Axis, Kind, bend_of, draw_end, ferrule, kind_of, reach_of
from brassleaf.documents.models import DataSheet, End
from brassleaf.documents.pen import BRASS, INK, PALE, QUIET, RULE, WHITE, Pen, Point, colour
from brassleaf.documents.texts import fitted
from brassleaf.documents.typeface import bold, regular
from brassleaf.documents.units import (
    Length,
    LengthUnit,
    angle_text,
    converted,
    exact,
    fine_length_text,
    length_text,
    tolerance_text,
)

HEIGHT: Final = 150.0
_SKETCH: Final = 104.0  # width of the column for the offset sketch
_RUBBER: Final = colour("#48515a")
_SHINE: Final = colour("#66717c")
_WRAP: Final = colour("#f4ead2")


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the parts of the side view lie on the page, in points."""

    left: float
    right: float
    middle: float
    unit: float
    broken: bool


def draw_assembly(pen: Pen, sheet: DataSheet, unit: LengthUnit, *, x: float, top: float, width: float) -> None:
    """Draw the assembly into a box of `width` by `HEIGHT` points whose upper left corner is x, top."""
    pen.rect(x, top - HEIGHT, width, HEIGHT, ink=RULE, stroke=0.6)
    offset = offset_angle(sheet)
    room = width - (_SKETCH if offset is not None else 0.0)
    turns = (-1.0, 1.0 if offset is not None and math.cos(math.radians(offset)) < -0.01 else -1.0)
    scene = _scene(sheet, x, top, room, turns)
    _captions(pen, x, top, room, sheet)
    _centreline(pen, scene, sheet)
    _hose(pen, scene, sheet)
    points = [_end(pen, scene, sheet.ends[side], side, turn=turns[side], unit=unit) for side in (0, 1)]
    _dimensions(pen, scene, points, turns, sheet, levels=(top - 34, top - HEIGHT + 17), unit=unit)
    _balloons(pen, scene, points, turns, sheet)
    note = "Drawing not to scale."
    if offset is not None:
        note += " Bent ends are shown in one plane: see the offset view."
        _sketch(pen, x + room, top, offset, sheet)
    pen.text(x + 6, top - HEIGHT + 5, note, regular(), 5.6, ink=QUIET)


def offset_angle(sheet: DataSheet) -> float | None:
    """The offset angle that is drawn: only when it is given and both ends are bent."""
    angle = None if sheet.offset_angle is None else exact(sheet.offset_angle)
    if angle is None or not all(bend_of(end) for end in sheet.ends):
        return None
    return float(angle % 360)


def _millimetres(length: Length | None) -> float | None:
    value = None if length is None else converted(length, "mm")
    return float(value) if value is not None and value > 0 else None


def _scene(sheet: DataSheet, x: float, top: float, room: float, turns: tuple[float, float]) -> Scene:
    """Choose the drawn diameter and length so that everything lies between the two dimension lines."""
    outer = _millimetres(sheet.hose.outer_diameter) or 22.0
    reaches = [reach_of(end) for end in sheet.ends]
    up = max([0.7, *(reach.low for reach, turn in zip(reaches, turns, strict=True) if turn > 0)])
    down = max([0.7, *(reach.low for reach, turn in zip(reaches, turns, strict=True) if turn < 0)])
    high, low = top - 56, top - HEIGHT + 26  # what dimension lines and captions leave
    unit = min(11 + 0.42 * outer, 32.0, (high - low) / (up + down))
    side_room = room - 44
    ends = sum(reach.far for reach in reaches) * unit
    cut = _millimetres(sheet.cut_length) or _millimetres(sheet.overall_length) or outer * 40
    length = cut / outer * unit
    longest = side_room - ends
    broken = length > longest
    length = max(min(length, longest), 4.4 * unit)  # room for two ferrules and some hose between them
    spare = (high - low) - unit * (up + down)
    left = x + 22 + (side_room - ends - length) / 2 + reaches[0].far * unit
    return Scene(left, left + length, low + down * unit + spare / 2, unit, broken)


def _axis(scene: Scene, side: int) -> Axis:
    return Axis(scene.right if side else scene.left, scene.middle, 1.0 if side else -1.0, 0.0, scene.unit)


def end_text(end: End) -> str:
    """An end in the words of the trade: `-8 JIC 37° female swivel, 90 elbow`."""
    swivel = "swivel" if end.swivel and "swivel" not in f"{end.style} {end.gender}".lower() else ""
    size = end.dash.strip().lstrip("-")
    dash = f"-{size}" if size.isdigit() else size  # a thread such as M22x1.5 is not a dash size
    kind = " ".join(filter(None, (part.strip() for part in (dash, end.style, end.gender, swivel))))
    return ", ".join(filter(None, (kind, end.shape.strip()))) or "not known"


def _captions(pen: Pen, x: float, top: float, room: float, sheet: DataSheet) -> None:
    half = room / 2 - 12
    for side, end in enumerate(sheet.ends):
        at, align = (x + room - 8, "right") if side else (x + 8, "left")
        lines = [f"End {side + 1}: {end_text(end)}", *([f"Thread {end.thread}"] if end.thread else [])]
        for number, line in enumerate(lines):
            face = regular() if number else bold()
            shown = fitted(line, face, 7 - number * 0.6, half)
            pen.text(
                at, top - 11 - number * 8, shown, face, 7 - number * 0.6, align="right" if align == "right" else "left"
            )


def _centreline(pen: Pen, scene: Scene, sheet: DataSheet) -> None:
    beyond = [
        (0.0 if bend_of(end) else reach_of(end).far * scene.unit) + (0 if bend_of(end) else 7) for end in sheet.ends
    ]
    line = (scene.left - beyond[0], scene.middle, scene.right + beyond[1], scene.middle)
    pen.lines([line], ink=QUIET, width=0.35, dash="7 2 1.5 2")


def _hose(pen: Pen, scene: Scene, sheet: DataSheet) -> None:
    half, length = scene.unit / 2, scene.right - scene.left
    pen.rect(scene.left, scene.middle - half, length, 2 * half, fill=_RUBBER)
    pen.rect(scene.left, scene.middle + half * 0.25, length, half * 0.36, fill=_SHINE)
    pen.rect(scene.left, scene.middle - half, length, 2 * half, ink=INK, stroke=0.7)
    _layline(pen, scene, sheet)
    _wrap(pen, scene, sheet)
    if scene.broken:
        _break(pen, scene)


def _layline(pen: Pen, scene: Scene, sheet: DataSheet) -> None:
    """The hose's printing where it fits between ferrule and break and no wrap hides it."""
    if sheet.wrap is not None:
        return
    size = min(scene.unit * 0.36, 7.0)
    start, end = scene.left + 2.1 * scene.unit, (scene.left + scene.right) / 2 - 0.9 * scene.unit
    dash = f"-{sheet.hose.dash.lstrip('-')}" if sheet.hose.dash.strip("- ") else ""
    text = " ".join(filter(None, (sheet.hose.standard, dash)))
    if size >= 5 and text and regular().width(text, size) < end - start:
        pen.text(start, scene.middle - size * 0.62, text, regular(), size, ink=WHITE)


def _wrap(pen: Pen, scene: Scene, sheet: DataSheet) -> None:
    """Wraps as hatching over what they cover."""
    if sheet.wrap is None:
        return
    cut = _millimetres(sheet.cut_length) or _millimetres(sheet.overall_length)
    half = scene.unit * 0.57
    spans = sheet.wrap.spans
    # Without a length to relate them to, spans are written in the text only; no span at all means the whole hose.
    parts = [_share(span, cut) for span in spans] if cut is not None else []
    if not spans:
        parts = [(0.0, 1.0)]
    for start, end in parts:
        x1 = scene.left + start * (scene.right - scene.left)
        x2 = scene.left + end * (scene.right - scene.left)
        if x2 - x1 < 1:
            continue
        y, height = scene.middle - half, 2 * half
        pen.rect(x1, y, x2 - x1, height, fill=_WRAP)
        pen.clip(x1, y, x2 - x1, height)
        first = int((x1 - height) // 5)
        pen.lines(
            [(5 * k, y, 5 * k + height, y + height) for k in range(first, int(x2 // 5) + 1)], ink=BRASS, width=0.5
        )
        pen.unclip()
        pen.rect(x1, y, x2 - x1, height, ink=INK, stroke=0.7)


def _share(span: tuple[Length, Length], cut: float) -> tuple[float, float]:
    """A span as shares of the cut length, inside the hose whatever was given."""
    start, end = (float(converted(each, "mm") or 0) / cut for each in span)
    start, end = min(start, end), max(start, end)
    return min(max(start, 0.0), 1.0), min(max(end, 0.0), 1.0)


def _break(pen: Pen, scene: Scene) -> None:
    """Two curved break lines with a gap: the hose is longer than drawn."""
    centre, half, gap = (scene.left + scene.right) / 2, scene.unit * 0.62, 3.2
    wave = [(math.sin(step / 12 * 2 * math.pi) * scene.unit * 0.13, (step / 6 - 1) * half) for step in range(13)]
    left = [(centre - gap + dx, scene.middle + dy) for dx, dy in wave]
    right = [(centre + gap + dx, scene.middle + dy) for dx, dy in wave]
    pen.polygon([*left, *reversed(right)], fill=WHITE)
    pen.polygon(left, ink=INK, stroke=0.7, closed=False)
    pen.polygon(right, ink=INK, stroke=0.7, closed=False)


def _end(pen: Pen, scene: Scene, end: End, side: int, *, turn: float, unit: LengthUnit) -> Point:
    """One end with its ferrule; the point that the length is measured to."""
    axis = _axis(scene, side)
    point, tip = draw_end(pen, axis, end, turn)
    ferrule(pen, axis)
    if bend_of(end):
        start = tip.at(0.0)
        beyond = tip.at(1.0)
        reach = math.dist(start, point) + 6
        length = math.dist(start, beyond)
        x, y = (start[at] + (beyond[at] - start[at]) * reach / length for at in (0, 1))
        pen.lines([(*start, x, y)], ink=QUIET, width=0.35, dash="7 2 1.5 2")
        if end.drop_length is not None:
            _drop(pen, scene, point, side, f"Drop {fine_length_text(end.drop_length, unit)}")
    return point


def _drop(pen: Pen, scene: Scene, point: Point, side: int, text: str) -> None:
    """The drop of a bent end: from the hose's axis to the seal face."""
    towards = -1 if side else 1
    x = (scene.right if side else scene.left) + towards * 0.25 * scene.unit
    pen.lines([(point[0] + towards * 0.7 * scene.unit, point[1], x + towards * 3, point[1])], ink=QUIET, width=0.35)
    pen.line(
        x, scene.middle - math.copysign(0.7 * scene.unit, scene.middle - point[1]), x, point[1], ink=INK, width=0.5
    )
    pen.arrow(x, point[1], math.copysign(math.pi / 2, point[1] - scene.middle))
    # beside the arrow; of a small drop clear of the hose and its ferrule
    clear = 0.72 * scene.unit + 2
    below = point[1] < scene.middle
    base = min(point[1] + 3, scene.middle - clear - 6) if below else max(point[1] - 8, scene.middle + clear + 2)
    pen.text(x + towards * 4, base, text, regular(), 6, align="right" if side else "left")


def _dimensions(
    pen: Pen,
    scene: Scene,
    points: list[Point],
    turns: tuple[float, float],
    sheet: DataSheet,
    *,
    levels: tuple[float, float],
    unit: LengthUnit,
) -> None:
    """Overall length with its tolerance below, cut length above."""
    upper, lower = levels
    overall = f"Overall length {length_text(sheet.overall_length, unit)}"
    tolerance = sheet.length_tolerance.strip() or tolerance_text(sheet.tolerance_plus, sheet.tolerance_minus, unit)
    if tolerance:
        overall += f"  tol. {tolerance}"
    room = max(points[1][0] - points[0][0] - 16, 250)
    for (x, y), turn, end in zip(points, turns, sheet.ends, strict=True):
        # Straight ends are touched at the rim, bent ones at the middle of their face.
        edge = y - (0.7 * scene.unit if not bend_of(end) and kind_of(end) is not Kind.BANJO else 4)
        start = edge if turn < 0 or not bend_of(end) else scene.middle - 0.8 * scene.unit
        pen.lines([(x, start, x, lower - 3)], ink=QUIET, width=0.35)
    dimension(pen, points[0][0], points[1][0], lower, fitted(overall, bold(), 7.2, room), strong=True)
    if sheet.cut_length is not None:
        for x in (scene.left, scene.right):
            pen.lines([(x, scene.middle + 0.8 * scene.unit, x, upper + 3)], ink=QUIET, width=0.35)
        dimension(pen, scene.left, scene.right, upper, f"Cut length {length_text(sheet.cut_length, unit)}")


def dimension(pen: Pen, x1: float, x2: float, y: float, text: str, *, strong: bool = False) -> None:
    """A horizontal dimension line with arrow heads and its text in the middle, above it when it is short."""
    face, size = (bold(), 7.2) if strong else (regular(), 6.6)
    pen.line(x1, y, x2, y, ink=INK, width=0.5)
    pen.arrow(x1, y, math.pi)
    pen.arrow(x2, y, 0.0)
    middle, half = (x1 + x2) / 2, face.width(text, size) / 2
    if 2 * half + 18 > x2 - x1:  # no room between the arrow heads
        pen.rect(middle - half - 1, y + 1.2, 2 * half + 2, size, fill=WHITE)
        pen.text(middle, y + 2.5, text, face, size, align="centre")
        return
    pen.rect(middle - half - 2, y - size * 0.5, 2 * half + 4, size * 1.05, fill=WHITE)
    pen.text(middle, y - size * 0.34, text, face, size, align="centre")


def _balloons(pen: Pen, scene: Scene, points: list[Point], turns: tuple[float, float], sheet: DataSheet) -> None:
    """Item numbers of the parts table in circles, tied to what they name: above, but away from an end that turns up."""
    u, mid = scene.unit, scene.middle
    centre, aside = (scene.left + scene.right) / 2, max(0.7 * scene.unit, 14.0)
    # Each spot: the point that is named, from the hose's axis upwards, and how far aside the circle stands.
    spots: dict[str, tuple[float, float, float]] = {
        "hose": (centre + aside, 0.36 * u, 8.0),
        "wrap": (_wrap_middle(scene, sheet), 0.36 * u, -8.0),
        "ferrule1": (scene.left + 0.9 * u, 0.5 * u, 9.0),
        "ferrule2": (scene.right - 0.9 * u, 0.5 * u, -9.0),
        "end1": (scene.left - 0.22 * u, 0.2 * u, -9.0)
        if bend_of(sheet.ends[0])
        else (points[0][0] + 0.5 * u, 0.3 * u, 3.0),
        "end2": (scene.right + 0.22 * u, 0.2 * u, 9.0)
        if bend_of(sheet.ends[1])
        else (points[1][0] - 0.5 * u, 0.3 * u, -3.0),
    }
    drawn: set[str] = set()
    centres: list[Point] = []
    for part in sheet.parts:
        if part.role not in spots or part.role in drawn or len(part.item) > 3:
            continue
        drawn.add(part.role)
        side = -1.0 if part.role in {"end1", "end2"} and turns[part.role == "end2"] > 0 else 1.0
        x, height, shift = spots[part.role]
        y, cx, cy = mid + side * height, x + shift, mid + side * (0.5 * u + 15)
        while any(math.dist((cx, cy), other) < 13 for other in centres):
            cx += 4  # on a short hose the circles make room for each other
        centres.append((cx, cy))
        distance = math.dist((x, y), (cx, cy))
        pen.circle(x, y, 1.0, fill=INK)
        pen.line(x, y, cx - (cx - x) * 6 / distance, cy - (cy - y) * 6 / distance, width=0.45)
        pen.circle(cx, cy, 6, fill=WHITE, ink=INK, stroke=0.6)
        pen.text(cx, cy - 2.4, fitted(part.item, bold(), 6.4, 11), bold(), 6.4, align="centre")


def _wrap_middle(scene: Scene, sheet: DataSheet) -> float:
    """Where the balloon of the wrap points to: on its first span, clear of ferrule and break."""
    centre, clear = (scene.left + scene.right) / 2, max(0.7 * scene.unit, 14.0)
    cut = _millimetres(sheet.cut_length) or _millimetres(sheet.overall_length)
    if sheet.wrap is None or not sheet.wrap.spans or cut is None:
        return centre - clear
    start, end = _share(sheet.wrap.spans[0], cut)
    place = scene.left + (scene.right - scene.left) * (start + end) / 2
    return centre - clear if abs(place - centre) < clear else place


def _sketch(pen: Pen, x: float, top: float, angle: float, sheet: DataSheet) -> None:
    """The view along the hose from end 1: end 1 at 6 o'clock, end 2 turned counter-clockwise from it."""
    pen.rect(x, top - HEIGHT, _SKETCH, HEIGHT, fill=PALE)
    pen.line(x, top, x, top - HEIGHT, ink=RULE, width=0.6)
    cx, cy, radius = x + _SKETCH / 2, top - 72, 27.0
    pen.text(cx, top - 12, "Offset view", bold(), 7, align="centre")
    value = f"{angle_text(sheet.offset_angle)}"
    if sheet.offset_tolerance is not None:
        value += f"  ±{angle_text(sheet.offset_tolerance)}"
    pen.text(cx, top - 24, f"Offset {value}", bold(), 8, ink=BRASS, align="centre")
    pen.circle(cx, cy, radius, ink=RULE, stroke=0.5)
    cross = ((cx - radius - 5, cy, cx + radius + 5, cy), (cx, cy - radius - 5, cx, cy + radius + 5))
    pen.lines(cross, ink=QUIET, width=0.35, dash="5 2 1 2")
    start = -math.pi / 2
    end = start + math.radians(angle)
    for number, direction, ink in (("2", end, BRASS), ("1", start, INK)):
        tip = (cx + radius * 0.84 * math.cos(direction), cy + radius * 0.84 * math.sin(direction))
        pen.line(cx, cy, *tip, ink=ink, width=4.2)
        at, towards = radius + 8, direction
        if number == "2" and min(angle, 360 - angle) < 20:
            towards = start + math.radians(24 if angle < 180 else -24)  # beside the number of end 1, not over it
        pen.text(
            cx + at * math.cos(towards),
            cy + at * math.sin(towards) - 2.6,
            number,
            bold(),
            7.5,
            ink=ink,
            align="centre",
        )
    pen.circle(cx, cy, 5.4, fill=WHITE, ink=INK, stroke=0.8)
    if angle:
        steps = max(2, round(angle / 6))
        arc = [(start + (end - start) * step / steps) for step in range(steps + 1)]
        pen.polygon([(cx + 16 * math.cos(a), cy + 16 * math.sin(a)) for a in arc], ink=INK, stroke=0.7, closed=False)
        pen.arrow(cx + 16 * math.cos(end), cy + 16 * math.sin(end), end + math.pi / 2 - 0.15, length=4.5)
    lines = ("Seen from end 1 along the hose.", "End 1 at 6 o'clock, angle", "counter-clockwise (SAE).")
    for place, line in enumerate(lines):
        pen.text(cx, top - HEIGHT + 26 - place * 7.5, line, regular(), 5.8, ink=QUIET, align="centre")

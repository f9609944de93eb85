"""Labels for assemblies and kits: one layout for every size of label, printed as PDF or as ZPL (`documents.zpl`).

The layout knows no printer: it answers marks (texts, bars, QR code) in points from the upper left corner. What a label
is too small for is left out, the least important first; part number, warning and number of the piece always stand.
Working pressure may be printed, a burst pressure never (domain.md section 6: it is misread as a rating).
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from reportlab.pdfgen.canvas import Canvas

from brassleaf.documents.codes import NARROWEST_BAR, code128_bars, qr_runs
from brassleaf.documents.pen import BLACK, Pen
from brassleaf.documents.texts import fitted, one_line, with_revision, wrap
from brassleaf.documents.typeface import RENDER_LOCK, Typeface, bold, regular

LabelSize = Literal[
    "2x3", "3x2", "4x6", "6x4", "2.25x1.25", "3x1", "4x1", "4x2", "4x3", "50x25mm", "100x50mm", "100x150mm"
]
_INCH: Final = 72.0
_MM: Final = 72.0 / 25.4
#: Width and height in points; the numbers of a size are its width and its height.
SIZES: Final[dict[str, tuple[float, float]]] = {
    "2x3": (2 * _INCH, 3 * _INCH),
    "3x2": (3 * _INCH, 2 * _INCH),
    "4x6": (4 * _INCH, 6 * _INCH),
    "6x4": (6 * _INCH, 4 * _INCH),
    # usual thermal rolls
    "2.25x1.25": (2.25 * _INCH, 1.25 * _INCH),
    "3x1": (3 * _INCH, 1 * _INCH),
    "4x1": (4 * _INCH, 1 * _INCH),
    "4x2": (4 * _INCH, 2 * _INCH),
    "4x3": (4 * _INCH, 3 * _INCH),
    "50x25mm": (50 * _MM, 25 * _MM),
    "100x50mm": (100 * _MM, 50 * _MM),
    "100x150mm": (100 * _MM, 150 * _MM),
}
_WARNING: Final = "SAMPLE DATA - NOT FOR PRODUCTION"
_LEADING: Final = 1.22


@dataclass(frozen=True, slots=True)
class LabelFace:
    """What all labels of one assembly say. `facts` are captions and texts, the most important first.

    `revision_delimiter` stands between part number and revision.
    """

    shop: str
    part_number: str
    revision: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    dated: str = ""
    sample: bool = False
    revision_delimiter: str = "-"


@dataclass(frozen=True, slots=True)
class Label:
    """One label: `piece` is what tells it from the others, such as `3 of 12` or a serial number."""

    face: LabelFace
    piece: str = ""


@dataclass(frozen=True, slots=True)
class TextMark:
    """A text: the left end of its baseline, in points from the upper left corner."""

    x: float
    y: float
    text: str
    size: float
    strong: bool
    room: float


@dataclass(frozen=True, slots=True)
class BarMark:
    """A Code 128 symbol: upper left corner, width of a module and height in points."""

    x: float
    y: float
    module: float
    height: float
    content: str


@dataclass(frozen=True, slots=True)
class QrMark:
    """A QR code without its quiet zone: upper left corner and side in points."""

    x: float
    y: float
    side: float
    content: str


Mark = TextMark | BarMark | QrMark


@dataclass(frozen=True, slots=True)
class Layout:
    """The marks that all labels of a face share, and where the number of the piece ends (right, baseline, size)."""

    marks: tuple[Mark, ...]
    piece: tuple[float, float, float]


@dataclass(slots=True)
class _Area:
    """The label while it is filled from top to bottom; what lies beside the QR code is narrower."""

    left: float
    right: float
    y: float
    bottom: float
    unit: float
    qr_left: float
    qr_top: float
    qr_bottom: float

    def room(self, top: float, height: float) -> float:
        """How wide a line may be that lies between top and top + height."""
        beside = top < self.qr_bottom and top + height > self.qr_top
        return (self.qr_left if beside else self.right) - self.left


@lru_cache(maxsize=64)
def layout(face: LabelFace, size: LabelSize) -> Layout:
    """Where everything on a label of this size stands."""
    width, height = SIZES[size]
    unit = min(max(min(math.sqrt(width * height) / 25, height / 17), 4.9), 12.0)
    margin = max(unit * 0.8, 5.0)
    foot = height - margin - unit * 0.25
    area = _Area(margin, width - margin, margin, foot - unit * 1.15, unit, width - margin, 0, 0)
    number = one_line(face.part_number)
    revision = one_line(face.revision)
    named = one_line(with_revision(number, revision, face.revision_delimiter))
    marks: list[Mark] = []
    wide = width > height * 1.6
    content = "\n".join(filter(None, (number, revision)))
    code = qr_runs(content)
    if code is not None and wide:  # beside everything, so that a flat label keeps its lines
        _qr(marks, area, min(height - 2 * margin, width * 0.28), area.y, content, code[0])
    if face.sample:
        _line(marks, area, _WARNING, unit * 0.85, strong=True)
    _line(marks, area, one_line(face.shop), unit * 0.95, strong=True)
    _title(marks, area, named)
    _bars(marks, area, number)
    if code is not None and not wide:
        side = min(width * 0.3, (area.bottom - area.y) * 0.6)
        _qr(marks, area, side, area.bottom - side, content, code[0])
    for caption, text in face.facts:
        _fact(marks, area, caption, one_line(text))
    room = (area.right - area.left) * 0.55
    dated = fitted(face.dated, regular(), unit * 0.85, room)
    if dated:
        marks.append(TextMark(area.left, foot, dated, unit * 0.85, strong=False, room=room))
    right = area.qr_left if wide else area.right
    return Layout(tuple(marks), (right, foot, unit))


def _qr(marks: list[Mark], area: _Area, side: float, top: float, content: str, modules: int) -> None:
    """The code with its quiet zone of four modules at the right, if its modules stay large enough to be scanned."""
    cell = side / (modules + 8)
    if cell < NARROWEST_BAR * 1.4:  # 0.27 mm: what a 203 dpi printer draws with two dots
        return
    marks.append(QrMark(area.right - side + 4 * cell, top + 4 * cell, modules * cell, content))
    area.qr_left, area.qr_top, area.qr_bottom = area.right - side, top, top + side


def _face(strong: bool) -> Typeface:  # noqa: FBT001  which of the two
    return bold() if strong else regular()


def _line(marks: list[Mark], area: _Area, text: str, size: float, *, strong: bool = False) -> None:
    room = area.room(area.y, size * _LEADING)
    if shown := fitted(text, _face(strong), size, room):
        marks.append(TextMark(area.left, area.y + size * 0.95, shown, size, strong, room))
        area.y += size * _LEADING


def _title(marks: list[Mark], area: _Area, named: str) -> None:
    """Part number and revision whole: smaller where they are long, then on two or more lines."""
    size, least = area.unit * 1.9, area.unit * 0.9
    room = area.room(area.y, size)
    while size > least and bold().width(named, size) > room:
        size -= 0.25
    for line in wrap(named, bold(), size, room):
        marks.append(TextMark(area.left, area.y + size * 0.95, line, size, strong=True, room=room))
        area.y += size * _LEADING


def _bars(marks: list[Mark], area: _Area, number: str) -> None:
    """Code 128 where it fits with bars that a scanner can read, with its quiet zones; else the QR code must do."""
    code = code128_bars(number)
    height = area.unit * 2.4
    room = area.room(area.y, height)
    if code is None or area.y + height > area.bottom - area.unit * 2:
        return
    module = min(1.44, room / (code[0] + 11))  # what the margin lacks of ten modules of quiet zone (ISO/IEC 15417)
    if module < NARROWEST_BAR:
        return
    marks.append(BarMark(area.left + (room - module * code[0]) / 2, area.y, module, height, number))
    area.y += height + area.unit * 0.35


def _fact(marks: list[Mark], area: _Area, caption: str, text: str) -> None:
    if not text:
        return
    size = area.unit
    room = area.room(area.y, size * _LEADING)
    tag = fitted(caption, bold(), size * 0.8, room * 0.4)
    indent = bold().width(tag, size * 0.8) + (size * 0.5 if tag else 0)
    lines = wrap(text, regular(), size, max(room - indent, size))[:2]
    if area.y + len(lines) * size * _LEADING > area.bottom:
        lines = lines[:1]
    if area.y + size * _LEADING > area.bottom:
        return
    if tag:
        marks.append(TextMark(area.left, area.y + size * 0.95, tag, size * 0.8, strong=True, room=indent))
    if len(lines) == 1:  # what two lines cannot hold ends in an ellipsis
        lines = [fitted(text, regular(), size, room - indent)]
    for line in lines:
        place = area.room(area.y, size * _LEADING) - indent
        marks.append(TextMark(area.left + indent, area.y + size * 0.95, fitted(line, regular(), size, place), size,
                              strong=False, room=place))  # fmt: skip
        area.y += size * _LEADING


def render_labels(labels: Sequence[Label], size: LabelSize) -> bytes:
    """Labels as PDF, one a page. The same labels give the same bytes."""
    width, height = SIZES[size]
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(width, height), pageCompression=1, invariant=1)
    canvas.setCreator("Brassleaf")
    canvas.setTitle(one_line(f"Labels {labels[0].face.part_number}" if labels else "Labels")[:200])
    document: Any = getattr(canvas, "_doc")  # noqa: B009  # fonts belong to the document, which has no public name
    drawn: tuple[LabelFace, str] | None = None
    for label in labels:
        if drawn is None or drawn[0] is not label.face:
            drawn = label.face, _operators(layout(label.face, size).marks, height, document)
        canvas.addLiteral(drawn[1])
        if label.piece:
            right, y, points = layout(label.face, size).piece
            pen = Pen()
            pen.text(right, height - y, one_line(label.piece), bold(), points, ink=BLACK, align="right")
            canvas.addLiteral(pen.operators(document))
        canvas.showPage()
    with RENDER_LOCK:
        canvas.save()
    return buffer.getvalue()


def _operators(marks: Sequence[Mark], height: float, document: Any) -> str:
    pen = Pen()
    for mark in marks:
        match mark:
            case TextMark():
                pen.text(mark.x, height - mark.y, mark.text, _face(mark.strong), mark.size, ink=BLACK)
            case BarMark():
                code = code128_bars(mark.content)
                bars = code[1] if code else ()
                tall = mark.height / mark.module
                runs = [(start, 0.0, wide, tall) for start, wide in bars]
                pen.cells(mark.x, height - mark.y - mark.height, mark.module, runs)
            case QrMark():
                found = qr_runs(mark.content)
                if found is not None:
                    pen.cells(mark.x, height - mark.y - mark.side, mark.side / found[0], found[1])
    return pen.operators(document)

"""A pen that writes PDF path and text operators (ISO 32000-1, tables 57 to 60 and 74).

A page is kept as a list of operators until the number of pages is known. Writing them directly, instead of calling the
canvas for each line, costs a tenth: a data sheet has some six hundred strokes.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from brassleaf.documents.texts import visual
from brassleaf.documents.typeface import Typeface

Point = tuple[float, float]
Align = Literal["left", "right", "centre"]


def colour(code: str) -> str:
    """The PDF operands of a colour written `#rrggbb`."""
    return " ".join(f"{int(code[place : place + 2], 16) / 255:.3g}" for place in (1, 3, 5))


INK: Final = colour("#1c2731")
QUIET: Final = colour("#5d6b78")
RULE: Final = colour("#b9c2ca")
PALE: Final = colour("#f2f4f6")
BRASS: Final = colour("#a8802b")
WHITE: Final = colour("#ffffff")
BLACK: Final = colour("#000000")

# Four Bézier curves make a circle; this is the distance of their control points (4/3 of √2 - 1).
_KAPPA: Final = 0.5523


@dataclass(frozen=True, slots=True)
class Text:
    """A text at its place: the baseline's left end in points from the page's lower left corner."""

    x: float
    y: float
    text: str
    face: Typeface
    size: float
    ink: str


class Pen:
    """Draws on one page; remembers instead of drawing, so that pages can be written when all are known."""

    def __init__(self) -> None:
        self.marks: list[str | Text] = []

    def text(
        self, x: float, y: float, text: str, face: Typeface, size: float, *, ink: str = INK, align: Align = "left"
    ) -> None:
        """Draw one line of cleaned text."""
        if not text or text.isspace():
            return
        if align != "left":
            width = face.width(text, size)
            x -= width if align == "right" else width / 2
        self.marks.append(Text(x, y, text, face, size, ink))

    def line(self, x1: float, y1: float, x2: float, y2: float, *, ink: str = INK, width: float = 0.6) -> None:
        """Draw a straight line."""
        self.marks.append(f"{ink} RG {width:g} w {x1:.2f} {y1:.2f} m {x2:.2f} {y2:.2f} l S")

    def lines(
        self,
        strokes: Iterable[tuple[float, float, float, float]],
        *,
        ink: str = INK,
        width: float = 0.5,
        dash: str = "",
    ) -> None:
        """Draw many straight lines in one path; `dash` is lengths in points such as `6 2 1 2`."""
        path = " ".join([f"{x1:.2f} {y1:.2f} m {x2:.2f} {y2:.2f} l" for x1, y1, x2, y2 in strokes])
        if path:
            self.marks.append(f"q {ink} RG {width:g} w [{dash}] 0 d {path} S Q")

    def rect(
        self, x: float, y: float, width: float, height: float, *, fill: str = "", ink: str = "", stroke: float = 0.6
    ) -> None:
        """Draw a rectangle, filled, outlined or both."""
        paint = _paint(fill, ink)
        self.marks.append(f"{_style(fill, ink, stroke)} {x:.2f} {y:.2f} {width:.2f} {height:.2f} re {paint}")

    def polygon(
        self, points: Sequence[Point], *, fill: str = "", ink: str = "", stroke: float = 0.6, closed: bool = True
    ) -> None:
        """Draw a polygon or, not closed, a line through the points."""
        path = " l ".join([f"{x:.2f} {y:.2f}" for x, y in points[1:]])
        x, y = points[0]
        end = "h " if closed else ""
        self.marks.append(f"{_style(fill, ink, stroke)} {x:.2f} {y:.2f} m {path} l {end}{_paint(fill, ink)}")

    def circle(self, x: float, y: float, radius: float, *, fill: str = "", ink: str = "", stroke: float = 0.6) -> None:
        """Draw a circle."""
        k = radius * _KAPPA
        r = radius
        curves = (
            ((x + r, y + k), (x + k, y + r), (x, y + r)),
            ((x - k, y + r), (x - r, y + k), (x - r, y)),
            ((x - r, y - k), (x - k, y - r), (x, y - r)),
            ((x + k, y - r), (x + r, y - k), (x + r, y)),
        )
        path = " ".join(" ".join(f"{px:.2f} {py:.2f}" for px, py in curve) + " c" for curve in curves)
        self.marks.append(f"{_style(fill, ink, stroke)} {x + r:.2f} {y:.2f} m {path} h {_paint(fill, ink)}")

    def cells(self, x: float, y: float, size: float, runs: Iterable[tuple[float, float, float, float]]) -> None:
        """Fill many rectangles in black, given in cells of `size` points from the point x, y: bar and QR codes."""
        path = " ".join([f"{cx:g} {cy:g} {width:g} {height:g} re" for cx, cy, width, height in runs])
        if path:
            self.marks.append(f"q {BLACK} rg {size:.4f} 0 0 {size:.4f} {x:.2f} {y:.2f} cm {path} f Q")

    def clip(self, x: float, y: float, width: float, height: float) -> None:
        """Keep what follows inside a rectangle, until `unclip`."""
        self.marks.append(f"q {x:.2f} {y:.2f} {width:.2f} {height:.2f} re W n")

    def unclip(self) -> None:
        """End what `clip` began."""
        self.marks.append("Q")

    def arrow(self, x: float, y: float, angle: float, *, ink: str = INK, length: float = 5.5) -> None:
        """A filled arrow head whose point is at x, y and which points to `angle` (radians, counter-clockwise)."""
        back = [(x - length * math.cos(angle + side), y - length * math.sin(angle + side)) for side in (0.28, -0.28)]
        self.polygon([(x, y), *back], fill=ink)

    def operators(self, document: Any) -> str:
        """Everything drawn so far as the content of a page."""
        return "\n".join([mark if isinstance(mark, str) else _shown(mark, document) for mark in self.marks])


def _shown(text: Text, document: Any) -> str:
    show = text.face.operators(visual(text.text), text.size, document)
    return f"BT {text.ink} rg 1 0 0 1 {text.x:.2f} {text.y:.2f} Tm {show} ET"


def _style(fill: str, ink: str, stroke: float) -> str:
    return " ".join(filter(None, (fill and f"{fill} rg", ink and f"{ink} RG {stroke:g} w")))


def _paint(fill: str, ink: str) -> str:
    return "B" if fill and ink else "f" if fill else "S"

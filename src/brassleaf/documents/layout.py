"""Pages, and what flows down them: sections, tables with wrapping cells, blocks side by side.

Lengths are in points (1/72 in), y grows upwards as in PDF. Content never leaves the frame: what does not fit goes to
the next page, a row that is taller than a page is split between lines.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from brassleaf.documents.models import Paper
from brassleaf.documents.pen import BRASS, INK, PALE, QUIET, RULE, Align, Pen
from brassleaf.documents.texts import one_line, wrap
from brassleaf.documents.typeface import bold, regular

# ASCII85 was for mail that loses the eighth bit; in Python it takes a third of a document's time.
rl_config.useA85 = 0

# ISO 216 A4 is 210 x 297 mm; ANSI A (Letter) is 8.5 x 11 in.
PAPERS: Final[dict[Paper, tuple[float, float]]] = {"letter": (612.0, 792.0), "a4": (595.28, 841.89)}
MARGIN: Final = 36.0  # half an inch: more than any office printer's own margin
FOOT: Final = 17.0  # height of the footer inside the margins
BODY: Final = 7.3  # size of plain text
LEADING: Final = 1.24  # distance of baselines as a multiple of the size
_PAD: Final = 1.7  # blank above and below the lines of a cell
_GUTTER: Final = 4.0  # blank left and right of a cell's text


STACK_GAP: Final = 6.0  # between two blocks in a column
_SLACK: Final = 0.01  # sums of heights differ in their last bits


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, its share of the width and how its texts stand."""

    title: str
    share: float
    align: Align = "left"
    label: bool = False  # a label of the row, set small, bold and quiet


@dataclass(frozen=True, slots=True)
class Row:
    """One row, its cells already broken into lines."""

    cells: list[list[str]]
    lines: int
    strong: bool = False


@dataclass
class Block:
    """A table that knows its height before it is drawn."""

    columns: Sequence[Column]
    rows: list[Row]
    width: float
    title: str
    header: bool
    size: float
    header_cells: list[list[str]] = field(default_factory=list)

    @property
    def leading(self) -> float:
        """Distance of two baselines."""
        return self.size * LEADING

    @property
    def title_height(self) -> float:
        """Height of the section's title."""
        return 14.4 if self.title else 0.0

    @property
    def header_height(self) -> float:
        """Height of the row with the columns' titles."""
        if not self.header:
            return 0.0
        return max(len(cell) for cell in self.header_cells) * self.leading + 2 * _PAD

    def row_height(self, row: Row) -> float:
        """Height of a row with its blanks."""
        return row.lines * self.leading + 2 * _PAD

    @property
    def height(self) -> float:
        """Height of the whole block in one piece."""
        return self.title_height + self.header_height + sum(map(self.row_height, self.rows))

    def widths(self) -> list[float]:
        """Width of each column."""
        whole = sum(column.share for column in self.columns)
        return [self.width * column.share / whole for column in self.columns]


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    width: float,
    title: str = "",
    header: bool = True,
    size: float = BODY,
    strong_last: bool = False,
) -> Block:
    """A block of rows; texts are broken into lines that fit their columns."""
    block = Block(columns, [], width, title, header, size)
    rooms = [each - 2 * _GUTTER for each in block.widths()]
    plain, strong = regular(), bold()
    for number, row in enumerate(rows):
        heavy = strong_last and number == len(rows) - 1
        cells = [
            wrap(text, strong if heavy or column.label else plain, size, room)
            for text, column, room in zip(row, columns, rooms, strict=True)
        ]
        block.rows.append(Row(cells, max(map(len, cells)), heavy))
    if header:
        block.header_cells = [
            wrap(column.title, strong, size, room) for column, room in zip(columns, rooms, strict=True)
        ]
    return block


def facts(
    pairs: Sequence[tuple[str, str]], *, width: float, title: str = "", share: float = 0.36, across: int = 1
) -> Block:
    """Labels and values, `across` pairs beside each other."""
    columns = [Column("", share, label=True), Column("", 1 - share)] * across
    padded = [*pairs, *[("", "")] * (-len(pairs) % across)]
    rows = [
        [text for pair in padded[start : start + across] for text in pair] for start in range(0, len(padded), across)
    ]
    return table(columns, rows, width=width, title=title, header=False)


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the paper that may be printed on."""

    paper: Paper

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the paper."""
        return PAPERS[self.paper]

    @property
    def left(self) -> float:
        """Left edge of the content."""
        return MARGIN

    @property
    def right(self) -> float:
        """Right edge of the content."""
        return self.size[0] - MARGIN

    @property
    def width(self) -> float:
        """Width of the content."""
        return self.right - self.left

    @property
    def top(self) -> float:
        """Upper edge of the content."""
        return self.size[1] - MARGIN

    @property
    def bottom(self) -> float:
        """Lower edge of the content, above the footer."""
        return MARGIN + FOOT


class Composer:
    """Lets blocks flow down one page after the other.

    `head` draws what stands at the top of a page and answers where the content begins; `foot` draws the footer once
    the number of pages is known.
    """

    def __init__(self, frame: Frame, head: Callable[[Pen, int], float], foot: Callable[[Pen, int, int], None]) -> None:
        self.frame = frame
        self.pens: list[Pen] = []
        self._head = head
        self._foot = foot
        self.y = 0.0
        self.top = 0.0
        self.new_page()

    @property
    def pen(self) -> Pen:
        """The pen of the page at hand."""
        return self.pens[-1]

    @property
    def room(self) -> float:
        """Height that is left on the page at hand."""
        return self.y - self.frame.bottom

    def new_page(self) -> None:
        """Begin another page."""
        self.pens.append(Pen())
        self.y = self.top = self._head(self.pen, len(self.pens))

    def ensure(self, height: float) -> None:
        """Begin another page unless so much is left; what is taller than a page begins at a page's top."""
        if height > self.room + _SLACK and self.y < self.top:
            self.new_page()

    def space(self, height: float) -> None:
        """Leave a gap, but not at the end of a page."""
        self.y -= min(height, max(self.room, 0.0))

    def side_by_side(self, left: Sequence[Block], right: Sequence[Block], gap: float) -> None:
        """Draw two columns of blocks, on one page; one below the other where no page has room for that."""
        height = max(sum(block.height + STACK_GAP for block in column) for column in (left, right))
        if height > self.top - self.frame.bottom:
            for block in (*left, *right):
                self.flow(block)
                self.space(STACK_GAP)
            return
        self.ensure(height)
        top, low = self.y, self.y
        x = self.frame.left
        for column in (left, right):
            self.y = top
            for block in column:
                self.flow(block, x)
                self.y -= STACK_GAP
            low = min(low, self.y)
            x += max((block.width for block in column), default=0.0) + gap
        self.y = low

    def flow(self, block: Block, x: float | None = None) -> None:
        """Draw a block, on as many pages as it needs; the columns' titles stand on each."""
        x = self.frame.left if x is None else x
        if not block.rows:
            return
        if self._kept_whole(block.height):
            self.ensure(block.height)
        # A title never stands alone at the foot of a page.
        first = block.row_height(block.rows[0])
        if not self._kept_whole(first):
            first = 3 * block.leading + 2 * _PAD
        self.ensure(block.title_height + block.header_height + first)
        self._title(block, x)
        self._header(block, x)
        for number, row in enumerate(block.rows):
            self._row(block, row, x, shaded=block.header and number % 2 == 1)

    def _title(self, block: Block, x: float) -> None:
        if not block.title:
            return
        base = self.y - 9.5
        self.pen.text(x, base, block.title, bold(), 8.6, ink=INK)
        self.pen.line(x, base - 3.2, x + block.width, base - 3.2, ink=BRASS, width=0.9)
        self.y -= block.title_height

    def _header(self, block: Block, x: float) -> None:
        if not block.header:
            return
        height = block.header_height
        self.pen.rect(x, self.y - height, block.width, height, fill="0.89 0.91 0.93")
        self._cells(block, block.header_cells, x, heavy=True)
        self.y -= height

    def _kept_whole(self, height: float) -> bool:
        """Whether a row of that height goes to the next page in one piece; higher ones would leave too large a hole."""
        return height <= (self.top - self.frame.bottom) / 4

    def _row(self, block: Block, row: Row, x: float, *, shaded: bool) -> None:
        height = block.row_height(row)
        if height > self.room + _SLACK and self._kept_whole(height):
            self.new_page()
            self._header(block, x)
        start = 0
        while start < row.lines:
            fits = int((self.room - 2 * _PAD + _SLACK) / block.leading)
            if fits < 1:
                self.new_page()
                self._header(block, x)
                continue
            part = [cell[start : start + fits] for cell in row.cells]
            height = min(fits, row.lines - start) * block.leading + 2 * _PAD
            if shaded:
                self.pen.rect(x, self.y - height, block.width, height, fill=PALE)
            self._cells(block, part, x, heavy=row.strong)
            self.y -= height
            self.pen.line(x, self.y, x + block.width, self.y, ink=RULE, width=0.35)
            start += fits

    def _cells(self, block: Block, cells: Sequence[Sequence[str]], x: float, *, heavy: bool) -> None:
        plain, strong = regular(), bold()
        first = self.y - _PAD - block.size * 0.95
        for column, width, lines in zip(block.columns, block.widths(), cells, strict=True):
            face = strong if heavy or column.label else plain
            ink = QUIET if column.label else INK
            at = {"left": x + _GUTTER, "right": x + width - _GUTTER, "centre": x + width / 2}[column.align]
            for number, line in enumerate(lines):
                self.pen.text(at, first - number * block.leading, line, face, block.size, ink=ink, align=column.align)
            x += width

    def pdf(self, *, title: str, author: str) -> bytes:
        """The document; the same content gives the same bytes (no clock, no random identifier)."""
        for number, pen in enumerate(self.pens, 1):
            self._foot(pen, number, len(self.pens))
        buffer = io.BytesIO()
        canvas = Canvas(buffer, pagesize=self.frame.size, pageCompression=1, invariant=1)
        canvas.setTitle(one_line(title)[:200])
        canvas.setAuthor(one_line(author)[:200])
        canvas.setCreator("Brassleaf")
        document: Any = getattr(canvas, "_doc")  # noqa: B009  # fonts belong to the document, which has no public name
        for pen in self.pens:
            canvas.addLiteral(pen.operators(document))
            canvas.showPage()
        canvas.save()
        return buffer.getvalue()

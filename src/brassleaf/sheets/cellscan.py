"""How far the cells of a foreign sheet reach and which need a second look, seen in its bytes before anything parses it.

A parser allocates every cell of the rectangle that the filled ones span, so two cells far apart cost what a full sheet
does. A window of the sheet whose cells all stand in a known rectangle, spelled as almost everybody spells them, without
a formula or error, is settled by a few searches; any other is walked through cell by cell.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from brassleaf.sheets.writer import column_name

FARTHEST_COLUMN, FARTHEST_ROW = 702, 999_999  # ZZ
#: Cells of the rectangle, of 24 bytes each while it is read: so many in any sheet,
SMALL = 2_000_000
#: in a larger one at most so many times the filled ones,
SPARSE = 100
#: and never more: 200,000 rows with 60 columns are 12 million.
LARGEST = 16_000_000

#: A row or cell: its address where it comes first, other attributes, the end of the tag, whether a formula follows.
_TAG = re.compile(
    rb"<(?:[^\s<>/:!?]+:)?(row|c)(?=[\s/>])(?: r=\"([A-Z]{0,3})(\d{1,7})\")?([^<>]*)(>?)"
    rb"(\s*<(?:[^\s<>/:!?]+:)?f(?=[\s/>]))?"
)
_ATTRIBUTE = re.compile(rb"\s([^\s=\"'/<>]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_ADDRESS = re.compile(rb"([A-Za-z]{0,9})(\d{1,9})")
_USUAL = re.compile(rb"<c r=\"([A-Z]{1,2})([1-9]\d{0,5})\"")
_SPREAD = 10_000  # rows; how far a plain window reaches is rounded up to as many
_MOST_SIGNS = 10
_REMEMBERED = 10_000
_PREFIXED = re.compile(rb":[cf]")


class Unreadable(Exception):
    """A file that is not read; the text tells its sender what to do."""


def damaged() -> Unreadable:
    """What is said of a file that is not what a spreadsheet writes."""
    return Unreadable("The file is damaged or cut off. Send it again, or open it in Excel and save it anew.")


@dataclass(slots=True)
class Marks:
    """Cells that need a second look: for each row (from 1) the columns (bit 0 is A) with a formula or an error.

    `padded` has the same of numbers that are shown with zeros before them, by the digits that are shown.
    """

    formulas: dict[int, int] = field(default_factory=dict)
    errors: dict[int, int] = field(default_factory=dict)
    padded: dict[int, dict[int, int]] = field(default_factory=dict)

    def digits(self, row: int, column: int) -> int:
        """How many digits a number is shown with at least; 0 where that is not said."""
        return next((digits for digits, rows in self.padded.items() if rows.get(row, 0) >> column & 1), 0)


class CellScan:
    """Looks through one sheet, window by window; a window never ends between a cell's tag and its formula's.

    Args:
        padded: The digits that numbers are shown with, by the cell styles that say so.
    """

    def __init__(self, padded: Mapping[str, int] = {}) -> None:
        self.marks = Marks()
        self._padded = {style.encode(): digits for style, digits in padded.items()}
        self._signs = [f's="{style}"'.encode() for style in padded]
        self._filled = 0
        self._rows = self._columns = 0  # how many the filled cells span, counted from A1
        self._row = self._column = 0  # of a cell that does not say where it is: the row from 1, the column from 0
        self._known: dict[bytes, _Attributes] = {}

    def look(self, window: bytes) -> None:
        """Look through the next window. Raises Unreadable."""
        if not self._is_plain(window):
            self._walk(window, 0)

    def check_reach(self) -> None:
        """Check that the filled cells span no more than is reasonable for their number. Raises Unreadable."""
        spanned = self._rows * self._columns
        if spanned > min(LARGEST, max(SMALL, SPARSE * self._filled)):
            raise Unreadable(
                f"The cells of the sheet reach as far as column {column_name(self._columns - 1)} and about row "
                f"{self._rows:,}, and only {self._filled:,} of them are filled. Delete what is beyond the table, "
                "or import it in several parts."
            )

    def _is_plain(self, window: bytes) -> bool:
        """Settle a window that has nothing unusual; whether that was so."""
        last = window.rfind(b'<c r="')
        first, end = _USUAL.search(window), _USUAL.match(window, max(last, 0))
        if not self._columns or first is None or end is None or self._is_odd(window):
            return False
        low, high = sorted((int(first[2]), int(end[2])))
        if high - low >= _SPREAD:
            return False
        digits = len(str(high - low))
        scale = 10**digits
        if _outside(self._columns, low // scale, high // scale, digits).search(window):
            return False
        self._filled += window.count(b"</c>")
        self._rows = max(self._rows, (high // scale + 1) * scale - 1)
        self._row, self._column = int(end[2]), column_index(end[1]) + 1
        self._walk(window, last + 1)  # a row that begins behind the last cell
        return True

    def _is_odd(self, window: bytes) -> bool:
        """Whether a window may have formulas, errors, names with a prefix or styles with zeros."""
        quotes = b"'" in window
        if b"<f" in window or b'"e"' in window or (quotes and b"'e'" in window):
            return True
        if b":" in window and _PREFIXED.search(window):
            return True
        return bool(self._signs) and (
            quotes or len(self._signs) > _MOST_SIGNS or any(sign in window for sign in self._signs)
        )

    def _walk(self, window: bytes, start: int) -> None:
        """Look at every row and cell of a window."""
        for tag, letters, digits, rest, closed, formula in _TAG.findall(window, start):
            attributes = self._known.get(rest)
            if not closed or attributes is None:
                attributes = self._attributes(rest, closed)
            column: int | None
            if digits:
                row, column = int(digits), column_index(letters)
            else:
                row, column = attributes.row or self._row + (tag == b"row"), attributes.column
            if tag == b"row":
                self._row, self._column = row, 0
                continue
            if column is None:
                column = self._column
            self._column = column + 1
            if attributes.blank:
                continue
            self._filled += 1
            if row > self._rows or column >= self._columns:
                self._reach(row, column)
            if formula:
                self.marks.formulas[row] = self.marks.formulas.get(row, 0) | 1 << column
            if attributes.error:
                self.marks.errors[row] = self.marks.errors.get(row, 0) | 1 << column
            if attributes.digits:
                rows = self.marks.padded.setdefault(attributes.digits, {})
                rows[row] = rows.get(row, 0) | 1 << column

    def _attributes(self, rest: bytes, closed: bytes) -> "_Attributes":
        """What a tag says behind its address, remembered for the many of the kind. Raises Unreadable."""
        attributes = dict(found := _ATTRIBUTE.findall(rest))
        if not closed or len(attributes) < len(found) or _ATTRIBUTE.sub(b"", rest).strip() not in (b"", b"/"):
            raise damaged()  # a parser might see another tag here
        row = 0
        column: int | None = None
        address = attributes.get(b"r")
        if address is not None:
            spelled = _ADDRESS.fullmatch(address[1:-1])
            if not spelled:
                raise damaged()
            row, column = int(spelled[2]), column_index(spelled[1].upper()) if spelled[1] else None
        kind = attributes.get(b"t", b"")[1:-1]
        digits = self._padded.get(attributes.get(b"s", b"")[1:-1], 0) if kind in (b"", b"n") else 0
        made = _Attributes(row, column, rest.endswith(b"/"), kind == b"e", digits)
        if address is None and len(self._known) < _REMEMBERED:
            self._known[rest] = made
        return made

    def _reach(self, row: int, column: int) -> None:
        """Note how far the filled cells reach. Raises Unreadable."""
        if column < 0:
            raise damaged()
        if column >= FARTHEST_COLUMN or row > FARTHEST_ROW:
            raise Unreadable(
                f"The sheet has a filled cell at {column_name(column)[:9]}{row}, far outside of what is read "
                f"(column ZZ, row {FARTHEST_ROW:,}). Delete what is beyond the table."
            )
        self._rows, self._columns = max(self._rows, row), max(self._columns, column + 1)


@dataclass(slots=True)
class _Attributes:
    """What the attributes of a row or cell say: its address if it is there, if it is blank, an error, its digits."""

    row: int
    column: int | None
    blank: bool
    error: bool
    digits: int


@lru_cache(maxsize=64)
def _outside(columns: int, low: int, high: int, digits: int) -> re.Pattern[bytes]:
    """Finds what may be a cell and does not plainly stand in the first columns, in rows that begin with low or high."""
    tens, ones = divmod(columns - 1, 26)
    letters = f"[A-{chr(65 + ones)}]"
    if tens:
        before = f"[A-{chr(63 + tens)}][A-Z]|" if tens > 1 else ""
        letters = f"(?:[A-Z]|{before}{chr(64 + tens)}{letters})"
    rows = "|".join(f"{start}\\d{{{digits}}}" if start else f"\\d{{1,{digits}}}" for start in sorted({low, high}))
    return re.compile(f'<c(?! r="{letters}(?:{rows})")'.encode())


@lru_cache(maxsize=1_024)
def column_index(letters: bytes) -> int:
    """A is 0, Z is 25, AA is 26."""
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1

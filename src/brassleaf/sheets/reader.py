"""The child process of an import: a foreign workbook is scanned, parsed and read here, within limits.

It is run as a file of its own, with `-I`, and given nothing of the server but the open file and one socket. On it
comes the `Task` as a line of JSON; out go lines of JSON: `{"head": …}`, then arrays of rows `[number, values,
problems]`, at the end `{"end": …}`, or instead of all that `{"refused": …}`. The socket takes no more than the server
reads, so a slow import holds this process back instead of filling memory.
"""

import difflib
import math
import os
import resource
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

if __name__ == "__main__":
    sys.path.append(sys.argv[1])  # where the package is: `-I` knows of installed ones only

import orjson
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from brassleaf.sheets import cells, prescan
from brassleaf.sheets.cellscan import Marks, Unreadable
from brassleaf.sheets.tasks import BROKEN_OFF, OUT_OF_MEMORY, ColumnTask, Task
from brassleaf.sheets.writer import column_name

ERRORS_HEADER = "Errors"  # our own column in a workbook that was sent back
_BATCH_ROWS, _BATCH_BYTES = 250, 262_144
_HEADER_WITHIN = 20  # the first filled rows, of which one has the headers
_OFTEN = 20  # examples that a warning names


Send = Callable[[Any], None]


class Rejected(Exception):
    """A sheet whose columns do not fit: a message for each, by header."""

    def __init__(self, message: str, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__(message)
        self.message = message
        self.errors = list(errors)


# The sheet


def chosen(book: CalamineWorkbook, wanted: str) -> tuple[str, list[str]]:
    """The name of the sheet to read, and warnings: the one that is named as expected, else the first that is shown."""
    shown = [
        entry.name
        for entry in book.sheets_metadata
        if entry.typ == SheetTypeEnum.WorkSheet and entry.visible == SheetVisibleEnum.Visible
    ]
    if not shown:
        raise Unreadable("The workbook has no visible sheet.")
    named = next((name for name in shown if name.strip().casefold() == wanted.casefold()), None)
    name = named or shown[0]
    if named is None and len(shown) > 1:
        others = ", ".join(shown[1:6]) + (" and others" if len(shown) > 6 else "")
        return name, [f"Only the first sheet, {name}, was read; not read: {others}."]
    return name, []


# The header


def normal(header: Any) -> str:
    """A header as it is compared: without regard to case, line breaks and blanks at its ends."""
    return " ".join(cells.show(header).split()).casefold()


@dataclass(slots=True)
class Header:
    """The row of the headers: its number from 0, the columns found in it, and what else it says."""

    row: int
    found: list[tuple[int, ColumnTask]]
    titles: list[tuple[int, str]]
    warnings: list[str]


def find_header(rows: Sequence[tuple[int, list[Any]]], task: Task) -> tuple[int, list[Any]]:
    """The first of the rows that has the most of the known headers."""
    known = _known(task["columns"])
    best: tuple[int, list[Any]] | None = None
    most = 0
    for number, row in rows:
        count = len({known[name]["field"] for cell in row if cell != "" and (name := normal(cell)) in known})
        if count > most:
            best, most = (number, row), count
    if best is None:
        expected = [column["header"] for column in task["columns"] if column["read"]]
        raise Rejected(
            f"None of the first {_HEADER_WITHIN} rows has the headers of this import. It takes the columns "
            f"{', '.join(expected)}. Start from the template.",
            [(column["header"], "This column is missing.") for column in task["columns"] if column["required"]],
        )
    return best


def _known(columns: Sequence[ColumnTask]) -> dict[str, ColumnTask]:
    """Columns by the headers that name them: their own, and the field's name where no header has it."""
    fields = {normal(column["field"]): column for column in columns}
    return {**fields, **{normal(column["header"]): column for column in columns}}


def read_header(number: int, row: list[Any], task: Task, merged: Sequence[tuple[int, int, int, int]]) -> Header:
    """Which column is where. Raises Rejected, naming every column that is missing, doubled or merged."""
    known = _known(task["columns"])
    header = Header(number, [], [], [])
    taken: dict[str, int] = {}
    unknown: list[str] = []
    errors: list[tuple[str, str]] = []
    for index, cell in enumerate(row):
        name = normal(cell) if cell != "" else ""
        if not name:
            continue
        title = " ".join(cells.show(cell).split())
        header.titles.append((index, title))
        column = known.get(name)
        if column is None:
            if name != ERRORS_HEADER.casefold():
                unknown.append(title)
        elif column["field"] in taken:
            first, second = column_name(taken[column["field"]]), column_name(index)
            errors.append((column["header"], f"This column is there twice, as {first} and {second}. Leave one out."))
        else:
            taken[column["field"]] = index
            header.found.append((index, column))
    for top, left, bottom, right in merged:
        if top <= number <= bottom and right > left and any(left <= index <= right for index, _ in header.titles):
            where = f"{column_name(left)}{top + 1}:{column_name(right)}{bottom + 1}"
            errors.append((where, f"The header cells {where} are merged. Give each column a header of its own."))
    errors += _missing(task["columns"], taken, unknown)
    if errors:
        raise Rejected(" ".join(f"{name}: {text}" for name, text in errors[:10]), errors[:100])
    header.warnings += [f"The column {title} is not known and was ignored." for title in unknown[:_OFTEN]]
    if len(unknown) > _OFTEN:
        header.warnings.append(f"{len(unknown) - _OFTEN} further columns are not known and were ignored.")
    return header


def _missing(columns: Sequence[ColumnTask], taken: dict[str, int], unknown: Sequence[str]) -> Iterator[tuple[str, str]]:
    for column in columns:
        if column["required"] and column["field"] not in taken:
            near = difflib.get_close_matches(normal(column["header"]), [normal(title) for title in unknown], 1, 0.5)
            original = next((title for title in unknown if near and normal(title) == near[0]), None)
            hint = f" Is {original} meant? Then rename it." if original else ""
            yield column["header"], f"This column is missing.{hint}"


# The rows


class Rows:
    """Reads the rows below a header by the kinds of their columns."""

    def __init__(self, header: Header, marks: Marks) -> None:
        self._plan = [
            (index, column["field"], column["header"], cells.CONVERTERS[column["kind"]], column["kind"] == "text")
            for index, column in header.found
            if column["read"]
        ]
        self._required = [(column["field"], column["header"]) for _, column in header.found if column["required"]]
        self._marks = marks
        self.formulas: list[str] = []
        self.formula_count = 0

    def read(self, number: int, row: list[Any]) -> list[Any] | None:
        """`[number, values, problems]` of a row (its number from 1), or None if it is blank."""
        values: dict[str, Any] = {}
        problems: list[tuple[str, str, str]] = []
        marks = self._marks
        if number in marks.formulas or number in marks.errors or (marks.padded and self._is_padded(number)):
            row = self._second_look(number, row, problems)
        for index, field, header, convert, of_text in self._plan:
            cell = row[index]
            if cell == "":
                continue
            if of_text and cell.__class__ is str and (said := cell.strip()) and len(cell) < cells.SHORT:
                values[field] = cells.cleared(said) if said.endswith(cells.CLEAR) else said  # as almost every cell
                continue
            value = convert(cell)
            if value.__class__ is cells.Bad:
                problems.append((header, cells.show(cell), value.reason))
            elif value is not cells.BLANK:
                values[field] = value
        if not values and not problems:
            return None
        for field, header in self._required:
            if values.get(field) is None and all(problem[0] != header for problem in problems):
                problems.append((header, "", "This cell must be filled: it says what the row is about."))
        return [number, values, problems or None]

    def _is_padded(self, number: int) -> bool:
        return any(number in rows for rows in self._marks.padded.values())

    def _second_look(self, number: int, row: list[Any], problems: list[tuple[str, str, str]]) -> list[Any]:
        """Take out errors and formulas without a value; count the other formulas; give texts the zeros that show."""
        formulas, errors = self._marks.formulas.get(number, 0), self._marks.errors.get(number, 0)
        row = list(row)
        for index, _, header, _, of_text in self._plan:
            if of_text:
                row[index] = _as_shown(row[index], self._marks.digits(number, index))
            if errors >> index & 1:
                problems.append((header, cells.show(row[index]), "The cell shows an error, such as #N/A. Correct it."))
                row[index] = ""
            elif formulas >> index & 1:
                if row[index] == "":
                    text = "The formula has no value yet. Open the workbook in Excel and save it, or paste the value."
                    problems.append((header, "", text))
                else:
                    self.formula_count += 1
                    if len(self.formulas) < _OFTEN:
                        self.formulas.append(f"{column_name(index)}{number}")
        return row


def raw_row(header: Header, marks: Marks, number: int, row: list[Any]) -> list[Any] | None:
    """`[number, cells]` of a row as it stands, or None if it is blank.

    Besides texts, numbers and truth values a cell is `{"date": days}` or `{"datetime": days}`, days of Excel, or
    `{"error": code}`: nothing that an import refuses may come back as something that it takes.
    """
    found = [_raw(row[index]) for index, _ in header.titles]
    if marks.padded:
        texts = {index for index, column in header.found if column["kind"] == "text"}
        for at, (index, _) in enumerate(header.titles):
            if index in texts:
                found[at] = _as_shown(found[at], marks.digits(number, index))
    if marked := marks.errors.get(number, 0) | marks.formulas.get(number, 0):
        for at, (index, _) in enumerate(header.titles):
            if marked >> index & 1 and row[index] == "":
                found[at] = {"error": "#N/A"}  # whichever it was, or a formula without a value
    return [number, found] if any(cell != "" for cell in found) else None


def _as_shown(cell: Any, digits: int) -> Any:
    """A number in a text column with the zeros that Excel shows: 771 in the format 00000 is 00771."""
    if digits and type(cell) in (int, float) and 0 <= cell < 10**15 and cell == int(cell):
        return str(int(cell)).zfill(digits)
    return cell


def _raw(cell: Any) -> Any:
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, float | int):
        if not math.isfinite(cell):
            return {"error": "#NUM!"}
        found = cells.number(cell)
        return cell if isinstance(found, cells.Bad) else found
    if isinstance(cell, str):
        return {"error": "#VALUE!"} if isinstance(cells.text(cell), cells.Bad) else cell  # too long for Excel
    return cells.days(cell)


# The work


def work(file: IO[bytes], task: Task, send: Send) -> None:
    """Read a workbook. Raises Unreadable, Rejected."""
    scanned = prescan.scan(file)
    file.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(file)
        name, warnings = chosen(book, task["sheet"])
        sheet = book.get_sheet_by_name(name)
    except PasswordError as error:
        raise Unreadable("The workbook is protected with a password. Save it without one.") from error
    except CalamineError as error:
        raise Unreadable("The workbook cannot be read. Open it in Excel and save it anew.") from error
    _read(sheet, scanned.marks.get(name, Marks()), task, send, warnings)


def _read(sheet: CalamineSheet, marks: Marks, task: Task, send: Send, warnings: list[str]) -> None:
    if sheet.start is None:
        raise Unreadable(f"The sheet {sheet.name} is empty.")
    left = sheet.start[1]
    top: list[tuple[int, list[Any]]] = []
    for number, row in _numbered(sheet, left):
        if any(cell != "" for cell in row):
            top.append((number, row))
            if len(top) == _HEADER_WITHIN:
                break
    merged = [(*start, *end) for start, end in sheet.merged_cell_ranges or []]
    number, row = find_header(top, task)
    header = read_header(number, row, task, merged)
    below = [entry for entry in merged if entry[0] > number]
    if below:
        where = ", ".join(f"{column_name(entry[1])}{entry[0] + 1}" for entry in below[:5])
        warnings.append(f"Merged cells count as one filled cell and blank ones, {len(below)} times, as at {where}.")
    count = _count(sheet, number, task["most_rows"])
    names = [column["header"] for _, column in header.found if column["read"]]
    titles = [title for _, title in header.titles]
    warnings += header.warnings
    send({"head": {"sheet": sheet.name, "rows": count, "columns": names, "titles": titles, "warnings": warnings}})
    rows = Rows(header, marks)
    if task["raw"]:
        sent = _send_rows(_numbered(sheet, left), number, lambda at, cells_: raw_row(header, marks, at, cells_), send)
    else:
        sent = _send_rows(_numbered(sheet, left), number, rows.read, send)
    last = []
    if rows.formula_count:
        more = " and others" if rows.formula_count > len(rows.formulas) else ""
        where = ", ".join(rows.formulas) + more
        last.append(f"{rows.formula_count} cells hold formulas ({where}); the values that Excel last showed were used.")
    send({"end": {"rows": sent, "warnings": last}})


def _numbered(sheet: CalamineSheet, left: int) -> Iterator[tuple[int, list[Any]]]:
    """Rows with their numbers from 0, whose cells begin at column A."""
    if not left:
        yield from enumerate(sheet.iter_rows())
        return
    margin: list[Any] = [""] * left
    for number, row in enumerate(sheet.iter_rows()):
        yield number, margin + row


def _count(sheet: CalamineSheet, header: int, most: int) -> int:
    """How many rows there are at most below the header. Raises Unreadable when more are filled than may be."""
    end = sheet.end[0] if sheet.end else 0
    count = end - header
    if count > most:
        count = sum(any(cell != "" for cell in row) for number, row in enumerate(sheet.iter_rows()) if number > header)
        if count > most:
            raise Unreadable(
                f"The sheet has {count:,} rows; at most {most:,} are imported at once. Split it into several workbooks."
            )
    return max(count, 0)


def _send_rows(
    rows: Iterator[tuple[int, list[Any]]],
    header: int,
    read: Callable[[int, list[Any]], list[Any] | None],
    send: Send,
) -> int:
    batch: list[bytes] = []
    size = count = 0
    for number, row in rows:
        if number <= header:
            continue
        found = read(number + 1, row)
        if found is None:
            continue
        encoded = orjson.dumps(found)
        batch.append(encoded)
        size += len(encoded)
        count += 1
        if size >= _BATCH_BYTES or len(batch) >= _BATCH_ROWS:
            send(b"[" + b",".join(batch) + b"]")
            batch, size = [], 0
    if batch:
        send(b"[" + b",".join(batch) + b"]")
    return count


def limit(task: Task) -> None:
    """Take away what this process must not use up."""
    for kind, most in (
        (resource.RLIMIT_AS, task["memory"]),
        (resource.RLIMIT_CPU, task["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, 65_536),  # the last words of a failure, nothing more
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        hard = resource.getrlimit(kind)[1]
        lowest = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (lowest, lowest + 1 if lowest < hard or hard == resource.RLIM_INFINITY else hard))


def serve(file: IO[bytes], connection: socket.socket) -> int:
    """Serve one import; the exit code."""
    with connection.makefile("rb") as source:
        line = source.readline()
    if not line:
        return BROKEN_OFF
    task: Task = orjson.loads(line)
    limit(task)

    def send(message: Any) -> None:
        encoded = message if isinstance(message, bytes) else orjson.dumps(message)
        connection.sendall(encoded + b"\n")

    try:
        work(file, task, send)
    except Unreadable as error:
        send({"refused": {"message": str(error), "errors": []}})
    except Rejected as error:
        send({"refused": {"message": error.message, "errors": error.errors}})
    except (BrokenPipeError, ConnectionResetError):
        return BROKEN_OFF  # the server has enough of it
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def main() -> int:
    """Serve one import, a little more politely than the server that asked for it."""
    os.nice(10)
    with os.fdopen(int(sys.argv[2]), "rb") as file, socket.socket(fileno=0) as connection:
        return serve(file, connection)


if __name__ == "__main__":
    sys.exit(main())

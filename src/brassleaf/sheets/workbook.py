"""What openpyxl makes of a column table: the template, and the frame that an export's rows are written into.

Both take some milliseconds and read no document: call them with `asyncio.to_thread`.
"""

import io
import zipfile
from functools import lru_cache
from itertools import zip_longest
from typing import TypedDict

import orjson
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation

from brassleaf.sheets import writer
from brassleaf.sheets.columns import MOST_ROWS, Column, Sheet

_FORMATS = {"text": "@", "integer": "0", "datetime": "yyyy-mm-dd hh:mm:ss", "date": "yyyy-mm-dd"}
_COLUMN_FORMATS = {"text": "text", "list": "text", "integer": "integer", "datetime": "datetime"}
_BOLD = Font(name="Calibri", size=11, family=2, scheme="minor", bold=True)
_REQUIRED = PatternFill("solid", start_color="FFF2D9A0")
_CHOICES = "Choices"
_HINTS = {
    "text": "Text.",
    "number": "A number.",
    "integer": "A whole number.",
    "boolean": "TRUE or FALSE.",
    "datetime": "A date, or date and time in UTC: 2026-01-31 14:00:00.",
    "list": "Several texts, with a semicolon between them.",
}


class Frame(TypedDict):
    """A workbook without its rows, as `writer` takes it: the text of every part, the sheet cut open for its rows."""

    columns: list[writer.Column]
    styles: dict[str, int]
    sheet: str
    before: str
    after: str
    parts: dict[str, str]
    effort: int


def template(sheet: Sheet) -> bytes:
    """An .xlsx to fill in: the headers with their notes, drop-down lists, and cells that keep what is typed.

    The cells of text columns have Excel's text format: a dash size typed as `-08` stays `-08` instead of becoming -8.
    """
    sheet = sheet.writable()
    book, page = _book(sheet, last_row=1)
    page.append([_header(page, column, helpful=True) for column in sheet.columns])
    _add_choices(book, page, sheet)
    return _saved(book)


@lru_cache(maxsize=256)
def frame(sheet: Sheet, *, effort: int = 4) -> bytes:
    """A `Frame` as JSON: what an export's child has to know. `effort` is zlib's, from 0 to 9."""
    book, page = _book(sheet, last_row=MOST_ROWS)
    page.append([_header(page, column) for column in sheet.columns])
    styles = {}
    for name, number_format in _FORMATS.items():
        cell = WriteOnlyCell(page)
        cell.number_format = number_format
        styles[name] = cell.style_id
    with zipfile.ZipFile(io.BytesIO(_saved(book))) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    path = "xl/worksheets/sheet1.xml"
    before, end, after = parts.pop(path).partition(writer.END_OF_ROWS)
    built = Frame(
        columns=[{"field": column.field, "kind": column.kind, "as_read": column.as_read} for column in sheet.columns],
        styles=styles,
        sheet=path,
        before=before,
        after=end + after,
        parts=parts,
        effort=effort,
    )
    return orjson.dumps(built)


def _book(sheet: Sheet, last_row: int) -> tuple[Workbook, WriteOnlyWorksheet]:
    """A workbook with one empty sheet: its name, widths, formats, frozen header row and filter."""
    book = Workbook(write_only=True)
    book.properties.creator = "Brassleaf"
    page = book.create_sheet(sheet.name)
    page.freeze_panes = "A2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{last_row}"
    for index, column in enumerate(sheet.columns, 1):
        dimension = page.column_dimensions[get_column_letter(index)]
        dimension.width = column.shown_width
        if column.kind in _COLUMN_FORMATS:
            dimension.number_format = _FORMATS[_COLUMN_FORMATS[column.kind]]
    return book, page


def _header(page: WriteOnlyWorksheet, column: Column, *, helpful: bool = False) -> Cell:
    cell = _text_cell(page, column.header)
    cell.font = _BOLD
    if helpful:
        if column.required:
            cell.fill = _REQUIRED
        hint = " ".join(filter(None, ("Required." if column.required else "", _HINTS[column.kind], column.note)))
        cell.comment = Comment(writer.clean(hint), "Brassleaf", height=40 + 18 * (len(hint) // 30), width=240)
    return cell


def _text_cell(page: WriteOnlyWorksheet, text: str) -> Cell:
    """A cell that holds the text whatever it begins with: openpyxl would make a formula of "=…"."""
    cell = WriteOnlyCell(page, writer.clean(text))
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def _add_choices(book: Workbook, page: WriteOnlyWorksheet, sheet: Sheet) -> None:
    """Drop-down lists, from a hidden sheet: a list inside the rule may not exceed 255 characters nor contain a comma.

    TRUE and FALSE are there as truth values, so that Excel shows them in the language of its user.
    """
    lists: list[tuple[int, list[Cell]]] = []
    for index, column in enumerate(sheet.columns, 1):
        if column.choices:
            lists.append((index, [_text_cell(page, choice) for choice in column.choices]))
        elif column.kind == "boolean":
            lists.append((index, [WriteOnlyCell(page, value) for value in (True, False)]))
    if not lists:
        return
    hidden = book.create_sheet(_CHOICES)
    hidden.sheet_state = "hidden"
    for row in zip_longest(*(cells for _, cells in lists)):
        hidden.append(row)
    for place, (index, cells) in enumerate(lists, 1):
        source, target = get_column_letter(place), get_column_letter(index)
        rule = DataValidation(
            type="list",
            formula1=f"{quote_sheetname(hidden.title)}!${source}$1:${source}${len(cells)}",
            allow_blank=True,
            showErrorMessage=sheet.columns[index - 1].kind != "list",  # a list may hold several of the choices
            errorTitle=sheet.columns[index - 1].header[:32],
            error="Choose one of the values in the list.",
        )
        rule.add(f"{target}2:{target}{MOST_ROWS}")
        page.data_validations.append(rule)  # type: ignore[attr-defined]  # unknown to the stubs


def _saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()

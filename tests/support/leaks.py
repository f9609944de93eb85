"""What an answer says, whatever its format: all its texts, and the names of its fields."""

import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import openpyxl
import pypdf


def text_of(response: httpx.Response) -> str:
    """Every text of an answer, headers included; workbooks and PDF documents unpacked."""
    media = response.headers.get("content-type", "")
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    if "spreadsheetml" in media:
        return headers + "\n" + "\n".join(cells(response.content))
    if "pdf" in media:
        reader = pypdf.PdfReader(io.BytesIO(response.content))
        said = " ".join(map(str, (reader.metadata or {}).values()))
        return headers + "\n" + said + "\n" + "\n".join(page.extract_text() for page in reader.pages)
    return headers + "\n" + response.content.decode("utf-8", "replace")


def cells(workbook: bytes) -> Iterator[str]:
    """Every cell of every sheet, comments and properties too."""
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    try:
        yield from book.sheetnames
        yield " ".join(str(value) for value in vars(book.properties).values())
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.value is not None:
                        yield str(cell.value)
                    if cell.comment is not None:
                        yield cell.comment.text
    finally:
        book.close()


def names_in(body: Any) -> Iterator[str]:
    """Every field name of a JSON value."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield name
            yield from names_in(value)
    elif isinstance(body, list):
        for entry in body:
            yield from names_in(entry)


def field_names(response: httpx.Response) -> list[str]:
    """The field names of a JSON answer, or the first row of each sheet of a workbook."""
    media = response.headers.get("content-type", "")
    if "json" in media and response.content:
        return list(names_in(json.loads(response.content)))
    if "spreadsheetml" in media:
        book = openpyxl.load_workbook(io.BytesIO(response.content))
        try:
            return [str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows(max_row=1) for cell in row]
        finally:
            book.close()
    return []

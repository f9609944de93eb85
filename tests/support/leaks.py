"""What an answer says, whatever its format: all its texts, and the names of its fields."""

import html
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pypdf
from python_calamine import CalamineWorkbook


def text_of(response: httpx.Response) -> str:
    """Every text of an answer, headers included; workbooks and PDF documents unpacked."""
    media = response.headers.get("content-type", "")
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    if "spreadsheetml" in media:
        return headers + "\n" + "\n".join(parts(response.content))
    if "pdf" in media:
        reader = pypdf.PdfReader(io.BytesIO(response.content))
        said = " ".join(map(str, (reader.metadata or {}).values()))
        return headers + "\n" + said + "\n" + "\n".join(page.extract_text() for page in reader.pages)
    return headers + "\n" + response.content.decode("utf-8", "replace")


def parts(workbook: bytes) -> Iterator[str]:
    """Every part of a workbook as it stands: cells, comments, names of sheets, properties and what else there is."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        for name in archive.namelist():
            yield html.unescape(archive.read(name).decode("utf-8", "replace"))


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
        book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
        heads = [book.get_sheet_by_name(name).to_python(nrows=1) for name in book.sheet_names]
        return [str(title) for head in heads for title in (head[0] if head else [])]
    return []

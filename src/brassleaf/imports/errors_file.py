"""The workbook back: what was uploaded, row by row, with a column that says why rows failed.

The upload is read a second time, its cells as they are, and written anew; headers, order and values stay, formats do
not. What was refused is still refused. Corrected and imported again, its column Errors is ignored.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import IO

import orjson

from brassleaf.sheets.columns import Column, Kind, Sheet
from brassleaf.sheets.export import Exporter, SheetFile
from brassleaf.sheets.reading import Reader, Reading

HEADER = "Errors"


async def errors_file(
    reader: Reader, exporter: Exporter, upload: IO[bytes], sheet: Sheet, failures: IO[bytes]
) -> SheetFile:
    """Write the workbook, in the turn of its import. `failures` are lines of `[row, text]` in the order of rows."""
    async with reader.read(upload, sheet, raw=True) as reading:
        titles = _distinct(reading.head.titles)
        kept = [index for index, title in enumerate(titles) if title.casefold() != HEADER.casefold()]
        kinds: dict[str, Kind] = {}
        for column in sheet.columns:
            for name in (column.field, column.header):
                kinds[" ".join(name.split()).casefold()] = column.kind
        columns = (
            Column(HEADER, "errors", width=60),
            *(Column(titles[index], f"cells.{index}", _kind(kinds, titles[index]), as_read=True) for index in kept),
        )
        return await exporter.export(Sheet(sheet.name, columns), _rows(reading, _texts(failures)))


def _kind(kinds: dict[str, Kind], title: str) -> Kind:
    """The kind by whose format the column's blank cells are filled in; texts that were typed stay texts."""
    kind = kinds.get(" ".join(title.split()).casefold(), "number")
    return "text" if kind == "text" else "number"


def _distinct(titles: Sequence[str]) -> list[str]:
    """Titles that a sheet can have: printable and, where they were not, told apart."""
    found: list[str] = []
    seen: set[str] = set()
    for title in titles:
        plain = "".join(letter for letter in title if letter.isprintable()).strip()[:200] or "Column"
        name, count = plain, 1
        while name.casefold() in seen:
            count += 1
            name = f"{plain} ({count})"
        seen.add(name.casefold())
        found.append(name)
    return found


def _texts(failures: IO[bytes]) -> Iterator[tuple[int, str]]:
    failures.seek(0)
    for line in failures:
        row, text = orjson.loads(line)
        yield row, text


async def _rows(reading: Reading, texts: Iterator[tuple[int, str]]) -> AsyncIterator[Sequence[bytes]]:
    """The rows as they were read, each with its text: both come in the order of rows."""
    at, text = next(texts, (0, ""))
    async for batch in reading:
        rows = []
        for number, values in batch:
            while at and at < number:
                at, text = next(texts, (0, ""))
            rows.append(orjson.dumps({"errors": text if at == number else None, "cells": values}))
        yield rows


async def save(made: SheetFile, path: Path) -> None:
    """Put a finished file in its place, whole or not at all."""
    part = path.with_suffix(".part")

    def begin() -> IO[bytes]:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")

    file = await asyncio.to_thread(begin)
    with file:
        async for piece in made:
            await asyncio.to_thread(file.write, piece)
    await asyncio.to_thread(part.replace, path)

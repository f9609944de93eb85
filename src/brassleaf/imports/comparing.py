"""Whether a row changes a document: a value that Excel shows as it shows the stored one changes nothing.

A sheet cannot say everything that a document says: times end at milliseconds, a midnight is a date, an object stands
there as JSON. Where the cell of the new value would be the cell of the old one, the old one stays.
"""

from functools import lru_cache
from typing import Any

from brassleaf.sheets import writer
from brassleaf.sheets.columns import Column, Sheet
from brassleaf.store.collections import Document

_STYLES = dict.fromkeys(("text", "integer", "datetime", "date"), 0)
_CELLS = writer.converters(_STYLES)


def settled(before: Document, after: Document, sheet: Sheet) -> Document:
    """The changed document, with values as they were where they look the same; `before` itself if nothing changes."""
    if after == before:
        return before
    result = after
    for column, read in _readers(sheet):
        old, new = read(before), read(after)
        if old is not None and old != new and _CELLS[column.kind](old) == _CELLS[column.kind](new):
            result = _put(result, column.field.split("."), old)
    return before if result == before else result


@lru_cache(maxsize=64)
def _readers(sheet: Sheet) -> tuple[tuple[Column, writer.Read], ...]:
    return tuple((column, writer.reader(column.field)) for column in sheet.columns)


def _put(node: Any, path: list[str], value: Any) -> Any:
    """A copy with a value at a path; a path through a list that was built from its entries is left as it is."""
    if not isinstance(node, dict):
        return node
    name, *rest = path
    return {**node, name: _put(node.get(name), rest, value) if rest else value}

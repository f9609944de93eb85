"""Whether a row changes a document: a value that Excel shows as it shows the stored one changes nothing.

A sheet cannot say everything that a document says: times end at milliseconds, a midnight is a date, an object stands
there as JSON. Where the cell of the new value would be the cell of the old one, the old one stays.
"""

from collections.abc import Callable
from typing import Any

from brassleaf.imports.handlers import put
from brassleaf.sheets import writer
from brassleaf.sheets.columns import Sheet
from brassleaf.store.collections import Document

Convert = Callable[[Any], str]

_STYLES = dict.fromkeys(("text", "integer", "datetime", "date"), 0)
_CELLS = writer.converters(_STYLES)


class Comparing:
    """Compares documents as one sheet shows them; made once for an import."""

    def __init__(self, sheet: Sheet) -> None:
        self._columns: dict[str, list[tuple[list[str], writer.Read, Convert]]] = {}
        for column in sheet.columns:
            path = column.field.split(".")
            self._columns.setdefault(path[0], []).append((path, writer.reader(column.field), _CELLS[column.kind]))

    def settled(self, before: Document, after: Document) -> Document:
        """The changed document, with values as they were where they look the same; `before` if nothing changes."""
        differing = [name for name, value in after.items() if name not in before or before[name] != value]
        if not differing and len(before) == len(after):
            return before
        result = after
        for name in differing:
            if name not in before:
                continue  # there is nothing that it could look the same as
            for path, read, shown in self._columns.get(name, ()):
                old, new = read(before), read(after)
                if old is not None and old != new and shown(old) == shown(new):
                    result = put(result, path, old)
        return before if result is not after and result == before else result

"""Kits on their way into a workbook: line by line, with what their items are."""

from collections.abc import AsyncIterator, Iterator, Sequence

import orjson

from brassleaf.kits.exporting.models import KitExport
from brassleaf.kits.lines import Items, lines_of
from brassleaf.kits.models import LINES
from brassleaf.kits.service import KitService
from brassleaf.revisions.lists import chosen
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.query import Query, Sort

_SHOWN = ("brand", "partNumber", "revision", "orgPartNumber", "description", "status")
#: So many kits are read at a time: a kit may have some thousand lines.
_BATCH = 50


class KitExports:
    """Exports kits."""

    def __init__(self, kits: KitService) -> None:
        self._kits = kits

    async def rows(self, caller: Caller, asked: KitExport) -> AsyncIterator[Sequence[bytes]]:
        """A row for each line of the chosen kits, one for a kit without lines; as JSON, in batches."""
        search = (asked.search.model_dump(exclude_none=True) if asked.search else {}) if asked.selectAll else None
        query = Query(chosen(asked.hoseKits, search), (Sort("partNumber"),))
        async for batch in self._kits.records(caller).repository.stream(query, batch=_BATCH):
            kits = [stored.document for stored in batch]
            wanted = {(kind, str(line["item"])) for kit in kits for kind, _, line in lines_of(kit)}
            items = await self._kits.items.named(caller.organization, sorted(wanted))
            yield [orjson.dumps(row) for kit in kits for row in _rows(kit, items)]


def _rows(kit: Document, items: Items) -> Iterator[Document]:
    head = {name: value for name, value in kit.items() if name not in LINES}
    lines = list(lines_of(kit))
    lines.sort(key=lambda entry: entry[2]["order"])
    for kind, _, line in lines:
        item = items.get(line["item"], {})
        shown = {name: item[name] for name in _SHOWN if item.get(name) is not None}
        yield {**head, "line": {**line, "itemType": LINES[kind]}, "item": shown}
    if not lines:
        yield head

"""The kit of an import of hose assemblies: made, or brought in line with what was imported."""

from collections.abc import Sequence

from brassleaf.assemblies.fields import changes
from brassleaf.assemblies.importing.models import KitAsked
from brassleaf.assemblies.service import NEXT_NUMBER
from brassleaf.errors import Refused
from brassleaf.kits.lines import with_lines
from brassleaf.kits.service import KitService
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Stored
from brassleaf.store.query import Query, Sort, both, equal
from brassleaf.store.records import merged


class KitsOfImports:
    """Makes and changes the kits that imports ask for. A merge, as the import itself is."""

    def __init__(self, kits: KitService) -> None:
        self._kits = kits

    async def put(self, caller: Caller, asked: KitAsked, listed: Sequence[tuple[str, float | None]]) -> str:
        """Have a kit list these assemblies, each with its quantity (None: as it is, 1 in a new line); the kit's id.

        Other lines and fields that are not given stay. A kit that says all that already is left as it is, whatever its
        status. Raises Refused for one that is not under editing, NotFound for an unknown customer.
        """
        if asked.partNumber == NEXT_NUMBER:
            text = "Give the part number of the kit; an import takes none of the sequence."
            raise Refused.field("hoseKit.partNumber", text)
        there = await self._meant(caller, asked)
        # an empty field of a form says nothing, as a blank cell does
        head = {name: value for name, value in asked.model_dump().items() if value not in (None, "")}
        if there is None:
            added = {"hoseAssemblies": [{"item": id_, "quantity": quantity} for id_, quantity in listed]}
            return (await self._kits.keep(caller, head, added)).id

        async def apply(before: Document) -> Document:
            return await self._listing(caller, before, head, listed)

        if await apply(there.document) != there.document:
            await self._kits.life(caller).change(there.id, apply, None)
        return there.id

    async def _meant(self, caller: Caller, asked: KitAsked) -> Stored | None:
        """The newest version of the kit with this number and revision."""
        where = both(equal("partNumber", asked.partNumber), equal("revision", asked.revision))
        page = await self._kits.records(caller).repository.page(
            Query(where, (Sort("version", descending=True),), limit=1)
        )
        return page.items[0] if page.items else None

    async def _listing(
        self, caller: Caller, before: Document, head: Document, listed: Sequence[tuple[str, float | None]]
    ) -> Document:
        """A kit with these fields and assemblies; its number and revision stay as they are spelled."""
        sent = {name: value for name, value in head.items() if name not in ("partNumber", "revision")}
        made = merged(before, sent)
        await self._kits.name_customer(caller, made, changes(before, sent))
        wanted = dict(listed)
        made["hoseAssemblies"] = [
            {**line, "quantity": wanted.pop(line["item"], None) or line["quantity"]}
            for line in before["hoseAssemblies"]
        ]
        added = {"hoseAssemblies": [{"item": id_, "quantity": quantity} for id_, quantity in wanted.items()]}
        await self._kits.check_lines(caller, added)
        return with_lines(made, added)

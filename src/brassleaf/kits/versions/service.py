"""The life cycle of hose kits: what is complete, what is rolled back, and which kits keep an assembly released."""

from brassleaf.kits.lines import check_final
from brassleaf.kits.models import KITS
from brassleaf.kits.service import NOUN, KitService
from brassleaf.revisions.lifecycle import RELEASED, SUPERSEDED, UNDER_EDITING
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Repository, Store, Stored
from brassleaf.store.query import AnyOf, Query, both, equal
from brassleaf.store.records import Expected


class KitVersions:
    """Releases and versions of hose kits."""

    def __init__(self, store: Store, kits: KitService) -> None:
        self._store = store
        self._kits = kits

    async def release(self, caller: Caller, id_: str, expected: Expected) -> Stored:
        """Make a kit final: with lines, none of whose items is deleted, and all of whose assemblies are released.

        An assembly that is taken back to editing between the check and the write takes the release back with it.
        """

        async def complete(document: Document) -> Document:
            check_final(document, await self._kits.items.of(caller.organization, document))
            return document

        life = self._kits.life(caller)
        stored = await life.release(id_, complete, expected)
        items = await self._kits.items.of(caller.organization, stored.document)
        if any(item.get("status") == UNDER_EDITING for item in items.values()):
            await life.unrelease(id_, _as_it_is, None)
            check_final(stored.document, items)
        return stored

    async def new_version(self, caller: Caller, id_: str, expected: Expected, revision: str | None = None) -> Stored:
        """Open the next version of a released kit, with the same lines and under a new revision if one is named."""
        return await self._kits.life(caller).new_version(id_, _as_it_is, expected, revision)

    async def rollback(self, caller: Caller, id_: str, expected: Expected) -> str:
        """Take the open version back; the id of the one that is current again. Raises Refused for a first version."""
        found = await self._kits.life(caller).rollback(id_, expected, alone=False)
        return found.id or id_

    async def uses(self, organization: str, assembly: str) -> list[str]:
        """The kits, in words, that need an assembly released: those that are, or would be again by a rollback."""
        repository = self._store.repository(KITS, organization)
        where = both(equal("hoseAssemblies.item", assembly), AnyOf("status", (RELEASED, SUPERSEDED)))
        return [
            f"the {entry['status']} {NOUN} {entry['partNumber']}"
            async for batch in repository.stream(Query(where))
            for entry in batch
            if entry["status"] == RELEASED or await _would_be_again(repository, entry)
        ]


async def _as_it_is(document: Document) -> Document:
    return document


async def _would_be_again(repository: Repository, kit: Stored) -> bool:
    """Whether a superseded kit is released once its successor is rolled back: while that one is open."""
    later = await repository.get(str(kit["nextVersion"]))
    return later is None or later["deleted"] or later["status"] == UNDER_EDITING

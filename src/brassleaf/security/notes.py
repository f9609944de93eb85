"""What a request with an idempotency key notes of its own progress, so that its repetition goes on where it ended.

For work of many writes of which a later one may undo what an earlier one stands on: done again from its beginning, it
would take its own results for what it found. The notes lie beside the first answers and are forgotten with them.
"""

from collections.abc import Sequence

from brassleaf.errors import Unavailable
from brassleaf.security.replays import REPLAYS
from brassleaf.store.collections import Document
from brassleaf.store.port import Duplicate, Store
from brassleaf.store.records import now, request_id


class Notes:
    """The notes of the request that is being answered; without an idempotency key it has none and makes none."""

    def __init__(self, store: Store, organization: str) -> None:
        self._repository = store.repository(REPLAYS, organization)

    async def first(self, name: str, fields: Document) -> tuple[Document, bool]:
        """What was first noted under a name, and whether that was another try: else the fields are noted."""
        if await self._keep(name, fields):
            return fields, False
        return (await self.kept([name]))[0], True

    async def add(self, name: str, fields: Document) -> None:
        """Note the fields. Raises Unavailable where the same request is being done at the same time."""
        if not await self._keep(name, fields):
            raise Unavailable("This request is being done twice at a time. Send it again in a moment.")

    async def kept(self, names: Sequence[str]) -> list[Document]:
        """What is noted under those of the names that there are notes under, in their order."""
        ids = [id_ for name in names if (id_ := request_id(name)) is not None]
        found = await self._repository.get_many(ids)
        return [found[id_]["note"] for id_ in ids if id_ in found]

    async def _keep(self, name: str, fields: Document) -> bool:
        if (id_ := request_id(name)) is None:
            return True
        moment = now()
        note = {"_id": id_, "created": moment, "lastModified": moment, "deleted": False, "note": fields}
        try:
            await self._repository.insert(note)
        except Duplicate:
            return False
        return True

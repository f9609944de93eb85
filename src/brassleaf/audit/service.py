"""Reads the audit trail."""

from brassleaf.errors import NotFound
from brassleaf.http.lists import ListQuery
from brassleaf.security.caller import Caller
from brassleaf.store.port import Page, Store
from brassleaf.store.query import equal
from brassleaf.store.trail import AUDIT


class AuditTrail:
    """The changes in one organization at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(self, caller: Caller, query: ListQuery) -> Page:
        """One page of all changes."""
        return await self._store.repository(AUDIT, caller.organization).page(query.query)

    async def page_of(self, caller: Caller, record: str, query: ListQuery) -> Page:
        """One page of the changes of a record, of a deleted one too. Raises NotFound where there never was one."""
        repository = self._store.repository(AUDIT, caller.organization)
        own = equal("record", record)
        page = await repository.page(query.narrowed(own))
        if not page.total and not await repository.count(own):
            raise NotFound(f"There are no changes of a record with the id {record}.")
        return page

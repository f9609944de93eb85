"""Reads the audit trail."""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta

from brassleaf.errors import BrassleafError, NotFound
from brassleaf.http.lists import ListQuery, stamp
from brassleaf.security.caller import Caller
from brassleaf.settings import Settings
from brassleaf.store.port import Page, Store
from brassleaf.store.query import Range, equal
from brassleaf.store.trail import AUDIT

log = logging.getLogger("brassleaf")

_PAUSE = 3_600.0  # seconds from one look for old entries to the next


class AuditTrail:
    """The changes in one organization at a time, as long as they are kept."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._kept = timedelta(days=settings.audit_days)
        self._forgetting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to forget what is old, in the running event loop; nothing is old where all is kept."""
        if self._kept:
            self._forgetting = asyncio.create_task(self._forget())

    async def stop(self) -> None:
        """Forget nothing more."""
        if self._forgetting is not None:
            self._forgetting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._forgetting

    async def forget_old(self) -> int:
        """Remove the entries that are older than they are kept, of every organization; how many those were."""
        old = Range("created", at_most=stamp(datetime.now(UTC) - self._kept))
        return sum(
            [await self._store.repository(AUDIT, own).purge(old) for own in await self._store.organizations(AUDIT)]
        )

    async def _forget(self) -> None:
        while True:
            try:
                await self.forget_old()
            except BrassleafError as error:
                log.warning("the audit trail cannot be shortened: %s", error.message)
            await asyncio.sleep(_PAUSE)

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

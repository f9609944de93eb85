"""Keeps the history beside the requests: noted in memory, written in batches by a task of its own."""

import asyncio
import contextlib
import logging
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bson import ObjectId
from prometheus_client import Counter

from brassleaf.errors import BrassleafError
from brassleaf.http.lists import ListQuery, stamp
from brassleaf.organizations.history.models import API_HISTORY
from brassleaf.security.caller import Caller
from brassleaf.settings import Settings
from brassleaf.store.collections import Document
from brassleaf.store.port import Page, Store
from brassleaf.store.query import Range

log = logging.getLogger("brassleaf")

DROPPED = Counter("brassleaf_history_dropped_total", "Calls with API keys that the history could not hold.")

#: Calls that wait to be written; more are dropped and counted, since a full history must not stop the server.
LONGEST = 20_000
#: Written at once, and how often: together the most that the history takes from requests, some hundredths of a core.
BATCH = 100
PAUSE = 0.5
_PURGE_SECONDS = 3600.0
_FLUSH_SECONDS = 10.0


#: Who called, the method, the path, the status, the address and the time: a tuple, for it is made inside of requests.
_Noted = tuple[Caller, str, str, int, str | None, float]


class History:
    """The calls made with API keys."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._kept = timedelta(days=settings.history_days)
        self._waiting: deque[_Noted] = deque()
        self._purged: dict[str, float] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(self, caller: Caller, method: str, path: str, status: int, address: str | None) -> None:
        """Note a call with a key; nothing is waited for."""
        if len(self._waiting) >= LONGEST:
            DROPPED.inc()
            return
        self._waiting.append((caller, method, path, status, address, time.time()))

    def start(self) -> None:
        """Begin to write, in the running event loop."""
        self._writing = asyncio.create_task(self._write())

    async def stop(self) -> None:
        """Write what waits, for some seconds at most; what cannot be written then is counted as dropped."""
        if self._writing is not None:
            self._writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writing
        with contextlib.suppress(TimeoutError, BrassleafError):
            async with asyncio.timeout(_FLUSH_SECONDS):
                while self._waiting:
                    await self.flush()
        DROPPED.inc(len(self._waiting))
        self._waiting.clear()

    async def flush(self) -> None:
        """Write one batch. Where the store refuses it, the calls wait on."""
        batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        by_organization: defaultdict[str, list[_Noted]] = defaultdict(list)
        for noted in batch:
            by_organization[noted[0].organization].append(noted)
        while by_organization:
            organization, calls = by_organization.popitem()
            try:
                await self._keep(organization, calls)
            except BaseException:
                unwritten = [noted for left in [calls, *by_organization.values()] for noted in left]
                self._waiting.extendleft(reversed(unwritten))
                raise

    async def page(self, caller: Caller, query: ListQuery) -> tuple[Page, list[Document]]:
        """One page of the calls of the organization, as long as they are kept."""
        repository = self._store.repository(API_HISTORY, caller.organization)
        page = await repository.page(query.narrowed(Range("created", at_least=self._oldest())))
        return page, [_shown(entry.document) for entry in page.items]

    async def _write(self) -> None:
        while True:
            await asyncio.sleep(PAUSE)
            try:
                if self._waiting:
                    await self.flush()
            except BrassleafError as error:
                log.warning("the history of calls cannot be written: %s", error.message)

    async def _keep(self, organization: str, calls: Sequence[_Noted]) -> None:
        repository = self._store.repository(API_HISTORY, organization)
        await repository.insert_many([_document(noted) for noted in calls])
        if time.monotonic() >= self._purged.get(organization, 0.0):
            self._purged[organization] = time.monotonic() + _PURGE_SECONDS
            await repository.purge(Range("created", at_most=self._oldest()))

    def _oldest(self) -> str:
        return stamp(datetime.now(UTC) - self._kept)


def _document(noted: _Noted) -> Document:
    caller, method, path, status, address, at = noted
    moment = stamp(datetime.fromtimestamp(at, UTC))
    return {
        "_id": str(ObjectId()),
        "apiKey": caller.name,
        "apiKeyId": caller.id,
        "method": method,
        "path": path[:500],
        "status": status,
        "ipAddress": address,
        "created": moment,
        "lastModified": moment,
        "deleted": False,
    }


def _shown(document: Document) -> Document:
    names = ("_id", "apiKeyId", "method", "path", "status", "ipAddress", "created")
    return {**{name: document[name] for name in names}, "apiKeyName": document["apiKey"]}

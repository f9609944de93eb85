"""Keeps the history beside the requests: noted in memory, written in batches by a task of its own."""

import asyncio
import contextlib
import logging
import time
from collections import Counter as Counted
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

#: Calls of one organization that wait to be written; more are dropped, counted and told in the log, since a full
#: history must not stop the server.
LONGEST = 20_000
#: How often is written, and how much at once: so little takes some hundredths of a core from requests. Where more
#: comes in for long, a share of what waits is written, up to what the store still takes in a few milliseconds.
PAUSE = 0.5
BATCH, SHARE, LARGEST_BATCH = 100, 0.1, 900
_TELL_SECONDS = 60.0
_PURGE_SECONDS = 3600.0
_FLUSH_SECONDS = 10.0


#: Who called, the method, the path, the status, the address and the time: a tuple, for it is made inside of requests.
_Noted = tuple[Caller, str, str, int, str | None, float]


class History:
    """The calls made with API keys."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._kept = timedelta(days=settings.history_days)
        self._waiting: defaultdict[str, deque[_Noted]] = defaultdict(deque)
        self._dropped: Counted[str] = Counted()
        self._purged: dict[str, float] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(self, caller: Caller, method: str, path: str, status: int, address: str | None) -> None:
        """Note a call with a key; nothing is waited for."""
        waiting = self._waiting[caller.organization]
        if len(waiting) >= LONGEST:
            DROPPED.inc()
            self._dropped[caller.organization] += 1
            return
        waiting.append((caller, method, path, status, address, time.time()))

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
        for organization, waiting in self._waiting.items():
            DROPPED.inc(len(waiting))
            self._dropped[organization] += len(waiting)
        self._waiting.clear()
        self._tell()

    async def flush(self) -> None:
        """Write one batch of each organization. Where the store refuses it, the calls wait on."""
        for organization, waiting in list(self._waiting.items()):
            size = min(max(BATCH, int(len(waiting) * SHARE)), LARGEST_BATCH, len(waiting))
            batch = [waiting.popleft() for _ in range(size)]
            try:
                await self._keep(organization, batch)
            except BaseException:
                waiting.extendleft(reversed(batch))
                raise
            if not waiting:
                del self._waiting[organization]

    async def page(self, caller: Caller, query: ListQuery) -> tuple[Page, list[Document]]:
        """One page of the calls of the organization, as long as they are kept."""
        repository = self._store.repository(API_HISTORY, caller.organization)
        page = await repository.page(query.narrowed(Range("created", at_least=self._oldest())))
        return page, [_shown(entry.document) for entry in page.items]

    async def _write(self) -> None:
        told = time.monotonic()
        while True:
            await asyncio.sleep(PAUSE)
            try:
                await self.flush()
            except BrassleafError as error:
                log.warning("the history of calls cannot be written: %s", error.message)
            if time.monotonic() >= told + _TELL_SECONDS:
                told = time.monotonic()
                self._tell()

    def _tell(self) -> None:
        for organization, count in self._dropped.items():
            log.warning("the history of organization %s could not hold %d calls with API keys", organization, count)
        self._dropped.clear()

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

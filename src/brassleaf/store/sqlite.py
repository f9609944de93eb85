"""The embedded store: one SQLite file, no server. WAL, `synchronous=FULL`: a write is acknowledged once it is on disk.

Short indexed reads run on the event loop (a thread hop costs three times the query); scans and streams run beside it.
"""

import asyncio
import logging
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import orjson

from brassleaf.store import sqlite_query as sql
from brassleaf.store.collections import Collection, held
from brassleaf.store.port import Dumped, Stored, StoreDown
from brassleaf.store.records import now
from brassleaf.store.sqlite_bulk import LARGE, Bulk, BulkFailed
from brassleaf.store.sqlite_changes import Batch, Changes, Refusals, count, uniquely
from brassleaf.store.sqlite_connection import LARGE_CACHE, SMALL_CACHE, connect
from brassleaf.store.sqlite_pages import Pages
from brassleaf.store.sqlite_repository import SqliteRepository
from brassleaf.store.sqlite_schema import quoted, unique_column, upgrade
from brassleaf.store.sqlite_writer import LONGEST_WAIT, Writer
from brassleaf.store.trail import AUDIT, check_kept

log = logging.getLogger(__name__)

T = TypeVar("T")
#: So many are kept: every request asks for a handful.
_REPOSITORIES = 4096
#: Connections of streams that are kept for the next ones.
_IDLE = 4


@dataclass(slots=True)
class _Parts:
    """What an open store works with."""

    writer: Writer
    bulk: Bulk
    reading: sqlite3.Connection
    scans: ThreadPoolExecutor


class SqliteStore:
    """All collections in one file."""

    def __init__(self, path: Path, *, most_in_a_commit: int = 256) -> None:
        self.path = path
        self._most_in_a_commit = most_in_a_commit
        self._collections: dict[str, Collection] = {}
        self.changes = Changes()
        self._repositories: dict[tuple[str, str, bool], SqliteRepository] = {}
        self.pages = Pages()
        self.lists: dict[tuple[Any, ...], str] = {}
        self._totals: OrderedDict[tuple[Any, ...], tuple[int, int]] = OrderedDict()
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._idle: list[sqlite3.Connection] = []
        self._open: _Parts | None = None

    async def open(self, collections: Sequence[Collection]) -> None:
        """Open or create the file and bring its tables up to date."""
        check_kept(collections)
        self._collections = {collection.name: collection for collection in collections}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            writing = self._connect(LARGE_CACHE)
            await asyncio.to_thread(upgrade, writing, collections)
        except sqlite3.Error as error:
            raise StoreDown(f"The data file {self.path} cannot be opened: {error}") from error
        writer = Writer(writing, most_in_a_commit=self._most_in_a_commit)
        self._open = _Parts(writer, Bulk(self.path), self._connect(), ThreadPoolExecutor(2, "brassleaf-scan"))

    async def close(self) -> None:
        """Finish writes and scans, then close the file."""
        parts, self._open = self._open, None
        if parts is None:
            return
        await asyncio.to_thread(parts.bulk.close)
        await asyncio.to_thread(parts.writer.close)
        await asyncio.to_thread(parts.scans.shutdown)
        parts.reading.close()
        for connection in (*self._opened, *self._idle):
            connection.close()
        self._opened.clear()
        self._idle.clear()

    async def ping(self) -> None:
        """Take the write lock and let it go again: false safety is worse than a few microseconds."""
        await self.write(lambda connection: connection.execute("SELECT 1").fetchone())

    def repository(self, collection: Collection, organization: str, *, shared: bool = False) -> SqliteRepository:
        """A repository for one organization, with the shared catalogue beneath it when asked."""
        key = (collection.name, organization, shared)
        found = self._repositories.get(key)
        if found is None:
            if len(self._repositories) >= _REPOSITORIES:
                self._repositories.clear()
            found = self._repositories[key] = SqliteRepository(self, collection, organization, shared=shared)
        return found

    async def organizations(self, collection: Collection) -> list[str]:
        """Every organization that has documents in a collection."""
        text = "SELECT org FROM tally WHERE collection = ? AND live + dead > 0 ORDER BY org"
        return [row[0] for row in self.reading.execute(text, (collection.name,))]

    def tally(self, collection: Collection, organization: str) -> tuple[int, int, int]:
        """How many live and deleted documents an organization has in a collection, and how many writes that took."""
        text = "SELECT live, dead, writes FROM tally WHERE collection = ? AND org = ?"
        found: tuple[int, int, int] | None = self.reading.execute(text, (collection.name, organization)).fetchone()
        return found or (0, 0, 0)

    def written(self, places: Sequence[tuple[Collection, str]]) -> int:
        """How many writes these collections have seen, counted in the transaction of each: so of every process."""
        values = [part for collection, organization in places for part in (collection.name, organization)]
        return int(self.reading.execute(_written(len(places)), values).fetchone()[0])

    async def find(self, collection: Collection, label: str, key: str) -> tuple[str, Stored] | None:
        """The live document that holds a key which is unique everywhere."""
        if not collection.unique[label].everywhere:
            raise KeyError(label)
        text = f"SELECT org, id, rev, doc FROM {quoted(collection.name)} WHERE {unique_column(label)} = ?"
        found = self.reading.execute(text, (held(key),)).fetchone()
        return None if found is None else (found[0], Stored(found[1], found[2], raw=found[3]))

    async def dump(self) -> AsyncIterator[Dumped]:
        """Every document, read in one transaction: the copy is of one moment, while the server goes on."""
        connection = self._connect()
        try:
            connection.execute("BEGIN")
            for name in self._collections:
                statement = sql.Sql(f"SELECT org, rev, doc FROM {quoted(name)} ORDER BY seq")
                async for rows in self.walk(connection, statement, 500):
                    for organization, revision, raw in rows:
                        yield Dumped(name, organization, revision, orjson.loads(raw))
        finally:
            connection.close()

    async def load(self, documents: Sequence[Dumped]) -> None:
        """Put dumped documents back, all or none."""

        def work(connection: sqlite3.Connection) -> None:
            for entry in documents:
                collection, organization = self._collections[entry.collection], entry.organization
                revision, document = entry.revision, entry.document
                with uniquely():
                    rows = self.changes.rows(collection)
                    rows.insert(connection, organization, revision, document, orjson.dumps(document))
                count(connection, collection, organization, [(None, document, revision)])

        await self.write(work)

    # -- for the repositories -------------------------------------------------------------------------------------

    @property
    def moment(self) -> str | None:
        """The time of an entry in the audit trail that is made now; None where there is no trail."""
        return now() if AUDIT.name in self._collections else None

    async def write_batch(self, batch: Batch) -> Refusals:
        """Write many documents in one commit, each by itself."""
        handed_in = time.monotonic()
        if len(batch.documents) >= LARGE:
            deadline = handed_in + LONGEST_WAIT
            try:
                return await asyncio.shield(asyncio.to_thread(self._parts.bulk.write, batch, deadline))
            except BulkFailed:
                log.exception("a large write is done again by the store's own writer")
        return await self._parts.writer.write(lambda connection: self.changes.write(connection, batch), handed_in)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run work in the next commit."""
        return await self._parts.writer.write(work)

    @property
    def reading(self) -> sqlite3.Connection:
        """The event loop's own connection."""
        return self._parts.reading

    @property
    def _parts(self) -> _Parts:
        if self._open is None:
            raise StoreDown("The store is closed.")
        return self._open

    async def beside(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a scan on another thread, with that thread's connection."""

        def run() -> T:
            connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = self._connect()
                self._opened.append(connection)
            return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._parts.scans, run)

    def known_total(self, key: tuple[Any, ...], writes: int) -> int | None:
        """A total counted before, if nothing was written to the collection since."""
        found = self._totals.get(key)
        return found[1] if found is not None and found[0] == writes else None

    def keep_total(self, key: tuple[Any, ...], writes: int, total: int) -> None:
        """Remember a total."""
        self._totals[key] = (writes, total)
        while len(self._totals) > 1000:
            self._totals.popitem(last=False)

    async def rows_of_one_moment(self, statement: sql.Sql, size: int) -> AsyncGenerator[list[Any], None]:
        """What a statement finds, in batches, on a connection of its own."""
        connection = self._idle.pop() if self._idle else self._connect()
        walked = False
        try:
            async for rows in self.walk(connection, statement, size):
                yield rows
            walked = True
        finally:
            # one that was left in the middle holds its moment, and the log of all that was written since
            if walked and self._open is not None and len(self._idle) < _IDLE:
                connection.execute("PRAGMA shrink_memory")
                self._idle.append(connection)
            else:
                connection.close()

    async def walk(
        self, connection: sqlite3.Connection, statement: sql.Sql, size: int
    ) -> AsyncGenerator[list[Any], None]:
        """What a statement finds, in batches read beside the event loop."""

        async def beside(step: Callable[..., T], *args: Any) -> T:
            running = asyncio.get_running_loop().run_in_executor(self._parts.scans, step, *args)
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                # a connection must not be closed under the thread that reads from it
                connection.interrupt()
                await asyncio.wait([running])
                running.exception()  # "interrupted": nobody waits for it any more
                raise

        def first() -> tuple[sqlite3.Cursor, list[Any]]:
            cursor = connection.execute(statement.text, statement.values)
            return cursor, cursor.fetchmany(size)

        cursor, rows = await beside(first)
        while rows:
            yield rows
            rows = await beside(cursor.fetchmany, size) if len(rows) == size else []

    def _connect(self, cache: int = SMALL_CACHE) -> sqlite3.Connection:
        return connect(self.path, cache)


@lru_cache(maxsize=16)
def _written(count: int) -> str:
    """One row after the other: of a list of names SQLite makes a table for each question, at ten times the cost."""
    return "SELECT " + " + ".join(["coalesce((SELECT writes FROM tally WHERE collection = ? AND org = ?), 0)"] * count)

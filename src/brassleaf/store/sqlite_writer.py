"""The writer of the embedded store: concurrent writes share a commit, and each is acknowledged after it.

Only what comes by the thousand goes elsewhere (`sqlite_bulk`).
"""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from brassleaf.store.port import StoreDown

T = TypeVar("T")
#: A write that waited longer for its turn is refused: whoever follows changes by time looks back not much longer.
LONGEST_WAIT = 60.0
Work = Callable[[sqlite3.Connection], T]


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Any]
    handed_in: float
    result: Any = None
    error: BaseException | None = None


class Writer:
    """A thread with the writing connection. Every job runs in a savepoint: a refused one leaves the others alone."""

    def __init__(self, connection: sqlite3.Connection, *, most_in_a_commit: int = 256) -> None:
        self._connection = connection
        self._most = most_in_a_commit
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="brassleaf-writer", daemon=True)
        self._thread.start()

    async def write(self, work: Work[T], handed_in: float | None = None) -> T:
        """Run work in the next commit; its result once that is on disk, or its error with nothing written.

        `handed_in` is the time (of `time.monotonic`) since which it waits for its turn, if that is not now.
        """
        if self._closed:
            raise StoreDown("The store is closed.")
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future(), time.monotonic() if handed_in is None else handed_in)
        self._jobs.put(job)
        # a caller that goes away does not take back a write that may be on its way to the disk
        result: T = await asyncio.shield(job.answer)
        return result

    def close(self) -> None:
        """Finish what was handed in, then close the connection."""
        self._closed = True
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while True:
            first = self._jobs.get()
            if first is None:
                return
            batch, last = [first], False
            while len(batch) < self._most:
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if job is None:
                    last = True
                    break
                batch.append(job)
            self._commit(batch)
            if last:
                return

    def _commit(self, batch: list[_Job]) -> None:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in batch:
                self._attempt(job)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            for job in batch:
                job.error = StoreDown(f"The data file could not be written: {error}")
        answers: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
        for job in batch:
            answers.setdefault(job.loop, []).append(job)
        for loop, jobs in answers.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_answer, jobs)

    def _attempt(self, job: _Job) -> None:
        connection = self._connection
        if time.monotonic() - job.handed_in > LONGEST_WAIT:
            job.error = StoreDown("The data file could not be written for too long.")
            return
        connection.execute("SAVEPOINT job")
        try:
            job.result = job.work(connection)
        except sqlite3.OperationalError:
            raise  # the disk is full or the file locked: nothing of this commit holds
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to its caller; the thread serves all others
            job.error = error
            connection.execute("ROLLBACK TO job")
        connection.execute("RELEASE job")


def _answer(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.answer.done():
            continue
        if job.error is not None:
            job.answer.set_exception(job.error)
            job.answer.exception()  # its caller may have gone away, which is no news for the log
        else:
            job.answer.set_result(job.result)

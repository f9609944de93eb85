"""Large writes of the embedded store, in a process of their own.

Python computes in one thread at a time: an import that plans rows and a thread that writes them would take turns, and
requests would wait for both. So documents that come by the thousand are written by a child, into the same file, each
batch in a transaction of its own and acknowledged after it.

The child is never needed. If it fails - it died, somebody held the file for too long - the store's own writer does the
batch again, and says what is wrong; documents that the child had written after all are met there as somebody else's.
"""

import gc
import logging
import pickle
import select
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import orjson

from brassleaf.children import start_child
from brassleaf.errors import BrassleafError
from brassleaf.store.port import Changed, Duplicate
from brassleaf.store.sqlite_changes import Batch, Changes, Refusals
from brassleaf.store.sqlite_connection import connect

logger = logging.getLogger(__name__)

#: Fewer documents are not worth the way.
LARGE = 1_000
#: A child that has nothing to do for so many seconds ends.
_IDLE = 30.0
_STOP = 10.0
#: It finds what the server finds: this module, and those of the functions that collections refer to.
_CHILD = "import sys; sys.path[:] = sys.argv[2:]; from brassleaf.store.sqlite_bulk import serve; serve(sys.argv[1])"


class BulkFailed(BrassleafError):
    """The child did not write the batch, or did not live to say so."""


class Bulk:
    """The child of one store, started when it is first needed. Its calls block: they are made on other threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def write(self, batch: Batch, deadline: float) -> Refusals:
        """Write a batch, if its turn comes before a time of `time.monotonic`. Raises BulkFailed."""
        try:
            message = pickle.dumps((replace(batch, documents=()), deadline))
        except (AttributeError, pickle.PickleError) as error:
            raise BulkFailed("A function of the collection does not stand in a module.") from error
        with self._turn:
            for _ in range(2):
                try:
                    answer = self._ask(message)
                except (OSError, EOFError, pickle.PickleError) as error:
                    if self._end() != 0:  # 0: it had nothing to do for so long that it ended just now
                        raise BulkFailed("The process of large writes failed.") from error
                else:
                    return {place: Changed() if label is None else Duplicate(label) for place, label in answer.items()}
        raise BulkFailed("The process of large writes ends again and again.")

    def close(self) -> None:
        """Let the child finish what it does, and end it."""
        with self._turn:
            self._end()

    def _ask(self, message: bytes) -> dict[int, str | None]:
        child = self._child
        if child is None or child.poll() is not None:
            self._end()
            child = self._child = _start(self._path)
        assert child.stdin is not None  # noqa: S101 - for the type checker: both are pipes
        assert child.stdout is not None  # noqa: S101
        child.stdin.write(message)
        child.stdin.flush()
        answer: dict[int, str | None] = pickle.load(child.stdout)  # noqa: S301 - of our own child
        return answer

    def _end(self) -> int | None:
        """Wait for the child's end; its exit code."""
        child, self._child = self._child, None
        if child is None:
            return None
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):  # it has gone away with something unsent
                if pipe is not None:
                    pipe.close()
        try:
            return child.wait(_STOP)
        except subprocess.TimeoutExpired:
            logger.warning("The process of large writes did not end, and was killed.")
            child.kill()
            return child.wait()


def _start(path: Path) -> "subprocess.Popen[bytes]":
    pipe = subprocess.PIPE
    return start_child(["-c", _CHILD, str(path), *sys.path], stdin=pipe, stdout=pipe)


def serve(path: str) -> None:
    """The child: write what comes until nothing more does. Whatever goes wrong ends it, with nothing written.

    A server that is gone, perhaps in the middle of a word, is no mistake of which anybody has to read.
    """
    gc.disable()  # documents have no cycles, and looking for some costs a fifth of the time
    connection, changes = connect(Path(path)), Changes()
    with suppress(BrokenPipeError), open(0, "rb", buffering=1 << 20) as stdin, open(1, "wb") as stdout:
        while select.select([stdin], [], [], _IDLE)[0]:
            try:
                batch, deadline = pickle.load(stdin)  # noqa: S301 - of our own parent
            except (EOFError, pickle.UnpicklingError):
                break
            batch = replace(batch, documents=[orjson.loads(raw) for raw in batch.raws])
            refusals = _write(connection, changes, batch, deadline)
            pickle.dump({place: getattr(why, "label", None) for place, why in refusals.items()}, stdout)
            stdout.flush()
    connection.close()


def _write(connection: sqlite3.Connection, changes: Changes, batch: Batch, deadline: float) -> Refusals:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if time.monotonic() > deadline:
            raise BulkFailed("The batch waited for too long.")
        refusals = changes.write(connection, batch)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return refusals

"""Large writes of the embedded store, in a process of their own.

Python computes in one thread at a time: an import that plans rows and a thread that writes them would take turns, and
requests would wait for both. So documents that come by the thousand are written by a child, into the same file, each
batch in a transaction of its own and acknowledged after it.

The child is never needed. If it fails - it died, somebody held the file for too long - the store's own writer does the
batch again, and says what is wrong; documents that the child had written after all are met there as somebody else's.
"""

import gc
import logging
import os
import pickle
import select
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import IO

import orjson

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
_PASSED_ON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
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
            try:
                stdin, stdout = self._pipes()
                stdin.write(message)
                stdin.flush()
                answer: dict[int, str | None] = pickle.load(stdout)  # noqa: S301 - of our own child
            except (OSError, EOFError, pickle.PickleError) as error:
                self._end()
                raise BulkFailed("The process of large writes failed.") from error
        return {place: Changed() if label is None else Duplicate(label) for place, label in answer.items()}

    def close(self) -> None:
        """Let the child finish what it does, and end it."""
        with self._turn:
            self._end()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        child = self._child
        if child is None or child.poll() is not None:
            self._end()
            child = self._child = _start(self._path)
        assert child.stdin is not None  # noqa: S101 - for the type checker: both are pipes
        assert child.stdout is not None  # noqa: S101
        return child.stdin, child.stdout

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                pass  # it has gone away with something unsent
        try:
            child.wait(_STOP)
        except subprocess.TimeoutExpired:
            logger.warning("The process of large writes did not end, and was killed.")
            child.kill()
            child.wait()


def _start(path: Path) -> "subprocess.Popen[bytes]":
    """Start a child that knows nothing of the server's secrets, and does not hear its Ctrl-C."""
    return subprocess.Popen(  # noqa: S603  nothing here comes from outside
        [sys.executable, "-I", "-c", _CHILD, str(path), *sys.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        start_new_session=True,
    )


def serve(path: str) -> None:
    """The child: write what comes until nothing more does. Whatever goes wrong ends it, with nothing written."""
    gc.disable()  # documents have no cycles, and looking for some costs a fifth of the time
    connection, changes = connect(Path(path)), Changes()
    with open(0, "rb", buffering=1 << 20) as stdin, open(1, "wb") as stdout:
        while select.select([stdin], [], [], _IDLE)[0]:
            try:
                batch, deadline = pickle.load(stdin)  # noqa: S301 - of our own parent
            except EOFError:
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

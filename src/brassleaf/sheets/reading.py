"""Reads a foreign workbook beside the server: a child process (`reader`) scans and parses it within limits.

The server sees rows of JSON and, where the file is hostile or broken, one sentence; a child that dies is a clear
refusal, and no other request notices.
"""

import asyncio
import contextlib
import logging
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

import brassleaf
from brassleaf.children import start_child
from brassleaf.errors import FieldError, Refused, TooMany
from brassleaf.sheets.columns import Sheet
from brassleaf.sheets.tasks import OUT_OF_MEMORY, Task

logger = logging.getLogger(__name__)

MOST_ROWS = 200_000
_LONGEST_LINE = 8_000_000  # of what the child says at once; a batch ends at 256 kB, one row has at most 4 MB
_LAST_WORDS = 4_000
_CHILD = str(Path(__file__).with_name("reader.py"))  # never imported: the parser is its alone
_PACKAGES = str(Path(brassleaf.__file__).parent.parent)

RawRow = list[Any]  # [number, values, problems or None], or [number, cells] where the cells were asked for as they are


@dataclass(slots=True)
class Head:
    """What a sheet has: its name, about how many rows, the columns that are read, every title, and warnings."""

    sheet: str
    rows: int
    columns: list[str]
    titles: list[str]
    warnings: list[str]


class Reading:
    """A workbook that is being read: its head, then its rows. `warnings` is complete after the last row."""

    def __init__(self, head: Head, batches: AsyncIterator[Any]) -> None:
        self.head = head
        self.warnings = list(head.warnings)
        self._batches = batches

    async def __aiter__(self) -> AsyncIterator[Sequence[RawRow]]:
        async for message in self._batches:
            if isinstance(message, list):
                yield message
            else:
                self.warnings += message["end"]["warnings"]
                return


class Reader:
    """Reads workbooks, a few at a time; one for each process of the server.

    Args:
        at_once: Workbooks that are read at the same time; further ones wait.
        patience: Seconds that one waits for its turn before it is refused.
        silence: Seconds that the child may take for what it says next.
        most_rows: Filled rows of one sheet; more are refused before the first is read.
        memory: Bytes of address space of the child.
        cpu_seconds: Computing time of the child.
    """

    def __init__(
        self,
        *,
        at_once: int = 2,
        patience: float = 30.0,
        silence: float = 60.0,
        most_rows: int = MOST_ROWS,
        memory: int = 1_000_000_000,
        cpu_seconds: int = 60,
    ) -> None:
        self._turn = asyncio.Semaphore(at_once)
        self._patience = patience
        self._silence = silence
        self._most_rows = most_rows
        self._memory = memory
        self._cpu_seconds = cpu_seconds

    @contextlib.asynccontextmanager
    async def turn(self, patience: float | None = None) -> AsyncIterator[None]:
        """The time in which workbooks may be read, one after the other. Raises TooMany if it does not come soon."""
        try:
            async with asyncio.timeout(self._patience if patience is None else patience):
                await self._turn.acquire()
        except TimeoutError:
            raise TooMany("Other imports are running; try again in a minute.", retry_after=60) from None
        try:
            yield
        finally:
            self._turn.release()

    @contextlib.asynccontextmanager
    async def read(self, file: IO[bytes], sheet: Sheet, *, raw: bool = False) -> AsyncIterator[Reading]:
        """Read an open file by a column table, or (`raw`) its cells as they stand; the child is gone afterwards.

        It belongs into a `turn`. Raises Refused where the file is hostile or broken, or its columns do not fit; also
        while its rows are read.
        """
        with tempfile.TemporaryFile() as last_words:
            async with self._running(file, last_words) as (child, said, tell):
                batches = self._messages(child, said, last_words)
                tell.write(orjson.dumps(self._task(sheet, raw=raw)) + b"\n")
                first = await anext(batches)
                try:
                    yield Reading(Head(**first["head"]), batches)
                finally:
                    await batches.aclose()

    def _task(self, sheet: Sheet, *, raw: bool) -> Task:
        return {
            "sheet": sheet.name,
            "columns": [
                {
                    "header": column.header,
                    "field": column.field,
                    "kind": column.kind,
                    "required": column.required,
                    "read": not column.read_only,
                }
                for column in sheet.columns
            ],
            "raw": raw,
            "most_rows": self._most_rows,
            "memory": self._memory,
            "cpu_seconds": self._cpu_seconds,
        }

    @contextlib.asynccontextmanager
    async def _running(
        self, file: IO[bytes], last_words: IO[bytes]
    ) -> AsyncIterator[tuple["subprocess.Popen[bytes]", asyncio.StreamReader, asyncio.StreamWriter]]:
        """A child and the two directions of its socket; it is dead afterwards."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                child = _start(theirs, file.fileno(), last_words)
            try:
                said, tell = await asyncio.open_connection(sock=ours, limit=_LONGEST_LINE)
                try:
                    yield child, said, tell
                finally:
                    tell.transport.abort()
            finally:
                child.kill()
                await asyncio.to_thread(child.wait)

    async def _messages(
        self, child: "subprocess.Popen[bytes]", said: asyncio.StreamReader, last_words: IO[bytes]
    ) -> AsyncGenerator[Any, None]:
        """What the child says, until its last word. Raises Refused with it if it refuses or dies."""
        while True:
            try:
                async with asyncio.timeout(self._silence):
                    line = await said.readline()
            except TimeoutError:
                raise Refused("The workbook took too long to read; import it in several parts.") from None
            except ConnectionError:
                line = b""
            except ValueError:
                raise Refused("A row of the workbook is too long; shorten its texts.") from None
            if not line.endswith(b"\n"):
                child.kill()
                raise await _died(child, last_words)
            message = orjson.loads(line)
            if isinstance(message, dict) and "refused" in message:
                found = message["refused"]
                raise Refused(found["message"], [FieldError(name, text) for name, text in found["errors"]])
            yield message
            if isinstance(message, dict) and "end" in message:
                return


def _start(connection: socket.socket, upload: int, stderr: IO[bytes]) -> "subprocess.Popen[bytes]":
    arguments = [_CHILD, _PACKAGES, str(upload)]
    stdin, stdout = connection.fileno(), subprocess.DEVNULL
    return start_child(arguments, stdin=stdin, stdout=stdout, stderr=stderr, pass_fds=(upload,))


async def _died(child: "subprocess.Popen[bytes]", last_words: IO[bytes]) -> Refused:
    """What to say of a child that ended without its last word. Killing it again changes nothing if it is dead."""
    code = await asyncio.to_thread(child.wait)
    last_words.seek(0)
    told = last_words.read()[-_LAST_WORDS:].decode(errors="replace")
    logger.warning("The reading of a workbook ended with code %s: %s", code, told)
    if code == -signal.SIGXCPU:
        return Refused("The workbook takes too long to read. Import it in several parts.")
    if code in (OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGKILL):
        return Refused("The workbook takes too much memory to read. Delete what is beyond the table, or split it.")
    return Refused("The workbook cannot be read. Open it in Excel and save it anew.")

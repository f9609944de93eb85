"""Writes documents of any number as a workbook, large ones beside the server instead of inside it.

Building a large workbook is seconds of pure computing, which would stop every other request of the process. `Exporter`
hands the documents to a child process as they come from the store, no faster than it takes them, and gets back an open
file. What fits into the first window of documents is written at once, by the same code.
"""

import asyncio
import contextlib
import io
import logging
import os
import socket
import subprocess
import tempfile
import threading
import weakref
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Sequence
from pathlib import Path
from typing import IO

from brassleaf.children import start_child
from brassleaf.errors import Refused, TooMany, Unavailable
from brassleaf.sheets import workbook, writer
from brassleaf.sheets.columns import MOST_ROWS, Sheet

logger = logging.getLogger(__name__)

PIECE = 262_144  # bytes of a finished file that are sent at a time
_WINDOW = 65_536  # bytes of documents that the child gets at a time,
_WINDOW_ROWS = 1_000  # or so many of them: some tenths of a millisecond of the event loop either way
_LAST_WORDS = 4_000  # bytes of a failed child's traceback that are logged


class ExportFailed(Unavailable):
    """The workbook could not be written, by no fault of the request."""


class SheetFile:
    """A finished workbook in an open file that has no name, so that nothing needs to be removed, even after a crash.

    Iterate over it to send it; it closes at the end, on `close()`, or when it is forgotten.
    """

    def __init__(self, descriptor: int, rows: int) -> None:
        self.size = os.fstat(descriptor).st_size
        self.rows = rows
        self._descriptor = descriptor
        self._reading = threading.Lock()
        self._close = weakref.finalize(self, os.close, descriptor)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            position = 0
            while piece := await asyncio.to_thread(self._read, position):
                yield piece
                position += len(piece)
        finally:
            self.close()

    def close(self) -> None:
        """Give the disk space back."""
        with self._reading:
            self._close()

    def _read(self, position: int) -> bytes:
        with self._reading:
            return os.pread(self._descriptor, PIECE, position) if self._close.alive else b""


class Exporter:
    """Writes exports, a few at a time; one for each process of the server.

    Args:
        at_once: Exports that run at the same time; further ones wait.
        patience: Seconds that an export waits for its turn before it is refused.
        time_limit: Seconds that one export may take.
        folder: Where files of unfinished and unsent exports take their space; the system's temporary folder if None.
    """

    def __init__(
        self, *, at_once: int = 2, patience: float = 30.0, time_limit: float = 300.0, folder: Path | None = None
    ) -> None:
        self._turn = asyncio.Semaphore(at_once)
        self._patience = patience
        self._time_limit = time_limit
        self._folder = folder

    async def export(self, sheet: Sheet, rows: AsyncIterable[Sequence[bytes]]) -> SheetFile:
        """Write documents, each one the bytes of a JSON object, in the batches that the store reads them in.

        Cancelling the call ends the child at once. `rows` is closed in any case, and not begun before it is this
        export's turn.

        Raises:
            TooMany: Other exports have been running for too long.
            Refused: There are more rows than an Excel sheet holds.
            ExportFailed: The child died or took too long.
        """
        try:
            try:
                async with asyncio.timeout(self._patience):
                    await self._turn.acquire()
            except TimeoutError:
                raise TooMany("Other exports are running; try again in a minute.", retry_after=60) from None
            try:
                return await self._export(sheet, rows)
            finally:
                self._turn.release()
        finally:
            if isinstance(rows, AsyncGenerator):
                await rows.aclose()

    async def _export(self, sheet: Sheet, rows: AsyncIterable[Sequence[bytes]]) -> SheetFile:
        with contextlib.ExitStack() as undo:
            with tempfile.TemporaryFile(dir=self._folder, buffering=0) as nameless:
                descriptor = os.dup(nameless.fileno())
            undo.callback(os.close, descriptor)
            clock = asyncio.timeout(self._time_limit)
            try:
                async with clock:
                    count = await _write(sheet, rows, descriptor)
            except TimeoutError:
                if not clock.expired():
                    raise
                raise ExportFailed(
                    f"The export took longer than {self._time_limit:g} seconds and was ended; narrow the filter."
                ) from None
            undo.pop_all()
            return SheetFile(descriptor, count)


async def _write(sheet: Sheet, rows: AsyncIterable[Sequence[bytes]], descriptor: int) -> int:
    """Write what fits into one window here, in a thread, and all else in a child; how many rows were written."""
    frame = await asyncio.to_thread(workbook.frame, sheet)
    async with contextlib.aclosing(_windows(rows)) as windows:
        first = await anext(windows)
        if not _full(first):
            await _write_here(sheet, frame, first, descriptor)
            return len(first)
        return await _write_beside(sheet, frame, first, windows, descriptor)


async def _windows(rows: AsyncIterable[Sequence[bytes]]) -> AsyncGenerator[list[bytes], None]:
    """The documents in full windows, and a last one that is not full, perhaps empty."""
    window: list[bytes] = []
    size = 0
    async for batch in rows:
        for document in batch:
            window.append(document)
            size += len(document)
            if size >= _WINDOW or len(window) >= _WINDOW_ROWS:
                yield window
                window, size = [], 0
    yield window


def _full(window: list[bytes]) -> bool:
    return len(window) >= _WINDOW_ROWS or sum(map(len, window)) >= _WINDOW


async def _write_here(sheet: Sheet, frame: bytes, documents: list[bytes], descriptor: int) -> None:
    """Write a short workbook: it takes some milliseconds, and a child would need ten times as long to start."""
    source = b"\n".join((frame, _line(documents), _end(len(documents))))
    made = io.BytesIO()
    try:
        await asyncio.to_thread(writer.write, io.BytesIO(source), made)
        with os.fdopen(descriptor, "wb", closefd=False) as target:
            target.write(made.getbuffer())
    except (ValueError, OSError):
        logger.exception("The export of %s failed", sheet.name)
        raise _failed() from None


async def _write_beside(
    sheet: Sheet, frame: bytes, first: list[bytes], windows: AsyncIterable[list[bytes]], descriptor: int
) -> int:
    """Run one child from the first line to its end; how many rows it wrote."""
    with tempfile.TemporaryFile() as last_words:
        async with _running(descriptor, last_words) as (child, reader, stdin):
            count = await _feed(stdin, frame, first, windows)
            with contextlib.suppress(ConnectionError):
                await reader.read()  # the child says nothing here: what comes is the end of its side, and so of itself
            code = await asyncio.to_thread(child.wait)
        if code == writer.TOO_LARGE:
            raise _too_large()
        if code != 0:
            last_words.seek(0)
            told = last_words.read()[-_LAST_WORDS:].decode(errors="replace")
            logger.error("The export of %s ended with code %s: %s", sheet.name, code, told)
            raise _failed()
    return count


@contextlib.asynccontextmanager
async def _running(
    descriptor: int, last_words: IO[bytes]
) -> AsyncIterator[tuple["subprocess.Popen[bytes]", asyncio.StreamReader, asyncio.StreamWriter]]:
    """A child and the two directions of its standard input, which is a socket; it is dead afterwards."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            child = _start(theirs, descriptor, last_words)
        try:
            reader, stdin = await asyncio.open_connection(sock=ours)
            try:
                yield child, reader, stdin
            finally:
                stdin.transport.abort()
        finally:
            child.kill()
            await asyncio.to_thread(child.wait)


def _start(stdin: socket.socket, stdout: int, stderr: IO[bytes]) -> "subprocess.Popen[bytes]":
    return start_child([str(writer.__file__)], stdin=stdin.fileno(), stdout=stdout, stderr=stderr)


async def _feed(
    stdin: asyncio.StreamWriter, frame: bytes, first: list[bytes], windows: AsyncIterable[list[bytes]]
) -> int:
    """Give the child its input as fast as it reads; how many rows were given.

    It ends early when the child is gone.
    """
    await _send(stdin, frame)
    alive = await _send(stdin, _line(first))
    count = len(first)
    async for window in windows:
        count += len(window)
        if count >= MOST_ROWS:
            raise _too_large()
        alive = alive and await _send(stdin, _line(window))
        if not alive:
            return count
    await _send(stdin, _end(count))
    return count


def _failed() -> ExportFailed:
    return ExportFailed("The spreadsheet could not be written; try again, or narrow the filter.")


def _too_large() -> Refused:
    return Refused(f"An Excel sheet holds no more than {MOST_ROWS - 1:,} rows and 2 GB; narrow the filter.")


def _line(documents: list[bytes]) -> bytes:
    """One JSON array. A line feed in JSON can only be white space between its parts, never in a text."""
    return b"[%b]" % b",".join(documents).replace(b"\n", b" ")


def _end(count: int) -> bytes:
    return b'{"rows":%d}' % count


async def _send(stdin: asyncio.StreamWriter, line: bytes) -> bool:
    """Wait until the child has taken most of a line; False if there is no child any more."""
    try:
        stdin.write(line + b"\n")
        await stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True

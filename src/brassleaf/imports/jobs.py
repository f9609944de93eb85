"""Imports beside their request: jobs that any worker can tell of, and that end with the worker that runs them.

A job is a document. The worker that runs it writes its counts about once a second, and reads there whether somebody
wants it to end; one that has not been written for half a minute belongs to a worker that has died.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import orjson

from brassleaf.errors import BrassleafError, FieldError, NotFound, Refused, TooMany
from brassleaf.imports.engine import Ended, Importer, Outcome
from brassleaf.imports.errors_file import save
from brassleaf.imports.handlers import Handler
from brassleaf.imports.report import Counts, Tally, no_errors_file
from brassleaf.security.caller import Caller
from brassleaf.sheets.export import Exporter
from brassleaf.store.collections import Collection, Document, Field
from brassleaf.store.port import Changed, Repository, Store, Stored
from brassleaf.store.query import Range
from brassleaf.store.records import Records, now

log = logging.getLogger(__name__)

IMPORTS = Collection("imports", (Field("state"),), trail=False)
LIFE = timedelta(days=7)
SILENCE = timedelta(seconds=30)  # of a job whose worker is alive: it writes every BEAT seconds
BEAT = 1.0
GLANCE = 0.5  # seconds between two looks of an event stream
STREAM_SECONDS = 900.0  # then an event stream ends, and its reader may open another
MOST_WAITING = 20  # jobs of one worker; each has an upload on the disk
_PURGE_SECONDS = 3_600.0

FINAL = frozenset({"done", "failed", "cancelled", "abandoned"})
_HIDDEN = frozenset({"callerId", "cancelRequested", "hasErrorsFile"})
_ABANDONED = (
    "The server that ran this import was stopped. Import the file again, with a new Idempotency-Key if it had one: "
    "rows that were imported count as unchanged."
)


@dataclass(slots=True)
class _Live:
    """A job of this worker: how far it is, and whether it shall end."""

    tally: Tally = field(default_factory=Tally)
    rows: int | None = None
    cancelled: bool = False
    stopped: bool = False
    running: "asyncio.Task[Outcome] | None" = None

    @property
    def waits(self) -> bool:
        """Whether its turn has not come, or it is not known yet what the workbook holds: nothing was written."""
        return self.rows is None

    def note(self, _: Counts, rows: int) -> None:
        """Hear how far the import is; end it if somebody wants that."""
        self.rows = rows
        if self.cancelled or self.stopped:
            raise Ended("The import was cancelled.")

    def cancel(self) -> None:
        """End the import because somebody wants that: at once if it waits, else after the rows that it is writing."""
        self._leave()
        self.cancelled = True

    def stop(self) -> None:
        """End it because the server stops, or another worker takes it for dead."""
        self._leave()
        self.stopped = True

    def _leave(self) -> None:
        if self.waits and self.running is not None and not (self.cancelled or self.stopped):
            self.running.cancel()


@dataclass(frozen=True, slots=True)
class Asked:
    """What an import was asked to do."""

    kind: str
    file_name: str
    dry_run: bool
    errors_file: bool


class Jobs:
    """The import jobs of all organizations; those of this process run here.

    Args:
        store: Where jobs are kept.
        importer: Who runs imports.
        exporter: Who writes the workbooks that go back.
        folder: Where these are kept until they are forgotten with their jobs; shared by the workers of one machine.
    """

    def __init__(self, store: Store, importer: Importer, exporter: Exporter, folder: Path) -> None:
        self._store = store
        self._importer = importer
        self._exporter = exporter
        self._folder = folder
        self._running: dict[str, tuple[asyncio.Task[None], _Live]] = {}
        self._purged: dict[str, float] = {}
        self._closing = False

    async def start(self, caller: Caller, asked: Asked, upload: IO[bytes], handler: Handler) -> Document:
        """Start an import; the job as it is shown. The upload is closed when it is done.

        Raises TooMany where too many wait already; then the upload is still the caller's.
        """
        if len(self._running) >= MOST_WAITING or self._closing:
            raise TooMany("Many imports are waiting; try again in a minute.", retry_after=60)
        records = self._records(caller)
        await self._forget_old(records.repository)
        fields = {
            "type": asked.kind,
            "fileName": asked.file_name,
            "state": "queued",
            "dryRun": asked.dry_run,
            "progress": _progress(_Live()),
            "callerId": caller.id,
        }
        stored = await records.create(fields)
        if stored.revision > 1:  # a repeated request, whose first one got as far as a job
            upload.close()
            return await self.get(caller, stored.id)
        live = _Live()
        task = asyncio.create_task(self._work(caller, stored, asked, upload, handler, live))
        self._running[stored.id] = (task, live)
        task.add_done_callback(lambda _: self._running.pop(stored.id, None))
        return self._shown(stored)

    async def get(self, caller: Caller, id_: str) -> Document:
        """A job as it is shown. Raises NotFound, for those of others too unless an admin asks."""
        return self._shown(await self._find(caller, id_))

    async def cancel(self, caller: Caller, id_: str) -> Document:
        """Ask a job to end after the rows that it is writing; those that are written stay. Raises Refused if it has."""
        stored = await self._find(caller, id_)
        if stored["state"] in FINAL:
            raise Refused("This import has ended already.")
        await self._records(caller).change(id_, lambda document: {**document, "cancelRequested": True})
        if found := self._running.get(id_):
            task, live = found
            live.cancel()
            if live.waits:
                await asyncio.wait([task], timeout=BEAT)
        return await self.get(caller, id_)

    async def events(self, caller: Caller, id_: str) -> AsyncIterator[bytes]:
        """The job each time that it has changed, as server-sent events, until it ends."""
        said = b""
        quiet = time.monotonic()
        end = quiet + STREAM_SECONDS
        while time.monotonic() < end and not self._closing:
            job = await self.get(caller, id_)
            final = job["state"] in FINAL
            text = orjson.dumps({name: value for name, value in job.items() if not name.startswith("lastModified")})
            if text != said:
                said, quiet = text, time.monotonic()
                yield b"event: %b\ndata: %b\n\n" % (b"end" if final else b"progress", orjson.dumps(job))
            elif time.monotonic() - quiet > 15:
                quiet = time.monotonic()
                yield b": still here\n\n"
            if final:
                return
            await asyncio.sleep(GLANCE)

    async def errors_path(self, caller: Caller, id_: str) -> Path:
        """The workbook with the Errors column. Raises NotFound where there is none."""
        stored = await self._find(caller, id_)
        path = self._path(caller.organization, id_)
        if not stored["hasErrorsFile"] or not await asyncio.to_thread(path.exists):
            raise NotFound(
                "This import has no errors file: it is made with errorsFile=true where rows fail, and kept for a week."
            )
        return path

    async def close(self) -> None:
        """End the jobs of this process, before the store is closed; they are marked so that they can be repeated."""
        self._closing = True
        running = list(self._running.values())
        for _, live in running:
            live.stop()
        tasks = [task for task, _ in running]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=10)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _records(self, caller: Caller) -> Records:
        return Records(self._store.repository(IMPORTS, caller.organization), "import", caller.label)

    async def _find(self, caller: Caller, id_: str) -> Stored:
        records = self._records(caller)
        stored = await records.get(id_)
        if caller.role != "admin" and stored["callerId"] != caller.id:
            raise NotFound(f"There is no import with the id {id_}.")
        if stored["state"] not in FINAL and _age(stored) > SILENCE and id_ not in self._running:
            ended = {"state": "abandoned", "message": _ABANDONED, "finished": now()}
            try:
                stored = await records.replace(stored, {**stored.document, **ended})
            except Changed:  # it lives, or another worker was faster
                stored = await records.get(id_)
        return stored

    def _shown(self, stored: Stored) -> Document:
        shown = {name: value for name, value in stored.document.items() if name not in _HIDDEN}
        if stored["hasErrorsFile"]:
            shown["errorsFile"] = f"/api/v1/imports/{stored.id}/errorsfile"
        return shown

    def _path(self, organization: str, id_: str) -> Path:
        return self._folder / organization / f"{id_}.xlsx"

    async def _work(
        self, caller: Caller, stored: Stored, asked: Asked, upload: IO[bytes], handler: Handler, live: _Live
    ) -> None:
        beating = asyncio.create_task(self._beat(caller, stored.id, live))
        try:
            fields = await self._result(caller, stored.id, asked, upload, handler, live)
        finally:
            upload.close()
            beating.cancel()
            await asyncio.wait([beating])
        with contextlib.suppress(BrassleafError):  # the store is down: the job will be found abandoned
            await self._records(caller).change(
                stored.id,
                lambda document: {**document, **fields, "progress": _progress(live), "finished": now()},
            )

    async def _result(
        self, caller: Caller, id_: str, asked: Asked, upload: IO[bytes], handler: Handler, live: _Live
    ) -> Document:
        """Run the import; the fields that its job ends with."""
        errors_to = self._exporter if asked.errors_file else None
        live.running = asyncio.create_task(
            self._importer.run(
                upload,
                handler,
                caller.label,
                dry_run=asked.dry_run,
                errors_to=errors_to,
                progress=live.note,
                waits=True,
                tally=live.tally,
            )
        )
        try:
            outcome = await live.running
        except (Ended, asyncio.CancelledError):
            this = asyncio.current_task()
            if this is not None and this.cancelling():  # the server does not wait any longer
                raise
            if live.cancelled:
                text = f"The import was cancelled. {live.tally.counts.as_text(dry_run=asked.dry_run)}"
                return _unfinished("cancelled", text, live, asked)
            return _unfinished("abandoned", _ABANDONED, live, asked)
        except BrassleafError as error:
            return _unfinished("failed", error.message, live, asked, error.errors)
        except Exception:
            log.exception("import %s failed", id_)
            text = f"Something went wrong in the server. Tell its operator the id {id_}."
            return _unfinished("failed", text, live, asked)
        found: Document = {"state": "done", "message": outcome.report["message"], "report": outcome.report}
        if outcome.errors_file is not None:
            try:
                await save(outcome.errors_file, self._path(caller.organization, id_))
                found["hasErrorsFile"] = True
            except OSError as error:
                log.exception("the errors file of import %s could not be written", id_)
                outcome.report["warnings"].append(no_errors_file(error))
        return found

    async def _beat(self, caller: Caller, id_: str, live: _Live) -> None:
        """Write how far a job is, and learn whether it shall end."""
        records = self._records(caller)
        while True:
            with contextlib.suppress(BrassleafError):
                before = await records.get(id_)
                if before["cancelRequested"]:
                    live.cancel()
                if before["state"] in FINAL:
                    live.stop()
                    return
                state = "queued" if live.rows is None else "running"
                await records.replace(before, {**before.document, "state": state, "progress": _progress(live)})
            await asyncio.sleep(BEAT)

    async def _forget_old(self, repository: Repository) -> None:
        """Once an hour, forget an organization's jobs and errors files that are older than a week."""
        organization = repository.organization
        if time.monotonic() < self._purged.get(organization, 0.0):
            return
        self._purged[organization] = time.monotonic() + _PURGE_SECONDS
        oldest = datetime.now(UTC) - LIFE
        await repository.purge(Range("created", at_most=oldest.strftime("%Y-%m-%dT%H:%M:%S.000Z")))
        await asyncio.to_thread(_remove_old, self._folder / organization, oldest.timestamp())


def _unfinished(state: str, message: str, live: _Live, asked: Asked, errors: Sequence[FieldError] = ()) -> Document:
    """The fields of a job that did not come to its end: why, and what became of the rows before."""
    found: Document = {"state": state, "message": message}
    if errors:
        found["errors"] = [asdict(error) for error in errors]
    if live.tally.counts.done:
        found["report"] = live.tally.report(dry_run=asked.dry_run)
    return found


def _progress(live: _Live) -> Document:
    return {"rows": live.rows, "done": live.tally.counts.done, **asdict(live.tally.counts)}


def _age(stored: Stored) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(str(stored["lastModified"]))


def _remove_old(folder: Path, oldest: float) -> None:
    for path in folder.glob("*") if folder.is_dir() else ():
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()

"""The merge: rows come from the child process in batches, and each becomes created, updated, unchanged or failed.

Batch by batch: the handler plans, the documents that are there are read at once and compared. What is new or changed is
written a few batches at a time, because the store writes a page of an index once a commit, however many rows change it;
meanwhile the next batches are read and planned. Whatever was written is complete in itself, so that an import that ends
in the middle is completed by importing the file again.
"""

import asyncio
import contextlib
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Literal

import orjson

from brassleaf.errors import BrassleafError, Refused
from brassleaf.imports.comparing import Comparing
from brassleaf.imports.errors_file import errors_file
from brassleaf.imports.handlers import Change, Concluding, Handler, Needed, Row
from brassleaf.imports.report import Counts, Problem, Tally, no_errors_file
from brassleaf.sheets import cells
from brassleaf.sheets.export import Exporter, SheetFile
from brassleaf.sheets.reading import RawRow, Reader, Reading
from brassleaf.store.collections import Document
from brassleaf.store.port import Changed, Duplicate, Stored
from brassleaf.store.records import TRIES, now, pause

logger = logging.getLogger(__name__)

_COMMIT_ROWS = 2_000  # rows that are written together,
_COMMIT_SECONDS = 1.0  # or those of so much time
_JOB_PATIENCE = 3_600.0

Fate = Literal["created", "updated", "unchanged", "failed"]
#: Called before the first row and after each batch, with the counts so far and about how many rows there are; may raise
#: to end the import.
Progress = Callable[[Counts, int], None]


class Ended(BrassleafError):
    """The import was told to end; what it had written stays."""


@dataclass(slots=True)
class Outcome:
    """What an import did; the workbook with the Errors column, where it was asked for and rows failed."""

    report: dict[str, Any]
    errors_file: SheetFile | None = None

    @property
    def failed(self) -> int:
        """How many rows failed."""
        found: int = self.report["failed"]
        return found


#: A row and what it asks for.
_Planned = tuple[Row, Change]


@dataclass(slots=True)
class _Write:
    """A document that a row makes: in the place of `before`, or where there is none."""

    row: Row
    change: Change
    before: Stored | None
    document: Document
    fate: Fate


@dataclass(slots=True)
class _Batch:
    """The rows that are settled together: what became of each by its number, what is to be written, what went wrong."""

    outcomes: dict[int, Fate] = field(default_factory=dict)
    writes: list[_Write] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def full(self) -> bool:
        """Whether it is time to write."""
        return len(self.outcomes) >= _COMMIT_ROWS or time.monotonic() - self.began > _COMMIT_SECONDS


@dataclass(slots=True)
class _Run:
    """One import on its way."""

    handler: Handler
    by: str
    dry_run: bool
    failures: IO[bytes] | None
    headers: dict[str, str]
    comparing: Comparing
    tally: Tally
    seen: dict[bytes, int] = field(default_factory=dict)
    needed: set[str] = field(default_factory=set)

    @property
    def counts(self) -> Counts:
        """Rows so far."""
        return self.tally.counts


class Importer:
    """Runs imports; one for each process of the server."""

    def __init__(self, reader: Reader | None = None) -> None:
        self.reader = reader or Reader()

    async def run(
        self,
        file: IO[bytes],
        handler: Handler,
        by: str,
        *,
        dry_run: bool = False,
        errors_to: Exporter | None = None,
        progress: Progress | None = None,
        waits: bool = False,
        tally: Tally | None = None,
    ) -> Outcome:
        """Import an open workbook. `by` is who does it; `waits` for its turn as long as that takes.

        `tally` is kept up to date, for one who wants to know what was done also when this raises.

        `errors_to` writes the workbook with the Errors column. It is made in the turn of the import, and where it
        cannot be made the report says so: the rows are imported.

        Raises:
            Refused: The workbook cannot be read; when that shows in the middle, what was imported stays.
            TooMany: Other imports have been running for too long; nothing was done.
            Ended: `progress` said so.
        """
        with contextlib.ExitStack() as closing:
            failures = None if errors_to is None else closing.enter_context(tempfile.TemporaryFile())
            headers = {column.field: column.header for column in handler.sheet.columns}
            run = _Run(handler, by, dry_run, failures, headers, Comparing(handler.sheet), tally or Tally())
            async with self.reader.turn(_JOB_PATIENCE if waits else None):
                made = await self._merged(run, file, progress)
                if errors_to is None or failures is None or not run.counts.failed:
                    return Outcome(made)
                try:
                    back = await errors_file(self.reader, errors_to, file, handler.sheet, failures)
                except (BrassleafError, OSError) as error:
                    logger.warning("an errors file could not be made", exc_info=True)
                    made["warnings"].append(no_errors_file(error))
                    return Outcome(made)
                return Outcome(made, back)

    async def _merged(self, run: _Run, file: IO[bytes], progress: Progress | None) -> dict[str, Any]:
        """Do all rows; the report."""
        try:
            async with self.reader.read(file, run.handler.sheet) as reading:
                await _work(run, reading, progress)
                warnings = reading.warnings
        except Refused as error:
            if type(error) is Refused and run.counts.done:
                text = "What was imported before stays; correct the workbook and import it again."
                counted = run.counts.as_text(dry_run=run.dry_run)
                refused = Refused(f"{error.message} {counted} {text}", error.errors)
                refused.more = {"report": run.tally.report(dry_run=run.dry_run)}
                raise refused from error
            raise
        made = run.tally.report(warnings, dry_run=run.dry_run)
        if isinstance(run.handler, Concluding):
            more = await run.handler.conclude(dry_run=run.dry_run)
            made = {**made, **more, "warnings": [*made["warnings"], *more.get("warnings", ())]}
        return made


async def _work(run: _Run, reading: Reading, progress: Progress | None) -> None:
    writing: asyncio.Task[None] | None = None
    batch = _Batch()
    if progress is not None:
        progress(run.counts, reading.head.rows)
    try:
        async for raw in reading:
            planned = await _planned(run, batch, raw)
            await asyncio.sleep(0)  # all this may have waited for nothing: let others have their turn
            await _compare(run, batch, planned)
            await asyncio.sleep(0)
            if not batch.full:
                continue
            if writing is not None:
                await writing
            if progress is not None:
                progress(run.counts, reading.head.rows)
            writing = asyncio.create_task(_settle(run, batch))
            batch = _Batch()
        if writing is not None:
            await writing
        writing = asyncio.create_task(_settle(run, batch))
        await writing
        writing = None
        if progress is not None:
            progress(run.counts, reading.head.rows)
    finally:
        if writing is not None:
            await asyncio.wait([writing])  # a write is not ended half-way; its own error is second to the present one
            if not writing.cancelled():
                writing.exception()


# Planning


async def _planned(run: _Run, batch: _Batch, raw: Sequence[RawRow]) -> list[_Planned]:
    """What rows ask for; those with problems are left out."""
    found: list[_Planned] = []
    rows: list[Row] = []
    for number, values, problems in raw:
        if problems:
            batch.problems += [Problem(number, *problem) for problem in problems]
            batch.outcomes[number] = "failed"
        else:
            rows.append(Row(number, values))
    if not rows:
        return found
    for row, change in zip(rows, await run.handler.plan(rows), strict=True):
        if isinstance(change, Refused):
            _fail(run, batch, row, change)
            continue
        found.append((row, change))
    return found


def _fail(run: _Run, batch: _Batch, row: Row, error: Refused) -> None:
    batch.outcomes[row.number] = "failed"
    if not error.errors:
        batch.problems.append(Problem(row.number, None, None, error.message))
    for entry in error.errors:
        name = entry.field if entry.field in run.headers else entry.field.split("[", 1)[0]
        value = row.values.get(name)
        shown = None if value is None else cells.show(value)
        batch.problems.append(Problem(row.number, run.headers.get(name, entry.field), shown, entry.message))


# Comparing


async def _compare(run: _Run, batch: _Batch, rows: Sequence[_Planned]) -> None:
    """Compare what rows ask for with what is there."""
    there = await run.handler.repository.get_many([change.id for _, change in rows])
    moment = now()
    for row, change in rows:
        key = bytes.fromhex(change.id)
        if key in run.seen:
            _fail(run, batch, row, Refused(f"Row {run.seen[key]} is about the same. Leave one of them out."))
            continue
        made = _made(run, batch, row, change, there.get(change.id), moment)
        if made is not None:
            batch.writes.append(made)
        if batch.outcomes.setdefault(row.number, "unchanged" if made is None else made.fate) != "failed":
            run.seen[key] = row.number  # one that cannot be is not about anything


def _made(run: _Run, batch: _Batch, row: Row, change: Change, before: Stored | None, moment: str) -> _Write | None:
    """The document that a row makes, or None where nothing changes or it cannot be."""
    live = before is not None and not before["deleted"]
    try:
        made = change.apply(before.document if before is not None and live else None)
    except Refused as error:
        _fail(run, batch, row, error)
        return None
    if before is None or not live:
        return _Write(row, change, before, _new(made, change.id, run.by, moment), "created")
    document = run.comparing.settled(before.document, made)
    if document is before.document:
        return None
    touched = {**document, "_id": before.id, "lastModified": moment, "lastModifiedBy": run.by}
    return _Write(row, change, before, touched, "updated")


def _new(fields: Document, id_: str, by: str, moment: str) -> Document:
    audit = {"created": moment, "createdBy": by, "lastModified": moment, "lastModifiedBy": by, "deleted": False}
    return {**fields, "_id": id_, **audit}


# Writing


async def _settle(run: _Run, batch: _Batch) -> None:
    """Write what differs, then count."""
    if batch.writes and not run.dry_run:
        await _write(run, batch)
    found = Counter(batch.outcomes.values())
    run.counts.created += found["created"]
    run.counts.updated += found["updated"]
    run.counts.unchanged += found["unchanged"]
    run.counts.failed += found["failed"]
    if isinstance(run.handler, Concluding):
        run.handler.settled(batch.outcomes)
    _note(run, batch)


async def _write(run: _Run, batch: _Batch) -> None:
    repository, writes = run.handler.repository, batch.writes
    moment = now()  # of the writing, however long it had to wait for the batch before it
    for entry in writes:
        entry.document["lastModified"] = moment
        if entry.fate == "created":
            entry.document["created"] = moment
    await _make_needed(run, [entry.change for entry in writes])
    if new := [entry for entry in writes if entry.before is None]:
        inserted = await repository.insert_many([entry.document for entry in new])
        for entry, result in zip(new, inserted, strict=True):
            if isinstance(result, Duplicate):
                await _again(run, batch, entry, result)
    if changed := [(entry, entry.before, entry.document) for entry in writes if entry.before is not None]:
        replaced = await repository.replace_many([(before, document) for _, before, document in changed])
        for (entry, _, _), answer in zip(changed, replaced, strict=True):
            if isinstance(answer, Changed | Duplicate):
                await _again(run, batch, entry, answer)


async def _again(run: _Run, batch: _Batch, lost: _Write, error: Changed | Duplicate) -> None:
    """Write one row whose document was made or changed by somebody else in the meantime."""
    repository, row, change = run.handler.repository, lost.row, lost.change
    for attempt in range(TRIES):
        before = await repository.get(change.id)
        if isinstance(error, Duplicate) and (before is None or lost.before is not None):
            # the document's own id is free, or it had it already: another one holds a unique key
            _fail(run, batch, row, run.handler.taken(error.label, row))
            return
        del batch.outcomes[row.number]
        made = _made(run, batch, row, change, before, now())
        batch.outcomes.setdefault(row.number, "unchanged" if made is None else made.fate)
        if made is None:
            return
        try:
            if made.before is None:
                await repository.insert(made.document)
            else:
                await repository.replace(made.before, made.document)
        except (Changed, Duplicate) as other:
            lost, error = made, other
            await pause(attempt)
            continue
        return
    _fail(run, batch, row, Refused("Others change this document all the time. Import the row again."))


async def _make_needed(run: _Run, changes: Sequence[Change]) -> None:
    """Make the documents that others need and that are not there."""
    wanted: dict[str, Needed] = {}
    for change in changes:
        for entry in change.first:
            if entry.id not in run.needed:
                wanted[entry.id] = entry
    by_repository: dict[int, list[Needed]] = {}
    for entry in wanted.values():
        by_repository.setdefault(id(entry.repository), []).append(entry)
    for group in by_repository.values():
        documents = [_new(entry.fields, entry.id, run.by, now()) for entry in group]
        await group[0].repository.insert_many(documents)
    run.needed.update(wanted)


def _note(run: _Run, batch: _Batch) -> None:
    """Keep the problems of a batch, by row."""
    batch.problems.sort(key=lambda problem: problem.row)
    run.tally.note(batch.problems)
    if run.failures is not None:
        texts: dict[int, list[str]] = {}
        for problem in batch.problems:
            texts.setdefault(problem.row, []).append(problem.message)
        for row, messages in texts.items():
            run.failures.write(orjson.dumps([row, "\n".join(messages)]) + b"\n")

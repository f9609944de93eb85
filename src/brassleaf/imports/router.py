"""The endpoint of each import, and those of the jobs that run beside their requests."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any

import orjson
from fastapi import Header
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from brassleaf.errors import Refused
from brassleaf.http import answers
from brassleaf.http.fields import Id
from brassleaf.http.forms import check_names, form_of, form_schema, together, unknown_fields
from brassleaf.http.models import Sent
from brassleaf.http.problems import MEDIA_TYPE, header_text
from brassleaf.imports.engine import Importer
from brassleaf.imports.handlers import Handler
from brassleaf.imports.jobs import Asked, Jobs
from brassleaf.imports.report import ImportJob, ImportReport
from brassleaf.security.caller import Caller
from brassleaf.security.replays import HEADER as IDEMPOTENCY
from brassleaf.security.roles import STAFF, Allowed
from brassleaf.security.rooms import API, CallerOf, House, Room, UploadOf
from brassleaf.sheets.export import Exporter
from brassleaf.store.port import Store

EVENTS = "text/event-stream"
REPORT_HEADER = "X-Import-Report"

_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}

Prefer = Annotated[
    str | None,
    Header(alias="Prefer", description="`respond-async`: answer 202 at once with a job to follow."),
]


class ImportOptions(Sent):
    """What every import understands, in the query string or in the form beside the file."""

    dryRun: bool = Field(default=False, description="Report what would happen, write nothing.")
    errorsFile: bool = Field(
        default=False,
        description="Where rows fail, answer with the workbook and a column Errors; its counts are in X-Import-Report.",
    )


@dataclass(frozen=True, slots=True)
class Imports:
    """What the endpoints of imports share; one for each process of the server."""

    importer: Importer
    jobs: Jobs
    exporter: Exporter


def make_imports(store: Store, exporter: Exporter, folder: Path, importer: Importer | None = None) -> Imports:
    """The import service of an application; `folder` is for the workbooks that go back."""
    importer = importer or Importer()
    return Imports(importer, Jobs(store, importer, exporter, folder), exporter)


def import_route(
    room: Room,
    path: str,
    imports: Imports,
    kind: str,
    *,
    allow: Allowed,
    handler: Callable[[Caller], Handler] | Callable[[Caller, Any], Handler],
    operation: str,
    about: str,
    form: type[BaseModel] | None = None,
    answers_with: type[ImportReport] = ImportReport,
) -> None:
    """Declare the import of a resource. `kind` names it in jobs, `about` is its sentence in the documentation.

    `form` are further fields that may come beside the file in its form, or in the query string: `handler` gets them as
    its second argument. A name that is almost one of these is refused, since an import that was meant to be a dry run
    cannot be taken back; any other that is not known is named in X-Unknown-Fields.
    """
    models: list[type[BaseModel]] = [ImportOptions, *([] if form is None else [form])]

    async def load(caller: CallerOf, upload: UploadOf, *, prefer: Prefer = None, request: Request) -> Response:
        said = together(request.query_params.multi_items(), upload.fields)
        check_names(models, said)
        options = form_of(ImportOptions, said)
        beside = _prefers_async(prefer)
        if options.errorsFile and IDEMPOTENCY in request.headers and not beside:
            text = f"A file is not kept for repeated requests: leave out {IDEMPOTENCY}, or send Prefer: respond-async."
            raise Refused.field("errorsFile", text)
        asked = Asked(kind, upload.name, options.dryRun, options.errorsFile)
        make: Callable[..., Handler] = handler
        chosen = make(caller) if form is None else make(caller, form_of(form, said))
        if beside:
            job = await imports.jobs.start(caller, asked, upload.file, chosen)
            upload.keep()
            headers = {"Location": f"{API}/imports/{job['_id']}", "Preference-Applied": "respond-async"}
            response = answers.json_answer(job, 202, headers)
        else:
            response = await _answered(imports, caller, asked, upload.file, chosen)
        if names := unknown_fields(models, said):
            response.headers["X-Unknown-Fields"] = header_text(names)
        return response

    load.__doc__ = f"""{about}

    A merge: a column that is absent leaves its field alone, a blank cell too, `__clear__` clears it. Good rows are kept
    when others fail; the report names row, column, value and reason. Importing the same file again changes nothing.
    Columns are found by their headers, in any order; start from the template. At most 200,000 rows.
    """
    room.upload(
        path,
        allow=allow,
        answers=answers_with,
        operation=operation,
        form={name: schema for model in models for name, schema in form_schema(model).items()},
        query=tuple(ImportOptions.model_fields),
        responses={
            200: {
                "description": "What became of the rows; with `errorsFile`, the workbook where some failed.",
                "content": {answers.XLSX: {"schema": {"type": "string", "format": "binary"}}},
                "headers": {REPORT_HEADER: {"schema": {"type": "string"}, "description": "The counts, as JSON."}},
            },
            202: {
                "description": "The import runs; follow it at the address in Location. A repeated request is answered "
                "as the first one was, whatever has become of the job.",
                "model": ImportJob,
                "headers": {"Location": {"schema": {"type": "string"}}},
            },
            429: {"description": "Other imports are running; see Retry-After.", "content": _PROBLEM},
        },
    )(load)


async def _answered(imports: Imports, caller: Caller, asked: Asked, file: IO[bytes], handler: Handler) -> Response:
    errors_to = imports.exporter if asked.errors_file else None
    outcome = await imports.importer.run(file, handler, caller.label, dry_run=asked.dry_run, errors_to=errors_to)
    made = outcome.errors_file
    if made is None:
        return answers.json_answer(outcome.report)
    response = answers.file_stream(aiter(made), made.size, answers.XLSX, f"{asked.kind}-errors.xlsx")
    counts = {name: outcome.report[name] for name in ("created", "updated", "unchanged", "failed", "dryRun")}
    response.headers[REPORT_HEADER] = orjson.dumps(counts).decode()
    return response


def _prefers_async(prefer: str | None) -> bool:
    """Whether `Prefer` (RFC 7240) has the preference respond-async."""
    return any(part.split(";")[0].strip().lower() == "respond-async" for part in (prefer or "").split(","))


def room(house: House, jobs: Jobs) -> Room:
    """Imports that run beside their requests: how far they are, cancel, errors file."""
    room = Room(house, "Import")

    @room.get("/imports/{jobId}", allow=STAFF, answers=ImportJob)
    async def get_import(caller: CallerOf, jobId: Id) -> Response:
        """How far an import is, and its report when it is done. Kept for a week."""
        return answers.json_answer(await jobs.get(caller, jobId))

    @room.get("/imports/{jobId}/events", allow=STAFF, answers=bytes, produces=[EVENTS])
    async def get_import_events(caller: CallerOf, jobId: Id) -> Response:
        """The import each time that it has changed, as server-sent events: `progress`, at last `end`."""
        await jobs.get(caller, jobId)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(jobs.events(caller, jobId), 200, headers, EVENTS)

    @room.get("/imports/{jobId}/errorsfile", allow=STAFF, answers=bytes, produces=[answers.XLSX])
    async def get_import_errors_file(caller: CallerOf, jobId: Id) -> Response:
        """The workbook that was imported, with a column Errors; where it was asked for and rows failed."""
        path = await jobs.errors_path(caller, jobId)
        headers = {"Content-Disposition": answers.attachment("errors.xlsx")}
        return FileResponse(path, 200, headers, answers.XLSX)

    @room.post("/imports/{jobId}/cancel", allow=STAFF, answers=ImportJob, operation="postImportCancel")
    async def cancel_import(caller: CallerOf, jobId: Id) -> Response:
        """End an import: one that waits at once, one that runs after the rows that it is writing; written ones stay."""
        return answers.json_answer(await jobs.cancel(caller, jobId))

    return room

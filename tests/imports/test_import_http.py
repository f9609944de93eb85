"""The endpoints: upload, report, errors file, jobs with their events, and what a bad upload is answered."""

import contextlib
import io
import socket
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import foreign
import httpx
import openpyxl
import orjson
import pytest
import uvicorn
from foreign import book
from partshop import PartImport, make_app

from brassleaf.errors import Refused, TooMany
from brassleaf.imports import Row, jobs
from brassleaf.imports.engine import Importer
from brassleaf.security import replays
from brassleaf.security.caller import Caller
from brassleaf.sheets.export import Exporter
from brassleaf.sheets.reading import Reader
from brassleaf.store.port import Stored

PATH = "/api/v1/parts/import"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GOOD = book([["Part number", "Price"], ["A", 1], ["B", 2]])
MIXED = book([["Part number", "Price"], ["A", 1], ["B", "1,234"]])


@contextlib.contextmanager
def served(folder: Path, **options: Any) -> Iterator[httpx.Client]:
    app = make_app(folder, **options)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=60, trust_env=False
        ) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with served(tmp_path_factory.mktemp("shop")) as made:
        yield made


def form(content: bytes, name: str = "parts.xlsx") -> dict[str, Any]:
    return {"files": {"file": (name, content, XLSX)}}


def test_an_upload_is_imported_and_reported(client: httpx.Client) -> None:
    own = {"x-organization": "1" * 24}
    response = client.post(PATH, **form(GOOD), headers=own)
    assert response.status_code == 200, response.text
    assert response.json() == {
        "message": "2 created, 0 updated, 0 unchanged, 0 failed.",
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "failed": 0,
        "dryRun": False,
        "errors": [],
        "warnings": [],
    }
    again = client.post(PATH, content=GOOD, headers={**own, "Content-Type": XLSX})
    assert again.json()["unchanged"] == 2
    other = client.post(PATH, **form(GOOD), headers={"x-organization": "2" * 24}, params={"dryRun": "true"})
    assert other.json()["created"] == 2
    assert other.json()["dryRun"]


@pytest.mark.parametrize(
    ("form_fields", "query"),
    [
        ({"dryRun": "true"}, {}),
        ({"dryRun": "1"}, {}),
        ({}, {"dryRun": "true"}),
        ({"dryRun": "yes"}, {"dryRun": "true"}),
    ],
)
def test_a_dry_run_is_asked_for_in_the_form_or_in_the_query(
    client: httpx.Client, form_fields: dict[str, str], query: dict[str, str]
) -> None:
    own = {"x-organization": "8" * 24}
    response = client.post(PATH, **form(GOOD), data=form_fields, params=query, headers=own)
    assert (response.status_code, response.json()["dryRun"], response.json()["created"]) == (200, True, 2)
    assert "x-unknown-fields" not in response.headers
    again = client.post(PATH, **form(GOOD), params={"dryRun": "true"}, headers=own)
    assert again.json()["created"] == 2, "the dry run wrote"


def test_an_errors_file_is_asked_for_in_the_form(client: httpx.Client) -> None:
    response = client.post(PATH, **form(MIXED), data={"errorsFile": "true"})
    assert response.headers["content-type"] == XLSX


def test_a_job_reads_the_form_too(client: httpx.Client) -> None:
    headers = {"x-organization": "9" * 24, "Idempotency-Key": "job-1"}
    data = {"dryRun": "true", "errorsFile": "true", "note": "x"}
    response = client.post(PATH, **form(MIXED), data=data, headers={**ASYNC, **headers})
    assert (response.status_code, response.headers["x-unknown-fields"]) == (202, "note")
    job = ended(client, response.headers["location"], headers=headers)
    assert (job["dryRun"], job["report"]["dryRun"], job["report"]["failed"]) == (True, True, 1)
    assert client.get(job["errorsFile"], headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("form_fields", "query", "field"),
    [
        ({"dryrun": "true"}, {}, "dryrun"),
        ({}, {"dryrun": "true"}, "dryrun"),
        ({}, {"DryRun": "false"}, "DryRun"),
        ({"dry_run": "true"}, {}, "dry_run"),
        ({"dryRun[]": "true"}, {}, "dryRun[]"),
        ({"dryRun[x]": "true"}, {}, "dryRun[x]"),
        ({"params[dryRun]": "true"}, {}, "params[dryRun]"),
        ({"ErrorsFile": "true"}, {}, "ErrorsFile"),
        ({"dryRun": "perhaps"}, {}, "dryRun"),
        ({"dryRun": ""}, {}, "dryRun"),
        ({"dryRun": "true"}, {"dryRun": "false"}, "dryRun"),
        ({}, {"dryRun": ["true", "false"]}, "dryRun"),
        ({"dryRun": ["false", "true"]}, {}, "dryRun"),
    ],
)
def test_what_may_have_meant_a_dry_run_is_no_import(
    client: httpx.Client, form_fields: dict[str, Any], query: dict[str, Any], field: str
) -> None:
    own = {"x-organization": "c" * 24}
    response = client.post(PATH, **form(GOOD), data=form_fields, params=query, headers=own)
    assert response.status_code == 400, response.text
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert client.post(PATH, **form(GOOD), params={"dryRun": "true"}, headers=own).json()["created"] == 2


def test_fields_and_parameters_that_nothing_knows_are_named(client: httpx.Client) -> None:
    response = client.post(PATH, **form(GOOD), data={"note": "x", "zz[a]": "1"}, params={"yy": "1", "page": "2"})
    assert response.status_code == 200
    assert response.headers["x-unknown-fields"] == "note, zz[a], yy, page"
    assert "x-unknown-fields" not in client.post(PATH, **form(GOOD)).headers


def test_rows_that_fail_are_named(client: httpx.Client) -> None:
    found = client.post(PATH, **form(MIXED), headers={"x-organization": "3" * 24}).json()
    assert found["failed"] == 1
    assert found["errors"] == [
        {
            "row": 3,
            "column": "Price",
            "value": "1,234",
            "reason": "1,234 may mean 1234 or 1.234. Make it a number in Excel, or write 1234 or 1,2340.",
            "message": "Price: 1,234 may mean 1234 or 1.234. Make it a number in Excel, or write 1234 or 1,2340.",
        }
    ]


def test_the_workbook_comes_back_with_an_errors_column(client: httpx.Client) -> None:
    response = client.post(PATH, **form(MIXED), params={"errorsFile": "true"})
    assert response.headers["content-type"] == XLSX
    assert orjson.loads(response.headers["x-import-report"])["failed"] == 1
    page = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    assert page["A3"].value.startswith("Price: 1,234 may mean")
    good = client.post(PATH, **form(GOOD), params={"errorsFile": "true"})
    assert good.headers["content-type"] == "application/json"
    refused = client.post(PATH, **form(MIXED), params={"errorsFile": "true"}, headers={"Idempotency-Key": "k1"})
    assert refused.status_code == 400


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ({}, 415, 'in a part named "file"'),
        ({"json": {}}, 415, 'in a part named "file"'),
        ({"data": {"note": "x"}, "files": {"other": ("a", b"x")}}, 400, 'in a part named "file"'),
        ({"files": [("file", ("a", GOOD)), ("file", ("b", GOOD))]}, 400, "one file at a time"),
        ({"files": [(f"f{n}", ("a", b"x")) for n in range(30)]}, 400, "at most 20 parts"),
        ({"content": b"", "headers": {"Content-Type": XLSX}}, 400, 'in a part named "file"'),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400, "boundary"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, 400, "not the form"),
        ({"content": b"x" * 3_100_000, "headers": {"Content-Type": XLSX}}, 413, "3,000,000"),
        (form(b"x" * 3_001_000), 413, "3,000,000"),
        (form(b"Part number;Price"), 400, "text, such as CSV"),
        (form(b""), 400, "is empty"),
    ],
)
def test_a_bad_upload_is_answered_in_a_sentence(
    client: httpx.Client, options: dict[str, Any], status: int, words: str
) -> None:
    response = client.post(PATH, **options)
    assert (response.status_code, words in response.json()["message"]) == (status, True), response.text


def test_an_upload_without_a_length_is_bounded_too(client: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 100_000

    response = client.post(PATH, content=endless(), headers={"Content-Type": XLSX})
    assert response.status_code == 413


def test_a_form_that_is_cut_off(client: httpx.Client) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    response = client.post(PATH, content=head + GOOD, headers=headers)
    assert response.status_code == 400
    assert "cut off" in response.json()["message"]
    assert client.post(PATH, content=head + GOOD + b"\r\n--b--\r\n", headers=headers).status_code == 200


def test_a_client_that_goes_away_in_the_middle_of_its_upload(client: httpx.Client) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port)) as connection:
        connection.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {XLSX}\r\nContent-Length: 100000\r\n\r\n".encode()
            + GOOD[:50]
        )
    assert client.get("/health").status_code == 200


def test_an_idempotency_key_covers_the_file(client: httpx.Client) -> None:
    own = {"x-organization": "4" * 24, "Idempotency-Key": "key-1"}
    first = client.post(PATH, **form(GOOD), headers=own)
    assert client.post(PATH, **form(GOOD), headers=own).json() == first.json()
    assert client.post(PATH, **form(MIXED), headers=own).status_code == 409


def test_hostile_uploads_harm_no_other_request(client: httpx.Client) -> None:
    worst = [0.0]
    stop = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=client.base_url, trust_env=False, timeout=60) as other:
            while not stop.is_set():
                started = time.perf_counter()
                assert other.get("/health").status_code == 200
                worst[0] = max(worst[0], time.perf_counter() - started)
                stop.wait(0.01)

    names = ("a far corner", "a long text", "a bomb", "many texts", "a document type", "cut off", "macros")
    made = {name: file for name, (file, _) in foreign.hostile().items() if name in names}
    files = {name: file() if callable(file) else file for name, file in made.items()}
    asking = threading.Thread(target=ask)
    asking.start()
    begun = time.perf_counter()
    try:
        for name in names:
            response = client.post(PATH, **form(files[name]))
            assert response.status_code == 400, name
            assert response.headers["content-type"] == "application/problem+json"
    finally:
        stop.set()
        asking.join()
    # a machine that stands still for a moment is not what is meant
    assert worst[0] < max(2.0, (time.perf_counter() - begun) / 3)


def test_a_long_import_with_a_key_is_not_taken_for_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "ABANDONED", timedelta(seconds=1.5))
    headers = {"Idempotency-Key": "long"}
    with served(tmp_path, delay=4.0) as client, ThreadPoolExecutor(2) as pool:
        first = pool.submit(client.post, PATH, **form(GOOD), headers=headers)
        time.sleep(2.5)
        again = pool.submit(client.post, PATH, **form(GOOD), headers=headers)
        answers = [first.result(), again.result()]
    assert [answer.status_code for answer in answers] == [200, 200], [answer.text for answer in answers]
    assert ["idempotency-replayed" in answer.headers for answer in answers] == [False, True]
    assert answers[0].json()["created"] == 2
    assert answers[1].content == answers[0].content


# -- jobs -------------------------------------------------------------------------------------------------------------

ASYNC = {"Prefer": "respond-async, wait=1"}


def started(client: httpx.Client, content: bytes, **more: Any) -> str:
    headers = {**ASYNC, **more.pop("headers", {})}
    response = client.post(PATH, **form(content), headers=headers, **more)
    assert response.status_code == 202, response.text
    assert response.headers["preference-applied"] == "respond-async"
    assert response.json()["state"] == "queued"
    location: str = response.headers["location"]
    return location


def ended(client: httpx.Client, location: str, **options: Any) -> dict[str, Any]:
    return reached(client, location, jobs.FINAL, **options)


def reached(client: httpx.Client, location: str, states: Collection[str], **options: Any) -> dict[str, Any]:
    """The job as soon as it is in one of these states."""
    deadline = time.monotonic() + 60
    while True:
        job: dict[str, Any] = client.get(location, **options).json()
        if job["state"] in states:
            return job
        assert time.monotonic() < deadline, job
        time.sleep(0.02)


def test_a_job_runs_beside_its_request_and_tells_of_itself(client: httpx.Client) -> None:
    own = {"x-organization": "5" * 24}
    location = started(client, foreign.large(6_000), headers=own)
    events: list[tuple[str, Any]] = []
    with client.stream("GET", f"{location}/events", headers=own) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        kind = ""
        for line in stream.iter_lines():
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: "):
                events.append((kind, orjson.loads(line[6:])))
    assert events[-1][0] == "end"
    assert events[-1][1]["state"] == "done"
    assert events[-1][1]["report"]["created"] == 6_000
    assert events[-1][1]["progress"] == {
        "rows": 6_000, "done": 6_000, "created": 6_000, "updated": 0, "unchanged": 0, "failed": 0,
    }  # fmt: skip
    assert [kind for kind, _ in events[:-1]] == ["progress"] * (len(events) - 1)
    job = client.get(location, headers=own).json()
    assert job["type"] == "parts"
    assert job["fileName"] == "parts.xlsx"
    assert "callerId" not in job


def test_a_job_belongs_to_who_started_it_and_to_admins_of_the_organization(client: httpx.Client) -> None:
    location = started(client, GOOD, headers={"x-organization": "6" * 24})
    assert client.get(location, headers={"x-organization": "7" * 24}).status_code == 404
    assert client.get(location, headers={"x-organization": "6" * 24, "x-role": "regular"}).status_code == 404
    assert client.get(f"{location}/events", headers={"x-organization": "7" * 24}).status_code == 404
    assert ended(client, location, headers={"x-organization": "6" * 24})["state"] == "done"
    assert client.post(f"{location}/cancel", headers={"x-organization": "6" * 24}).status_code == 400


def test_a_job_of_a_bad_file_fails_in_a_sentence(client: httpx.Client) -> None:
    job = ended(client, started(client, b"no workbook at all"))
    assert job["state"] == "failed"
    assert job["message"] == "The file is text, such as CSV. Open it in Excel and save it as a workbook (.xlsx)."


def test_the_errors_file_of_a_job(client: httpx.Client) -> None:
    job = ended(client, started(client, MIXED, params={"errorsFile": "true"}))
    response = client.get(job["errorsFile"])
    assert response.headers["content-type"] == XLSX
    page = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    assert page["A3"].value.startswith("Price: 1,234 may mean")
    job = ended(client, started(client, MIXED))
    assert "errorsFile" not in job
    assert client.get(f"/api/v1/imports/{job['_id']}/errorsfile").status_code == 404


def test_a_job_is_cancelled_between_rows(tmp_path: Path) -> None:
    with served(tmp_path, delay=0.2) as client:
        location = started(client, foreign.large(20_000))
        reached(client, location, {"running"})
        assert client.post(f"{location}/cancel").status_code == 200
        job = ended(client, location)
        assert job["state"] == "cancelled"
        assert job["progress"]["done"] < 20_000
        assert job["message"].startswith("The import was cancelled. ")


def test_a_job_that_waits_for_its_turn_is_cancelled_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_WAITING", 2)
    importer = Importer(Reader(at_once=1))
    with served(tmp_path, delay=2.0, importer=importer) as client:
        first = started(client, GOOD)
        while not importer.reader._turn.locked():
            time.sleep(0.01)
        second = started(client, GOOD)
        assert client.post(PATH, **form(GOOD), headers=ASYNC).status_code == 429
        cancelled = client.post(f"{second}/cancel").json()
        assert client.get(first).json()["state"] in ("queued", "running"), "the test came too late"
        assert (cancelled["state"], cancelled["progress"]["done"]) == ("cancelled", 0)
        assert cancelled["message"].startswith("The import was cancelled. 0 created")
        third = started(client, GOOD)
        assert ended(client, first)["report"]["created"] == 2
        assert ended(client, third)["report"]["unchanged"] == 2
        assert client.get(second).json() == cancelled


def test_another_worker_may_cancel_a_job_that_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BEAT", 0.05)
    importer = Importer(Reader(at_once=1))
    with served(tmp_path, delay=2.0, importer=importer) as client:
        first = started(client, GOOD)
        while not importer.reader._turn.locked():
            time.sleep(0.01)
        second = started(client, GOOD)
        with monkeypatch.context() as elsewhere:  # as one that does not run it
            elsewhere.setattr(jobs._Live, "cancel", lambda _: None)
            assert client.post(f"{second}/cancel").json()["state"] == "queued"
        assert ended(client, second)["state"] == "cancelled"
        assert client.get(first).json()["state"] in ("queued", "running"), "the test came too late"


def test_jobs_that_wait_end_with_their_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, opened = Reader.read, []

    def reading(self: Reader, *values: Any, **named: Any) -> Any:
        opened.append(self)
        return read(self, *values, **named)

    monkeypatch.setattr(Reader, "read", reading)
    importer = Importer(Reader(at_once=1))
    with served(tmp_path, delay=0.5, importer=importer) as client:
        locations = [started(client, foreign.large(3_000)) for _ in range(3)]
        reached(client, locations[0], {"running"})
    assert len(opened) == 1
    with served(tmp_path) as client:
        found = [client.get(location).json()["state"] for location in locations]
    assert found == ["abandoned"] * 3


MANY = book([["Part number"], ["X-bad"], *[[f"P{number}"] for number in range(4_500)]])
FAILED_ROW = {
    "row": 2,
    "column": "Part number",
    "value": "X-bad",
    "reason": "There is no such part.",
    "message": "Part number: There is no such part.",
}


def test_a_job_that_fails_names_its_fields_as_a_request_does(client: httpx.Client) -> None:
    doubled = book([["Part number", "Price", "Price"], ["A", 1, 2]])
    refused = client.post(PATH, **form(doubled))
    job = ended(client, started(client, doubled))
    assert (refused.status_code, job["state"]) == (400, "failed")
    assert refused.json()["errors"]
    assert (job["message"], job["errors"]) == (refused.json()["message"], refused.json()["errors"])
    assert "report" not in job


def test_what_was_refused_before_a_failure_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = PartImport.plan

    async def failing(self: PartImport, rows: Sequence[Row]) -> Any:
        if rows[-1].number > 4_000:
            raise Refused("The workbook cannot be read.")
        return await plan(self, rows)

    monkeypatch.setattr(PartImport, "plan", failing)
    with served(tmp_path) as client:
        job = ended(client, started(client, MANY))
        refused = client.post(PATH, **form(MANY))
    assert (job["state"], refused.status_code) == ("failed", 400)
    assert job["message"].startswith("The workbook cannot be read. ")
    for report in (job["report"], refused.json()["report"]):
        assert (report["failed"], report["errors"]) == (1, [FAILED_ROW])
        assert report["created"] + report["unchanged"] >= 1_000
    assert job["report"]["created"] == job["progress"]["created"]


def test_what_was_refused_before_a_job_was_cancelled_is_told(tmp_path: Path) -> None:
    with served(tmp_path, delay=0.2) as client:
        location = started(client, MANY)
        while not client.get(location).json()["progress"]["done"]:
            time.sleep(0.02)
        client.post(f"{location}/cancel")
        job = ended(client, location)
    assert job["state"] == "cancelled"
    assert job["report"]["errors"] == [FAILED_ROW]
    assert job["report"]["created"] == job["progress"]["created"] > 0


def test_a_job_of_a_stopped_server_is_shown_as_abandoned_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path, delay=0.2) as client:
        location = started(client, foreign.large(4_000))
        reached(client, location, {"running"})
    with served(tmp_path) as client:
        job = client.get(location).json()
        assert job["state"] == "abandoned"
        assert "Import the file again, with a new Idempotency-Key if it had one" in job["message"]
        found = client.post(PATH, **form(foreign.large(4_000))).json()
        assert found["created"] + found["unchanged"] == 4_000


def test_a_repeated_request_whose_worker_died_tells_of_the_job_that_died_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: Any) -> None:
        return None

    async def begin(self: jobs.Jobs, caller: Caller, stored: Stored, _: Any, upload: IO[bytes], *__: Any) -> None:
        upload.close()
        await self._records(caller).change(stored.id, lambda job: {**job, "state": "running"})

    headers = {**ASYNC, "Idempotency-Key": "died"}
    with served(tmp_path) as client:
        with monkeypatch.context() as dying:
            dying.setattr(jobs.Jobs, "_work", begin)
            dying.setattr(replays._Claim, "_replace", nothing)
            first = client.post(PATH, **form(GOOD), headers=headers)
        monkeypatch.setattr(replays, "ABANDONED", timedelta(seconds=0.05))
        monkeypatch.setattr(jobs, "SILENCE", timedelta(seconds=0.05))
        time.sleep(0.1)
        again = client.post(PATH, **form(GOOD), headers=headers)
        assert (again.status_code, again.headers["location"]) == (202, first.headers["location"])
        assert (first.json()["state"], again.json()["state"]) == ("queued", "abandoned")
        assert "with a new Idempotency-Key" in again.json()["message"]
        new = client.post(PATH, **form(GOOD), headers={**ASYNC, "Idempotency-Key": "new"})
        assert ended(client, new.headers["location"])["report"]["created"] == 2


def test_too_many_imports_at_once_are_told_to_wait(tmp_path: Path) -> None:
    importer = Importer(Reader(at_once=1, patience=0.2))
    with served(tmp_path, delay=1.0, importer=importer) as client:
        location = started(client, GOOD)
        while not importer.reader._turn.locked():
            time.sleep(0.01)
        response = client.post(PATH, **form(GOOD))
        assert response.status_code == 429
        assert response.headers["retry-after"] == "60"
        assert ended(client, location)["state"] == "done"


def test_an_errors_file_does_not_wait_for_other_imports(tmp_path: Path) -> None:
    importer = Importer(Reader(at_once=1, patience=0.4))
    with served(tmp_path, delay=0.8, importer=importer) as client, ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, PATH, **form(MIXED), params={"errorsFile": "true"})
        while not importer.reader._turn.locked():
            time.sleep(0.01)
        location = started(client, MIXED, params={"errorsFile": "true"})
        answered = first.result()
        assert (answered.status_code, answered.headers["content-type"]) == (200, XLSX), answered.text
        late = started(client, GOOD)
        assert client.get(ended(client, location)["errorsFile"]).status_code == 200
        assert ended(client, late)["state"] == "done"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TooMany("Other exports are running; try again in a minute.", retry_after=60), "Other exports are running"),
        (Refused("The workbook took too long to read; import it in several parts."), "took too long"),
        (OSError("the disk of secrets is full"), "The server cannot write it."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_rows_are_reported_though_the_errors_file_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    async def export(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(Exporter, "export", export)
    with served(tmp_path) as client:
        answered = client.post(PATH, **form(MIXED), params={"errorsFile": "true"})
        assert (answered.status_code, answered.headers["content-type"]) == (200, "application/json")
        job = ended(client, started(client, MIXED, params={"errorsFile": "true"}))
        assert (job["state"], "errorsFile" in job) == ("done", False)
        assert client.get(f"/api/v1/imports/{job['_id']}/errorsfile").status_code == 404
    for report in (answered.json(), job["report"]):
        assert (report["created"] + report["unchanged"], report["failed"]) == (1, 1)
        assert report["warnings"][-1].startswith("The errors file could not be made. ")
        assert words in report["warnings"][-1]
        assert "secrets" not in report["warnings"][-1]


def test_a_job_whose_errors_file_cannot_be_kept_says_so(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def save(*_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(jobs, "save", save)
    job = ended(client, started(client, MIXED, params={"errorsFile": "true"}))
    assert (job["state"], "errorsFile" in job) == ("done", False)
    assert "could not be made" in job["report"]["warnings"][-1]


@pytest.mark.parametrize("more", [{}, ASYNC], ids=["sync", "async"])
def test_an_import_that_was_told_to_wait_may_be_sent_again_with_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, str]
) -> None:
    headers = {"Idempotency-Key": "again", **more}
    with served(tmp_path, importer=Importer(Reader(at_once=1, patience=0.05))) as client:
        with monkeypatch.context() as busy:
            busy.setattr(jobs, "MOST_WAITING", 0)
            busy.setattr(Reader, "_running", _refusing)
            for _ in range(2):
                response = client.post(PATH, **form(GOOD), headers=headers)
                assert (response.status_code, response.headers.get("retry-after")) == (429, "60")
                assert "idempotency-replayed" not in response.headers
        answered = client.post(PATH, **form(GOOD), headers=headers)
        assert answered.status_code == (202 if more else 200)
        again = client.post(PATH, **form(GOOD), headers=headers)
        assert (again.headers["idempotency-replayed"], again.content) == ("true", answered.content)
        if more:
            ended(client, answered.headers["location"])


def _refusing(*_: Any) -> Any:
    raise TooMany("Other imports are running; try again in a minute.", retry_after=60)

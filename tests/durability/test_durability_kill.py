"""kill -9 at any moment: nothing that was acknowledged is lost, nothing is half done, everything agrees."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
from durability_writer import COUNTER, TASKS, fields

from brassleaf.customers.models import CUSTOMERS
from brassleaf.store.collections import Collection
from brassleaf.store.port import Dumped
from brassleaf.store.sqlite import SqliteStore
from brassleaf.store.sqlite_schema import Rows, columns, quoted, search_table, searched_fields
from brassleaf.store.trail import AUDIT
from support import warm

ROUNDS = 30
HERE = Path(__file__).parent


class Acknowledged:
    """What the writers were told is kept, over all rounds."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.deleted: set[str] = set()
        self.counted = 0
        self.writes = 0

    def read(self, notes: Path) -> None:
        """Take in what a writer noted; a line that it did not finish was acknowledged all the same."""
        for line in notes.read_text().splitlines():
            self.writes += 1
            match line.split():
                case ["create", id_]:
                    self.numbers[id_] = 0
                case ["update", id_, number]:
                    self.numbers[id_] = int(number)
                case ["delete", id_]:
                    self.deleted.add(id_)
                case ["count"]:
                    self.counted += 1


def check(file: Path, known: Acknowledged, rounds: int) -> int:
    """Hold a store against what was acknowledged, and against itself. Gives back how many documents there are."""

    async def read() -> list[Dumped]:
        store = SqliteStore(file)
        await store.open([CUSTOMERS, AUDIT])
        try:
            return [entry async for entry in store.dump()]
        finally:
            await store.close()

    dumped = asyncio.run(read())
    documents = {entry.document["_id"]: entry.document for entry in dumped if entry.collection == CUSTOMERS.name}
    written = {(entry.document["_id"], entry.revision) for entry in dumped if entry.collection == CUSTOMERS.name}
    told = {
        (entry.document["record"], entry.document["revision"]) for entry in dumped if entry.collection == AUDIT.name
    }
    assert written <= told, "the audit trail does not tell of the last change of each"
    lost = known.numbers.keys() - documents.keys()
    assert not lost, f"{len(lost)} acknowledged documents are lost"
    for id_, number in known.numbers.items():
        found = documents[id_]["number"]
        # one more write may have been on its way when the writer died
        assert found in (number, number + 1), f"{id_} was acknowledged at {number} and is at {found}"
    for id_ in known.deleted:
        assert documents[id_]["deleted"], f"{id_} was acknowledged deleted"
    counted = documents[COUNTER]["counted"]
    assert known.counted <= counted <= known.counted + rounds * TASKS
    for document in documents.values():
        whole = fields(document["number"])
        assert {name: document[name] for name in whole} == whole, f"half done: {document}"
    taken = [document["erpId"] for document in documents.values() if document.get("erpId") and not document["deleted"]]
    assert len(set(taken)) == len(taken), "two live documents share a unique key"
    agrees(file, CUSTOMERS)
    return len(documents)


def agrees(file: Path, collection: Collection) -> None:
    """Tables, shadows, search index and tallies of a file agree with its documents."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        table = quoted(collection.name)
        tally: dict[tuple[str, bool], int] = defaultdict(int)
        for entry in connection.execute(f"SELECT {', '.join(columns(collection))} FROM {table}"):
            document = json.loads(entry[-1])
            assert list(entry) == Rows(collection).row(entry[1], entry[2], document, orjson.dumps(document))
            tally[entry[1], bool(document["deleted"])] += 1
        for organization, live, dead in connection.execute(
            "SELECT org, live, dead FROM tally WHERE collection = ?", (collection.name,)
        ):
            assert (live, dead) == (tally[organization, False], tally[organization, True])
        if searched_fields(collection):
            index = search_table(collection)
            connection.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")


def test_a_killed_writer_loses_nothing(tmp_path: Path) -> None:
    chance, known = random.Random(20260101), Acknowledged()
    command = [sys.executable, str(HERE / "durability_writer.py"), str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        try:
            for round_ in range(ROUNDS):
                parent.stdin.write(f"{round_}\n")
                parent.stdin.flush()
                child = int(parent.stdout.readline())
                notes = tmp_path / f"notes-{round_}"
                # some die while they open the file, most in the middle of commits
                if round_ % 6:
                    _until(lambda notes=notes: notes.exists() and notes.stat().st_size > 0)
                time.sleep(chance.random() * 0.08)
                os.kill(child, signal.SIGKILL)
                assert parent.stdout.readline() == "dead\n"
                if notes.exists():
                    known.read(notes)
                if known.writes:
                    check(tmp_path / "brassleaf.sqlite", known, round_ + 1)
        finally:
            parent.stdin.close()
    assert known.writes > ROUNDS * 10
    assert known.deleted
    assert known.counted


def _until(holds: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.002)


# -- the real server --------------------------------------------------------------------------------------------------


def _port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        found: int = probe.getsockname()[1]
        return found


@contextlib.contextmanager
def _server(folder: Path, port: int) -> Iterator[warm.Forked]:
    server = warm.start(["serve", "--port", port], _environment(folder), folder, _streams(folder))
    errors = folder / "err"
    try:
        deadline = time.monotonic() + 60
        while True:
            assert not server.is_dead(), errors.read_text()
            assert time.monotonic() < deadline, errors.read_text()
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 200:
                    break
            time.sleep(0.02)
        yield server
    finally:
        if server.poll() is None:
            server.send_signal(signal.SIGKILL)
            server.wait()


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "BRASSLEAF_DATA": str(folder), "BRASSLEAF_LOG": "off"}


def _streams(folder: Path) -> list[Path]:
    streams = [folder / name for name in ("in", "out", "err")]
    for stream in streams:
        stream.write_text("")
    return streams


def test_a_killed_server_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    streams = _streams(tmp_path)
    init = ["init", "--json", "--organization", "Shop"]
    assert warm.run(init, _environment(tmp_path), tmp_path, streams) == 0, streams[2].read_text()
    secrets = json.loads(streams[1].read_text())
    chance = random.Random(7)
    acknowledged: dict[str, dict[str, Any]] = {}
    attempted: dict[str, set[str]] = defaultdict(set)
    for _ in range(3):
        port = _port()
        with _server(tmp_path, port) as server:
            url = f"http://127.0.0.1:{port}"
            token = _token(url, secrets)
            _compare(url, token, acknowledged, attempted)
            done = threading.Event()
            threads = [
                threading.Thread(target=_write, args=(url, token, number, done, acknowledged, attempted))
                for number in range(8)
            ]
            for thread in threads:
                thread.start()
            enough = len(acknowledged) + 20
            _until(lambda enough=enough: len(acknowledged) > enough)
            time.sleep(chance.random() * 0.3)
            os.kill(server.pid, signal.SIGKILL)
            server.wait()
            done.set()
            for thread in threads:
                thread.join(30)
    port = _port()
    with _server(tmp_path, port):
        url = f"http://127.0.0.1:{port}"
        _compare(url, _token(url, secrets), acknowledged, attempted)
    assert len(acknowledged) > 60
    agrees(tmp_path / "brassleaf.sqlite", CUSTOMERS)


def _token(url: str, secrets: dict[str, Any]) -> str:
    body = {"apiKey": secrets["apiKey"], "name": secrets["apiKeyName"], "grantType": "client_credentials"}
    answer = httpx.post(f"{url}/security/v1/token", json=body, trust_env=False)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["securityToken"])


def _write(
    url: str,
    token: str,
    number: int,
    done: threading.Event,
    acknowledged: dict[str, Any],
    attempted: dict[str, set[str]],
) -> None:
    """Create and update until the server is gone; remember what it acknowledged and what was on its way."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as client:
        count = 0
        while not done.is_set():
            try:
                answer = client.post("/api/v1/customers/create", json={"name": f"{number} {count}", "city": "new"})
                if answer.status_code != 201:
                    return
                made = answer.json()
                acknowledged[made["_id"]] = made
                for step in range(3):
                    attempted[made["_id"]].add(f"step {step}")
                    answer = client.post(f"/api/v1/customer/{made['_id']}/update", json={"city": f"step {step}"})
                    if answer.status_code != 200:
                        return
                    acknowledged[made["_id"]] = answer.json()
                    attempted[made["_id"]].discard(f"step {step}")
                count += 1
            except httpx.TransportError:
                return


def _compare(url: str, token: str, acknowledged: dict[str, Any], attempted: dict[str, set[str]]) -> None:
    """Every acknowledged document is there as it was acknowledged, or with the change that was on its way."""
    found: dict[str, Any] = {}
    cursor: str | None = ""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as client:
        while cursor is not None:
            answer = client.get("/api/v1/customers", params={"itemsPerPage": 1000, "after": cursor}).json()
            found.update({entry["_id"]: entry for entry in answer["items"]})
            cursor = answer.get("next")
        assert answer["total"] == len(found)
    assert acknowledged.keys() <= found.keys(), "acknowledged documents are lost"
    for id_, kept in acknowledged.items():
        same = found[id_] == kept
        assert same or found[id_]["city"] in attempted[id_], f"acknowledged {kept}, found {found[id_]}"
        if not same:
            acknowledged[id_] = found[id_]

"""Kill -9 in the middle of an import: what was acknowledged is there, the same file completes it without doubles."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import foreign
import httpx

ROWS = 10_000
PATH, ASYNC = "/api/v1/parts/import", {"Prefer": "respond-async"}
HERE = Path(__file__).parent


def _start(folder: Path, delay: float) -> tuple["subprocess.Popen[bytes]", httpx.Client]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent / "sheets")])}
    command = [sys.executable, "-m", "partshop", str(folder), str(port), str(delay)]
    server = subprocess.Popen(command, env=environment)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120, trust_env=False)
    for _ in range(3_000):
        try:
            client.get("/health")
        except httpx.TransportError:
            time.sleep(0.01)
        else:
            return server, client
    raise AssertionError("the server did not start")


def _numbers(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "shop.sqlite") as connection:
        found = [json.loads(row[0])["number"] for row in connection.execute("SELECT doc FROM parts")]
    connection.close()
    return found


def _until_alone(folder: Path) -> None:
    """Wait for the process of large writes: it ends with what it was writing, once its server is gone."""
    deadline = time.monotonic() + 10
    while any(str(folder) in _command(process) for process in Path("/proc").glob("[0-9]*")):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _command(process: Path) -> str:
    try:
        return process.joinpath("cmdline").read_bytes().decode(errors="replace")
    except OSError:  # it is gone
        return ""


def test_an_import_survives_a_kill(tmp_path: Path) -> None:
    content = foreign.large(ROWS)
    upload: Any = {"files": {"file": ("parts.xlsx", content)}}
    server, client = _start(tmp_path, 0.03)
    try:
        location = client.post(PATH, **upload, headers={"Prefer": "respond-async"}).headers["location"]
        acknowledged = 0
        deadline = time.monotonic() + 60
        while acknowledged < 2_000:
            assert time.monotonic() < deadline
            acknowledged = client.get(location).json()["progress"]["done"]
            time.sleep(0.02)
    finally:
        server.kill()
        server.wait()
        client.close()
    _until_alone(tmp_path)
    there = _numbers(tmp_path)
    assert acknowledged <= len(there) < ROWS
    assert len(set(there)) == len(there)
    # every row that was acknowledged is there: rows are written in the order of the sheet
    assert {f"P-{number:06}" for number in range(2, acknowledged + 2)} <= set(there)
    server, client = _start(tmp_path, 0)
    try:
        report = client.post(PATH, **upload).json()
        assert (report["created"], report["unchanged"], report["failed"]) == (ROWS - len(there), len(there), 0)
    finally:
        server.kill()
        server.wait()
        client.close()
    assert sorted(_numbers(tmp_path)) == [f"P-{number:06}" for number in range(2, ROWS + 2)]


def test_a_job_of_a_killed_worker_is_found_abandoned(tmp_path: Path) -> None:
    server, client = _start(tmp_path, 0.1)
    upload: Any = {"files": {"file": ("parts.xlsx", foreign.large(20_000))}}
    location = client.post(PATH, **upload, headers=ASYNC).headers["location"]
    deadline = time.monotonic() + 60
    while client.get(location).json()["state"] != "running":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    server.kill()
    server.wait()
    client.close()
    with sqlite3.connect(tmp_path / "shop.sqlite") as connection:  # half a minute passes
        past = "json_set(CAST(doc AS TEXT), '$.lastModified', '2026-01-01T00:00:00.000Z')"
        connection.execute(f"UPDATE imports SET doc = CAST({past} AS BLOB)")
    connection.close()
    server, client = _start(tmp_path, 0)
    try:
        job = client.get(location).json()
        assert job["state"] == "abandoned"
        assert job["finished"]
    finally:
        server.kill()
        server.wait()
        client.close()

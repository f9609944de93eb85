"""Target 7: the export of 100,000 customers over HTTP, against openpyxl writing the same cells, and who waits for it.

The server may use every core here, as in a shop: its child is a process of its own, which pinning would put in the way
of the requests that it was made to stay out of. The plain loop uses one core and gets finished Python values; it is
timed for appending and saving only. Memory is what is nobody else's (RssAnon): pages of the data file, mapped into the
server, are the system's cache.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from bench.tools import ROOT, Figure, Server, memory, p99, ratios, serving

PATH = "/api/v1/customers/export"
RATE = 150
ROUNDS = 2
IDLE_SECONDS = 3.0


class Watch:
    """The most memory that a server has had more than at the start, and the most of its children."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._before = memory(pid).get("RssAnon", 0)
        self.growth = self.children = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._end.wait(0.02):
            self.growth = max(self.growth, memory(self._pid).get("RssAnon", 0) - self._before)
            found = Path(f"/proc/{self._pid}/task").glob("*/children")
            pids = [int(pid) for each in found for pid in _text(each).split()]
            self.children = max([self.children, *(memory(pid).get("RssAnon", 0) for pid in pids)])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


# In a process of its own, so that no thread of ours delays what it measures.


def visitor(port: int, path: str, token: str) -> None:
    """One customer after the other at a fixed rate, until standard input ends; the waits in milliseconds.

    A request that was due while the one before was still unanswered counts from when it was due.
    """
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}"}
    waits: list[float] = []
    due = time.perf_counter()
    while not ended.is_set():
        due += 1 / RATE
        pause = due - time.perf_counter()
        if pause > 0:
            time.sleep(pause)
        start = time.perf_counter() if pause > 0 else due
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        waits.append((time.perf_counter() - start) * 1000)
    print(json.dumps(waits))


class Visits:
    """What a visitor waits while something else is done."""

    def __init__(self, server: Server, path: str, token: str) -> None:
        self._arguments = [str(server.port), path, token]
        self.waits: list[float] = []

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "bench.export", "visitor", *self._arguments]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=_environment()
        )
        time.sleep(1.0)  # its start is none of the server's affair
        return self

    def __exit__(self, *_: object) -> None:
        out, _error = self._process.communicate()
        self.waits = json.loads(out)[RATE:]  # without those of the first second


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}


def bare(data: Path, organization: str) -> dict[str, float]:
    """The same cells through openpyxl's write-only mode: seconds of appending and saving, and peak memory."""
    import sqlite3  # noqa: PLC0415  only the child needs them
    from contextlib import closing  # noqa: PLC0415

    import openpyxl  # noqa: PLC0415
    import orjson  # noqa: PLC0415

    from brassleaf.customers.sheet import CUSTOMER_SHEET as SHEET  # noqa: PLC0415
    from brassleaf.sheets import writer  # noqa: PLC0415

    readers = [(writer.reader(column.field), column.kind) for column in SHEET.columns]

    def value(found: Any, kind: str) -> Any:
        return datetime.fromisoformat(found[:-1]) if kind == "datetime" else found

    seconds, count = 0.0, 0
    with closing(sqlite3.connect(data / "brassleaf.sqlite")) as connection, tempfile.TemporaryDirectory() as folder:
        book = openpyxl.Workbook(write_only=True)
        page = book.create_sheet(SHEET.name)
        page.append([column.header for column in SHEET.columns])
        cursor = connection.execute(
            "SELECT doc FROM customers WHERE org = ? AND f_deleted = 0 ORDER BY f_name, id", (organization,)
        )
        while batch := cursor.fetchmany(500):
            documents = [orjson.loads(doc) for (doc,) in batch]
            rows = [[value(read(document), kind) for read, kind in readers] for document in documents]
            start = time.perf_counter()
            for row in rows:
                page.append(row)
            seconds += time.perf_counter() - start
            count += len(rows)
        start = time.perf_counter()
        book.save(Path(folder) / "bare.xlsx")
        seconds += time.perf_counter() - start
    held = memory(os.getpid())  # VmHWM and not getrusage, whose peak is inherited from whoever started this process
    return {"seconds": seconds, "rows": count, "memory": held["VmHWM"] - held["RssFile"]}


def exports(data: Path, facts: Mapping[str, Any]) -> list[Figure]:
    """Export and plain loop in turns; visits while idle and while exporting."""
    body = {"customers": [], "selectAll": True}
    path = f"/api/v1/customer/{facts['customer']}"
    times: list[float] = []
    plain: list[dict[str, float]] = []
    more, idle, busy = [], [], []
    size = 0
    with serving("brassleaf", "--data", data, core=-1) as server:
        token = server.token(facts)
        server.call("POST", PATH, {"customers": [facts["customer"]], "selectAll": False}, token)
        for _ in range(ROUNDS):
            with Watch(server.pid) as watch:
                start = time.perf_counter()
                size = len(server.call("POST", PATH, body, token))
                times.append(time.perf_counter() - start)
            command = [sys.executable, "-m", "bench.export", "bare", str(data), facts["organization"]]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT, env=_environment())
            plain.append(json.loads(done.stdout))
            more.append((watch.growth + watch.children - plain[-1]["memory"]) / 1e6)
            with Visits(server, path, token) as visits:
                time.sleep(IDLE_SECONDS)
            idle.append(p99(visits.waits))
            with Visits(server, path, token) as visits:
                server.call("POST", PATH, body, token)
            busy.append(p99(visits.waits))
            parts = (watch.growth / 1e6, watch.children / 1e6, plain[-1]["memory"] / 1e6)
    seconds = [each["seconds"] for each in plain]
    return [
        Figure(
            f"7a export of {plain[0]['rows']:,.0f} customers over HTTP / bare openpyxl write-only",
            ratios(times, seconds),
            1.2,
            at_most=True,
            note=f"{min(times):.1f} s against {min(seconds):.1f} s; file of {size / 1e6:.1f} MB",
        ),
        Figure(
            "7b memory of server and child above that of the bare writer",
            more,
            100,
            at_most=True,
            unit=" MB",
            note="server grew by {:.0f}, child had {:.0f}, bare writer {:.0f} MB".format(*parts),
        ),
        Figure(
            f"7c p99 of one customer at {RATE}/s while exporting / idle",
            ratios(busy, idle),
            5,
            at_most=True,
            note=f"{min(busy):.2f} ms against {min(idle):.2f} ms",
        ),
    ]


def main() -> None:
    """The parts that run in processes of their own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("part", choices=("bare", "visitor"))
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    if options.part == "bare":
        print(json.dumps(bare(Path(options.arguments[0]), options.arguments[1])))
    else:
        visitor(int(options.arguments[0]), options.arguments[1], options.arguments[2])


if __name__ == "__main__":
    main()

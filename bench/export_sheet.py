"""Exports 100,000 customers with 25 columns, against openpyxl appending the same values in a plain loop.

    .venv/bin/python bench/export_sheet.py [--rows 100000] [--rounds 2] [--loop uvloop|asyncio]

Both sides run in turns in processes of their own, so that the ratio holds on a machine that others use too. The plain
loop gets finished Python values and is timed for appending and saving only; the export is timed from the call to the
finished file, the start of its child included. Exits with 1 when a target is missed.
"""

import argparse
import asyncio
import json
import random
import resource
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import openpyxl
import orjson
import uvloop

from brassleaf.sheets import writer
from brassleaf.sheets.columns import Column, Sheet
from brassleaf.sheets.export import Exporter

TARGETS = {"time": 1.2, "memory": 100.0, "latency": 5.0}
SHEET = Sheet(
    "Customers",
    (
        Column("Name", "name", required=True),
        Column("Number", "number"),
        Column("Email", "email"),
        Column("Phone", "phone"),
        Column("Street", "address.street"),
        Column("City", "address.city"),
        Column("Postal code", "address.postalCode"),
        Column("Country", "address.country"),
        Column("Ship to street", "shipping.street"),
        Column("Ship to city", "shipping.city"),
        Column("Contact", "contact.name"),
        Column("Contact email", "contact.email"),
        Column("Currency", "currency", choices=("USD", "EUR")),
        Column("Discount", "discount", "number"),
        Column("Credit limit", "creditLimit", "number"),
        Column("Tax rate", "taxRate", "number"),
        Column("Markup", "markup", "number", cost=True),
        Column("Payment days", "paymentDays", "integer"),
        Column("Orders", "orders", "integer"),
        Column("Active", "active", "boolean"),
        Column("Tax exempt", "taxExempt", "boolean"),
        Column("Created", "created", "datetime"),
        Column("Last modified", "lastModified", "datetime"),
        Column("Tags", "tags", "list"),
        Column("Notes", "notes"),
    ),
)
FIRST = datetime(2023, 1, 1)  # noqa: DTZ001  UTC
WORDS = ["Hydraulic", "Hose", "Müller & Sons", "Parker", "Supply", "crimp", "adaptor", "JIC", "-08", "braid", "<west>"]


def documents(count: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(8)

    def words(number: int) -> str:
        return " ".join(chance.choices(WORDS, k=number))

    def moment() -> str:
        return (FIRST + timedelta(milliseconds=chance.randrange(10**11))).isoformat(timespec="milliseconds") + "Z"

    for number in range(count):
        name = words(3)
        address = {
            "street": f"{number % 900} {words(2)}",
            "city": words(1),
            "postalCode": f"{number:05}",
            "country": "US",
        }
        yield {
            "_id": f"{number:024x}",
            "name": name,
            "number": f"C-{number:07}",
            "email": f"sales{number}@example.com",
            "phone": f"+1 555 {number:07}",
            "address": address,
            "shipping": address,
            "contact": {"name": words(2), "email": f"buyer{number}@example.com"},
            "currency": "USD",
            "discount": chance.randrange(400) / 10,
            "creditLimit": chance.randrange(10**7) / 100,
            "taxRate": 8.25,
            "markup": round(chance.random(), 4),
            "paymentDays": chance.choice((0, 14, 30)),
            "orders": chance.randrange(5000),
            "active": chance.random() < 0.9,
            "taxExempt": chance.random() < 0.1,
            "created": moment(),
            "lastModified": moment(),
            "tags": chance.choices(WORDS, k=2),
            "notes": words(6),
        }


def batches(path: Path, size: int = 300_000) -> Iterator[list[bytes]]:
    """Some 500 documents at a time, in one call without Python code in between, as a driver gives them."""
    with path.open("rb") as lines:
        while batch := lines.readlines(size):
            yield batch


def peak(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1024


def current() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


# The plain loop


def bare(path: Path) -> dict[str, float]:
    readers = [(writer.reader(column.field), column.kind) for column in SHEET.columns]

    def value(found: Any, kind: str) -> Any:
        if kind == "datetime":
            return datetime.fromisoformat(found[:-1])
        return "; ".join(found) if kind == "list" else found

    seconds = 0.0
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as target:
        book = openpyxl.Workbook(write_only=True)
        page = book.create_sheet(SHEET.name)
        page.append([column.header for column in SHEET.columns])
        for batch in batches(path):
            documents = [orjson.loads(document) for document in batch]
            rows = [[value(read(document), kind) for read, kind in readers] for document in documents]
            start = time.perf_counter()
            for row in rows:
                page.append(row)
            seconds += time.perf_counter() - start
        start = time.perf_counter()
        book.save(target.name)
        seconds += time.perf_counter() - start
        size = Path(target.name).stat().st_size
    return {"seconds": seconds, "memory": peak(resource.RUSAGE_SELF), "size": size / 2**20}


# The export


async def stored(path: Path) -> AsyncIterator[list[bytes]]:
    """The documents as a store gives them: a batch at a time, read beside the event loop."""
    source = batches(path)
    while batch := await asyncio.to_thread(next, source, None):
        yield batch


async def one() -> AsyncIterator[list[bytes]]:
    yield [b'{"name":"one"}']


# Sends the time every millisecond: a stand-in for requests, whose arrival no timer of the loop has to wait for.
CALLER = """
import socket, struct, time
loop = socket.socket(fileno=0)
while True:
    time.sleep(0.001)
    loop.send(struct.pack("d", time.perf_counter()))
"""


class Ticks:
    """How late a sleep of a millisecond ends, in milliseconds.

    Epoll's timers count whole milliseconds: any event in between makes a tick up to one millisecond late, whether or
    not the loop was busy.
    """

    def __init__(self) -> None:
        self.late: list[float] = []

    async def _tick(self) -> None:
        while True:
            start = time.perf_counter()
            await asyncio.sleep(0.001)
            self.late.append((time.perf_counter() - start - 0.001) * 1000)

    async def __aenter__(self) -> Self:
        self._ticking = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ticking.cancel()


class Arrivals:
    """How long a message of another process waits for its callback, in milliseconds, as a request would."""

    def __init__(self) -> None:
        self.late: list[float] = []

    def _arrived(self) -> None:
        now = time.perf_counter()
        self.late.append((now - struct.unpack("d", self._ours.recv(8))[0]) * 1000)

    async def __aenter__(self) -> Self:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ours.settimeout(0)
        with theirs:
            self._caller = subprocess.Popen([sys.executable, "-I", "-c", CALLER], stdin=theirs.fileno())  # noqa: ASYNC220
        asyncio.get_running_loop().add_reader(self._ours, self._arrived)
        await asyncio.sleep(0.3)
        self.late.clear()
        return self

    async def __aexit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._ours)
        self._caller.kill()
        self._caller.wait()
        self._ours.close()


def p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


async def exported(path: Path) -> dict[str, float]:
    exporter = Exporter()
    (await exporter.export(SHEET, one())).close()  # threads, imports and the frame, once for each server
    small = []
    for _ in range(5):
        start = time.perf_counter()
        (await exporter.export(SHEET, one())).close()
        small.append(time.perf_counter() - start)
    before = current()
    async with Ticks() as idle_ticks:
        await asyncio.sleep(3)
    async with Ticks() as ticks:
        start = time.perf_counter()
        file = await exporter.export(SHEET, stored(path))
        seconds = time.perf_counter() - start
    async with Arrivals() as idle_arrivals:
        await asyncio.sleep(3)
    async with Arrivals() as arrivals:
        (await exporter.export(SHEET, stored(path))).close()
    result = {
        "seconds": seconds,
        "memory": peak(resource.RUSAGE_CHILDREN) + max(0.0, peak(resource.RUSAGE_SELF) - before),
        "child": peak(resource.RUSAGE_CHILDREN),
        "growth": max(0.0, peak(resource.RUSAGE_SELF) - before),
        "size": file.size / 2**20,
        "idle": p99(idle_ticks.late),
        "busy": p99(ticks.late),
        "idle arrival": p99(idle_arrivals.late),
        "busy arrival": p99(arrivals.late),
        "small": statistics.median(small),
    }
    file.close()
    return result


# Both


def part(name: str, path: Path, loop: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--part", name, "--documents", str(path), "--loop", loop]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return dict(json.loads(answer))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--loop", choices=("uvloop", "asyncio"), default="uvloop")
    parser.add_argument("--part", choices=("bare", "export"))
    parser.add_argument("--documents", type=Path)
    options = parser.parse_args()
    if options.part:
        path = options.documents
        run = uvloop.run if options.loop == "uvloop" else asyncio.run
        print(json.dumps(bare(path) if options.part == "bare" else run(exported(path))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.ndjson"
        with path.open("wb") as file:
            file.writelines(orjson.dumps(document) + b"\n" for document in documents(options.rows))
        rounds = [{name: part(name, path, options.loop) for name in ("export", "bare")} for _ in range(options.rounds)]
    ours = min((each["export"] for each in rounds), key=lambda result: result["seconds"])
    theirs = min((each["bare"] for each in rounds), key=lambda result: result["seconds"])
    measured = {
        "time": ours["seconds"] / theirs["seconds"],
        "memory": max(each["export"]["memory"] - each["bare"]["memory"] for each in rounds),
        "latency": statistics.median(each["export"]["busy"] / each["export"]["idle"] for each in rounds),
    }
    print(f"{options.rows:,} rows, {len(SHEET.columns)} columns, {options.loop}, best of {options.rounds} in turns")
    print(
        f"  export      {ours['seconds']:6.2f} s  {ours['memory']:5.0f} MB (child {ours['child']:.0f}, "
        f"server grew {ours['growth']:.0f})  file {ours['size']:.1f} MB"
    )
    print(f"  openpyxl    {theirs['seconds']:6.2f} s  {theirs['memory']:5.0f} MB  file {theirs['size']:.1f} MB")
    print(
        f"  p99 lateness of a 1 ms tick: idle {ours['idle']:.2f} ms, exporting {ours['busy']:.2f} ms; "
        f"wait of an arrival: {ours['idle arrival']:.2f}, {ours['busy arrival']:.2f}"
    )
    print(f"  one row     {ours['small'] * 1000:.0f} ms, the child's start included")
    for name, value in measured.items():
        verdict = "met" if value <= TARGETS[name] else "MISSED"
        print(f"  {name:8} {value:6.2f} {'MB more' if name == 'memory' else 'x'}, target {TARGETS[name]:g}: {verdict}")
    return any(value > TARGETS[name] for name, value in measured.items())


if __name__ == "__main__":
    sys.exit(main())

"""Imports 100,000 customer items into a fresh embedded store, against reading the file and inserting bare rows.

    .venv/bin/python bench/import_sheet.py [--rows 100000] [--rounds 3]

The rows stand customer by customer, as an export writes them. Both sides run in turns in processes of their own, so
that the ratio holds on a machine that others use too. The bare side reads the workbook with python-calamine and inserts
its rows, as JSON under the same ids, into one SQLite table in one transaction. The import is the whole service: child
process, scan, reading by the column table, references looked up, documents compared, written with their indexes, and
reported. Exits with 1 when a target is missed.
"""

import argparse
import asyncio
import hashlib
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import uvloop

from brassleaf.customers.items.models import CUSTOMER_ITEMS, pair_id
from brassleaf.errors import Refused
from brassleaf.imports import Change, Row, merged
from brassleaf.imports.engine import Importer
from brassleaf.sheets.columns import Column, Sheet
from brassleaf.sheets.export import Exporter
from brassleaf.store.sqlite import SqliteStore
from brassleaf.store.trail import AUDIT

TARGETS = {"time": 3.0, "memory": 150.0, "latency": 100.0}
CUSTOMERS = 500
ORGANIZATION = "a" * 24
SHEET = Sheet(
    "Customer items",
    (
        Column("Customer", "customer", required=True),
        Column("Brand", "brand", required=True),
        Column("Part number", "partNumber", required=True),
        Column("Item type", "itemType"),
        Column("Own part number", "orgPartNumber"),
        Column("Available", "available", "boolean"),
        Column("Priority", "priority", "integer"),
        Column("Cost", "cost", "number"),
        Column("Cost currency", "costCurrency"),
        Column("Unit of measure", "unitOfMeasure"),
        Column("Net price", "netPrice", "number"),
        Column("Net price currency", "netPriceCurrency"),
        Column("Net price unit of measure", "netPriceUnitOfMeasure"),
        Column("Start date", "startDate", "datetime"),
        Column("End date", "endDate", "datetime"),
        Column("ERP id", "erpId"),
        Column("ERP header id", "erpHeaderId"),
    ),
)


async def documents(count: int) -> AsyncIterator[Sequence[bytes]]:
    for start in range(0, count, 500):
        yield [
            orjson.dumps(
                {
                    "customer": f"Customer {number * CUSTOMERS // count:04}",
                    "brand": "Brassleaf Demo",
                    "partNumber": f"BL-{number % (count // CUSTOMERS):05}-08",
                    "itemType": "hose",
                    "orgPartNumber": f"OWN-{number:06}",
                    "available": number % 7 != 0,
                    "priority": number % 9,
                    "cost": number % 9_999 / 100,
                    "costCurrency": "USD",
                    "unitOfMeasure": "ft",
                    "netPrice": number % 8_999 / 100 + 5,
                    "netPriceCurrency": "USD",
                    "netPriceUnitOfMeasure": "ft",
                    "startDate": "2026-01-01",
                    "endDate": "2026-12-31",
                    "erpId": f"E-{number:07}",
                    "erpHeaderId": f"H{number % 100}",
                }
            )
            for number in range(start, min(start + 500, count))
        ]


async def make(path: Path, count: int) -> None:
    made = await Exporter().export(SHEET, documents(count))
    with path.open("wb") as file:
        async for piece in made:
            file.write(piece)


class Items:
    """What the import of customer items does, its customers and items known by heart."""

    def __init__(self, store: SqliteStore) -> None:
        self.sheet = SHEET
        self.repository = store.repository(CUSTOMER_ITEMS, ORGANIZATION)
        self._known: dict[tuple[str, ...], str] = {}

    def _id(self, *parts: str) -> str:
        found = self._known.get(parts)
        if found is None:
            found = self._known[parts] = hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]
        return found

    async def plan(self, rows: Sequence[Row]) -> Sequence[Change | Refused]:
        return [self._change(row.values) for row in rows]

    def _change(self, values: Any) -> Change:
        fields = dict(values)
        customer = fields["customer"] = self._id(fields["customer"])
        item = fields["item"] = self._id(fields.pop("brand"), fields.pop("partNumber"))
        return Change(pair_id(customer, item), lambda before: merged(before, fields))

    def taken(self, label: str, row: Row) -> Refused:
        raise AssertionError(label, row)


async def imported(file: Path, folder: Path) -> dict[str, float]:
    """Import, once into an empty store and once more; the longest turn of the event loop meanwhile."""
    store = SqliteStore(folder / "shop.sqlite")
    await store.open([CUSTOMER_ITEMS, AUDIT])
    longest = memory = 0.0
    start = anonymous()

    async def watch() -> None:
        nonlocal longest, memory
        while True:
            asked = time.perf_counter()
            await asyncio.sleep(0.005)
            longest = max(longest, time.perf_counter() - asked - 0.005)
            memory = max(memory, anonymous())

    found = {}
    watching = asyncio.create_task(watch())
    for name, expected in (("first", "created"), ("again", "unchanged")):
        started, cpu = time.perf_counter(), used()
        with file.open("rb") as opened:
            outcome = await Importer().run(opened, Items(store), "bench")
        found[name] = time.perf_counter() - started
        found[f"{name} cpu"] = used() - cpu
        assert outcome.report[expected] == outcome.report["created"] + outcome.report["unchanged"], outcome.report
    watching.cancel()
    found["memory"] = memory - start
    found["child"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    found["latency"] = longest * 1000
    await store.close()
    return found


def bare(file: Path, folder: Path) -> dict[str, float]:
    """Read with python-calamine and insert bare rows in one run."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  this side only

    started, cpu = time.perf_counter(), used()
    header, *rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    read = time.perf_counter()
    with sqlite3.connect(folder / "bare.sqlite") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE items (id TEXT PRIMARY KEY, doc BLOB NOT NULL)")
        connection.executemany(
            "INSERT INTO items VALUES (?, ?)",
            (
                (pair_id(str(row[0]), str(row[2])), orjson.dumps(dict(zip(header, row, strict=True)), default=str))
                for row in rows
            ),
        )
    connection.close()
    return {"first": time.perf_counter() - started, "read": read - started, "first cpu": used() - cpu}


def used() -> float:
    """Seconds of CPU of this process and its children."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def anonymous() -> float:
    """Megabytes of memory that are this process's own; pages of the data file that are mapped are not."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def run(side: str, file: Path) -> dict[str, float]:
    """One side in a process of its own."""
    command = [sys.executable, __file__, "--side", side, "--file", str(file)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--side", choices=("bare", "import"), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        with tempfile.TemporaryDirectory(dir=given.file.parent) as folder:
            if given.side == "bare":
                found = bare(given.file, Path(folder))
            else:
                found = uvloop.run(imported(given.file, Path(folder)))
        sys.stdout.write(json.dumps(found))
        return 0
    cache = Path(__file__).parent.parent / ".cache" / "bench"
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        file = Path(folder) / "items.xlsx"
        asyncio.run(make(file, given.rows))
        ratios, again, figures = [], [], []
        for number in range(given.rounds):
            sides = ("bare", "import") if number % 2 else ("import", "bare")
            found = {side: run(side, file) for side in sides}
            ratios.append(found["import"]["first"] / found["bare"]["first"])
            again.append(found["import"]["again"] / found["bare"]["first"])
            figures.append(found["import"])
            print({side: {name: round(value, 2) for name, value in values.items()} for side, values in found.items()})
    results = {
        "time": statistics.median(ratios),
        "memory": statistics.median(entry["memory"] for entry in figures),
        "latency": statistics.median(entry["latency"] for entry in figures),
    }
    print(f"importing {given.rows:,} customer items: {results['time']:.2f} x bare (target {TARGETS['time']})")
    print(f"importing them again, unchanged: {statistics.median(again):.2f} x bare")
    print(f"memory of the server: {results['memory']:.0f} MB more (target {TARGETS['memory']:.0f})")
    print(f"longest turn of the event loop: {results['latency']:.0f} ms (target {TARGETS['latency']:.0f})")
    return int(any(results[name] > most for name, most in TARGETS.items()))


if __name__ == "__main__":
    sys.exit(main())

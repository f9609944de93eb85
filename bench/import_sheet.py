"""Imports 100,000 customer items into a fresh embedded store, against reading the file and writing bare rows.

Both sides run in turns in processes of their own, each import between two turns of the bare side, with whose mean it is
compared. The bare side reads the workbook with python-calamine and writes its
rows, as JSON under the same ids, into one SQLite table in one transaction. The import is the whole service: child
process, scan, reading by the column table, customers and items looked up, every row checked, documents compared,
written with their indexes and an entry each of the audit trail, and reported. Three files of the same rows: all new,
the same again, and with other prices in every row, which the bare side puts in the place of the former ones.
"""

import argparse
import asyncio
import itertools
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import uvloop

from bench.seed import CACHE
from bench.tools import ROOT, Figure, memory
from brassleaf.app import COLLECTIONS
from brassleaf.catalog.models import ITEMS
from brassleaf.catalog.service import Catalogue
from brassleaf.customers.items.models import pair_id
from brassleaf.customers.items.service import CustomerItemService
from brassleaf.customers.items.sheet import CUSTOMER_ITEM_SHEET
from brassleaf.customers.models import CUSTOMERS
from brassleaf.imports.engine import Importer
from brassleaf.operations.collector import calm_collector
from brassleaf.organizations.models import ORGANIZATIONS, OrganizationFields
from brassleaf.organizations.service import OrganizationService
from brassleaf.pricing.models import PRICE_LISTS
from brassleaf.security.caller import Caller
from brassleaf.sheets.export import Exporter
from brassleaf.store.records import new_document
from brassleaf.store.sqlite import SqliteStore

ROWS = 100_000
CUSTOMER_COUNT = 500
ROUNDS = 3
ORGANIZATION = "a" * 24
BRAND = "Brassleaf Demo"


def part_number(number: int) -> str:
    return f"BL-{number % (ROWS // CUSTOMER_COUNT):05}-08"


def customer(number: int, count: int) -> str:
    return f"Customer {number * CUSTOMER_COUNT // count:04}"


async def documents(count: int, raised: float) -> AsyncIterator[Sequence[bytes]]:
    """The rows, customer by customer, as an export writes them; prices raised by so much."""
    for start in range(0, count, 500):
        yield [
            orjson.dumps(
                {
                    "customer": customer(number, count),
                    "brand": BRAND,
                    "partNumber": part_number(number),
                    "itemType": "hose",
                    "orgPartNumber": f"OWN-{number:06}",
                    "available": number % 7 != 0,
                    "priority": str(number % 9),
                    "cost": number % 9_999 / 100,
                    "costCurrency": "USD",
                    "unitOfMeasure": "ft",
                    "netPrice": number % 8_999 / 100 + 5 + raised,
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


async def make(path: Path, count: int, raised: float) -> None:
    made = await Exporter().export(CUSTOMER_ITEM_SHEET, documents(count, raised))
    with path.open("wb") as file:
        async for piece in made:
            file.write(piece)


async def shop(folder: Path) -> SqliteStore:
    """A store with the organization, its customers and the shared items that the files name."""
    store = SqliteStore(folder / "shop.sqlite")
    await store.open(COLLECTIONS)
    organization = OrganizationFields(name="Bench").model_dump(exclude_none=True)
    document = {**new_document(organization, "bench"), "_id": ORGANIZATION}
    await store.repository(ORGANIZATIONS, ORGANIZATION).insert(document)
    names = dict.fromkeys(customer(number, ROWS) for number in range(ROWS))
    made = [new_document({"name": name}, "bench") for name in names]
    await store.repository(CUSTOMERS, ORGANIZATION).insert_many(made)
    numbers = dict.fromkeys(part_number(number) for number in range(ROWS))
    kind = {"brand": BRAND, "itemType": "hose", "organization": ORGANIZATION}
    items = [new_document({**kind, "partNumber": number}, "bench") for number in numbers]
    await store.repository(ITEMS, ORGANIZATION).insert_many(items)
    return store


class Imports:
    """The side of the service: one store, whose event loop is watched while it imports."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = dict(zip(("new", "changed"), files, strict=True))
        self._turns: list[float] = []
        self._most = self._start = 0.0

    async def serve(self, folder: Path) -> None:
        """Import what is named line by line; the first line of each round makes a new store."""
        store: SqliteStore | None = None
        while name := (await asyncio.to_thread(sys.stdin.readline)).strip():
            if name == "new":
                if store is not None:
                    await store.close()
                store = await shop(Path(tempfile.mkdtemp(dir=folder)))
                calm_collector()  # as a server does
                self._start = anonymous(store)
            assert store is not None
            watching = asyncio.create_task(self._watch(store))
            print(json.dumps(await self._import(store, name)), flush=True)
            watching.cancel()
        if store is not None:
            await store.close()

    async def _import(self, store: SqliteStore, name: str) -> dict[str, float]:
        service = CustomerItemService(store, Catalogue(store), OrganizationService(store, PRICE_LISTS))
        caller = Caller(ORGANIZATION, "admin", "user", "b" * 24, "bench", "bench")
        self._turns.clear()
        self._most = 0.0
        started, cpu = time.perf_counter(), used()
        with self._files.get(name, self._files["new"]).open("rb") as opened:
            outcome = await Importer().run(opened, service.importing(caller), "bench")
        found = {"seconds": time.perf_counter() - started}
        expected = {"new": "created", "again": "unchanged", "changed": "updated"}[name]
        others = {"created", "updated", "unchanged", "failed"} - {expected}
        assert not any(outcome.report[other] for other in others), outcome.report
        parts = store._open  # noqa: SLF001
        assert parts is not None
        parts.bulk.close()  # what its process has computed is counted once it has ended
        turns = sorted(self._turns)
        return {
            **found,
            "cpu": used() - cpu,
            "memory": self._most - self._start,
            "longest": turns[-1] * 1000,
            "p99": turns[len(turns) * 99 // 100] * 1000,
        }

    async def _watch(self, store: SqliteStore) -> None:
        for number in itertools.count():
            asked = time.perf_counter()
            await asyncio.sleep(0.002)
            self._turns.append(time.perf_counter() - asked - 0.002)
            if number % 20 == 0:
                self._most = max(self._most, anonymous(store))


def bare(files: Sequence[Path], folder: Path) -> None:
    """The other side: read with python-calamine and write bare rows, what is named line by line."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  this side only

    connection: sqlite3.Connection | None = None
    statements = {
        "new": (files[0], "INSERT INTO items (doc, id) VALUES (?, ?)"),
        "changed": (files[1], "UPDATE items SET doc = ? WHERE id = ?"),
    }
    while name := sys.stdin.readline().strip():
        if name == "new":
            if connection is not None:
                connection.close()
            connection = sqlite3.connect(Path(tempfile.mkdtemp(dir=folder)) / "bare.sqlite")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("CREATE TABLE items (id TEXT PRIMARY KEY, doc BLOB NOT NULL)")
        assert connection is not None
        file, statement = statements[name]
        started, cpu = time.perf_counter(), used()
        header, *rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
        with connection:
            connection.executemany(
                statement,
                (
                    (orjson.dumps(dict(zip(header, row, strict=True)), default=str), pair_id(str(row[0]), str(row[2])))
                    for row in rows
                ),
            )
        del rows
        print(json.dumps({"seconds": time.perf_counter() - started, "cpu": used() - cpu}), flush=True)


def used() -> float:
    """Seconds of CPU of this process and its children."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def anonymous(store: SqliteStore) -> float:
    """Megabytes that this process and the one of large writes have to themselves; mapped pages of the file are not."""
    parts = store._open  # noqa: SLF001
    child = parts.bulk._child if parts is not None else None  # noqa: SLF001
    pids = [os.getpid(), *([child.pid] if child is not None else [])]
    return sum(memory(pid).get("RssAnon", 0) for pid in pids) / 1_048_576


class Side:
    """One side in a process of its own."""

    def __init__(self, side: str, folder: str) -> None:
        command = [sys.executable, "-m", "bench.import_sheet", side, folder]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def step(self, name: str) -> dict[str, float]:
        """Do what is named; what it took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        found: dict[str, float] = json.loads(self._process.stdout.readline())
        return found

    def end(self) -> None:
        self._process.communicate("\n")


def _round(ours: Side, plain: Side) -> dict[str, dict[str, float]]:
    """Each import between two turns of the bare side: the speed of a shared machine changes within seconds."""
    found = {}
    for name, against in (("new", "new"), ("again", "changed"), ("changed", "changed")):
        before = plain.step(against)
        found[name] = ours.step(name)
        after = plain.step(against)
        for kind in ("seconds", "cpu"):
            found[name][f"bare {kind}"] = (before[kind] + after[kind]) / 2
    return found


def imports(_: Path | None = None, __: Mapping[str, Any] | None = None, *, rows: int = ROWS) -> list[Figure]:
    """Import and bare side in turns."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        for name, raised in (("new", 0.0), ("changed", 1.0)):
            asyncio.run(make(Path(folder) / f"{name}.xlsx", rows, raised))
        ours, plain = Side("import", folder), Side("bare", folder)
        rounds = [_round(ours, plain) for _ in range(ROUNDS)]
        ours.end()
        plain.end()

    def figure(label: str, name: str, target: float | None = None) -> Figure:
        found = [each[name] for each in rounds]
        ratio = [each["seconds"] / each["bare seconds"] for each in found]
        cpu = [each["cpu"] / each["bare cpu"] for each in found]
        fastest, slowest = min(each["seconds"] for each in found), min(each["bare seconds"] for each in found)
        return Figure(label, ratio, target, at_most=True, note=f"{fastest:.1f} s against {slowest:.1f} s", cpu=cpu)

    what = f"of {rows:,} customer items"
    steps = [step for each in rounds for step in each.values()]
    return [
        figure(f"8a import {what}, all new / calamine and bare inserts", "new", 3.0),
        figure(f"8b import {what}, all changed / calamine and bare updates", "changed", 3.0),
        figure(f"8c import {what}, none changed / calamine and bare updates", "again"),
        Figure(
            "8d longest turn of the event loop meanwhile",
            [step["longest"] for step in steps],
            unit=" ms",
            note=f"99 % within {max(step['p99'] for step in steps):.1f} ms",
        ),
        Figure(
            "8e memory of the server above that at rest, with its process of large writes",
            [step["memory"] for step in steps],
            150,
            at_most=True,
        ),
    ]


def main() -> None:
    """One side, in a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=("bare", "import"))
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    files = [given.folder / "new.xlsx", given.folder / "changed.xlsx"]
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        if given.side == "bare":
            bare(files, Path(place))
        else:
            uvloop.run(Imports(files).serve(Path(place)))


if __name__ == "__main__":
    main()

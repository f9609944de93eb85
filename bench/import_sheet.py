"""Imports 100,000 customer items into a fresh embedded store, against reading the file and writing bare rows.

Both sides run in turns in processes of their own. The bare side reads the workbook with python-calamine and writes its
rows, as JSON under the same ids, into one SQLite table in one transaction. The import is the whole service: child
process, scan, reading by the column table, customers and items looked up, every row checked, documents compared,
written with their indexes and an entry each of the audit trail, and reported. Three files of the same rows: all new,
the same again, and with other prices in every row, which the bare side puts in the place of the former ones.
"""

import argparse
import asyncio
import json
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
from bench.tools import ROOT, Figure, ratios
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
from brassleaf.security.caller import Caller
from brassleaf.sheets.export import Exporter
from brassleaf.store.records import new_document
from brassleaf.store.sqlite import SqliteStore

ROWS = 100_000
CUSTOMER_COUNT = 500
ROUNDS = 2
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


async def imported(files: Sequence[Path], folder: Path) -> dict[str, float]:
    """Import the rows when they are new, again, and with other prices; the event loop is watched meanwhile."""
    store = await shop(folder)
    calm_collector()  # as a server does
    service = CustomerItemService(store, Catalogue(store), OrganizationService(store))
    caller = Caller(ORGANIZATION, "admin", "user", "b" * 24, "bench", "bench")
    turns: list[float] = []
    most = start = anonymous()

    async def watch() -> None:
        nonlocal most
        while True:
            asked = time.perf_counter()
            await asyncio.sleep(0.002)
            turns.append(time.perf_counter() - asked - 0.002)
            most = max(most, anonymous())

    found = {}
    watching = asyncio.create_task(watch())
    for name, expected, file in (
        ("new", "created", files[0]),
        ("again", "unchanged", files[0]),
        ("changed", "updated", files[1]),
    ):
        started, cpu = time.perf_counter(), used()
        with file.open("rb") as opened:
            outcome = await Importer().run(opened, service.importing(caller), "bench")
        found[name] = time.perf_counter() - started
        found[f"{name} cpu"] = used() - cpu
        others = {"created", "updated", "unchanged", "failed"} - {expected}
        assert not any(outcome.report[other] for other in others), outcome.report
    watching.cancel()
    found["memory"] = most - start
    found["longest"] = max(turns) * 1000
    found["p99"] = sorted(turns)[len(turns) * 99 // 100] * 1000
    await store.close()
    return found


def bare(files: Sequence[Path], folder: Path) -> dict[str, float]:
    """Read with python-calamine and write bare rows, in one run each."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  this side only

    found = {}
    connection = sqlite3.connect(folder / "bare.sqlite")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE items (id TEXT PRIMARY KEY, doc BLOB NOT NULL)")
    for name, file, statement in (
        ("new", files[0], "INSERT INTO items (doc, id) VALUES (?, ?)"),
        ("changed", files[1], "UPDATE items SET doc = ? WHERE id = ?"),
    ):
        started, cpu = time.perf_counter(), used()
        header, *rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
        found[f"{name} read"] = time.perf_counter() - started
        with connection:
            connection.executemany(
                statement,
                (
                    (orjson.dumps(dict(zip(header, row, strict=True)), default=str), pair_id(str(row[0]), str(row[2])))
                    for row in rows
                ),
            )
        found[name] = time.perf_counter() - started
        found[f"{name} cpu"] = used() - cpu
    connection.close()
    return found


def used() -> float:
    """Seconds of CPU of this process and its children."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def anonymous() -> float:
    """Megabytes of memory that are this process's own; pages of the data file that are mapped are not."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def _run(side: str, folder: str) -> dict[str, float]:
    """One side in a process of its own."""
    command = [sys.executable, "-m", "bench.import_sheet", side, folder]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def imports(_: Path | None = None, __: Mapping[str, Any] | None = None, *, rows: int = ROWS) -> list[Figure]:
    """Import and bare side in turns."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        for name, raised in (("new", 0.0), ("changed", 1.0)):
            asyncio.run(make(Path(folder) / f"{name}.xlsx", rows, raised))
        found: dict[str, list[dict[str, float]]] = {"bare": [], "import": []}
        for number in range(ROUNDS):
            for side in ("bare", "import") if number % 2 else ("import", "bare"):
                found[side].append(_run(side, folder))
    ours, plain = found["import"], found["bare"]

    def figure(label: str, name: str, against: str, target: float | None = None) -> Figure:
        first, second = [each[name] for each in ours], [each[against] for each in plain]
        cpu = ratios([each[f"{name} cpu"] for each in ours], [each[f"{against} cpu"] for each in plain])
        note = f"{min(first):.1f} s against {min(second):.1f} s"
        return Figure(label, ratios(first, second), target, at_most=True, note=note, cpu=cpu)

    what = f"of {rows:,} customer items"
    return [
        figure(f"8a import {what}, all new / calamine and bare inserts", "new", "new", 3.0),
        figure(f"8b import {what}, all changed / calamine and bare updates", "changed", "changed", 3.0),
        figure(f"8c import {what}, none changed / calamine and bare updates", "again", "changed"),
        Figure(
            "8d longest turn of the event loop meanwhile",
            [each["longest"] for each in ours],
            unit=" ms",
            note=f"99 % within {max(each['p99'] for each in ours):.1f} ms",
        ),
        Figure("8e memory of the server above that at rest", [each["memory"] for each in ours], 150, at_most=True),
    ]


def main() -> None:
    """One side, in a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=("bare", "import"))
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    files = [given.folder / "new.xlsx", given.folder / "changed.xlsx"]
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        found = bare(files, Path(place)) if given.side == "bare" else uvloop.run(imported(files, Path(place)))
    print(json.dumps(found))


if __name__ == "__main__":
    main()

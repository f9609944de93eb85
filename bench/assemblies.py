"""Target 8 and what belongs to it: CPU of data sheets and labels; imports of assemblies beside bare inserts."""

import asyncio
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.reads import data_sheets
from bench.seed import DATABASE
from bench.tools import ROOT, Figure, Load, ratios, send, serving

API = "/api/v1"
LABELS = 1_000
ROWS = 10_000
ROUNDS = 3


def assemblies(data: Path, facts: Mapping[str, Any]) -> list[Figure]:
    """Data sheets (8a to 8c), labels (8d, 8e), imports with a price check (8f)."""
    return [*data_sheets(data, facts), *labels(data, facts), *imports(data, facts)]


def labels(data: Path, facts: Mapping[str, Any]) -> list[Figure]:
    """CPU of the server for a thousand labels, as PDF and as ZPL."""
    path = f"{API}/hoseassembly/{facts['assembly']}/label"
    with serving("brassleaf", "--data", data) as ours:
        token = ours.token(facts)
        spent: dict[str, list[float]] = {"pdf": [], "zpl": []}
        for number in range(ROUNDS + 1):
            for kind, values in spent.items():
                body = {"numCopies": LABELS, "labelSize": "4x6", "numbered": True, "format": kind}
                before = ours.cpu()
                content = ours.call("POST", path, body, token)
                assert content.startswith(b"%PDF" if kind == "pdf" else b"^XA")
                if number:  # the first one warms up
                    values.append((ours.cpu() - before) * 1000)
        sheet = f"{API}/hoseassembly/{facts['assembly']}/cutsheet"
        cut = []
        for number in range(ROUNDS + 1):
            before = ours.cpu()
            done = send(Load(ours, sheet, "POST", token, {"quantity": 12}, connections=4))
            if number:
                cut.append((ours.cpu() - before) / done["requests"] * 1000)
    return [
        Figure(
            f"8d {LABELS:,} labels of 4x6 in as PDF, CPU of the server", spent["pdf"], 1500, at_most=True, unit=" ms"
        ),
        Figure(f"8e {LABELS:,} labels as ZPL, CPU of the server", spent["zpl"], unit=" ms"),
        Figure("8f warm cut sheet over HTTP, CPU of the server", cut, unit=" ms"),
    ]


def imports(data: Path, facts: Mapping[str, Any]) -> list[Figure]:
    """Rows a second of an import with price check into a copy of the data, beside bare inserts of what it makes."""
    times: dict[str, list[float]] = {"import": [], "bare": []}
    cpu: dict[str, list[float]] = {"import": [], "bare": []}
    with tempfile.TemporaryDirectory(dir=data.parent) as name:
        folder = Path(name)
        (folder / "facts.json").write_text(json.dumps(dict(facts)), "utf-8")
        _side("make", data, folder)
        for number in range(ROUNDS):
            for side in ("bare", "import") if number % 2 else ("import", "bare"):
                found = _side(side, data, folder)
                times[side].append(found["seconds"])
                cpu[side].append(found["cpu"])
    rates = {side: [ROWS / seconds for seconds in values] for side, values in times.items()}
    middle = {side: sorted(values)[len(values) // 2] for side, values in rates.items()}
    alone = {side: ROWS / sorted(values)[len(values) // 2] for side, values in cpu.items()}
    note = (
        f"{middle['import']:,.0f} rows/s against {middle['bare']:,.0f}; "
        f"{alone['import']:,.0f} against {alone['bare']:,.0f} a second of CPU"
    )
    return [
        Figure(
            f"8g import of {ROWS:,} assemblies with price check / the same documents inserted bare",
            ratios(rates["import"], rates["bare"]),
            note=note,
            cpu=ratios(cpu["bare"], cpu["import"]),
        ),
    ]


def _side(side: str, data: Path, folder: Path) -> dict[str, float]:
    """One side in a process of its own."""
    command = [sys.executable, "-m", "bench.assemblies", side, str(data), str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _used() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


async def _no_kit(*_: object) -> str:
    raise AssertionError("no hose kit was asked for")


async def _import(data: Path, folder: Path) -> dict[str, float]:
    from brassleaf.app import COLLECTIONS  # noqa: PLC0415
    from brassleaf.assemblies.importing.handler import AssemblyImport  # noqa: PLC0415
    from brassleaf.assemblies.importing.models import AssemblyImportOptions  # noqa: PLC0415
    from brassleaf.assemblies.models import ASSEMBLIES  # noqa: PLC0415
    from brassleaf.catalog.service import Catalogue  # noqa: PLC0415
    from brassleaf.imports.engine import Importer  # noqa: PLC0415
    from brassleaf.organizations.service import OrganizationService  # noqa: PLC0415
    from brassleaf.pricing.models import PRICE_LISTS  # noqa: PLC0415
    from brassleaf.pricing.service import Prices  # noqa: PLC0415
    from brassleaf.security.caller import Caller  # noqa: PLC0415
    from brassleaf.store.query import Query  # noqa: PLC0415
    from brassleaf.store.sqlite import SqliteStore  # noqa: PLC0415

    facts = json.loads((folder / "facts.json").read_text("utf-8"))
    copy = folder / f"import-{time.monotonic_ns()}.sqlite"
    copy.write_bytes((data / DATABASE).read_bytes())
    store = SqliteStore(copy)
    await store.open(COLLECTIONS)
    try:
        caller = Caller(facts["organization"], "admin", "key", "0" * 24, "bench", "bench")
        handler = AssemblyImport(
            store,
            Catalogue(store),
            OrganizationService(store, PRICE_LISTS),
            Prices(store),
            caller,
            AssemblyImportOptions(checkPrices=True),
            _no_kit,
        )
        start, cpu = time.perf_counter(), _used()
        with (folder / "assemblies.xlsx").open("rb") as file:
            outcome = await Importer().run(file, handler, "bench")
        found = {"seconds": time.perf_counter() - start, "cpu": _used() - cpu}
        assert outcome.report["created"] == ROWS, outcome.report["errors"][:3]
        documents = folder / "documents.jsonl"
        if not documents.exists():
            with documents.open("wb") as out:
                async for batch in store.repository(ASSEMBLIES, caller.organization).stream(Query()):
                    out.writelines(stored.raw.replace(b"\n", b" ") + b"\n" for stored in batch)
        return found
    finally:
        await store.close()
        copy.unlink(missing_ok=True)


def _bare(folder: Path) -> dict[str, float]:
    """The documents that the import makes, into one SQLite table in one transaction."""
    start, cpu = time.perf_counter(), _used()
    file = folder / f"bare-{time.monotonic_ns()}.sqlite"
    with (folder / "documents.jsonl").open("rb") as lines, sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE assemblies (id INTEGER PRIMARY KEY, doc BLOB NOT NULL)")
        connection.executemany("INSERT INTO assemblies VALUES (?, ?)", enumerate(lines))
    connection.close()
    return {"seconds": time.perf_counter() - start, "cpu": _used() - cpu}


def _rows() -> Sequence[Mapping[str, Any]]:
    """Assemblies of the demo shop's 2SN hose, each with a length and a number of its own."""
    return [
        {
            "partNumber": f"IMP-{number:06}",
            "revision": "A",
            "hoseBrand": "Brassleaf Demo",
            "hosePartNumber": "BL-2SN-08",
            "end1PartNumber": "BC-08-FJX-08",
            "end2PartNumber": "BC-08-FJX-08",
            "length": 12 + number % 400 / 4,
            "lengthUnit": "in",
            "proofTest": number % 3 == 0,
            "customerPartNumber": f"C-{number:06}",
            "printText": f"BENCH IMP-{number:06}",
        }
        for number in range(ROWS)
    ]


async def _make(folder: Path) -> None:
    from collections.abc import AsyncIterator  # noqa: PLC0415

    import orjson  # noqa: PLC0415

    from brassleaf.assemblies.sheet import ASSEMBLY_SHEET  # noqa: PLC0415
    from brassleaf.sheets.export import Exporter  # noqa: PLC0415

    async def documents() -> AsyncIterator[Sequence[bytes]]:
        yield [orjson.dumps(row) for row in _rows()]

    made = await Exporter().export(ASSEMBLY_SHEET.writable(), documents())
    with (folder / "assemblies.xlsx").open("wb") as file:
        async for piece in made:
            file.write(piece)


if __name__ == "__main__":
    import uvloop

    asked, where, work = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if asked == "make":
        asyncio.run(_make(work))
        result: dict[str, float] = uvloop.run(_import(where, work))  # makes the documents of the bare side, too
    else:
        result = uvloop.run(_import(where, work)) if asked == "import" else _bare(work)
    sys.stdout.write(json.dumps(result))

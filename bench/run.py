"""Runs every measurement and writes the table of bench/RESULTS.md: `python -m bench [name …] [--no-write]`."""

import argparse
import os
import platform
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import assemblies, catalogue, export, import_sheet, parsing, reads, search, writes
from bench.seed import CACHE, CUSTOMER_COUNT, ITEM_COUNT, seeded, seeded_catalogue
from bench.tools import BENCH, LOAD_CORE, ROUNDS, SECONDS, SERVER_CORE, Figure, wrk

RESULTS = BENCH / "RESULTS.md"
PARTS: dict[str, Callable[[Path, Mapping[str, Any]], list[Figure]]] = {
    "page": reads.page,
    "routing": reads.routing,
    "creates": writes.creates,
    "search": search.searches,
    "prices": reads.prices,
    "export": export.exports,
    "import": import_sheet.imports,
    "assemblies": assemblies.assemblies,
    "catalogue": catalogue.lists,
    "parsing": parsing.parsing,
}
#: Parts with data of their own.
SEEDS = {"catalogue": seeded_catalogue, "import": lambda: (CACHE, {}), "parsing": parsing.seeded}
PACKAGES = ("fastapi", "starlette", "uvicorn", "uvloop", "httptools", "pydantic", "orjson", "openpyxl", "reportlab")


def _model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _load() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _row(figure: Figure) -> str:
    target = "" if figure.target is None else f"{'≤' if figure.at_most else '≥'} {figure.target:g}{figure.unit}"
    cells = [
        figure.name,
        target,
        f"**{_number(figure.median)}**{figure.unit}",
        f"{_number(min(figure.values))} to {_number(max(figure.values))}",
        _number(sorted(figure.cpu)[len(figure.cpu) // 2]) if figure.cpu else "",
        {True: "pass", False: "**fail**", None: ""}[figure.met],
        figure.note,
    ]
    return f"| {' | '.join(cells)} |"


def _report(figures: list[Figure], command: str, seconds: float, load: str) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    head = f"""# Measured

| | |
| --- | --- |
| command | `{command}` ({seconds:.0f} s) |
| date | {datetime.now(UTC):%Y-%m-%d %H:%M} UTC |
| machine | {os.cpu_count()} cores, {_model()}, {platform.system()} {platform.release()}; load average {load} before, {_load()} after |
| versions | Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages} |
| data | the demo shop and {CUSTOMER_COUNT:,} customers of about 25 fields; of their own, the demo shop and {ITEM_COUNT:,} items; embedded store |
| how | one uvicorn worker on core {SERVER_CORE}, wrk on core {LOAD_CORE}, loopback; {ROUNDS} rounds of {SECONDS} s in turns where README.md says no other |

A figure is the median of the ratios of its rounds, the spread their least and greatest. "By CPU" is the same ratio
computed from the CPU time of the servers for each answer: it holds on a machine that others use too, where rates do not.

| figure | target | measured | spread | by CPU | | |
| --- | --- | --- | --- | --- | --- | --- |
"""  # noqa: E501
    return head + "\n".join(map(_row, figures)) + "\n"


def main() -> int:
    """Run what was asked for, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help=f"of {', '.join(PARTS)}; all when none is named")
    parser.add_argument("--no-write", action="store_true", help="leave RESULTS.md as it is")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md with these parts alone")
    options = parser.parse_args()
    wrk()
    load = _load()
    parts = {name: SEEDS.get(name, seeded)() for name in options.parts or PARTS}
    start = time.perf_counter()
    figures: list[Figure] = []
    for name, (data, facts) in parts.items():
        before = time.perf_counter()
        found = PARTS[name](data, facts)
        figures.extend(found)
        print("\n".join(map(_row, found)), flush=True)
        print(f"({name}: {time.perf_counter() - before:.0f} s)", file=sys.stderr, flush=True)
    if options.write or not (options.parts or options.no_write):
        command = " ".join(["python -m bench", *options.parts])
        RESULTS.write_text(_report(figures, command, time.perf_counter() - start, load), "utf-8")
    missed = [figure.name for figure in figures if figure.met is False]
    print(f"{len(missed)} targets missed" + "".join(f"\n  {name}" for name in missed))
    return bool(missed)

"""Target 5: a search in the names of 100,000 customers, against a scan with json_extract, both at the store."""

import asyncio
import os
import sqlite3
import statistics
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.seed import DATABASE, FREQUENT, RARE_HITS, RARE_TERMS, SHORT
from bench.tools import SERVER_CORE, Figure, ratios
from brassleaf.app import COLLECTIONS
from brassleaf.customers.models import CUSTOMERS
from brassleaf.store.query import Contains, Query
from brassleaf.store.sqlite import SqliteStore

SCAN = "instr(lower(json_extract(CAST(doc AS TEXT), '$.name')), ?) > 0"
#: Each term once: what was counted for one is not known for the next.
TERMS = {
    f"of {RARE_HITS} hits": (RARE_TERMS[:5], 20),
    "of 11,000 hits": ([FREQUENT, " supply", "mining", "quarries", "marine s"], 20),
    "of two letters": ([SHORT, "zy", "qu", "xv", "jj"], 20),
}


def searches(data: Path, facts: Mapping[str, Any]) -> list[Figure]:
    """Page of 50 and total, of each kind of term."""
    os.sched_setaffinity(0, {SERVER_CORE})
    try:
        return asyncio.run(_searches(data, facts["organization"]))
    finally:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


async def _searches(data: Path, organization: str) -> list[Figure]:
    store = SqliteStore(data / DATABASE)
    await store.open(COLLECTIONS)
    repository = store.repository(CUSTOMERS, organization)
    figures = []
    try:
        with closing(sqlite3.connect(data / DATABASE)) as connection:
            connection.execute("PRAGMA mmap_size = 268435456")
            await repository.page(Query(Contains("name", "warm up"), limit=50))
            for kind, (terms, target) in TERMS.items():
                ours, scans, hits = [], [], []
                ours_cpu, scans_cpu = [], []  # of all threads
                for term in terms:
                    start, spent = time.perf_counter(), time.process_time()
                    page = await repository.page(Query(Contains("name", term), limit=50))
                    ours.append(time.perf_counter() - start)
                    ours_cpu.append(time.process_time() - spent)
                    start, spent = time.perf_counter(), time.process_time()
                    total, rows = _scan(connection, organization, term)
                    scans.append(time.perf_counter() - start)
                    scans_cpu.append(time.process_time() - spent)
                    assert (page.total, len(page.items)) == (total, len(rows)), (term, page.total, total)
                    hits.append(total)
                figures.append(
                    Figure(
                        f"5 search with a term {kind} / scan with json_extract",
                        ratios(scans, ours),
                        target,
                        cpu=ratios(scans_cpu, ours_cpu),
                        note=f"{_ms(ours)} ms against {_ms(scans)} ms; {min(hits):,} to {max(hits):,} hits",
                    )
                )
    finally:
        await store.close()
    return figures


def _ms(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.1f}"


def _scan(connection: sqlite3.Connection, organization: str, term: str) -> tuple[int, list[Any]]:
    total = connection.execute(f"SELECT count(*) FROM customers WHERE org = ? AND {SCAN}", (organization, term))
    rows = connection.execute(
        f"SELECT id, doc FROM customers WHERE org = ? AND {SCAN} "
        "ORDER BY lower(json_extract(CAST(doc AS TEXT), '$.name')), id LIMIT 50",
        (organization, term),
    )
    return total.fetchone()[0], rows.fetchall()

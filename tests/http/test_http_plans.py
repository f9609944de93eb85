"""No list reads a whole table: the statements of every list route, as SQLite plans them.

The routes and what each of them understands are found from the application; every filter, search, order and way of
paging that a list documents is asked for, over HTTP, and what the store then runs is explained by SQLite.
"""

import itertools
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from brassleaf.app import COLLECTIONS
from brassleaf.catalog.models import ITEMS
from brassleaf.http.lists import Listing
from brassleaf.security.rooms import Endpoint
from brassleaf.store.collections import SHARED
from brassleaf.store.query import And, Query, equal
from brassleaf.store.sqlite import SqliteStore
from brassleaf.store.sqlite_query import select
from support.routes import GUARDED, LISTS, method_of, name_of
from support.world import World

#: The tables that hold documents; what else is read is bookkeeping, or part of the index of trigrams.
TABLES = {collection.name for collection in COLLECTIONS}
#: A step that reads a table or an index of it from end to end.
SCAN = re.compile(r"^SCAN (?P<table>\S+)(?P<index> USING (?:COVERING )?INDEX)?")
#: A step that narrows to an organization's list and no further.
WHOLE = re.compile(r"^SEARCH \S+ USING (?P<covering>COVERING )?INDEX \S+ \(org=\?(?: AND f_deleted=\?)?\)$")
SORTS = "USE TEMP B-TREE FOR ORDER BY"
#: What a filter may take: some filters check their values.
VALUES = ("x", "0" * 24, "2026-01-01T00:00:00Z", "1", "true", "admin")


@contextmanager
def told(store: SqliteStore, patch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that the store runs meanwhile, on all of its connections."""
    statements: list[str] = []
    connect = store._connect

    def traced() -> sqlite3.Connection:
        made = connect()
        made.set_trace_callback(statements.append)
        return made

    known = [store.reading, *store._opened, *store._idle]
    for connection in known:
        connection.set_trace_callback(statements.append)
    with patch.context() as changed:
        changed.setattr(store, "_connect", traced)
        yield statements
    for connection in {*known, *store._opened, *store._idle}:
        connection.set_trace_callback(None)


def plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    return [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]


def wrong(statement: str, steps: Sequence[str]) -> str | None:
    """What is wrong with a plan: it scans, or it reads an organization's whole list to sort it or to look into it."""
    limited = " LIMIT " in statement
    sorted_ = any(step.strip() == SORTS for step in steps)
    for step in steps:
        scan = SCAN.match(step)
        if scan and scan["table"] in TABLES and not (scan["index"] and limited and not sorted_):
            return f"scans: {step}"
        if (whole := WHOLE.match(step)) and sorted_:
            return f"sorts a whole list: {step}"
        if whole and not limited and not whole["covering"] and "ORDER BY" not in statement:
            return f"looks into every document of a list: {step}"
    return None


def asked(listing: Listing) -> Iterator[str]:
    """A query string for everything that a list documents, one at a time."""
    yield ""
    for name in listing.search:
        yield from (f"search.{name}={term}" for term in ("secret", "ab"))
    for filter_ in listing.filters:
        yield f"{filter_.name}={next(value for value in VALUES if _takes(filter_.check, value))}"
    yield from (f"{flag}=true" for flag in listing.flags)
    if listing.between:
        yield "from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z"
    if listing.paged:
        for name in listing.sort_names:
            yield from (f"sortBy[0].key={name}&sortBy[0].order={order}" for order in ("asc", "desc"))
            yield f"sortBy[0].key={name}&after="
        yield from ("after=", "page=2&itemsPerPage=1", "includeDeleted=true", "updatedSince=2026-01-01T00:00:00Z")


def _takes(check: Any, value: str) -> bool:
    try:
        check(value)
    except ValueError:
        return False
    return True


def complaints(world: World, route: Endpoint, queries: Sequence[str], patch: pytest.MonkeyPatch) -> list[str]:
    store = world.served.store
    assert isinstance(store, SqliteStore)
    call, found = world.call(route), list[str]()
    with sqlite3.connect(f"file:{store.path}?mode=ro", uri=True) as connection:
        for query in queries:
            store._totals.clear()  # what was counted and found before is counted and looked for again
            store.pages._found.clear()
            world.served.parts.catalogue._remembered._memories.clear()
            url = f"{call.path}?{'&'.join(part for part in (call.query, query) if part)}"
            with told(store, patch) as statements:
                response = call.send(world.client, world.a.admin.headers, url=url)
            assert response.status_code == 200, (url, response.text)
            for text in sorted({text for text in statements if text.startswith("SELECT")}):
                steps = plan(connection, text)
                if (fault := wrong(text, steps)) is not None:
                    found.append(f"{query or 'the plain list'}: {fault}\n    {text[:400]}\n    {steps}")
    connection.close()
    return found


@pytest.mark.parametrize("often", [1000, -1], ids=["seldom", "often"])
@pytest.mark.parametrize("route", LISTS, ids=name_of)
def test_no_list_scans_a_table(world: World, route: Endpoint, often: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """`often` decides whether a search goes by the index of trigrams or by the order of the list."""
    listing = route.policy.listing
    assert listing is not None
    monkeypatch.setattr("brassleaf.store.sqlite_repository._OFTEN", often)
    queries = [query for query in asked(listing) if often > 0 or query.startswith("search")]
    found = complaints(world, route, queries, monkeypatch)
    assert not found, "\n".join(found)


READS = [route for route in GUARDED if method_of(route) == "GET" and not route.policy.writes and route not in LISTS]


@pytest.mark.parametrize("route", READS, ids=name_of)
def test_no_other_read_scans_a_table(world: World, route: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    found = complaints(world, route, [""], monkeypatch)
    assert not found, "\n".join(found)


def test_a_scan_would_be_found(world: World) -> None:
    """The test itself tells a scan from a walk along an index."""
    with sqlite3.connect(f"file:{world.served.settings.embedded_file}?mode=ro", uri=True) as connection:
        scans = (
            "SELECT doc FROM items",
            "SELECT doc FROM items WHERE +org = 'x' ORDER BY f_partNumber LIMIT 10",
            "SELECT count(*) FROM items WHERE instr(f_partNumber, 'x')",
            "SELECT doc FROM items WHERE org = 'x' AND f_deleted = 0 ORDER BY f_swivel || 'x' LIMIT 10",
            "SELECT count(*) FROM items WHERE org = 'x' AND f_deleted = 0 AND doc = 'x'",
        )
        walks = (
            "SELECT doc FROM items WHERE org = 'x' AND f_deleted = 0 ORDER BY f_partNumber, id LIMIT 10",
            "SELECT doc FROM items WHERE id = 'x'",
            "SELECT count(*) FROM items WHERE org = 'x' AND f_deleted = 0 AND f_brand = 'x'",
        )
        assert all(wrong(text, plan(connection, text)) for text in scans)
        assert not any(wrong(text, plan(connection, text)) for text in walks)
    connection.close()


#: Of the filters of a fitting or hose, the field that leads to fewer items than those before it.
NARROWING = ("itemType", "gender", "shape", "hoseDash", "style", "dashSize", "size", "brand", "series")


@pytest.mark.parametrize("organizations", [("a",), ("a", SHARED)])
def test_of_several_filters_of_items_the_narrowest_leads(world: World, organizations: tuple[str, ...]) -> None:
    """Fittings of a hose are asked for by type, size, series and brand: not every one of the size is looked at."""
    with sqlite3.connect(f"file:{world.served.settings.embedded_file}?mode=ro", uri=True) as connection:
        for fields in itertools.combinations(NARROWING, 3):
            where = And(tuple(equal(name, "8") for name in fields))
            made = select(ITEMS, organizations, Query(where), indexed=False, limited=True)
            steps = connection.execute(f"EXPLAIN QUERY PLAN {made.text}", made.values).fetchall()
            searches = [str(row[3]) for row in steps if "SEARCH" in row[3]]
            assert len(searches) == len(organizations)
            assert all(f":{fields[-1]} (" in step for step in searches), (fields, searches)
            assert not any("TEMP" in row[3] for row in steps)
    connection.close()

"""What only the embedded store promises: durability, one writer for many, snapshots, and reads that follow an index."""

import asyncio
import gc
import itertools
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace as changed
from datetime import timedelta
from pathlib import Path

import pytest
from store_samples import COLLECTIONS, HOSES, ONE, USERS, hose, user

from brassleaf.http.lists import OVERLAP
from brassleaf.store import sqlite_query as sql
from brassleaf.store import sqlite_writer
from brassleaf.store.collections import SHARED, Unique
from brassleaf.store.port import Duplicate, Stored, StoreDown
from brassleaf.store.query import EVERYTHING, And, AnyOf, Contains, Exists, Ids, Query, Range, Sort, equal
from brassleaf.store.sqlite import SqliteStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "brassleaf.sqlite"


@pytest.fixture
async def store(path):
    opened = SqliteStore(path)
    await opened.open(COLLECTIONS)
    yield opened
    await opened.close()


async def held_back(store: SqliteStore) -> tuple[asyncio.Task[None], threading.Event]:
    """Make the writer wait, so that what is written next shares a commit."""
    entered, go_on = threading.Event(), threading.Event()

    def wait(connection: sqlite3.Connection) -> None:
        entered.set()
        go_on.wait(10)

    waiting = asyncio.create_task(store.write(wait))
    await asyncio.to_thread(entered.wait, 10)
    return waiting, go_on


# -- writing ----------------------------------------------------------------------------------------------------------


async def test_every_connection_is_durable(store):
    connections = [await store.write(lambda connection: connection), store.reading]
    connections.append(await store.beside(lambda connection: connection))
    for connection in connections:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


async def test_writes_at_once_share_a_commit_and_a_refused_one_leaves_the_others(store):
    hoses = store.repository(HOSES, ONE)
    statements: list[str] = []
    await store.write(lambda connection: connection.set_trace_callback(statements.append))
    waiting, go_on = await held_back(store)
    numbers = ["1", "2", "1", "3", 4, "2", "5"]
    writes = [asyncio.create_task(hoses.insert(hose(number=number, name="shared"))) for number in numbers]
    await asyncio.sleep(0.05)
    statements.clear()
    go_on.set()
    results = await asyncio.gather(*writes, return_exceptions=True)
    await waiting
    assert [type(result) for result in results] == [
        *(Stored, Stored, Duplicate, Stored, AttributeError, Duplicate, Stored),
    ]
    assert statements.count("COMMIT") == 2  # of the one that waited, and of all the others
    page = await hoses.page(Query(Contains("name", "shared")))
    assert [entry["number"] for entry in page.items] == ["1", "2", "3", "5"]
    assert page.total == 4
    checked = await store.write(lambda connection: connection.execute("PRAGMA integrity_check").fetchall())
    assert checked == [("ok",)]
    await store.write(
        lambda connection: connection.execute(
            """INSERT INTO "hoses:search" ("hoses:search") VALUES ('integrity-check')"""
        )
    )


async def test_when_the_disk_refuses_nothing_of_the_commit_holds_and_the_writer_goes_on(store):
    hoses = store.repository(HOSES, ONE)
    waiting, go_on = await held_back(store)

    def full(connection: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    first = asyncio.create_task(hoses.insert(hose(number="1")))
    second = asyncio.create_task(store.write(full))
    await asyncio.sleep(0.05)
    go_on.set()
    await waiting
    for write in (first, second):
        with pytest.raises(StoreDown, match="disk is full"):
            await write
    assert await hoses.count() == 0
    await hoses.insert(hose(number="1"))
    assert await hoses.count() == 1


async def test_a_write_that_waited_too_long_is_refused_instead_of_committed_late(store, monkeypatch):
    """Else a row could carry a time before the stamp from which a mirror follows the changes."""
    monkeypatch.setattr(sqlite_writer, "LONGEST_WAIT", 0.05)
    hoses, gate = store.repository(HOSES, ONE), threading.Event()
    stuck = asyncio.create_task(store.write(lambda _: gate.wait(5)))
    await asyncio.sleep(0)
    late = asyncio.create_task(hoses.insert(hose(number="late")))
    await asyncio.sleep(0.1)
    gate.set()
    await stuck
    with pytest.raises(StoreDown):
        await late
    assert (await hoses.page(Query())).total == 0
    await hoses.insert(hose(number="in time"))


def test_a_write_waits_less_long_than_followers_look_back():
    assert timedelta(seconds=sqlite_writer.LONGEST_WAIT) * 2 <= OVERLAP


async def test_a_caller_that_goes_away_does_not_take_its_write_back(store):
    hoses = store.repository(HOSES, ONE)
    waiting, go_on = await held_back(store)
    writes = [asyncio.create_task(hoses.insert(hose(number="1"))) for _ in range(2)]
    await asyncio.sleep(0)
    for write in writes:
        write.cancel()
    go_on.set()
    await waiting
    for write in writes:
        with pytest.raises(asyncio.CancelledError):
            await write
    await store.ping()
    del writes, write
    gc.collect()  # and nobody is told that the second was refused
    assert await hoses.count() == 1


WRITER = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from store_samples import COLLECTIONS, HOSES, ONE
from brassleaf.store.sqlite import SqliteStore

async def main(path, name):
    store = SqliteStore(Path(path))
    await store.open(COLLECTIONS)
    hoses = store.repository(HOSES, ONE)
    for number in range(100_000):
        document = {"_id": f"{name}-{number}", "number": f"{name}-{number}", "name": name, "created": str(number)}
        await hoses.insert(document)
        print(number, flush=True)

asyncio.run(main(sys.argv[1], sys.argv[2]))
"""


def writing_process(path: Path, name: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITER, str(path), name, str(Path(__file__).parent)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


async def test_processes_on_one_file_and_what_a_killed_one_had_acknowledged(store, path):
    hoses = store.repository(HOSES, ONE)
    with writing_process(path, "a") as first, writing_process(path, "b") as second:
        acknowledged = {}
        for name, process in (("a", first), ("b", second)):
            await hoses.insert(hose(number=f"own {name}"))
            for line in itertools.islice(process.stdout, 20):
                acknowledged[name] = int(line)
        for name, process in (("a", first), ("b", second)):
            os.kill(process.pid, signal.SIGKILL)
            acknowledged[name] = max([acknowledged[name], *map(int, process.stdout.read().split())])
    for name, last in acknowledged.items():
        ids = [f"{name}-{number}" for number in range(last + 1)]
        assert set(await hoses.get_many(ids)) == set(ids)
        total = (await hoses.page(Query(Contains("name", name), limit=1))).total
        assert total == await hoses.count(equal("name", name))
        assert total in {last + 1, last + 2}
    assert await hoses.count(Exists("name", present=False)) == 2


async def test_closing_leaves_one_file(path):
    store = SqliteStore(path)
    await store.open(COLLECTIONS)
    hoses = store.repository(HOSES, ONE)
    await hoses.insert(hose(number="1", name="long enough"))
    assert (await hoses.page(Query(Contains("name", "long")))).total == 1
    await store.close()
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


async def test_a_file_that_is_no_data_file_is_refused(path):
    path.parent.mkdir()
    path.write_text("this is not a database, and long enough to be seen as none" * 20)
    store = SqliteStore(path)
    with pytest.raises(StoreDown, match="cannot be opened"):
        await store.open(COLLECTIONS)
    await store.close()


async def test_a_declaration_that_the_documents_do_not_meet_changes_nothing(store, path):
    hoses = store.repository(HOSES, ONE)
    await hoses.insert_many([hose(number=str(number), name="same") for number in range(3)])
    await store.close()
    stricter = changed(HOSES, unique={"name": Unique(lambda document: document["name"])})
    other = SqliteStore(path)
    with pytest.raises(StoreDown):
        await other.open((stricter,))
    await other.close()
    await store.open(COLLECTIONS)
    assert (await store.repository(HOSES, ONE).page(Query(Contains("name", "sam")))).total == 3


# -- reading ----------------------------------------------------------------------------------------------------------


async def test_a_stream_and_a_dump_are_of_one_moment(store):
    hoses = store.repository(HOSES, ONE)
    kept = [await hoses.insert(hose(number=str(number))) for number in range(10)]
    stream, dump = hoses.stream(Query(), batch=2), store.dump()
    seen = [(await anext(stream))[0].id]
    dumped = [(await anext(dump)).document["_id"]]
    await hoses.insert(hose(number="new"))
    await store.repository(USERS, ONE).insert(user(email="new@example.com"))
    await hoses.replace(kept[9], {**kept[9].document, "deleted": True})
    await hoses.purge(Ids((kept[8].id,)))
    seen = [*seen, kept[1].id, *[entry.id async for batch in stream for entry in batch]]
    dumped += [entry.document["_id"] async for entry in dump]
    assert seen == dumped == [entry.id for entry in kept]


async def test_load_puts_back_all_or_nothing(store):
    hoses = store.repository(HOSES, ONE)
    await hoses.insert_many([hose(number=str(number)) for number in range(3)])
    dumped = [entry async for entry in store.dump()]
    await hoses.purge(Ids((dumped[0].document["_id"],)))
    with pytest.raises(Duplicate):
        await store.load(dumped)
    assert await hoses.count() == 2


SORTS = [
    (),
    *[
        (Sort(name, descending),)
        for name in ("name", "created", "size", "lastModified")
        for descending in (False, True)
    ],
]


def plan(store: SqliteStore, organizations: tuple[str, ...], query: Query) -> list[str]:
    statement = sql.select(HOSES, organizations, query, indexed=False, limited=True)
    rows = store.reading.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.values).fetchall()
    return [row[3] for row in rows]


def follows_an_index(steps: list[str]) -> bool:
    return any("USING INDEX" in step for step in steps) and not any(
        "SCAN" in step or "TEMP B-TREE" in step for step in steps
    )


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("organizations", [(ONE,), (ONE, SHARED)])
async def test_usual_lists_walk_an_index(store, organizations, sort):
    for query in (
        Query(sort=sort),
        Query(sort=sort, after=("", "", "")[: 3 if sort and sort[0].field != "created" else 2]),
    ):
        steps = plan(store, organizations, query)
        assert follows_an_index(steps), steps


@pytest.mark.parametrize("organizations", [(ONE,), (ONE, SHARED)])
@pytest.mark.parametrize("where", [equal("name", "x"), equal("size", 3), equal("maker.name", "x")])
async def test_a_filter_in_the_usual_order_walks_the_index_of_its_field(store, organizations, where):
    for query in (Query(where), Query(where, after=("2026", "x"))):
        steps = plan(store, organizations, query)
        assert follows_an_index(steps), steps
        assert any(f"hoses:by:{where.field}" in step for step in steps), steps


@pytest.mark.parametrize(
    ("where", "found_by"),
    [
        (AnyOf("name", ("a", "b")), "f_name=?"),
        (And((AnyOf("size", (1, 2)), Contains("note", "x"))), "f_size=?"),
        (Ids(("1" * 24, "2" * 24)), "(id=?)"),
    ],
)
async def test_what_several_values_name_is_looked_up_rather_than_walked_to(store, where, found_by):
    """The order of a list is worth less than the few documents that are looked for."""
    statement = sql.select(HOSES, (ONE,), Query(where), indexed=False, limited=False)
    steps = [row[3] for row in store.reading.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.values)]
    assert any(found_by in step for step in steps), steps


async def test_what_is_read_on_the_event_loop_walks_an_index(store):
    conditions = (
        *(EVERYTHING, equal("name", "x"), equal("tags", "x"), Contains("name", "x"), Range("size", at_least=1)),
        *(Ids(("1", "2")), Ids(tuple(map(str, range(5000)))), Exists("name"), And((equal("name", "x"),))),
    )
    sorts = (*SORTS, (Sort("name"), Sort("size")), (Sort("size"), Sort("created", descending=True)))
    short = 0
    for organization, shared in ((ONE, False), (ONE, True)):
        repository = store.repository(HOSES, organization, shared=shared)
        for where, sort, with_deleted in itertools.product(conditions, sorts, (False, True)):
            query = Query(where, sort, with_deleted=with_deleted)
            if repository._short(query) and not isinstance(where, Ids):
                short += 1
                steps = plan(store, repository._organizations, query)
                assert follows_an_index(steps), (query, steps)
    assert short >= 2 * (len(SORTS) + 1)


async def test_values_are_the_same_of_few_documents_and_of_many(store, monkeypatch):
    hoses = store.repository(HOSES, ONE, shared=True)
    await hoses.insert_many(
        [hose(number=str(number), name=f"n{number % 3}", note=f"Note {number % 5}", size=1) for number in range(30)]
    )
    await store.repository(HOSES, SHARED).insert_many(
        [hose(number="s", name="n0", note="shared", size=1), hose(size=1)]
    )
    asked = [And((equal("size", 1), equal("name", name))) for name in ("n0", "none")]
    found = []
    for bound in (0, 1000):
        monkeypatch.setattr("brassleaf.store.sqlite_repository._OFTEN", bound)
        for where in asked:
            values = await hoses.distinct("note", where)
            found.append([(entry["note"], entry["number"]) for entry in values])
    assert found[0] == [
        *((f"Note {note}", number) for note, number in enumerate(["0", "6", "12", "3", "9"])),
        ("shared", "s"),
    ]
    assert found == [found[0], [], found[0], []]


async def test_a_term_found_often_and_one_found_seldom(store, monkeypatch):
    hoses = store.repository(HOSES, ONE)
    await hoses.insert_many([hose(number=str(number), name=f"common {number}") for number in range(30)])
    for bound in (5, 1000):
        monkeypatch.setattr("brassleaf.store.sqlite_repository._OFTEN", bound)
        page = await hoses.page(Query(Contains("name", "COMMON"), skip=10, limit=2))
        assert [entry["number"] for entry in page.items] == ["10", "11"]
        assert page.total == 30
        assert (await hoses.page(Query(Contains("name", "mon 29")))).items[0]["number"] == "29"

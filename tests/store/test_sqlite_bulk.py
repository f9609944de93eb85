"""Large writes of the embedded store, which a process of their own does: what holds when that process fails.

That it writes as the store's own writer does is what the contract suite says, whose store `bulk` gives it everything.
"""

import asyncio
import pickle
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import HOSES as WITHOUT_TRAIL
from store_samples import ONE, hose

from brassleaf.app import COLLECTIONS as SERVED
from brassleaf.store import sqlite_bulk
from brassleaf.store.collections import Collection, Unique
from brassleaf.store.port import Changed, Duplicate, Stored, StoreDown
from brassleaf.store.sqlite import SqliteStore
from brassleaf.store.trail import AUDIT

pytestmark = pytest.mark.anyio

HOSES = replace(WITHOUT_TRAIL, trail=True)
ALL = (HOSES, AUDIT)


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SqliteStore]:
    monkeypatch.setattr("brassleaf.store.sqlite.LARGE", 3)
    opened = SqliteStore(tmp_path / "brassleaf.sqlite")
    await opened.open(ALL)
    yield opened
    await opened.close()


def child(store: SqliteStore) -> "subprocess.Popen[bytes] | None":
    assert store._open is not None
    return store._open.bulk._child


def some(count: int, first: int = 0) -> list[dict[str, object]]:
    return [hose(number=str(number)) for number in range(first, first + count)]


def fails(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Let the child do something else first."""
    own = sqlite_bulk._CHILD.replace("serve(", f"serve; {how}; serve(")
    monkeypatch.setattr(sqlite_bulk, "_CHILD", own)


@pytest.mark.parametrize("collection", SERVED, ids=lambda collection: collection.name)
def test_every_collection_can_be_sent(collection: Collection) -> None:
    """Its functions stand in modules, so that another process finds them."""
    again = pickle.loads(pickle.dumps(collection))
    assert (again.name, again.all_fields, again.order) == (collection.name, collection.all_fields, collection.order)
    assert {label: unique.key for label, unique in again.unique.items()}.keys() == collection.unique.keys()


async def test_few_documents_go_to_nobody_else(store: SqliteStore) -> None:
    await store.repository(HOSES, ONE).insert_many(some(2))
    assert child(store) is None
    await store.repository(HOSES, ONE).insert_many(some(3, 2))
    assert child(store) is not None


async def test_what_it_writes_is_in_the_trail_and_counted(store: SqliteStore) -> None:
    hoses, trail = store.repository(HOSES, ONE), store.repository(AUDIT, ONE)
    before = store.written([(HOSES, ONE)])
    kept = [entry for entry in await hoses.insert_many(some(4)) if isinstance(entry, Stored)]
    await hoses.replace_many([(entry, {**entry.document, "name": "new"}) for entry in kept])
    assert await hoses.count() == 4
    assert store.written([(HOSES, ONE)]) == before + 2
    assert await trail.count() == 8


async def test_a_child_that_was_killed_is_followed_by_another(store: SqliteStore) -> None:
    hoses = store.repository(HOSES, ONE)
    await hoses.insert_many(some(3))
    first = child(store)
    assert first is not None
    first.send_signal(signal.SIGKILL)
    first.wait()
    results = await hoses.insert_many(some(3, 3))
    assert all(isinstance(entry, Stored) for entry in results)
    second = child(store)
    assert second is not None
    assert second.pid != first.pid
    assert await hoses.count() == 6


async def test_a_child_that_cannot_start_is_done_without(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    fails(monkeypatch, "raise SystemExit(3)")
    results = await store.repository(HOSES, ONE).insert_many([*some(3), hose(number="1")])
    assert [isinstance(entry, Stored) for entry in results] == [True, True, True, False]
    assert await store.repository(HOSES, ONE).count() == 3
    assert child(store) is None


async def test_a_child_that_dies_before_it_answers_has_written_once(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows any more who wrote; what is there is told as there, as if somebody else had made it."""
    hoses = store.repository(HOSES, ONE)
    fails(
        monkeypatch, "import os; from brassleaf.store import sqlite_bulk as b; b.pickle.dump = lambda *_: os._exit(1)"
    )
    documents = some(3)
    results = await hoses.insert_many(documents)
    assert all(isinstance(entry, Duplicate) for entry in results)
    there = await hoses.get_many([str(document["_id"]) for document in documents])
    assert [entry.document for entry in there.values()] == documents
    again = await hoses.replace_many([(entry, {**entry.document, "name": "new"}) for entry in there.values()])
    assert all(isinstance(entry, Changed) for entry in again)
    assert {entry["name"] for entry in (await hoses.get_many(list(there))).values()} == {"new"}
    assert await store.repository(AUDIT, ONE).count() == 6


async def test_a_child_that_dies_in_the_middle_has_written_nothing(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = "import os; from brassleaf.store.sqlite_changes import Changes; Changes.follow = lambda *_: os._exit(1)"
    fails(monkeypatch, ends)
    results = await store.repository(HOSES, ONE).insert_many(some(3))
    assert all(isinstance(entry, Stored) for entry in results)  # by the store's own writer
    assert await store.repository(AUDIT, ONE).count() == 3


async def test_a_collection_that_cannot_be_sent_is_written_all_the_same(tmp_path: Path) -> None:
    own = Collection("own", (), {"number": Unique(lambda document: document["number"])}, trail=False)
    store = SqliteStore(tmp_path / "brassleaf.sqlite")
    await store.open((own,))
    results = await store.repository(own, ONE).insert_many(
        [{"_id": f"{n:024x}", "number": str(n)} for n in range(1_000)]
    )
    assert all(isinstance(entry, Stored) for entry in results)
    assert child(store) is None
    await store.close()


async def test_a_batch_that_waits_for_too_long_is_refused_by_both(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("sqlite", "sqlite_writer"):
        monkeypatch.setattr(f"brassleaf.store.{module}.LONGEST_WAIT", -1.0)
    with pytest.raises(StoreDown, match="too long"):
        await store.repository(HOSES, ONE).insert_many(some(3))
    assert await store.repository(HOSES, ONE).count() == 0


async def test_it_waits_for_the_lock_of_another_writer(store: SqliteStore) -> None:
    hoses = store.repository(HOSES, ONE)
    await hoses.insert_many(some(3))
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(hoses.insert_many(some(3, 3)))
    await asyncio.sleep(0.2)
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    assert all(isinstance(entry, Stored) for entry in await writing)


def ending() -> "subprocess.Popen[bytes]":
    """A process that is there, and ends without an answer as one does that has nothing to do."""
    return subprocess.Popen(["sleep", "0.2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


async def test_a_child_that_ends_just_now_is_followed_by_another(store: SqliteStore) -> None:
    assert store._open is not None
    store._open.bulk._child = idle = ending()
    results = await store.repository(HOSES, ONE).insert_many(some(3))
    assert all(isinstance(entry, Stored) for entry in results)
    assert idle.returncode == 0
    assert child(store) not in {None, idle}


async def test_a_child_ends_with_the_store_and_when_it_is_idle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brassleaf.store.sqlite.LARGE", 3)
    fails(monkeypatch, "from brassleaf.store import sqlite_bulk as b; b._IDLE = 0.05")
    store = SqliteStore(tmp_path / "brassleaf.sqlite")
    await store.open(ALL)
    hoses = store.repository(HOSES, ONE)
    await hoses.insert_many(some(3))
    idle = child(store)
    assert idle is not None
    deadline = time.monotonic() + 10
    while idle.poll() is None:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    assert idle.returncode == 0
    assert all(isinstance(entry, Stored) for entry in await hoses.insert_many(some(3, 3)))
    last = child(store)
    assert last is not None
    await store.close()
    assert last.poll() == 0


def left_alone(folder: Path, message: bytes) -> tuple[int, bytes]:
    """The exit code and the last words of a child that is told something by one who then is gone."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-I", "-c", sqlite_bulk._CHILD, str(folder / "brassleaf.sqlite"), *sys.path]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as gone:
        assert gone.stdin is not None
        assert gone.stdout is not None
        assert gone.stderr is not None
        gone.stdout.close()
        gone.stdin.write(message)
        gone.stdin.close()
        words = gone.stderr.read()
    return gone.returncode, words


@pytest.mark.parametrize("sent", ["whole", "half"])
async def test_a_child_whose_server_is_gone_ends_quietly(
    store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: str
) -> None:
    messages: list[bytes] = []

    def take(_: object, message: bytes) -> None:
        messages.append(message)
        raise OSError

    monkeypatch.setattr(sqlite_bulk.Bulk, "_ask", take)
    await store.repository(HOSES, ONE).insert_many(some(3))  # by the store's own writer: the child only repeats them
    (message,) = messages
    assert left_alone(tmp_path, message if sent == "whole" else message[: len(message) // 2]) == (0, b"")

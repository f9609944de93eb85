"""The life cycle's rules hold in the store itself, whoever writes at once: on SQLite and on a MongoDB wire server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from brassleaf.errors import FieldError, NotFound, Refused, Stale
from brassleaf.revisions.lifecycle import (
    FIELDS,
    RELEASED,
    SUPERSEDED,
    UNDER_EDITING,
    LifeCycle,
    RolledBack,
    unique_keys,
)
from brassleaf.store.collections import Collection, Document
from brassleaf.store.mongo import MongoStore
from brassleaf.store.port import Duplicate, Repository, Store, Stored
from brassleaf.store.query import EVERYTHING, Query, Sort, equal
from brassleaf.store.records import Records, new_document, seed_ids, tag
from brassleaf.store.sqlite import SqliteStore

pytestmark = pytest.mark.anyio

THINGS = Collection("things", FIELDS, unique_keys("number"), order="version", trail=False)
ONE, OTHER = "1" * 24, "2" * 24


@pytest.fixture(params=["sqlite", "wire"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "sqlite":
        opened: Store = SqliteStore(tmp_path / "brassleaf.sqlite")
        await opened.open([THINGS])
        yield opened
        await opened.close()
        return
    wire = request.getfixturevalue("wire")
    with wire.database() as name:
        opened = MongoStore(wire.url, driver="pymongo", allow_standalone=wire.standalone, database=name)
        await opened.open([THINGS])
        yield opened
        await opened.close()


@pytest.fixture
def life(store: Store) -> LifeCycle:
    return LifeCycle(Records(store.repository(THINGS, ONE), "thing", "test"), "thing", "number")


async def complete(document: Document) -> Document:
    return {**document, "checked": True}


async def outcomes(*work: Awaitable[Any]) -> list[Any]:
    return list(await asyncio.gather(*work, return_exceptions=True))


def kinds(found: list[Any]) -> list[str]:
    return sorted(type(entry).__name__ for entry in found)


async def version(store: Store, first: Stored, **changed: Any) -> Stored:
    """A later version, as `newversion` will make it."""
    fields = {**first.document, "firstOfRevision": False, "version": 2, "newest": True, **changed}
    return await store.repository(THINGS, ONE).insert({**fields, "_id": new_document({}, "")["_id"]})


async def test_a_new_document_is_the_first_of_its_chain(life: LifeCycle) -> None:
    made = await life.create({"number": "A"})
    assert made.document | {"lastModified": "", "created": ""} == {
        "_id": made.id, "chain": made.id, "number": "A", "status": UNDER_EDITING, "version": 1, "newest": True,
        "firstOfRevision": True, "created": "", "createdBy": "test", "lastModified": "", "lastModifiedBy": "test",
        "deleted": False,
    }  # fmt: skip


async def test_of_many_creates_of_one_number_one_wins(life: LifeCycle, store: Store) -> None:
    found = await outcomes(*(life.create({"number": "ß-1" if n % 2 else "SS-1", "revision": "a"}) for n in range(10)))
    assert kinds(found) == ["Refused"] * 9 + ["Stored"]
    refusal = next(entry for entry in found if isinstance(entry, Refused))
    assert refusal.errors[0].field == "number"
    assert await store.repository(THINGS, ONE).count() == 1
    # another organization's numbers are its own
    assert await LifeCycle(Records(store.repository(THINGS, OTHER), "thing", "x"), "thing", "number").create(
        {"number": "SS-1", "revision": "a"}
    )


async def test_number_and_revision_are_two_things(life: LifeCycle) -> None:
    for number, revision in (("A", None), ("A", "B"), ("A|B", None), ("A", "B|"), ("A|", "B")):
        await life.create({"number": number, **({"revision": revision} if revision else {})})
    with pytest.raises(Refused):
        await life.create({"number": "a", "revision": ""})


async def test_of_two_renamed_to_one_number_one_wins(life: LifeCycle) -> None:
    first, second = await life.create({"number": "A"}), await life.create({"number": "B"})

    def renamed() -> Callable[[Document], Awaitable[Document]]:
        async def apply(before: Document) -> Document:
            return {**before, "number": "C"}

        return apply

    found = await outcomes(life.change(first.id, renamed(), None), life.change(second.id, renamed(), None))
    assert kinds(found) == ["Refused", "Stored"]


async def test_a_deleted_document_holds_no_number(life: LifeCycle) -> None:
    made = await life.create({"number": "A"})
    await life.delete(made.id, None)
    with pytest.raises(NotFound):
        await life.delete(made.id, None)
    assert (await life.create({"number": "a"})).id != made.id


async def test_of_many_releases_one_wins_and_keeps_what_was_checked(life: LifeCycle, store: Store) -> None:
    made = await life.create({"number": "A"})
    found = await outcomes(*(life.release(made.id, complete, None) for _ in range(8)))
    assert kinds(found) == ["Refused"] * 7 + ["Stored"]
    kept = await store.repository(THINGS, ONE).get(made.id)
    assert kept is not None
    assert (kept["status"], kept["checked"]) == (RELEASED, True)


async def test_a_change_and_a_release_at_once_leave_one_whole(life: LifeCycle, store: Store) -> None:
    made = await life.create({"number": "A"})

    async def apply(before: Document) -> Document:
        return {**before, "comments": "late"}

    found = await outcomes(life.release(made.id, complete, None), life.change(made.id, apply, None))
    kept = await store.repository(THINGS, ONE).get(made.id)
    assert kept is not None
    assert kept["status"] == RELEASED
    assert isinstance(found[0], Stored)
    assert (kept["comments"] == "late") == isinstance(found[1], Stored)


async def test_one_version_of_a_chain_is_released(life: LifeCycle, store: Store) -> None:
    first = await life.create({"number": "A"})
    second = await version(store, first)
    found = await outcomes(life.release(first.id, complete, None), life.release(second.id, complete, None))
    assert kinds(found) == ["Refused", "Stored"]
    assert await store.repository(THINGS, ONE).count(equal("status", RELEASED)) == 1


async def test_a_chain_has_each_version_once(life: LifeCycle, store: Store) -> None:
    first = await life.create({"number": "A"})
    found = await outcomes(*(version(store, first) for _ in range(5)))
    assert kinds(found) == ["Duplicate"] * 4 + ["Stored"]
    assert isinstance(next(entry for entry in found if not isinstance(entry, Stored)), Duplicate)
    # a later version bears the number of the first without holding it, and the number stays taken
    with pytest.raises(Refused):
        await life.create({"number": "a"})


async def test_what_is_not_complete_or_not_editable_is_refused(life: LifeCycle, store: Store) -> None:
    made = await life.create({"number": "A"})

    async def incomplete(_: Document) -> Document:
        raise Refused.fields([FieldError("hose", "Needed for a release.")])

    with pytest.raises(Refused, match="hose"):
        await life.release(made.id, incomplete, None)
    await version(store, made, status=SUPERSEDED, number="A")
    old = (await store.repository(THINGS, ONE).page(Query(equal("status", SUPERSEDED)))).items[0]
    for work in (life.release(old.id, complete, None), life.delete(old.id, None), life.change(old.id, complete, None)):
        with pytest.raises(Refused, match=SUPERSEDED):
            await work


async def test_a_state_that_passed_is_stale(life: LifeCycle) -> None:
    made = await life.create({"number": "A"})
    state = frozenset({tag(made)})
    found = await outcomes(*(life.change(made.id, complete, state) for _ in range(5)))
    assert kinds(found) == ["Stale"] * 4 + ["Stored"]
    with pytest.raises(Stale):
        await life.release(made.id, complete, state)
    with pytest.raises(Stale):
        await life.delete(made.id, state)
    assert (await life.release(made.id, complete, frozenset({"*"})))["status"] == RELEASED


# -- a server that is stopped between two writes --------------------------------------------------------------------


class Stopped(Exception):
    """The power is gone."""


class Failing:
    """A repository whose server is stopped before its n-th write."""

    def __init__(self, repository: Repository, writes: int) -> None:
        self._repository = repository
        self._left = writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._repository, name)

    def _count(self) -> None:
        if self._left == 0:
            raise Stopped
        self._left -= 1

    async def insert(self, document: Document) -> Stored:
        self._count()
        return await self._repository.insert(document)

    async def replace(self, before: Stored, document: Document) -> Stored:
        self._count()
        return await self._repository.replace(before, document)


async def stopped(store: Store, writes: int, work: Callable[[LifeCycle], Awaitable[Any]]) -> None:
    failing: Any = Failing(store.repository(THINGS, ONE), writes)
    with contextlib.suppress(Stopped):
        await work(LifeCycle(Records(failing, "thing", "test"), "thing", "number"))


async def versions(store: Store) -> list[tuple[int, str, bool]]:
    page = await store.repository(THINGS, ONE).page(Query(EVERYTHING, (Sort("version"),), limit=50))
    return [(entry["version"], entry["status"], entry["newest"]) for entry in page.items]


AFTER = [(1, SUPERSEDED, False), (2, UNDER_EDITING, True)]
BEFORE = [(1, RELEASED, True)]


@pytest.mark.parametrize("writes", range(4))
async def test_a_new_version_that_was_cut_short_is_made_by_the_next_call(
    life: LifeCycle, store: Store, writes: int
) -> None:
    made = await life.create({"number": "A"})
    await life.release(made.id, complete, None)
    await stopped(store, writes, lambda other: other.new_version(made.id, complete, None))
    assert any(newest for _, _, newest in await versions(store))
    try:
        await life.new_version(made.id, complete, None)
    except Refused:  # it was there already
        (_, second) = (await store.repository(THINGS, ONE).page(Query(EVERYTHING, (Sort("version"),)))).items
        await life.release(second.id, complete, None)
        assert await versions(store) == [(1, SUPERSEDED, False), (2, RELEASED, True)]
    else:
        assert await versions(store) == AFTER


@pytest.mark.parametrize("writes", range(3))
async def test_a_new_version_that_was_begun_can_be_rolled_back(life: LifeCycle, store: Store, writes: int) -> None:
    made = await life.create({"number": "A"})
    await life.release(made.id, complete, None)
    await stopped(store, writes, lambda other: other.new_version(made.id, complete, None, "B"))
    top = (await store.repository(THINGS, ONE).page(Query(EVERYTHING, (Sort("version", descending=True),)))).items[0]
    if top["status"] != RELEASED:
        await life.rollback(top.id, None, alone=True)
    assert await versions(store) == BEFORE
    assert (await life.new_version(made.id, complete, None, "B"))["revision"] == "B"


@pytest.mark.parametrize("writes", range(4))
async def test_a_rollback_that_was_cut_short_hides_nothing_and_is_gone_on_with(
    life: LifeCycle, store: Store, writes: int
) -> None:
    made = await life.create({"number": "A"})
    await life.release(made.id, complete, None)
    second = await life.new_version(made.id, complete, None)
    await stopped(store, writes, lambda other: other.rollback(second.id, None, alone=True))
    assert any(newest for _, _, newest in await versions(store))
    if len(await versions(store)) == 2:
        assert (await life.rollback(second.id, None, alone=True)).id == made.id
    elif await versions(store) != BEFORE:
        assert await life.rollback(made.id, None, alone=True) == RolledBack(made.id, already=True)
    assert await versions(store) == BEFORE


async def test_a_repeated_request_gets_the_version_that_the_first_one_made(life: LifeCycle, store: Store) -> None:
    made = await life.create({"number": "A"})
    await life.release(made.id, complete, None)
    found = []
    for _ in range(2):
        seed_ids("the same request")
        found.append(await life.new_version(made.id, complete, None))
    assert found[0].id == found[1].id
    assert await versions(store) == AFTER


async def test_of_many_new_versions_one_wins(life: LifeCycle, store: Store) -> None:
    made = await life.create({"number": "A"})
    await life.release(made.id, complete, None)
    found = await outcomes(*(life.new_version(made.id, complete, None, "B" if n % 2 else None) for n in range(6)))
    assert kinds(found) == ["Refused"] * 5 + ["Stored"]
    assert await versions(store) == AFTER


async def test_a_first_version_is_taken_back_only_where_that_is_wanted(life: LifeCycle) -> None:
    made = await life.create({"number": "A"})
    with pytest.raises(Refused, match="no earlier version"):
        await life.rollback(made.id, None, alone=False)
    assert (await life.rollback(made.id, None, alone=True)).id is None


@pytest.mark.parametrize("name", ["release", "unrelease", "obsolete", "delete", "rollback"])
async def test_a_request_whose_answer_got_lost_is_answered_again(life: LifeCycle, store: Store, name: str) -> None:
    made = await life.create({"number": "A"})
    if name in ("unrelease", "obsolete", "delete", "rollback"):
        await life.release(made.id, complete, None)
    target = made.id
    if name in ("delete", "rollback"):
        target = (await life.new_version(made.id, complete, None)).id
    calls: dict[str, Callable[[], Awaitable[Any]]] = {
        "release": lambda: life.release(target, complete, None),
        "unrelease": lambda: life.unrelease(target, complete, None),
        "obsolete": lambda: life.obsolete(target, None),
        "delete": lambda: life.delete(target, None),
        "rollback": lambda: life.rollback(target, None, alone=True),
    }
    seed_ids("one request")
    first = await calls[name]()
    state = await versions(store)
    with pytest.raises((Refused, NotFound)):  # another request of the same kind
        await calls[name]()
    seed_ids("one request", first_try="2000-01-01T00:00:00.000Z")
    again = await calls[name]()
    assert await versions(store) == state
    if name == "rollback":
        assert again == first == RolledBack(made.id)

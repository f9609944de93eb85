"""The life cycle's rules hold in the store itself, whoever writes at once: on SQLite and on a MongoDB wire server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from brassleaf.errors import FieldError, NotFound, Refused, Stale
from brassleaf.revisions.lifecycle import FIELDS, RELEASED, SUPERSEDED, UNDER_EDITING, LifeCycle, unique_keys
from brassleaf.store.collections import Collection, Document
from brassleaf.store.mongo import MongoStore
from brassleaf.store.port import Duplicate, Store, Stored
from brassleaf.store.query import Query, equal
from brassleaf.store.records import Records, new_document, tag
from brassleaf.store.sqlite import SqliteStore

pytestmark = pytest.mark.anyio

THINGS = Collection("things", FIELDS, unique_keys("number"), order="version")
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

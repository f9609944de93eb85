"""Pages that were read are kept until something is written, by whichever process, and take so much room."""

import asyncio
from pathlib import Path

import pytest

from brassleaf.store import sqlite_pages
from brassleaf.store.collections import Collection, Field
from brassleaf.store.port import Page, StoredRows
from brassleaf.store.query import AnyOf, Query, equal
from brassleaf.store.records import new_document
from brassleaf.store.sqlite import SqliteStore
from brassleaf.store.sqlite_pages import Pages

THINGS = Collection("things", (Field("name"), Field("count")), order="name", trail=False)
HOME = "a" * 24


def test_a_page_is_kept_until_any_store_writes(tmp_path: Path) -> None:
    async def work() -> None:
        ours, theirs = (SqliteStore(tmp_path / "things.sqlite") for _ in range(2))
        for store in (ours, theirs):
            await store.open([THINGS])
        things, asked = ours.repository(THINGS, HOME), Query(equal("name", "b"), limit=2)
        made = await things.insert(new_document({"name": "b"}, "me"))
        first = await things.page(asked)
        assert await things.page(asked) is first
        await theirs.repository(THINGS, HOME).insert(new_document({"name": "B"}, "them"))
        second = await things.page(asked)
        assert [page.total for page in (first, second)] == [1, 2]
        await theirs.repository(THINGS, HOME).replace(made, {**made.document, "deleted": True})
        assert (await things.page(asked)).total == 1
        await things.insert(new_document({"name": "c"}, "me"))
        assert (await things.page(Query())).total == 2
        for store in (ours, theirs):
            await store.close()

    asyncio.run(work())


def test_values_that_are_equal_and_not_the_same_are_other_questions(tmp_path: Path) -> None:
    async def work() -> None:
        store = SqliteStore(tmp_path / "things.sqlite")
        await store.open([THINGS])
        things = store.repository(THINGS, HOME)
        await things.insert(new_document({"name": "x", "count": "1"}, "me"))
        found = [(await things.page(Query(AnyOf("count", (value,))))).total for value in (1, 1.0, True, "1")]
        assert found == [1, 0, 0, 1]
        await store.close()

    asyncio.run(work())


def test_pages_take_so_much_room_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_pages, "_MOST_BYTES", 1000)
    monkeypatch.setattr(sqlite_pages, "_LARGEST", 500)
    pages = Pages()

    def page(size: int) -> Page:
        return Page(StoredRows([("id", 1, b"x" * size)]), 1)

    for number in range(50):
        pages.keep(number, 1, page(300))
        pages.keep(number, 2, page(300))
    kept = [number for number in range(50) if pages.get(number, 2)]
    assert kept == [47, 48, 49]
    assert pages.get(49, 1) is None
    pages.keep("large", 1, page(501))
    assert pages.get("large", 1) is None

"""The stores that the contract holds for, each on a fresh place of its own."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from store_samples import COLLECTIONS

from brassleaf.store.mongo import MongoStore
from brassleaf.store.port import Store
from brassleaf.store.sqlite import SqliteStore

MakeStore = Callable[[], Store]


@pytest.fixture(params=["sqlite", "bulk", "motor", "pymongo"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeStore]:
    """Makes stores, not opened yet, on one and the same place; `bulk` has all that is written together as if large."""
    if request.param in {"sqlite", "bulk"}:
        monkeypatch.setattr("brassleaf.store.sqlite.LARGE", 1 if request.param == "bulk" else 10**9)
        monkeypatch.setattr("brassleaf.store.sqlite.log.exception", pytest.fail)  # else its own writer stepped in
        yield lambda: SqliteStore(tmp_path / "brassleaf.sqlite")
        return
    wire = request.getfixturevalue("wire")
    with wire.database() as name:
        yield lambda: MongoStore(wire.url, driver=request.param, allow_standalone=wire.standalone, database=name)


@pytest.fixture
async def store(make_store: MakeStore) -> AsyncIterator[Store]:
    """An open store."""
    opened = make_store()
    await opened.open(COLLECTIONS)
    yield opened
    await opened.close()

"""Changes of one document by many at a time: all of them come to their turn, or are told to come again."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from store_samples import COLLECTIONS, HOSES, ONE, hose

from brassleaf.errors import Overtaken
from brassleaf.http.problems import render
from brassleaf.store import records as subject
from brassleaf.store.port import Stored
from brassleaf.store.records import Records
from brassleaf.store.sqlite import SqliteStore

pytestmark = pytest.mark.anyio


async def test_many_that_change_one_document_all_come_to_their_turn(tmp_path: Path) -> None:
    """Each reads the document, then waits for a commit that the others wait for as well."""
    store = SqliteStore(tmp_path / "shop.sqlite")
    await store.open(COLLECTIONS)
    repository = store.repository(HOSES, ONE)
    there = await repository.insert(hose(number="1", quantity=0))
    records = Records(repository, "hose", "somebody")
    count = 60
    changes = [
        records.change(there.id, lambda before: {**before, "quantity": before["quantity"] + 1}) for _ in range(count)
    ]
    await asyncio.gather(*changes)
    found = await repository.get(there.id)
    assert found is not None
    assert (found["quantity"], found.revision) == (count, count + 1)
    await store.close()


@pytest.mark.parametrize("how", ["change", "put"])
async def test_whom_others_always_overtake_is_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """It is no stale If-Match, of which there was none: the same request may go through later."""
    store = SqliteStore(tmp_path / "shop.sqlite")
    await store.open(COLLECTIONS)
    repository = store.repository(HOSES, ONE)
    there = await repository.insert(hose(number="1", quantity=0))
    monkeypatch.setattr(subject, "TRIES", 3)
    get, replace = repository.get, repository.replace

    async def overtaken(id_: str) -> Stored | None:
        found = await get(id_)
        assert found is not None
        await replace(found, {**found.document, "quantity": found["quantity"] + 1})
        return found

    monkeypatch.setattr(repository, "get", overtaken)
    work: Any = getattr(Records(repository, "hose", "somebody"), how)
    with pytest.raises(Overtaken) as caught:
        await work(there.id, lambda before: {**before, "name": "mine"})
    answer = render(caught.value, "")
    assert answer is not None
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    found = await get(there.id)
    assert found is not None
    assert (found["quantity"], found["name"]) == (3, None)
    await store.close()

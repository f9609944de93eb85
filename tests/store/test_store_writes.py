"""The count of writes that what is remembered hangs on: every write of every store on the file adds to it."""

import pytest
from store_samples import COLLECTIONS, HOSES, NOTES, ONE, TWO, hose

from brassleaf.store.collections import SHARED
from brassleaf.store.query import equal
from brassleaf.store.sqlite import SqliteStore

PLACES = ((HOSES, ONE), (HOSES, SHARED))
pytestmark = pytest.mark.anyio


async def test_every_write_counts_whoever_made_it(make_store):
    store, other = make_store(), make_store()
    await store.open(COLLECTIONS)
    await other.open(COLLECTIONS)
    seen = []

    def look():
        seen.append(store.written(PLACES))
        assert other.written(PLACES) == seen[-1]

    try:
        look()
        mine, theirs = store.repository(HOSES, ONE), other.repository(HOSES, ONE)
        first = await mine.insert(hose(number="1", quantity=1))
        look()
        first = await theirs.replace(first, {**first.document, "name": "new"})
        look()
        first = await theirs.increment(first.id, "quantity", 1)
        look()
        (second,) = await theirs.insert_many([hose(number="2")])
        look()
        await mine.replace_many([(first, first.document), (second, {**second.document, "deleted": True})])
        look()
        await theirs.purge(equal("number", "2"))
        look()
        await other.repository(HOSES, SHARED).insert(hose(number="3"))
        look()
        counted = isinstance(store, SqliteStore)
        assert len(set(seen)) == (len(seen) if counted else 1)
        assert seen == (sorted(seen) if counted else [None] * len(seen))
        await store.repository(HOSES, TWO).insert(hose(number="4"))
        await store.repository(NOTES, ONE).insert({"_id": "a" * 24, "deleted": False})
        assert store.written(PLACES) == seen[-1]
        assert (store.written((*PLACES, (NOTES, ONE))) != seen[-1]) is counted
    finally:
        await store.close()
        await other.close()

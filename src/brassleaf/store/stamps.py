"""How often collections were written to: what was made of their documents holds for as long as that stays the same."""

from collections.abc import Sequence
from functools import lru_cache

from brassleaf.store.collections import SHARED, Collection
from brassleaf.store.port import Store
from brassleaf.store.sqlite import SqliteStore


def stamp(store: Store, collections: Sequence[Collection], organization: str) -> int | None:
    """How many writes the collections have seen, in an organization and in the shared catalogue; it only grows.

    It is counted in the transaction of each write, so it tells of the writes of every process on the file. None where
    the store does not count (MongoDB): of what was made there, nothing may be kept for the next request.
    """
    if not isinstance(store, SqliteStore):
        return None
    values = (organization, SHARED, *(collection.name for collection in collections))
    found = store.reading.execute(_statement(len(collections)), values).fetchone()
    return int(found[0] or 0)


@lru_cache(maxsize=16)
def _statement(count: int) -> str:
    return f"SELECT sum(writes) FROM tally WHERE org IN (?, ?) AND collection IN ({', '.join('?' * count)})"  # noqa: S608

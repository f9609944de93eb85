"""How often collections were written to: what was made of their documents holds for as long as that stays the same."""

from collections.abc import Sequence
from functools import lru_cache

from brassleaf.store.collections import Collection
from brassleaf.store.port import Store
from brassleaf.store.sqlite import SqliteStore

#: One row after the other: of a list of names SQLite makes a table for each question, which costs ten times as much.
_WRITES = "coalesce((SELECT writes FROM tally WHERE collection = ? AND org = ?), 0)"


def stamp(store: Store, places: Sequence[tuple[Collection, str]]) -> int | None:
    """How many writes these collections of these organizations have seen; it only grows.

    It is counted in the transaction of each write, so it tells of the writes of every process on the file. None where
    the store does not count (MongoDB): of what was made there, nothing may be kept for the next request.
    """
    if not isinstance(store, SqliteStore):
        return None
    values = [part for collection, organization in places for part in (collection.name, organization)]
    return int(store.reading.execute(_statement(len(places)), values).fetchone()[0])


@lru_cache(maxsize=16)
def _statement(count: int) -> str:
    return "SELECT " + " + ".join([_WRITES] * count)

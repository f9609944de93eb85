"""How often collections were written to: what was made of their documents holds for as long as that stays the same."""

from collections.abc import Sequence
from functools import lru_cache

from brassleaf.store.collections import SHARED, Collection
from brassleaf.store.port import Store
from brassleaf.store.sqlite import SqliteStore

#: One row after the other: of a list of names SQLite makes a table for each question, which costs ten times as much.
_WRITES = "coalesce((SELECT writes FROM tally WHERE collection = ? AND org = ?), 0)"


def stamp(store: Store, collections: Sequence[Collection], organization: str) -> int | None:
    """How many writes the collections have seen, in an organization and in the shared catalogue; it only grows.

    It is counted in the transaction of each write, so it tells of the writes of every process on the file. None where
    the store does not count (MongoDB): of what was made there, nothing may be kept for the next request.
    """
    if not isinstance(store, SqliteStore):
        return None
    values = [part for one in collections for home in (organization, SHARED) for part in (one.name, home)]
    return int(store.reading.execute(_statement(len(values) // 2), values).fetchone()[0])


@lru_cache(maxsize=16)
def _statement(count: int) -> str:
    return "SELECT " + " + ".join([_WRITES] * count)

"""How documents are put into the embedded store: their rows, their count, their entries in the audit trail.

It is done the same by the store's own writer and by the process that large writes go to.
"""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

import orjson

from brassleaf.store import trail
from brassleaf.store.collections import Collection, Document
from brassleaf.store.port import Changed, Duplicate
from brassleaf.store.sqlite_schema import Rows, count_change
from brassleaf.store.trail import AUDIT

#: A change: the document before it, if there was one, the document after it, and that one's revision.
Done = tuple[Document | None, Document, int]
#: What was refused of a batch, by its place in it.
Refusals = dict[int, Duplicate | Changed]


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents that are written together, each by itself; `raws` are the same as JSON.

    `revisions` are those that they take the place of, None where they are new. `moment` is the time of the entries in
    the audit trail; None leaves these out.
    """

    collection: Collection
    organization: str
    documents: Sequence[Document]
    raws: Sequence[bytes]
    revisions: Sequence[int] | None
    moment: str | None


class Changes:
    """Puts documents where they belong, on whichever connection has begun a transaction."""

    def __init__(self) -> None:
        self._rows: dict[str, Rows] = {}

    def rows(self, collection: Collection) -> Rows:
        """The statements of a collection."""
        found = self._rows.get(collection.name)
        if found is None:
            found = self._rows[collection.name] = Rows(collection)
        return found

    def write(self, connection: sqlite3.Connection, batch: Batch) -> Refusals:
        """Put the documents of a batch; what was refused, and why."""
        rows, collection, organization = self.rows(batch.collection), batch.collection, batch.organization
        refusals: Refusals = {}
        done: list[Done] = []
        if batch.revisions is None:
            kept_out = rows.insert_many(connection, organization, batch.documents, batch.raws)
            for place, refusal in enumerate(kept_out):
                if refusal is not None:
                    refusals[place] = duplicate(refusal)
            done = [(None, after, 1) for place, after in enumerate(batch.documents) if place not in refusals]
        else:
            changes = list(zip(batch.revisions, batch.documents, batch.raws, strict=True))
            answers = rows.replace_many(connection, organization, changes)
            for place, (answer, (revision, after, _)) in enumerate(zip(answers, changes, strict=True)):
                if isinstance(answer, sqlite3.IntegrityError):
                    refusals[place] = duplicate(answer)
                elif answer is None:
                    refusals[place] = Changed()
                else:
                    done.append((answer, after, revision + 1))
        self.follow(connection, collection, organization, done, batch.moment)
        return refusals

    def follow(
        self,
        connection: sqlite3.Connection,
        collection: Collection,
        organization: str,
        changes: Sequence[Done],
        moment: str | None,
    ) -> None:
        """Count changes and keep them in the audit trail, in their transaction."""
        if not changes:
            return
        count(connection, collection, organization, changes)
        if moment is None or not collection.trail:
            return
        made = [trail.entry(collection, *change, moment) for change in changes]
        # in the order of their ids, which begin with the time, all indexes but one grow at their end
        entries = sorted((entry for entry in made if entry is not None), key=itemgetter("_id"))
        raws = [orjson.dumps(entry) for entry in entries]
        refusals = self.rows(AUDIT).insert_many(connection, organization, entries, raws)
        # one that is refused was told already, by a backup that was put back
        if told := refusals.count(None):
            count_change(connection, AUDIT.name, organization, told, 0)


def count(connection: sqlite3.Connection, collection: Collection, organization: str, changes: Sequence[Done]) -> None:
    """Keep count of live and deleted documents."""
    live = dead = 0
    for before, after, _ in changes:
        is_dead = bool(after.get("deleted"))
        live, dead = live + (not is_dead), dead + is_dead
        if before is not None:
            was_dead = bool(before.get("deleted"))
            live, dead = live - (not was_dead), dead - was_dead
    count_change(connection, collection.name, organization, live, dead)


class uniquely:  # noqa: N801 - reads as a clause
    """Turns SQLite's message about a unique index into Duplicate with the label of the key."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.IntegrityError):
            raise duplicate(error) from error


_TAKEN = re.compile(r"^UNIQUE .*\.(?:u_(?P<label>[^,]+)|id)$")


def duplicate(error: sqlite3.IntegrityError) -> Duplicate:
    """Which key an insert or update ran into. Anything else that SQLite refuses is a mistake of ours."""
    found = _TAKEN.search(str(error))
    if found is None:
        raise error
    return Duplicate(found["label"] or "_id")

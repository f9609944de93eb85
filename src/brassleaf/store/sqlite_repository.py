"""The repository port on SQLite: short indexed reads on the event loop, all else beside it."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from brassleaf.store import sqlite_query as sql
from brassleaf.store.collections import SHARED, Collection, Document, Field, Shadow, held
from brassleaf.store.port import Changed, Duplicate, Page, Stored, StoredRows
from brassleaf.store.query import (
    EVERYTHING,
    And,
    AnyOf,
    Contains,
    Ids,
    Linked,
    Query,
    Range,
    Sort,
    Where,
    both,
    conjuncts,
    links,
)
from brassleaf.store.sqlite_changes import Batch, uniquely
from brassleaf.store.sqlite_schema import column, count_change, many_table, quoted, search_table, unique_column

if TYPE_CHECKING:
    from brassleaf.store.sqlite import SqliteStore

#: A term found more often than this is read in list order instead: its hits come soon, and sorting them all would cost.
_OFTEN = 1000
_NEAR = 1000
_SHORT_PAGE = 200
_PURGED_AT_ONCE = 500
_STATEMENTS = 2000


class SqliteRepository:
    """The documents of one collection that one organization may see."""

    def __init__(self, store: "SqliteStore", collection: Collection, organization: str, *, shared: bool) -> None:
        self._store = store
        self._collection = collection
        self.organization = organization
        self._organizations = tuple(dict.fromkeys((organization, SHARED) if shared else (organization,)))
        self._get, self._get_many = _by_id(collection.name, len(self._organizations))

    async def get(self, id_: str) -> Stored | None:
        """The document of that id."""
        found = self._store.reading.execute(self._get, (id_, *self._organizations)).fetchone()
        return None if found is None else Stored(found[0], found[1], raw=found[2])

    async def get_many(self, ids: Sequence[str]) -> dict[str, Stored]:
        """The documents of those ids that are there."""
        found: dict[str, Stored] = {}
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            statement = f"{self._get_many}({_marks(len(part))})"
            for row in self._store.reading.execute(statement, (*self._organizations, *part)):
                found[row[0]] = Stored(row[0], row[1], raw=row[2])
        return found

    async def holder(self, label: str, key: str) -> Stored | None:
        """The live document that holds a unique key, the organization's own first."""
        if label not in self._collection.unique:
            raise KeyError(label)
        text = f"SELECT id, rev, doc FROM {quoted(self._collection.name)} WHERE org = ? AND {unique_column(label)} = ?"
        for organization in self._organizations:
            found = self._store.reading.execute(text, (organization, held(key))).fetchone()
            if found is not None:
                return Stored(found[0], found[1], raw=found[2])
        return None

    async def page(self, query: Query) -> Page:
        """One page, with the total of the whole condition."""
        # read before the documents: what is written meanwhile makes another number
        live, dead, writes = self._counted(query)
        key = self._question(query)
        if (known := self._store.pages.get(key, writes)) is not None:
            return known
        keyed = query.after is not None
        if self._short(query):
            rows = self._read(self._store.reading, query, keyed=keyed)
        else:
            rows = await self._store.beside(lambda connection: self._read(connection, query, keyed=keyed))
        following = tuple(rows[-1][3:]) if keyed and rows and len(rows) == query.limit else None
        # a page that is not full ends the list: nothing is left to count
        if query.after is None and len(rows) < query.limit and (rows or not query.skip):
            total = query.skip + len(rows)
        elif query.where == EVERYTHING:
            total = live + dead if query.with_deleted else live
        else:
            total = await self._total(query, writes)
        page = Page(StoredRows(rows), total, following)
        self._store.pages.keep(key, writes, page)
        return page

    def _question(self, query: Query) -> tuple[Any, ...]:
        """What tells a query from every other one: 1, 1.0 and True are equal, but not as values of a text field."""
        if query.where == EVERYTHING and not query.after:
            asked: tuple[Any, ...] = (query.after, query.sort, query.skip, query.limit, query.with_deleted)
        else:
            asked = (repr(query),)
        return self._collection.name, self._organizations, *asked

    def _short(self, query: Query) -> bool:
        """Whether one walk along one index answers the page: then it costs less than a hop to another thread."""
        if query.skip > _NEAR or query.limit > _SHORT_PAGE:
            return False
        if isinstance(query.where, Ids):
            return len(query.where.values) <= _NEAR
        if query.with_deleted or len(query.sort) > 1:
            return False  # no index has them in order
        usual = not query.sort or query.sort == (Sort(self._collection.order),)
        asked = _values_asked(self._collection, query.where)
        if asked is None:
            return False
        fields = [self._collection.field(name) for name, _ in asked]
        if len(fields) == 2:
            return usual and (fields[0].within == fields[1].name or fields[1].within == fields[0].name)
        return not fields or (usual and len(fields) == 1 and fields[0].indexed)

    def _read(self, connection: sqlite3.Connection, query: Query, *, keyed: bool) -> list[Any]:
        indexed = self._rare(connection, query.where)
        statement = self._statement(query, indexed=indexed, keyed=keyed)
        return connection.execute(statement.text, statement.values).fetchall()

    def _statement(self, query: Query, *, indexed: bool, keyed: bool) -> sql.Sql:
        """The statement of a page. That of a list by single values, asked for most, is compiled once."""
        asked = None if query.after or len(query.sort) > 1 else _values_asked(self._collection, query.where)
        if asked is None:
            return sql.select(self._collection, self._organizations, query, indexed=indexed, limited=True, keyed=keyed)
        names = tuple(name for name, _ in asked)
        key = (self._collection.name, len(self._organizations), names, query.sort, query.with_deleted, keyed)
        text = self._store.lists.get(key)
        if text is None:
            made = sql.select(self._collection, self._organizations, query, indexed=indexed, limited=True, keyed=keyed)
            if len(self._store.lists) >= _STATEMENTS:
                self._store.lists.clear()
            text = self._store.lists[key] = made.text
        values = [self._collection.field(name).normal(value) for name, value in asked]
        start = 0 if query.after is not None else query.skip
        parts = [
            value
            for organization in self._organizations
            for _ in sql.states(query)
            for value in (organization, *values)
        ]
        return sql.Sql(text, (*parts, query.limit, start))

    def _rare(self, connection: sqlite3.Connection, where: Where) -> bool:
        """Whether looking up beats walking a list: some term that must hold, or some link, is found seldom."""
        index = search_table(self._collection)
        for node in conjuncts(where):
            if isinstance(node, Linked) and not sql.short_terms(node):
                home = self.organization
                searched = any(isinstance(part, Contains) for part in conjuncts(node.where))
                asked = Query(node.where)
                inner = sql.count(node.collection, home, asked, indexed=searched, home=home, most=_OFTEN + 1)
                if connection.execute(inner.text, inner.values).fetchone()[0] <= _OFTEN:
                    return True
            if not isinstance(node, Contains):
                continue
            field = self._collection.single(node.field)
            folded = str(field.normal(node.term))
            if field.search and len(folded) >= sql.TRIGRAM:
                text = f"SELECT count(*) FROM (SELECT 1 FROM {index} WHERE {index} MATCH ? LIMIT {_OFTEN + 1})"
                if connection.execute(text, (sql.match(field, folded),)).fetchone()[0] <= _OFTEN:
                    return True
        return False

    def _counted(self, query: Query) -> tuple[int, int, int]:
        """The live and the deleted documents, and the writes so far to all that a query looks into."""
        live = dead = writes = 0
        for organization in self._organizations:  # of a list of names SQLite would make a table for each question
            counted = self._store.tally(self._collection, organization)
            live, dead, writes = live + counted[0], dead + counted[1], writes + counted[2]
        for link in links(query.where):
            writes += self._store.tally(link.collection, self.organization)[2]
        return live, dead, writes

    async def _total(self, query: Query, writes: int) -> int:
        key = (self._collection.name, self._organizations, repr(query.where), query.with_deleted)
        known = self._store.known_total(key, writes)
        if known is None:
            known = await self._store.beside(lambda connection: self._count(connection, query))
            self._store.keep_total(key, writes, known)
        return known

    def _count(self, connection: sqlite3.Connection, query: Query) -> int:
        total = 0
        indexed = self._rare(connection, query.where)
        for organization in self._organizations:
            statement = sql.count(self._collection, organization, query, indexed=indexed, home=self.organization)
            total += connection.execute(statement.text, statement.values).fetchone()[0]
        return total

    async def stream(self, query: Query, *, batch: int = 500) -> AsyncIterator[Sequence[Stored]]:
        """Every document of the condition in order, of one moment."""
        indexed = any(isinstance(part, Contains | Linked) for part in conjuncts(query.where)) and (
            await self._store.beside(lambda connection: self._rare(connection, query.where))
        )
        statement = sql.select(self._collection, self._organizations, query, indexed=indexed, limited=False)
        found = self._store.rows_of_one_moment(statement, batch)
        try:
            async for rows in found:
                yield [Stored(row[0], row[1], raw=row[2]) for row in rows]
        finally:
            await found.aclose()

    async def distinct(self, field: str, where: Where = EVERYTHING) -> list[Stored]:
        """One document a value: from each value straight to the next one in the index, or of a few documents all."""
        declared = self._collection.field(field)
        if declared.many:
            return await self._store.beside(lambda connection: self._distinct_many(connection, declared, where))

        def walk(connection: sqlite3.Connection) -> list[Stored]:
            if isinstance(where, And):  # a narrow condition would be looked for along the whole index
                rows = self._read(connection, Query(where, limit=_OFTEN + 1), keyed=False)
                if len(rows) <= _OFTEN:
                    few = [Stored(row[0], row[1], raw=row[2]) for row in rows]
                    by_value = {declared.shadow(entry.document): entry for entry in reversed(few)}
                    by_value.pop(declared.blank, None)  # asked of the store, this would lead its search astray
                    return [by_value[value] for value in sorted(by_value)]
            found: list[Stored] = []
            last = declared.blank
            while True:
                query = Query(both(where, Range(field, more_than=last)), (Sort(field),), limit=1)
                rows = self._read(connection, query, keyed=True)
                if not rows:
                    return found
                found.append(Stored(rows[0][0], rows[0][1], raw=rows[0][2]))
                last = rows[0][3]

        return await self._store.beside(walk)

    def _distinct_many(self, connection: sqlite3.Connection, field: Field, where: Where) -> list[Stored]:
        text = f"SELECT min(value) FROM {many_table(self._collection, field)} WHERE org = ? AND value > ?"
        found: list[Stored] = []
        last = field.blank
        while True:
            nexts = [connection.execute(text, (name, last)).fetchone()[0] for name in self._organizations]
            if all(value is None for value in nexts):
                return found
            last = min(value for value in nexts if value is not None)
            if (row := self._any(connection, both(where, AnyOf(field.name, (last,))))) is not None:
                found.append(row)

    def _any(self, connection: sqlite3.Connection, where: Where) -> Stored | None:
        """Some document that a condition holds for, looked up from what the condition names, in no order."""
        for organization in self._organizations:
            condition = sql.scope(
                self._collection, organization, Query(where), (0,), indexed=True, home=self.organization
            )
            text = f"SELECT id, rev, doc FROM {quoted(self._collection.name)} WHERE {condition.text} LIMIT 1"
            row = connection.execute(text, condition.values).fetchone()
            if row is not None:
                return Stored(row[0], row[1], raw=row[2])
        return None

    async def existing(self, field: str, values: Sequence[Shadow]) -> set[Shadow]:
        """Which of these values a document has, read from the index of the field alone."""
        name = column(self._collection.single(field))
        condition = sql.Compiler(self._collection, "", "").where(AnyOf(field, tuple(values)))
        text = (
            f"SELECT {name} FROM {quoted(self._collection.name)} "
            f'WHERE org IN ({_marks(len(self._organizations))}) AND "f_deleted" IN (0, 1) AND {condition.text}'
        )

        def read(connection: sqlite3.Connection) -> set[Shadow]:
            return {row[0] for row in connection.execute(text, (*self._organizations, *condition.values))}

        return read(self._store.reading) if len(values) <= _SHORT_PAGE else await self._store.beside(read)

    async def count(self, where: Where = EVERYTHING) -> int:
        """How many live documents the condition holds for."""
        query = Query(where)
        live, _, writes = self._counted(query)
        return live if where == EVERYTHING else await self._total(query, writes)

    async def insert(self, document: Document) -> Stored:
        """Keep a new document."""
        return await self._store.write(lambda connection: self._insert(connection, document))

    async def insert_many(self, documents: Sequence[Document]) -> list[Stored | Duplicate]:
        """Keep many in one commit, each by itself."""
        refusals = await self._store.write_batch(self._batch(documents, None))
        return [
            why if isinstance(why := refusals.get(place), Duplicate) else Stored(document["_id"], 1, document=document)
            for place, document in enumerate(documents)
        ]

    def _batch(self, documents: Sequence[Document], revisions: Sequence[int] | None) -> Batch:
        raws = [orjson.dumps(document) for document in documents]
        return Batch(self._collection, self.organization, documents, raws, revisions, self._store.moment)

    def _insert(self, connection: sqlite3.Connection, document: Document) -> Stored:
        with uniquely():
            rows = self._store.changes.rows(self._collection)
            rows.insert(connection, self.organization, 1, document, orjson.dumps(document))
        self._follow(connection, None, document, 1)
        return Stored(document["_id"], 1, document=document)

    def _follow(
        self, connection: sqlite3.Connection, before: Document | None, document: Document, revision: int
    ) -> None:
        changes = [(before, document, revision)]
        self._store.changes.follow(connection, self._collection, self.organization, changes, self._store.moment)

    async def replace(self, before: Stored, document: Document) -> Stored:
        """Compare-and-set on the revision that was read."""

        def work(connection: sqlite3.Connection) -> Stored:
            return self._replace(connection, before, document)

        return await self._store.write(work)

    async def replace_many(self, pairs: Sequence[tuple[Stored, Document]]) -> list[Stored | Changed | Duplicate]:
        """Replace many in one commit, each by itself."""
        documents = [document for _, document in pairs]
        refusals = await self._store.write_batch(self._batch(documents, [before.revision for before, _ in pairs]))
        return [
            refusals.get(place) or Stored(before.id, before.revision + 1, document=document)
            for place, (before, document) in enumerate(pairs)
        ]

    def _replace(self, connection: sqlite3.Connection, before: Stored, document: Document) -> Stored:
        with uniquely():
            rows = self._store.changes.rows(self._collection)
            old = rows.replace(connection, self.organization, before.revision, document, orjson.dumps(document))
        if old is None:
            raise Changed
        self._follow(connection, old, document, before.revision + 1)
        return Stored(before.id, before.revision + 1, document=document)

    async def increment(self, id_: str, field: str, by: float, *, at_least: float | None = None) -> Stored:
        """Add to a number atomically."""
        if "." in field:
            raise ValueError(f"{field} is not at the top of the document")

        def work(connection: sqlite3.Connection) -> Stored:
            text = f"SELECT id, rev, doc FROM {quoted(self._collection.name)} WHERE id = ? AND org = ?"
            found = connection.execute(text, (id_, self.organization)).fetchone()
            if found is None:
                raise Changed
            before = Stored(found[0], found[1], raw=found[2])
            value = (before.document.get(field) or 0) + by
            if at_least is not None and value < at_least:
                raise Changed
            return self._replace(connection, before, {**before.document, field: value})

        return await self._store.write(work)

    async def purge(self, where: Where) -> int:
        """Remove documents for good, so many in a job that other writes need not wait long."""
        query = Query(where, limit=_PURGED_AT_ONCE, with_deleted=True)

        def work(connection: sqlite3.Connection) -> int:
            statement = sql.select(self._collection, (self.organization,), query, indexed=False, limited=True)
            found = connection.execute(statement.text, statement.values).fetchall()
            for _, _, raw, *_ in found:
                document = orjson.loads(raw)
                self._store.changes.rows(self._collection).remove(connection, document)
                dead = bool(document.get("deleted"))
                count_change(connection, self._collection.name, self.organization, -(not dead), -dead)
            return len(found)

        total = removed = await self._store.write(work)
        while removed == _PURGED_AT_ONCE:
            removed = await self._store.write(work)
            total += removed
        return total


def _values_asked(collection: Collection, where: Where) -> list[tuple[str, Any]] | None:
    """The fields and values of a condition that says no more than which one value each has; None for any other."""
    if where == EVERYTHING:
        return []
    found: list[tuple[str, Any]] = []
    for part in conjuncts(where):
        if not isinstance(part, AnyOf) or len(part.values) != 1 or collection.field(part.field).many:
            return None
        found.append((part.field, part.values[0]))
    return found


@lru_cache(maxsize=1024)
def _marks(count: int) -> str:
    return ", ".join("?" * count)


@lru_cache(maxsize=256)
def _by_id(collection: str, organizations: int) -> tuple[str, str]:
    """The statements that look up one id and, up to their list, several: put together once, they are asked all day."""
    select, owned = f"SELECT id, rev, doc FROM {quoted(collection)} WHERE", f"org IN ({_marks(organizations)})"
    # the "+" keeps SQLite from scanning the organization instead of looking each id up
    return f"{select} id = ? AND {owned}", f"{select} +{owned} AND id IN "

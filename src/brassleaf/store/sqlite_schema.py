"""The tables of the embedded store: one a collection, its shadows as columns, its documents as JSON behind them."""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import orjson

from brassleaf.store.collections import Collection, Document, Field

#: So many rows go into the table with one statement.
_TOGETHER = 50
#: Columns before the shadows. `seq` is the rowid that the search index points to.
FIXED = ("id", "org", "rev")


def quoted(name: str) -> str:
    """An SQL identifier; names come from our own declarations."""
    return '"' + name.replace('"', '""') + '"'


def column(field: Field) -> str:
    """The shadow column of a field."""
    return quoted("f_" + field.name)


def unique_column(label: str) -> str:
    """The column of a unique key."""
    return quoted("u_" + label)


def plain_fields(collection: Collection) -> list[Field]:
    """Fields with one value a document: those that have a column."""
    return [field for field in collection.all_fields if not field.many]


def many_fields(collection: Collection) -> list[Field]:
    """Fields with many values a document: those that have a table of their own."""
    return [field for field in collection.all_fields if field.many]


def searched_fields(collection: Collection) -> list[Field]:
    """Fields with a substring index."""
    return [field for field in plain_fields(collection) if field.search]


def indexable(text: str) -> str:
    """A text for the trigram index, which would end at a NUL; what it finds is compared literally afterwards."""
    return text.replace("\0", "\ufffd")


def many_table(collection: Collection, field: Field) -> str:
    """The table that holds the values of a `many` field."""
    return quoted(f"{collection.name}:{field.name}")


def search_table(collection: Collection) -> str:
    """The trigram index of a collection."""
    return quoted(f"{collection.name}:search")


def columns(collection: Collection) -> list[str]:
    """Every column of the table in the order of `Rows.row`, the document last: no index scan reads past the shadows."""
    shadows = [column(field) for field in plain_fields(collection)]
    keys = [unique_column(label) for label in collection.unique]
    return [*FIXED, *shadows, *keys, "doc"]


def definition(collection: Collection) -> list[str]:
    """The statements that create a collection's tables and indexes."""
    table = quoted(collection.name)
    types = {"number": "REAL", "flag": "INTEGER"}
    fields = plain_fields(collection)
    body = [
        "seq INTEGER PRIMARY KEY",
        "id TEXT NOT NULL UNIQUE",
        "org TEXT NOT NULL",
        "rev INTEGER NOT NULL",
        *(f"{column(field)} {types.get(field.kind, 'TEXT')} NOT NULL" for field in fields),
        *(f"{unique_column(label)} TEXT NOT NULL" for label in collection.unique),
        "doc BLOB NOT NULL",
    ]
    statements = [f"CREATE TABLE {table} ({', '.join(body)})"]
    own = column(collection.field(collection.order))
    for field in fields:
        if field.name != "deleted" and field.indexed:
            index = quoted(f"{collection.name}:by:{field.name}")
            keys = ", ".join(dict.fromkeys((column(field), own, "id")))
            statements.append(f'CREATE INDEX {index} ON {table} (org, "f_deleted", {keys})')
    for field in fields:
        if field.within is not None:
            index = quoted(f"{collection.name}:by:{field.within}:{field.name}")
            outer = column(collection.field(field.within))
            keys = ", ".join(dict.fromkeys((outer, column(field), own, "id")))
            statements.append(f'CREATE INDEX {index} ON {table} (org, "f_deleted", {keys})')
    if collection.field("lastModified").indexed:  # it is also followed with the deleted ones (updatedSince)
        statements.append(
            f'CREATE INDEX {quoted(collection.name + ":changes")} ON {table} (org, "f_lastModified", id)',
        )
    for label, unique in collection.unique.items():
        index = quoted(f"{collection.name}:unique:{label}")
        scope = unique_column(label) if unique.everywhere else f"org, {unique_column(label)}"
        statements.append(f"CREATE UNIQUE INDEX {index} ON {table} ({scope})")
    for field in many_fields(collection):
        side = many_table(collection, field)
        statements.append(
            f"CREATE TABLE {side} (org TEXT NOT NULL, value {types.get(field.kind, 'TEXT')} NOT NULL, "
            "seq INTEGER NOT NULL, PRIMARY KEY (org, value, seq)) WITHOUT ROWID",
        )
        statements.append(f"CREATE INDEX {quoted(f'{collection.name}:{field.name}:of')} ON {side} (seq)")
    if searched := searched_fields(collection):
        names = ", ".join(column(field) for field in searched)
        statements.append(
            f"CREATE VIRTUAL TABLE {search_table(collection)} USING fts5({names}, "
            f"content={table}, content_rowid='seq', tokenize='trigram case_sensitive 1')",
        )
    return statements


def fingerprint(collection: Collection) -> str:
    """What the tables look like; another text in the file means that they must be made anew from the documents."""
    fields = [
        f"{field.name} {field.kind} {field.search} {field.many}"
        f"{'' if field.indexed else ' bare'}{' read' if field.read else ''}"
        f"{f' within {field.within}' if field.within else ''}"
        for field in collection.all_fields
    ]
    keys = [f"{label} {unique.everywhere}" for label, unique in collection.unique.items()]
    return "\n".join(["1", collection.order, *fields, "--", *keys])


class Rows:
    """The statements that keep one collection's rows, values of `many` fields and search index in step."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self._plain = plain_fields(collection)
        #: Where in the document a field's value comes from, at its top; None: it may come from anywhere.
        self._places = [(field, None if field.read else field.name.split(".")[0]) for field in self._plain]
        table, names = quoted(collection.name), columns(collection)
        marks = ", ".join("?" * len(names))
        self._insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
        together = ", ".join([f"({marks})"] * _TOGETHER)
        self._insert_together = f"INSERT INTO {table} ({', '.join(names)}) VALUES {together}"
        # the "+" keeps SQLite from scanning the organization instead of looking each id up
        self._read = f"SELECT id, seq, rev, doc FROM {table} WHERE +org = ? AND id IN ({{}})"
        self._update = f"UPDATE {table} SET {{}}rev = ?, doc = ? WHERE seq = ?"
        self._update_together = (
            f"UPDATE {table} SET {{}}rev = column2, doc = column3 FROM (VALUES {{}}) WHERE seq = column1"
        )
        self._delete = f"DELETE FROM {table} WHERE id = ? RETURNING seq"
        self._many = [
            (field, f"INSERT INTO {many_table(collection, field)} VALUES (?, ?, ?)", many_table(collection, field))
            for field in many_fields(collection)
        ]
        self._searched = searched_fields(collection)
        index, searched = search_table(collection), ", ".join(column(field) for field in self._searched)
        values = ", ".join("?" * len(self._searched))
        self._index = f"INSERT INTO {index} (rowid, {searched}) VALUES (?, {values})"
        self._unindex = f"INSERT INTO {index} ({index}, rowid, {searched}) VALUES ('delete', ?, {values})"

    def row(self, organization: str, revision: int, document: Document, raw: bytes) -> list[Any]:
        """The values of `columns` for a document and its JSON."""
        shadows = [field.shadow(document) for field in self._plain]
        keys = self.collection.keys(document).values() if self.collection.unique else ()
        return [document["_id"], organization, revision, *shadows, *keys, raw]

    def _rows(self, organization: str, documents: Sequence[Document], raws: Sequence[bytes]) -> Iterable[Any]:
        """The values of `row` for many new documents and their JSON, one row after the other."""
        count = len(documents)
        ids = [document["_id"] for document in documents]
        shadows = (field.column(documents) for field in self._plain)
        keys: Iterable[Any] = ()
        if self.collection.unique:
            keys = zip(*(self.collection.keys(document).values() for document in documents), strict=True)
        return chain.from_iterable(zip(ids, [organization] * count, [1] * count, *shadows, *keys, raws, strict=True))

    def insert(
        self, connection: sqlite3.Connection, organization: str, revision: int, document: Document, raw: bytes
    ) -> None:
        """Add a document, given with its JSON."""
        cursor = connection.execute(self._insert, self.row(organization, revision, document, raw))
        seq = cursor.lastrowid or 0
        self._keep_many(connection, organization, seq, document)
        if self._searched:
            connection.execute(self._index, [seq, *self._search_values(document)])

    def insert_many(
        self, connection: sqlite3.Connection, organization: str, documents: Sequence[Document], raws: Sequence[bytes]
    ) -> list[sqlite3.IntegrityError | None]:
        """Add new documents, given with their JSON; for each, in their order, what kept it out.

        Many go into one statement, during which other threads compute: between two statements they would take turns,
        and the writer would wait for each of them.
        """
        found: list[sqlite3.IntegrityError | None] = []
        for start in range(0, len(documents), _TOGETHER):
            part, json = documents[start : start + _TOGETHER], raws[start : start + _TOGETHER]
            if len(part) == _TOGETHER and not self._many and not self._searched:
                values = self._rows(organization, part, json)
                try:
                    connection.execute(self._insert_together, [*values])
                except sqlite3.IntegrityError:
                    pass  # nothing of the statement holds: each by itself, then
                else:
                    found += [None] * len(part)
                    continue
            found += [self._refusal(connection, organization, *each) for each in zip(part, json, strict=True)]
        return found

    def _refusal(
        self, connection: sqlite3.Connection, organization: str, document: Document, raw: bytes
    ) -> sqlite3.IntegrityError | None:
        try:
            # refused, it leaves nothing behind: the row, which holds the keys, is written first
            self.insert(connection, organization, 1, document, raw)
        except sqlite3.IntegrityError as error:
            return error
        return None

    def replace(
        self, connection: sqlite3.Connection, organization: str, revision: int, document: Document, raw: bytes
    ) -> Document | None:
        """Put a document, given with its JSON, in the place of its revision.

        It gives that one back; None where it is not the present one.
        """
        found = self._present(connection, organization, [(revision, document)]).get(document["_id"])
        if found is not None:
            self._put(connection, organization, found, revision, document, raw)
        return None if found is None else found[1]

    def replace_many(
        self, connection: sqlite3.Connection, organization: str, changes: Sequence[tuple[int, Document, bytes]]
    ) -> list[Document | sqlite3.IntegrityError | None]:
        """`replace` for many revisions, documents and their JSON; for each what that gives back, or what kept it out.

        What changes the same columns goes into one statement, for the reason that `insert_many` gives.
        """
        if self._many or self._searched or len({document["_id"] for _, document, _ in changes}) < len(changes):
            return [self._replaced(connection, organization, *change) for change in changes]
        results: dict[str, Document | sqlite3.IntegrityError | None] = {}
        alike: dict[tuple[str, ...], list[tuple[tuple[int, Document, bytes], list[Any]]]] = {}
        for start in range(0, len(changes), _TOGETHER):
            part = changes[start : start + _TOGETHER]
            present = self._present(connection, organization, [(revision, document) for revision, document, _ in part])
            results.update((id_, before) for id_, (_, before) in present.items())
            for change in part:
                revision, document, raw = change
                if (there := present.get(document["_id"])) is not None:
                    changed = self._changed(there[1], document)
                    row = [there[0], revision + 1, raw, *(value for _, value in changed)]
                    alike.setdefault(tuple(name for name, _ in changed), []).append((change, row))
        for names, rows in alike.items():
            for start in range(0, len(rows), _TOGETHER):
                several = rows[start : start + _TOGETHER]
                if not self._put_together(connection, names, [row for _, row in several]):
                    for change, _ in several:
                        results[change[1]["_id"]] = self._replaced(connection, organization, *change)
        return [results.get(document["_id"]) for _, document, _ in changes]

    def _replaced(
        self, connection: sqlite3.Connection, organization: str, revision: int, document: Document, raw: bytes
    ) -> Document | sqlite3.IntegrityError | None:
        try:
            return self.replace(connection, organization, revision, document, raw)
        except sqlite3.IntegrityError as error:
            return error

    def _present(
        self, connection: sqlite3.Connection, organization: str, wanted: Sequence[tuple[int, Document]]
    ) -> dict[str, tuple[int, Document]]:
        """The place and the document of those that are there at their revision, by id."""
        revisions = {document["_id"]: revision for revision, document in wanted}
        marks = ", ".join("?" * len(revisions))
        rows = connection.execute(self._read.format(marks), [organization, *revisions]).fetchall()
        return {id_: (seq, orjson.loads(doc)) for id_, seq, revision, doc in rows if revisions[id_] == revision}

    def _put(
        self,
        connection: sqlite3.Connection,
        organization: str,
        there: tuple[int, Document],
        revision: int,
        document: Document,
        raw: bytes,
    ) -> None:
        seq, before = there
        changed = self._changed(before, document)
        assignments = "".join(f"{name} = ?, " for name, _ in changed)
        values = [*(value for _, value in changed), revision + 1, raw, seq]
        connection.execute(self._update.format(assignments), values)
        for field, _, table in self._many:
            if field.shadows(before) != field.shadows(document):
                connection.execute(f"DELETE FROM {table} WHERE seq = ?", [seq])
        self._keep_many(connection, organization, seq, document, before)
        old_terms, new_terms = self._search_values(before), self._search_values(document)
        if old_terms != new_terms:
            connection.execute(self._unindex, [seq, *old_terms])
            connection.execute(self._index, [seq, *new_terms])

    def _put_together(
        self, connection: sqlite3.Connection, names: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> bool:
        """Whether one statement could put rows of a place, a revision, a document and the columns of these names."""
        if len(rows) < _TOGETHER:
            return False
        assignments = "".join(f"{name} = column{number}, " for number, name in enumerate(names, 4))
        marks = ", ".join([f"({', '.join('?' * len(rows[0]))})"] * len(rows))
        values = [value for row in rows for value in row]
        try:
            connection.execute(self._update_together.format(assignments, marks), values)
        except sqlite3.IntegrityError:
            return False  # nothing of the statement holds: each by itself, then
        return True

    def _changed(self, before: Document, document: Document) -> list[tuple[str, Any]]:
        """Columns with their new values where these differ: an index is written only where its column is."""
        fields = [
            field
            for field, place in self._places
            if place is None or before.get(place) != document.get(place)  # most of a document stays as it was
        ]
        changed = [(column(field), new) for field in fields if (new := field.shadow(document)) != field.shadow(before)]
        if self.collection.unique:
            old, new_keys = self.collection.keys(before), self.collection.keys(document)
            changed += [(unique_column(label), key) for label, key in new_keys.items() if key != old[label]]
        return changed

    def remove(self, connection: sqlite3.Connection, document: Document) -> None:
        """Take a document out."""
        found = connection.execute(self._delete, [document["_id"]]).fetchall()
        for (seq,) in found:
            for _, _, table in self._many:
                connection.execute(f"DELETE FROM {table} WHERE seq = ?", [seq])
            if self._searched:
                connection.execute(self._unindex, [seq, *self._search_values(document)])

    def _keep_many(
        self,
        connection: sqlite3.Connection,
        organization: str,
        seq: int,
        document: Document,
        before: Document | None = None,
    ) -> None:
        for field, statement, _ in self._many:
            values = field.shadows(document)
            if before is None or field.shadows(before) != values:
                connection.executemany(statement, [(organization, value, seq) for value in values])

    def _search_values(self, document: Document) -> list[Any]:
        return [indexable(str(field.shadow(document))) for field in self._searched]


TALLY = """
CREATE TABLE IF NOT EXISTS tally (
    collection TEXT NOT NULL, org TEXT NOT NULL, live INTEGER NOT NULL, dead INTEGER NOT NULL, writes INTEGER NOT NULL,
    PRIMARY KEY (collection, org)
) WITHOUT ROWID
"""
SCHEMA = "CREATE TABLE IF NOT EXISTS schema (collection TEXT PRIMARY KEY, fingerprint TEXT NOT NULL) WITHOUT ROWID"


def count_change(connection: sqlite3.Connection, collection: str, organization: str, live: int, dead: int) -> None:
    """Keep the number of documents (a list's total costs one row, not a scan) and the number of writes so far."""
    connection.execute(
        "INSERT INTO tally VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET "
        "live = live + excluded.live, dead = dead + excluded.dead, writes = writes + 1",
        (collection, organization, live, dead),
    )


def upgrade(connection: sqlite3.Connection, collections: Iterable[Collection]) -> None:
    """Create the tables that are missing and make those anew whose declaration has changed, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(TALLY)
        connection.execute(SCHEMA)
        known: dict[str, str] = dict(connection.execute("SELECT collection, fingerprint FROM schema").fetchall())
        for collection in collections:
            wanted = fingerprint(collection)
            if known.get(collection.name) != wanted:
                old = _drop(connection, collection) if collection.name in known else []
                for statement in definition(collection):
                    connection.execute(statement)
                rows = Rows(collection)
                for organization, revision, raw in old:
                    rows.insert(connection, organization, revision, orjson.loads(raw), raw)
                connection.execute("INSERT OR REPLACE INTO schema VALUES (?, ?)", (collection.name, wanted))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _drop(connection: sqlite3.Connection, collection: Collection) -> Sequence[tuple[str, int, bytes]]:
    name = collection.name
    kept = connection.execute(f"SELECT org, rev, doc FROM {quoted(name)}").fetchall()
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND (name = ? OR substr(name, 1, ?) = ?)",
        (name, len(name) + 1, name + ":"),
    ).fetchall()
    # an FTS table takes its own shadow tables (…_data, …_idx) along
    for (table,) in sorted(tables, key=lambda entry: not str(entry[0]).endswith(":search")):
        connection.execute(f"DROP TABLE IF EXISTS {quoted(table)}")
    return kept

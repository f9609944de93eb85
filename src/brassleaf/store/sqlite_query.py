"""Compiles the closed vocabulary of queries to SQL. Names are our own declarations; every value is a parameter."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from brassleaf.store.collections import Collection, Field
from brassleaf.store.query import (
    And,
    AnyOf,
    Contains,
    Exists,
    Ids,
    Linked,
    Not,
    Or,
    Query,
    Range,
    Sort,
    Where,
    conjuncts,
)
from brassleaf.store.sqlite_schema import column, indexable, many_table, quoted, search_table

#: A trigram index answers terms from this length; shorter ones read the narrow index of the field.
TRIGRAM = 3


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the values of its parameters."""

    text: str
    values: tuple[Any, ...] = ()


def joined(word: str, parts: Sequence[Sql], empty: str) -> Sql:
    """Parts held together by AND or OR."""
    if not parts:
        return Sql(empty)
    text = f" {word} ".join(part.text for part in parts)
    return Sql(f"({text})", tuple(value for part in parts for value in part.values))


class Compiler:
    """Conditions of one collection in one organization. `indexed` lets a long term use the trigram index.

    `home` is the organization that asks: what is linked is its own, also where the shared catalogue is read.
    """

    def __init__(self, collection: Collection, organization: str, home: str, *, indexed: bool = True) -> None:
        self._collection = collection
        self._organization = organization
        self._home = home
        self._indexed = indexed

    def where(self, node: Where) -> Sql:  # noqa: PLR0911 - one line a word of the vocabulary
        """The SQL condition of a query's condition."""
        match node:
            case And(parts):
                return joined("AND", [self.where(part) for part in parts], "1")
            case Or(()) | AnyOf(_, ()):
                return self.where(Ids(()))
            case Or(parts):
                apart = any(isinstance(part, Range | Linked) for part in parts)
                return joined("OR", [self._apart(part) if apart else self.where(part) for part in parts], "0")
            case Not(Linked() as link):
                return self._linked(link, without=True)
            case Linked():
                return self._linked(node)
            case Not(part):
                inner = self.where(part)
                return Sql(f"NOT {inner.text}", inner.values)
            case Ids(values):
                values = values or ("",)  # no id is empty, and an empty list would be looked for in the whole table
                return Sql(f"(id IN ({_marks(values)}))", values)
            case AnyOf(name, values):
                return self._any_of(self._collection.field(name), tuple(values))
            case Exists(name, present):
                field = self._collection.single(name)
                return Sql(f"({column(field)} {'>' if present else '='} ?)", (field.blank,))
            case Range():
                return self._range(node)
            case Contains(name, term):
                return self._contains(self._collection.single(name), term)

    def _apart(self, node: Where) -> Sql:
        """A part of "this or that", looked up by itself where it names values: else SQLite walks the whole list."""
        inner = self.where(node)
        if not isinstance(node, AnyOf):
            return inner
        found = (
            f'SELECT seq FROM {quoted(self._collection.name)} WHERE org = ? AND "f_deleted" IN (0, 1) AND {inner.text}'
        )
        return Sql(f"(seq IN ({found}))", (self._organization, *inner.values))

    def _any_of(self, field: Field, values: tuple[Any, ...]) -> Sql:
        normal = tuple(field.normal(value) for value in values)
        if field.many:
            side = many_table(self._collection, field)
            text = f"(seq IN (SELECT seq FROM {side} WHERE org = ? AND value IN ({_marks(normal)})))"
            return Sql(text, (self._organization, *normal))
        return Sql(f"({column(field)} IN ({_marks(normal)}))", normal)

    def _linked(self, link: Linked, *, without: bool = False) -> Sql:
        """What is named by id, or `without` it what is not.

        That is looked up for each document, so that no set is built; so is a term that no index finds.
        """
        name = column(link.collection.single(link.field))
        each = without or short_terms(link)
        searched = not each and any(isinstance(part, Contains) for part in conjuncts(link.where))
        condition = scope(link.collection, self._home, Query(link.where), (0,), indexed=searched, home=self._home)
        table = quoted(link.collection.name)
        if each:
            # without being told, SQLite may walk the many that `where` finds anew for each document
            by = quoted(f"{link.collection.name}:by:{link.field}")
            named = f"{name} = {quoted(self._collection.name)}.id"
            found = f"SELECT 1 FROM {table} INDEXED BY {by} WHERE {condition.text} AND {named}"
            text = f"(NOT EXISTS ({found}))" if without else f"(EXISTS ({found}))"
        else:
            text = f"(id IN (SELECT {name} FROM {table} WHERE {condition.text}))"
        return Sql(text, condition.values)

    def _range(self, node: Range) -> Sql:
        field = self._collection.single(node.field)
        bounds = ((">=", node.at_least), ("<=", node.at_most), (">", node.more_than))
        parts = [
            Sql(f"{column(field)} {sign} ?", (field.normal(value),)) for sign, value in bounds if value is not None
        ]
        return joined("AND", parts, "1")

    def _contains(self, field: Field, term: str) -> Sql:
        if field.kind not in {"text", "time"}:
            return Sql("0")
        folded = str(field.normal(term))
        literal = Sql(f"(instr({column(field)}, ?) > 0)", (folded,))
        if not (self._indexed and _long_enough(field, folded)):
            return literal
        index = search_table(self._collection)
        found = Sql(f"(seq IN (SELECT rowid FROM {index} WHERE {index} MATCH ?))", (match(field, folded),))
        return joined("AND", [found, literal], "1")


def _long_enough(field: Field, folded: str) -> bool:
    """Whether the trigram index knows a term."""
    return field.search and len(folded) >= TRIGRAM


def short_terms(link: Linked) -> bool:
    """Whether a link goes by searches that the trigram index does not answer."""
    terms = [part for part in conjuncts(link.where) if isinstance(part, Contains)]
    fields = [link.collection.single(part.field) for part in terms]
    return bool(terms) and not any(
        _long_enough(field, str(field.normal(part.term))) for field, part in zip(fields, terms, strict=True)
    )


def match(field: Field, folded: str) -> str:
    """A trigram query for a literal: a quoted phrase in one column."""
    phrase = indexable(folded).replace('"', '""')
    return f'{{{column(field)}}} : "{phrase}"'


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def order(collection: Collection, sort: Sequence[Sort]) -> list[tuple[str, bool]]:
    """Columns and directions of an order: the keys asked for, the collection's own, the id."""
    keys = [(column(collection.single(key.field)), key.descending) for key in sort]
    descending = keys[-1][1] if keys else False
    own = column(collection.field(collection.order))
    if own not in [name for name, _ in keys]:
        keys.append((own, descending))
    return [*keys, ("id", descending)]


def behind(collection: Collection, sort: Sequence[Sort], position: Sequence[Any]) -> Sql:
    """The condition "later in this order than that position" (no value is null, so it needs no special case)."""
    keys = order(collection, sort)
    steps: list[Sql] = []
    for depth, (name, descending) in enumerate(keys):
        same = [Sql(f"{other} = ?", (position[index],)) for index, (other, _) in enumerate(keys[:depth])]
        later = Sql(f"{name} {'<' if descending else '>'} ?", (position[depth],))
        steps.append(joined("AND", [*same, later], "1"))
    first, descending = keys[0]
    bound = Sql(f"{first} {'<=' if descending else '>='} ?", (position[0],))  # lets the index start at the position
    return joined("AND", [bound, joined("OR", steps, "0")], "1")


def select(
    collection: Collection,
    organizations: Sequence[str],
    query: Query,
    *,
    indexed: bool,
    limited: bool,
    keyed: bool = False,
) -> Sql:
    """The statement of a list: id, revision, document, then (`keyed`, or of several parts) the sort values.

    Over two organizations, and with the deleted ones, the parts are united: SQLite merges their index orders instead
    of sorting.
    """
    keys = order(collection, query.sort)
    names = [name for name, _ in keys]
    keyed = keyed or len(organizations) > 1 or query.with_deleted
    shown = "".join(f", {name} AS k{index}" for index, name in enumerate(names)) if keyed else ""
    parts = []
    for organization, deleted in itertools.product(organizations, states(query)):
        condition = scope(collection, organization, query, (deleted,), indexed=indexed, home=organizations[0])
        if query.after:
            condition = joined("AND", [condition, behind(collection, query.sort, query.after)], "1")
        text = f"SELECT id, rev, doc{shown} FROM {quoted(collection.name)} WHERE {condition.text}"
        parts.append(Sql(text, condition.values))
    text = " UNION ALL ".join(part.text for part in parts)
    by = [f"k{index}" for index in range(len(keys))] if keyed else names
    if not (keyed or limited or query.sort) and _looks_up(query.where):
        by = [f"+{name}" for name in by]  # else SQLite walks the whole list in this order, and sorts nothing
    text += " ORDER BY " + ", ".join(f"{name}{' DESC' if keys[index][1] else ''}" for index, name in enumerate(by))
    values = tuple(value for part in parts for value in part.values)
    if limited:
        return Sql(text + " LIMIT ? OFFSET ?", (*values, query.limit, 0 if query.after is not None else query.skip))
    return Sql(text, values)


def _looks_up(where: Where) -> bool:
    """Whether a condition names documents, by ids or by several values, that an index finds."""
    return any(isinstance(part, Ids) or (isinstance(part, AnyOf) and len(part.values) > 1) for part in conjuncts(where))


def count(
    collection: Collection, organization: str, query: Query, *, indexed: bool, home: str, most: int | None = None
) -> Sql:
    """The statement that counts a list in one organization, `most` documents at most."""
    condition = scope(collection, organization, query, states(query), indexed=indexed, home=home)
    if most is not None:
        text = f"SELECT count(*) FROM (SELECT 1 FROM {quoted(collection.name)} WHERE {condition.text} LIMIT {most})"
        return Sql(text, condition.values)
    return Sql(f"SELECT count(*) FROM {quoted(collection.name)} WHERE {condition.text}", condition.values)


def states(query: Query) -> tuple[int, ...]:
    """Which documents a list shows, by their `deleted`."""
    return (0, 1) if query.with_deleted else (0,)


def scope(
    collection: Collection, organization: str, query: Query, deleted: Sequence[int], *, indexed: bool, home: str
) -> Sql:
    """The condition of a list in one organization. Every index begins with both of its first parts."""
    # a "+" keeps SQLite from walking a whole list in its order when the trigram index names the few rows there are
    off = "+" if indexed else ""
    state = f"= {deleted[0]}" if len(deleted) == 1 else f"IN ({', '.join(map(str, deleted))})"
    parts = [Sql(f"{off}org = ?", (organization,)), Sql(f'{off}"f_deleted" {state}')]
    inner = Compiler(collection, organization, home, indexed=indexed).where(query.where)
    return joined("AND", [*parts, inner] if inner.text != "1" else parts, "1")

"""Compiles the closed vocabulary of queries to MongoDB filters over the shadows.

Names are our own declarations. Values stand behind an operator, where no text of a caller can be one; a term becomes a
pattern that means itself in every dialect of regular expressions.
"""

from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING

from brassleaf.store.collections import Collection, Field, Shadow
from brassleaf.store.mongo_schema import comparable, path
from brassleaf.store.query import And, AnyOf, Contains, Exists, Ids, Linked, Not, Or, Query, Range, Sort, Where

Filter = dict[str, Any]

#: Holds for no document.
_NONE: Filter = {"_id": {"$in": []}}
#: Characters that mean something in a pattern; a NUL would end it.
_LITERAL = str.maketrans({**{sign: "\\" + sign for sign in "\\.+*?()|[]{}^$"}, "\0": "\\x00"})


def condition(collection: Collection, node: Where) -> Filter:  # noqa: PLR0911 - one line a word of the vocabulary
    """The filter of a query's condition."""
    match node:
        case And(parts):
            return _joined("$and", [condition(collection, part) for part in parts], {})
        case Or(parts):
            return _joined("$or", [condition(collection, part) for part in parts], _NONE)
        case Not(part):
            return {"$nor": [condition(collection, part)]}
        case Ids(values):
            return {"_id": {"$in": list(values)}}
        case Linked():
            raise TypeError("What is linked is read before a filter is made.")
        case AnyOf(name, values):
            field = collection.field(name)
            return {path(field): {"$in": [comparable(field, value) for value in values]}}
        case Exists(name, present):
            field = collection.single(name)
            return {path(field): {"$ne" if present else "$eq": comparable(field, None)}}
        case Range():
            return _range(collection.single(node.field), node)
        case Contains(name, term):
            return _contains(collection.single(name), term)


def _joined(word: str, parts: list[Filter], empty: Filter) -> Filter:
    return {word: parts} if parts else empty


def _range(field: Field, node: Range) -> Filter:
    bounds = (("$gte", node.at_least), ("$lte", node.at_most), ("$gt", node.more_than))
    found = {sign: comparable(field, value) for sign, value in bounds if value is not None}
    return {path(field): found} if found else {}


def _contains(field: Field, term: str) -> Filter:
    if field.kind not in {"text", "time"}:
        return _NONE
    folded = str(field.normal(term))
    return {path(field): {"$regex": folded.translate(_LITERAL)}} if folded else {}


def order(collection: Collection, sort: Sequence[Sort]) -> list[tuple[str, int]]:
    """Paths and directions of an order: the keys asked for, the collection's own, the id."""
    keys = [(path(collection.single(key.field)), DESCENDING if key.descending else ASCENDING) for key in sort]
    direction = keys[-1][1] if keys else ASCENDING
    own = path(collection.field(collection.order))
    if own not in [name for name, _ in keys]:
        keys.append((own, direction))
    return [*keys, ("_id", direction)]


def distinct_keys(keys: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """The order without keys that come again: MongoDB refuses them, and they order nothing."""
    found: dict[str, int] = {}
    for name, direction in keys:
        found.setdefault(name, direction)
    return list(found.items())


def behind(keys: Sequence[tuple[str, int]], position: Sequence[Any]) -> Filter:
    """The condition "later in this order than that position" (no shadow is null, so it needs no special case)."""
    steps: list[Filter] = []
    for depth, (name, direction) in enumerate(keys):
        same = [{other: {"$eq": position[index]}} for index, (other, _) in enumerate(keys[:depth])]
        later = {name: {"$gt" if direction == ASCENDING else "$lt": position[depth]}}
        steps.append({"$and": [*same, later]})
    first, direction = keys[0]
    bound = {first: {"$gte" if direction == ASCENDING else "$lte": position[0]}}  # the index starts at the position
    return {"$and": [bound, {"$or": steps}]}


def position(keys: Sequence[tuple[str, int]], found: Filter) -> tuple[Shadow, ...]:
    """The place of a document in an order."""
    shadows = found["_k"]
    return tuple(found["_id"] if name == "_id" else shadows[name.removeprefix("_k.")] for name, _ in keys)


def scope(collection: Collection, organizations: Sequence[str], query: Query) -> Filter:
    """The filter of a list: organizations, deleted ones left out unless asked for, the condition."""
    filter_: Filter = {
        "_org": organizations[0] if len(organizations) == 1 else {"$in": list(organizations)},
        # both states are named where both are wanted: the index still gives the order, merged from its parts
        "_k.deleted": {"$in": [0, 1]} if query.with_deleted else 0,
    }
    if inner := condition(collection, query.where):
        filter_["$and"] = [inner]
    return filter_


def listed(collection: Collection, organizations: Sequence[str], query: Query) -> Filter:
    """The filter of one page: the list's, from the position on."""
    filter_ = scope(collection, organizations, query)
    if query.after:
        later = behind(order(collection, query.sort), query.after)
        filter_["$and"] = [*filter_.get("$and", []), later]
    return filter_

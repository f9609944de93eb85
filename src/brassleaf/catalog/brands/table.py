"""The table of brands: some hundreds at most, put together from the items, so filtered and paged here."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from brassleaf.catalog.models import BRANDS
from brassleaf.store.collections import Document, fold
from brassleaf.store.port import Page
from brassleaf.store.query import Contains, Query, Range, Sort, Where, conjuncts
from brassleaf.store.records import derived_id


def brand_id(organization: str, name: str, stored: Mapping[str, Document]) -> str:
    """The id of a brand that has no document yet: it follows from its name, unless a renamed brand has that id."""
    for number in count():
        id_ = derived_id(organization, "brand", fold(name), str(number))
        if id_ not in stored or fold(str(stored[id_]["name"])) == fold(name):
            return id_
    raise AssertionError("unreachable")


def page_of(rows: Iterable[Document], query: Query) -> tuple[list[Document], Page]:
    """One page of brands, in the order of the query, and what is told of it."""
    found = [row for row in rows if all(_holds(part, row) for part in conjuncts(query.where))]
    descending = bool(query.sort) and query.sort[-1].descending
    keys = [*query.sort, *([] if any(key.field == "name" for key in query.sort) else [Sort("name", descending)])]
    for key in [Sort("_id", descending), *reversed(keys)]:
        found.sort(key=lambda row, name=key.field: _shadow(row, name), reverse=key.descending)  # type: ignore[misc]
    first = query.skip
    if query.after is not None:
        ids = [row["_id"] for row in found]
        last = query.after[-1] if query.after else None
        first = ids.index(last) + 1 if last in ids else 0 if last is None else len(ids)
    shown = found[first : first + query.limit]
    more = query.after is not None and len(shown) == query.limit
    following = (*(_shadow(shown[-1], key.field) for key in keys), shown[-1]["_id"]) if more else None
    return shown, Page([], len(found), following)


def _shadow(row: Document, name: str) -> Any:
    return row["_id"] if name == "_id" else BRANDS.field(name).shadow(row)


def _holds(part: Where, row: Document) -> bool:
    match part:
        case Contains(name, term):
            return fold(term) in str(_shadow(row, name))
        case Range("lastModified", at_least):
            return str(row.get("lastModified") or "") >= str(at_least or "")
        case _:
            raise TypeError(f"Brands are not asked for {part}.")


def named(rows: Sequence[Document]) -> list[Document]:
    """Id and name of brands, by name."""
    return sorted(({"_id": row["_id"], "name": row["name"]} for row in rows), key=lambda row: fold(row["name"]))

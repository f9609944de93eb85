"""Random documents and questions: every store answers as a naive reading of the vocabulary's docstrings does."""

import asyncio
import itertools
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brassleaf.store import sqlite_repository
from brassleaf.store.collections import SHARED, Collection, Field
from brassleaf.store.mongo import MongoStore
from brassleaf.store.port import Store
from brassleaf.store.query import EVERYTHING, And, AnyOf, Contains, Exists, Ids, Not, Or, Query, Range, Sort, Where
from brassleaf.store.sqlite import SqliteStore

PARTS = Collection(
    "parts",
    fields=(
        Field("name", search=True),
        Field("maker.name", search=True),
        Field("note"),
        Field("size", "number"),
        Field("stocked", "time"),
        Field("active", "flag"),
        Field("tags", many=True),
        Field("lines.part", many=True),
        Field("lines.count", "number", many=True),
    ),
    trail=False,
)
KINDS = {"created": "time", "lastModified": "time", "deleted": "flag"} | {
    entry.name: entry.kind for entry in PARTS.fields
}
MANY = {entry.name for entry in PARTS.fields if entry.many}
SINGLE = sorted(KINDS.keys() - MANY)


# -- the oracle: documents in a list, read plainly --------------------------------------------------------------------


def entries(node: Any, path: str) -> list[Any]:
    """Every value on a dotted path; lists are entered, what is missing is None."""
    if isinstance(node, list):
        return [value for entry in node for value in entries(entry, path)]
    if not path:
        return [node]
    head, _, rest = path.partition(".")
    return entries(node.get(head), rest) if isinstance(node, dict) else []


def plain(kind: str, value: Any) -> Any:
    """A value in a form that Python compares as the stores do: no text is "", no number comes before all numbers."""
    if kind == "number":
        return float(value) if type(value) in {int, float} else float("-inf")
    if kind == "flag":
        return bool(value)
    text = "" if value is None else str(value)
    if kind == "time":
        return text
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def value_of(document: dict[str, Any], name: str) -> Any:
    return plain(KINDS[name], next(iter(entries(document, name)), None))


def holds(where: Where, document: dict[str, Any]) -> bool:
    match where:
        case And(parts):
            return all(holds(part, document) for part in parts)
        case Or(parts):
            return any(holds(part, document) for part in parts)
        case Not(part):
            return not holds(part, document)
        case Ids(values):
            return document["_id"] in values
        case AnyOf(name, values):
            wanted = [plain(KINDS[name], value) for value in values]
            if name in MANY:
                there = (plain(KINDS[name], value) for value in entries(document, name))
                return any(value in wanted for value in there if value != "")
            return value_of(document, name) in wanted
        case Contains(name, term):
            return KINDS[name] in {"text", "time"} and plain(KINDS[name], term) in value_of(document, name)
        case Exists(name, present):
            return (value_of(document, name) != plain(KINDS[name], None)) is present
        case Range(name, at_least, at_most, more_than):
            value, kind = value_of(document, name), KINDS[name]
            return (
                (at_least is None or value >= plain(kind, at_least))
                and (at_most is None or value <= plain(kind, at_most))
                and (more_than is None or value > plain(kind, more_than))
            )


def in_order(documents: list[dict[str, Any]], sort: tuple[Sort, ...]) -> list[dict[str, Any]]:
    """Sorted by the keys; the collection's order, then the id, break ties in the direction of the last key."""
    last = sort[-1].descending if sort else False
    found = sorted(documents, key=lambda document: document["_id"], reverse=last)
    for key in reversed((*sort, Sort("created", last))):
        found.sort(key=lambda document, name=key.field: value_of(document, name), reverse=key.descending)
    return found


# -- what is drawn ----------------------------------------------------------------------------------------------------

#: Few letters, so that terms are found: pairs that fold together, marks that compose, signs with a meaning elsewhere.
texts = st.text(st.sampled_from("aAbBßſsiIİıéÉe\u0301\u0345ΣςσᾼΩ%_.*\\^$|()[]{}?+-'\" \n\0\uffff🐍"), max_size=7)
numbers = st.sampled_from([-2, -1.5, 0, -0.0, 1, 1.0, 2.5, 3, 10**12, 0.1, -1e300])
times = st.sampled_from(["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.001Z", "2026-02-01T00:00:00.000Z"])
loose_texts = texts | st.none() | st.sampled_from([5, 5.0, True])
loose_numbers = numbers | st.none() | st.sampled_from(["7", True, ""])
lines = st.lists(st.fixed_dictionaries({}, optional={"part": loose_texts, "count": loose_numbers}), max_size=3)
documents = st.lists(
    st.fixed_dictionaries(
        {"created": times, "deleted": st.booleans()},
        optional={
            "lastModified": times,
            "name": loose_texts | st.lists(texts, max_size=2),
            "maker": st.none() | texts | st.fixed_dictionaries({"name": loose_texts}),
            "note": loose_texts,
            "size": loose_numbers,
            "stocked": times | st.none(),
            "active": st.booleans() | st.none(),
            "tags": texts | st.lists(loose_texts, max_size=3),
            "lines": st.none() | lines,
        },
    ),
    max_size=12,
)
#: The organization of each document: one's own, the shared catalogue, another's.
owners = st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=12, max_size=12)

values = {
    "text": texts,
    "number": numbers,
    "time": times | st.sampled_from(["2026-01", "2026-01-01T"]),
    "flag": st.booleans(),
}


def for_field(names: list[str], build: Callable[[str, Any], st.SearchStrategy[Where]]) -> st.SearchStrategy[Where]:
    return st.sampled_from(names).flatmap(lambda name: build(name, values[KINDS[name]]))


ranged = [name for name in SINGLE if KINDS[name] != "flag"]
leaves: st.SearchStrategy[Where] = st.one_of(
    for_field(
        sorted(KINDS),
        lambda name, value: st.builds(AnyOf, st.just(name), st.lists(value | st.none(), max_size=3).map(tuple)),
    ),
    for_field(SINGLE, lambda name, _: st.builds(Contains, st.just(name), texts)),
    for_field(SINGLE, lambda name, _: st.builds(Exists, st.just(name), st.booleans())),
    for_field(ranged, lambda name, value: st.builds(Range, st.just(name), *[value | st.none()] * 3)),
    st.lists(st.integers(0, 12), max_size=4).map(lambda places: Ids(tuple(map(str, places)))),
)
conditions = st.recursive(
    st.just(EVERYTHING) | leaves,
    lambda parts: st.one_of(
        st.lists(parts, max_size=3).map(lambda found: And(tuple(found))),
        st.lists(parts, max_size=3).map(lambda found: Or(tuple(found))),
        parts.map(Not),
    ),
    max_leaves=5,
)
queries = st.builds(
    Query,
    where=conditions,
    sort=st.lists(st.builds(Sort, st.sampled_from(SINGLE), st.booleans()), max_size=3).map(tuple),
    skip=st.integers(0, 4),
    limit=st.integers(1, 6),
    with_deleted=st.booleans(),
)
drawn = given(
    documents=documents,
    owners=owners,
    asked=st.lists(queries, min_size=1, max_size=4),
    shared=st.booleans(),
    field=st.sampled_from(SINGLE),
)


# -- the comparison ---------------------------------------------------------------------------------------------------

_numbers = itertools.count(1)


@dataclass(slots=True)
class Subject:
    """An open store and the loop that it lives in."""

    store: Store
    runner: asyncio.Runner

    def check(self, documents, owners, asked, *, shared: bool, field: str) -> None:
        self.runner.run(_check(self.store, documents, owners, asked, shared=shared, field=field))


def real_ids(where: Where, ids: list[str]) -> Where:
    """Ids are drawn as places in the list of documents."""
    match where:
        case Ids(places):
            return Ids(tuple(ids[int(place)] if int(place) < len(ids) else "f" * 24 for place in places))
        case And(parts):
            return And(tuple(real_ids(part, ids) for part in parts))
        case Or(parts):
            return Or(tuple(real_ids(part, ids) for part in parts))
        case Not(part):
            return Not(real_ids(part, ids))
        case _:
            return where


async def _check(store: Store, documents, owners, asked, *, shared: bool, field: str) -> None:
    organizations = [f"{next(_numbers):024x}", SHARED, f"{next(_numbers):024x}"]
    held: list[list[dict[str, Any]]] = [[], [], []]
    for document, owner in zip(documents, owners, strict=False):
        held[owner].append({"_id": f"{next(_numbers):024x}", **document})
    ids = [document["_id"] for part in held for document in part]
    repositories = [store.repository(PARTS, organization) for organization in organizations]
    repository = store.repository(PARTS, organizations[0], shared=shared)
    readable = held[0] + held[1] * shared
    try:
        for part, place in zip(held, repositories, strict=True):
            await place.insert_many(part)
        for query in asked:
            await _ask(repository, readable, query, real_ids(query.where, ids), field)
    finally:
        for place in repositories:
            await place.purge(EVERYTHING)


async def _ask(repository, readable: list[dict[str, Any]], query: Query, where: Where, field: str) -> None:
    query = Query(where, query.sort, query.skip, query.limit, None, query.with_deleted)
    matching = [entry for entry in readable if holds(where, entry)]
    live = [entry for entry in matching if not entry["deleted"]]
    expected = [entry["_id"] for entry in in_order(matching if query.with_deleted else live, query.sort)]
    page = await repository.page(query)
    assert [entry.id for entry in page.items] == expected[query.skip : query.skip + query.limit]
    assert page.total == len(expected)
    assert await repository.count(where) == len(live)
    assert [entry.id async for batch in repository.stream(query, batch=3) for entry in batch] == expected
    walked: list[str] = []
    position: tuple[Any, ...] | None = ()
    while position is not None:
        page = await repository.page(Query(where, query.sort, 0, query.limit, position, query.with_deleted))
        walked += [entry.id for entry in page.items]
        assert page.total == len(expected)
        position = page.next
    assert walked == expected
    first = {value_of(entry, field): entry["_id"] for entry in reversed(in_order(live, (Sort(field),)))}
    first.pop(plain(KINDS[field], None), None)
    assert [entry.id for entry in await repository.distinct(field, where)] == [first[value] for value in sorted(first)]


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module", params=[1000, 2], ids=["rare", "often"])
def embedded(request, runner, tmp_path_factory) -> Iterator[Subject]:
    """The embedded store; with a low bound, terms count as too frequent for the substring index."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite_repository, "_OFTEN", request.param)
        store = SqliteStore(tmp_path_factory.mktemp("search") / "search.sqlite")
        runner.run(store.open((PARTS,)))
        yield Subject(store, runner)
        runner.run(store.close())


@pytest.fixture(scope="module", params=["motor", "pymongo"])
def remote(request, runner, wire) -> Iterator[Subject]:
    """MongoDB through each driver."""
    with wire.database() as name:
        store = MongoStore(wire.url, driver=request.param, allow_standalone=wire.standalone, database=name)
        runner.run(store.open((PARTS,)))
        yield Subject(store, runner)
        runner.run(store.close())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@drawn
def test_the_embedded_store_answers_as_the_vocabulary_says(embedded, documents, owners, asked, shared, field):
    embedded.check(documents, owners, asked, shared=shared, field=field)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@drawn
def test_mongodb_answers_as_the_vocabulary_says(remote, documents, owners, asked, shared, field):
    remote.check(documents, owners, asked, shared=shared, field=field)

"""The closed vocabulary of queries. Values come from outside, names never do: a field must be declared."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from brassleaf.store.collections import Collection, Shadow


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The field equals one of the values (texts without regard to case); a `many` field holds one of them."""

    field: str
    values: tuple[Shadow | bool | None, ...]


@dataclass(frozen=True, slots=True)
class Contains:
    """The field contains the term: literal, without regard to case."""

    field: str
    term: str


@dataclass(frozen=True, slots=True)
class Exists:
    """The field has a value (or has none)."""

    field: str
    present: bool = True


@dataclass(frozen=True, slots=True)
class Range:
    """The field lies between two bounds, each left out or included."""

    field: str
    at_least: Shadow | None = None
    at_most: Shadow | None = None
    more_than: Shadow | None = None


@dataclass(frozen=True, slots=True)
class Ids:
    """The document is one of these."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Linked:
    """A live document of another collection, in the organization's own part, names this one by id in an indexed field.

    `where` says which documents do. Inside `Not` it leaves out those that are named, however many these are: the
    embedded store asks for each document as it goes, MongoDB is sent the ids, some hundred thousand at most.
    """

    collection: Collection
    field: str
    where: "Where"

    def __repr__(self) -> str:
        return f"Linked({self.collection.name}, {self.field}, {self.where})"


@dataclass(frozen=True, slots=True)
class And:
    """Every part holds (true when there is none)."""

    parts: tuple["Where", ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds (false when there is none)."""

    parts: tuple["Where", ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Where"


Where = AnyOf | Contains | Exists | Range | Ids | Linked | And | Or | Not

EVERYTHING = And()


def equal(field: str, value: Shadow | None) -> AnyOf:
    """The field has this value."""
    return AnyOf(field, (value,))


def both(*parts: Where | None) -> Where:
    """All parts that are there, flattened."""
    found = _flat(part for part in parts if part is not None)
    return found[0] if len(found) == 1 else And(tuple(found))


def conjuncts(where: Where) -> tuple[Where, ...]:
    """The parts that must all hold."""
    return where.parts if isinstance(where, And) else (where,)


def links(where: Where) -> Iterator[Linked]:
    """Every `Linked` in a condition."""
    match where:
        case Linked():
            yield where
        case And(parts) | Or(parts):
            for part in parts:
                yield from links(part)
        case Not(part):
            yield from links(part)
        case _:
            return


def _flat(parts: Iterable[Where]) -> list[Where]:
    flat: list[Where] = []
    for part in parts:
        if isinstance(part, And):
            flat.extend(_flat(part.parts))
        else:
            flat.append(part)
    return flat


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort key: a declared field and a direction.

    The collection's own order, then the id, break ties in the direction of the last key.
    """

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What a list asks: a condition, an order, and which part of the result.

    `after` is the position (sort values and id) behind which to go on, () the start; with it, `skip` is not used.
    Deleted documents are left out unless asked for.
    """

    where: Where = EVERYTHING
    sort: tuple[Sort, ...] = ()
    skip: int = 0
    limit: int = 10
    after: tuple[Shadow, ...] | None = None
    with_deleted: bool = False

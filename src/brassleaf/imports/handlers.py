"""What a resource implements to be imported: from the rows of a sheet to the changes that they ask for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ValidationError

from brassleaf.errors import Refused
from brassleaf.http.problems import field_error
from brassleaf.sheets.columns import Sheet
from brassleaf.store.collections import Document
from brassleaf.store.port import Changed, Duplicate, Repository, Stored

M = TypeVar("M", bound=BaseModel)


@dataclass(slots=True)
class Row:
    """One row of a sheet, its cells read by the kinds of their columns.

    `number` is the row's in Excel. `values` has the value of each filled cell by its column's `field`, with the types
    of JSON: a blank cell and an absent column are not in it (they leave the field alone), None stands for `__clear__`.
    Columns that are `required` are always there and never None.
    """

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Needed:
    """A document that must be there before a row's own, such as the price list of an item; kept as it is if it is.

    `fields` are those of a new one, without id and audit fields.
    """

    repository: Repository
    id: str
    fields: Document


@dataclass(slots=True)
class Change:
    """What one row asks for: a new document of this id, or a change of the one that has it.

    `id` must be the same whenever the same row is imported: that of the document that is meant, or for a new one a
    `derived_id` (`store.records`) of what identifies it. `apply` gets the stored document, or None where there is none
    or a deleted one, and gives the fields that it shall have: a changed copy, or the fields of a new one. It reads
    nothing, changes nothing of its argument, may be called again on a newer state, and may raise Refused. Audit fields
    are not its business, and a document that comes out as it went in is not written.
    """

    id: str
    apply: Callable[[Document | None], Document]
    first: tuple[Needed, ...] = ()


class Documents(Protocol):
    """Where the documents of an import are kept: a repository, or what looks like one."""

    async def get(self, id_: str) -> Stored | None:
        """The document of that id, deleted ones too."""
        ...

    async def get_many(self, ids: Sequence[str]) -> dict[str, Stored]:
        """The documents of those ids that are there."""
        ...

    async def insert(self, document: Document) -> Stored:
        """Keep a new document. Raises Duplicate."""
        ...

    async def insert_many(self, documents: Sequence[Document]) -> list[Stored | Duplicate]:
        """Keep many, each by itself."""
        ...

    async def replace(self, before: Stored, document: Document) -> Stored:
        """Put a document in the place of the one that was read. Raises Changed, Duplicate."""
        ...

    async def replace_many(self, pairs: Sequence[tuple[Stored, Document]]) -> list[Stored | Changed | Duplicate]:
        """Replace many, each by itself."""
        ...


class Handler(Protocol):
    """One import of one resource by one caller; made for it, so it may remember what it has looked up."""

    @property
    def sheet(self) -> Sheet:
        """The columns that the caller may import."""
        ...

    @property
    def repository(self) -> Documents:
        """Where the documents are kept."""
        ...

    async def plan(self, rows: Sequence[Row]) -> Sequence[Change | Refused]:
        """For each row what it asks for, or why it cannot be done. Writes nothing: a dry run calls it, too.

        Rows come a few hundred at a time: look up what they refer to for all of them at once. The field of a
        `FieldError` is a column's `field`; the report then names the column and the value.
        """
        ...

    def taken(self, label: str, row: Row) -> Refused:
        """What to say where another document holds the unique key `label` that this row's document would have."""
        ...


@runtime_checkable
class Concluding(Protocol):
    """What a handler may have besides: it is told what became of its rows, and adds to the report."""

    def settled(self, outcomes: Mapping[int, str]) -> None:
        """Rows that are settled, by their numbers in Excel: created, updated, unchanged or failed."""
        ...

    async def conclude(self, *, dry_run: bool) -> Document:
        """What the report says besides, once every row is settled. In a dry run it writes nothing."""
        ...


def checked(model: type[M], values: Mapping[str, Any]) -> M:
    """Values of a row as a model of what may be sent. Raises Refused with every field that does not fit."""
    try:
        return model.model_validate(nested(values))
    except ValidationError as error:
        raise Refused.fields([field_error(dict(entry)) for entry in error.errors()]) from None


def nested(values: Mapping[str, Any]) -> Document:
    """Values by dotted path as a document: `{"address.city": "Leeds"}` is `{"address": {"city": "Leeds"}}`."""
    if "." not in "".join(values):  # the usual case, for every row of an import
        return dict(values)
    document: Document = {}
    for path, value in values.items():
        *outer, last = path.split(".")
        place = document
        for name in outer:
            place = place.setdefault(name, {})
        place[last] = value
    return document


def merged(document: Document | None, values: Mapping[str, Any]) -> Document:
    """A copy of a document (none: an empty one) with values by dotted path: None clears, others replace."""
    if "." not in "".join(values):  # the usual case here, too
        result = {**(document or {}), **values}
        if None in values.values():
            for path, value in values.items():
                if value is None:
                    del result[path]
        return result
    result = dict(document or {})
    for path, value in values.items():
        *outer, last = path.split(".")
        place = result
        for name in outer:
            inner = place.get(name)
            place[name] = place = dict(inner) if isinstance(inner, dict) else {}
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return result


def put(node: Any, path: Sequence[str], value: Any) -> Any:
    """A copy with a value at a path, which makes what is missing on its way. A number in the path counts in a list.

    A path that collects a name from every entry of a list leaves the list as it is.
    """
    name, rest = path[0], path[1:]
    if name.isdigit():
        entries = list(node) if isinstance(node, list) else []
        entries += [{} for _ in range(int(name) + 1 - len(entries))]
        entries[int(name)] = put(entries[int(name)], rest, value) if rest else value
        return entries
    if isinstance(node, list):
        return node
    fields = dict(node) if isinstance(node, dict) else {}
    fields[name] = put(fields.get(name), rest, value) if rest else value
    return fields

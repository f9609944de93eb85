"""The repository port: what services ask of a store. Two adapters stand behind it, one contract suite runs on both."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn, Protocol, TypeVar, overload

import orjson

from brassleaf.errors import BrassleafError, Unavailable
from brassleaf.store.collections import Collection, Document, Shadow
from brassleaf.store.query import EVERYTHING, Query, Where

T = TypeVar("T")


class Duplicate(BrassleafError):
    """A unique key is taken by another document (`label` says which one; "_id" for the id itself)."""

    def __init__(self, label: str) -> None:
        super().__init__(f"duplicate {label}")
        self.label = label


class Changed(BrassleafError):
    """The document is not any more at the revision that was read, or is gone."""

    def __init__(self) -> None:
        super().__init__("The document was changed in between.")


class StoreDown(Unavailable):
    """The store does not answer."""


class Stored:
    """A document as the store holds it, decoded or encoded when first asked for."""

    __slots__ = ("_document", "_raw", "id", "revision")

    def __init__(self, id_: str, revision: int, *, raw: bytes | None = None, document: Document | None = None) -> None:
        self.id = id_
        self.revision = revision
        self._raw = raw
        self._document = document

    @property
    def raw(self) -> bytes:
        """The document as JSON; what a list passes through unread."""
        if self._raw is None:
            self._raw = orjson.dumps(self._document)
        return self._raw

    @property
    def document(self) -> Document:
        """The document; treat it as read-only and copy before a change."""
        if self._document is None:
            self._document = orjson.loads(self._raw or b"{}")
        return self._document

    def __getitem__(self, name: str) -> Any:
        return self.document.get(name)

    @property
    def shared(self) -> "Shared":
        """The document for reading alone, decoded once for the same bytes: it cannot be out of date."""
        return _shared(self.raw)


class Shared(Document):
    """A document that requests share. It cannot be changed, and remembers what was worked out from it."""

    __slots__ = ("_made",)
    _made: dict[Callable[[Document], Any], Any]
    __hash__ = object.__hash__  # type: ignore[assignment]  # by identity: caches are keyed by it

    def derived(self, make: Callable[[Document], T]) -> T:
        """What a pure function makes of the document; what is made is shared too, so it must be immutable."""
        try:
            made = self._made
        except AttributeError:
            made = self._made = {}
        if make not in made:
            made[make] = make(self)
        found: T = made[make]
        return found

    def _fixed(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("This document is shared; copy it before a change.")

    __setitem__ = __delitem__ = __ior__ = update = setdefault = pop = popitem = clear = _fixed


def derived(document: Document, make: Callable[[Document], T]) -> T:
    """What a pure function makes of a document, worked out once where the document is a shared one."""
    return document.derived(make) if isinstance(document, Shared) else make(document)


@lru_cache(maxsize=2048)
def _shared(raw: bytes) -> Shared:
    return Shared(orjson.loads(raw))


class StoredRows(Sequence[Stored]):
    """Documents as rows of id, revision and JSON: a list that is passed through unread makes nothing else of them."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._rows = rows

    @property
    def raw(self) -> list[bytes]:
        """The documents as JSON."""
        return [row[2] for row in self._rows]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Stored]:
        return (Stored(row[0], row[1], raw=row[2]) for row in self._rows)

    @overload
    def __getitem__(self, place: int) -> Stored: ...
    @overload
    def __getitem__(self, place: slice) -> "StoredRows": ...
    def __getitem__(self, place: int | slice) -> "Stored | StoredRows":
        if isinstance(place, slice):
            return StoredRows(self._rows[place])
        row = self._rows[place]
        return Stored(row[0], row[1], raw=row[2])


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: the documents, how many there are in all, and the position of the last one."""

    items: Sequence[Stored]
    total: int
    next: tuple[Shadow, ...] | None = None

    @property
    def raw(self) -> list[bytes]:
        """The documents as JSON."""
        return self.items.raw if isinstance(self.items, StoredRows) else [entry.raw for entry in self.items]


@dataclass(frozen=True, slots=True)
class Dumped:
    """One document on its way into or out of a backup."""

    collection: str
    organization: str
    revision: int
    document: Document


class Repository(Protocol):
    """The documents of one collection that one organization may see. It cannot read another's.

    Opened with the shared catalogue, it reads that too; it writes to its own organization only.
    """

    @property
    def organization(self) -> str:
        """The organization that it was opened for."""
        ...

    async def get(self, id_: str) -> Stored | None:
        """The document of that id, deleted ones too (their `deleted` is true)."""
        ...

    async def get_many(self, ids: Sequence[str]) -> dict[str, Stored]:
        """The documents of those ids that are there."""
        ...

    async def holder(self, label: str, key: str) -> Stored | None:
        """The live document that holds a unique key; of the shared catalogue only where the organization has none."""
        ...

    async def page(self, query: Query) -> Page:
        """One page, with the total of the whole condition."""
        ...

    def stream(self, query: Query, *, batch: int = 500) -> AsyncIterator[Sequence[Stored]]:
        """Every document of the condition in order, in batches, in little memory; skip and limit are not used."""
        ...

    async def distinct(self, field: str, where: Where = EVERYTHING) -> list[Stored]:
        """One live document for each value of a field, in the order of the values; blank ones left out.

        Of a field with many values a document may come for several of them.
        """
        ...

    async def existing(self, field: str, values: Sequence[Shadow]) -> set[Shadow]:
        """Which of these values, some thousand at most, a document has, a deleted one too, in their compared form."""
        ...

    async def count(self, where: Where = EVERYTHING) -> int:
        """How many live documents the condition holds for."""
        ...

    async def insert(self, document: Document) -> Stored:
        """Keep a new document. Raises Duplicate."""
        ...

    async def insert_many(self, documents: Sequence[Document]) -> list[Stored | Duplicate]:
        """Keep many, each by itself: the answer says which were refused, in the order given."""
        ...

    async def replace(self, before: Stored, document: Document) -> Stored:
        """Compare-and-set: the document takes the place of the revision that was read. Raises Changed, Duplicate."""
        ...

    async def replace_many(self, pairs: Sequence[tuple[Stored, Document]]) -> list[Stored | Changed | Duplicate]:
        """Replace many, each by itself, no id twice: the answer says which were refused, in the order given."""
        ...

    async def increment(self, id_: str, field: str, by: float, *, at_least: float | None = None) -> Stored:
        """Add to a number atomically. Raises Changed if that would go below `at_least`, or the document is gone."""
        ...

    async def purge(self, where: Where) -> int:
        """Remove documents for good, some hundred at a time, and say how many.

        For bookkeeping only: a resource's own documents are marked deleted.
        """
        ...


class Store(Protocol):
    """A place where collections live."""

    async def open(self, collections: Sequence[Collection]) -> None:
        """Connect, create or upgrade tables and indexes, and refuse a server that could lose acknowledged writes.

        Raises ValueError for collections of which changes are told without the audit trail that tells of them.
        """
        ...

    async def close(self) -> None:
        """Let writes end, then disconnect."""
        ...

    async def ping(self) -> None:
        """Raise StoreDown unless the store answers and can be written to."""
        ...

    def repository(self, collection: Collection, organization: str, *, shared: bool = False) -> Repository:
        """A repository for one organization, with the shared catalogue beneath it when asked."""
        ...

    async def organizations(self, collection: Collection) -> list[str]:
        """Every organization that has documents in a collection: housekeeping only."""
        ...

    def written(self, places: Sequence[tuple[Collection, str]]) -> int | None:
        """How many writes these collections of these organizations have seen, whichever process made them.

        It only grows. None where the store does not count: of what was read there, nothing may be kept.
        """
        ...

    async def find(self, collection: Collection, label: str, key: str) -> tuple[str, Stored] | None:
        """The live document that holds a key which is unique everywhere, with its organization: sign-in only."""
        ...

    def dump(self) -> AsyncIterator["Dumped"]:
        """Every document of every collection and organization, as of one moment where the store can say so."""
        ...

    async def load(self, documents: Sequence["Dumped"]) -> None:
        """Put dumped documents back as they were, revision and all. Raises Duplicate where one is there already."""
        ...

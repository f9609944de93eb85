"""What a resource tells the store about its documents: the fields that may be queried and the keys that are unique.

Queries never see a document: they see its shadows, one normalized value a declared field, kept by both adapters beside
the document. Shadows are never null (a missing text is "", a missing number sorts first), so that sorting, cursors and
uniqueness need no special case and both stores answer alike.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Document = dict[str, Any]
Shadow = str | float | int
Kind = Literal["text", "number", "time", "flag"]

#: The organization that owns the shared catalogue, readable by all.
SHARED = "0" * 24

#: Sorts before every number that a client may send, and stands for "no number".
NO_NUMBER = -1.7976931348623157e308


def fold(text: str) -> str:
    """The form in which texts are compared: composed, case folded (Unicode 3.13, canonical caseless matching)."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


@dataclass(frozen=True, slots=True)
class Field:
    """A queryable field: `name` is its dotted path in the document and its name in queries.

    `search` builds a substring index. `many` takes every value found on the path (lists are entered): such a field
    answers "any of these", never a sort. `within` names another field that it is mostly asked together with: both have
    an index in common besides. Without an index of its own (`indexed=False`) a field costs a write next to
    nothing: for what is only asked together with a field that narrows enough, and never sorted by. `read` gives the
    values where they do not simply stand in the document; another function asks for another name.
    """

    name: str
    kind: Kind = "text"
    search: bool = False
    many: bool = False
    indexed: bool = True
    within: str | None = None
    read: Callable[[Document], Iterable[object]] | None = None
    _at_top: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_at_top", self.read is None and "." not in self.name)

    def shadow(self, document: Document) -> Shadow:
        """The comparable value of this field in a document."""
        if self._at_top:  # the usual case, for every field of every write
            value = document.get(self.name)
            if value.__class__ is str and self.kind == "text":
                return value.lower() if value.isascii() else fold(value)
            if not isinstance(value, list):
                return self.normal(value)
        return self.normal(next(self._values(document), None))

    def column(self, documents: Sequence[Document]) -> Sequence[Shadow]:
        """`shadow` of many documents: values that are alike are looked at together."""
        if self._at_top:
            values: list[Any] = [document.get(self.name) for document in documents]
            kinds = set(map(type, values))
            if kinds == {str}:
                if self.kind == "time":
                    return values
                if self.kind == "text" and all(map(str.isascii, values)):
                    return list(map(str.lower, values))
            elif kinds == {bool} and self.kind == "flag":
                return list(map(int, values))
        return [self.shadow(document) for document in documents]

    def shadows(self, document: Document) -> list[Shadow]:
        """Every comparable value of a `many` field, distinct, in order of appearance."""
        found = (self.normal(value) for value in self._values(document))
        return list(dict.fromkeys(value for value in found if value != ""))

    def _values(self, document: Document) -> Iterator[Any]:
        return _values(document, self.name.split(".")) if self.read is None else iter(self.read(document))

    def normal(self, value: object) -> Shadow:
        """A value as the store compares it."""
        if self.kind == "text":
            return "" if value is None else fold(str(value))
        if self.kind == "time":
            return "" if value is None else str(value)
        if self.kind == "flag":
            return 1 if value else 0
        return value if isinstance(value, int | float) and not isinstance(value, bool) else NO_NUMBER

    @property
    def blank(self) -> Shadow:
        """The shadow of a missing value."""
        return self.normal(None)


def _values(node: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(node, list):
        for entry in node:
            yield from _values(entry, path)
    elif not path:
        yield node
    elif isinstance(node, dict):
        yield from _values(node.get(path[0]), path[1:])


@dataclass(frozen=True, slots=True)
class Unique:
    """A key that no two live documents share.

    `key` is the name of a field at the top of the document, or a function of a module that gives the key. Where that is
    blank the document claims none (its id then stands in, so that the key is always present). `everywhere` makes it
    unique on the whole server instead of in one organization.
    """

    key: str | Callable[[Document], str | None]
    everywhere: bool = False

    def of(self, document: Document) -> str | None:
        """The key that a document claims."""
        found = document.get(self.key) if isinstance(self.key, str) else self.key(document)
        return str(found) if found else None


@dataclass(frozen=True, slots=True, eq=False, repr=False)  # each is declared once: queries that name one may be keys
class Collection:
    """One kind of document: its name in the store, its queryable fields, its unique keys and the order of its lists.

    `order` is the field that lists are sorted by when nobody says otherwise; it breaks ties of other orders too, so
    that one index a field serves both a filter on the field in the usual order and an order by the field. Changes are
    kept in the audit trail, but for bookkeeping that says `trail=False`.
    """

    name: str
    fields: tuple[Field, ...] = ()
    unique: Mapping[str, Unique] = field(default_factory=dict)
    order: str = "created"
    trail: bool = True
    all_fields: tuple[Field, ...] = field(init=False, repr=False, compare=False)
    _by_name: dict[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        own = {field.name for field in self.fields}
        fields = (*(field for field in COMMON if field.name not in own), *self.fields)
        object.__setattr__(self, "all_fields", fields)  # the declared ones and those that every document has
        object.__setattr__(self, "_by_name", {field.name: field for field in fields})

    def __repr__(self) -> str:
        return f"Collection({self.name!r})"

    def field(self, name: str) -> Field:
        """The declared field of that name; asking for another is a mistake of ours, not of a caller."""
        if (found := self._by_name.get(name)) is None:
            raise KeyError(f"{self.name} declares no field {name}")
        return found

    def single(self, name: str) -> Field:
        """A declared field that has one value a document; SQLite would take the column of another for a text."""
        field = self.field(name)
        if field.many:
            raise KeyError(f"{self.name}.{name} has many values: it only answers any-of")
        return field

    def keys(self, document: Document) -> dict[str, str]:
        """The unique keys of a document; a deleted one holds none but its id."""
        own = str(document["_id"])
        if document.get("deleted"):
            return dict.fromkeys(self.unique, f"-{own}")
        return {label: self._key(unique, document) or f"-{own}" for label, unique in self.unique.items()}

    @staticmethod
    def _key(unique: Unique, document: Document) -> str | None:
        key = unique.of(document)
        return None if key is None else held(key)


def held(key: str) -> str:
    """A unique key as it stands in the index: texts that differ only in case are the same key."""
    return "=" + fold(key)


#: Fields that every document has and every list can be sorted and followed by.
COMMON = (Field("created", "time"), Field("lastModified", "time"), Field("deleted", "flag"))
#: For collections that are only listed within something else, or never changed: declared so, it spares two indexes.
UNINDEXED_CHANGES = Field("lastModified", "time", indexed=False)

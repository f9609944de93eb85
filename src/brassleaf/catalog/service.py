"""The rules of the catalogue: two levels, the shared one and the organization's own, joined with its properties."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from brassleaf.catalog.kinds import Kind
from brassleaf.catalog.models import (
    COST_FIELDS,
    ITEM_PROPERTIES,
    ITEMS,
    PROPERTY_FIELDS,
    ItemChange,
    article_key,
)
from brassleaf.errors import FieldError, Forbidden, NotFound, Refused
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Duplicate, Page, Repository, Shared, Store, Stored
from brassleaf.store.query import And, AnyOf, Contains, Ids, Not, Query, Sort, Where, both, equal
from brassleaf.store.records import Expected, Records, check_expected, merged, new_document, tag
from brassleaf.trade import ends
from brassleaf.trade.sizes import parse_hose_size, size_order

#: So many of an organization's properties are read in one short query; more are streamed.
_FEW = 200


@dataclass(frozen=True, slots=True)
class Article:
    """An item of the catalogue with what the organization says of it, as one document."""

    item: Stored
    properties: Stored | None

    @property
    def custom(self) -> bool:
        """Whether the organization made it; the shared catalogue's items are nobody's."""
        return self.item["organization"] is not None

    @property
    def document(self) -> Document:
        """The item's fields, over them the organization's; its own crimp specifications before the book's."""
        return _joined(self.item.raw, None if self.properties is None else self.properties.raw)

    @property
    def raw(self) -> bytes:
        """The document as JSON. A shared item that nothing is said of passes through unread, as most of a page does."""
        stored = self.item.raw
        if self.properties is not None or b'"crimpSpecs"' in stored or b'"organization"' in stored:
            return orjson.dumps(self.document)
        return b'{"available":true,"custom":false,' + stored[1:]

    @property
    def said(self) -> Document:
        """What the organization says of the item; how its own hose is crimped stands in the hose itself."""
        said = self.properties.document if self.properties is not None else {}
        specs = _specs(self.item.document, "organization") if self.custom else []
        return {**said, "crimpSpecs": specs} if specs else said

    @property
    def tag(self) -> str:
        """The state of both documents."""
        return tag(self.item, self.properties)


@lru_cache(maxsize=2048)
def _joined(item_json: bytes, said_json: bytes | None) -> Shared:
    """One document of both, put together once for the same two."""
    item: Document = orjson.loads(item_json)
    said: Document = {} if said_json is None else orjson.loads(said_json)
    custom = item.get("organization") is not None
    found = {"available": True, **item, "custom": custom}
    found.update((name, said[name]) for name in PROPERTY_FIELDS if name in said and name != "crimpSpecs")
    if specs := _specs(said, "organization") + _specs(item, "organization" if custom else "book"):
        found["crimpSpecs"] = specs
    return Shared(found)


def _specs(document: Document, source: str) -> list[Document]:
    return [{**spec, "source": source} for spec in document.get("crimpSpecs") or []]


class Catalogue:
    """The items that one organization may use."""

    def __init__(self, store: Store) -> None:
        self._store = store
        #: What keeps copies of an item's names follows an own item that is renamed: organization, item, who did it.
        self.renamed: list[Callable[[str, Stored, str], Awaitable[None]]] = []

    # -- reading --------------------------------------------------------------------------------------------------

    async def get(self, caller: Caller, id_: str, kind: Kind | None = None) -> Article:
        """One item, deleted ones excluded. Raises NotFound, for another kind of item too."""
        noun = kind.noun if kind else "item"
        item = await Records(self._items(caller.organization), noun, caller.label).get(id_)
        if kind is not None and item["itemType"] != kind.item_type:
            raise NotFound(f"There is no {noun} with the id {id_}.")
        return (await self._joined(caller.organization, [item]))[0]

    async def get_many(self, organization: str, ids: Sequence[str]) -> dict[str, Article]:
        """Items by id, deleted ones too: documents that were made with them still name them."""
        items = await self._items(organization).get_many(ids)
        joined = await self._joined(organization, list(items.values()))
        return {article.item.id: article for article in joined}

    async def page(
        self, caller: Caller, kind: Kind, query: Query, *, custom: bool = False, unavailable: bool = False
    ) -> tuple[list[Article], Page]:
        """One page of items that the organization can use: available shared ones and its own, or its own only.

        `unavailable` shows those that it has switched off instead.
        """
        properties = self._properties(caller.organization)
        where = await _resolve(query.where, properties)
        off = await _item_ids(properties, equal("available", value=False))
        switched: Where | None = Ids(off) if unavailable else (Not(Ids(off)) if off else None)
        narrowed = Query(
            both(equal("itemType", kind.item_type), where, switched),
            query.sort,
            query.skip,
            query.limit,
            query.after,
            query.with_deleted,
        )
        items = self._own_items(caller.organization) if custom else self._items(caller.organization)
        page = await items.page(narrowed)
        return await self._joined(caller.organization, page.items), page

    async def values(self, caller: Caller, field: str, where: Where) -> list[str]:
        """The distinct values of a field of the items that can be used: sizes by number, others by table and name."""
        off = await _item_ids(self._properties(caller.organization), equal("available", value=False))
        found = await self._items(caller.organization).distinct(field, both(where, Not(Ids(off)) if off else None))
        texts = {str(entry[field]) for entry in found}
        by_size = "size" in field.lower()
        return sorted(texts, key=lambda text: (size_order(text)[0] if by_size else _place(field, text), _natural(text)))

    async def named(self, organization: str, item_type: str, brand: str | None, part_number: str) -> list[Article]:
        """The items of a part number: at most one with a brand, the organization's own before the shared one."""
        if brand:
            found = await self._items(organization).holder("article", article_key(item_type, brand, part_number))
            return await self._joined(organization, [found] if found else [])
        where = both(equal("itemType", item_type), equal("partNumber", part_number))
        page = await self._items(organization).page(Query(where, (Sort("partNumber"),)))
        return await self._joined(organization, page.items)

    async def matching(self, organization: str, where: Where) -> list[Stored]:
        """Every item that a condition holds for."""
        stream = self._items(organization).stream(Query(where, (Sort("partNumber"),)))
        return [entry async for batch in stream for entry in batch]

    # -- writing --------------------------------------------------------------------------------------------------

    async def create(self, caller: Caller, kind: Kind, sent: ItemChange) -> Article:
        """Make an item of the organization's own. Raises Refused for a brand and part number that it has already."""
        fields = merged({}, sent.model_dump(exclude_unset=True))
        document = _with_size(kind, {**fields, "itemType": kind.item_type, "organization": caller.organization})
        records = Records(self._own_items(caller.organization), kind.noun, caller.label)
        try:
            stored = await records.create(document)
        except Duplicate as error:
            raise _taken(kind, document) from error
        return Article(stored, None)

    async def update(self, caller: Caller, kind: Kind, id_: str, sent: Document, expected: Expected) -> Article:
        """Set the organization's properties of an item; of its own items the item's fields too.

        Two documents are written, and of two callers who expected the same state only one may win. So the first write
        decides, and the second follows it whatever happens: of an own item the item is always written, and written
        first, of a shared one there are the properties only.

        Raises NotFound, Stale, Forbidden for costs from a role that does not see them, Refused for the fields of a
        shared item.
        """
        _check_costs(caller, sent)
        article = await self.get(caller, id_, kind)
        check_expected(expected, article.tag)
        own = {name: value for name, value in sent.items() if _is_own(kind, article, name)}
        _check_own(kind, article, own)
        bound = expected is not None and "*" not in expected
        if article.custom:
            await self._change_own(caller, kind, article, own, frozenset({tag(article.item)}) if bound else None)
            bound = False
        await self._say(caller, article, {name: sent[name] for name in sent if name not in own}, bound=bound)
        return await self.get(caller, id_, kind)

    async def _change_own(self, caller: Caller, kind: Kind, article: Article, own: Document, bound: Expected) -> None:
        records = Records(self._own_items(caller.organization), kind.noun, caller.label)
        try:
            item = await records.change(article.item.id, lambda before: _with_size(kind, merged(before, own)), bound)
        except Duplicate as error:
            raise _taken(kind, {**article.document, **own}) from error
        if own.keys() & {"brand", "partNumber"}:  # the same names sent again complete what a crash cut off
            for follow in self.renamed:
                await follow(caller.organization, item, caller.label)

    async def _say(self, caller: Caller, article: Article, said: Document, *, bound: bool) -> Stored:
        properties = self._properties(caller.organization)
        id_ = properties_id(caller.organization, article.item.id)
        if article.properties is None:
            first = {"item": article.item.id, "itemType": article.item["itemType"]}
            try:
                return await properties.insert({**new_document(_said(first, said), caller.label), "_id": id_})
            except Duplicate as error:
                # somebody else was the first to say something of this item
                if error.label != "_id":
                    raise
        records = Records(properties, "item properties", caller.label)
        state = frozenset({tag(article.properties)}) if bound else None
        return await records.change(id_, lambda before: _said(before, said), state)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _items(self, organization: str) -> Repository:
        return self._store.repository(ITEMS, organization, shared=True)

    def _own_items(self, organization: str) -> Repository:
        return self._store.repository(ITEMS, organization)

    def _properties(self, organization: str) -> Repository:
        return self._store.repository(ITEM_PROPERTIES, organization)

    async def _joined(self, organization: str, items: Sequence[Stored]) -> list[Article]:
        if not items:
            return []
        ids = [properties_id(organization, item.id) for item in items]
        said = await self._properties(organization).get_many(ids)
        return [Article(item, said.get(id_)) for item, id_ in zip(items, ids, strict=True)]


@lru_cache(maxsize=16_384)
def properties_id(organization: str, item: str) -> str:
    """The id of what an organization says of an item: known beforehand, so that it is read without a search."""
    return hashlib.sha256(f"{organization}|{item}".encode()).hexdigest()[:24]


def of_field(name: str, value: str) -> Where:
    """The condition that an item has a value.

    A hose size (`-8`, `1/2`, DN12), a style, gender or shape (`JIC`, `JIC 37°`) may be spelled in any way.
    """
    dash = parse_hose_size(value) if name == "hoseSize" else None
    return AnyOf(name, ends.spellings(name, value)) if dash is None else equal("hoseDash", dash)


async def _item_ids(properties: Repository, where: Where) -> tuple[str, ...]:
    first = await properties.page(Query(where, limit=_FEW))
    if first.total <= _FEW:
        return tuple(str(entry["item"]) for entry in first.items)
    found = properties.stream(Query(where))
    return tuple([str(entry["item"]) async for batch in found for entry in batch])


async def _resolve(where: Where, properties: Repository) -> Where:
    """A search in the organization's own part numbers becomes the items that have them."""
    parts = where.parts if isinstance(where, And) else (where,)
    resolved: list[Where] = []
    for part in parts:
        if isinstance(part, Contains) and part.field == "orgPartNumber":
            resolved.append(Ids(await _item_ids(properties, part)))
        else:
            resolved.append(part)
    return both(*resolved)


def _with_size(kind: Kind, document: Document) -> Document:
    size = kind.size_of(document)
    return {**{name: value for name, value in document.items() if name != "hoseDash"}, **_if_known("hoseDash", size)}


def _if_known(name: str, value: Any) -> Document:
    return {} if value is None else {name: value}


def _place(field: str, text: str) -> int:
    return ends.place(field, text) if field in {"style", "gender", "shape"} else 0


def _natural(text: str) -> list[str | int]:
    """Sorts the numbers in a text as numbers: 45 before 90 before 135, M8x1 before M14x1.5."""
    return [int(part) if part.isdigit() else part for part in re.split("([0-9]+)", text.casefold())]


def _said(before: Document, said: Document) -> Document:
    document = merged(before, said)
    if samples := [name for name in before.get("sampleData") or [] if name not in said]:
        document["sampleData"] = samples
    else:
        document.pop("sampleData", None)
    document.setdefault("available", True)
    return document


def _check_costs(caller: Caller, sent: Document) -> None:
    if not caller.sees_cost and (named := sorted(COST_FIELDS & sent.keys())):
        raise Forbidden(f"The role {caller.role} may not set {' and '.join(named)}; an admin may.")


def _is_own(kind: Kind, article: Article, name: str) -> bool:
    """Whether a field is the item's: of an own hose its crimp specifications are, so that a wrong one can be mended."""
    if name not in kind.own_fields:
        return False
    return name not in PROPERTY_FIELDS or article.custom


def _check_own(kind: Kind, article: Article, own: Document) -> None:
    if own and not article.custom:
        text = f"A {kind.noun} of the shared catalogue keeps its own fields; set the organization's properties only."
        raise Refused.fields([FieldError(name, text) for name in own])
    if cleared := sorted(name for name in kind.required & own.keys() if own[name] is None):
        raise Refused.fields([FieldError(name, "This field cannot be cleared.") for name in cleared])


def _taken(kind: Kind, document: Document) -> Refused:
    text = f"The organization has a {kind.noun} {document['partNumber']} of the brand {document['brand']} already."
    return Refused.field("partNumber", text)

"""The rules of the catalogue: two levels, the shared one and the organization's own, joined with its properties."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import orjson

from brassleaf.catalog.conditions import Conditions
from brassleaf.catalog.ends import Wish, end_key
from brassleaf.catalog.kinds import Kind
from brassleaf.catalog.models import (
    BRANDS,
    COST_FIELDS,
    ITEM_PROPERTIES,
    ITEMS,
    PROPERTY_FIELDS,
    ItemChange,
    article_key,
)
from brassleaf.errors import FieldError, NotFound, Refused
from brassleaf.http.answers import Hidden, without
from brassleaf.security.caller import Caller
from brassleaf.store.collections import SHARED, Document
from brassleaf.store.port import Duplicate, Page, Repository, Shared, Store, Stored
from brassleaf.store.query import EVERYTHING, AnyOf, Query, Sort, Where, both, equal
from brassleaf.store.records import Expected, Records, check_expected, derived_id, merged, new_document, tag
from brassleaf.store.remembered import Memory, Remembered
from brassleaf.trade import ends as tables
from brassleaf.trade.sizes import size_order

#: How a crimp specification begins in a stored document.
_SERIES = b'"couplingSeries":'
_SPEC = b"{" + _SERIES
#: Of so many organizations what was joined is kept.
_ORGANIZATIONS = 8
#: Of longer pages it is not kept which items they have.
_SHORT_PAGE = 200


@dataclass(slots=True, eq=False)
class Article:
    """An item of the catalogue with what the organization says of it, as one document. Requests share it."""

    item: Stored
    properties: Stored | None
    _json: bytes | None = field(default=None, init=False, repr=False)
    _bare: tuple[Hidden, bytes] | None = field(default=None, init=False, repr=False)

    @property
    def custom(self) -> bool:
        """Whether the organization made it; the shared catalogue's items are nobody's."""
        return self.item["organization"] is not None

    @property
    def document(self) -> Document:
        """The item's fields, over them the organization's; its own crimp specifications before the book's."""
        return _joined(self.item.raw, None if self.properties is None else self.properties.raw)

    @property
    def json(self) -> bytes:
        """The article as it is answered (`shown`), as JSON; made once."""
        if self._json is None:
            self._json = self._answer()
        return self._json

    def json_without(self, hidden: Hidden) -> bytes:
        """The same without what a caller may not see; made once for the callers of a list."""
        if self._bare is None or self._bare[0] is not hidden:
            self._bare = (hidden, orjson.dumps(without(shown(self), hidden)))
        return self._bare[1]

    def _answer(self) -> bytes:
        """A shared item that nothing is said of passes through unread, as most of a page does."""
        stored = self.item.raw
        if self.properties is not None or b'"organization"' in stored or b'"customType"' in stored:
            return orjson.dumps(shown(self))
        if b'"crimpSpecs"' in stored:
            # each specification begins with its series, and within a text the quotation marks would be escaped
            if stored.count(_SERIES) != stored.count(_SPEC):
                return orjson.dumps(shown(self))
            stored = stored.replace(_SPEC, b'{"source":"book",' + _SERIES)
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
        self._remembered = Remembered(store, (ITEM_PROPERTIES, BRANDS, ITEMS), (ITEMS,), _ORGANIZATIONS)
        self._conditions = Conditions(store, self._remembered)
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

    async def get_many(self, organization: str, ids: Sequence[str], memory: Memory | None = None) -> dict[str, Article]:
        """Items by id, deleted ones too: documents that were made with them still name them."""
        memory = memory or self._remembered.of(organization)
        known: dict[str, Article] = {id_: article for id_ in ids if (article := memory.get(id_)) is not None}
        if new := [id_ for id_ in ids if id_ not in known]:
            items = await self._items(organization).get_many(new)
            joined = await self._joined(organization, list(items.values()), memory)
            known.update((article.item.id, article) for article in joined)
        return known

    async def page(
        self, caller: Caller, kind: Kind | None, query: Query, *, custom: bool = False, unavailable: bool = False
    ) -> tuple[list[Article], Page]:
        """One page of items that the organization can use: available shared ones and its own, or its own only.

        `unavailable` shows those that it has switched off instead. Whoever follows changes is shown both, so that it
        sees what was switched off; what was changed are also items of which the organization has said something else.
        """
        memory = self._remembered.of(caller.organization)
        key = (kind and kind.item_type, query, custom, unavailable, caller.is_customer)
        known: tuple[list[str], Page] | None = memory.get(key)
        if known is not None:  # nothing of it has changed; from the page that the store keeps it would cost half more
            ids, page = known
            articles = await self.get_many(caller.organization, ids, memory)
            return [articles[id_] for id_ in ids], page
        where = await self._conditions.listed(caller, kind, query.where, memory, unavailable=unavailable)
        narrowed = replace(query, where=both(equal("itemType", kind.item_type) if kind else None, where))
        items = self._own_items(caller.organization) if custom else self._items(caller.organization)
        page = await items.page(narrowed)
        found = await self._joined(caller.organization, page.items, memory)
        if len(found) <= _SHORT_PAGE:
            memory.keep(key, ([article.item.id for article in found], replace(page, items=())))
        return found, page

    def memory(self, organization: str) -> Memory:
        """What was found for an organization since anything in the catalogue was written. Ask before what is kept."""
        return self._remembered.of(organization)

    async def articles(
        self, caller: Caller, where: Where, *, sort: tuple[Sort, ...] = (), usable: bool = True
    ) -> AsyncIterator[list[Article]]:
        """Every item that a condition holds for, in batches; only those that can be used unless told otherwise."""
        where = await self._conditions.usable(caller.organization, where) if usable else where
        async for batch in self._items(caller.organization).stream(Query(where, sort)):
            yield await self._joined(caller.organization, batch)

    async def each(self, caller: Caller, where: Where, *, with_deleted: bool = False) -> AsyncIterator[Stored]:
        """Every item that a condition holds for, switched off or not, without what the organization says of it."""
        async for batch in self._items(caller.organization).stream(Query(where, with_deleted=with_deleted)):
            for entry in batch:
                yield entry
            await asyncio.sleep(0)

    async def asked(self, caller: Caller, kind: Kind | None, where: Where) -> Where:
        """The condition of a list as the store takes it, without regard to what is switched off."""
        return await self._conditions.asked(caller.organization, kind, where)

    async def values(self, caller: Caller, field: str, where: Where, *, usable: bool = True) -> list[str]:
        """The distinct values of a field of the items that can be used: sizes by number, others by name."""
        where = await self._conditions.usable(caller.organization, where) if usable else where
        found = await self._items(caller.organization).distinct(field, where)
        return in_order(field, (str(entry[field]) for entry in found))

    async def ends(self, caller: Caller, where: Where, wish: Wish | None = None) -> list[Document]:
        """One end of each kind among the items that can be used and that a condition holds for."""
        return await self._conditions.ends(caller.organization, where, wish)

    async def with_end(self, caller: Caller, wish: Wish, where: Where = EVERYTHING) -> AnyOf:
        """The condition that an item has an end as wished."""
        return AnyOf("end", tuple(end_key(end) for end in await self.ends(caller, where, wish)))

    async def brand_types(self, caller: Caller, *, usable: bool) -> list[tuple[str, str]]:
        """The brands of items, each with each type of item that it has; of usable ones, or of all that are there."""
        where = await self._conditions.usable(caller.organization, EVERYTHING) if usable else EVERYTHING
        found = await self._items(caller.organization).distinct("brandType", where)
        return [(str(entry["brand"]), str(entry["itemType"])) for entry in found]

    async def shared_brands(self) -> list[str]:
        """The brands of the shared catalogue's items."""
        return [str(entry["brand"]) for entry in await self._own_items(SHARED).distinct("brand")]

    async def examples(self, caller: Caller, field: str, where: Where) -> list[Document]:
        """One of the items that can be used for each value of a field."""
        found = await self._items(caller.organization).distinct(
            field, await self._conditions.usable(caller.organization, where)
        )
        return [entry.document for entry in found]

    async def chosen(
        self, caller: Caller, kind: Kind, part_number: str | None, brand: str | None, *more: Where
    ) -> list[Article]:
        """Items of a kind that can be used, by part number, brand or both; the organization's own first."""
        named = (equal("partNumber", part_number) if part_number else None, equal("brand", brand) if brand else None)
        where = both(equal("itemType", kind.item_type), *named, *more)
        found = [entry async for batch in self.articles(caller, where, sort=(Sort("partNumber"),)) for entry in batch]
        return sorted(found, key=lambda article: not article.custom)

    async def count(self, caller: Caller, where: Where) -> int:
        """How many items that can be used a condition holds for."""
        return await self._items(caller.organization).count(await self._conditions.usable(caller.organization, where))

    async def any(self, caller: Caller, where: Where) -> bool:
        """Whether there is an item that can be used and that a condition holds for."""
        usable = await self._conditions.usable(caller.organization, where)
        return bool((await self._items(caller.organization).page(Query(usable, limit=1))).items)

    async def named(self, organization: str, item_type: str, brand: str | None, part_number: str) -> list[Article]:
        """The items of a part number: at most one with a brand, the organization's own before the shared one."""
        if brand:
            found = await self._items(organization).holder("article", article_key(item_type, brand, part_number))
            return await self._joined(organization, [found] if found else [])
        where = both(equal("itemType", item_type), equal("partNumber", part_number))
        page = await self._items(organization).page(Query(where, (Sort("partNumber"),)))
        return await self._joined(organization, page.items)

    async def first(self, organization: str, where: Where, limit: int) -> list[Article]:
        """The first items that a condition holds for, by part number; of more than `limit` the organization's own.

        A condition on one field is one short walk along its index.
        """
        page = await self._items(organization).page(Query(where, limit=limit))
        items = list(page.items)
        if len(items) == limit and await self._own_items(organization).count():
            own = await self._own_items(organization).page(Query(where, limit=limit))
            items = list({item.id: item for item in (*own.items, *items)}.values())
        return await self._joined(organization, items)

    async def by_own_number(self, organization: str, number: str) -> list[Article]:
        """The items that the organization has given a number of its own."""
        page = await self._properties(organization).page(Query(equal("orgPartNumber", number)))
        found = await self.get_many(organization, [str(entry["item"]) for entry in page.items])
        return list(found.values())

    # -- writing --------------------------------------------------------------------------------------------------

    async def create(self, caller: Caller, kind: Kind, sent: ItemChange) -> Article:
        """Make an item of the organization's own; with `itemId`, change that one instead.

        Raises Refused for a brand and part number that it has already.
        """
        fields = sent.model_dump(exclude_unset=True)
        if there := fields.pop("itemId", None):
            return await self.update(caller, kind, there, fields, None)
        document = kind.derived(new_item(kind, caller.organization, merged({}, fields)))
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
        caller.check_costs(sorted(COST_FIELDS & sent.keys()))
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
            item = await records.change(article.item.id, lambda before: kind.derived(merged(before, own)), bound)
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
                return await properties.insert({**new_document(say(first, said), caller.label), "_id": id_})
            except Duplicate as error:
                # somebody else was the first to say something of this item
                if error.label != "_id":
                    raise
        records = Records(properties, "item properties", caller.label)
        state = frozenset({tag(article.properties)}) if bound else None
        return await records.change(id_, lambda before: say(before, said), state)

    async def delete(self, caller: Caller, kind: Kind, id_: str, expected: Expected) -> None:
        """Mark an item of the organization's own deleted; documents that hold it keep their copy.

        Raises NotFound, Stale, Refused for an item of the shared catalogue.
        """
        article = await self.get(caller, id_, kind)
        check_expected(expected, article.tag)
        if not article.custom:
            text = f"This {kind.noun} is the shared catalogue's; switch it off with `available` instead."
            raise Refused.field(kind.paths.id_name, text)
        await Records(self._own_items(caller.organization), kind.noun, caller.label).remove(id_)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _items(self, organization: str) -> Repository:
        return self._store.repository(ITEMS, organization, shared=True)

    def _own_items(self, organization: str) -> Repository:
        return self._store.repository(ITEMS, organization)

    def _properties(self, organization: str) -> Repository:
        return self._store.repository(ITEM_PROPERTIES, organization)

    async def _joined(self, organization: str, items: Sequence[Stored], memory: Memory | None = None) -> list[Article]:
        """Items with what the organization says of them; with a memory from it, as far as it knows them.

        The memory must be older than the items: what it did not know yet is looked up and kept.
        """
        if not items:
            return []
        if memory is None:
            memory = Memory(None)
        rows: list[tuple[Stored, Any]] = [(item, memory.get(item.id)) for item in items]
        new = {
            item.id: properties_id(organization, item.id)
            for item, article in rows
            if article is None or article.item.revision != item.revision
        }
        if not new:
            return [article for _, article in rows]
        said = await self._properties(organization).get_many(list(new.values()))
        found: list[Article] = []
        for item, article in rows:
            found.append(Article(item, said.get(new[item.id])) if item.id in new else article)
            memory.keep(item.id, found[-1])
        return found


@lru_cache(maxsize=16_384)
def properties_id(organization: str, item: str) -> str:
    """The id of what an organization says of an item: known beforehand, so that it is read without a search."""
    return derived_id(organization, item)


def new_item(kind: Kind, organization: str, fields: Document) -> Document:
    """A new item of an organization's own, without the audit fields."""
    return {**fields, "itemType": kind.item_type, "organization": organization}


def shown(article: Article) -> Document:
    """An item as it is answered."""
    return answered(article.document)


def answered(document: Document) -> Document:
    """The joined document of an item as it is answered: an other item's type is what its organization calls it."""
    if custom := document.get("customType"):
        return {**{name: value for name, value in document.items() if name != "customType"}, "itemType": custom}
    return document


def in_order(field: str, texts: Iterable[str]) -> list[str]:
    """Distinct texts: sizes by number, ends as their tables have them, others by name, numbers in them as numbers."""
    by_size = "size" in field.lower()
    return sorted(set(texts), key=lambda text: (size_order(text)[0] if by_size else _place(field, text), natural(text)))


def _place(field: str, text: str) -> int:
    return tables.place(field, text) if field in {"style", "gender", "shape"} else 0


def natural(text: str) -> list[str | int]:
    """Sorts the numbers in a text as numbers: 45 before 90 before 135, M8x1 before M14x1.5."""
    return [int(part) if part.isdigit() else part for part in re.split("([0-9]+)", text.casefold())]


def say(before: Document, said: Document) -> Document:
    """What an organization says of an item, changed; a figure of its own is no sample any more."""
    document = merged(before, said)
    if samples := [name for name in before.get("sampleData") or [] if name not in said]:
        document["sampleData"] = samples
    else:
        document.pop("sampleData", None)
    document.setdefault("available", True)
    return document


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
    of_brand = f" of the brand {document['brand']}" if document.get("brand") else ""
    text = f"The organization has a {kind.noun} {document['partNumber']}{of_brand} already."
    return Refused.field("partNumber", text)

"""The rules of price lists."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from brassleaf.catalog.models import ITEMS
from brassleaf.catalog.service import Catalogue
from brassleaf.customers.breaks import breaks_text, check_item
from brassleaf.customers.items.models import pair_id
from brassleaf.errors import FieldError, NotFound, Refused
from brassleaf.organizations.currencies import check_currencies, known_currencies
from brassleaf.organizations.service import OrganizationService
from brassleaf.pricing.lists.importing import PriceListImport
from brassleaf.pricing.lists.models import (
    NewPriceList,
    PriceListChange,
    PriceListExport,
    PriceListItemChange,
    own_fields,
)
from brassleaf.pricing.models import PRICE_LIST_ITEMS, PRICE_LISTS
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Changed, Duplicate, Page, Repository, Store, Stored
from brassleaf.store.query import EVERYTHING, Ids, Query, Sort, Where, both, equal
from brassleaf.store.records import Expected, Records, merged, new_id, now

NOUN = "price list"
#: So many items are marked deleted at a time: enough to share commits, few enough to be held in memory.
_TOGETHER = 1_000
#: What a price list's copy takes over, and a copied item.
_COPIED = (
    "defaultCurrency", "listPricing", "defaultMarginPercentMaterials", "defaultMarginPercentLabour",
    "defaultDiscountPercentMaterials", "defaultItemPricing",
)  # fmt: skip
_COPIED_OF_ITEM = ("item", "itemType", "listPrice", "enabled", "currency", "unitOfMeasure", "quantityBreaks")


class PriceListService:
    """Price lists of one organization at a time."""

    def __init__(self, store: Store, catalogue: Catalogue, organizations: OrganizationService) -> None:
        self._store = store
        self._catalogue = catalogue
        self._organizations = organizations

    # -- lists ----------------------------------------------------------------------------------------------------

    async def page(self, caller: Caller, query: Query) -> Page:
        """One page of price lists."""
        return await self._records(caller).repository.page(query)

    async def names(self, caller: Caller, where: Where = EVERYTHING) -> list[Document]:
        """Ids and name of every price list, by name: for pick lists."""
        stream = self._records(caller).repository.stream(Query(where, (Sort("name"),)))
        return [
            {"_id": entry.id, "priceListId": entry["priceListId"], "name": entry["name"]}
            async for batch in stream
            for entry in batch
        ]

    async def get(self, caller: Caller, id_: str) -> Stored:
        """One price list."""
        return await self._records(caller).get(id_)

    async def create(self, caller: Caller, sent: NewPriceList) -> Stored:
        """Keep a new price list, a copy of another where one is named.

        Raises Refused where its name is taken, or its currency has no rate.

        A copy gets its items first: they belong to nothing until the list is there, so that a list never shows with
        some of its items. A repeated request draws the same id and goes on where the first one ended.
        """
        fields = sent.model_dump(exclude_unset=True)
        check_currencies(fields, await self._currencies(caller), "defaultCurrency")
        source_id = fields.pop("listPriceId", None)
        source = await self._source(caller, source_id) if source_id else None
        id_ = new_id()
        lists = self._records(caller).repository
        if (there := await lists.get(id_)) is not None:
            return there
        if await lists.holder("name", sent.name) is not None:
            raise _taken(sent.name)
        copied = {name: source[name] for name in _COPIED if source[name] is not None} if source else {}
        try:
            if source is not None:
                await self._copy_items(caller, source.id, id_)
            return await self._numbered(caller, {**merged(copied, fields), "_id": id_})
        except Exception as error:
            if source is not None and await lists.get(id_) is None:
                await self._items(caller).purge(equal("priceList", id_))
            if isinstance(error, Duplicate):
                raise _taken(sent.name) from error
            raise

    async def update(self, caller: Caller, id_: str, sent: PriceListChange, expected: Expected) -> Stored:
        """Change the fields that were sent. Raises NotFound, Stale, Refused."""
        fields = sent.model_dump(exclude_unset=True)
        if "name" in fields and sent.name is None:
            raise Refused.field("name", "This field cannot be cleared.")
        check_currencies(fields, await self._currencies(caller), "defaultCurrency")
        try:
            return await self._records(caller).change(id_, lambda document: merged(document, fields), expected)
        except Duplicate as error:
            raise _taken(sent.name) from error

    async def delete(self, caller: Caller, id_: str, expected: Expected) -> None:
        """Mark a price list deleted, take it off the organization's settings, and mark its items deleted.

        In this order, since a deleted list counts as none, whatever its items are: after a crash in between, deleting
        again marks the rest, and says that the list is gone.
        """
        records = self._records(caller)
        before = await records.get(id_, deleted=True)
        if not before["deleted"]:
            await records.remove(id_, expected)
        await self._organizations.price_list_deleted(caller.organization, id_, caller.label)
        await self._delete_items(caller, id_)
        if before["deleted"]:
            await records.get(id_)

    # -- items ----------------------------------------------------------------------------------------------------

    async def items(self, caller: Caller, id_: str, query: Query) -> tuple[Page, list[Document]]:
        """One page of a price list's items, as it is stored and with brand and part number. Raises NotFound."""
        await self.get(caller, id_)
        page = await self._items(caller).page(replace(query, where=both(query.where, equal("priceList", id_))))
        return page, await self._named(caller, page.items)

    async def item(self, caller: Caller, id_: str, item_id: str) -> tuple[Stored, Document]:
        """What a price list says of one item, as it is stored and with brand and part number. Raises NotFound."""
        await self.get(caller, id_)
        stored = await self._items(caller).get(pair_id(id_, item_id))
        if stored is None or stored["deleted"]:
            raise _no_item(item_id)
        return stored, (await self._named(caller, [stored]))[0]

    async def set_item(
        self, caller: Caller, id_: str, item_id: str, sent: PriceListItemChange, expected: Expected
    ) -> tuple[Stored, Document]:
        """Say something of an item in a price list, for the first time or anew. Raises NotFound, Stale, Refused."""
        await self.get(caller, id_)
        article = await self._catalogue.get(caller, item_id)
        fields = own_fields(sent.model_dump(exclude_unset=True), await self._currencies(caller))
        item_type = article.item["itemType"]
        check_item(item_type, fields)
        first = {"priceList": id_, "item": item_id, "itemType": item_type, "enabled": True, "recordSource": "api"}
        records, place = self._item_records(caller), pair_id(id_, item_id)
        stored = await records.put(place, lambda before: merged(before or first, fields), expected)
        return stored, (await self._named(caller, [stored]))[0]

    async def remove_item(self, caller: Caller, id_: str, item_id: str, expected: Expected) -> None:
        """Take an item out of a price list. Raises NotFound, Stale."""
        await self.get(caller, id_)
        try:
            await self._item_records(caller).remove(pair_id(id_, item_id), expected)
        except NotFound as error:
            raise _no_item(item_id) from error

    # -- Excel ----------------------------------------------------------------------------------------------------

    def importing(self, caller: Caller) -> PriceListImport:
        """The import of one workbook."""
        return PriceListImport(self._store, self._organizations, caller)

    async def exported(self, caller: Caller, asked: PriceListExport) -> AsyncIterator[Sequence[bytes]]:
        """The items of the chosen price lists, list by list, as JSON in batches.

        What the catalogue has no more is left out: no price is asked for it, and no import would find it.
        """
        where = EVERYTHING if asked.selectAll else Ids(tuple(asked.priceLists))
        repository = self._records(caller).repository
        lists = [entry async for batch in repository.stream(Query(where, (Sort("name"),))) for entry in batch]
        for price_list in lists:
            named = {"priceListId": price_list["priceListId"], "priceListName": price_list["name"]}
            async for batch in self._items(caller).stream(Query(equal("priceList", price_list.id))):
                yield [_row(named, document) for document in await self._named(caller, batch, live=True)]

    # -- inside ---------------------------------------------------------------------------------------------------

    def _records(self, caller: Caller) -> Records:
        return Records(self._store.repository(PRICE_LISTS, caller.organization), NOUN, caller.label)

    def _items(self, caller: Caller) -> Repository:
        return self._store.repository(PRICE_LIST_ITEMS, caller.organization)

    def _item_records(self, caller: Caller) -> Records:
        return Records(self._items(caller), "price list item", caller.label)

    async def _currencies(self, caller: Caller) -> frozenset[str]:
        return known_currencies(await self._organizations.get(caller.organization))

    async def _source(self, caller: Caller, id_: str) -> Stored:
        try:
            return await self.get(caller, id_)
        except NotFound as error:
            raise NotFound(error.message, [FieldError("listPriceId", error.message)]) from error

    async def _numbered(self, caller: Caller, fields: Document) -> Stored:
        """Keep a list under the next number. Raises Duplicate where its name is taken.

        Every list that there ever was has a number not above the count of lists, so that none is given twice.
        """
        records = self._records(caller)
        number = (await records.repository.page(Query(limit=1, with_deleted=True))).total
        while True:
            number += 1
            try:
                return await records.create({**fields, "priceListId": f"PL-{number:04d}"})
            except Duplicate as error:
                if error.label != "priceListId":
                    raise

    async def _copy_items(self, caller: Caller, source: str, target: str) -> None:
        repository, moment = self._items(caller), now()
        audit = {"created": moment, "createdBy": caller.label, "lastModified": moment, "lastModifiedBy": caller.label}
        async for batch in repository.stream(Query(equal("priceList", source))):
            copies = [
                {
                    "_id": pair_id(target, str(entry["item"])),
                    "priceList": target,
                    **{name: entry[name] for name in _COPIED_OF_ITEM if entry[name] is not None},
                    "recordSource": "copy",
                    **audit,
                    "deleted": False,
                }
                for entry in batch
            ]
            await repository.insert_many(copies)  # one that is there already was copied by the same request before

    async def _delete_items(self, caller: Caller, id_: str) -> None:
        records = self._item_records(caller)
        repository = records.repository

        async def delete(entry: Stored) -> None:
            try:
                await repository.replace(entry, records.touched(records.deleted(entry.document)))
            except Changed:
                again = await repository.get(entry.id)
                if again is not None and not again["deleted"]:
                    await records.remove(entry.id)

        async for batch in repository.stream(Query(equal("priceList", id_)), batch=_TOGETHER):
            await asyncio.gather(*map(delete, batch))

    async def _named(self, caller: Caller, entries: Sequence[Stored], *, live: bool = False) -> list[Document]:
        """Price list items with the brand and part number of each; `live` ones only, as the catalogue has it."""
        shared = self._store.repository(ITEMS, caller.organization, shared=True)
        items = await shared.get_many([str(entry["item"]) for entry in entries])
        found: list[Document] = []
        for entry in entries:
            item = items.get(str(entry["item"]))
            if item is not None and not (live and item["deleted"]):
                found.append({**entry.document, "brand": item["brand"], "partNumber": item["partNumber"]})
            elif not live:
                found.append(entry.document)
        return found


def _row(named: Mapping[str, Any], document: Document) -> bytes:
    """A row of the export; breaks as text."""
    breaks = breaks_text(document.get("quantityBreaks"))
    return orjson.dumps({**document, **named, "quantityBreaks": breaks})


def _taken(name: str | None) -> Refused:
    return Refused.field("name", f"There is a price list {name} already; case does not matter.")


def _no_item(item_id: str) -> NotFound:
    return NotFound(f"The price list says nothing of an item with the id {item_id}.")

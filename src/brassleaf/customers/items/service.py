"""The rules of customer items."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import orjson

from brassleaf.catalog.models import COST_FIELDS
from brassleaf.catalog.service import Article, Catalogue
from brassleaf.customers.breaks import breaks_text, stored_fields
from brassleaf.customers.items.importing import CustomerItemImport
from brassleaf.customers.items.models import (
    CUSTOMER_ITEMS,
    CustomerItemChange,
    CustomerItemExport,
    pair_id,
)
from brassleaf.customers.items.rules import CURRENCIES, check_days, check_prices
from brassleaf.customers.items.sheet import CUSTOMER_ITEM_SHEET
from brassleaf.customers.models import CUSTOMERS
from brassleaf.customers.named import NamedCustomers
from brassleaf.errors import NotFound, Refused
from brassleaf.organizations.currencies import check_currencies, known_currencies
from brassleaf.organizations.service import OrganizationService
from brassleaf.security.caller import Caller
from brassleaf.sheets.columns import Sheet
from brassleaf.store.collections import Document
from brassleaf.store.port import Page, Store, Stored
from brassleaf.store.query import Ids, Not, Query, Sort, Where, both, equal
from brassleaf.store.records import Expected, Records, merged


class CustomerItemService:
    """What is agreed with the customers of one organization at a time."""

    def __init__(self, store: Store, catalogue: Catalogue, organizations: OrganizationService) -> None:
        self._store = store
        self._catalogue = catalogue
        self._organizations = organizations

    def _records(self, organization: str, by: str) -> Records:
        return Records(self._store.repository(CUSTOMER_ITEMS, organization), "customer item", by)

    async def _customer(self, caller: Caller, id_: str) -> Stored:
        return await Records(self._store.repository(CUSTOMERS, caller.organization), "customer", caller.label).get(id_)

    async def page(self, caller: Caller, customer: str, query: Query) -> Page:
        """One page of what is agreed with a customer. Raises NotFound for a customer that is not there."""
        await self._customer(caller, customer)
        return await self._records(caller.organization, caller.label).repository.page(query)

    async def get(self, caller: Caller, customer: str, item: str) -> Stored:
        """What is agreed with a customer for an item. Raises NotFound where nothing is."""
        await self._customer(caller, customer)
        try:
            return await self._records(caller.organization, caller.label).get(pair_id(customer, item))
        except NotFound:
            raise _nothing(customer, item) from None

    async def update(
        self, caller: Caller, customer: str, item: str, sent: CustomerItemChange, expected: Expected
    ) -> Stored:
        """Change what is agreed for an item, or agree it for the first time.

        Raises NotFound for a customer or item that is not there, Stale, Forbidden for costs from a role that does not
        see them, Refused for days, currencies and units that cannot be.
        """
        fields = stored_fields(sent.model_dump(exclude_unset=True))
        caller.check_costs(sorted(COST_FIELDS & fields.keys()))
        await self._customer(caller, customer)
        article = await self._catalogue.get(caller, item)
        known = known_currencies(await self._organizations.get(caller.organization))
        check_currencies(fields, known, *CURRENCIES)
        first = _first(customer, article, fields)
        check_prices(article.item["itemType"], fields)
        fields.pop("itemType", None)

        def apply(before: Document | None) -> Document:
            return check_days(merged({"recordSource": "api"} if before is None else before, {**fields, **first}))

        records = self._records(caller.organization, caller.label)
        return await records.put(pair_id(customer, item), apply, expected)

    async def delete(self, caller: Caller, customer: str, item: str, expected: Expected) -> None:
        """Mark what is agreed for an item deleted. Raises NotFound where nothing is."""
        await self._customer(caller, customer)
        try:
            await self._records(caller.organization, caller.label).remove(pair_id(customer, item), expected)
        except NotFound:
            raise NotFound(f"Nothing is agreed with the customer {customer} for an item with the id {item}.") from None

    async def forget_customer(self, organization: str, customer: str, by: str) -> None:
        """Mark deleted what was agreed with a deleted customer; done again, it goes on where it ended."""
        records = self._records(organization, by)
        await records.change_each(equal("customer", customer), records.deleted)

    async def item_renamed(self, organization: str, item: Stored, by: str) -> None:
        """Give what was agreed for an item the item's present names; done again, it goes on where it ended."""
        names = {name: item[name] for name in ("brand", "partNumber")}
        records = self._records(organization, by)
        await records.change_each(equal("item", item.id), lambda before: {**before, **names})

    async def brand_renamed(self, organization: str, old: str, new: str, by: str) -> None:
        """Let what is agreed follow where a brand of the organization's own was renamed; done again, it goes on."""
        records = self._records(organization, by)
        await records.change_each(equal("brand", old), lambda before: {**before, "brand": new})

    # -- Excel ----------------------------------------------------------------------------------------------------

    def sheet(self, caller: Caller) -> Sheet:
        """The columns that a caller may see."""
        return CUSTOMER_ITEM_SHEET if caller.sees_cost else CUSTOMER_ITEM_SHEET.without_cost()

    def importing(self, caller: Caller) -> CustomerItemImport:
        """One import by a caller."""
        return CustomerItemImport(self._store, self._organizations, caller, self.sheet(caller))

    async def exported(
        self, caller: Caller, customer: str, asked: CustomerItemExport
    ) -> AsyncIterator[Sequence[bytes]]:
        """The chosen items of a customer, by part number, as JSON in batches; the customer by what an import finds."""
        label = await self._label(caller, await self._customer(caller, customer))
        stream = self._records(caller.organization, caller.label).repository.stream(
            Query(both(equal("customer", customer), _chosen(customer, asked)), (Sort("partNumber"),))
        )
        return _named(stream, label)

    async def _label(self, caller: Caller, customer: Stored) -> str:
        """The name of a customer, or what else an import finds it by alone."""
        named = NamedCustomers(self._store, caller.organization)
        said = [str(text) for text in (customer["name"], customer["erpId"]) if text and str(text).strip()]
        await named.look_up(said)
        for text in said:
            with suppress(Refused):
                if named.one(text, "customer") is not None:
                    return text
        return customer.id


def _chosen(customer: str, asked: CustomerItemExport) -> Where:
    """The customer items of these ids, given as their own or as those of their items; or all but these."""
    ids = asked.customerItems or []
    named = Ids((*ids, *(pair_id(customer, id_) for id_ in ids)))
    return Not(named) if asked.selectAll else named


async def _named(stream: AsyncIterator[Sequence[Stored]], label: str) -> AsyncIterator[Sequence[bytes]]:
    async for batch in stream:
        yield [_row(entry.document, label) for entry in batch]


def _row(document: Document, label: str) -> bytes:
    breaks = breaks_text(document.get("quantityBreaks"))
    return orjson.dumps({**document, "customer": label, "quantityBreaks": breaks})


def _nothing(customer: str, item: str) -> NotFound:
    return NotFound(f"Nothing is agreed with the customer {customer} for an item with the id {item}.")


def _first(customer: str, article: Article, fields: Document) -> Document:
    """What follows from the pair. Raises Refused for another item type than the item's."""
    item = article.item
    if fields.get("itemType") not in (None, item["itemType"]):
        raise Refused.field("itemType", f"This item is of the type {item['itemType']}; leave the field out.")
    return {
        "customer": customer,
        "item": item.id,
        "itemType": item["itemType"],
        "brand": item["brand"],
        "partNumber": item["partNumber"],
    }

"""The rules of customers."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any

import orjson

from brassleaf.customers.models import CUSTOMERS, CustomerChange, CustomerExport
from brassleaf.customers.sheet import CUSTOMER_SHEET
from brassleaf.errors import Refused
from brassleaf.organizations.currencies import check_currencies, known_currencies
from brassleaf.organizations.service import OrganizationService
from brassleaf.security.caller import Caller
from brassleaf.sheets.columns import Sheet
from brassleaf.store.collections import Collection, Document
from brassleaf.store.port import Duplicate, Page, Store, Stored
from brassleaf.store.query import EVERYTHING, Contains, Ids, Query, Sort, Where, both
from brassleaf.store.records import Expected, Records, merged

#: Fields that only those who see costs may set: margins are costs turned round.
MARGINS = ("defaultMarginPercentMaterials", "defaultMarginPercentLabour")
#: Called after a customer was deleted, with the organization, its id and who did it.
Leaving = Callable[[str, str, str], Awaitable[None]]


class CustomerService:
    """Customers of one organization at a time. `leaving` are those who hold references to a customer."""

    def __init__(
        self,
        store: Store,
        organizations: OrganizationService,
        price_lists: Collection,
        leaving: Sequence[Leaving] = (),
    ) -> None:
        self._store = store
        self._organizations = organizations
        self._price_lists = price_lists
        self._leaving = leaving

    def _records(self, caller: Caller) -> Records:
        return Records(self._store.repository(CUSTOMERS, caller.organization), "customer", caller.label)

    async def page(self, caller: Caller, query: Query) -> Page:
        """One page of customers."""
        return await self._records(caller).repository.page(query)

    async def names(self, caller: Caller, where: Where = EVERYTHING) -> list[Document]:
        """Id and name of every customer, by name: for pick lists."""
        stream = self._records(caller).repository.stream(Query(where, (Sort("name"),)))
        return [{"_id": entry.id, "name": entry["name"]} async for batch in stream for entry in batch]

    async def get(self, caller: Caller, id_: str) -> Stored:
        """One customer."""
        return await self._records(caller).get(id_)

    async def create(self, caller: Caller, sent: CustomerChange) -> Stored:
        """Keep a new customer. Raises Refused where its ERP id is taken, or what it refers to is not there."""
        fields = fields_of(caller, sent)
        await self._check(caller, sent)
        try:
            return await self._records(caller).create(merged({}, fields))
        except Duplicate as error:
            raise taken(sent.erpId) from error

    async def update(self, caller: Caller, id_: str, sent: CustomerChange, expected: Expected) -> Stored:
        """Change the fields that were sent. Raises NotFound, Stale, Refused."""
        fields = fields_of(caller, sent)
        await self._check(caller, sent)
        try:
            return await self._records(caller).change(id_, lambda before: changed(caller, before, fields), expected)
        except Duplicate as error:
            raise taken(sent.erpId) from error

    async def delete(self, caller: Caller, id_: str, expected: Expected) -> None:
        """Mark a customer deleted, then have it taken off what refers to it.

        In this order, since a reference to a deleted customer counts as none: after a crash in between, deleting again
        takes the references off, and says that the customer is gone.
        """
        records = self._records(caller)
        before = await records.get(id_, deleted=True)
        if not before["deleted"]:
            await records.remove(id_, expected)
        for leave in self._leaving:
            await leave(caller.organization, id_, caller.label)
        if before["deleted"]:
            await records.get(id_)

    async def unknown_price_lists(self, organization: str, ids: Iterable[str]) -> set[str]:
        """Those of the ids that are no price list of the organization."""
        asked = set(ids)
        found = await self._store.repository(self._price_lists, organization).get_many(list(asked))
        return asked - {id_ for id_, price_list in found.items() if not price_list["deleted"]}

    async def currencies(self, organization: str) -> frozenset[str]:
        """The currencies that a customer may be priced in."""
        return known_currencies(await self._organizations.get(organization))

    async def _check(self, caller: Caller, sent: CustomerChange) -> None:
        if sent.defaultCurrency:
            check_currency(sent, await self.currencies(caller.organization))
        if sent.priceList and await self.unknown_price_lists(caller.organization, [sent.priceList]):
            raise no_price_list("priceList", sent.priceList)

    def sheet(self, caller: Caller) -> Sheet:
        """The columns of customers that a caller may see."""
        return CUSTOMER_SHEET if caller.sees_cost else CUSTOMER_SHEET.without_cost()

    def exported(self, caller: Caller, asked: CustomerExport) -> AsyncIterator[Sequence[bytes]]:
        """The customers that were chosen, by name, as JSON in batches."""
        chosen: Where | None = None if asked.selectAll else Ids(tuple(asked.customers))
        name = asked.search.name if asked.search else None
        where = both(chosen, Contains("name", name) if name else None)
        return _raw(self._records(caller).repository.stream(Query(where, (Sort("name"),))))


async def _raw(stream: AsyncIterator[Sequence[Stored]]) -> AsyncIterator[Sequence[bytes]]:
    async for batch in stream:
        yield [_flat_country(entry) for entry in batch]


def _flat_country(stored: Stored) -> bytes:
    """A customer as JSON with its country as a text, whichever of the two forms was sent."""
    if b'"countryName"' not in stored.raw or not isinstance(stored["country"], dict):
        return stored.raw
    return orjson.dumps({**stored.document, "country": stored["country"].get("countryName")})


def fields_of(caller: Caller, sent: CustomerChange) -> dict[str, Any]:
    """The fields that were sent. Raises Forbidden for margins from a role that does not see them."""
    fields = sent.model_dump(exclude_unset=True, by_alias=True)
    margins = [name for name in MARGINS if name in fields]
    if any("defaultMarginPercent" in row for row in fields.get("defaultItemPricing") or []):
        margins.append("defaultItemPricing.defaultMarginPercent")
    caller.check_costs(margins)
    return fields


def changed(caller: Caller, before: Document, fields: Document) -> Document:
    """A customer with the fields of an update; margins that the caller does not see stay with their item types."""
    rows = fields.get("defaultItemPricing")
    if rows and not caller.sees_cost:
        margins = {
            row.get("itemType"): row["defaultMarginPercent"]
            for row in before.get("defaultItemPricing") or []
            if row.get("defaultMarginPercent") is not None
        }
        kept = [
            {**row, "defaultMarginPercent": margins[row.get("itemType")]} if row.get("itemType") in margins else row
            for row in rows
        ]
        fields = {**fields, "defaultItemPricing": kept}
    return merged(before, fields)


def check_currency(sent: CustomerChange, known: frozenset[str], within: str = "") -> None:
    """Raise Refused for a currency that the organization has no rate for."""
    check_currencies({"defaultCurrency": sent.defaultCurrency}, known, "defaultCurrency", within=within)


def no_price_list(field: str, id_: str) -> Refused:
    """What to say of a price list that is not there."""
    return Refused.field(field, f"There is no price list with the id {id_}.")


def taken(erp_id: object) -> Refused:
    """What to say of an ERP id that another customer has."""
    return Refused.field("erpId", f"Another customer has the ERP id {erp_id}.")

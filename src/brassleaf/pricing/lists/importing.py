"""The import of price lists: from a row to what it asks for."""

from collections.abc import Sequence

from brassleaf.catalog.named import folded
from brassleaf.customers.breaks import BreaksOfCell, check_item
from brassleaf.customers.items.models import pair_id
from brassleaf.customers.items.named import PairedItems
from brassleaf.errors import FieldError, Refused
from brassleaf.imports import Change, Checking, Row
from brassleaf.organizations.currencies import known_currencies
from brassleaf.organizations.service import OrganizationService
from brassleaf.pricing.lists.models import PriceListItemChange, own_fields
from brassleaf.pricing.lists.sheet import PRICE_LIST_SHEET
from brassleaf.pricing.models import PRICE_LIST_ITEMS, PRICE_LISTS
from brassleaf.security.caller import Caller
from brassleaf.sheets.columns import Sheet
from brassleaf.store.collections import Document
from brassleaf.store.port import Repository, Store, Stored
from brassleaf.store.records import merged

#: Columns that say which price list and item is meant.
_FOUND_BY = frozenset({"priceListId", "priceListName", "brand", "partNumber", "itemType"})


class PriceListRow(PriceListItemChange):
    """What a row says of an item."""

    quantityBreaks: BreaksOfCell = None


class PriceListImport:
    """One import by one caller. Price lists must be there: a misspelled name would otherwise make another list."""

    def __init__(self, store: Store, organizations: OrganizationService, caller: Caller) -> None:
        self._store = store
        self._organizations = organizations
        self._caller = caller
        self._checking = Checking(PriceListRow, besides=_FOUND_BY)
        self._items = PairedItems(store, caller.organization, self.repository)
        self._currencies: frozenset[str] | None = None
        self._known: dict[tuple[str, str], Stored | None] = {}

    @property
    def sheet(self) -> Sheet:
        """The columns that the caller may import."""
        return PRICE_LIST_SHEET

    @property
    def repository(self) -> Repository:
        """Where the items of price lists are kept."""
        return self._store.repository(PRICE_LIST_ITEMS, self._caller.organization)

    async def plan(self, rows: Sequence[Row]) -> Sequence[Change | Refused]:
        """For each row the price that it changes, or why it cannot."""
        if self._currencies is None:
            self._currencies = known_currencies(await self._organizations.get(self._caller.organization))
        await self._items.look_up(str(row.values["partNumber"]) for row in rows)
        checked = self._checking.fields([row.values for row in rows])
        planned = zip(rows, checked, strict=True)
        return [await self._change(row, fields, self._currencies) for row, fields in planned]

    def taken(self, label: str, row: Row) -> Refused:  # noqa: ARG002  part of the protocol
        """Items of price lists have no other key than their id."""
        return Refused("Another row says this already.")

    async def _change(self, row: Row, own: Document | Refused, currencies: frozenset[str]) -> Change | Refused:
        errors: list[FieldError] = []
        price_list = await self._price_list(row, errors)
        item: Document = {}
        fields: Document = {}
        try:
            item = await self._items.one(price_list.id if price_list else "", row.values)
        except Refused as error:
            errors.extend(error.errors)
        try:
            if isinstance(own, Refused):
                raise own
            fields = own_fields(own, currencies)
            check_item(item.get("itemType"), fields)
        except Refused as error:
            errors.extend(error.errors)
        if errors or price_list is None:
            return Refused.fields(errors)
        first = {"priceList": price_list.id, "item": item["_id"], "itemType": item["itemType"], "enabled": True}

        def apply(before: Document | None) -> Document:
            made = merged(before or first, fields)
            if made == before:
                return made
            return {**made, "recordSource": "import"}

        return Change(pair_id(price_list.id, item["_id"]), apply)

    async def _price_list(self, row: Row, errors: list[FieldError]) -> Stored | None:
        found: list[Stored] = []
        for column, label, noun in (("priceListId", "priceListId", "id"), ("priceListName", "name", "name")):
            value = row.values.get(column)
            if value is None:
                continue
            price_list = await self._holder(label, str(value).strip())
            if price_list is None:
                errors.append(FieldError(column, f"There is no price list with this {noun}; create it first."))
                return None
            found.append(price_list)
        if not found:
            errors.append(FieldError("priceListName", "Give the name or the id of a price list."))
            return None
        if len({price_list.id for price_list in found}) > 1:
            text = f"{found[0]['priceListId']} is the price list {found[0]['name']}; leave one of the two blank."
            errors.append(FieldError("priceListName", text))
        return found[0]

    async def _holder(self, label: str, value: str) -> Stored | None:
        key = (label, folded(value))
        if key not in self._known:
            repository = self._store.repository(PRICE_LISTS, self._caller.organization)
            self._known[key] = await repository.holder(label, value)
        return self._known[key]

"""The import of customer items: who and what a row means, looked up once for all rows of a batch."""

from collections.abc import Mapping, Sequence

from brassleaf.customers.breaks import BreaksOfCell, stored_fields
from brassleaf.customers.items.models import CUSTOMER_ITEMS, CustomerItemChange, pair_id
from brassleaf.customers.items.named import PairedItems
from brassleaf.customers.items.rules import CURRENCIES, check_days, check_prices
from brassleaf.customers.named import NamedCustomers
from brassleaf.errors import FieldError, Refused
from brassleaf.imports import Change, Checking, Row, merged
from brassleaf.organizations.currencies import check_currencies, known_currencies
from brassleaf.organizations.service import OrganizationService
from brassleaf.security.caller import Caller
from brassleaf.sheets.columns import Sheet
from brassleaf.store.collections import Document
from brassleaf.store.port import Repository, Store

_CHECKED = ("unitOfMeasure", "netPriceUnitOfMeasure", *CURRENCIES)
_FOUND_BY = frozenset({"customer", "brand", "partNumber", "itemType"})


class CustomerItemRow(CustomerItemChange):
    """What a row says is agreed."""

    quantityBreaks: BreaksOfCell = None


class CustomerItemImport:
    """One import by one caller."""

    def __init__(self, store: Store, organizations: OrganizationService, caller: Caller, sheet: Sheet) -> None:
        self.sheet = sheet
        self._store = store
        self._organizations = organizations
        self._caller = caller
        self._checking = Checking(CustomerItemRow, besides=_FOUND_BY)
        self._items = PairedItems(store, caller.organization, self.repository)
        self._customers = NamedCustomers(store, caller.organization)
        self._currencies: frozenset[str] = frozenset()
        self._fine: set[tuple[object, ...]] = set()

    @property
    def repository(self) -> Repository:
        """Where customer items are kept."""
        return self._store.repository(CUSTOMER_ITEMS, self._caller.organization)

    async def plan(self, rows: Sequence[Row]) -> Sequence[Change | Refused]:
        """For each row the customer item that it makes or changes, or why it cannot be."""
        if not self._currencies:
            self._currencies = known_currencies(await self._organizations.get(self._caller.organization))
        await self._customers.look_up({str(row.values["customer"]) for row in rows})
        await self._items.look_up({str(row.values["partNumber"]) for row in rows})
        checked = self._checking.fields([row.values for row in rows])
        return [await self._planned(row.values, fields) for row, fields in zip(rows, checked, strict=True)]

    def taken(self, label: str, row: Row) -> Refused:  # noqa: ARG002 - part of the protocol
        """Customer items have no unique key but their id."""
        return Refused(f"Another customer item has the same {label}.")

    async def _planned(self, values: Mapping[str, object], own: Document | Refused) -> Change | Refused:
        errors: list[FieldError] = []
        known: tuple[str, str | None] | None = None
        item: Document | None = None
        fields: Document = {}
        try:
            known = self._customers.one(str(values["customer"]), "customer")
            if known is None:
                raise Refused.field("customer", "There is no customer with this name, ERP id or id.")
        except Refused as error:
            errors.extend(error.errors)
        try:
            item = await self._items.one(known[0] if known else "", values)
        except Refused as error:
            errors.extend(error.errors)
        try:
            if isinstance(own, Refused):
                raise own
            fields = stored_fields(own)
            self._check(item["itemType"] if item else None, fields)
        except Refused as error:
            errors.extend(error.errors)
        if errors or known is None or item is None:
            return Refused.fields(errors)
        customer = known[0]
        pair = {
            "customer": customer,
            "item": item["_id"],
            "itemType": item["itemType"],
            "brand": item["brand"],
            "partNumber": item["partNumber"],
        }

        def apply(before: Document | None) -> Document:
            return check_days(merged(before or {"recordSource": "import"}, {**fields, **pair}))

        return Change(pair_id(customer, item["_id"]), apply)

    def _check(self, item_type: str | None, fields: Document) -> None:
        """Whether the units and currencies can be used; the few that a sheet says are checked once."""
        said = (item_type, *map(fields.get, _CHECKED))
        if said in self._fine and not fields.get("quantityBreaks"):
            return
        check_currencies(fields, self._currencies, *CURRENCIES)
        check_prices(item_type, fields)
        self._fine.add(said)

"""The import of customer items: who and what a row means, looked up once for all rows of a batch."""

from collections.abc import Mapping, Sequence

from brassleaf.catalog.named import NamedItems, folded
from brassleaf.customers.breaks import read_breaks, stored_fields
from brassleaf.customers.items.models import CUSTOMER_ITEMS, CustomerItemChange, pair_id
from brassleaf.customers.items.rules import check_currencies, check_days, check_prices, known_currencies
from brassleaf.customers.models import CUSTOMERS
from brassleaf.errors import Refused
from brassleaf.imports import Change, Checking, Row, merged
from brassleaf.organizations.service import OrganizationService
from brassleaf.security.caller import Caller
from brassleaf.sheets.columns import Sheet
from brassleaf.store.collections import Document, fold
from brassleaf.store.port import Repository, Store, Stored
from brassleaf.store.query import AnyOf, Ids, Or, Query

_FOUND_BY = frozenset({"customer", "brand", "partNumber", "itemType"})
_HEX = frozenset("0123456789abcdef")
#: So many customers are remembered between batches.
_REMEMBERED = 50_000


class CustomerItemImport:
    """One import by one caller."""

    def __init__(self, store: Store, organizations: OrganizationService, caller: Caller, sheet: Sheet) -> None:
        self.sheet = sheet
        self._store = store
        self._organizations = organizations
        self._caller = caller
        self._checking = Checking(CustomerItemChange)
        self._items = NamedItems(store, caller.organization)
        self._customers: dict[str, tuple[str, ...]] = {}
        self._currencies: frozenset[str] = frozenset()

    @property
    def repository(self) -> Repository:
        """Where customer items are kept."""
        return self._store.repository(CUSTOMER_ITEMS, self._caller.organization)

    async def plan(self, rows: Sequence[Row]) -> Sequence[Change | Refused]:
        """For each row the customer item that it makes or changes, or why it cannot be."""
        if not self._currencies:
            self._currencies = known_currencies(await self._organizations.get(self._caller.organization))
        await self._find_customers({str(row.values["customer"]) for row in rows})
        await self._items.look_up({str(row.values["partNumber"]) for row in rows})
        return [self._planned(row.values) for row in rows]

    def taken(self, label: str, row: Row) -> Refused:  # noqa: ARG002 - part of the protocol
        """Customer items have no unique key but their id."""
        return Refused(f"Another customer item has the same {label}.")

    def _planned(self, values: Mapping[str, object]) -> Change | Refused:
        try:
            customer = self._customer(str(values["customer"]))
            item = self._items.one(values)
            fields = self._fields(values)
            check_currencies(fields, self._currencies)
            check_prices(item["itemType"], fields)
        except Refused as error:
            return error
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

    def _fields(self, values: Mapping[str, object]) -> Document:
        own = {name: value for name, value in values.items() if name not in _FOUND_BY}
        if own.get("quantityBreaks") is not None:
            own["quantityBreaks"] = read_breaks(str(own["quantityBreaks"]))
        return stored_fields(self._checking.fields(own))

    # -- customers ------------------------------------------------------------------------------------------------

    def _customer(self, text: str) -> str:
        found = self._customers[text]
        if not found:
            raise Refused.field("customer", "There is no customer with this name, ERP id or id.")
        if len(found) > 1:
            raise Refused.field("customer", "Several customers have this name or ERP id; give the id of the one meant.")
        return found[0]

    async def _find_customers(self, texts: set[str]) -> None:
        if len(self._customers) > _REMEMBERED:
            self._customers.clear()
        said = {text: folded(text) for text in texts if text not in self._customers}
        if not said:
            return
        new = sorted(set(said.values()))
        ids = tuple(text for text in new if len(text) == 24 and _HEX.issuperset(text))
        where = Or((AnyOf("name", tuple(new)), AnyOf("erpId", tuple(new)), *([Ids(ids)] if ids else [])))
        found: dict[str, list[str]] = {text: [] for text in new}
        stream = self._store.repository(CUSTOMERS, self._caller.organization).stream(Query(where))
        async for batch in stream:
            for entry in batch:
                for text in _texts(entry):
                    if text in found and len(found[text]) < 2:
                        found[text].append(entry.id)
        self._customers.update((text, tuple(found[key])) for text, key in said.items())


def _texts(customer: Stored) -> set[str]:
    said = (customer["name"], customer["erpId"])
    return {fold(str(text)) for text in said if text} | {customer.id}

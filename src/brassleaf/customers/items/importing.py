"""The import of customer items: who and what a row means, looked up once for all rows of a batch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from brassleaf.catalog.service import Catalogue
from brassleaf.customers.items.models import CUSTOMER_ITEMS, CustomerItemChange, pair_id
from brassleaf.customers.items.rules import check_currencies, check_days, known_currencies
from brassleaf.customers.models import CUSTOMERS
from brassleaf.errors import Refused
from brassleaf.imports import Change, Row, checked, merged
from brassleaf.organizations.service import OrganizationService
from brassleaf.security.caller import Caller
from brassleaf.sheets.columns import Sheet
from brassleaf.store.collections import Document, fold
from brassleaf.store.port import Repository, Store, Stored
from brassleaf.store.query import AnyOf, Ids, Or, Query

_FOUND_BY = frozenset({"customer", "brand", "partNumber", "itemType"})
_HEX = frozenset("0123456789abcdef")
#: So many customers and part numbers are remembered between batches.
_REMEMBERED = 50_000


@dataclass(slots=True)
class _Known:
    """What was looked up so far: the ids of the customers of a text, the items of a part number."""

    customers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    items: dict[str, tuple[Document, ...]] = field(default_factory=dict)
    currencies: frozenset[str] | None = None


class CustomerItemImport:
    """One import by one caller."""

    def __init__(
        self, store: Store, catalogue: Catalogue, organizations: OrganizationService, caller: Caller, sheet: Sheet
    ) -> None:
        self.sheet = sheet
        self._store = store
        self._catalogue = catalogue
        self._organizations = organizations
        self._caller = caller
        self._known = _Known()

    @property
    def repository(self) -> Repository:
        """Where customer items are kept."""
        return self._store.repository(CUSTOMER_ITEMS, self._caller.organization)

    async def plan(self, rows: Sequence[Row]) -> Sequence[Change | Refused]:
        """For each row the customer item that it makes or changes, or why it cannot be."""
        if self._known.currencies is None:
            self._known.currencies = known_currencies(await self._organizations.get(self._caller.organization))
        await self._find_customers({fold(str(row.values["customer"]).strip()) for row in rows})
        await self._find_items({fold(str(row.values["partNumber"]).strip()) for row in rows})
        return [self._planned(row.values) for row in rows]

    def taken(self, label: str, row: Row) -> Refused:  # noqa: ARG002 - part of the protocol
        """Customer items have no unique key but their id."""
        return Refused(f"Another customer item has the same {label}.")

    def _planned(self, values: Mapping[str, object]) -> Change | Refused:
        try:
            customer = self._customer(str(values["customer"]).strip())
            item = self._item(values)
            fields = _fields(values)
            check_currencies(fields, self._known.currencies or frozenset())
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

    # -- customers ------------------------------------------------------------------------------------------------

    def _customer(self, text: str) -> str:
        found = self._known.customers[fold(text)]
        if not found:
            raise Refused.field("customer", "There is no customer with this name, ERP id or id.")
        if len(found) > 1:
            raise Refused.field("customer", "Several customers have this name or ERP id; give the id of the one meant.")
        return found[0]

    async def _find_customers(self, texts: set[str]) -> None:
        new = self._new(texts, self._known.customers)
        if not new:
            return
        ids = tuple(text for text in new if len(text) == 24 and _HEX.issuperset(text))
        where = Or((AnyOf("name", tuple(new)), AnyOf("erpId", tuple(new)), *([Ids(ids)] if ids else [])))
        found: dict[str, list[str]] = {text: [] for text in new}
        stream = self._store.repository(CUSTOMERS, self._caller.organization).stream(Query(where))
        async for batch in stream:
            for entry in batch:
                for text in _texts(entry):
                    if text in found and len(found[text]) < 2:
                        found[text].append(entry.id)
        self._known.customers.update((text, tuple(ids)) for text, ids in found.items())

    # -- items ----------------------------------------------------------------------------------------------------

    def _item(self, values: Mapping[str, object]) -> Document:
        brand, kind = fold(str(values["brand"]).strip()), values.get("itemType")
        named = self._known.items[fold(str(values["partNumber"]).strip())]
        found = [item for item in named if fold(str(item["brand"] or "")) == brand]
        of_type = [item for item in found if kind is None or fold(str(kind)) == fold(str(item["itemType"]))]
        if not of_type and found:
            types = ", ".join(sorted({str(item["itemType"]) for item in found}))
            raise Refused.field("itemType", f"The item with this brand and part number is of the type {types}.")
        # an item of the organization's own stands before the shared one of the same type
        best = {item["itemType"]: item for item in sorted(of_type, key=lambda item: bool(item["organization"]))}
        if not best:
            raise Refused.field("partNumber", "There is no item with this brand and part number.")
        if len(best) > 1:
            text = f"Say which item is meant: there are {' and '.join(sorted(best))} with this brand and part number."
            raise Refused.field("itemType", text)
        return next(iter(best.values()))

    async def _find_items(self, numbers: set[str]) -> None:
        new = self._new(numbers, self._known.items)
        if not new:
            return
        found: dict[str, list[Document]] = {number: [] for number in new}
        for entry in await self._catalogue.matching(self._caller.organization, AnyOf("partNumber", tuple(new))):
            names = ("_id", "brand", "partNumber", "itemType", "organization")
            found.setdefault(fold(str(entry["partNumber"])), []).append({name: entry[name] for name in names})
        self._known.items.update((number, tuple(items)) for number, items in found.items())

    @staticmethod
    def _new(texts: Iterable[str], known: dict[str, tuple[Document, ...]] | dict[str, tuple[str, ...]]) -> list[str]:
        if len(known) > _REMEMBERED:
            known.clear()
            return list(texts)
        return [text for text in texts if text not in known]


def _texts(customer: Stored) -> set[str]:
    said = (customer["name"], customer["erpId"])
    return {fold(str(text)) for text in said if text} | {customer.id}


def _fields(values: Mapping[str, object]) -> Document:
    sent = checked(CustomerItemChange, {name: value for name, value in values.items() if name not in _FOUND_BY})
    return sent.model_dump(exclude_unset=True)

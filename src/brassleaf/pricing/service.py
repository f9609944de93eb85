"""Prices a list of parts for a customer: gathers the facts, asks the precedence for each line, adds up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from brassleaf.customers.items.models import CUSTOMER_ITEMS, pair_id
from brassleaf.customers.models import CUSTOMERS
from brassleaf.errors import FieldError, NotFound, Refused
from brassleaf.organizations.models import ORGANIZATIONS
from brassleaf.pricing.facts import Party, PricingSettings
from brassleaf.pricing.models import PRICE_LIST_ITEMS, PRICE_LISTS
from brassleaf.pricing.unit_prices import Charge, Standing, UnitPrice, item_price, work_price
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Collection, Document
from brassleaf.store.port import Shared, Store, derived
from brassleaf.store.remembered import Memory, Remembered
from brassleaf.trade.bom import Taken, Use, taken
from brassleaf.trade.money import round_money, total_of
from brassleaf.trade.numbers import Number, decimal_of, exactly, number_of, round_half_up
from brassleaf.trade.units import Measure, parse_length_unit, parse_stock_unit

_NONE, _ONE = Decimal(0), Decimal(1)
_PIECE = Taken(_ONE)
_UNKNOWN: Any = object()


@dataclass(frozen=True, slots=True)
class Component:
    """A part to be priced: an item of the catalogue with the organization's properties; `length` for what is cut."""

    role: str
    item: Document
    length: Measure | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a request is priced by; `agreed` and `listed` are the customer's rows by item, `shop_listed` the shop's."""

    standing: Standing
    agreed: Mapping[str, Shared]
    listed: Mapping[str, Shared]
    shop_listed: Mapping[str, Shared]
    warnings: tuple[str, ...] = ()

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.standing.currency

    @property
    def by_quantity(self) -> bool:
        """Whether any price hangs on how many are bought."""
        said = (self.agreed, self.listed, self.shop_listed)
        return any(row.get("quantityBreaks") for rows in said for row in rows.values())


#: How many units of an item, or which length of it, a request takes: by the item's id and the unit.
Counts = Mapping[tuple[str, str], Decimal]


class _Line(NamedTuple):
    """A line of a price: as it is shown, and its amounts unrounded."""

    shown: Document
    price: Decimal | None
    listed: Decimal | None
    cost: Decimal | None


class Prices:
    """Prices for the customers of one organization."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._remembered = Remembered(store, (ORGANIZATIONS, CUSTOMERS, CUSTOMER_ITEMS, PRICE_LISTS, PRICE_LIST_ITEMS))

    async def terms(
        self,
        caller: Caller,
        items: Sequence[str],
        *,
        customer_id: str | None,
        usual_customer: str | None = None,
        currency: str | None = None,
        on: date | None = None,
    ) -> Terms:
        """The terms of a request. A customer is always priced as itself, or by the defaults where it names none.

        `usual_customer` is whom it is for where none is asked for; one that is gone by now counts as none.

        Raises NotFound for a customer that is not there: a wrong price is worse than none.
        """
        memory = self._remembered.of(caller.organization)
        shop = await memory.recall("shop", lambda: self._shop(caller.organization))
        wanted = caller.customer_id if caller.is_customer else customer_id
        usual = None if caller.is_customer or wanted else usual_customer
        customer, agreed = await self._customer(memory, caller.organization, wanted, usual, items)
        own, listed = await self._list(memory, caller.organization, customer.price_list if customer else None, items)
        shops, shop_listed = await self._list(memory, caller.organization, shop.price_list, items)
        chosen, warnings = _currency(shop, currency, (customer, own or shops))
        today = on or datetime.now(UTC).date()
        standing = Standing(shop, customer, own, shops, today, chosen, told=not caller.is_customer)
        return Terms(standing, agreed, listed, shop_listed, warnings)

    async def _shop(self, organization: str) -> PricingSettings:
        found = await self._store.repository(ORGANIZATIONS, organization).get(organization)
        if found is None:
            raise NotFound(f"There is no organization with the id {organization}.")
        return found.shared.derived(PricingSettings.of)

    async def _customer(
        self, memory: Memory, organization: str, asked: str | None, usual: str | None, items: Sequence[str]
    ) -> tuple[Party | None, Mapping[str, Shared]]:
        """A customer with what is agreed with it: the one that is asked for, or the usual one if it is still there."""
        customer = await self._party(memory, CUSTOMERS, organization, asked or usual)
        if customer is None:
            if asked is None:
                return None, {}
            text = f"There is no customer with the id {asked}."
            raise NotFound(text, [FieldError("customerOrgId", text)])
        return customer, await self._pairs(memory, CUSTOMER_ITEMS, organization, customer.id, items)

    async def _list(
        self, memory: Memory, organization: str, id_: str | None, items: Sequence[str]
    ) -> tuple[Party | None, Mapping[str, Shared]]:
        """A price list that is there, with its rows of the items."""
        found = await self._party(memory, PRICE_LISTS, organization, id_)
        if found is None:
            return None, {}
        return found, await self._pairs(memory, PRICE_LIST_ITEMS, organization, found.id, items)

    async def _party(self, memory: Memory, collection: Collection, organization: str, id_: str | None) -> Party | None:
        """A customer or price list that is there; one that was deleted counts as none."""
        if not id_:
            return None

        async def find() -> Party | None:
            stored = await self._store.repository(collection, organization).get(str(id_))
            party = None if stored is None else stored.shared.derived(Party.of)
            return None if party is None or party.deleted else party

        return await memory.recall((collection.name, id_), find)

    async def _pairs(
        self, memory: Memory, collection: Collection, organization: str, owner: str, items: Sequence[str]
    ) -> dict[str, Shared]:
        """What an owner says of items, deleted words left out."""
        known: dict[str, Shared | None] = {id_: memory.get((collection.name, owner, id_), _UNKNOWN) for id_ in items}
        new = {pair_id(owner, id_): id_ for id_, said in known.items() if said is _UNKNOWN}
        if new:
            found = await self._store.repository(collection, organization).get_many(list(new))
            for pair, id_ in new.items():
                said = found[pair].shared if pair in found else None
                known[id_] = None if said is None or said["deleted"] else said
                memory.keep((collection.name, owner, id_), known[id_])
        return {id_: said for id_, said in known.items() if said is not None}

    @exactly
    def counts(self, terms: Terms, wanted: Iterable[tuple[Sequence[Component], Number]]) -> Counts:
        """What a request for several things takes of each item in each unit: their parts, and how many of each."""
        found: dict[tuple[str, str], Decimal] = {}
        for components, quantity in wanted if terms.by_quantity else ():
            uses = [_use(terms, component) for component in components]
            for key, count in _counted(components, uses, quantity).items():
                found[key] = found.get(key, _NONE) + count
        return found

    @exactly
    def price(
        self,
        terms: Terms,
        components: Sequence[Component],
        charges: Sequence[Charge],
        quantity: float = 1,
        *,
        explain: bool = False,
        counts: Counts | None = None,
    ) -> Document:
        """What one assembly of these parts comes to, and the quantity: the fields of `Price`.

        Each line names the rule that gave its price; `explain` adds what the others would have given.

        Quantity breaks are held against what all the assemblies together take of an item, as it is charged: pieces, or
        the length with kerf and scrap. Where they are only a part of a request, `counts` is what all of it takes.
        """
        uses = [_use(terms, component) for component in components]
        if counts is None:
            counts = _counted(components, uses, quantity) if terms.by_quantity else {}
        prices = [
            _component_price(terms, component, unit, counts.get((str(component.item["_id"]), unit), _ONE))
            for component, (unit, _) in zip(components, uses, strict=True)
        ]
        items = [
            _line(component.role, price, use, terms.currency)
            for component, price, (_, use) in zip(components, prices, uses, strict=True)
        ]
        charged = [charge for charge in charges if charge.price is not None or charge.cost is not None]
        works = [work_price(charge, terms.standing) for charge in charged]
        work = [_line(charge.role, price, _PIECE, terms.currency) for charge, price in zip(charged, works, strict=True)]
        if explain:
            items = [_explained(line, price) for line, price in zip(items, prices, strict=True)]
            work = [_explained(line, price) for line, price in zip(work, works, strict=True)]
        return _added_up(terms, items, work, quantity)

    @exactly
    def unit_price(self, terms: Terms, component: Component, counts: Counts) -> UnitPrice:
        """One unit of a part, unrounded: for what is priced whole and taken many at a time.

        `counts` is what the whole request takes, which quantity breaks go by.
        """
        unit, _ = _use(terms, component)
        return _component_price(terms, component, unit, counts.get((str(component.item["_id"]), unit), _ONE))


def _currency(shop: PricingSettings, asked: str | None, parties: Sequence[Party | None]) -> tuple[str, tuple[str, ...]]:
    """The currency of a request, with warnings: the one that is asked for, or the first that a party has as its usual.

    Raises Refused for one that prices cannot be asked for in; a usual one gives way to the organization's own.
    """
    if asked is not None:
        if asked not in shop.offered:
            text = f"No price can be asked for in {asked}; use one of {', '.join(sorted(shop.offered))}."
            raise Refused.field("currency", text)
        return asked, ()
    base = shop.currencies.base
    usual = next((party.currency for party in parties if party is not None and party.currency), base)
    if usual in shop.offered:
        return usual, ()
    text = f"No price can be asked for in {usual}, the usual currency of these prices; they are in {base}."
    return base, (text,)


def _explained(line: _Line, price: UnitPrice) -> _Line:
    return line._replace(shown={**line.shown, "considered": price.considered})


def _added_up(terms: Terms, items: Sequence[_Line], work: Sequence[_Line], quantity: float) -> Document:
    lines, currency = [*items, *work], terms.currency
    missing = [str(line.shown["role"]) for line in items if line.price is None]
    missing += [str(line.shown["role"]) for line in work if line.price is None and line.listed is not None]
    totals = total_of([line.price for line in lines if line.price is not None], currency)
    # work without a list price or a cost adds nothing to that of the whole, a part without one leaves it open
    listed, cost = (
        None if None in part else sum([*filter(None, part), *filter(None, done)], _NONE)
        for part, done in (
            ([line.listed for line in items], [line.listed for line in work]),
            ([line.cost for line in items], [line.cost for line in work]),
        )
    )
    net = None if missing else totals.total
    whole = None if net is None else round_money(net * decimal_of(quantity, "quantity"), currency)
    margin = None
    if net and cost is not None:
        margin = float(round_half_up((net - cost) / net * 100, 2))
    rate = terms.standing.shop.currencies.rate(currency)
    return {
        "currency": currency,
        "exchangeRate": None if rate == _ONE else float(rate),
        "quantity": quantity,
        "customerOrgId": terms.standing.customer.id if terms.standing.customer else None,
        "date": terms.standing.on.isoformat(),
        "items": [line.shown for line in items],
        "charges": [line.shown for line in work],
        "listPrice": _money(listed, currency),
        "netPrice": None if net is None else float(net),
        "rounding": float(totals.rounding),
        "total": None if whole is None else float(whole),
        "missing": missing,
        "warnings": list(terms.warnings),
        "cost": _money(cost, currency),
        "marginPercent": margin,
    }


def stock_unit(item: Document, length: Measure | None, length_unit: str) -> str:
    """The unit that an item is counted in: its own, or for what is cut the usual one of the system of `length_unit`.

    A unit of the wrong kind (a hose by the piece, a fitting by the foot) is none: bills and prices are still made.
    """
    for name in ("unitOfMeasure", "listPriceUnitOfMeasure"):
        said = item.get(name)
        if said and (parse_stock_unit(str(said), name) == "each") == (length is None):
            return str(said)
    if length is None:
        return "each"
    return "m" if parse_length_unit(length_unit, "defaultLengthUnit") in ("mm", "cm", "m") else "ft"


def _use(terms: Terms, component: Component) -> tuple[str, Taken]:
    """What one assembly takes of a part, and the unit that it is charged in."""
    item, shop = component.item, terms.standing.shop
    if component.length is None:
        return derived(item, _unit_of_piece), _PIECE
    unit = stock_unit(item, component.length, shop.length_unit)
    use = Use(str(item["_id"]), component.role, length=component.length, stock_unit=unit)
    return unit, taken(use, unit, shop.kerf, shop.scrap)


def _unit_of_piece(item: Document) -> str:
    return stock_unit(item, None, "")


def _counted(
    components: Sequence[Component], uses: Sequence[tuple[str, Taken]], quantity: Number
) -> dict[tuple[str, str], Decimal]:
    """What so many assemblies take of each item in each unit."""
    counts: dict[tuple[str, str], Decimal] = {}
    times = number_of(quantity, "quantity")
    for component, (unit, one) in zip(components, uses, strict=True):
        key = (str(component.item["_id"]), unit)
        counts[key] = counts.get(key, _NONE) + one.quantity * times
    return counts


def _component_price(terms: Terms, component: Component, unit: str, counted: Decimal) -> UnitPrice:
    id_ = str(component.item["_id"])
    said = (terms.agreed.get(id_), terms.listed.get(id_), terms.shop_listed.get(id_))
    return item_price(component.item, said, terms.standing, unit, counted)


@lru_cache(maxsize=4096)
@exactly
def _line(role: str, unit: UnitPrice, use: Taken, currency: str) -> _Line:
    """A line, remembered for the next price with the same part: most prices of a shop differ in a line or two."""
    quantity = use.quantity
    price, listed, cost = (None if each is None else each * quantity for each in (unit.price, unit.listed, unit.cost))
    shown = {
        "role": role,
        **unit.shown,
        "quantity": _rounded(quantity),
        "cutLength": None if use is _PIECE else _rounded(use.cut),
        "kerf": None if use is _PIECE else _rounded(use.kerf),
        "scrap": None if use is _PIECE else _rounded(use.scrap),
        "listPrice": _money(listed, currency),
        "price": _money(price, currency),
        "cost": _money(cost, currency),
    }
    return _Line(shown, price, listed, cost)


def _rounded(quantity: Decimal) -> float:
    return float(round_half_up(quantity, 4))


def _money(value: Decimal | None, currency: str) -> float | None:
    return None if value is None else float(round_money(value, currency))

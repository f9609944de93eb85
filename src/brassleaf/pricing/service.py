"""Prices a list of parts for a customer: gathers the facts, asks the precedence for each line, adds up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from brassleaf.customers.items.models import CUSTOMER_ITEMS, pair_id
from brassleaf.customers.models import CUSTOMERS
from brassleaf.errors import FieldError, NotFound
from brassleaf.organizations.models import ORGANIZATIONS
from brassleaf.pricing.facts import Party, PricingSettings
from brassleaf.pricing.models import PRICE_LIST_ITEMS, PRICE_LISTS
from brassleaf.pricing.unit_prices import Charge, Standing, UnitPrice, item_price, work_price
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Collection, Document
from brassleaf.store.port import Shared, Store
from brassleaf.trade.bom import Use, taken
from brassleaf.trade.money import Line, round_money, total
from brassleaf.trade.numbers import decimal_of, exactly, round_half_up
from brassleaf.trade.units import Measure, parse_length_unit, parse_stock_unit

_NONE, _ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class Component:
    """A part to be priced: an item of the catalogue with the organization's properties; `length` for what is cut."""

    role: str
    item: Document
    length: Measure | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a request is priced by; `agreed` and `listed` are the customer's and the price list's rows by item."""

    standing: Standing
    agreed: Mapping[str, Shared]
    listed: Mapping[str, Shared]
    warnings: tuple[str, ...] = ()

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.standing.currency


@dataclass(frozen=True, slots=True, eq=False)
class _Priced:
    line: Document
    exact: Line | None
    listed: Decimal | None
    cost: Decimal | None


class Prices:
    """Prices for the customers of one organization."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def terms(
        self,
        caller: Caller,
        items: Sequence[str],
        *,
        customer_id: str | None,
        currency: str | None = None,
        on: date | None = None,
    ) -> Terms:
        """The terms of a request. A customer is always priced as itself, or by the defaults where it names none.

        Raises NotFound for a customer that is not there: a wrong price is worse than none.
        """
        organization = await self._store.repository(ORGANIZATIONS, caller.organization).get(caller.organization)
        if organization is None:
            raise NotFound(f"There is no organization with the id {caller.organization}.")
        shop = organization.shared.derived(PricingSettings.of)
        wanted = caller.customer_id if caller.is_customer else customer_id
        customer, agreed = await self._customer(caller.organization, wanted, items)
        own = await self._party(PRICE_LISTS, caller.organization, customer.price_list if customer else None)
        price_list = own or await self._party(PRICE_LISTS, caller.organization, shop.price_list)
        listed: Mapping[str, Shared] = {}
        if price_list is not None:
            listed = await self._pairs(PRICE_LIST_ITEMS, caller.organization, price_list.id, items)
        base = shop.currencies.base
        default = (customer and customer.currency) or (price_list and price_list.currency)
        known = default == base or default in shop.currencies.rates
        chosen = currency or (default if default and known else base)
        shop.currencies.rate(chosen, "currency")
        warnings = []
        if not currency and default and not known:
            warnings.append(f"There is no rate for {default}, the usual currency of these prices; they are in {base}.")
        named = None if caller.is_customer or price_list is None else price_list.name
        today = on or datetime.now(UTC).date()
        standing = Standing(shop, customer, price_list, own is not None, today, chosen, named)
        return Terms(standing, agreed, listed, tuple(warnings))

    async def _customer(
        self, organization: str, id_: str | None, items: Sequence[str]
    ) -> tuple[Party | None, Mapping[str, Shared]]:
        """A customer with what is agreed with it."""
        if id_ is None:
            return None, {}
        customer = await self._party(CUSTOMERS, organization, id_)
        if customer is None:
            text = f"There is no customer with the id {id_}."
            raise NotFound(text, [FieldError("customerOrgId", text)])
        return customer, await self._pairs(CUSTOMER_ITEMS, organization, id_, items)

    async def _party(self, collection: Collection, organization: str, id_: str | None) -> Party | None:
        """A customer or price list that is there; one that was deleted counts as none."""
        stored = await self._store.repository(collection, organization).get(str(id_)) if id_ else None
        party = None if stored is None else stored.shared.derived(Party.of)
        return None if party is None or party.deleted else party

    async def _pairs(
        self, collection: Collection, organization: str, owner: str, items: Sequence[str]
    ) -> dict[str, Shared]:
        found = await self._store.repository(collection, organization).get_many([pair_id(owner, id_) for id_ in items])
        documents = [entry.shared for entry in found.values()]
        return {str(entry["item"]): entry for entry in documents if not entry["deleted"]}

    @exactly
    def price(
        self,
        terms: Terms,
        components: Sequence[Component],
        charges: Sequence[Charge],
        quantity: float = 1,
        *,
        explain: bool = False,
    ) -> Document:
        """What one assembly of these parts comes to, and the quantity: the fields of `Price`.

        Each line names the rule that gave its price; `explain` adds what the others would have given.

        Quantity breaks are held against what all the assemblies together take of an item, as it is charged: pieces, or
        the length with kerf and scrap.
        """
        uses = [_use(terms, component) for component in components]
        counts = _counted(components, uses, quantity)
        prices = [
            _component_price(terms, component, unit, counts[str(component.item["_id"]), unit])
            for component, (unit, _) in zip(components, uses, strict=True)
        ]
        items = [
            _line(terms, component.role, price, count)
            for component, price, (_, count) in zip(components, prices, uses, strict=True)
        ]
        charged = [charge for charge in charges if charge.price is not None or charge.cost is not None]
        works = [work_price(charge, terms.standing) for charge in charged]
        work = [_line(terms, charge.role, price, _ONE) for charge, price in zip(charged, works, strict=True)]
        if explain:
            for line, price in zip([*items, *work], [*prices, *works], strict=True):
                line.line["considered"] = price.considered
        return _added_up(terms, items, work, quantity)


def _added_up(terms: Terms, items: Sequence[_Priced], work: Sequence[_Priced], quantity: float) -> Document:
    lines = [*items, *work]
    unpriced = [line for line in lines if line.exact is None]
    missing = [str(line.line["role"]) for line in unpriced if line in items or line.listed is not None]
    exact = [line.exact for line in lines if line.exact is not None]
    totals = total(exact, terms.currency)
    shown = iter(totals.lines)
    for line in lines:
        line.line["price"] = float(next(shown)) if line.exact is not None else None
    known_cost = all(line.cost is not None for line in items)
    cost = sum((line.cost for line in lines if line.cost is not None), Decimal(0)) if known_cost else None
    # work without a list price adds nothing to the list price of the whole, a part without one leaves it open
    listed = [line.listed for line in items] + [line.listed for line in work if line.listed is not None]
    net = None if missing else totals.total
    whole = None if net is None else round_money(net * decimal_of(quantity, "quantity"), terms.currency)
    margin = None
    if net and cost is not None:
        margin = float(round_half_up((net - cost) / net * 100, 2))
    return {
        "currency": terms.currency,
        "quantity": quantity,
        "customerOrgId": terms.standing.customer.id if terms.standing.customer else None,
        "date": terms.standing.on.isoformat(),
        "items": [line.line for line in items],
        "charges": [line.line for line in work],
        "listPrice": None if None in listed else _money(sum(filter(None, listed), Decimal(0)), terms),
        "netPrice": None if net is None else float(net),
        "rounding": float(totals.rounding),
        "total": None if whole is None else float(whole),
        "missing": missing,
        "warnings": list(terms.warnings),
        "cost": None if cost is None else _money(cost, terms),
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


def _use(terms: Terms, component: Component) -> tuple[str, Decimal]:
    """What one assembly takes of a part: the unit that it is charged in, and how many of them."""
    item, shop = component.item, terms.standing.shop
    unit = stock_unit(item, component.length, shop.length_unit)
    if component.length is None:
        return unit, _ONE
    use = Use(str(item["_id"]), component.role, length=component.length, stock_unit=unit)
    return unit, taken(use, unit, shop.kerf, shop.scrap)


def _counted(
    components: Sequence[Component], uses: Sequence[tuple[str, Decimal]], quantity: float
) -> dict[tuple[str, str], Decimal]:
    """What so many assemblies take of each item in each unit."""
    counts: dict[tuple[str, str], Decimal] = {}
    times = decimal_of(quantity, "quantity")
    for component, (unit, one) in zip(components, uses, strict=True):
        key = (str(component.item["_id"]), unit)
        counts[key] = counts.get(key, _NONE) + one * times
    return counts


def _component_price(terms: Terms, component: Component, unit: str, counted: Decimal) -> UnitPrice:
    id_ = str(component.item["_id"])
    return item_price(component.item, (terms.agreed.get(id_), terms.listed.get(id_)), terms.standing, unit, counted)


def _line(terms: Terms, role: str, unit: UnitPrice, quantity: Decimal) -> _Priced:
    cost = None if unit.cost is None else unit.cost * quantity
    exact = None if unit.price is None else Line(role, unit.price, quantity)
    return _Priced(
        line={
            "role": role,
            **unit.shown,
            "quantity": float(round_half_up(quantity, 4)),
            "cost": None if cost is None else _money(cost, terms),
        },
        exact=exact,
        listed=None if unit.listed is None else unit.listed * quantity,
        cost=cost,
    )


def _money(value: Decimal, terms: Terms) -> float:
    return float(round_money(value, terms.currency))

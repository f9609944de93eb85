"""Prices a list of parts for a customer: gathers the facts, asks the precedence for each line, adds up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from brassleaf.customers.items.models import CUSTOMER_ITEMS, pair_id
from brassleaf.customers.models import CUSTOMERS
from brassleaf.errors import FieldError, NotFound, Refused
from brassleaf.pricing.models import PRICE_LIST_ITEMS, PRICE_LISTS
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Store, Stored
from brassleaf.trade.bom import Use, taken
from brassleaf.trade.money import Amount, Currencies, Line, convert_amount, round_money, total
from brassleaf.trade.numbers import decimal_of, exactly, round_half_up
from brassleaf.trade.precedence import (
    LABOUR,
    Candidates,
    CustomerItem,
    Defaults,
    ItemPricing,
    PriceListItem,
    Pricing,
    QuantityBreak,
    Rule,
    unit_price,
)
from brassleaf.trade.units import Measure, parse_length_unit, parse_stock_unit

#: A customer's default discounts by item type.
_DISCOUNTS = {
    "hose": "defaultDiscountPercentHoses",
    "crimpFitting": "defaultDiscountPercentCrimpFittings",
    "ferrule": "defaultDiscountPercentFerrules",
    "wrap": "defaultDiscountPercentWraps",
    "adaptor": "defaultDiscountPercentAdaptors",
    "otherItem": "defaultDiscountPercentOtherItems",
}


@dataclass(frozen=True, slots=True)
class Component:
    """A part to be priced: an item of the catalogue with the organization's properties; `length` for what is cut."""

    role: str
    item: Document
    length: Measure | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """Work to be priced: labour, a test. `price` and `cost` in the organization's currency, for one assembly."""

    role: str
    name: str
    price: float | None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Buyer:
    """What is known of who buys: the customer, what is agreed with it by item, its price list.

    `own_list` tells a customer's own price list from the organization's, which holds where a customer has none.
    """

    customer: Document | None
    agreed: Mapping[str, Document]
    price_list: Document | None
    listed: Mapping[str, Document]
    own_list: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all lines: the organization, the buyer, the day, the currency that is asked for.

    `price_list_name` is what the buyer's price list is called, where the caller may know that there are several.
    """

    organization: Document
    buyer: Buyer
    on: date
    currency: str
    currencies: Currencies
    defaults: "Standing"
    warnings: tuple[str, ...] = ()
    price_list_name: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The pricing defaults of the price list, the customer and the organization."""

    price_list: Defaults | None
    customer: Defaults | None
    organization: Defaults | None


@dataclass(frozen=True, slots=True)
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
        organization: Document,
        items: Sequence[str],
        *,
        customer_id: str | None,
        currency: str | None = None,
        on: date | None = None,
    ) -> Terms:
        """The terms of a request. A customer is always priced as itself, or by the defaults where it names none.

        Raises NotFound for a customer that is not there: a wrong price is worse than none.
        """
        wanted = caller.customer_id if caller.is_customer else customer_id
        buyer = await self._buyer(caller.organization, organization, wanted, items)
        base = str(organization["defaultCurrency"])
        default = (buyer.customer or {}).get("defaultCurrency") or (buyer.price_list or {}).get("defaultCurrency")
        currencies = _currencies(organization)
        known = {base, *currencies.rates}
        chosen = currency or (default if default in known else base)
        currencies.rate(chosen, "currency")
        warnings = []
        if not currency and default and default not in known:
            warnings.append(f"There is no rate for {default}, the usual currency of these prices; they are in {base}.")
        standing = Standing(_defaults(buyer.price_list), _defaults(buyer.customer), _defaults(organization))
        today = on or datetime.now(UTC).date()
        named = None if caller.is_customer else (buyer.price_list or {}).get("name")
        return Terms(organization, buyer, today, chosen, currencies, standing, tuple(warnings), named)

    async def _buyer(
        self, organization_id: str, organization: Document, customer_id: str | None, items: Sequence[str]
    ) -> Buyer:
        customer: Stored | None = None
        agreed: dict[str, Document] = {}
        if customer_id is not None:
            customer = await self._store.repository(CUSTOMERS, organization_id).get(customer_id)
            if customer is None or customer["deleted"]:
                text = f"There is no customer with the id {customer_id}."
                raise NotFound(text, [FieldError("customerOrgId", text)])
            agreed = await self._pairs(CUSTOMER_ITEMS, organization_id, customer_id, items)
        own = await self._price_list(organization_id, customer["priceList"] if customer is not None else None)
        price_list = own or await self._price_list(organization_id, organization.get("defaultPriceList"))
        listed: dict[str, Document] = {}
        if price_list is not None:
            listed = await self._pairs(PRICE_LIST_ITEMS, organization_id, price_list.id, items)
        return Buyer(
            customer.document if customer else None,
            agreed,
            price_list.document if price_list else None,
            listed,
            own_list=own is not None,
        )

    async def _price_list(self, organization: str, id_: object) -> Stored | None:
        """A price list that is there; one that was deleted counts as none."""
        found = await self._store.repository(PRICE_LISTS, organization).get(str(id_)) if id_ else None
        return None if found is None or found["deleted"] else found

    async def _pairs(self, collection: Any, organization: str, owner: str, items: Sequence[str]) -> dict[str, Document]:
        found = await self._store.repository(collection, organization).get_many([pair_id(owner, id_) for id_ in items])
        return {str(entry["item"]): entry.document for entry in found.values() if not entry["deleted"]}

    def price(
        self, terms: Terms, components: Sequence[Component], charges: Sequence[Charge], quantity: float = 1
    ) -> Document:
        """What one assembly of these parts comes to, and the quantity: the fields of `Price`.

        Quantity breaks are held against what all the assemblies together take of an item, as it is charged: pieces, or
        the length with kerf and scrap.
        """
        uses = [_use(terms, component) for component in components]
        counts = _counted(components, uses, quantity)
        items = [
            _component(terms, component, unit, taken, counts[str(component.item["_id"]), unit])
            for component, (unit, taken) in zip(components, uses, strict=True)
        ]
        work = [_charge(terms, charge) for charge in charges if charge.price is not None or charge.cost is not None]
        return _added_up(terms, items, work, quantity)


@exactly
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
        "customerOrgId": (terms.buyer.customer or {}).get("_id"),
        "date": terms.on.isoformat(),
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


def stock_unit(item: Document, organization: Document, length: Measure | None) -> str:
    """The unit that an item is counted in: its own, or for what is cut the usual one of the organization's system.

    A unit of the wrong kind (a hose by the piece, a fitting by the foot) is none: bills and prices are still made.
    """
    for name in ("unitOfMeasure", "listPriceUnitOfMeasure"):
        said = item.get(name)
        if said and (parse_stock_unit(str(said), name) == "each") == (length is None):
            return str(said)
    if length is None:
        return "each"
    metric = parse_length_unit(str(organization["defaultLengthUnit"]), "defaultLengthUnit") in ("mm", "cm", "m")
    return "m" if metric else "ft"


@exactly
def _use(terms: Terms, component: Component) -> tuple[str, Decimal]:
    """What one assembly takes of a part: the unit that it is charged in, and how many of them."""
    item, organization = component.item, terms.organization
    unit = stock_unit(item, organization, component.length)
    kerf = Measure.of(organization.get("kerf") or 0, str(organization["defaultLengthUnit"]), "kerf")
    scrap = 1 + decimal_of(organization.get("scrapPercent") or 0, "scrapPercent") / 100
    use = Use(str(item["_id"]), component.role, length=component.length, stock_unit=unit)
    return unit, taken(use, unit, kerf, scrap if component.length is not None else Decimal(1))


@exactly
def _counted(
    components: Sequence[Component], uses: Sequence[tuple[str, Decimal]], quantity: float
) -> dict[tuple[str, str], Decimal]:
    """What so many assemblies take of each item in each unit."""
    counts: dict[tuple[str, str], Decimal] = {}
    for component, (unit, one) in zip(components, uses, strict=True):
        key = (str(component.item["_id"]), unit)
        counts[key] = counts.get(key, Decimal(0)) + one * decimal_of(quantity, "quantity")
    return counts


@exactly
def _component(terms: Terms, component: Component, unit: str, quantity: Decimal, counted: Decimal) -> _Priced:
    item = component.item
    # what an amount is per where nothing else is said of it; never a unit that was only assumed for the line
    per = str(item.get("unitOfMeasure") or item.get("listPriceUnitOfMeasure") or unit)
    facts = Candidates(
        item_type=str(item["itemType"]),
        list_price=_amount(item, "listPrice", "listPriceCurrency", str(item.get("listPriceUnitOfMeasure") or per)),
        cost=_amount(item, "cost", "costCurrency", per),
        customer_item=_agreed(terms.buyer.agreed.get(str(item["_id"])), per),
        price_list_item=_listed(terms.buyer.listed.get(str(item["_id"])), terms.buyer.price_list, per),
        price_list=terms.defaults.price_list,
        customer=terms.defaults.customer,
        organization=terms.defaults.organization,
        quantity=counted,
        price_list_name=terms.price_list_name,
    )
    line = {
        "role": component.role,
        "name": str(item.get("description") or item["partNumber"]),
        "item": item["_id"],
        "itemType": item["itemType"],
        "brand": item["brand"],
        "partNumber": item["partNumber"],
    }
    return _line(terms, line, facts, quantity, unit)


def _charge(terms: Terms, charge: Charge) -> _Priced:
    facts = Candidates(
        item_type=LABOUR,
        list_price=None if charge.price is None else Amount(decimal_of(charge.price, charge.role)),
        cost=None if charge.cost is None else Amount(decimal_of(charge.cost, charge.role)),
        price_list=terms.defaults.price_list,
        customer=terms.defaults.customer,
        organization=terms.defaults.organization,
    )
    return _line(terms, {"role": charge.role, "name": charge.name}, facts, Decimal(1), "each")


def _line(terms: Terms, line: Document, facts: Candidates, quantity: Decimal, unit: str) -> _Priced:
    pricing = _unit_price(terms, facts, unit)
    cost, listed = _converted(facts.cost, terms, unit), _converted(facts.list_price, terms, unit)
    exact = None if pricing.unit_price is None else Line(str(line["role"]), pricing.unit_price, quantity)
    line |= {
        "quantity": float(round_half_up(quantity, 4)),
        "unitOfMeasure": unit,
        "unitListPrice": _fine(listed),
        "unitPrice": _fine(pricing.unit_price),
        "priceSource": pricing.rule.value if pricing.rule else None,
        "priceList": terms.price_list_name if pricing.rule is Rule.PRICE_LIST else None,
        "quantityBreak": _fine(pricing.quantity_break),
        "explanation": pricing.explanation,
        "unitCost": _fine(cost),
        "cost": None if cost is None else _money(cost * quantity, terms),
        "considered": _considered(pricing),
    }
    return _Priced(
        line, exact, None if listed is None else listed * quantity, None if cost is None else cost * quantity
    )


def _unit_price(terms: Terms, facts: Candidates, unit: str) -> Pricing:
    """The price of one unit by the precedence; what cannot be computed (no rate, another kind of unit) is no price.

    The organization's own price list stands behind what holds for a customer: it is a default of the organization.
    """

    def by(facts: Candidates) -> Pricing:
        return unit_price(facts, on=terms.on, currency=terms.currency, per=unit, currencies=terms.currencies)

    try:
        if terms.buyer.customer is not None and terms.buyer.price_list is not None and not terms.buyer.own_list:
            first = by(replace(facts, price_list_item=None, price_list=None))
            if first.rule in (Rule.CUSTOMER_ITEM, Rule.CUSTOMER_DEFAULT):
                return first
        return by(facts)
    except Refused as refusal:
        said = " ".join(error.message for error in refusal.errors) or refusal.message
        return Pricing(None, terms.currency, unit, None, said, ())


def _converted(amount: Amount | None, terms: Terms, unit: str) -> Decimal | None:
    """For information beside the price: a missing rate or another kind of unit leaves it out."""
    if amount is None:
        return None
    try:
        return convert_amount(amount, terms.currency, unit, terms.currencies)
    except Refused:
        return None


def _considered(pricing: Pricing) -> list[Document]:
    return [
        {
            "rule": entry.rule.value,
            "unitPrice": _fine(entry.unit_price),
            "quantityBreak": _fine(entry.quantity_break),
            "reason": entry.reason,
            "won": entry.won,
        }
        for entry in pricing.considered
    ]


def _defaults(document: Document | None) -> Defaults | None:
    if document is None:
        return None
    rows = document.get("defaultItemPricing") or []
    return Defaults(
        list_pricing=document.get("listPricing"),
        margin_percent_materials=_percent(document, "defaultMarginPercentMaterials"),
        margin_percent_labour=_percent(document, "defaultMarginPercentLabour"),
        discount_percent_materials=_percent(document, "defaultDiscountPercentMaterials"),
        discount_percents={kind: _percent(document, name) for kind, name in _DISCOUNTS.items()},
        item_pricing=tuple(
            ItemPricing(
                str(row.get("itemType") or ""),
                row.get("listPricing"),
                row.get("enabled"),
                _percent(row, "defaultMarginPercent"),
                _percent(row, "defaultDiscountPercent"),
            )
            for row in rows
        ),
    )


def _percent(document: Document, name: str) -> Decimal | None:
    value = document.get(name)
    return None if value is None else decimal_of(value, name)


def _amount(document: Document, value: str, currency: str, unit: str) -> Amount | None:
    found = document.get(value)
    return None if found is None else Amount(decimal_of(found, value), document.get(currency), unit)


def _agreed(document: Document | None, unit: str) -> CustomerItem | None:
    if document is None:
        return None
    per = str(document.get("netPriceUnitOfMeasure") or document.get("unitOfMeasure") or unit)
    return CustomerItem(
        net_price=_amount(document, "netPrice", "netPriceCurrency", per),
        price=_amount(document, "price", "netPriceCurrency", per),
        discount=_percent(document, "discount"),
        start=_day(document.get("startDate")),
        end=_day(document.get("endDate")),
        breaks=_breaks(document, document.get("netPriceCurrency"), per),
        unit=per,
    )


def _listed(document: Document | None, price_list: Document | None, unit: str) -> PriceListItem | None:
    if document is None or price_list is None:
        return None
    currency = document.get("currency") or price_list.get("defaultCurrency")
    per = str(document.get("unitOfMeasure") or unit)
    found = document.get("listPrice")
    amount = None if found is None else Amount(decimal_of(found, "listPrice"), currency, per)
    return PriceListItem(amount, document.get("enabled") is not False, _breaks(document, currency, per), per)


def _breaks(document: Document, currency: str | None, per: str) -> tuple[QuantityBreak, ...]:
    return tuple(
        QuantityBreak(
            decimal_of(row["quantity"], "quantityBreaks"),
            _amount({**row, "currency": currency}, "price", "currency", per),
            _percent(row, "discountPercent"),
        )
        for row in document.get("quantityBreaks") or []
    )


def _currencies(organization: Document) -> Currencies:
    rates = {
        str(entry["code"]): decimal_of(entry["rate"], f"currencies.{entry['code']}")
        for entry in organization.get("currencies") or []
        if entry.get("available") is not False
    }
    return Currencies(str(organization["defaultCurrency"]), rates)


def _day(text: object) -> date | None:
    return date.fromisoformat(str(text)[:10]) if text else None


def _money(value: Decimal, terms: Terms) -> float:
    return float(round_money(value, terms.currency))


def _fine(value: Decimal | None) -> float | None:
    """A unit price as it is shown: it may be a fraction of a cent, but no endless decimal."""
    return None if value is None else float(round_half_up(value, 6))

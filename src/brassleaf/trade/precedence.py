"""Which price a customer pays: the rules in their order, the one that wins, and why the others do not.

Customer-item price > customer price list > customer default > organization default > list price. A rule that lacks what
it needs (a list price, a cost) gives way to the next and says so. No sentence states the figure of a cost or a margin,
since customers may read the explanation; `considered` holds the prices of other rules and is for the shop.
Source: section 9 (Precedence); contract/customer.yaml, pricelist.yaml, item.yaml.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from brassleaf.errors import Refused
from brassleaf.trade.money import Amount, Currencies, convert_amount, percent_text
from brassleaf.trade.numbers import exactly
from brassleaf.trade.price import discount_fraction, margin_fraction, net_price, percent_fraction, price_from_margin

LABOUR = "labour"
T = TypeVar("T")


class Rule(StrEnum):
    """The rules, strongest first."""

    CUSTOMER_ITEM = "customer item price"
    PRICE_LIST = "customer price list"
    CUSTOMER_DEFAULT = "customer default"
    ORGANIZATION_DEFAULT = "organization default"
    LIST = "list price"


@dataclass(frozen=True, slots=True)
class CustomerItem:
    """What is agreed with one customer for one item, from `start` to `end` inclusive.

    `net_price` stands as it is; else `price`, less `discount` (a fraction); else the list price less `discount`.
    """

    net_price: Amount | None = None
    price: Amount | None = None
    discount: Decimal | None = None
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class PriceListItem:
    """An item's own price in the customer's price list; it stands as it is. Not enabled is as good as absent."""

    list_price: Amount | None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class ItemPricing:
    """A row of `defaultItemPricing`: how one type of item is priced."""

    item_type: str
    list_pricing: bool | None = None
    enabled: bool | None = None
    margin_percent: Decimal | None = None
    discount_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Defaults:
    """The pricing defaults of a price list, a customer or an organization; percents as entered (20 is 20 %).

    `discount_percents` holds a customer's `defaultDiscountPercentHoses` and its like by item type (`hose`).
    """

    list_pricing: bool | None = None
    margin_percent_materials: Decimal | None = None
    margin_percent_labour: Decimal | None = None
    discount_percent_materials: Decimal | None = None
    discount_percents: Mapping[str, Decimal | None] = field(default_factory=dict)
    item_pricing: tuple[ItemPricing, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidates:
    """Everything that may decide the price of one item; what does not exist is None."""

    item_type: str
    list_price: Amount | None = None
    cost: Amount | None = None
    customer_item: CustomerItem | None = None
    price_list_item: PriceListItem | None = None
    price_list: Defaults | None = None
    customer: Defaults | None = None
    organization: Defaults | None = None


@dataclass(frozen=True, slots=True)
class Considered:
    """One rule: the price that it gives, or None with the reason why it gives none."""

    rule: Rule
    unit_price: Decimal | None
    reason: str
    won: bool = False


@dataclass(frozen=True, slots=True)
class Pricing:
    """The unit price, unrounded, with the rule that won, a sentence that explains it, and every rule considered."""

    unit_price: Decimal | None
    currency: str
    per: str
    rule: Rule | None
    explanation: str
    considered: tuple[Considered, ...]


_Found = tuple[Decimal | None, str]


@exactly
def unit_price(facts: Candidates, *, on: date, currency: str, per: str, currencies: Currencies) -> Pricing:
    """The price of one unit (`per`: each, ft, m, ...) in `currency` on a day, by the first rule that gives one.

    No price at all is `unit_price` None with an explanation, not a refusal. Refused, up to the rule that wins:
    currencies without a rate, unknown units, a price per piece for a length, discounts and margins out of range.
    """

    def price(amount: Amount | None) -> Decimal | None:
        return None if amount is None else convert_amount(amount, currency, per, currencies)

    rules: dict[Rule, Callable[[], _Found]] = {
        Rule.CUSTOMER_ITEM: lambda: _customer_item(facts, on, price),
        Rule.PRICE_LIST: lambda: _price_list(facts, price),
        Rule.CUSTOMER_DEFAULT: lambda: _default(facts, facts.customer, price),
        Rule.ORGANIZATION_DEFAULT: lambda: _default(facts, facts.organization, price),
        Rule.LIST: lambda: _list(price(facts.list_price)),
    }
    winner: Considered | None = None
    considered: list[Considered] = []
    for rule, find in rules.items():
        if winner is None:
            value, reason = find()
            considered.append(Considered(rule, value, reason, won=value is not None))
            winner = considered[-1] if value is not None else None
        else:
            considered.append(_beaten(rule, find))
    if winner is None:
        return Pricing(None, currency, per, None, "No rule gives a price; enter a list price.", tuple(considered))
    said = f"{winner.rule.capitalize()}: {winner.reason}"
    return Pricing(winner.unit_price, currency, per, winner.rule, said, tuple(considered))


_Price = Callable[[Amount | None], Decimal | None]


def _beaten(rule: Rule, find: Callable[[], _Found]) -> Considered:
    """What a rule below the winner would say; its faults (a currency without rate) no longer matter."""
    try:
        value, reason = find()
    except Refused as refusal:
        return Considered(rule, None, refusal.message)
    return Considered(rule, value, reason if value is None else f"{reason} A stronger rule decides.")


def _customer_item(facts: Candidates, on: date, price: _Price) -> _Found:
    agreed = facts.customer_item
    if agreed is None:
        return None, "Nothing is agreed for this item."
    if agreed.start is not None and on < agreed.start:
        return None, f"The agreement begins on {agreed.start.isoformat()}."
    if agreed.end is not None and on > agreed.end:
        return None, f"The agreement ended on {agreed.end.isoformat()}."
    if agreed.net_price is not None:
        return price(agreed.net_price), "The net price agreed for this item."
    discount = None if agreed.discount is None else discount_fraction(agreed.discount)
    base, name = (agreed.price, "price agreed") if agreed.price is not None else (facts.list_price, "list price")
    if agreed.price is None and discount is None:
        return None, "The agreement for this item has no price and no discount."
    return _less(price(base), discount, name)


def _price_list(facts: Candidates, price: _Price) -> _Found:
    item = facts.price_list_item
    if item is not None and item.enabled and item.list_price is not None:
        return price(item.list_price), "The price of this item in the customer's price list."
    if facts.price_list is None:
        return None, "The customer has no price list with this item."
    return _default(facts, facts.price_list, price)


def _default(facts: Candidates, defaults: Defaults | None, price: _Price) -> _Found:
    """By the enabled row of the item's type, else by the type's discount, else by the defaults for materials or labour.

    Where `list_pricing` is not set, a discount means list pricing, else a margin means cost pricing. Discounts on
    materials leave labour alone.
    """
    if defaults is None:
        return None, "There are no defaults."
    labour = facts.item_type.casefold() == LABOUR
    row = next(
        (r for r in defaults.item_pricing if _same(r.item_type, facts.item_type) and r.enabled is not False), None
    )
    by_type = next((d for kind, d in defaults.discount_percents.items() if _same(kind, facts.item_type)), None)
    general = None if labour else defaults.discount_percent_materials
    margin = defaults.margin_percent_labour if labour else defaults.margin_percent_materials
    discount = _first(row.discount_percent if row else None, by_type, general)
    margin = _first(row.margin_percent if row else None, margin)
    list_pricing = _first(row.list_pricing if row else None, defaults.list_pricing)
    if list_pricing is None:
        specific = row is not None and row.discount_percent is None and row.margin_percent is not None
        list_pricing = None if discount is None and margin is None else discount is not None and not specific
    if list_pricing is None:
        return None, f"The defaults say nothing about {facts.item_type}."
    if list_pricing:
        off = None if discount is None else percent_fraction(discount, "defaultDiscountPercent")
        return _less(price(facts.list_price), off, "list price")
    cost = price(facts.cost)
    if margin is None or cost is None:
        return None, "Priced from cost, but the margin or the cost is not known."
    return price_from_margin(
        cost, margin_fraction(margin, "defaultMarginPercent")
    ), f"Priced from cost for {facts.item_type}."


def _list(value: Decimal | None) -> _Found:
    return value, "The list price." if value is not None else "The item has no list price."


def _less(base: Decimal | None, discount: Decimal | None, name: str) -> _Found:
    if base is None:
        return None, f"There is no {name} to start from."
    if not discount:
        return base, f"The {name}."
    return net_price(base, discount), f"The {name} less {percent_text(discount.scaleb(2))}."


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)

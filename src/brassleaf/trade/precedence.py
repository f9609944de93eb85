"""Which price a customer pays: the rules in their order, the one that wins, and why the others do not.

Customer-item price > customer price list > customer default > organization default > list price. A rule that lacks what
it needs (a list price, a cost) gives way to the next and says so. No sentence states the figure of a cost or a margin,
since customers may read the explanation; `considered` holds the prices of other rules and is for the shop.
Source: section 9 (Precedence); contract/customer.yaml, pricelist.yaml, item.yaml. Quantity breaks are ours: a
break counts the pieces or the length of an item in a whole request, in the unit of the price that it belongs to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeVar

from brassleaf.errors import Refused
from brassleaf.trade.itemtypes import LABOUR
from brassleaf.trade.money import Amount, Currencies, convert_amount, percent_text
from brassleaf.trade.numbers import exactly, plain, round_half_up
from brassleaf.trade.price import discount_fraction, margin_fraction, net_price, percent_fraction, price_from_margin
from brassleaf.trade.units import convert_length, parse_stock_unit

#: A counted length is rounded to so many decimals before it is held against a break: twelve inches are one foot.
_COUNT_PLACES = 6
T = TypeVar("T")


class Rule(StrEnum):
    """The rules, strongest first."""

    CUSTOMER_ITEM = "customer item price"
    PRICE_LIST = "customer price list"
    CUSTOMER_DEFAULT = "customer default"
    ORGANIZATION_DEFAULT = "organization default"
    LIST = "list price"


@dataclass(frozen=True, slots=True)
class QuantityBreak:
    """What holds from a quantity on: a price, which stands as it is, or a discount in percent (5 is 5 %)."""

    quantity: Decimal
    price: Amount | None = None
    discount_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CustomerItem:
    """What is agreed with one customer for one item, from `start` to `end` inclusive.

    `net_price` stands as it is; else `price`, less `discount` (a fraction); else the list price less `discount`. The
    highest of the `breaks` that is reached replaces all of that; its discount comes off `net_price`, else `price`, else
    the list price. Breaks count in `unit`.
    """

    net_price: Amount | None = None
    price: Amount | None = None
    discount: Decimal | None = None
    start: date | None = None
    end: date | None = None
    breaks: tuple[QuantityBreak, ...] = ()
    unit: str = "each"


@dataclass(frozen=True, slots=True)
class PriceListItem:
    """An item's own price in the customer's price list; it stands as it is. Not enabled is as good as absent.

    The highest of the `breaks` that is reached stands in its place; a discount comes off it, or off the item's list
    price where the price list gives breaks only. Breaks count in `unit`.
    """

    list_price: Amount | None
    enabled: bool = True
    breaks: tuple[QuantityBreak, ...] = ()
    unit: str = "each"


@dataclass(frozen=True, slots=True)
class ItemPricing:
    """A row of `defaultItemPricing`: how one type of item is priced."""

    item_type: str
    list_pricing: bool | None = None
    enabled: bool | None = None
    margin_percent: Decimal | None = None
    discount_percent: Decimal | None = None


_NO_ROW = ItemPricing("")


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
    _policies: dict[str, "_Policy"] = field(default_factory=dict, init=False, repr=False, compare=False)

    def row(self, item_type: str) -> ItemPricing | None:
        """The enabled row of one type of item; `""` is the row for items of any type."""
        return next((r for r in self.item_pricing if _same(r.item_type, item_type) and r.enabled is not False), None)

    def policy(self, item_type: str) -> "_Policy":
        """How one type of item is priced, worked out once: the lines of a request share few types."""
        found = self._policies.get(item_type)
        if found is None:
            found = self._policies[item_type] = _policy(self, item_type)
        return found


@dataclass(frozen=True, slots=True)
class Candidates:
    """Everything that may decide the price of one item; what does not exist is None.

    `quantity` is what the whole request takes of the item, in the unit that is priced; `price_list_name` is said in
    explanations where the reader may know it.
    """

    item_type: str
    list_price: Amount | None = None
    cost: Amount | None = None
    customer_item: CustomerItem | None = None
    price_list_item: PriceListItem | None = None
    price_list: Defaults | None = None
    customer: Defaults | None = None
    organization: Defaults | None = None
    quantity: Decimal = Decimal(1)
    price_list_name: str | None = None


class How(NamedTuple):
    """How a price came about.

    `quantity_break` is the quantity from which it holds, `next_break` the next one with another price, both in the unit
    of the breaks; `discount` and `margin` are fractions; `start` and `end` are the days between which it is agreed.
    """

    quantity_break: Decimal | None = None
    next_break: Decimal | None = None
    discount: Decimal | None = None
    margin: Decimal | None = None
    start: date | None = None
    end: date | None = None


_PLAINLY = How()


@dataclass(frozen=True, slots=True)
class Considered:
    """One rule: the price that it gives, or None with the reason why it gives none.

    `how` tells how it came about: which break, which discount or margin.
    """

    rule: Rule
    unit_price: Decimal | None
    reason: str
    won: bool = False
    how: How = _PLAINLY


@dataclass(frozen=True, slots=True)
class Pricing:
    """The unit price, unrounded, with the rule that won, a sentence that explains it, and every rule considered."""

    unit_price: Decimal | None
    currency: str
    per: str
    rule: Rule | None
    explanation: str
    considered: tuple[Considered, ...]
    how: How = _PLAINLY


class _Found(NamedTuple):
    value: Decimal | None
    reason: str
    how: How = _PLAINLY


class _Policy(NamedTuple):
    """From the list price or from cost (None: neither is said), with which discount and margin, in percent."""

    list_pricing: bool | None
    discount: Decimal | None
    margin: Decimal | None


class _Asked:
    """What a price is asked for: the day, the currency, the unit. Several rules start from the same amount."""

    __slots__ = ("_currencies", "_currency", "_known", "on", "per")

    def __init__(self, on: date, currency: str, per: str, currencies: Currencies) -> None:
        self.on = on
        self.per = per
        self._currency = currency
        self._currencies = currencies
        self._known: dict[int, Decimal] = {}

    def price(self, amount: Amount | None) -> Decimal | None:
        """An amount for the unit and in the currency that is asked for, converted once."""
        if amount is None:
            return None
        found = self._known.get(id(amount))
        if found is None:
            found = self._known[id(amount)] = convert_amount(amount, self._currency, self.per, self._currencies)
        return found


@exactly
def unit_price(facts: Candidates, *, on: date, currency: str, per: str, currencies: Currencies) -> Pricing:
    """The price of one unit (`per`: each, ft, m, ...) in `currency` on a day, by the first rule that gives one.

    No price at all is `unit_price` None with an explanation, not a refusal. Refused, up to the rule that wins:
    currencies without a rate, unknown units, a price per piece for a length, discounts and margins out of range.
    """
    asked = _Asked(on, currency, per, currencies)
    winner: Considered | None = None
    considered: list[Considered] = []
    for rule, find in _RULES:
        if winner is None:
            value, reason, how = find(facts, asked)
            considered.append(Considered(rule, value, reason, won=value is not None, how=how))
            winner = considered[-1] if value is not None else None
        else:
            considered.append(_beaten(rule, find, facts, asked))
    if winner is None:
        return Pricing(None, currency, per, None, "No rule gives a price; enter a list price.", tuple(considered))
    said = f"{winner.rule.capitalize()}: {winner.reason}"
    return Pricing(winner.unit_price, currency, per, winner.rule, said, tuple(considered), winner.how)


_Find = Callable[[Candidates, _Asked], _Found]


def _beaten(rule: Rule, find: _Find, facts: Candidates, asked: _Asked) -> Considered:
    """What a rule below the winner would say; its faults (a currency without rate) no longer matter."""
    try:
        value, reason, how = find(facts, asked)
    except Refused as refusal:
        return Considered(rule, None, refusal.message)
    if value is not None:
        reason = f"{reason} A stronger rule decides."
    return Considered(rule, value, reason, how=how)


def _customer_item(facts: Candidates, asked: _Asked) -> _Found:
    agreed = facts.customer_item
    if agreed is None:
        return _Found(None, "Nothing is agreed for this item.")
    if (out := _out_of_force(agreed, asked.on)) is not None:
        return _Found(None, out)
    found = _agreed(agreed, facts, asked)
    more = _next(agreed.breaks, facts.quantity, asked.per, agreed.unit)
    return found._replace(how=found.how._replace(next_break=more, start=agreed.start, end=agreed.end))


def _agreed(agreed: CustomerItem, facts: Candidates, asked: _Asked) -> _Found:
    own = _first(agreed.net_price, agreed.price)
    base, name = (own, "price agreed for this item") if own is not None else (facts.list_price, "list price")
    if (reached := _reached(agreed.breaks, facts.quantity, asked.per, agreed.unit)) is not None:
        return _at(reached, base, name, agreed.unit, asked)
    if agreed.net_price is not None:
        return _Found(asked.price(agreed.net_price), "The net price agreed for this item.")
    discount = None if agreed.discount is None else discount_fraction(agreed.discount)
    if agreed.price is None and discount is None:
        return _Found(None, _too_few(agreed.breaks, agreed.unit, "The agreement for this item"))
    return _less(asked.price(base), discount, "price agreed" if own is not None else "list price")


def _out_of_force(agreed: CustomerItem, on: date) -> str | None:
    if agreed.start is not None and on < agreed.start:
        return f"The agreement begins on {agreed.start.isoformat()}."
    if agreed.end is not None and on > agreed.end:
        return f"The agreement ended on {agreed.end.isoformat()}."
    return None


def _price_list(facts: Candidates, asked: _Asked) -> _Found:
    item = facts.price_list_item
    named = f"the price list {facts.price_list_name}" if facts.price_list_name else "the customer's price list"
    if item is not None and item.enabled:
        own, more = item.list_price, _next(item.breaks, facts.quantity, asked.per, item.unit)
        name = f"price of this item in {named}" if own is not None else f"list price by {named}"
        if (reached := _reached(item.breaks, facts.quantity, asked.per, item.unit)) is not None:
            found = _at(reached, own if own is not None else facts.list_price, name, item.unit, asked)
            return found._replace(how=found.how._replace(next_break=more))
        if own is not None:
            return _Found(asked.price(own), f"The {name}.", How(next_break=more))
    if facts.price_list is None:
        return _Found(None, "The customer has no price list with this item.")
    value, reason, how = _default(facts, facts.price_list, asked)
    if value is not None and facts.price_list_name:
        reason = f"{reason} By the defaults of {named}."
    return _Found(value, reason, how)


def _reached(breaks: tuple[QuantityBreak, ...], quantity: Decimal, per: str, unit: str) -> QuantityBreak | None:
    """The highest break that a quantity, counted in `per`, reaches in the unit of the breaks; None where none is."""
    if not breaks:
        return None
    counted = _counted(quantity, per, unit)
    return max((b for b in breaks if b.quantity <= counted), key=lambda b: b.quantity, default=None)


def _next(breaks: tuple[QuantityBreak, ...], quantity: Decimal, per: str, unit: str) -> Decimal | None:
    """The quantity of the next break, in the unit of the breaks; None where there is none."""
    if not breaks:
        return None
    counted = _counted(quantity, per, unit)
    return min((b.quantity for b in breaks if b.quantity > counted), default=None)


def _counted(quantity: Decimal, per: str, unit: str) -> Decimal:
    """A quantity, counted in `per`, in the unit of the breaks."""
    source, target = parse_stock_unit(per, "unitOfMeasure"), parse_stock_unit(unit, "unitOfMeasure")
    if source != target:
        if "each" in (source, target):
            text = f"Quantity breaks per {target} cannot be counted per {source}; give them per {source}."
            raise Refused.field("unitOfMeasure", text)
        quantity = convert_length(quantity, source, target, "quantity")
    return round_half_up(quantity, _COUNT_PLACES, "quantity")


def _at(reached: QuantityBreak, base: Amount | None, name: str, unit: str, asked: _Asked) -> _Found:
    from_ = f"from {plain(reached.quantity)} {unit} on"
    if reached.price is not None:
        return _Found(asked.price(reached.price), f"The {name} {from_}.", How(reached.quantity))
    discount = percent_fraction(reached.discount_percent or Decimal(0), "discountPercent")
    value, reason, how = _less(asked.price(base), discount, name)
    from_break = None if value is None else reached.quantity
    return _Found(value, f"{reason[:-1]}, {from_}.", how._replace(quantity_break=from_break))


def _too_few(breaks: tuple[QuantityBreak, ...], unit: str, name: str) -> str:
    if not breaks:
        return f"{name} has no price and no discount."
    return f"{name} begins at {plain(min(b.quantity for b in breaks))} {unit}."


def _customer_default(facts: Candidates, asked: _Asked) -> _Found:
    return _default(facts, facts.customer, asked)


def _organization_default(facts: Candidates, asked: _Asked) -> _Found:
    return _default(facts, facts.organization, asked)


def _list(facts: Candidates, asked: _Asked) -> _Found:
    value = asked.price(facts.list_price)
    return _Found(value, "The list price." if value is not None else "The item has no list price.")


_RULES: tuple[tuple[Rule, _Find], ...] = (
    (Rule.CUSTOMER_ITEM, _customer_item),
    (Rule.PRICE_LIST, _price_list),
    (Rule.CUSTOMER_DEFAULT, _customer_default),
    (Rule.ORGANIZATION_DEFAULT, _organization_default),
    (Rule.LIST, _list),
)


def _default(facts: Candidates, defaults: Defaults | None, asked: _Asked) -> _Found:
    if defaults is None:
        return _Found(None, "There are no defaults.")
    policy = defaults.policy(facts.item_type)
    if policy.list_pricing is None:
        return _Found(None, f"The defaults say nothing about {facts.item_type}.")
    if policy.list_pricing:
        off = None if policy.discount is None else percent_fraction(policy.discount, "defaultDiscountPercent")
        return _less(asked.price(facts.list_price), off, "list price")
    cost = asked.price(facts.cost)
    if policy.margin is None or cost is None:
        return _Found(None, "Priced from cost, but the margin or the cost is not known.")
    share = margin_fraction(policy.margin, "defaultMarginPercent")
    return _Found(price_from_margin(cost, share), f"Priced from cost for {facts.item_type}.", How(margin=share))


def _policy(defaults: Defaults, item_type: str) -> _Policy:
    """By the row of the item's type, its discount, the row for items of any type, the defaults for materials or labour.

    Where `list_pricing` is not set, a discount means list pricing, else a margin means cost pricing. Discounts on
    materials leave labour alone.
    """
    labour = item_type.casefold() == LABOUR
    row = defaults.row(item_type) or _NO_ROW
    rest = (None if labour else defaults.row("")) or _NO_ROW
    by_type = next((d for kind, d in defaults.discount_percents.items() if _same(kind, item_type)), None)
    general = None if labour else defaults.discount_percent_materials
    margin = defaults.margin_percent_labour if labour else defaults.margin_percent_materials
    discount = _first(row.discount_percent, by_type, rest.discount_percent, general)
    margin = _first(row.margin_percent, rest.margin_percent, margin)
    list_pricing = _first(row.list_pricing, rest.list_pricing, defaults.list_pricing)
    if list_pricing is None:
        nearest = (
            (row.discount_percent, row.margin_percent),
            (by_type, None),
            (rest.discount_percent, rest.margin_percent),
        )
        specific = next((off is None for off, kept in nearest if off is not None or kept is not None), False)
        list_pricing = None if discount is None and margin is None else discount is not None and not specific
    return _Policy(list_pricing, discount, margin)


def _less(base: Decimal | None, discount: Decimal | None, name: str) -> _Found:
    if base is None:
        return _Found(None, f"There is no {name} to start from.")
    if not discount:
        return _Found(base, f"The {name}.")
    said = f"The {name} less {percent_text(discount.scaleb(2))}."
    return _Found(net_price(base, discount), said, How(discount=discount))


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)

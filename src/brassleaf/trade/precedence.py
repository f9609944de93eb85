"""Which price a customer pays: the rules in their order, the one that wins, and why the others do not.

Customer-item price > customer price list > customer default > organization price list > organization default > list
price. A rule that lacks what it needs (a list price, a cost) gives way to the next and says so. No sentence states the
figure of a cost or a margin, since customers may read the explanation; `considered` holds the prices of other rules and
is for the shop. That the organization's price list stands before its other defaults, since it says more of an item, is
ours, and so is that a rule that ought to decide and cannot be computed leaves no price.
Source: section 9 (Precedence); contract/customer.yaml, pricelist.yaml, item.yaml. Quantity breaks are ours: a
break counts the pieces or the length of an item in a whole request, in the unit of the price that it belongs to.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from brassleaf.errors import Refused
from brassleaf.trade.defaults import Defaults
from brassleaf.trade.money import Amount, Currencies, convert_amount, percent_text
from brassleaf.trade.numbers import exactly, plain, round_half_up
from brassleaf.trade.price import discount_fraction, margin_fraction, net_price, percent_fraction, price_from_margin
from brassleaf.trade.units import convert_length, parse_stock_unit

#: A counted length is rounded to so many decimals before it is held against a break: twelve inches are one foot.
_COUNT_PLACES = 6


class Rule(StrEnum):
    """The rules, strongest first."""

    CUSTOMER_ITEM = "customer item price"
    PRICE_LIST = "customer price list"
    CUSTOMER_DEFAULT = "customer default"
    ORGANIZATION_PRICE_LIST = "organization price list"
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
    """What is agreed with one customer for one item, from `start` to `end` inclusive, and while it is `available`.

    `net_price` stands as it is; else `price`, less `discount` (a fraction); else the list price less `discount`. The
    highest of the `breaks` that is reached replaces all of that; its discount comes off `net_price`, else `price`, else
    the list price. Breaks count in `unit`. `cost` is what the item costs for this customer.
    """

    net_price: Amount | None = None
    price: Amount | None = None
    discount: Decimal | None = None
    start: date | None = None
    end: date | None = None
    breaks: tuple[QuantityBreak, ...] = ()
    unit: str = "each"
    cost: Amount | None = None
    available: bool = True


@dataclass(frozen=True, slots=True)
class PriceListItem:
    """An item's own price in a price list; it stands as it is. Not enabled is as good as absent.

    The highest of the `breaks` that is reached stands in its place; a discount comes off it, or off the item's list
    price where the price list gives breaks only. Breaks count in `unit`.
    """

    list_price: Amount | None
    enabled: bool = True
    breaks: tuple[QuantityBreak, ...] = ()
    unit: str = "each"


@dataclass(frozen=True, slots=True)
class PriceList:
    """What a price list says of one item: the item's own row, and its defaults where that gives no price.

    `name` is said in explanations where the reader may know it.
    """

    item: PriceListItem | None = None
    defaults: Defaults = field(default_factory=Defaults)
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """Everything that may decide the price of one item; what does not exist is None.

    `price_list` is the customer's own. `quantity` is what the whole request takes of the item, in the unit that is
    priced.
    """

    item_type: str
    list_price: Amount | None = None
    cost: Amount | None = None
    customer_item: CustomerItem | None = None
    price_list: PriceList | None = None
    customer: Defaults | None = None
    organization_price_list: PriceList | None = None
    organization: Defaults | None = None
    quantity: Decimal = Decimal(1)


class How(NamedTuple):
    """How a price came about.

    `quantity_break` is the quantity from which it holds, `next_break` the next one with another price, both in the unit
    of the breaks; `discount` and `margin` are fractions; `start` and `end` are the days between which it is agreed;
    `price_list` is what the price list is called, where the reader may know it.
    """

    quantity_break: Decimal | None = None
    next_break: Decimal | None = None
    discount: Decimal | None = None
    margin: Decimal | None = None
    start: date | None = None
    end: date | None = None
    price_list: str | None = None


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

    No price at all is `unit_price` None with an explanation, not a refusal. A rule that ought to decide and cannot be
    computed (a currency without a rate, a price per piece for a length) leaves no price, since a weaker rule's would be
    a wrong one.
    """
    asked = _Asked(on, currency, per, currencies)
    decides: Considered | None = None
    considered: list[Considered] = []
    for rule, find in _RULES:
        (value, reason, how), ends = _tried(find, facts, asked)
        if decides is not None and value is not None:
            reason = f"{reason} A stronger rule decides."
        considered.append(Considered(rule, value, reason, won=decides is None and value is not None, how=how))
        if decides is None and ends:
            decides = considered[-1]
    if decides is None:
        return Pricing(None, currency, per, None, "No rule gives a price; enter a list price.", tuple(considered))
    won = decides.rule if decides.won else None
    said = f"{decides.rule.capitalize()}: {decides.reason}"
    return Pricing(decides.unit_price, currency, per, won, said, tuple(considered), decides.how)


_Find = Callable[[Candidates, _Asked], _Found]


def _tried(find: _Find, facts: Candidates, asked: _Asked) -> tuple[_Found, bool]:
    """What a rule finds, and whether no weaker one is asked: it gives a price, or ought to and cannot."""
    try:
        found = find(facts, asked)
    except Refused as refusal:
        return _Found(None, " ".join(error.message for error in refusal.errors) or refusal.message), True
    return found, found.value is not None


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
    own = agreed.price if agreed.net_price is None else agreed.net_price
    base, name = (own, "price agreed for this item") if own is not None else (facts.list_price, "list price")
    if (reached := _reached(agreed.breaks, facts.quantity, asked.per, agreed.unit)) is not None:
        return _at(reached, base, name, agreed.unit, asked)
    if agreed.net_price is not None:
        return _Found(asked.price(agreed.net_price), "The net price agreed for this item.")
    discount = None if agreed.discount is None else discount_fraction(agreed.discount)
    if agreed.price is None and discount is None:
        return _Found(None, _too_few(agreed.breaks, agreed.unit, "The agreement for this item"))
    return _less(asked.price(base), discount, "price agreed" if own is not None else "list price")


def cost_of(facts: Candidates, on: date) -> Amount | None:
    """What the item costs: what is agreed with the customer, while that holds, else its own cost."""
    agreed = facts.customer_item
    if agreed is None or agreed.cost is None or _out_of_force(agreed, on) is not None:
        return facts.cost
    return agreed.cost


def _out_of_force(agreed: CustomerItem, on: date) -> str | None:
    if not agreed.available:
        return "The agreement for this item is switched off."
    if agreed.start is not None and on < agreed.start:
        return f"The agreement begins on {agreed.start.isoformat()}."
    if agreed.end is not None and on > agreed.end:
        return f"The agreement ended on {agreed.end.isoformat()}."
    return None


def _price_list(facts: Candidates, asked: _Asked) -> _Found:
    return _by_list(facts, facts.price_list, "customer", asked)


def _organization_price_list(facts: Candidates, asked: _Asked) -> _Found:
    return _by_list(facts, facts.organization_price_list, "organization", asked)


def _by_list(facts: Candidates, price_list: PriceList | None, owner: str, asked: _Asked) -> _Found:
    if price_list is None:
        return _Found(None, f"There is no {owner} price list.")
    named = f"the price list {price_list.name}" if price_list.name else f"the {owner}'s price list"
    found = _by_row(facts, price_list.item, named, asked)
    if found is None:
        value, reason, how = _default(facts, price_list.defaults, asked)
        if value is not None and price_list.name:
            reason = f"{reason} By the defaults of {named}."
        found = _Found(value, reason, how)
    return found._replace(how=found.how._replace(price_list=price_list.name))


def _by_row(facts: Candidates, row: PriceListItem | None, named: str, asked: _Asked) -> _Found | None:
    """By what a price list has for the item itself; None where that gives no price."""
    if row is None or not row.enabled:
        return None
    own, more = row.list_price, _next(row.breaks, facts.quantity, asked.per, row.unit)
    name = f"price of this item in {named}" if own is not None else f"list price by {named}"
    if (reached := _reached(row.breaks, facts.quantity, asked.per, row.unit)) is not None:
        found = _at(reached, own if own is not None else facts.list_price, name, row.unit, asked)
        return found._replace(how=found.how._replace(next_break=more))
    return None if own is None else _Found(asked.price(own), f"The {name}.", How(next_break=more))


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
    (Rule.ORGANIZATION_PRICE_LIST, _organization_price_list),
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
    cost = asked.price(cost_of(facts, asked.on))
    if policy.margin is None or cost is None:
        return _Found(None, "Priced from cost, but the margin or the cost is not known.")
    share = margin_fraction(policy.margin, "defaultMarginPercent")
    return _Found(price_from_margin(cost, share), f"Priced from cost for {facts.item_type}.", How(margin=share))


def _less(base: Decimal | None, discount: Decimal | None, name: str) -> _Found:
    if base is None:
        return _Found(None, f"There is no {name} to start from.")
    if not discount:
        return _Found(base, f"The {name}.")
    said = f"The {name} less {percent_text(discount.scaleb(2))}."
    return _Found(net_price(base, discount), said, How(discount=discount))

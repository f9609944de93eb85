"""The arithmetic of prices: discount, markup, margin, and quantity x rate with a factor and a fixed charge.

Margin and markup are kept apart: a markup is a share of the cost, a margin a share of the price. Fractions are meant
(0.3), not percents, unless a name says percent. Nothing is rounded here. Source: section 9.
"""

from dataclasses import dataclass
from decimal import Decimal

from brassleaf.errors import Refused
from brassleaf.trade.numbers import Number, exactly, not_negative, number_of, positive


@dataclass(frozen=True, slots=True)
class Extended:
    """A quantity extended: the whole amount and its share for each piece, unrounded."""

    total: Decimal
    each: Decimal


def discount_fraction(value: Number, field: str = "discount") -> Decimal:
    """A discount as a fraction from 0 to 1; refused otherwise."""
    number = number_of(value, field)
    if not 0 <= number <= 1:
        raise Refused.field(field, "Use a discount from 0 to 1; 0.1 is ten percent.")
    return number


def percent_fraction(value: Number, field: str) -> Decimal:
    """A discount in percent, 0 to 100, as a fraction; refused otherwise."""
    number = number_of(value, field)
    if not 0 <= number <= 100:
        raise Refused.field(field, "Use a percentage from 0 to 100.")
    return number.scaleb(-2)


def margin_fraction(value: Number, field: str) -> Decimal:
    """A margin in percent, 0 up to but not including 100, as a fraction; refused otherwise."""
    number = number_of(value, field)
    if not 0 <= number < 100:
        raise Refused.field(field, "Use a margin from 0 up to, but not including, 100 percent.")
    return number.scaleb(-2)


@exactly
def net_price(list_price: Number, *discounts: Number) -> Decimal:
    """List price less discounts, each off what the one before left: 753.00 less 50/10/10 is 304.965 (liandriel)."""
    price = not_negative(list_price, "listPrice")
    for discount in discounts:
        price *= 1 - discount_fraction(discount)
    return price


@exactly
def price_from_markup(cost: Number, markup: Number, field: str = "markup") -> Decimal:
    """Cost plus a share of the cost: 18.00 at 0.05 is 18.90 (infor)."""
    return not_negative(cost, "cost") * (1 + not_negative(markup, field))


@exactly
def price_from_margin(cost: Number, margin: Number, field: str = "margin") -> Decimal:
    """Cost / (1 - margin): 30 at 0.6 is 75. Refused unless 0 <= margin < 1."""
    share = number_of(margin, field)
    if not 0 <= share < 1:
        raise Refused.field(field, "Use a margin from 0 up to, but not including, 1.")
    return not_negative(cost, "cost") / (1 - share)


@exactly
def margin_of_markup(markup: Number) -> Decimal:
    """The margin that a markup amounts to, m / (1 + m): 0.30 is 0.2308 (mfgcalcs)."""
    share = not_negative(markup, "markup")
    return share / (1 + share)


@exactly
def markup_between(cost: Number, price: Number) -> Decimal:
    """Profit as a share of the cost: 500 to 600 is 0.20 (millwork)."""
    base = positive(cost, "cost")
    return (number_of(price, "price") - base) / base


@exactly
def margin_between(cost: Number, price: Number) -> Decimal:
    """Profit as a share of the price: 500 to 600 is 0.1667 (millwork)."""
    sold = positive(price, "price")
    return (sold - number_of(cost, "cost")) / sold


@exactly
def extended(quantity: Number, rate: Number, factor: Number = 1, fixed: Number = 0) -> Extended:
    """Quantity x rate x factor + fixed, and its share for each piece.

    One form serves manufactured cost (150 x 8.40 x 1.10 + 350 = 1736), labour with set-up (200 x 2.85 x 1.10 + 120 =
    747), scrap value (180 x 3.50 x 1.10 + 75 = 768), route kits (75 x 64 x 0.72 + 500 = 3956) and quote price
    (150 x 8.40 x 1.35 + 500 = 2201). Refused: a quantity not above zero. Sources: sections 8 and 9 (mfgcalcs).
    """
    pieces = positive(quantity, "quantity")
    whole = pieces * number_of(rate, "rate") * number_of(factor, "factor") + number_of(fixed, "fixed")
    return Extended(whole, whole / pieces)

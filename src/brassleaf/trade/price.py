"""The arithmetic of prices: discounts and margins.

A margin is a share of the price. Fractions are meant (0.3), not percents, unless a name says percent. Nothing is
rounded here. Source: section 9.
"""

from decimal import Decimal

from brassleaf.errors import Refused
from brassleaf.trade.numbers import Number, exactly, not_negative, number_of


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
def price_from_margin(cost: Number, margin: Number, field: str = "margin") -> Decimal:
    """Cost / (1 - margin): 30 at 0.6 is 75. Refused unless 0 <= margin < 1."""
    share = number_of(margin, field)
    if not 0 <= share < 1:
        raise Refused.field(field, "Use a margin from 0 up to, but not including, 1.")
    return not_negative(cost, "cost") / (1 - share)

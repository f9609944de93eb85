"""Money: currencies, minor units, lines and totals.

Convert first, round last, half up, to the currency's minor unit. A sheet always adds up: every line shows its own
amount rounded once; the total is the sum of the unrounded amounts, rounded once; what lies between them is stated as
`rounding`, a line of its own where it is not zero, so that lines + rounding = total. Source: section 9; ISO 4217.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from brassleaf.errors import Refused
from brassleaf.trade.numbers import Number, exactly, number_of, plain, positive, round_half_up
from brassleaf.trade.units import convert_per_length, parse_stock_unit

# ISO 4217 exponents that are not 2.
_EXPONENTS: Mapping[str, int] = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


@dataclass(frozen=True, slots=True)
class Currencies:
    """An organization's base currency and, for each other one, how much of it one unit of the base buys."""

    base: str
    rates: Mapping[str, Decimal] = field(default_factory=dict)

    def rate(self, currency: str, field: str = "currency") -> Decimal:
        """The rate of a currency to the base, which is 1 for the base itself. Refused when there is none."""
        code = currency_code(currency, field)
        if code == self.base.strip().upper():
            return Decimal(1)
        for name, rate in self.rates.items():
            if name.strip().upper() == code:
                return positive(rate, f"rates.{code}")
        known = ", ".join(sorted({self.base, *self.rates}))
        raise Refused.field(field, f"There is no rate for {code}; add one, or use one of {known}.")


@dataclass(frozen=True, slots=True)
class Amount:
    """A price or cost for one unit: 6.40 USD per ft. No currency means the base; `per` tells what is sold by length."""

    value: Decimal
    currency: str | None = None
    per: str = "each"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet: so many units at so much each, both exact; `quantity` is in the unit of the price."""

    name: str
    unit_price: Decimal
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Totals:
    """A sheet in one currency, in the order of its lines: sum of `lines` + `rounding` = `total`."""

    currency: str
    lines: tuple[Decimal, ...]
    rounding: Decimal
    total: Decimal


@lru_cache(maxsize=1024)
def currency_code(text: str, field: str = "currency") -> str:
    """A currency code in upper case; refused unless three letters."""
    code = text.strip().upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise Refused.field(field, f"{text!r} is not a currency code; use three letters, such as USD.")
    return code


@lru_cache(maxsize=256)
def minor_digits(currency: str) -> int:
    """Decimals of a currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD. Source: ISO 4217."""
    return _EXPONENTS.get(currency_code(currency), 2)


def round_money(value: Decimal, currency: str) -> Decimal:
    """An amount in the currency's minor unit, half up: 56.835 CAD is 56.84."""
    return round_half_up(value, minor_digits(currency))


@exactly
def convert_currency(value: Number, from_: str, to: str, currencies: Currencies, field: str = "currency") -> Decimal:
    """An amount in another currency, unrounded: value x rate(to) / rate(from). Refused without a rate (section 9)."""
    number = number_of(value, "amount")
    if from_ == to == currencies.base:
        return number
    source, target = currencies.rate(from_, field), currencies.rate(to, field)
    return number if source == target else number * target / source


def convert_amount(amount: Amount, currency: str, per: str, currencies: Currencies, field: str = "price") -> Decimal:
    """A unit price in another currency and for another unit, unrounded: 6.40 per ft is 20.9974 per m.

    Refused: an unknown unit or currency, and a price per piece for something sold by length or the other way round.
    """
    unit_field = "unitOfMeasure"
    source = parse_stock_unit(amount.per, unit_field)
    target = source if per == amount.per else parse_stock_unit(per, unit_field)
    if (source == "each") != (target == "each"):
        raise Refused.field(unit_field, f"A {field} per {source} cannot be used per {target}; give it per {target}.")
    value = number_of(amount.value, field)
    if currency != currencies.base or (amount.currency or currency) != currency:
        value = convert_currency(value, amount.currency or currencies.base, currency, currencies)
    return value if source == target else convert_per_length(value, source, target, field)


@exactly
def line_amount(line: Line) -> Decimal:
    """Quantity x unit price, unrounded."""
    return number_of(line.unit_price, "price") * number_of(line.quantity, "quantity")


@exactly
def total(lines: Iterable[Line], currency: str) -> Totals:
    """The sheet of these lines, whose prices are all in `currency`: 17.20 + 15.70 + 4.20 + 5.00 = 42.10."""
    return total_of([line_amount(line) for line in lines], currency)


@exactly
def total_of(amounts: Sequence[Decimal], currency: str) -> Totals:
    """The sheet of these unrounded amounts, a line each."""
    shown = tuple(round_money(amount, currency) for amount in amounts)
    whole = round_money(sum(amounts, Decimal(0)), currency)
    return Totals(currency_code(currency), shown, whole - sum(shown, Decimal(0)), whole)


@lru_cache(maxsize=1024)
def percent_text(value: Decimal) -> str:
    """A percentage as a sentence prints it: `12.5 %`."""
    return f"{plain(value)} %"

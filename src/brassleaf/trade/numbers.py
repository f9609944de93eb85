"""Exact numbers: how they come in, how they are computed with, how they are rounded.

Inputs carry up to 15 significant digits, which a double keeps exactly. Rules compute with 60 digits, so that sums and
products are exact and a quotient is off by less than anything that a shop could measure. Rounding happens once, at the
end: half up, that is away from zero when exactly between two. Source: CONVENTIONS.md (Answers); section 9 (liandriel).
"""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, getcontext, localcontext
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from brassleaf.errors import Refused

Number = int | float | str | Decimal

MAX_DIGITS = 15
_LARGEST = Decimal("1e15")
_SMALLEST = Decimal("1e-15")
_PRECISION = 60  # nobody else's: by it a rule knows that it is inside another
_WORKING = Context(prec=_PRECISION, rounding=ROUND_HALF_UP)
_SETTLED = Context(prec=45, rounding=ROUND_HALF_UP)
_LONGEST_TEXT = 64
_UNITS = tuple(Decimal(1).scaleb(-places) for places in range(16))
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,4})?", re.ASCII | re.IGNORECASE)

P = ParamSpec("P")
R = TypeVar("R")


def exactly(rule: Callable[P, R]) -> Callable[P, R]:
    """Run a rule in the working precision of 60 digits, whatever the caller's decimal context is."""

    @wraps(rule)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if getcontext().prec == _PRECISION:
            return rule(*args, **kwargs)  # inside another rule: entering the context again costs more than most rules
        with localcontext(_WORKING):
            return rule(*args, **kwargs)

    return run


def decimal_of(value: object, field: str) -> Decimal:
    """A number from outside as an exact decimal; a float by its shortest text, so that 0.1 is 0.1.

    Refused, naming `field`: what is not a number or not finite, more than 15 significant digits, a size of 1e15 or
    more, and what is smaller than 1e-15 without being zero. Source: CONVENTIONS.md (Answers).
    """
    remembered = isinstance(value, float | int) and not isinstance(value, bool)
    found = _known(value, isinstance(value, float)) if remembered else _exact(value)
    if isinstance(found, str):
        raise Refused.field(field, found)
    return found


@lru_cache(maxsize=16_384)
def _known(value: Any, _is_float: Any) -> Decimal | str:
    """`_exact`, remembered: the same prices and lengths are read in every request. The flag tells 1.0 from 1."""
    return _exact(value)


def _exact(value: object) -> Decimal | str:
    """The exact decimal, or what is wrong with the number."""
    number = _read(value)
    if number is None:
        return "Use a finite number, such as 12.5."
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    if len(digits) > MAX_DIGITS:
        return f"Use at most {MAX_DIGITS} significant digits."
    if digits and not _SMALLEST <= number.copy_abs() < _LARGEST:
        return "Use a number below 1e15 and, unless it is zero, not below 1e-15 in size."
    return number if digits else Decimal(0)


def number_of(value: object, field: str) -> Decimal:
    """An operand of a rule: a finite `Decimal` counts as computed already and passes, all else goes by `decimal_of`."""
    if isinstance(value, Decimal) and value.is_finite():
        return value
    return decimal_of(value, field)


def positive(value: object, field: str) -> Decimal:
    """An operand that must be above zero."""
    number = number_of(value, field)
    if number <= 0:
        raise Refused.field(field, "Use a number above zero.")
    return number


def not_negative(value: object, field: str) -> Decimal:
    """An operand that must be zero or more."""
    number = number_of(value, field)
    if number < 0:
        raise Refused.field(field, "Use zero or a number above it.")
    return number


@lru_cache(maxsize=16_384)
def round_half_up(value: Decimal, places: int, field: str = "amount") -> Decimal:
    """Round once, at the end: half up (away from zero) to `places` decimals.

    The digits beyond the 45th are dropped first, so that a quotient that stands for an exact tie (a third of 0.015)
    rounds as the tie that it is. Refused when the number is too large for that precision.
    """
    settled = _SETTLED.plus(value)
    if settled.adjusted() > 30:
        raise Refused.field(field, "The result is too large; use smaller numbers.")
    unit = _UNITS[places] if 0 <= places < len(_UNITS) else Decimal(1).scaleb(-places)
    return settled.quantize(unit, context=_WORKING)


def plain(value: Decimal, places: int = 6) -> str:
    """A number as a sentence prints it: no exponent, no idle zeros, at most `places` decimals."""
    text = format(round_half_up(value, places), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"


def _read(value: object) -> Decimal | None:
    """The exact decimal, or None for what is not a finite number. True and False are not numbers."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, int):
        return Decimal(value) if value.bit_length() < 256 else Decimal(_LARGEST)
    if isinstance(value, str):
        text = value.strip()
        return Decimal(text) if len(text) <= _LONGEST_TEXT and _NUMBER.fullmatch(text) else None
    return value if isinstance(value, Decimal) and value.is_finite() else None

"""How lengths, pressures, temperatures and weights are written on paper: the one place that rounds for printing.

Every value is turned into the shortest decimal text of the number that was given, so that no float noise is ever
printed, and is rounded once, half up. Factors: 1 in = 25.4 mm and 1 lb = 0.45359237 kg exactly (international yard and
pound agreement, 1959); 1 bar = 100 000 Pa; 1 psi = 6 894.757293168 Pa (NIST SP 811, appendix B).
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Final, Literal

Number = Decimal | float | int
LengthUnit = Literal["in", "ft", "mm", "cm", "m"]
Lengths = Literal["inch", "metric"] | LengthUnit
PressureUnit = Literal["psi", "bar", "MPa"]

NOT_KNOWN: Final = "not known"

_MM: Final[dict[str, Decimal]] = {
    "in": Decimal("25.4"),
    "ft": Decimal("304.8"),
    "mm": Decimal(1),
    "cm": Decimal(10),
    "m": Decimal(1000),
}
_BAR: Final[dict[str, Decimal]] = {"bar": Decimal(1), "MPa": Decimal(10), "psi": Decimal("0.06894757293168")}
# Decimals that still mean something on a tape measure: 0.001 in, 0.1 mm.
_TAPE: Final[dict[str, int]] = {"in": 3, "ft": 4, "mm": 1, "cm": 2, "m": 4}
# A crimp diameter is read from a calliper, whose limits are a few hundredths of a millimetre apart.
_CALLIPER: Final[dict[str, int]] = {"in": 4, "mm": 2}


@dataclass(frozen=True, slots=True)
class Length:
    """A length as it was given."""

    value: Number
    unit: LengthUnit


@dataclass(frozen=True, slots=True)
class Pressure:
    """A pressure as it was given."""

    value: Number
    unit: PressureUnit


@dataclass(frozen=True, slots=True)
class Temperature:
    """A temperature in degrees Celsius (`C`) or Fahrenheit (`F`)."""

    value: Number
    unit: Literal["C", "F"]


@dataclass(frozen=True, slots=True)
class Weight:
    """A mass in pounds or kilograms."""

    value: Number
    unit: Literal["lb", "kg"]


def shown_unit(lengths: Lengths) -> LengthUnit:
    """The unit that lengths are shown in first: inch and mm for the two systems, else the one asked for."""
    if lengths == "inch":
        return "in"
    return "mm" if lengths == "metric" else lengths


def exact(value: Number) -> Decimal | None:
    """The number as its shortest decimal text; None when it is not a finite number."""
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    # Beyond this no hose shop measures anything, and a quantize would overflow the decimal context.
    return number if number.is_finite() and abs(number) < Decimal("1e15") else None


def trimmed(value: Number, places: int) -> str:
    """The number rounded half up to `places` decimals, without trailing zeros: `32.25`, `7`, `0.188`."""
    number = exact(value)
    if number is None:
        return NOT_KNOWN
    text = format(number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def inch_fraction(inches: Decimal) -> str:
    """The customary fraction (`32-1/4`) when the length is a whole number of sixteenths, not of inches."""
    sixteenths = inches * 16
    if sixteenths != sixteenths.to_integral_value() or inches == inches.to_integral_value():
        return ""
    whole, rest = divmod(abs(int(sixteenths)), 16)
    part = Fraction(rest, 16)
    sign = "-" if inches < 0 else ""
    return f"{sign}{whole}-{part}" if whole else f"{sign}{part}"


def _other_unit(unit: LengthUnit) -> LengthUnit:
    return "mm" if unit in {"in", "ft"} else "in"


def converted(length: Length, unit: LengthUnit) -> Decimal | None:
    """The length in another unit, unrounded; exact when it is not converted at all."""
    value = exact(length.value)
    if value is None or length.unit == unit:
        return value
    return value * _MM[length.unit] / _MM[unit]


def length_text(length: Length | None, unit: LengthUnit) -> str:
    """A length as a tape measure reads it, the other system in brackets: `32.25 in (32-1/4 in, 819.2 mm)`."""
    first = None if length is None else converted(length, unit)
    if length is None or first is None:
        return NOT_KNOWN
    other = _other_unit(unit)
    second = converted(length, other)
    brackets = [] if second is None else [f"{trimmed(second, _TAPE[other])} {other}"]
    fraction = inch_fraction(first) if unit == "in" else ""
    if fraction:
        brackets.insert(0, f"{fraction} in")
    return f"{trimmed(first, _TAPE[unit])} {unit} ({', '.join(brackets)})"


def fine_length_text(length: Length | None, unit: LengthUnit) -> str:
    """A length as a calliper reads it (crimp diameter, skive, insertion depth): to 0.01 mm or 0.0001 in."""
    unit = "in" if unit in {"in", "ft"} else "mm"
    other = _other_unit(unit)
    first = None if length is None else converted(length, unit)
    second = None if length is None else converted(length, other)
    if first is None or second is None:
        return NOT_KNOWN
    return f"{trimmed(first, _CALLIPER[unit])} {unit} ({trimmed(second, _CALLIPER[other])} {other})"


def tolerance_text(plus: Length | None, minus: Length | None, unit: LengthUnit, *, fine: bool = False) -> str:
    """A tolerance: `±0.25 in (±6.4 mm)` when both sides are equal, else `+7 / -3 mm (+0.276 / -0.118 in)`.

    A side that is not given is zero; nothing at all when neither is.
    """
    if plus is None and minus is None:
        return ""
    places = _CALLIPER if fine else _TAPE
    if fine:
        unit = "in" if unit in {"in", "ft"} else "mm"
    zero = Length(0, unit)

    def side(show: LengthUnit) -> str:
        up, down = (trimmed(abs(converted(each or zero, show) or Decimal(0)), places[show]) for each in (plus, minus))
        return f"±{up} {show}" if up == down else f"+{up} / -{down} {show}"

    return f"{side(unit)} ({side(_other_unit(unit))})"


def limits_text(target: Length | None, plus: Length | None, minus: Length | None, unit: LengthUnit) -> str:
    """The smallest and largest diameter that pass, `31.47 ... 31.77 mm`; nothing without a target or a tolerance."""
    unit = "in" if unit in {"in", "ft"} else "mm"
    middle = None if target is None else converted(target, unit)
    if middle is None or (plus is None and minus is None):
        return ""
    zero = Length(0, unit)
    up, down = (abs(converted(each or zero, unit) or Decimal(0)) for each in (plus, minus))
    places = _CALLIPER[unit]
    return f"{trimmed(middle - down, places)} ... {trimmed(middle + up, places)} {unit}"


def pressure_text(pressure: Pressure | None, unit: PressureUnit = "psi") -> str:
    """A pressure in psi and bar, the unit asked for first: `3250 psi (224.1 bar)`."""
    value = None if pressure is None else exact(pressure.value)
    if pressure is None or value is None:
        return NOT_KNOWN
    bar = value if pressure.unit == "bar" else value * _BAR[pressure.unit]
    psi = value if pressure.unit == "psi" else bar / _BAR["psi"]
    both = {"psi": f"{trimmed(psi, 0)} psi", "bar": f"{trimmed(bar, 1)} bar"}
    first: Literal["psi", "bar"] = "psi" if unit == "psi" else "bar"
    return f"{both[first]} ({both['bar' if first == 'psi' else 'psi']})"


def temperature_range_text(low: Temperature | None, high: Temperature | None) -> str:
    """A temperature range in both scales, as given first: `-40 to 100 °C (-40 to 212 °F)`."""
    if low is None and high is None:
        return NOT_KNOWN
    given = (low or high).unit  # type: ignore[union-attr]  # one of the two is there

    def side(scale: Literal["C", "F"]) -> str:
        bounds = [NOT_KNOWN if each is None else trimmed(_degrees(each, scale), 0) for each in (low, high)]
        return f"{bounds[0]} to {bounds[1]} °{scale}"

    return f"{side(given)} ({side('F' if given == 'C' else 'C')})"


def _degrees(temperature: Temperature, scale: Literal["C", "F"]) -> Number:
    value = exact(temperature.value)
    if value is None or temperature.unit == scale:
        return temperature.value
    return value * 9 / 5 + 32 if scale == "F" else (value - 32) * 5 / 9


def weight_text(weight: Weight | None, *, metric: bool = False) -> str:
    """A weight in both systems, to a thousandth: `1.406 lb (0.638 kg)`."""
    value = None if weight is None else exact(weight.value)
    if weight is None or value is None:
        return NOT_KNOWN
    factor = Decimal("0.45359237")
    pounds = value if weight.unit == "lb" else value / factor
    kilograms = value if weight.unit == "kg" else value * factor
    both = (f"{trimmed(pounds, 3)} lb", f"{trimmed(kilograms, 3)} kg")
    return f"{both[1]} ({both[0]})" if metric else f"{both[0]} ({both[1]})"


def angle_text(degrees: Number | None) -> str:
    """An angle in degrees: `90°`."""
    return NOT_KNOWN if degrees is None or exact(degrees) is None else f"{trimmed(degrees, 1)}°"


def quantity_text(quantity: Number | None) -> str:
    """A quantity to four decimals, as bills of material count hose: `32.375`."""
    return "" if quantity is None else trimmed(quantity, 4)


def money_text(amount: Number | None, places: int = 2) -> str:
    """An amount of money with its minor units written out: `34.68`; the currency is said once by the table."""
    value = None if amount is None else exact(amount)
    if value is None:
        return "" if amount is None else NOT_KNOWN
    return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"


def unit_price_text(amount: Number | None, places: int = 2) -> str:
    """A price per unit, which may be a fraction of a cent: up to two decimals more than the currency has, `4.5045`.

    One below the minor unit has up to six, as answers do: `0.000125` is nothing that two or four decimals could say.
    """
    value = None if amount is None else exact(amount)
    small = value is not None and abs(value) < Decimal(1).scaleb(-places)
    whole, fine = money_text(amount, places), money_text(amount, 6 if small else places + 2)
    return whole if fine.rstrip("0").rstrip(".") == whole.rstrip("0").rstrip(".") else fine.rstrip("0")

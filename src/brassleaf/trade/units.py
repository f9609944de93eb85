"""Units of length, pressure and mass: their spellings and the exact factors between them.

Parsing and converting are apart, because a document answers in the spelling that it was given: keep the text, parse it
when computing. 1 in = 25.4 mm, 1 lb = 0.45359237 kg and g = 9.80665 m/s2 are exact by definition, and with them
1 psi = 0.45359237 x 9.80665 / 0.0254^2 Pa. Sources: CONVENTIONS.md (Units); sections 6 to 8.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal, TypeVar, cast

from brassleaf.errors import Refused
from brassleaf.trade.numbers import Number, decimal_of, exactly, number_of

LengthUnit = Literal["in", "ft", "mm", "cm", "m"]
PressureUnit = Literal["psi", "bar", "MPa"]
MassUnit = Literal["lb", "kg"]
StockUnit = Literal["in", "ft", "mm", "cm", "m", "each"]
TemperatureUnit = Literal["C", "F"]
U = TypeVar("U", bound=str)

_LENGTH_SPELLINGS: Mapping[str, LengthUnit] = {
    **dict.fromkeys(("in", "inch", "inches", '"'), "in"),
    **dict.fromkeys(("ft", "foot", "feet", "'"), "ft"),
    "mm": "mm",
    "cm": "cm",
    "m": "m",
}
_PRESSURE_SPELLINGS: Mapping[str, PressureUnit] = {"psi": "psi", "bar": "bar", "MPa": "MPa"}
_MASS_SPELLINGS: Mapping[str, MassUnit] = {"lb": "lb", "kg": "kg"}
_STOCK_SPELLINGS: Mapping[str, StockUnit] = {
    **_LENGTH_SPELLINGS,
    **dict.fromkeys(("each", "ea", "pc", "pcs", "piece", "pieces"), "each"),
}
_TEMPERATURE_SPELLINGS: Mapping[str, TemperatureUnit] = {"C": "C", "°C": "C", "F": "F", "°F": "F"}

_MILLIMETRES: Mapping[LengthUnit, Decimal] = {
    "in": Decimal("25.4"),
    "ft": Decimal("304.8"),
    "mm": Decimal(1),
    "cm": Decimal(10),
    "m": Decimal(1000),
}
_KILOGRAMS: Mapping[MassUnit, Decimal] = {"lb": Decimal("0.45359237"), "kg": Decimal(1)}
# A pressure is a force over an area; kept as the pair, so that a conversion divides once.
_PASCALS: Mapping[PressureUnit, tuple[Decimal, Decimal]] = {
    "psi": (Decimal("0.45359237") * Decimal("9.80665"), Decimal("0.0254") ** 2),
    "bar": (Decimal(100_000), Decimal(1)),
    "MPa": (Decimal(1_000_000), Decimal(1)),
}


# The same tables by folded spelling: units are read many times in every price.
_FOLDED: Mapping[int, Mapping[str, str]] = {
    id(table): {spelling.casefold(): unit for spelling, unit in table.items()}
    for table in (
        _LENGTH_SPELLINGS,
        _PRESSURE_SPELLINGS,
        _MASS_SPELLINGS,
        _STOCK_SPELLINGS,
        _TEMPERATURE_SPELLINGS,
    )
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with its unit, in the spelling that it was given: `Measure.of(12.5, "Inches", "length")`."""

    value: Decimal
    unit: str

    @classmethod
    def of(cls, value: Number, unit: str, field: str) -> "Measure":
        """A measure from outside; the number is checked here, the unit when it is first computed with."""
        return cls(decimal_of(value, field), unit)


def parse_length_unit(text: str | None, field: str, default: LengthUnit | None = None) -> LengthUnit:
    """The length unit meant by a spelling in any case; `default` when there is none. Refused when unknown."""
    return _parse(text, _LENGTH_SPELLINGS, field, default)


def parse_pressure_unit(text: str | None, field: str, default: PressureUnit | None = None) -> PressureUnit:
    """The pressure unit meant by a spelling in any case; `default` when there is none. Refused when unknown."""
    return _parse(text, _PRESSURE_SPELLINGS, field, default)


def parse_mass_unit(text: str | None, field: str, default: MassUnit | None = None) -> MassUnit:
    """The mass unit meant by a spelling in any case; `default` when there is none. Refused when unknown."""
    return _parse(text, _MASS_SPELLINGS, field, default)


def parse_stock_unit(text: str | None, field: str, default: StockUnit | None = None) -> StockUnit:
    """The unit in which a part is stocked and priced: a length, or each (ea, pc, pcs, piece). Refused when unknown."""
    return _parse(text, _STOCK_SPELLINGS, field, default)


def parse_temperature_unit(text: str | None, field: str, default: TemperatureUnit | None = None) -> TemperatureUnit:
    """Degrees Celsius or Fahrenheit, with or without the ring. Refused when unknown."""
    return _parse(text, _TEMPERATURE_SPELLINGS, field, default)


@lru_cache(maxsize=4096, typed=True)  # the same cut-offs and kerfs are converted for every price
@exactly
def convert_length(value: Number, from_: str, to: str, field: str = "length") -> Decimal:
    """A length in another unit, unrounded: 32.25 in = 819.15 mm. Unknown units are refused at `<field>Unit`."""
    source, target = parse_length_unit(from_, f"{field}Unit"), parse_length_unit(to, f"{field}Unit")
    return number_of(value, field) * _MILLIMETRES[source] / _MILLIMETRES[target]


@exactly
def convert_pressure(value: Number, from_: str, to: str, field: str = "pressure") -> Decimal:
    """A pressure in another unit, unrounded: 3250 psi = 224.1 bar. Source: the definition of the units; section 6."""
    force, area = _PASCALS[parse_pressure_unit(from_, f"{field}Unit")]
    target_force, target_area = _PASCALS[parse_pressure_unit(to, f"{field}Unit")]
    number = number_of(value, field)
    return (
        number if (force, area) == (target_force, target_area) else number * force * target_area / (area * target_force)
    )


@exactly
def convert_mass(value: Number, from_: str, to: str, field: str = "mass") -> Decimal:
    """A mass in another unit, unrounded: 1 lb = 0.45359237 kg. Source: section 7."""
    source, target = parse_mass_unit(from_, f"{field}Unit"), parse_mass_unit(to, f"{field}Unit")
    return number_of(value, field) * _KILOGRAMS[source] / _KILOGRAMS[target]


@exactly
def convert_per_length(value: Number, from_: str, to: str, field: str = "price") -> Decimal:
    """What one unit of length costs or weighs, for another unit: 6.40 per ft = 20.9974 per m. Source: section 9."""
    source, target = parse_length_unit(from_, f"{field}Unit"), parse_length_unit(to, f"{field}Unit")
    return number_of(value, field) * _MILLIMETRES[target] / _MILLIMETRES[source]


@exactly
def convert_mass_per_length(value: Number, from_: str, to: str, field: str = "weight") -> Decimal:
    """A hose's mass per length, units written as mass/length: 1 lb/ft = 1.488164 kg/m. Source: section 7."""
    mass, length = parse_mass_per_length_unit(from_, f"{field}Unit")
    target_mass, target_length = parse_mass_per_length_unit(to, f"{field}Unit")
    top = number_of(value, field) * _KILOGRAMS[mass] * _MILLIMETRES[target_length]
    return top / (_MILLIMETRES[length] * _KILOGRAMS[target_mass])


def parse_mass_per_length_unit(text: str, field: str) -> tuple[MassUnit, LengthUnit]:
    """The two units of `lb/ft`, `kg/m` and their like. Refused when either is unknown."""
    mass, slash, length = text.partition("/")
    if not slash:
        raise Refused.field(field, f"Use a mass over a length, such as lb/ft or kg/m; {text!r} is neither.")
    return parse_mass_unit(mass, field), parse_length_unit(length, field)


@exactly
def convert_temperature(value: Number, from_: str, to: str, field: str = "temperature") -> Decimal:
    """A temperature in degrees Celsius or Fahrenheit, unrounded."""
    source = parse_temperature_unit(from_, f"{field}Unit")
    target = parse_temperature_unit(to, f"{field}Unit")
    number = number_of(value, field)
    if source == target:
        return number
    return (number - 32) * 5 / 9 if source == "F" else number * 9 / 5 + 32


@lru_cache(maxsize=1024)
def _meant(text: str, table: int) -> str | None:
    return _FOLDED[table].get(text.strip().casefold())


def _parse(text: str | None, spellings: Mapping[str, U], field: str, default: U | None) -> U:
    if text is not None and text in spellings:
        return spellings[text]
    unit = _meant(text, id(spellings)) if isinstance(text, str) else None
    if unit is not None:
        return cast("U", unit)
    key = text.strip() if isinstance(text, str) else ""
    if not key and default is not None:
        return default
    given = f"{text!r} is not a unit" if key else "No unit is given"
    raise Refused.field(field, f"{given}; use one of {', '.join(spellings)}.")

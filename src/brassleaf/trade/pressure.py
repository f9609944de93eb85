"""Working, proof and burst pressure of an assembly, and the temperatures that its hose is rated for.

An assembly is as strong as its weakest part: SAE J517 takes the lowest working pressure of the hose and both ends.
Proof is twice and burst four times working pressure; the factors are settings. Burst pressure and design factor are
never printed on a hose. Source: section 6 (SAE J517, ISO 7751, Parker, cnflex).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from brassleaf.errors import Refused
from brassleaf.trade.numbers import Number, exactly, number_of, plain, positive
from brassleaf.trade.units import Measure, convert_pressure, convert_temperature

PROOF_FACTOR = Decimal(2)
BURST_FACTOR = Decimal(4)


@dataclass(frozen=True, slots=True)
class WorkingPressure:
    """An assembly's working pressure, the parts that limit it, and those whose rating is unknown (then it is None)."""

    value: Decimal | None
    unit: str | None
    limiting: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProofAndBurst:
    """Test pressures in the unit of the working pressure, unrounded."""

    proof: Decimal
    burst: Decimal


def working_pressure(parts: Mapping[str, Measure | None], unit: str | None = None) -> WorkingPressure:
    """The lowest rating among the parts (`{"hose": ..., "end1": ..., "end2": ...}`), each in its own unit.

    Answers in `unit`, else in the unit of the first part that has a rating (name the hose first). A part whose rating
    is None makes the answer None and is named in `unknown`; never a guess. Parts of equal rating are all limiting.
    Refused, naming the part: a rating that is not above zero, an unknown unit. Source: section 6 (SAE J517).
    """
    spelling = unit or next((rating.unit for rating in parts.values() if rating is not None), None)
    ratings: dict[str, Decimal] = {}
    for part, rating in parts.items():
        if rating is not None and spelling is not None:
            ratings[part] = convert_pressure(positive(rating.value, part), rating.unit, spelling, part)
    unknown = tuple(part for part in parts if part not in ratings)
    if unknown or not ratings:
        return WorkingPressure(None, spelling, (), unknown)
    lowest = min(ratings.values())
    return WorkingPressure(lowest, spelling, tuple(part for part, rating in ratings.items() if rating == lowest))


@exactly
def proof_and_burst(
    working: Number,
    proof_factor: Number = PROOF_FACTOR,
    burst_factor: Number = BURST_FACTOR,
    field: str = "workingPressure",
) -> ProofAndBurst:
    """Test pressures from working pressure: 100 bar gives 200 and 400.

    Refused: a factor below 1, or a burst factor below the proof factor. Source: section 6 (ISO 7751, blog.parker.com).
    """
    pressure = positive(working, field)
    proof, burst = number_of(proof_factor, "proofFactor"), number_of(burst_factor, "burstFactor")
    if proof < 1:
        raise Refused.field("proofFactor", "Use a factor of 1 or more.")
    if burst < proof:
        raise Refused.field("burstFactor", "Use a factor that is not below the proof factor.")
    return ProofAndBurst(pressure * proof, pressure * burst)


def factor_in_range(
    temperature: Number, unit: str, lowest: Number | None, highest: Number | None, field: str = "temperature"
) -> Decimal:
    """The factor of a hose without a table: 1 within its temperature range (bounds in `unit`), refused outside.

    Refused too when the range is not known. Source: section 6 (no numeric chart for rubber hose could be found).
    """
    degrees = convert_temperature(temperature, unit, unit, field)
    if lowest is None or highest is None:
        raise Refused.field(field, "The hose's temperature range is not known; enter it, or a table of factors.")
    low, high = number_of(lowest, "lowestTemperature"), number_of(highest, "highestTemperature")
    if not low <= degrees <= high:
        raise Refused.field(
            field, f"The hose is rated from {plain(low)} to {plain(high)} {unit}; use a temperature within."
        )
    return Decimal(1)

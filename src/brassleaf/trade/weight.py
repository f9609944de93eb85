"""Weight of an assembly: a plain sum of its pieces and of what is cut from a length.

weight = hose per length x cut length + ends + ferrules + wrap per length x wrap length. Source: section 7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from brassleaf.trade.numbers import exactly, not_negative
from brassleaf.trade.units import Measure, convert_length, convert_mass, convert_mass_per_length, parse_mass_unit


@dataclass(frozen=True, slots=True)
class Run:
    """What is cut from a length, hose or wrap: its mass per length (`lb/ft`, `kg/m`) and length; None is unknown."""

    mass_per_length: Measure | None
    length: Measure | None


@dataclass(frozen=True, slots=True)
class Weight:
    """An assembly's weight, unrounded; None when any part in `missing` has no figure."""

    value: Decimal | None
    unit: str
    missing: tuple[str, ...] = ()


@exactly
def assembly_weight(runs: Mapping[str, Run], pieces: Mapping[str, Measure | None], unit: str = "lb") -> Weight:
    """The sum of all parts in `unit`: 0.30 lb/ft x 2.6875 ft + 2 x 0.22 + 2 x 0.08 = 1.40625 lb.

    Keys name the parts (`hose`, `wrap`; `end1`, `ferrule1`); a part that is not fitted is left out, a part whose weight
    is not known is None and makes the answer None. Refused, naming the part: a negative figure, an unknown unit.
    """
    mass = parse_mass_unit(unit, "weightUnit")
    total, missing = Decimal(0), []
    for name, run in runs.items():
        if run.mass_per_length is None or run.length is None:
            missing.append(name)
            continue
        per_length = not_negative(run.mass_per_length.value, name)
        feet = convert_length(not_negative(run.length.value, name), run.length.unit, "ft", name)
        total += convert_mass_per_length(per_length, run.mass_per_length.unit, f"{mass}/ft", name) * feet
    for name, piece in pieces.items():
        if piece is None:
            missing.append(name)
        else:
            total += convert_mass(not_negative(piece.value, name), piece.unit, mass, name)
    return Weight(None if missing else total, unit, tuple(missing))

"""How much of a hose a wrap covers: all, a length from one end, both ends, from here to there (domain.md section 1)."""

from decimal import Decimal

from brassleaf.catalog.wraps.models import COVERAGES, FULL
from brassleaf.errors import Refused
from brassleaf.store.collections import Document
from brassleaf.trade.numbers import decimal_of, exactly
from brassleaf.trade.units import Measure, convert_length

_FIELD = "wrapStyle.coverage"


@exactly
def covered(style: Document | None, cut: Measure) -> list[tuple[Decimal, Decimal]]:
    """The covered spans of the cut hose from end 1, in the unit of the cut length; the whole hose if nothing is said.

    Raises Refused for a coverage that is not known, lacks its length or reaches beyond the hose.
    """
    coverage = (style or {}).get("coverage") or {}
    kind = str(coverage.get("coverageType") or FULL).strip().casefold()
    unit = str(coverage.get("unit") or cut.unit)
    if kind in (FULL, "full length"):
        return [(Decimal(0), cut.value)]
    if kind not in COVERAGES:
        raise Refused.field(f"{_FIELD}.coverageType", f"Use one of {', '.join(COVERAGES)}.")
    start = convert_length(decimal_of(coverage.get("start") or 0, _FIELD), unit, cut.unit, _FIELD)
    if coverage.get("end") is None:
        raise Refused.field(f"{_FIELD}.end", "Give the length that is covered.")
    end = convert_length(decimal_of(coverage["end"], _FIELD), unit, cut.unit, _FIELD)
    spans = {
        "from end 1": [(Decimal(0), end)],
        "from end 2": [(cut.value - end, cut.value)],
        "both ends": [(Decimal(0), end), (cut.value - end, cut.value)],
        "custom": [(start, end)],
    }[kind]
    if any(not 0 <= first < last <= cut.value for first, last in spans):
        raise Refused.field(f"{_FIELD}.end", "The wrap must lie on the hose, and its end behind its start.")
    if kind == "both ends" and 2 * end > cut.value:
        raise Refused.field(f"{_FIELD}.end", "Wraps from both ends meet; use full coverage.")
    return spans


def covered_length(style: Document | None, cut: Measure) -> Measure:
    """How much wrap is needed."""
    return Measure(sum((last - first for first, last in covered(style, cut)), Decimal(0)), cut.unit)

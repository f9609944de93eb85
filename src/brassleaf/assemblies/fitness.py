"""What speaks against putting these parts together: size, series, ferrule, pressure, temperature, orientation, wrap."""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from brassleaf.catalog.facts import ferrule_facts, fitting_facts, measure
from brassleaf.errors import FieldError, Refused
from brassleaf.store.collections import Document
from brassleaf.trade.length import is_straight
from brassleaf.trade.matching import HoseFacts, Match, match
from brassleaf.trade.numbers import decimal_of, plain
from brassleaf.trade.pressure import factor_in_range
from brassleaf.trade.units import Measure, convert_pressure

ENDS = ("end1", "end2")
#: Whether parts fit is worked out once for the same parts: they are priced and printed many times.
_match = lru_cache(maxsize=1024)(match)


def matched(hose: HoseFacts, parts: Mapping[str, Document], end: str) -> Match:
    """Whether and how an end is crimped to the hose."""
    return _match(hose, fitting_facts(parts[end]), ferrule_facts(parts.get(f"ferrule{end[-1]}")))


def straight_ends(parts: Mapping[str, Document]) -> list[str]:
    """The ends that are known to be straight: with one of them there is nothing to turn."""
    return [end for end in ENDS if end in parts and is_straight(parts[end].get("shape"))]


def objections(fields: Document, parts: Mapping[str, Document], matches: Mapping[str, Match]) -> list[FieldError]:
    """Every reason why these parts do not make an assembly, by the part or field that it is about."""
    return [
        *(FieldError(end, reason.sentence) for end, found in matches.items() for reason in found.reasons),
        *_pressures(fields, parts),
        *_temperatures(fields, parts["hose"]),
        *_orientation(fields, parts),
        *_wrap(parts["hose"], parts.get("wrap")),
    ]


def _pressures(fields: Document, parts: Mapping[str, Document]) -> list[FieldError]:
    """Each of hose and ends must stand what is required (domain.md section 6); one that is not known promises nothing.

    That the assembly as a whole stands no more than its weakest part follows.
    """
    required = measure(fields.get("requiredPressure"), "requiredPressure")
    if required is None:
        return []
    found = []
    asked = f"{plain(required.value)} {required.unit}"
    for role in ("hose", *ENDS):
        if role not in parts:
            continue
        number, rating = parts[role]["partNumber"], measure(parts[role].get("workingPressure"), role)
        if rating is None:
            found.append(FieldError(role, f"The working pressure of {number} is not known; {asked} is required."))
        elif _below(rating, required):
            found.append(
                FieldError(role, f"{number} is rated {plain(rating.value)} {rating.unit}; {asked} is required.")
            )
    return found


def _below(rating: Measure, required: Measure) -> bool:
    return convert_pressure(rating.value, rating.unit, required.unit) < required.value


def _temperatures(fields: Document, hose: Document) -> list[FieldError]:
    """The hose must be made for the temperatures of the application; within its range nothing is taken off."""
    names = ("requiredMinTemperatureC", "requiredMaxTemperatureC")
    asked = [decimal_of(fields[name], name) for name in names if fields.get(name) is not None]
    if not asked:
        return []
    low, high = (_degrees(hose, name) for name in ("minTemperatureC", "maxTemperatureC"))
    reasons: list[str] = []
    for degrees in asked:
        try:
            factor_in_range(degrees, "C", low, high)
        except Refused as refusal:
            reasons += [f"{hose['partNumber']}, {plain(degrees)} °C required: {e.message}" for e in refusal.errors]
    return [FieldError("hose", reason) for reason in dict.fromkeys(reasons)]


def _degrees(hose: Document, name: str) -> Decimal | None:
    return None if hose.get(name) is None else decimal_of(hose[name], name)


def _orientation(fields: Document, parts: Mapping[str, Document]) -> list[FieldError]:
    if not fields.get("orientationAngle") or not (straight := straight_ends(parts)):
        return []
    text = f"An orientation needs two bent ends; {' and '.join(straight)} is straight."
    return [FieldError("orientationAngle", text)]


def _wrap(hose: Document, wrap: Document | None) -> list[FieldError]:
    inside, outside = (wrap or {}).get("innerDiammm"), hose.get("outerDiammm")
    if wrap is None or inside is None or outside is None or inside >= outside:
        return []
    text = f"{wrap['partNumber']} is {inside:g} mm wide inside; the hose is {outside:g} mm thick."
    return [FieldError("wrap", text)]

"""Builds an assembly from its parts: what fits, lengths, tolerance, pressure, weight, description. No I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from brassleaf.assemblies.fitness import ENDS, matched, objections
from brassleaf.assemblies.models import PARTS
from brassleaf.assemblies.parts import cut_offs
from brassleaf.assemblies.tolerances import tolerance_of
from brassleaf.assemblies.wraps import covered, covered_length
from brassleaf.catalog.facts import crimp_spec, hose_facts, measure, stored_spec
from brassleaf.catalog.hoses.models import bore_inch
from brassleaf.errors import FieldError, Refused
from brassleaf.store.collections import Document
from brassleaf.trade.length import Convention, Lengths, is_straight, lengths
from brassleaf.trade.matching import Match
from brassleaf.trade.numbers import exactly, plain, round_half_up
from brassleaf.trade.pressure import WorkingPressure, working_pressure
from brassleaf.trade.tolerance import Tolerance
from brassleaf.trade.units import Measure
from brassleaf.trade.weight import Run, Weight, assembly_weight

#: Lengths are kept to this many decimals of the assembly's unit: finer than any tape, coarser than a double's noise.
_PLACES = 6


@dataclass(frozen=True, slots=True)
class Build:
    """An assembly as its parts make it: `specs` are the hose's records of how its ends are crimped.

    `basis` is the length that is taken from the hose: the cut length, or the stated one while that is not known.
    """

    parts: Mapping[str, Document]
    matches: Mapping[str, Match]
    specs: Mapping[str, Document]
    lengths: Lengths
    basis: Measure
    tolerance: Tolerance | None
    pressure: WorkingPressure
    weight: Weight
    wrap_length: Measure | None
    wrap_spans: tuple[tuple[Decimal, Decimal], ...] = ()

    @property
    def cut(self) -> Measure | None:
        """The cut length with its unit."""
        return None if self.lengths.cut is None else Measure(self.lengths.cut, self.lengths.unit)

    def part_length(self, role: str) -> Measure | None:
        """The length of what is cut from a length; None for what counts by the piece."""
        return {"hose": self.basis, "wrap": self.wrap_length}.get(role)


@exactly
def build(fields: Document, parts: Mapping[str, Document], organization: Document | None = None) -> Build:
    """Put an assembly together. Raises Refused with every reason why it cannot be built.

    Without an organization tolerance, pressure, weight and the records of the crimps are left out: a price needs none.
    """
    hose = parts["hose"]
    facts = hose_facts(hose)
    matches = {end: matched(facts, parts, end) for end in ENDS if end in parts}
    errors = objections(fields, parts, matches)
    measured = _collect(errors, lambda: _lengths(fields, parts))
    if measured is None:
        raise Refused.fields(errors)
    cut = None if measured.cut is None else Measure(measured.cut, measured.unit)
    basis = cut or Measure(measured.overall, measured.unit)
    spans = _collect(errors, lambda: _wrapped(fields, parts, basis))
    if errors:
        raise Refused.fields(errors)
    wrap_length = _wrap_length(fields, parts, basis)
    return Build(
        parts=parts,
        matches=matches,
        specs=_records(hose, matches) if organization else {},
        lengths=measured,
        basis=basis,
        tolerance=tolerance_of(measured, hose, organization) if organization else None,
        pressure=_pressure(parts) if organization else WorkingPressure(None, None),
        weight=_weight(parts, cut, wrap_length) if organization else Weight(None, "lb"),
        wrap_length=wrap_length,
        wrap_spans=spans,
    )


def as_released(document: Document, parts: Mapping[str, Document]) -> Build:
    """A final assembly from the figures that it was released with, whatever its parts have become since.

    Lengths, tolerance, working pressure and crimp data are those of its release; the parts describe themselves.
    """
    missing = set(document.get("notKnown") or [])
    unit = str(document["lengthUnit"])
    ends = tuple(end for end in ENDS if _no_cut_off(end) in missing)
    overall, cut, first, second = (_read(document, n) for n in ("overallLength", "cutLength", "cutOff1", "cutOff2"))
    basis = Measure(next(n for n in (cut, overall, _read(document, "length")) if n is not None), unit)
    fits = document.get("crimpSpecs") or {}
    specs = {end: fits[end]["crimpSpec"] for end in ENDS if end in parts and fits.get(end, {}).get("crimpSpec")}
    try:
        spans, wrap_length = _wrapped(document, parts, basis), _wrap_length(document, parts, basis)
    except Refused:
        spans, wrap_length = (), basis if "wrap" in parts else None
    return Build(
        parts=parts,
        matches={
            end: Match(fits=True, crimp_spec=crimp_spec(spec), source=spec["source"]) for end, spec in specs.items()
        },
        specs=specs,
        lengths=Lengths(unit, overall, cut, first, second, ends),
        basis=basis,
        tolerance=_released_tolerance(document.get("tolerance")),
        pressure=_released_pressure(document, missing),
        weight=Weight(_read(document, "WeightLbs"), "lb"),
        wrap_length=wrap_length,
        wrap_spans=spans,
    )


def _released_tolerance(found: Document | None) -> Tolerance | None:
    if not found:
        return None
    plus, minus = _read(found, "plus"), _read(found, "minus")
    if plus is None or minus is None:
        return None
    return Tolerance(plus, minus, str(found["unit"]), str(found["table"]), bool(found["confirmed"]), found.get("note"))


def _released_pressure(document: Document, missing: set[str]) -> WorkingPressure:
    found = document.get("workingPressure")
    unknown = tuple(role for role in ("hose", *ENDS) if _no_rating(role) in missing)
    if not found:
        return WorkingPressure(None, None, (), unknown)
    return WorkingPressure(
        _read(found, "value"), str(found["unit"]), tuple(document.get("workingPressureLimitedBy") or ()), unknown
    )


def _read(document: Document, name: str) -> Decimal | None:
    """A figure that was computed, and so may have more digits than one from outside."""
    value = document.get(name)
    return None if value is None else Decimal(str(value))


def _collect(errors: list[FieldError], work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Refused as refusal:
        errors.extend(refusal.errors or [FieldError("", refusal.message)])
        return None


def _records(hose: Document, matches: Mapping[str, Match]) -> dict[str, Document]:
    """The hose's own records of how its ends are crimped."""
    found = {end: stored_spec(hose, hose_facts(hose), match.crimp_spec) for end, match in matches.items()}
    return {end: record for end, record in found.items() if record is not None}


def _pressure(parts: Mapping[str, Document]) -> WorkingPressure:
    # an end that is not chosen yet is as unknown as one without a rating
    return working_pressure(
        {role: measure(parts.get(role, {}).get("workingPressure"), role) for role in ("hose", *ENDS)}
    )


def _wrapped(fields: Document, parts: Mapping[str, Document], basis: Measure) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple(covered(fields.get("wrapStyle"), basis)) if "wrap" in parts else ()


def _wrap_length(fields: Document, parts: Mapping[str, Document], basis: Measure) -> Measure | None:
    return covered_length(fields.get("wrapStyle"), basis) if "wrap" in parts else None


def _lengths(fields: Document, parts: Mapping[str, Document]) -> Lengths:
    by_cut = bool(fields.get("definedByCutLength"))
    convention = Convention.CUT_LENGTH if by_cut else Convention(fields.get("lengthConvention") or Convention.REFERENCE)
    return lengths(
        fields["length"],
        str(fields["lengthUnit"]),
        cut_offs(parts.get("end1")),
        cut_offs(parts.get("end2")),
        convention=convention,
    )


def _weight(parts: Mapping[str, Document], cut: Measure | None, wrap_length: Measure | None) -> Weight:
    runs = {"hose": Run(measure(parts["hose"].get("weightPerLength"), "hose"), cut)}
    if "wrap" in parts:
        runs["wrap"] = Run(measure(parts["wrap"].get("weightPerLength"), "wrap"), wrap_length)
    pieces = {
        role: None if parts[role].get("weightLbs") is None else Measure.of(parts[role]["weightLbs"], "lb", role)
        for role in parts
        if role not in runs
    }
    return assembly_weight(runs, pieces)


def _unknown(built: Build, fields: Document) -> list[str]:
    weights = () if fields.get("manualWeight") else built.weight.missing
    return [
        *map(_no_cut_off, built.lengths.missing),
        *map(_no_rating, built.pressure.unknown),
        *(f"weight of {part}" for part in weights),
    ]


def _no_cut_off(end: str) -> str:
    return f"cut-off of {end}"


def _no_rating(part: str) -> str:
    return f"working pressure of {part}"


def computed(built: Build, fields: Document) -> Document:
    """What an assembly stores of what was computed; what is not known is None."""
    parts = built.parts
    found: Document = {
        **{f"{role}Brand": parts[role]["brand"] if role in parts else None for role in PARTS},
        **{f"{role}PartNumber": parts[role]["partNumber"] if role in parts else None for role in PARTS},
        **{role: parts[role]["_id"] for role in PARTS if role in parts},
        "overallLength": _kept(built.lengths.overall),
        "cutLength": _kept(built.lengths.cut),
        "cutOff1": _kept(built.lengths.cut_off1),
        "cutOff2": _kept(built.lengths.cut_off2),
        "tolerance": _shown_tolerance(built.tolerance),
        "workingPressure": _shown_pressure(built.pressure),
        "workingPressureLimitedBy": list(built.pressure.limiting) or None,
        "notKnown": _unknown(built, fields) or None,
        "sampleData": sample_parts(built) or None,
    }
    if not fields.get("manualWeight"):
        found["WeightLbs"] = None if built.weight.value is None else float(round_half_up(built.weight.value, _PLACES))
    if not fields.get("manualDescription"):
        found["description"] = description(built)
    return found


def fit(found: Match, spec: Document | None) -> Document:
    """Whether an end fits, why not, and how it is crimped, as it is shown and kept."""
    return {"fits": found.fits, "reasons": [reason.sentence for reason in found.reasons], "crimpSpec": spec}


def sample_parts(built: Build) -> list[str]:
    """The parts and crimp specifications with sample figures, and which: they are marked on every document."""
    found = [(f"{role} {part['partNumber']}", part) for role in PARTS if (part := built.parts.get(role)) is not None]
    found += [(f"crimp of {end}", spec) for end, spec in built.specs.items()]
    return [f"{name}: {', '.join(holder['sampleData'])}" for name, holder in found if holder.get("sampleData")]


def description(built: Build) -> str:
    """What an assembly is, in a line: hose, size, length, ends."""
    hose = built.parts["hose"]
    bore = bore_inch(hose)
    size = f'{bore}"' if bore else str(hose.get("size") or "")
    length = built.lengths.overall if built.lengths.overall is not None else built.lengths.cut
    kind = hose.get("spec") or hose.get("series") or hose["partNumber"]
    ends = " x ".join(_end_text(built.parts[end]) for end in ENDS if end in built.parts)
    measured = f"{plain(length, 3)} {built.lengths.unit}" if length is not None else ""
    return ", ".join(text for text in (f"{size} {kind}".strip(), measured, ends) if text)[:500]


def _end_text(fitting: Document) -> str:
    shape = fitting.get("shape")
    angle = "" if shape is None or is_straight(shape) else f"{shape}°" if str(shape).isdigit() else str(shape)
    words = (fitting.get("style") or fitting["partNumber"], fitting.get("gender"), fitting.get("swivel"))
    return " ".join(str(word) for word in (*words, fitting.get("dashSize"), angle) if word)


def _kept(value: Decimal | None) -> float | None:
    return None if value is None else float(round_half_up(value, _PLACES))


def _shown_tolerance(found: Tolerance | None) -> Document | None:
    if found is None:
        return None
    shown = {"plus": _kept(found.plus), "minus": _kept(found.minus), "unit": found.unit, "table": found.table}
    return {**shown, "confirmed": found.confirmed, **({"note": found.note} if found.note else {})}


def _shown_pressure(found: WorkingPressure) -> Document | None:
    return None if found.value is None else {"value": _kept(found.value), "unit": found.unit}

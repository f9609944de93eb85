"""Builds an assembly from its parts: what fits, lengths, tolerance, pressure, weight, description. No I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from brassleaf.assemblies.models import PARTS
from brassleaf.assemblies.parts import cut_offs, ferrule_facts, fitting_facts, hose_facts, measure
from brassleaf.assemblies.wraps import covered, covered_length
from brassleaf.errors import FieldError, Refused
from brassleaf.store.collections import Document
from brassleaf.trade.length import Convention, Lengths, is_straight, lengths
from brassleaf.trade.matching import Match, match
from brassleaf.trade.numbers import decimal_of, plain, round_half_up
from brassleaf.trade.pressure import WorkingPressure, working_pressure
from brassleaf.trade.sizes import SIZES
from brassleaf.trade.tolerance import Row, Table, Tolerance, custom_table, length_tolerance, table_named
from brassleaf.trade.units import Measure
from brassleaf.trade.weight import Run, Weight, assembly_weight

ENDS = ("end1", "end2")
#: Lengths are kept to this many decimals of the assembly's unit: finer than any tape, coarser than a double's noise.
_PLACES = 6


@dataclass(frozen=True, slots=True)
class Build:
    """An assembly as its parts make it."""

    parts: Mapping[str, Document]
    matches: Mapping[str, Match]
    lengths: Lengths
    tolerance: Tolerance | None
    pressure: WorkingPressure
    weight: Weight
    wrap_length: Measure | None
    wrap_spans: tuple[tuple[Decimal, Decimal], ...] = ()
    unknown: tuple[str, ...] = field(default=())

    @property
    def cut(self) -> Measure | None:
        """The cut length with its unit."""
        return None if self.lengths.cut is None else Measure(self.lengths.cut, self.lengths.unit)

    def part_length(self, role: str) -> Measure | None:
        """The length of what is cut from a length; None for what counts by the piece."""
        return {"hose": self.cut, "wrap": self.wrap_length}.get(role)


def build(fields: Document, parts: Mapping[str, Document], organization: Document) -> Build:
    """Put an assembly together. Raises Refused with every reason why it cannot be built."""
    errors: list[FieldError] = []
    hose = parts["hose"]
    matches = {end: _match(hose, parts, end) for end in ENDS if end in parts}
    for end, found in matches.items():
        errors.extend(FieldError(end, reason.sentence) for reason in found.reasons)
    _collect(errors, lambda: _check_orientation(fields, parts))
    _collect(errors, lambda: _check_wrap(hose, parts.get("wrap")))
    measured = _collect(errors, lambda: _lengths(fields, parts))
    cut = Measure(measured.cut, measured.unit) if measured is not None and measured.cut is not None else None
    style = fields.get("wrapStyle")
    spans = _collect(errors, lambda: tuple(covered(style, cut))) if cut is not None and "wrap" in parts else ()
    if errors or measured is None:
        raise Refused.fields(errors)
    wrap_length = covered_length(style, cut) if cut is not None and "wrap" in parts else None
    tolerance = _tolerance(measured, hose, organization)
    # an end that is not chosen yet is as unknown as one without a rating
    ratings = {role: measure(parts.get(role, {}).get("workingPressure"), role) for role in ("hose", *ENDS)}
    pressure = working_pressure(ratings)
    weight = _weight(parts, cut, wrap_length)
    return Build(
        parts, matches, measured, tolerance, pressure, weight, wrap_length, spans or (), _unknown(measured, pressure)
    )


def _collect(errors: list[FieldError], work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Refused as refusal:
        errors.extend(refusal.errors or [FieldError("", refusal.message)])
        return None


def _match(hose: Document, parts: Mapping[str, Document], end: str) -> Match:
    ferrule = ferrule_facts(parts.get(f"ferrule{end[-1]}"))
    return match(hose_facts(hose), fitting_facts(parts[end]), ferrule)


def _check_orientation(fields: Document, parts: Mapping[str, Document]) -> None:
    if not fields.get("orientationAngle"):
        return
    straight = [end for end in ENDS if end in parts and is_straight(parts[end].get("shape"))]
    if straight:
        text = f"An orientation needs two bent ends; {' and '.join(straight)} is straight."
        raise Refused.field("orientationAngle", text)


def _check_wrap(hose: Document, wrap: Document | None) -> None:
    inside, outside = (wrap or {}).get("innerDiammm"), hose.get("outerDiammm")
    if wrap is not None and inside is not None and outside is not None and inside < outside:
        text = f"{wrap['partNumber']} is {inside:g} mm wide inside; the hose is {outside:g} mm thick."
        raise Refused.field("wrap", text)


def _lengths(fields: Document, parts: Mapping[str, Document]) -> Lengths:
    by_cut = bool(fields.get("definedByCutLength"))
    stated = (fields.get("cutLength") if by_cut else None) or fields["length"]
    convention = Convention.CUT_LENGTH if by_cut else Convention(fields.get("lengthConvention") or Convention.REFERENCE)
    return lengths(
        stated,
        str(fields["lengthUnit"]),
        cut_offs(parts.get("end1")),
        cut_offs(parts.get("end2")),
        convention=convention,
    )


def tolerance_table(hose: Document, organization: Document) -> Table | None:
    """The length tolerances in force: the organization's choice; None where they cannot be known."""
    name = str(organization.get("lengthToleranceTable") or "SAE")
    if name == "custom":
        rows = tuple(
            Row(
                None if row.get("upTo") is None else _decimal(row["upTo"]),
                _decimal(row["plus"]),
                _decimal(row["minus"]),
            )
            for row in organization.get("lengthTolerances") or []
        )
        return custom_table("mm", rows) if rows else None
    try:
        return table_named(name, hose.get("hoseDash"))
    except Refused:
        return None


def _tolerance(measured: Lengths, hose: Document, organization: Document) -> Tolerance | None:
    table = tolerance_table(hose, organization)
    length = measured.overall if measured.overall is not None else measured.cut
    if table is None or length is None:
        return None
    try:
        return length_tolerance(length, measured.unit, table)
    except Refused:
        return None  # longer than the table goes


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


def _unknown(measured: Lengths, pressure: WorkingPressure) -> tuple[str, ...]:
    return (
        *(f"cut-off of {end}" for end in measured.missing),
        *(f"working pressure of {part}" for part in pressure.unknown),
    )


def computed(built: Build, fields: Document) -> Document:
    """What an assembly stores of what was computed; what is not known is left out."""
    parts = built.parts
    found: Document = {
        "hoseBrand": parts["hose"]["brand"],
        "hosePartNumber": parts["hose"]["partNumber"],
        **{f"{end}PartNumber": parts[end]["partNumber"] for end in ENDS if end in parts},
        **{role: parts[role]["_id"] for role in PARTS if role in parts},
        "overallLength": _kept(built.lengths.overall),
        "cutLength": _kept(built.lengths.cut),
        "cutOff1": _kept(built.lengths.cut_off1),
        "cutOff2": _kept(built.lengths.cut_off2),
        "tolerance": _shown_tolerance(built.tolerance),
        "workingPressure": _shown_pressure(built.pressure),
        "workingPressureLimitedBy": list(built.pressure.limiting) or None,
        "notKnown": list(built.unknown) or None,
        "sampleData": sample_parts(parts) or None,
    }
    if not fields.get("manualWeight"):
        found["WeightLbs"] = None if built.weight.value is None else float(round_half_up(built.weight.value, _PLACES))
    if not fields.get("manualDescription"):
        found["description"] = description(built)
    return found


def sample_parts(parts: Mapping[str, Document]) -> list[str]:
    """The parts with sample figures, and which: they are marked on every document."""
    present = [(role, parts[role]) for role in PARTS if role in parts]
    return [
        f"{role} {part['partNumber']}: {', '.join(part['sampleData'])}"
        for role, part in present
        if part.get("sampleData")
    ]


def description(built: Build) -> str:
    """What an assembly is, in a line: hose, size, length, ends."""
    hose = built.parts["hose"]
    dash = hose.get("hoseDash")
    size = f'{SIZES[dash].inch}"' if dash is not None and dash in SIZES else str(hose.get("size") or "")
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


def _decimal(value: object) -> Decimal:
    return decimal_of(value, "lengthTolerances")


def _shown_tolerance(found: Tolerance | None) -> Document | None:
    if found is None:
        return None
    shown = {"plus": _kept(found.plus), "minus": _kept(found.minus), "unit": found.unit, "table": found.table}
    return {**shown, "confirmed": found.confirmed, **({"note": found.note} if found.note else {})}


def _shown_pressure(found: WorkingPressure) -> Document | None:
    return None if found.value is None else {"value": _kept(found.value), "unit": found.unit}

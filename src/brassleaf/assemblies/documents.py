"""From a hose assembly to its data sheet, and what other documents that are made of assemblies share with it."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from brassleaf.assemblies.build import Build
from brassleaf.assemblies.fitness import ENDS
from brassleaf.assemblies.models import PARTS
from brassleaf.assemblies.tolerances import table_in_force
from brassleaf.catalog.hoses.models import bore_inch
from brassleaf.documents.models import (
    TO_CENTRELINE,
    Crimp,
    DataSheet,
    End,
    Heading,
    Hose,
    OrderedTests,
    Part,
    PriceLine,
    Prices,
    Rating,
    Shop,
    Wrap,
)
from brassleaf.documents.units import Length, LengthUnit, Pressure, PressureUnit, Temperature, Weight
from brassleaf.pricing.service import stock_unit
from brassleaf.store.collections import Document
from brassleaf.trade.bom import Use, bill_of_material
from brassleaf.trade.length import Reference, default_reference
from brassleaf.trade.matching import CrimpSpec, crimp_limits
from brassleaf.trade.money import minor_digits
from brassleaf.trade.numbers import decimal_of
from brassleaf.trade.offset import offset_tolerance
from brassleaf.trade.pressure import proof_and_burst
from brassleaf.trade.sizes import format_dash
from brassleaf.trade.units import Measure, parse_length_unit, parse_pressure_unit

ITEM_NAMES = {
    "hose": "Hose",
    "end1": "End 1",
    "end2": "End 2",
    "ferrule1": "Ferrule 1",
    "ferrule2": "Ferrule 2",
    "wrap": "Wrap",
}


def data_sheet(
    document: Document,
    built: Build,
    organization: Document,
    *,
    crimp_data: bool,
    price: Document | None,
    on: date | None = None,
) -> DataSheet:
    """The data sheet of an assembly; `price` is an answer of the price engine, of which only prices are printed."""
    lengths, tolerance = built.lengths, built.tolerance
    unit = lengths.unit
    table = table_in_force(document, built, organization)
    return DataSheet(
        shop=shop_of(organization),
        heading=heading_of(document, on),
        hose=_hose(built.parts["hose"]),
        ends=(_end(built.parts.get("end1")), _end(built.parts.get("end2"))),
        parts=tuple(_part(role, built, organization) for role in PARTS if role in built.parts),
        overall_length=_length(lengths.overall, unit),
        cut_length=_length(lengths.cut, unit),
        tolerance_plus=_length(tolerance.plus, tolerance.unit) if tolerance else None,
        tolerance_minus=_length(tolerance.minus, tolerance.unit) if tolerance else None,
        length_tolerance=str(document.get("lengthTolerance") or ""),
        tolerance_table=table,
        offset_angle=document.get("orientationAngle"),
        offset_tolerance=_offset_tolerance(document, built),
        wrap=_wrap(document, built),
        crimps=tuple(_crimp(built, end) for end in ENDS if end in built.matches) if crimp_data else (),
        rating=_rating(built, organization),
        tests=_tests(document, built, organization),
        weight=_weight(document),
        print_text=str(document.get("printText") or ""),
        notes=_notes(document, built, without_table=table is None),
        prices=_prices(price) if price is not None else None,
        sample_notes=tuple(samples(built)),
    )


def part_use(role: str, built: Build, organization: Document) -> Use:
    """What one assembly takes of a part."""
    item = built.parts[role]
    length = built.part_length(role)
    unit = stock_unit(item, length, str(organization["defaultLengthUnit"]))
    return Use(str(item["_id"]), role, length=length, stock_unit=unit)


def shop_of(organization: Document) -> Shop:
    """Whose document it is."""
    town = " ".join(str(organization[name]) for name in ("postalCode", "city", "region") if organization.get(name))
    lines = [organization.get("address1"), organization.get("address2"), town, organization.get("country")]
    contact = " · ".join(
        str(organization[name]) for name in ("phoneNumber", "email", "website") if organization.get(name)
    )
    address = tuple(str(line) for line in (*lines, contact) if line)
    return Shop(str(organization["name"]), address, str(organization["revisionDelimiter"]))


def heading_of(document: Document, on: date | None) -> Heading:
    """The head of a document about an assembly or a kit."""
    return Heading(
        part_number=str(document["partNumber"]),
        revision=str(document.get("revision") or ""),
        status=str(document["status"]),
        version=int(document["version"]),
        generated=on or datetime.now(UTC).date(),
        customer=str(document.get("customerName") or ""),
        customer_part_number=str(document.get("customerPartNumber") or ""),
        customer_revision=str(document.get("customerRevision") or ""),
        description=str(document.get("description") or ""),
    )


def _hose(hose: Document) -> Hose:
    dash = hose.get("hoseDash")
    return Hose(
        standard=", ".join(str(hose[name]) for name in ("spec", "saeSpec", "isoSpec") if hose.get(name)),
        dash=str(hose.get("size") or "") if dash is None else format_dash(dash),
        inch=bore_inch(hose),
        dn=str(hose.get("DN") or "").upper().removeprefix("DN").strip(),
        inner_diameter=_mm(hose, "innerDiammm"),
        outer_diameter=_mm(hose, "outerDiammm"),
        bend_radius=_mm(hose, "minBendRadiusmm"),
        temperature_low=_celsius(hose, "minTemperatureC"),
        temperature_high=_celsius(hose, "maxTemperatureC"),
        working_pressure=_pressure(hose.get("workingPressure")),
        construction=str(hose.get("series") or ""),
    )


def _end(fitting: Document | None) -> End:
    if fitting is None:
        return End()
    style, gender, shape = (str(fitting.get(name) or "") for name in ("style", "gender", "shape"))
    said = fitting.get("cutOffReference")
    point = Reference(said) if said else default_reference(style, gender, shape)
    measured_to = TO_CENTRELINE if point is Reference.CENTRELINE else str(point or "")
    return End(
        style=style,
        gender=gender,
        shape=f"{shape}°" if shape.isdigit() else shape,
        dash=str(fitting.get("dashSize") or ""),
        swivel=fitting.get("swivel") is not None,
        thread=str(fitting.get("thread") or ""),
        material=str(fitting.get("material") or ""),
        drop_length=_mm(fitting, "dropLengthmm"),
        measured_to=measured_to,
    )


def _part(role: str, built: Build, organization: Document) -> Part:
    item = built.parts[role]
    use = part_use(role, built, organization)
    (line,) = bill_of_material([([use], 1)])
    return Part(
        item=ITEM_NAMES[role],
        quantity=line.quantity,
        unit=line.unit,
        brand=str(item["brand"]),
        part_number=str(item["partNumber"]),
        own_part_number=str(item.get("orgPartNumber") or ""),
        description=str(item.get("description") or ""),
        role=role,  # type: ignore[arg-type]
    )


def _crimp(built: Build, end: str) -> Crimp:
    spec = built.matches[end].crimp_spec
    if spec is None:
        return Crimp()
    ferrule = built.parts.get(f"ferrule{end[-1]}")
    diameter = spec.crimp_diameter
    plus, minus = _crimp_tolerance(spec)
    return Crimp(
        ferrule=str(ferrule["partNumber"]) if ferrule else spec.ferrule_part_number or "",
        die=spec.die_size or "",
        spacer_ring=spec.spacer_ring or "",
        diameter=_length(diameter.value, diameter.unit) if diameter else None,
        diameter_plus=plus,
        diameter_minus=minus,
        insertion_depth=_measured(spec.insert_length),
        skive_external=_length(spec.skive_external.value, spec.skive_external.unit) if spec.skive_external else None,
        skive_internal=_length(spec.skive_internal.value, spec.skive_internal.unit) if spec.skive_internal else None,
        stretch=_measured(spec.crimp_stretch_per_end),
    )


def _crimp_tolerance(spec: CrimpSpec) -> tuple[Length | None, Length | None]:
    diameter = spec.crimp_diameter
    limits = crimp_limits(diameter) if diameter else None
    if diameter is None or limits is None:
        return None, None
    low, high = limits
    return _length(high - diameter.value, diameter.unit), _length(diameter.value - low, diameter.unit)


def _wrap(document: Document, built: Build) -> Wrap | None:
    style = document.get("wrapStyle") or {}
    item = built.parts.get("wrap")
    if item is None and not style:
        return None
    named: Mapping[str, object] = item or {}
    coverage = str((style.get("coverage") or {}).get("coverageType") or "full")
    unit = built.lengths.unit
    spans = tuple((_sure(first, unit), _sure(last, unit)) for first, last in built.wrap_spans)
    return Wrap(
        kind=str(style.get("wrapType") or named.get("wrapType") or named.get("description") or "wrap"),
        colour=str(style.get("colour") or named.get("colour") or ""),
        coverage=coverage,
        spans=spans,
    )


def _rating(built: Build, organization: Document) -> Rating:
    found = built.pressure
    if found.value is None:
        return Rating(unknown_part=", ".join(ITEM_NAMES[part] for part in found.unknown))
    tests = proof_and_burst(
        found.value, _factor(organization, "proofTestFactor"), _factor(organization, "burstTestFactor")
    )
    unit = pressure_unit(str(found.unit))
    limited = ", ".join(ITEM_NAMES[part] for part in found.limiting)
    return Rating(Pressure(found.value, unit), limited, "", Pressure(tests.proof, unit))


def _tests(document: Document, built: Build, organization: Document) -> OrderedTests:
    burst = None
    if document.get("burstTest") and built.pressure.value is not None:
        factors = (_factor(organization, "proofTestFactor"), _factor(organization, "burstTestFactor"))
        least = proof_and_burst(built.pressure.value, *factors).burst
        burst = Pressure(least, pressure_unit(str(built.pressure.unit)))
    seconds = organization.get("testHoldSeconds")
    return OrderedTests(
        proof=bool(document.get("proofTest")),
        proof_hold_seconds=int(seconds) if seconds is not None else None,
        burst=bool(document.get("burstTest")),
        burst_at_least=burst,
    )


def _factor(organization: Document, name: str) -> Decimal:
    return decimal_of(organization[name], name)


def _weight(document: Document) -> Weight | None:
    return (
        Weight(decimal_of(document["WeightLbs"], "WeightLbs"), "lb") if document.get("WeightLbs") is not None else None
    )


def _notes(document: Document, built: Build, *, without_table: bool) -> str:
    found = [str(document["comments"])] if document.get("comments") else []
    if built.tolerance is not None and not document.get("lengthTolerance") and without_table:
        table = f"Length tolerance: table {built.tolerance.table}."
        found.append(f"{table} {built.tolerance.note}" if built.tolerance.note else table)
    if note := length_note(built):
        found.append(note)
    return "\n".join(found)


def length_note(built: Build) -> str:
    """Which cut-offs are not known, in a sentence; empty where they all are."""
    if not built.lengths.missing:
        return ""
    ends = ", ".join(ITEM_NAMES[part] for part in built.lengths.missing)
    return f"The cut length is not known: there is no cut-off for {ends}. Hose is counted at the stated length."


def _prices(price: Document) -> Prices:
    lines = tuple(
        PriceLine(
            description=" ".join(str(line[name]) for name in ("partNumber", "name") if line.get(name)),
            quantity=line["quantity"],
            unit=str(line["unitOfMeasure"]),
            unit_price=line["unitPrice"],
            price=line["price"],
        )
        for line in (*price["items"], *price["charges"])
    )
    places = minor_digits(str(price["currency"]))
    notes = []
    if price["rounding"]:
        notes.append(f"Rounding {price['rounding']:g} {price['currency']}: lines are rounded each, the total once.")
    if price["missing"]:
        notes.append(f"No price for: {', '.join(ITEM_NAMES[role] for role in price['missing'])}.")
    if price["quantity"] != 1 and price["total"] is not None:
        notes.append(f"{price['quantity']:g} pieces: {price['total']:,.{places}f} {price['currency']}.")
    return Prices(str(price["currency"]), lines, price["netPrice"], " ".join(notes), places)


def samples(built: Build) -> list[str]:
    """Which figures are samples, in words: one line for each different set of them."""
    names: dict[str, list[str]] = {}
    for role in PARTS:
        fields = built.parts[role].get("sampleData") or [] if role in built.parts else []
        if words := ", ".join(_words(field) for field in fields):
            names.setdefault(words, []).append(ITEM_NAMES[role])
    for end in ENDS:
        if samples := built.specs.get(end, {}).get("sampleData"):
            names.setdefault("crimp data: " + ", ".join(map(_words, samples)), []).append(ITEM_NAMES[end])
    return [f"{' and '.join(roles)}: {words}" for words, roles in names.items()]


def _words(field: str) -> str:
    """A field's name as a reader of a document knows it: `cutOffmm` is the cut-off."""
    return _FIELD_WORDS.get(field) or re.sub("([a-z])([A-Z])", r"\1 \2", field.removesuffix("mm")).lower()


_FIELD_WORDS = {
    "cutOffmm": "cut-off",
    "weightLbs": "weight",
    "weightPerLength": "weight",
    "colourHose": "colour",
    "colourLayLine": "colour of the layline",
    "crimpDiam": "crimp diameter",
    "crimpStretchPerEnd": "stretch",
    "insertLength": "insertion depth",
    "dieSize": "die",
    "minBendRadiusmm": "bend radius",
    "outerDiammm": "outside diameter",
    "innerDiammm": "inside diameter",
}


def _offset_tolerance(document: Document, built: Build) -> Decimal | None:
    length = built.lengths.overall
    if document.get("orientationAngle") is None or length is None:
        return None
    return offset_tolerance(length, built.lengths.unit)


def length_unit(text: str) -> LengthUnit:
    """The unit of a document for a spelling."""
    return parse_length_unit(text, "lengthUnit")


def pressure_unit(text: str) -> PressureUnit:
    """The unit of a document for a spelling."""
    return parse_pressure_unit(text, "pressureUnit")


def _length(value: Decimal | None, unit: str) -> Length | None:
    return None if value is None else _sure(value, unit)


def _sure(value: Decimal, unit: str) -> Length:
    return Length(value, length_unit(unit))


def _measured(found: Measure | None) -> Length | None:
    return None if found is None else _sure(found.value, found.unit)


def _mm(item: Document, name: str) -> Length | None:
    return None if item.get(name) is None else Length(decimal_of(item[name], name), "mm")


def _celsius(item: Document, name: str) -> Temperature | None:
    return None if item.get(name) is None else Temperature(decimal_of(item[name], name), "C")


def _pressure(found: Document | None) -> Pressure | None:
    if not found:
        return None
    return Pressure(decimal_of(found["value"], "workingPressure"), pressure_unit(str(found["unit"])))

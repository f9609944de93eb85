"""From a hose assembly to its labels, its cut sheet and its records in files for other programs."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from brassleaf.assemblies.build import Build
from brassleaf.assemblies.documents import data_sheet, length_unit, part_use, pressure_unit
from brassleaf.assemblies.fitness import ENDS
from brassleaf.assemblies.printing.models import LabelAsked
from brassleaf.catalog.hoses.models import bore_inch
from brassleaf.documents.labels import Label, LabelFace
from brassleaf.documents.models import CutSheet
from brassleaf.documents.records import MARKEN, PTS, FileLayout, Value
from brassleaf.documents.texts import with_revision
from brassleaf.documents.units import Length, Pressure, length_text, pressure_text
from brassleaf.errors import FieldError, Refused
from brassleaf.store.collections import Document
from brassleaf.trade.bom import bill_of_material
from brassleaf.trade.marking import month_code
from brassleaf.trade.numbers import decimal_of, plain, round_half_up
from brassleaf.trade.pressure import proof_and_burst
from brassleaf.trade.sizes import format_dash
from brassleaf.trade.tolerance import end_squareness
from brassleaf.trade.units import Measure, convert_pressure

_PLACES = 4


def labels(
    document: Document, built: Build, organization: Document, asked: LabelAsked, on: date | None = None
) -> list[Label]:
    """The labels that were asked for: what they share, and what tells each piece from the others."""
    face = label_face(document, built, organization, asked.workOrder, on=on)
    return [Label(face, piece(asked, number, asked.numCopies)) for number in range(asked.numCopies)]


def label_face(
    document: Document,
    built: Build,
    organization: Document,
    work_order: str | None,
    *,
    kit: str = "",
    on: date | None = None,
) -> LabelFace:
    """What all labels of an assembly say; `kit` is the number of the kit that it belongs to."""
    day = on or datetime.now(UTC).date()
    overall, unit = built.lengths.overall, length_unit(built.lengths.unit)
    between = str(organization["revisionDelimiter"])
    customer_number = with_revision(document.get("customerPartNumber"), document.get("customerRevision"), between)
    cut = built.lengths.cut
    length = length_text(Length(overall, unit), unit) if overall is not None else ""
    if overall is None and cut is not None:
        length = f"cut {length_text(Length(cut, unit), unit)}"
    facts = [
        ("Kit", kit),
        ("Cust PN", customer_number),
        ("Length", length),
        ("WP", _pressure(built)),
        ("Hose", hose_text(built)),
        *((f"End {end[-1]}", part_text(built, end)) for end in ENDS),
        ("Customer", str(document.get("customerName") or "")),
        ("Desc", str(document.get("description") or "")),
        ("WO", work_order or ""),
        ("Text", str(document.get("printText") or "")),
    ]
    return LabelFace(
        shop=str(organization["name"]),
        part_number=str(document["partNumber"]),
        revision=str(document.get("revision") or ""),
        facts=tuple((caption, text) for caption, text in facts if text),
        dated=f"{day.isoformat()} · {month_code(day)}",
        sample=bool(document.get("sampleData")),
        revision_delimiter=between,
    )


def piece(asked: LabelAsked, number: int, of: int) -> str:
    """What tells the label of one piece, counted from 0, from the others."""
    said = [f"{number + 1} of {of}"] if asked.numbered else []
    if asked.serialNumberStart is not None:
        said.append(f"S/N {asked.serialNumberStart + number}")
    return "  ".join(said)


def cut_sheet(
    document: Document, built: Build, organization: Document, quantity: float, work_order: str | None
) -> CutSheet:
    """The cut sheet of so many assemblies; what they take of the reel has kerf and scrap in it."""
    hose = built.parts["hose"]
    kerf = Measure.of(organization.get("kerf") or 0, str(organization["defaultLengthUnit"]), "kerf")
    scrap = decimal_of(organization.get("scrapPercent") or 0, "scrapPercent")
    pieces = decimal_of(quantity, "quantity")
    (line,) = bill_of_material([([part_use("hose", built, organization)], pieces)], kerf, scrap)
    return CutSheet(
        sheet=data_sheet(document, built, organization, crimp_data=True, price=None),
        quantity=pieces,
        hose=f"{hose['brand']} {hose['partNumber']}",
        hose_total=line.quantity,
        hose_unit=line.unit,
        work_order=work_order or "",
        production_notes=str(document.get("productionNotes") or ""),
        squareness=_squareness(hose),
    )


def _squareness(hose: Document) -> Length | None:
    """How far out of square its ends may be cut; there is no figure for bores above 6 in (domain.md section 4)."""
    dash = hose.get("hoseDash")
    try:
        return None if not dash else Length(end_squareness(Decimal(dash) / 16), "in")
    except Refused:
        return None


# -- records ----------------------------------------------------------------------------------------------------------


def marken_layout(organization: Document) -> FileLayout:
    """The columns of the organization's Marken file."""
    return _layout(organization.get("markenFile"), MARKEN)


def pts_layout(organization: Document) -> FileLayout:
    """The columns of the organization's Parker PTS file."""
    return _layout(organization.get("parkerPtsFile"), PTS)


def _layout(said: Document | None, usual: FileLayout) -> FileLayout:
    if not said:
        return usual
    return FileLayout(said["columns"], said.get("delimiter") or usual.delimiter, bool(said.get("header")))


def marken_record(
    document: Document,
    built: Build,
    organization: Document,
    quantity: float,
    work_order: str | None,
    on: date | None = None,
) -> Mapping[str, Value]:
    """What a hose marking printer is told: the text of the assembly, or else part number, pressure and month.

    A burst pressure is never printed on a hose (domain.md section 6).
    """
    day = on or datetime.now(UTC).date()
    pressure = built.pressure
    rated = f"WP {plain(round_half_up(pressure.value, 0))} {pressure.unit}" if pressure.value is not None else ""
    made = with_revision(document["partNumber"], document.get("revision"), str(organization["revisionDelimiter"]))
    text = str(document.get("printText") or "") or " ".join(filter(None, (made, rated, month_code(day))))
    return {
        "PrintText": text,
        "CutLength": _kept(built.lengths.cut),
        "Quantity": quantity,
        "PartNumber": document["partNumber"],
        "Revision": document.get("revision"),
        "CustomerPartNumber": document.get("customerPartNumber"),
        "Customer": document.get("customerName"),
        "Description": document.get("description"),
        "Length": _kept(built.lengths.overall),
        "LengthUnit": built.lengths.unit,
        "WorkingPressure": _kept(pressure.value),
        "PressureUnit": pressure.unit if pressure.value is not None else None,
        "DateCode": month_code(day),
        "WorkOrder": work_order,
    }


def pts_record(
    document: Document,
    built: Build,
    organization: Document,
    quantity: float,
    work_order: str | None,
    on: date | None = None,
) -> Mapping[str, Value]:
    """What the Parker Tracking System is told. Raises Refused, naming each of hose and ends that is not Parker's."""
    others = [
        FieldError(role, f"{built.parts[role]['partNumber']} is of the brand {built.parts[role]['brand']}, not Parker.")
        for role in ("hose", *ENDS)
        if role in built.parts and not _is_parker(str(built.parts[role]["brand"]))
    ]
    if others:
        raise Refused.fields(others)
    hose = built.parts["hose"]
    working, proof = _psi(built, organization)
    return {
        "AssemblyPartNumber": document["partNumber"],
        "Revision": document.get("revision"),
        "CustomerName": document.get("customerName"),
        "CustomerPartNumber": document.get("customerPartNumber"),
        "HosePartNumber": hose["partNumber"],
        "HoseBrand": hose["brand"],
        "HoseSize": str(hose.get("size") or ""),
        **{f"End{end[-1]}PartNumber": built.parts[end]["partNumber"] if end in built.parts else None for end in ENDS},
        "OverallLength": _kept(built.lengths.overall),
        "LengthUnit": built.lengths.unit,
        "CutLength": _kept(built.lengths.cut),
        "OffsetAngle": document.get("orientationAngle"),
        "WorkingPressurePsi": working,
        "TestPressurePsi": proof,
        "Quantity": quantity,
        "WorkOrder": work_order,
        "BuildDate": (on or datetime.now(UTC).date()).isoformat(),
        "Notes": document.get("comments"),
    }


def _is_parker(brand: str) -> bool:
    """Whether a brand is Parker, or one of its divisions such as Parker Hannifin."""
    return brand.casefold().split()[:1] == ["parker"]


def _psi(built: Build, organization: Document) -> tuple[Decimal | None, Decimal | None]:
    """Working and proof pressure in whole psi."""
    if built.pressure.value is None:
        return None, None
    proof_factor, burst_factor = (
        decimal_of(organization[name], name) for name in ("proofTestFactor", "burstTestFactor")
    )
    tests = proof_and_burst(built.pressure.value, proof_factor, burst_factor)
    unit = str(built.pressure.unit)
    working, proof = (convert_pressure(each, unit, "psi") for each in (built.pressure.value, tests.proof))
    return round_half_up(working, 0), round_half_up(proof, 0)


def _kept(value: Decimal | None) -> Decimal | None:
    return None if value is None else round_half_up(value, _PLACES)


def _pressure(built: Build) -> str:
    found = built.pressure
    if found.value is None:
        return ""
    unit = pressure_unit(str(found.unit))
    return pressure_text(Pressure(found.value, unit), unit)


def hose_text(built: Build) -> str:
    """The hose of an assembly in a line: number, standard, size."""
    hose = built.parts["hose"]
    dash = hose.get("hoseDash")
    size = f"{format_dash(dash)} ({bore_inch(hose)} in)" if dash is not None and bore_inch(hose) else ""
    return " ".join(filter(None, (str(hose["partNumber"]), str(hose.get("spec") or ""), size)))


def part_text(built: Build, role: str) -> str:
    """A fitting of an assembly in a line: number, style, gender, size; empty where there is none."""
    part = built.parts.get(role)
    if part is None:
        return ""
    words = (part.get("style"), part.get("gender"), part.get("dashSize"))
    return " ".join(str(word) for word in (part["partNumber"], *words) if word)

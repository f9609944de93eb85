"""What is sent and shown of a hose."""

from typing import Annotated

from pydantic import Field

from brassleaf.catalog.kinds import MASS_UNITS, PRESSURE_UNITS, Kind, Paths, measured
from brassleaf.catalog.models import CrimpSpec, ItemChange, MassPerLength, Pressure
from brassleaf.http.fields import EXACT, Positive, Required, Text
from brassleaf.http.models import Sent
from brassleaf.security.roles import STAFF
from brassleaf.sheets.columns import Column
from brassleaf.store.collections import Document
from brassleaf.trade.sizes import R5_BORES, SIZES, is_r5, parse_hose_size

Celsius = Annotated[float, Field(ge=-273, le=1000), EXACT]


class HoseFields(ItemChange):
    """The fields of a hose; figures in the unit that their name says, or with their unit."""

    size: Required | None = None
    nominalHoseSize: Text | None = None
    colourHose: Text | None = None
    colourLayLine: Text | None = None
    colourLayLineText: Text | None = None
    innerDiamInch: Text | None = None
    innerDiammm: Positive | None = None
    outerDiammm: Positive | None = None
    saeSpec: Text | None = None
    isoSpec: Text | None = None
    DN: Text | None = None
    isoClass: Text | None = None
    isoGrade: Text | None = None
    isoType: Text | None = None
    workingPressure: Pressure | None = None
    burstPressure: Pressure | None = None
    minBendRadiusmm: Positive | None = None
    minTemperatureC: Celsius | None = None
    maxTemperatureC: Celsius | None = None
    weightPerLength: MassPerLength | None = None
    crimpSpecs: Annotated[list[CrimpSpec], Field(max_length=200)] | None = None


class HoseSizes(Sent):
    """Which hoses' sizes are asked for."""

    brand: Text | None = None
    series: Text | None = None
    spec: Text | None = None
    partNumber: Text | None = None


def is_r5_hose(document: Document) -> bool:
    """Whether a hose is of the SAE 100R5 type, whose dash is that of the tube that it replaces."""
    return is_r5(document.get("saeSpec")) or is_r5(document.get("spec"))


def bore_inch(document: Document) -> str:
    """The bore of a hose's size as a fraction of an inch: -8 is 1/2, of SAE 100R5 hose 13/32; "" when not known."""
    dash = int(document.get("hoseDash") or 0)
    if is_r5_hose(document):
        return R5_BORES.get(dash, "")
    return SIZES[dash].inch if dash in SIZES else ""


def hose_size(document: Document) -> int | None:
    """The size of a hose in sixteenths of an inch; SAE 100R5 hoses count in the tube that they replace."""
    r5 = is_r5_hose(document)
    for name in ("size", "nominalHoseSize", "DN"):
        text = document.get(name)
        if text and (
            dash := parse_hose_size(f"DN{text}" if name == "DN" and str(text).isdigit() else str(text), r5=r5)
        ):
            return dash
    return None


HOSE = Kind(
    item_type="hose",
    noun="hose",
    paths=Paths(one="hose", many="hoses", custom="customhoses", id_name="hoseId"),
    fields=HoseFields,
    required=("partNumber", "brand", "size"),
    needed=("hoseDash", "workingPressure", "crimpSpecs"),
    columns=(
        Column("Size", "size", required=True, note='Dash, inches or DN: -08, 1/2", DN12.'),
        Column("Nominal hose size", "nominalHoseSize"),
        Column("DN", "DN"),
        Column("Inner diameter in", "innerDiamInch"),
        Column("Inner diameter mm", "innerDiammm", "number"),
        Column("Outer diameter mm", "outerDiammm", "number"),
        Column("SAE specification", "saeSpec"),
        Column("ISO specification", "isoSpec"),
        Column("ISO class", "isoClass"),
        Column("ISO grade", "isoGrade"),
        Column("ISO type", "isoType"),
        *measured("Working pressure", "workingPressure", PRESSURE_UNITS),
        *measured("Burst pressure", "burstPressure", PRESSURE_UNITS),
        Column("Minimum bend radius mm", "minBendRadiusmm", "number"),
        Column("Minimum temperature °C", "minTemperatureC", "number"),
        Column("Maximum temperature °C", "maxTemperatureC", "number"),
        *measured("Weight per length", "weightPerLength", MASS_UNITS),
        Column("Colour", "colourHose"),
        Column("Colour of lay line", "colourLayLine"),
        Column("Lay line", "colourLayLineText"),
    ),
    search=("partNumber", "brand", "size", "series", "spec", "description"),
    sorts=("size", "series", "spec"),
    editors=STAFF,
    size_of=hose_size,
)
#: For whoever makes hoses without a request.
NewHose = HOSE.create

"""What is sent and shown of a hose."""

from typing import Annotated

from pydantic import Field

from brassleaf.catalog.kinds import Kind
from brassleaf.catalog.models import (
    Cost,
    CrimpSpec,
    ItemChange,
    ItemWithoutCost,
    MassPerLength,
    Pressure,
    PropertiesChange,
    ShownMeasure,
)
from brassleaf.http.fields import Number, Positive, Required, Text
from brassleaf.http.models import PageOf, Sent
from brassleaf.security.roles import STAFF
from brassleaf.security.views import View
from brassleaf.store.collections import Document
from brassleaf.trade.sizes import R5_BORES, SIZES, is_r5, parse_hose_size

Celsius = Annotated[Number, Field(ge=-273, le=1000)]


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


class NewHose(HoseFields):
    """A new hose of the organization's own."""

    partNumber: Required
    brand: Required
    size: Required
    crimpSpecs: Annotated[list[CrimpSpec], Field(max_length=200)] | None = None


class HoseUpdate(HoseFields, PropertiesChange):
    """The organization's properties of a hose; of its own hoses, their fields too."""


class HoseWithoutCost(ItemWithoutCost):
    """A hose with the organization's properties."""

    size: str
    nominalHoseSize: str | None = None
    colourHose: str | None = None
    colourLayLine: str | None = None
    colourLayLineText: str | None = None
    innerDiamInch: str | None = None
    innerDiammm: float | None = None
    outerDiammm: float | None = None
    saeSpec: str | None = None
    isoSpec: str | None = None
    DN: str | None = None
    isoClass: str | None = None
    isoGrade: str | None = None
    isoType: str | None = None
    workingPressure: ShownMeasure | None = None
    burstPressure: ShownMeasure | None = None
    minBendRadiusmm: float | None = None
    minTemperatureC: float | None = None
    maxTemperatureC: float | None = None
    weightPerLength: ShownMeasure | None = None


class Hose(HoseWithoutCost, Cost):
    """A hose with the organization's properties and its cost."""


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
    create=NewHose,
    update=HoseUpdate,
    view=View(Hose, HoseWithoutCost),
    search=("partNumber", "brand", "size", "series", "spec", "description"),
    sorts=("size", "series", "spec"),
    editors=STAFF,
    size_of=hose_size,
)
HosePage = PageOf[Hose]

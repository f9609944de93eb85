"""What all catalogue items share: common fields, an organization's own properties of them, crimp specifications."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from brassleaf.catalog.ends import end_keys
from brassleaf.errors import Refused
from brassleaf.http.fields import (
    AboveZero,
    Currency,
    LengthUnit,
    LongText,
    Positive,
    PressureUnit,
    Required,
    StockUnit,
    Text,
)
from brassleaf.http.models import Record, Sent, Shown
from brassleaf.store.collections import Collection, Document, Unique
from brassleaf.store.collections import Field as Queried
from brassleaf.trade.itemtypes import ItemType
from brassleaf.trade.parsing.keys import item_key
from brassleaf.trade.units import parse_mass_per_length_unit

#: The fields of a crimp specification that name a brand.
SPEC_BRANDS = ("couplingSeriesBrand", "ferruleBrand")


def article_key(item_type: str, brand: str, part_number: str) -> str:
    """What no two items of one catalogue share; a brand or number with a bar in it is not mistaken for another."""
    return f"{item_type}\n{brand}\n{part_number}"


def _article(document: Document) -> str:
    return article_key(document["itemType"], document.get("brand") or "", document["partNumber"])


def _named_brands(document: Document) -> Iterator[str]:
    """The brands that crimp specifications name."""
    for spec in document.get("crimpSpecs") or []:
        yield from (spec[name] for name in SPEC_BRANDS if spec.get(name))


def _brand_type(document: Document) -> Iterator[str]:
    """Brand and type of an item that has a brand, for the table of brands."""
    if document.get("brand"):
        yield f"{document['brand']}\n{document['itemType']}"


def _crimped_series(document: Document) -> Iterator[str]:
    """The coupling series that crimp specifications are for."""
    return (spec["couplingSeries"] for spec in document.get("crimpSpecs") or [])


def _colours(document: Document) -> Iterable[object]:
    """Where a search for a colour looks: hoses and wraps say it in fields of their own."""
    return ("\n".join(str(document.get(name) or "") for name in ("colour", "colourHose")).strip("\n"),)


def _alike(document: Document) -> Iterable[object]:
    """What a text that is read as an assembly finds an item by."""
    return (item_key(document),)


#: One collection for every type of item. The shared catalogue's items belong to SHARED.
ITEMS = Collection(
    "items",
    (
        # In the order in which they narrow: of several indexes that would do, SQLite takes the one declared last (and
        # one of numbers before one of texts, which is why the dash, never sorted by, is compared as a text).
        Queried("itemType"),
        Queried("swivel"),
        Queried("gender", within="itemType"),
        Queried("shape", within="itemType"),
        Queried("material"),
        Queried("wrapType", within="itemType"),
        Queried("colour", within="itemType"),
        Queried("customType"),
        Queried("nominalHoseSize", indexed=False),
        Queried("colours", read=_colours),
        Queried("crossReference", "number"),
        Queried("missing"),
        Queried("brandType", read=_brand_type),
        Queried("end", many=True, read=end_keys),
        Queried("namedBrand", many=True, read=_named_brands),
        Queried("crimpedSeries", many=True, read=_crimped_series),
        Queried("hoseDash", within="itemType"),
        Queried("hoseSize", within="itemType"),
        Queried("style", within="itemType"),
        Queried("dashSize", within="itemType"),
        Queried("size", within="itemType"),
        Queried("spec", search=True, within="itemType"),
        Queried("brand", search=True, within="itemType"),
        Queried("series", search=True, within="itemType"),
        Queried("description", search=True),
        Queried("partNumber", search=True),
        Queried("alike", read=_alike),
    ),
    {"article": Unique(_article)},
    order="partNumber",
)
#: What one organization says of one item: at most one document an item.
ITEM_PROPERTIES = Collection(
    "itemProperties",
    (
        Queried("item"),
        Queried("itemType"),
        Queried("orgPartNumber", search=True),
        Queried("available", "flag"),
        Queried("namedBrand", many=True, read=_named_brands),
        Queried("crimpedSeries", many=True, read=_crimped_series),
    ),
)
#: What one organization says of a brand. Brands are those that items are of: most have no document here.
BRANDS = Collection(
    "brands",
    (Queried("name", search=True), Queried("available", "flag")),
    {"name": Unique("name")},
    order="name",
)


def _mass_per_length(value: str) -> str:
    try:
        parse_mass_per_length_unit(value, "unit")
    except Refused as error:
        raise ValueError(error.errors[0].message if error.errors else error.message) from error
    return value


class Length(Sent):
    """A length with its unit, in the spelling that it was given."""

    value: Positive
    unit: LengthUnit


class Pressure(Sent):
    """A pressure with its unit."""

    value: AboveZero
    unit: PressureUnit


class MassPerLength(Sent):
    """A mass per length, such as 0.45 kg/m."""

    value: Positive
    unit: Annotated[Text, AfterValidator(_mass_per_length)]


class CrimpDiameter(Sent):
    """Outside diameter of the ferrule after crimping, with one tolerance or a plus and a minus."""

    value: AboveZero
    unit: LengthUnit
    tolerance: Positive | None = None
    tolerancePlus: Positive | None = None
    toleranceMinus: Positive | None = None


class Skive(Sent):
    """How much is ground off the hose end before crimping."""

    value: Positive
    unit: LengthUnit
    tolerance: Positive | None = None


class CrimpSpec(Sent):
    """How a coupling series is crimped to a hose (contract: ItemProperties.crimpSpecs)."""

    couplingSeries: Required
    couplingSeriesBrand: Text | None = None
    ferruleBrand: Text | None = None
    ferrulePartNumber: Text | None = None
    dieSize: Text | None = None
    spacerRing: Text | None = None
    insertLength: Length | None = None
    crimpDiam: CrimpDiameter | None = None
    crimpStretchPerEnd: Length | None = None
    skiveExternal: Skive | None = None
    skiveInternal: Skive | None = None
    machine: Text | None = None
    setting: Text | None = Field(None, description="What the shop sets its machine to for this crimp.")
    notes: LongText | None = None
    sampleData: list[Text] | None = None


class ItemChange(Sent):
    """The fields that every type of item has, none of them required."""

    partNumber: Required | None = None
    brand: Required | None = None
    description: Text | None = None
    material: Text | None = None
    series: Text | None = None
    spec: Text | None = None
    imageName: Text | None = None
    source: LongText | None = Field(None, description="Where the figures come from: document, table, address.")
    sampleData: Annotated[list[Text], Field(max_length=100)] | None = Field(
        None, description="The fields that are sample figures, not for production; marked on every document."
    )


class PropertiesChange(Sent):
    """What an organization says of an item: absent fields stay, null clears."""

    orgPartNumber: Text | None = None
    available: bool | None = None
    priority: Text | None = None
    cost: Positive | None = None
    costCurrency: Currency | None = None
    unitOfMeasure: StockUnit | None = None
    listPrice: Positive | None = None
    listPriceCurrency: Currency | None = None
    listPriceUnitOfMeasure: StockUnit | None = None
    crimpSpecs: Annotated[list[CrimpSpec], Field(max_length=200)] | None = None


class ShownCrimpSpec(Shown):
    """A crimp specification and who says so: the organization, or the book."""

    couplingSeries: str
    couplingSeriesBrand: str | None = None
    ferruleBrand: str | None = None
    ferrulePartNumber: str | None = None
    dieSize: str | None = None
    spacerRing: str | None = None
    insertLength: dict[str, Any] | None = None
    crimpDiam: dict[str, Any] | None = None
    crimpStretchPerEnd: dict[str, Any] | None = None
    skiveExternal: dict[str, Any] | None = None
    skiveInternal: dict[str, Any] | None = None
    machine: str | None = None
    setting: str | None = None
    notes: str | None = None
    sampleData: list[str] | None = None
    source: Literal["organization", "book"] | None = None


class ShownMeasure(Shown):
    """A number with its unit."""

    value: float
    unit: str


class SaidWithoutCost(Shown):
    """What an organization says of an item."""

    available: bool
    orgPartNumber: str | None = None
    priority: str | None = None
    unitOfMeasure: str | None = None
    listPrice: float | None = None
    listPriceCurrency: str | None = None
    listPriceUnitOfMeasure: str | None = None
    crimpSpecs: list[ShownCrimpSpec] | None = None
    source: str | None = Field(None, description="Where the figures come from.")
    sampleData: list[str] | None = Field(None, description="The fields that are sample figures, not for production.")


class ItemWithoutCost(Record, SaidWithoutCost):
    """The fields that every item has, with the organization's own where it has some."""

    partNumber: str
    brand: str | None = None
    itemType: str = Field(description="The type of item; of an other item what its organization calls it, if it does.")
    organization: str | None = Field(None, description="Set on the organization's own items only.")
    custom: bool = Field(description="Made by the organization; false for the shared catalogue's.")
    description: str | None = None
    material: str | None = None
    series: str | None = None
    spec: str | None = None
    imageName: str | None = None
    hoseDash: int | None = Field(None, description="Hose size in sixteenths of an inch.")
    missing: list[str] | None = Field(
        None, description="The fields that an item of the organization's own still needs before it can be used."
    )


class Cost(Shown):
    """What an item costs the organization."""

    cost: float | None = None
    costCurrency: str | None = None


class PropertiesWithoutCost(Record, SaidWithoutCost):
    """An organization's own properties of an item."""

    item: str
    itemType: ItemType


class ItemProperties(PropertiesWithoutCost, Cost):
    """An organization's own properties of an item, with its cost."""


#: Fields that only those who see costs may set.
COST_FIELDS = frozenset({"cost", "costCurrency"})
PROPERTY_FIELDS = tuple(PropertiesChange.model_fields)

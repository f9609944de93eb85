"""What is stored of a hose assembly, what is sent, and what is answered."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from brassleaf.catalog.hoses.models import Celsius
from brassleaf.catalog.models import ItemWithoutCost, Pressure, ShownCrimpSpec, ShownMeasure
from brassleaf.http.fields import (
    AS_OBJECT,
    AS_TEXT,
    EXACT,
    TEXT_OR_OBJECT,
    AboveZero,
    Currency,
    Day,
    Id,
    LengthUnit,
    LongText,
    OptionalId,
    Positive,
    Required,
    Text,
)
from brassleaf.http.models import PageOf, Record, Sent, Shown
from brassleaf.revisions.lifecycle import FIELDS, unique_keys
from brassleaf.store.collections import Collection
from brassleaf.store.collections import Field as Queried
from brassleaf.trade.length import Convention

ASSEMBLIES = Collection(
    "hoseAssemblies",
    (
        Queried("partNumber", search=True),
        Queried("revision"),
        Queried("customerPartNumber", search=True),
        Queried("customerName", search=True),
        Queried("description", search=True),
        Queried("modelCode", search=True),
        Queried("tag", search=True),
        Queried("hosePartNumber", search=True),
        Queried("end1PartNumber", search=True),
        Queried("end2PartNumber", search=True),
        Queried("customerOrgId"),
        Queried("customers.customerOrgId", many=True),
        Queried("hose"),
        Queried("madeByKey"),
        *FIELDS,
    ),
    unique_keys("partNumber"),
    order="partNumber",
)

#: How a stated length is measured (domain.md section 3); by default between the reference points of both cut-offs.
LengthConvention = Literal["reference points", "seat to seat", "overall"]
assert set(get_args(LengthConvention)) < {str(convention.value) for convention in Convention}  # noqa: S101

#: The parts of an assembly, and the type of item that each takes.
PARTS: dict[str, str] = {
    "hose": "hose",
    "end1": "crimpFitting",
    "end2": "crimpFitting",
    "ferrule1": "ferrule",
    "ferrule2": "ferrule",
    "wrap": "wrap",
}

Length = AboveZero
Angle = Annotated[float, Field(ge=0, lt=360), EXACT]


class Coverage(Sent):
    """Which part of the hose a wrap covers; start and end count from end 1."""

    coverageType: Text | None = Field(
        None, description="full, from end 1, from end 2, both ends (each `end` long), custom (start to end)."
    )
    start: Positive | None = None
    end: Positive | None = None
    unit: LengthUnit | None = None


class AssemblyWrapStyle(Sent):
    """How an assembly is wrapped."""

    wrapType: Text | None = None
    colour: Text | None = None
    imageName: Text | None = None
    coverage: Coverage | None = None


class AssemblyFields(Sent):
    """The fields of a hose assembly, none required; what is computed may be left out."""

    partNumber: Required | None = None
    revision: Text | None = None
    hose: Id | None = None
    length: Length | None = Field(None, description="Overall length; the cut length with `definedByCutLength`.")
    hoseBrand: Text | None = None
    hosePartNumber: Text | None = None
    end1: OptionalId = None
    end2: OptionalId = None
    end1PartNumber: Text | None = None
    end2PartNumber: Text | None = None
    ferrule1: OptionalId = None
    ferrule2: OptionalId = None
    wrap: OptionalId = None
    wrapStyle: AssemblyWrapStyle | None = None
    description: Text | None = None
    manualDescription: bool | None = Field(None, description="Keep the description as sent; else it is generated.")
    modelCode: Text | None = None
    tag: Text | None = None
    lengthUnit: LengthUnit | None = None
    lengthTolerance: Text | None = Field(None, description="Free text; replaces the computed tolerance.")
    lengthConvention: LengthConvention | None = None
    definedByCutLength: bool | None = None
    cutLength: Length | None = None
    orientationAngle: Angle | None = Field(
        None, description="Degrees counter-clockwise from end 1 at 6 o'clock to end 2 (SAE J517); both ends bent."
    )
    requiredPressure: Pressure | None = Field(None, description="Hose and ends must be rated for it.")
    requiredMinTemperatureC: Celsius | None = Field(None, description="The hose must be rated for it.")
    requiredMaxTemperatureC: Celsius | None = Field(None, description="The hose must be rated for it.")
    comments: LongText | None = None
    productionNotes: LongText | None = None
    printText: LongText | None = None
    vendorPartNumber: Text | None = None
    customerPartNumber: Text | None = None
    customerRevision: Text | None = None
    customerName: Text | None = None
    customerOrgId: OptionalId = None
    status: Literal["under editing"] | None = Field(None, description="A new assembly is under editing.")
    proofTest: bool | None = None
    burstTest: bool | None = None
    WeightLbs: Positive | None = Field(None, description="Computed when absent.")
    quantityPerPackage: AboveZero | None = None


class NewAssembly(AssemblyFields):
    """A new hose assembly."""

    partNumber: Required = Field(description="`*` takes the next number of the organization's sequence.")
    hose: Id
    length: Length


class AssemblyRef(Sent):
    """A number that may be taken."""

    partNumber: Required
    revision: Text | None = None


class Exists(Shown):
    """Whether a part number and revision are taken, and by which assembly."""

    exists: bool
    hoseAssemblyId: str | None


class ShownPart(ItemWithoutCost):
    """A component with what the catalogue says of it."""

    model_config = {"extra": "allow"}


class Fit(Shown):
    """Whether a fitting may be crimped to the hose, why not, and how."""

    fits: bool
    reasons: list[str]
    crimpSpec: ShownCrimpSpec | None = None


class Tolerance(Shown):
    """What the length may differ by, in the assembly's unit, and the table that says so."""

    plus: float
    minus: float
    unit: str
    table: str
    confirmed: bool
    note: str | None = None


class AssemblyCustomer(Shown):
    """A customer that an assembly is sold to."""

    customerOrgId: str
    customerName: str | None = None
    customerPartNumber: str | None = None
    customerRevision: str | None = None
    comments: str | None = None


class HoseAssembly(Record):
    """A hose assembly as it is stored."""

    organization: str | None = None
    itemType: Literal["hoseAssembly"]
    partNumber: str
    revision: str | None = None
    status: str
    version: int
    chain: str
    newest: bool
    firstOfRevision: bool
    previousVersion: str | None = None
    nextVersion: str | None = None
    hose: str
    end1: str | None = None
    end2: str | None = None
    ferrule1: str | None = None
    ferrule2: str | None = None
    wrap: str | None = None
    wrapStyle: dict[str, Any] | None = None
    hoseBrand: str | None = None
    hosePartNumber: str | None = None
    end1Brand: str | None = None
    end1PartNumber: str | None = None
    end2Brand: str | None = None
    end2PartNumber: str | None = None
    ferrule1Brand: str | None = None
    ferrule1PartNumber: str | None = None
    ferrule2Brand: str | None = None
    ferrule2PartNumber: str | None = None
    wrapBrand: str | None = None
    wrapPartNumber: str | None = None
    description: str | None = None
    manualDescription: bool | None = None
    modelCode: str | None = None
    tag: str | None = None
    length: float
    lengthUnit: str
    lengthConvention: str | None = None
    definedByCutLength: bool | None = None
    overallLength: float | None = Field(None, description="Computed; absent while a cut-off is not known.")
    cutLength: float | None = Field(None, description="Computed; absent while a cut-off is not known.")
    cutOff1: float | None = None
    cutOff2: float | None = None
    lengthTolerance: str | None = None
    tolerance: Tolerance | None = None
    orientationAngle: float | None = None
    requiredPressure: ShownMeasure | None = None
    requiredMinTemperatureC: float | None = None
    requiredMaxTemperatureC: float | None = None
    workingPressure: ShownMeasure | None = None
    workingPressureLimitedBy: list[str] | None = None
    notKnown: list[str] | None = Field(None, description="What is not known of the parts, and so of the assembly.")
    comments: str | None = None
    productionNotes: str | None = None
    printText: str | None = None
    vendorPartNumber: str | None = None
    customerPartNumber: str | None = None
    customerRevision: str | None = None
    customerName: str | None = None
    customerOrgId: str | None = None
    customers: list[AssemblyCustomer] | None = Field(
        None, description="All customers that it is sold to; not shown to customers."
    )
    proofTest: bool | None = None
    burstTest: bool | None = None
    WeightLbs: float | None = None
    manualWeight: bool | None = None
    quantityPerPackage: float | None = None
    sampleData: list[str] | None = Field(None, description="Parts with sample figures: not for production.")
    crimpSpecs: dict[str, Fit] | None = Field(None, description="How each end is crimped, as it was released.")
    recordSource: str | None = Field(None, description="`import` for one that came from a workbook.")
    madeByKey: str | None = Field(None, description="The customer key that made it, for no customer in particular.")


class WholeAssembly(HoseAssembly):
    """A hose assembly with its components and how each end is crimped: today, or as it was released."""

    components: dict[str, ShownPart]
    crimpSpecs: dict[str, Fit]
    versions: list[str]


class AssemblyExport(Sent):
    """Which hose assemblies to export."""

    hoseAssemblies: Annotated[list[Id], Field(max_length=10_000)]
    selectAll: bool
    search: "AssemblySearch | None" = None


class AssemblySearch(Sent):
    """Narrows an export."""

    partNumber: Text | None = None
    customerPartNumber: Text | None = None
    customerName: Text | None = None
    description: Text | None = None
    modelCode: Text | None = None
    tag: Text | None = None
    status: Text | None = None


class UnitGiven(Sent):
    """A unit as an object."""

    unit: LengthUnit


Quantity = Annotated[float, Field(gt=0, le=1_000_000), EXACT]


class PriceAsked(Sent):
    """A hose assembly to be priced without being stored."""

    hoseId: Id
    end1Id: OptionalId = None
    end2Id: OptionalId = None
    ferrule1Id: OptionalId = None
    ferrule2Id: OptionalId = None
    wrapId: OptionalId = None
    customerOrgId: OptionalId = None
    length: Length
    lengthUnit: Annotated[Annotated[LengthUnit, AS_TEXT] | Annotated[UnitGiven, AS_OBJECT], TEXT_OR_OBJECT]
    lengthConvention: LengthConvention | None = None
    definedByCutLength: bool | None = None
    requiredPressure: Pressure | None = None
    requiredMinTemperatureC: Celsius | None = None
    requiredMaxTemperatureC: Celsius | None = None
    proofTest: bool | None = None
    burstTest: bool | None = None
    wrapStyle: AssemblyWrapStyle | None = None
    quantity: Quantity = 1
    currency: Currency | None = None
    priceDate: Day | None = Field(None, description="The day that the price is asked for; none: today (UTC).")
    explain: bool = Field(default=False, description="Also every rule that was considered, for those who see costs.")


class StoredPriceAsked(Sent):
    """For whom, how many, in which currency and for which day something stored is priced."""

    customerOrgId: OptionalId = None
    quantity: Quantity = 1
    currency: Currency | None = None
    priceDate: Day | None = Field(None, description="The day that the price is asked for; none: today (UTC).")
    explain: bool = Field(default=False, description="Also every rule that was considered, for those who see costs.")


class DatasheetAsked(Sent):
    """What a data sheet shows."""

    showPricing: bool = False
    showCrimpSpecs: bool = True
    lengthUnit: LengthUnit | None = None
    paper: Literal["letter", "a4"] | None = None
    quantity: Quantity = 1
    currency: Currency | None = None


class BillAsked(Sent):
    """A bill of materials."""

    format: Literal["pdf", "excel"]
    quantity: Quantity = 1


#: What customers are not told: who else buys it.
HIDDEN_FROM_CUSTOMERS: Mapping[str, Any] = {"customers": {}}
AssemblyPage = PageOf[HoseAssembly]

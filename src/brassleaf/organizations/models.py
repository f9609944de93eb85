"""What is stored of an organization, and what each role sees of it."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from brassleaf.documents.records import Delimiter, MarkenColumn, PtsColumn
from brassleaf.http.fields import (
    EXACT,
    AboveZero,
    Currency,
    LengthUnit,
    Margin,
    OptionalId,
    Percent,
    Positive,
    PressureUnit,
    Required,
    SpacedText,
    Text,
)
from brassleaf.http.models import Record, Sent, SentAddress, Shown, ShownAddress
from brassleaf.security.views import View
from brassleaf.store.collections import Collection
from brassleaf.store.collections import Field as Queried
from brassleaf.trade.itemtypes import PRICED_TYPES, item_type_named

ORGANIZATIONS = Collection("organizations", (Queried("name"),), order="name")


def _without_defaults(schema: dict[str, Any]) -> None:
    """In a change, what is absent stays: no default stands in for it."""
    for field in schema["properties"].values():
        field.pop("default", None)


ToleranceTable = Literal["SAE", "DIN20066", "RMA", "custom"]


def _flag(value: object) -> object:
    return bool(value) if isinstance(value, int | float) and value in (0, 1) else value


#: True or false; 1 and 0, which the contract sends, count as these.
Flag = Annotated[bool, BeforeValidator(_flag, json_schema_input_type=bool | Literal[0, 1])]


_AVAILABLE = "0: no price can be asked for in it; amounts in it are converted all the same."


class ExchangeRate(Sent):
    """A currency: `rate` units of it are one of the default currency."""

    code: Currency
    rate: AboveZero
    available: Flag = Field(default=True, description=_AVAILABLE)


class CurrencyChange(Sent):
    """A currency by its code: added, changed, or with `deleted` taken off."""

    code: Currency
    rate: AboveZero
    available: Flag | None = Field(None, description=f"{_AVAILABLE} New ones are available.")
    deleted: Flag | None = None


def _each_type_once(rows: list["ItemPricing"]) -> list["ItemPricing"]:
    types = [row.itemType for row in rows]
    if twice := sorted({str(name or "rows without an itemType") for name in types if types.count(name) > 1}):
        raise ValueError(f"Give each item type once; there are several for {', '.join(twice)}.")
    return rows


#: What is priced by a default of its own, in any case.
PricedType = Annotated[
    Text,
    AfterValidator(lambda text: item_type_named(text, PRICED_TYPES)),
    Field(json_schema_extra={"enum": list(PRICED_TYPES)}),
]


class ItemPricing(Sent):
    """How one type of item, or labour, is priced by default."""

    itemType: PricedType | None = Field(None, description="None: items of every type that has no row of its own.")
    listPricing: bool | None = None
    enabled: bool | None = None
    defaultMarginPercent: Margin | None = None
    defaultDiscountPercent: Percent | None = None


#: One row a type.
ItemPricings = Annotated[list[ItemPricing], Field(max_length=100), AfterValidator(_each_type_once)]


class ToleranceRow(Sent):
    """A row of an own table of length tolerances: up to a length, in millimetres."""

    upTo: AboveZero | None = None
    plus: Positive
    minus: Positive


class MarkenFile(Sent):
    """What a Marken file says of an assembly, in this order."""

    columns: Annotated[list[MarkenColumn], Field(min_length=1, max_length=50)]
    delimiter: Delimiter = ";"
    header: bool = False


class ParkerPtsFile(Sent):
    """What a Parker Tracking System file says of an assembly, in this order."""

    columns: Annotated[list[PtsColumn], Field(min_length=1, max_length=50)]
    delimiter: Delimiter = ","
    header: bool = True


class ShownFile(Shown):
    """The columns of a file for another program."""

    columns: list[str]
    delimiter: str
    header: bool


class OrganizationFields(SentAddress):
    """Everything that an organization may set, with what a new one begins with."""

    name: Required
    email: Text | None = None
    website: Text | None = None
    subscription: Literal["enterprise"] = "enterprise"
    defaultCurrency: Currency = "USD"
    currencies: list[ExchangeRate] = []
    defaultLengthUnit: LengthUnit = "in"
    defaultPressureUnit: PressureUnit = "psi"
    defaultBrand: Text | None = None
    defaultAdaptorBrand: Text | None = None
    defaultWarehouse: Text | None = None
    defaultPriceList: OptionalId = Field(
        None, description="The id of the price list that holds for every buyer, behind what holds for a customer."
    )
    defaultPaper: Literal["letter", "a4"] = "letter"
    lengthToleranceTable: ToleranceTable = "SAE"
    lengthTolerances: list[ToleranceRow] = []
    proofTestFactor: Annotated[float, Field(ge=1, le=3), EXACT] = 2
    burstTestFactor: Annotated[float, Field(ge=3, le=20), EXACT] = 4
    testHoldSeconds: Annotated[float, Field(ge=0), EXACT] = 60
    kerf: Positive = Field(0, description="Lost at each cut, in the default length unit.")
    scrapPercent: Percent = 0
    listPricing: bool = True
    labourPrice: Positive | None = Field(None, description="Charged for making one assembly.")
    proofTestPrice: Positive | None = None
    burstTestPrice: Positive | None = None
    wrapPrice: Positive | None = Field(None, description="Charged for putting on one wrap.")
    defaultDiscountPercentMaterials: Percent | None = None
    labourCost: Positive | None = Field(None, description="What making one assembly costs.")
    proofTestCost: Positive | None = None
    burstTestCost: Positive | None = None
    wrapCost: Positive | None = Field(None, description="What putting on one wrap costs.")
    defaultMarginPercentMaterials: Margin | None = None
    defaultMarginPercentLabour: Margin | None = None
    defaultItemPricing: ItemPricings = []
    partNumberPrefix: Annotated[Text, Field(max_length=50)] | None = Field(
        None, description="What part numbers of the sequence begin with; none: HA-."
    )
    nextPartNumber: Annotated[int, Field(ge=1, lt=10**9)] | None = Field(
        None, description="Where the sequence of part numbers begins; numbers in use are passed over."
    )
    revisionDelimiter: Annotated[SpacedText, Field(max_length=10)] = Field(
        "-", description="What stands between a part number and its revision on all that is printed, blanks included."
    )
    markenFile: MarkenFile | None = None
    parkerPtsFile: ParkerPtsFile | None = None
    erpName: Text | None = None
    useBetaFeatures: bool = False
    hideInventory: bool = False


class OrganizationChange(OrganizationFields):
    """The settings to change: absent ones stay, null clears where there may be nothing."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    name: Required = ""


class Terms(Sent):
    """Whether the organization accepts the terms, and in which version."""

    accepted: bool
    version: Annotated[float, Field(ge=0), EXACT]


class Rate(Shown):
    """A currency and its rate to the default currency."""

    code: str
    rate: float
    available: bool
    created: str | None = None
    createdBy: str | None = None
    lastModified: str | None = None
    lastModifiedBy: str | None = None


class OrganizationCurrency(Shown):
    """A currency of the organization; the default currency has the rate 1."""

    id: Annotated[str, Field(alias="_id")]
    organization: str
    code: str
    rate: float = Field(description="Units of it for one of the default currency.")
    available: bool
    deleted: bool
    created: str
    createdBy: str | None = None
    lastModified: str
    lastModifiedBy: str | None = None


class Subscription(Shown):
    """The plan: on a server of one's own nothing is withheld."""

    subscription: str


class ErpName(Shown):
    """The ERP system that the organization is connected to."""

    erpName: str | None


class BetaFeatures(Shown):
    """Whether unfinished features are shown."""

    useBetaFeatures: bool


class HasAcceptedTerms(Shown):
    """Whether the present terms were accepted, and which version was."""

    hasAcceptedTerms: bool
    version: float | None


class RevisionDelimiter(Shown):
    """What stands between a part number and its revision."""

    revisionDelimiter: str


class NextPartNumber(Shown):
    """The number that the next document gets, if nobody is faster."""

    nextPartNumber: str


class ShownTolerance(Shown):
    """A row of an own table of length tolerances, in millimetres."""

    upTo: float | None = None
    plus: float
    minus: float


class Defaults(Shown):
    """The start values of a configurator, for everyone."""

    defaultCurrency: str
    currencies: list[Rate]
    defaultLengthUnit: str
    defaultPressureUnit: str
    defaultBrand: str | None = None
    defaultAdaptorBrand: str | None = None
    defaultWarehouse: str | None = None
    defaultPriceList: str | None = None
    defaultPaper: str
    lengthToleranceTable: str
    lengthTolerances: list[ShownTolerance]
    proofTestFactor: float
    burstTestFactor: float
    testHoldSeconds: float
    revisionDelimiter: str
    useBetaFeatures: bool
    hideInventory: bool


class DefaultsWithCost(Defaults):
    """The start values for those who see costs."""

    labourCost: float | None = None
    defaultMarginPercentMaterials: float | None = None
    defaultMarginPercentLabour: float | None = None


class ShownItemPricing(Shown):
    """How one type of item is priced by default, without the margin, which would give away the cost."""

    itemType: str | None = None
    listPricing: bool | None = None
    enabled: bool | None = None
    defaultDiscountPercent: float | None = None


class ShownItemPricingWithMargin(ShownItemPricing):
    """How one type of item is priced by default."""

    defaultMarginPercent: float | None = None


class OrganizationForCustomers(Record, ShownAddress, Defaults):
    """What a web shop's visitor may see of the shop."""

    name: str
    email: str | None = None
    website: str | None = None


class OrganizationWithoutCost(OrganizationForCustomers):
    """An organization for its people who see no costs."""

    subscription: str
    kerf: float
    scrapPercent: float
    listPricing: bool
    labourPrice: float | None = None
    proofTestPrice: float | None = None
    burstTestPrice: float | None = None
    wrapPrice: float | None = None
    defaultDiscountPercentMaterials: float | None = None
    defaultItemPricing: list[ShownItemPricing]
    partNumberPrefix: str | None = None
    nextPartNumber: int | None = None
    markenFile: ShownFile | None = None
    parkerPtsFile: ShownFile | None = None
    erpName: str | None = None
    acceptedTermsVersion: float | None = None
    acceptedTermsDate: str | None = None
    acceptedTermsBy: str | None = None


class Organization(OrganizationWithoutCost):
    """An organization."""

    labourCost: float | None = None
    proofTestCost: float | None = None
    burstTestCost: float | None = None
    wrapCost: float | None = None
    defaultMarginPercentMaterials: float | None = None
    defaultMarginPercentLabour: float | None = None
    defaultItemPricing: list[ShownItemPricingWithMargin]  # type: ignore[assignment]


ORGANIZATION = View(Organization, OrganizationWithoutCost)
ORGANIZATION_FOR_CUSTOMERS = View(Organization, OrganizationForCustomers)
DEFAULTS = View(DefaultsWithCost, Defaults)

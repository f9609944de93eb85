"""What is stored of a customer, what is sent, and what may be seen without costs."""

from typing import Annotated

from pydantic import Field

from brassleaf.http.fields import (
    AS_OBJECT,
    AS_TEXT,
    TEXT_OR_OBJECT,
    Currency,
    Id,
    LengthUnit,
    LongText,
    Margin,
    OptionalId,
    Percent,
    PressureUnit,
    Text,
    like,
)
from brassleaf.http.models import PageOf, Record, Sent, Shown
from brassleaf.organizations.models import ItemPricings, ShownItemPricing, ShownItemPricingWithMargin
from brassleaf.security.views import View
from brassleaf.store.collections import Collection, Unique
from brassleaf.store.collections import Field as Queried

CUSTOMERS = Collection(
    "customers",
    (
        Queried("name", search=True),
        Queried("erpId", search=True),
        Queried("domain", search=True),
        Queried("city"),
    ),
    {"erpId": Unique("erpId")},
    order="name",
)

Email = Annotated[
    str,
    like(
        r"^[^@\s\x00-\x20]+@[^@\s\x00-\x20]+\.[^@\s\x00-\x20]+$",
        "Give an e-mail address, such as shop@example.com.",
        max_length=254,
    ),
]
Website = Annotated[
    str, like(r"^https?://[^\s\x00-\x20]+$", "Give an address that begins with https:// or http://.", max_length=500)
]


class Country(Sent):
    """The object form of a country."""

    countryName: Text | None = None


class CustomerChange(Sent):
    """The fields of a customer that may be sent: absent ones stay as they are, null clears."""

    name: Text | None = None
    domain: Text | None = None
    erpId: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    region: Text | None = None
    postalCode: Text | None = None
    country: Annotated[Annotated[Text, AS_TEXT] | Annotated[Country, AS_OBJECT], TEXT_OR_OBJECT] | None = None
    phoneNumber: Text | None = None
    email: Email | None = None
    website: Website | None = None
    comments: LongText | None = None
    defaultLengthUnit: LengthUnit | None = None
    defaultLengthUnitBillOfMaterials: LengthUnit | None = None
    defaultPressureUnit: PressureUnit | None = None
    defaultCurrency: Currency | None = None
    defaultTaxCode: Text | None = None
    priceList: OptionalId = None
    contactCustomerForResale: bool | None = None
    listPricing: bool | None = None
    defaultMarginPercentMaterials: Margin | None = None
    defaultMarginPercentLabour: Margin | None = None
    defaultDiscountPercentMaterials: Percent | None = None
    defaultDiscountPercentHoses: Percent | None = None
    defaultDiscountPercentCrimpFittings: Percent | None = None
    defaultDiscountPercentWraps: Percent | None = None
    defaultDiscountPercentFerrules: Percent | None = None
    defaultDiscountPercentAdaptors: Percent | None = None
    defaultDiscountPercentOtherItems: Percent | None = None
    defaultItemPricing: ItemPricings | None = None


class ShownCountry(Shown):
    """The object form of a country."""

    countryName: str | None = None


class CustomerWithoutCost(Record):
    """A customer for roles that see no costs: margins are costs turned round."""

    name: str | None = None
    domain: str | None = None
    erpId: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    region: str | None = None
    postalCode: str | None = None
    country: str | ShownCountry | None = None
    phoneNumber: str | None = None
    email: str | None = None
    website: str | None = None
    comments: str | None = None
    source: str | None = Field(None, description="Where the record comes from.")
    sampleData: list[str] | None = Field(None, description="The fields that are made up, in a demo shop.")
    defaultLengthUnit: str | None = None
    defaultLengthUnitBillOfMaterials: str | None = None
    defaultPressureUnit: str | None = None
    defaultCurrency: str | None = None
    defaultTaxCode: str | None = None
    priceList: str | None = None
    contactCustomerForResale: bool | None = None
    listPricing: bool | None = None
    defaultDiscountPercentMaterials: float | None = None
    defaultDiscountPercentHoses: float | None = None
    defaultDiscountPercentCrimpFittings: float | None = None
    defaultDiscountPercentWraps: float | None = None
    defaultDiscountPercentFerrules: float | None = None
    defaultDiscountPercentAdaptors: float | None = None
    defaultDiscountPercentOtherItems: float | None = None
    defaultItemPricing: list[ShownItemPricing] | None = None


class Customer(CustomerWithoutCost):
    """A customer."""

    defaultMarginPercentMaterials: float | None = None
    defaultMarginPercentLabour: float | None = None
    defaultItemPricing: list[ShownItemPricingWithMargin] | None = None  # type: ignore[assignment]


class CustomerName(Shown):
    """An entry of a pick list."""

    id: Annotated[str, Field(alias="_id")]
    name: str | None = None


class ExportSearch(Sent):
    """Narrows an export."""

    name: Text | None = None


class CustomerExport(Sent):
    """Which customers to export."""

    customers: Annotated[list[Id], Field(max_length=10_000)]
    selectAll: bool
    search: ExportSearch | None = None


CustomerPage = PageOf[Customer]
CUSTOMER = View(Customer, CustomerWithoutCost)

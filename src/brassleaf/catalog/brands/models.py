"""What is sent and shown of a brand, and its columns in Excel."""

from typing import Annotated

from pydantic import Field

from brassleaf.http.fields import LongText, OptionalId, Positive, Required, Text
from brassleaf.http.models import PageOf, Sent, Shown
from brassleaf.security.views import View
from brassleaf.sheets.columns import Column, Sheet
from brassleaf.trade.itemtypes import ITEM_TYPES


class BrandChange(Sent):
    """What an organization says of a brand: absent fields stay, null clears."""

    name: Required | None = Field(None, description="Of its own brands only: everything of the brand moves along.")
    available: bool | None = Field(None, description="False leaves the brand's items out of lists and pick lists.")
    priority: Text | None = None
    supplier: Text | None = None
    productGroup: Text | None = None
    imageName: Text | None = None
    costDiscount: Positive | None = Field(None, description="Noted for the shop, not used in prices.")
    priceMarkup: Positive | None = Field(None, description="Noted for the shop, not used in prices.")
    comments: LongText | None = None


class BrandName(Shown):
    """Id and name of a brand."""

    id: Annotated[str, Field(alias="_id")]
    name: str


class DefaultBrand(Shown):
    """The brand that is chosen beforehand; null where none is."""

    id: Annotated[str | None, Field(alias="_id")]
    name: str | None


class BrandWithoutCost(Shown):
    """A brand with what the organization says of it."""

    id: Annotated[str, Field(alias="_id")]
    name: str
    itemTypes: list[str] = Field(description="The types of its items.")
    organization: str | None = Field(None, description="Set where no item of the shared catalogue is of the brand.")
    available: bool
    priority: str | None = None
    supplier: str | None = None
    productGroup: str | None = None
    imageName: str | None = None
    comments: str | None = None
    created: str | None = None
    createdBy: str | None = None
    lastModified: str | None = None
    lastModifiedBy: str | None = None
    deleted: bool
    deletedDate: str | None = None
    deletedBy: str | None = None


class Brand(BrandWithoutCost):
    """A brand with what the organization says of it, its cost discount and markup too."""

    costDiscount: float | None = None
    priceMarkup: float | None = None


class BrandSearch(Sent):
    """Which brands are asked for."""

    name: Text | None = None


class BrandExport(Sent):
    """Which brands to export."""

    brands: Annotated[list[OptionalId], Field(max_length=10_000)]
    selectAll: bool = Field(description="All brands; the list is ignored.")
    search: BrandSearch | None = None


BRAND = View(Brand, BrandWithoutCost)
BrandPage = PageOf[Brand]
BRAND_SHEET = Sheet(
    "Brands",
    (
        Column("Name", "name", width=28),
        Column("Item types", "itemTypes", "list", width=32, choices=ITEM_TYPES),
        Column("Available", "available", "boolean"),
        Column("Priority", "priority"),
        Column("Supplier", "supplier"),
        Column("Product group", "productGroup"),
        Column("Cost discount", "costDiscount", "number", cost=True),
        Column("Price markup", "priceMarkup", "number", cost=True),
        Column("Comments", "comments", width=40),
        Column("Last modified", "lastModified", "datetime"),
    ),
)

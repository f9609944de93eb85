"""What is sent and answered of price lists and their items."""

from typing import Annotated

from pydantic import Field

from brassleaf.customers.breaks import QuantityBreaks, ShownBreak, stored_fields
from brassleaf.http.fields import Currency, Id, Margin, OptionalId, Percent, Positive, Required, StockUnit
from brassleaf.http.models import PageOf, Record, Sent, Shown
from brassleaf.organizations.currencies import check_currencies
from brassleaf.organizations.models import ItemPricings, ShownItemPricing, ShownItemPricingWithMargin
from brassleaf.security.views import View
from brassleaf.store.collections import Document


class PriceListChange(Sent):
    """The fields of a price list that may be sent: absent ones stay as they are, null clears (not the name)."""

    name: Required | None = None
    defaultCurrency: Currency | None = None
    listPricing: bool | None = None
    defaultMarginPercentMaterials: Margin | None = None
    defaultMarginPercentLabour: Margin | None = None
    defaultDiscountPercentMaterials: Percent | None = None
    defaultItemPricing: ItemPricings | None = Field(None, description="Replaces the whole list.")


class NewPriceList(PriceListChange):
    """A new price list. What is not sent is taken from the price list that `listPriceId` names."""

    name: Required
    listPriceId: OptionalId = Field(
        None, description="A price list to begin with a copy of: its defaults and its items."
    )


class PriceListItemChange(Sent):
    """What a price list says of an item: absent fields stay as they are, null clears."""

    listPrice: Positive | None = None
    currency: Currency | None = Field(None, description="None: the currency of the price list.")
    unitOfMeasure: StockUnit | None = Field(None, description="What the price is for; none: the item's own unit.")
    enabled: bool | None = Field(None, description="false: as if the price list did not have this item.")
    quantityBreaks: QuantityBreaks | None = Field(None, description="By rising quantity. Replaces the whole list.")


class PriceListItem(Record):
    """What a price list says of one item."""

    priceList: str
    item: str
    itemType: str | None = None
    brand: str | None = None
    partNumber: str | None = None
    listPrice: float | None = None
    enabled: bool | None = None
    currency: str | None = None
    unitOfMeasure: str | None = None
    quantityBreaks: list[ShownBreak] | None = None
    recordSource: str | None = Field(None, description="How it came here: import, copy or api.")


class PriceListWithoutCost(Record):
    """A price list for roles that see no costs: margins are costs turned round."""

    priceListId: str = Field(description="The number of the price list, such as PL-0001; paths take `_id`.")
    name: str
    defaultCurrency: str | None = None
    listPricing: bool | None = None
    defaultDiscountPercentMaterials: float | None = None
    defaultItemPricing: list[ShownItemPricing] | None = None


class PriceList(PriceListWithoutCost):
    """A price list."""

    defaultMarginPercentMaterials: float | None = None
    defaultMarginPercentLabour: float | None = None
    defaultItemPricing: list[ShownItemPricingWithMargin] | None = None  # type: ignore[assignment]


class PriceListAndItems(PriceList):
    """A price list, with `items=true` one page of its items too."""

    items: list[PriceListItem] | None = None
    itemsTotal: int | None = Field(None, description="Items in the whole price list.")
    page: int | None = None
    itemsPerPage: int | None = None


class PriceListName(Shown):
    """An entry of a pick list."""

    id: Annotated[str, Field(alias="_id")]
    priceListId: str
    name: str


class PriceListExport(Sent):
    """Which price lists to export."""

    priceLists: Annotated[list[Id], Field(max_length=10_000)]
    selectAll: bool = Field(description="true: every price list, whatever `priceLists` holds.")


PriceListPage = PageOf[PriceList]
PriceListItemPage = PageOf[PriceListItem]
PRICE_LIST = View(PriceList, PriceListWithoutCost)


def own_fields(sent: Document, currencies: frozenset[str]) -> Document:
    """The fields that were sent as they are stored. Raises Refused for a currency that prices cannot be computed in."""
    check_currencies(sent, currencies, "currency")
    return stored_fields(sent)

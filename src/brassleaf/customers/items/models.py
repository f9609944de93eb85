"""What is stored of a customer's items, what is sent, and what may be seen without costs."""

import hashlib
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from brassleaf.customers.breaks import QuantityBreaks, ShownBreak
from brassleaf.http.fields import EXACT, Currency, Id, LongText, Positive, StockUnit, Text
from brassleaf.http.lists import stamp
from brassleaf.http.models import PageOf, Record, Sent
from brassleaf.security.views import View
from brassleaf.store.collections import UNINDEXED_CHANGES, Collection
from brassleaf.store.collections import Field as Queried
from brassleaf.trade.itemtypes import ItemType

#: What is agreed with one customer for one item: at most one document a pair. Brand and part number copy the item's.
#: Searched within one customer, so further indexes would cost every import and help nobody.
CUSTOMER_ITEMS = Collection(
    "customerItems",
    (
        UNINDEXED_CHANGES,
        Queried("created", "time", indexed=False),
        Queried("customer"),
        Queried("item", indexed=False),
        Queried("itemType", indexed=False),
        Queried("brand", indexed=False),
        Queried("partNumber", indexed=False),
        Queried("orgPartNumber", indexed=False),
    ),
    order="partNumber",
)


def pair_id(owner: str, item: str) -> str:
    """The id of what a price list or a customer has for an item: known beforehand, so that no search is needed.

    What belongs together stands together in the indexes: an import that goes owner by owner writes few of their pages.
    """
    return owner[-8:] + hashlib.sha256(f"{owner}|{item}".encode()).hexdigest()[:16]


@lru_cache(maxsize=1024)  # a sheet says few dates, in every row
def _moment(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value.strip())
        if moment.year < 1900:
            raise ValueError
    except ValueError:
        raise ValueError("Give a date like 2026-01-31, or a date and time like 2026-01-31T12:00:00Z.") from None
    try:
        kept = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:  # of the last day of all, or the first
        kept = None
    if kept is None or kept.date() != moment.date():
        kept = datetime.combine(moment.date(), time(), UTC)
    return stamp(kept)


#: A date, or a date and time; without an offset it is UTC. What counts is the day as it is written: where that is
#: another one in UTC, midnight of the written day is kept.
Moment = Annotated[
    str,
    Field(max_length=40),
    AfterValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "maxLength": 40}),
]


_AS_WRITTEN = ": the day as it is written, whatever the time and the offset."


class CustomerItemChange(Sent):
    """What is agreed with a customer for an item: absent fields stay, null clears."""

    price: Positive | None = Field(None, description="In netPriceCurrency per netPriceUnitOfMeasure, less `discount`.")
    discount: Annotated[float, Field(ge=0, le=1), EXACT] | None = Field(None, description="A fraction: 0.1 is 10 %.")
    notes: LongText | None = None
    startDate: Moment | None = Field(None, description=f"The first day on which the agreement holds{_AS_WRITTEN}")
    endDate: Moment | None = Field(None, description=f"The last day on which the agreement holds{_AS_WRITTEN}")
    orgPartNumber: Text | None = None
    available: bool | None = Field(None, description="false: the agreement does not hold, neither price nor cost.")
    priority: Text | None = None
    cost: Positive | None = Field(
        None,
        description="What the item costs for this customer while the agreement holds, in costCurrency per "
        "unitOfMeasure: in costs, margins and prices by margin. None: the item's own cost.",
    )
    costCurrency: Currency | None = None
    unitOfMeasure: StockUnit | None = None
    netPrice: Positive | None = Field(None, description="Stands as it is, before `price` and `discount`.")
    netPriceCurrency: Currency | None = None
    netPriceUnitOfMeasure: StockUnit | None = None
    quantityBreaks: QuantityBreaks | None = Field(
        None,
        description="By rising quantity, in netPriceUnitOfMeasure and netPriceCurrency. Replaces the whole list.",
    )
    itemType: ItemType | None = Field(None, description="Follows from the item; another one is refused.")
    erpHeaderId: Text | None = None
    erpId: Text | None = None


class CustomerItemWithoutCost(Record):
    """What is agreed with a customer for an item, with brand and part number of the item."""

    item: str
    customer: str
    itemType: ItemType
    brand: str | None = None
    partNumber: str | None = None
    price: float | None = None
    discount: float | None = None
    notes: str | None = None
    startDate: str | None = None
    endDate: str | None = None
    orgPartNumber: str | None = None
    available: bool | None = None
    priority: str | None = None
    unitOfMeasure: str | None = None
    netPrice: float | None = None
    netPriceCurrency: str | None = None
    netPriceUnitOfMeasure: str | None = None
    quantityBreaks: list[ShownBreak] | None = None
    recordSource: str | None = Field(None, description="How the record came to be: `api` or `import`.")
    erpHeaderId: str | None = None
    erpId: str | None = None


class CustomerItem(CustomerItemWithoutCost):
    """The same with what the item costs."""

    cost: float | None = None
    costCurrency: str | None = None


class CustomerItemExport(Sent):
    """Which items of a customer to export."""

    customerItems: Annotated[list[Id], Field(max_length=10_000)] | None = Field(
        None, description="The ids of customer items, or of their items; with `selectAll` those to leave out."
    )
    selectAll: bool = Field(description="True: everything except `customerItems`.")


CUSTOMER_ITEM = View(CustomerItem, CustomerItemWithoutCost)
CustomerItemPage = PageOf[CustomerItem]

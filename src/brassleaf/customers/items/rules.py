"""What holds of a customer item whichever way it comes in."""

from brassleaf.customers.breaks import check_item
from brassleaf.errors import Refused
from brassleaf.store.collections import Document

#: The fields that name a currency.
CURRENCIES = ("costCurrency", "netPriceCurrency")


def check_prices(item_type: str | None, fields: Document) -> None:
    """Raise Refused for units that the item is not sold in and quantity breaks that contradict each other."""
    check_item(item_type, fields, ("unitOfMeasure", "netPriceUnitOfMeasure"))


def check_days(document: Document) -> Document:
    """The document, unless it would end before it starts."""
    start, end = document.get("startDate"), document.get("endDate")
    if start and end and str(end) < str(start):
        raise Refused.field("endDate", f"This is before the start date {str(start)[:10]}.")
    return document

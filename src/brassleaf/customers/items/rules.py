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
    """The document, unless its last day is before its first."""
    start, end = (str(document.get(name) or "")[:10] for name in ("startDate", "endDate"))
    if start and end and end < start:
        raise Refused.field("endDate", f"This is before the start date {start}.")
    return document

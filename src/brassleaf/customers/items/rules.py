"""What holds of a customer item whichever way it comes in."""

from brassleaf.customers.breaks import check_item
from brassleaf.errors import FieldError, Refused
from brassleaf.store.collections import Document
from brassleaf.store.port import Stored

_CURRENCIES = ("costCurrency", "netPriceCurrency")


def known_currencies(organization: Stored) -> frozenset[str]:
    """The currencies that an organization can compute with: its own and those with a rate."""
    rates = organization["currencies"] or []
    return frozenset({str(organization["defaultCurrency"]), *(str(entry["code"]) for entry in rates)})


def check_currencies(fields: Document, known: frozenset[str]) -> None:
    """Raise Refused for a currency without a rate: such a price could never be used."""
    if wrong := [name for name in _CURRENCIES if fields.get(name) and fields[name] not in known]:
        text = f"The organization has no rate for it; use one of {', '.join(sorted(known))}."
        raise Refused.fields([FieldError(name, f"{fields[name]}: {text}") for name in wrong])


def check_prices(item_type: str | None, fields: Document) -> None:
    """Raise Refused for units that the item is not sold in and quantity breaks that contradict each other."""
    check_item(item_type, fields, ("unitOfMeasure", "netPriceUnitOfMeasure"))


def check_days(document: Document) -> Document:
    """The document, unless it would end before it starts."""
    start, end = document.get("startDate"), document.get("endDate")
    if start and end and str(end) < str(start):
        raise Refused.field("endDate", f"This is before the start date {str(start)[:10]}.")
    return document

"""Quantity breaks, of a customer item or of an item of a price list: as they are sent, and as a cell says them.

A cell says them as `10: 5.40; 50: 5 %`: from ten on a price, from fifty on a discount.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from brassleaf.errors import FieldError, Refused
from brassleaf.http.fields import AboveZero, Percent, Positive
from brassleaf.http.models import Sent, Shown
from brassleaf.sheets import cells
from brassleaf.sheets.columns import Column
from brassleaf.store.collections import Document
from brassleaf.trade.numbers import decimal_of
from brassleaf.trade.units import parse_stock_unit

_FIELD = "quantityBreaks"
_MOST = 100
#: What is sold by the piece, and what by length; other items may be sold either way.
_BY_LENGTH = {"hose": True, "wrap": True, "crimpFitting": False, "ferrule": False}

COLUMN = Column(
    "Quantity breaks",
    _FIELD,
    width=40,
    note="From which quantity on which price, or which discount: 10: 5.40; 50: 4.95; 100: 12.5 %",
)


class QuantityBreak(Sent):
    """What holds from a quantity on: a price, or a discount. One of the two."""

    quantity: AboveZero = Field(
        description="Pieces or length of this item in a whole request, in the unit of the price."
    )
    price: Positive | None = None
    discountPercent: Percent | None = Field(
        None, description="Off the price of this item that is agreed or in the price list, else off its list price."
    )


#: By rising quantity.
QuantityBreaks = Annotated[list[QuantityBreak], Field(max_length=_MOST)]


def _of_cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return read_breaks(value)
    except Refused as error:
        raise ValueError(error.errors[0].message) from None


#: The same in a sheet, where a cell says them.
BreaksOfCell = Annotated[QuantityBreaks | None, BeforeValidator(_of_cell)]


class ShownBreak(Shown):
    """A quantity break."""

    quantity: float
    price: float | None = None
    discountPercent: float | None = None


def stored_fields(fields: Document) -> Document:
    """The fields that were sent as they are stored: what a break does not say is not kept."""
    if fields.get(_FIELD) is not None:
        # one that says nothing of price or discount is refused with the whole
        rows = [{name: value for name, value in row.items() if value is not None} for row in fields[_FIELD]]
        fields[_FIELD] = rows or None
    return fields


def check_item(item_type: str | None, fields: Mapping[str, Any], units: Sequence[str] = ("unitOfMeasure",)) -> None:
    """Raise Refused, naming every field, for what could never give a price: a wrong unit, breaks that contradict."""
    errors = list(_wrong_breaks(fields.get(_FIELD) or []))
    by_length = _BY_LENGTH.get(str(item_type))
    for name in units:
        unit = fields.get(name)
        if unit is not None and by_length is not None and by_length == (parse_stock_unit(unit, name) == "each"):
            use = "by length: in, ft, mm, cm or m" if by_length else "by the piece: each"
            errors.append(FieldError(name, f"A {item_type} is priced {use}."))
    if errors:
        raise Refused.fields(errors)


def _wrong_breaks(breaks: Sequence[Mapping[str, Any]]) -> Iterable[FieldError]:
    before: float | None = None
    for place, row in enumerate(breaks):
        if (row.get("price") is None) == (row.get("discountPercent") is None):
            yield FieldError(f"{_FIELD}[{place}]", "Give a price or a discountPercent, and not both.")
        if before is not None and row["quantity"] <= before:
            text = f"Give the breaks by rising quantity; {row['quantity']:g} comes after {before:g}."
            yield FieldError(f"{_FIELD}[{place}].quantity", text)
        before = row["quantity"]


def breaks_text(breaks: Iterable[Mapping[str, Any]] | None) -> str | None:
    """Breaks as a cell says them."""
    return "; ".join(map(_text, breaks or [])) or None


def _text(row: Mapping[str, Any]) -> str:
    price = row.get("price")
    value = _number(row["discountPercent"]) + " %" if price is None else _number(price)
    return f"{_number(row['quantity'])}: {value}"


def _number(value: float) -> str:
    return cells.number_text(decimal_of(value, _FIELD))


def read_breaks(text: str) -> list[Document]:
    """The breaks that a cell says. Raises Refused, naming the part that cannot be read."""
    found: list[Document] = []
    for part in filter(str.strip, text.replace("\n", ";").split(";")):
        quantity, colon, value = part.partition(":")
        percent = value.strip().endswith("%")
        numbers = [cells.number(quantity), cells.number(value.strip().removesuffix("%"))]
        if not colon or not all(isinstance(number, int | float) for number in numbers):
            reason = next((number.reason for number in numbers if isinstance(number, cells.Bad)), "")
            text = f"{part.strip()!r} is no quantity break; write 10: 5.40; 50: 4.95 or 50: 5 %. {reason}".strip()
            raise Refused.field(_FIELD, text)
        found.append({"quantity": numbers[0], "discountPercent" if percent else "price": numbers[1]})
    return found

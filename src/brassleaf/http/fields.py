"""The types of wire fields: what they accept, and the sentence that answers what they do not."""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Tag,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from brassleaf.errors import Refused
from brassleaf.trade.units import parse_length_unit, parse_pressure_unit, parse_stock_unit

ID_PATTERN = "^[0-9a-fA-F]{24}$"
#: By pattern, what is said of a text that does not match it.
SENTENCES: dict[str, str] = {}

#: Everything that is a control character except the white space of a text of several lines.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile(r"[\t\r\n\u2028\u2029]")

#: Doubles are exact to this many digits; a number with more cannot be stored as it was sent.
DIGITS = 15


def _spaced(value: str) -> str:
    if value.isascii() and value.isprintable():  # most of what comes
        return value
    if found := _CONTROLS.search(value) or _BREAKS.search(value):
        raise ValueError(f"Leave out the control character U+{ord(found[0]):04X}.")
    return unicodedata.normalize("NFC", value)


def _text(value: str) -> str:
    return _spaced(value).strip()


def _long_text(value: str) -> str:
    if found := _CONTROLS.search(value):
        raise ValueError(f"Leave out the control character U+{ord(found[0]):04X}.")
    return unicodedata.normalize("NFC", value).strip()


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("Give a number.")
    if isinstance(value, int) and abs(value) < 10**DIGITS:
        return value
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("Give a finite number.")
    text = repr(value)
    if len(text) <= DIGITS and "e" not in text:  # so few digits, and neither huge nor close to zero
        return value
    exact = Decimal(text)
    if len(exact.normalize().as_tuple().digits) > DIGITS or abs(exact) >= Decimal(10) ** DIGITS:
        raise ValueError(f"Give a number of at most {DIGITS} digits.")
    if exact and abs(exact) < Decimal(10) ** -DIGITS:
        raise ValueError("Give a number that is not so close to zero, or zero.")
    return value


def _something(value: str) -> str:
    if not value:
        raise ValueError("Give at least one character that is no blank.")
    return value


def like(pattern: str, sentence: str, **more: Any) -> Any:
    """A text of a pattern; whoever sends another one is told the sentence."""
    SENTENCES[pattern] = sentence
    return Field(pattern=pattern, **more)


def _text_or_object(value: object) -> str:
    return (AS_OBJECT if isinstance(value, dict | BaseModel) else AS_TEXT).tag


def _id(value: str) -> str:
    return value.lower()


def _empty_is_none(value: Any) -> Any:
    return None if value == "" else value


def _unit(parse: Callable[[str, str], object]) -> Callable[[str], str]:
    @lru_cache(maxsize=256)
    def check(value: str) -> str:
        try:
            parse(value, "unit")
        except Refused as error:
            raise ValueError(error.errors[0].message if error.errors else error.message) from error
        return value

    return check


def _day(value: str) -> str:
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        raise ValueError("Give a day like 2026-01-31.") from None


class _Exact:
    """A JSON number that a double holds exactly. Bounds stand before it: there they are checked with the type."""

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_number, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        found = handler(schema)
        if "exclusiveMinimum" not in found:
            found.setdefault("minimum", -(10.0**DIGITS))
        if "exclusiveMaximum" not in found:
            found.setdefault("maximum", 10.0**DIGITS)
        return found


#: A line of text: trimmed, composed (NFC), without control characters.
Text = Annotated[str, Field(max_length=500), AfterValidator(_text)]
#: The same, with the blanks at its ends.
SpacedText = Annotated[str, Field(max_length=500), AfterValidator(_spaced)]
#: Text that is trimmed, and something must be in it.
Required = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_text), AfterValidator(_something)]
#: Text of several lines.
LongText = Annotated[str, Field(max_length=10_000), AfterValidator(_long_text)]
EXACT = _Exact()
#: A JSON number that a double holds exactly.
Number = Annotated[float, EXACT]
#: A number that is not below zero.
Positive = Annotated[float, Field(ge=0), EXACT]
#: A number above zero.
AboveZero = Annotated[float, Field(gt=0), EXACT]
#: A margin in percent of the price: what it leaves for the cost is never nothing.
Margin = Annotated[float, Field(ge=0, lt=100), EXACT]
#: A share in percent, 0 to 100.
Percent = Annotated[float, Field(ge=0, le=100), EXACT]
#: A unit, in the spelling that it was given.
LengthUnit = Annotated[Text, AfterValidator(_unit(parse_length_unit))]
PressureUnit = Annotated[Text, AfterValidator(_unit(parse_pressure_unit))]
StockUnit = Annotated[Text, AfterValidator(_unit(parse_stock_unit))]
#: An ISO 4217 code, kept in capitals.
Currency = Annotated[
    str, like("^[A-Za-z]{3}$", "Give a currency by its three letters, such as USD."), AfterValidator(str.upper)
]
#: A day; of a date and time the day is kept.
Day = Annotated[str, Field(max_length=40), AfterValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
#: The id of a document.
Id = Annotated[str, like(ID_PATTERN, "Give an id of 24 hex digits."), AfterValidator(_id)]
#: A reference that may be left out; an empty text, which form clients send, counts as none.
OptionalId = Annotated[Id | None, BeforeValidator(_empty_is_none)]
#: Where a text or an object may stand, what was sent decides which of the two it is held against.
AS_TEXT, AS_OBJECT = Tag("a text"), Tag("an object")
TEXT_OR_OBJECT = Discriminator(_text_or_object)

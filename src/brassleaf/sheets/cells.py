"""What one cell says, by the kind of its column: the inverse of how `writer` shows a value.

Pure, and only the standard library: it runs in the child process of `reader`.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

LONGEST_TEXT = 32_767  # UTF-16 units, Excel's limit for a cell
SHORT = LONGEST_TEXT // 2  # so few characters fit, whichever these are
CLEAR = "__clear__"
_EXACT = 2**53
_HUGE = 1e300
_DIGITS = 15  # what Excel keeps of a number


@dataclass(frozen=True, slots=True)
class Bad:
    """Why a cell cannot be used."""

    reason: str


class _Blank:
    """A cell with nothing in it."""

    __slots__ = ()


BLANK: Final = _Blank()

Convert = Callable[[Any], Any]  # a cell as calamine gives it; a JSON value, None for `__clear__`, BLANK, or Bad

_SPACES = re.compile("[\u00a0\u2007\u2009\u202f]")
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_ONE_MARK = re.compile(r"([+-]?)(\d+)([.,])(\d+)", re.ASCII)
_GROUPED = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?)", re.ASCII)
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d+)?", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?\s?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})
_EPOCH = date(1899, 12, 30)
_HALF_A_MILLISECOND = timedelta(microseconds=500)
_DAY, _MILLISECOND = timedelta(days=1), timedelta(milliseconds=1)
_FIRST_DAY = date(1900, 3, 1)  # before it, Excel and others disagree on which day a number is; a text says it


def show(cell: Any) -> str:
    """A cell as a report quotes it."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT:
        return str(int(cell))
    if isinstance(cell, list):
        cell = "; ".join(map(show, cell))
    text = cell if isinstance(cell, str) else str(cell)
    return text if len(text) <= 200 else text[:199] + "…"


def text(cell: Any) -> Any:
    """A text column: what stands there. A number keeps its digits; a date is refused, since Excel made it of a text."""
    if type(cell) is str:
        return _string(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | int):
        if abs(cell) >= 10**_DIGITS:
            return Bad("Excel keeps only 15 digits of a number. Format the column as text and type it again.")
        return str(int(cell)) if float(cell).is_integer() else f"{cell:.15g}"
    return Bad("Excel has made a date or time of this. Format the column as text and type it again.")


def cleared(said: str) -> str | None:
    r"""What a text that ends with `__clear__` says: None if that is all. `\__clear__` says `__clear__`."""
    if said == CLEAR:
        return None
    return said[1:] if not said.removesuffix(CLEAR).strip("\\") else said


def number(cell: Any) -> Any:
    """A number column: a number, or a text that says one."""
    if isinstance(cell, bool):
        return Bad("Give a number instead of TRUE or FALSE.")
    if isinstance(cell, float | int):
        return _number(cell)
    if type(cell) is str:
        found = _string(cell)
        return _spelled(found) if type(found) is str else found
    return Bad("Excel has made a date or time of this. Format the column as a number and type it again.")


def integer(cell: Any) -> Any:
    """A column of whole numbers."""
    found = number(cell)
    if isinstance(found, float) and not found.is_integer():
        return Bad("Give a whole number.")
    return found


def boolean(cell: Any) -> Any:
    """A column of truth values: TRUE or FALSE, yes or no, 1 or 0."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, float | int) and cell in (0, 1):
        return bool(cell)
    if type(cell) is str:
        found = _string(cell)
        if type(found) is not str:
            return found
        word = found.casefold()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
    return Bad("Give TRUE or FALSE, yes or no, 1 or 0.")


def moment(cell: Any) -> Any:
    """A column of dates and times: a real one, or ISO text. Without an offset it is UTC, as everything here."""
    if isinstance(cell, datetime):
        return _moment(_nearest(cell)) if cell.date() >= _FIRST_DAY else _TOO_EARLY
    if isinstance(cell, date):
        return cell.isoformat() if cell >= _FIRST_DAY else _TOO_EARLY
    if type(cell) is str:
        found = _string(cell)
        return _iso(found) if type(found) is str else found
    if isinstance(cell, time | timedelta):
        return Bad("This is a time without a day. Write 2026-01-31, or 2026-01-31 14:00.")
    return Bad("This is a number. Format the cell as a date, or write 2026-01-31.")


def days(cell: date | time | timedelta) -> dict[str, float]:
    """A date or time as Excel keeps it: days since its epoch, and whether it shows a time of day."""
    if isinstance(cell, timedelta):
        return {"datetime": cell / _DAY}
    if isinstance(cell, time):
        cell = datetime.combine(_EPOCH, cell)
    if not isinstance(cell, datetime):
        return {"date": (cell - _EPOCH).days}
    return {
        "datetime": round((cell.replace(tzinfo=None) - datetime.combine(_EPOCH, time())) / _MILLISECOND) / 86_400_000
    }


def several(cell: Any) -> Any:
    """A column of lists: `a; b; c`, or a JSON array."""
    found = text(cell)
    if type(found) is not str:
        return found
    if found.startswith("["):
        try:
            listed = json.loads(found)
        except ValueError:
            return Bad("Write the values with semicolons between them, or as a JSON array.")
        return listed
    return [part.strip() for part in found.split(";") if part.strip()]


CONVERTERS: dict[str, Convert] = {
    "text": text,
    "number": number,
    "integer": integer,
    "boolean": boolean,
    "datetime": moment,
    "list": several,
}

_TOO_EARLY = Bad("Excel is not sure of days before 1 March 1900. Format the cell as text and write 1900-01-31.")
_NOT_A_NUMBER = Bad("Give a number, such as 1234.5, without a unit or currency.")
_NOT_A_DATE = Bad("Give a date as 2026-01-31, or as a real date of Excel; other ways to write one are ambiguous.")


def _string(cell: str) -> Any:
    """A text without the blanks at its ends, BLANK if nothing is left, None to clear."""
    stripped = cell.strip()
    if not stripped:
        return BLANK
    if stripped.endswith(CLEAR) and (meant := cleared(stripped)) != stripped:
        return meant
    if len(cell) * 2 > LONGEST_TEXT and len(cell.encode("utf-16-le", "surrogatepass")) // 2 > LONGEST_TEXT:
        return Bad(f"A cell of Excel holds at most {LONGEST_TEXT:,} characters; shorten the text.")
    return stripped


def _number(value: float) -> Any:
    """A number to the 15 digits that Excel shows, whole ones without a point."""
    if not abs(value) < _HUGE:  # neither is NaN
        return _NOT_A_NUMBER
    if abs(value) < _EXACT and float(value).is_integer():
        return int(value)
    return float(f"{value:.15g}")


def number_text(value: Decimal) -> str:
    """A number inside of a text, as `number` reads it back: with three decimals a zero more says what the point is."""
    text = f"{value.normalize():f}"
    return text + "0" if isinstance(_spelled(text), Bad) else text


def _spelled(said: str) -> Any:
    """A number that was written as a text.

    A point or comma with anything but exactly three digits after it is the decimal mark. `1,234` and `1.234` mean one
    thing here and a thousand times as much there, so they are refused; `0.125` and `1234.500` can mean but one thing.
    With both marks the last one is the decimal mark; repeated ones and blanks part thousands.
    """
    word = _SPACES.sub(" ", said).strip().replace("\u2212", "-")
    if match := _ONE_MARK.fullmatch(word):
        _, whole, mark, part = match.groups()
        if len(part) == 3 and len(whole) <= 3 and not whole.startswith("0"):
            return Bad(
                f"{word} may mean {whole}{part} or {whole}.{part}. Make it a number in Excel, or write {whole}{part} "
                f"or {whole}{mark}{part}0."
            )
        word = word.replace(",", ".")
    elif _GROUPED.fullmatch(word):
        thousands, decimal = (",", ".") if word.rfind(".") > word.rfind(",") else (".", ",")
        if word.count(decimal) > 1 or thousands not in word:
            thousands, decimal = decimal, ""
        word = word.replace(thousands, "")
        word = word.replace(decimal, ".") if decimal else word
    elif _SPACED.fullmatch(word):
        word = re.sub("[ '’]", "", word).replace(",", ".")
    if not _PLAIN.fullmatch(word):
        return _NOT_A_NUMBER
    if len(Decimal(word).normalize().as_tuple().digits) > _DIGITS:
        return Bad(f"Give a number of at most {_DIGITS} digits.")
    return _number(float(word))


def _iso(word: str) -> Any:
    if not _MOMENT.fullmatch(word):
        return _NOT_A_DATE
    try:
        if len(word) == 10:
            return date.fromisoformat(word).isoformat()
        return _moment(datetime.fromisoformat(word.replace(" ", "T", 1).replace(" ", "")))
    except ValueError:
        return _NOT_A_DATE


def _moment(found: datetime) -> Any:
    text = found.isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z") if found.tzinfo else f"{text}Z"


def _nearest(found: datetime) -> datetime:
    """The nearest millisecond of a time of Excel, which is a fraction of a day."""
    last = datetime.max.replace(tzinfo=found.tzinfo) - _HALF_A_MILLISECOND
    return min(found, last) + _HALF_A_MILLISECOND

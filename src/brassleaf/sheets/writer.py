"""The child process of an export: documents come in on standard input, the workbook goes out on standard output.

It is run as a file of its own, with `-I`, and imports nothing but the standard library and orjson, so that it starts in
some 50 ms and cannot see what the server knows. Standard output is an open file, already without a name: whatever
happens to this process, nothing is left on the disk. Input lines: the `Frame` as JSON, then arrays of documents, then
`{"rows": n}`. An input that ends without that last line belongs to a server that has died.

openpyxl makes the workbook around the rows (`workbook.frame`); the rows themselves are written here as text, because
that takes a fifth of the time of openpyxl's cells, and no temporary copy of the sheet.
"""

import os
import re
import sys
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import IO, Any, TypedDict

import orjson

TOO_LARGE, BROKEN_OFF = 3, 4  # exit codes
MOST_BYTES = 2_000_000_000  # of the unpacked sheet: beyond 2^31 it would need ZIP64, which Excel offers to "repair"
END_OF_ROWS = "</sheetData>"
LAST_ROW = "1048576"  # stands in the frame wherever the last written row belongs


class Column(TypedDict):
    """A column as the child needs it."""

    field: str
    kind: str
    as_read: bool


Cell = Callable[[Any], str]  # a value as the text of its cell after the row number, or "" for a blank
Read = Callable[[Any], Any]


# Text

LONGEST_TEXT = 32_767  # UTF-16 units in one cell
CUT_MARK = " …[cut: longer than an Excel cell]"

_CAREFUL = re.compile("[&<>_\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
CLEAR = "__clear__"  # what an import takes for: no value
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def clean(text: str) -> str:
    """The text as Excel can hold it: U+FFFD for characters that XML forbids, and a mark where it had to be cut."""
    text = _ILLEGAL.sub("\ufffd", text)
    if len(text) * 2 > LONGEST_TEXT:
        units = text.encode("utf-16-le")
        if len(units) > 2 * LONGEST_TEXT:
            text = units[: 2 * (LONGEST_TEXT - len(CUT_MARK))].decode("utf-16-le", "ignore") + CUT_MARK
    return text


def _text_element(text: str) -> str:
    """The text as XML that gives back every character, blanks at the ends and line ends included.

    Excel reads `_x0041_` in a text as an "A" (ISO/IEC 29500, ST_Xstring), other readers do not. Two runs of text with
    the border behind the first underscore mean the same to all of them.
    """
    runs = []
    start = 0
    text = clean(text)
    for match in _ESCAPE_LIKE.finditer(text):
        runs.append(text[start : match.end()])
        start = match.end()
    runs.append(text[start:])
    elements = [f'<t xml:space="preserve">{run.translate(_ESCAPES)}</t>' for run in runs]
    return elements[0] if len(elements) == 1 else "".join(f"<r>{element}</r>" for element in elements)


def _json_text(value: Any) -> str:
    """Any value that is no text, as a reader of JSON knows it."""
    return orjson.dumps(value).decode()


def list_text(items: list[Any]) -> str:
    """`a; b; c`, or a JSON array where that would not read back as the same list of texts."""
    plain = [item if type(item) is str else _json_text(item) for item in items]
    ambiguous = any(
        not text or ";" in text or text != text.strip() or text[0] in "[{" or item is None
        for text, item in zip(plain, items, strict=True)
    )
    return _json_text(items) if ambiguous else "; ".join(plain)


# Numbers and times

_EXACT = 2**53  # above it, neighbouring integers share one double
_TINY, _HUGE = 1e-300, 1e300  # well inside of what Excel takes (2.2e-308, 9.99e307); beyond is not a quantity
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  Excel's times have no zone; ours are UTC
_FIRST = datetime(1900, 3, 1)  # noqa: DTZ001  before it Excel, with its 29 February 1900, and others disagree on the day
_MILLISECOND = timedelta(milliseconds=1)


def serial(text: str) -> float | None:
    """Days since Excel's epoch, in UTC and whole milliseconds; None for what is no time that Excel can hold."""
    if not _TIME.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    if moment < _FIRST:
        return None
    return (moment - _EPOCH) // _MILLISECOND / 86_400_000


def _meant_literally(text: str) -> str:
    """The text, with a backslash before it where an import would take it for the word that clears a field."""
    said = text.strip()
    return text.replace(said, "\\" + said) if said.endswith(CLEAR) and not said[: -len(CLEAR)].strip("\\") else text


def converters(styles: dict[str, int], *, literal: bool = False) -> dict[str, Cell]:  # noqa: C901  one closure a kind of column
    """For each kind of column, the function that writes a cell; `literal` for what was in a cell before."""
    text_head = f'" s="{styles["text"]}" t="inlineStr"><is>'
    plain_head = text_head + "<t>"
    integer_head = f'" s="{styles["integer"]}"><v>'
    time_head = f'" s="{styles["datetime"]}"><v>'
    date_head = f'" s="{styles["date"]}"><v>'

    def text(value: Any) -> str:
        if type(value) is not str:
            if value is None or value == []:
                return ""
            value = list_text(value) if type(value) is list else _json_text(value)
        if not value:
            return ""
        if len(value) < 16_000 and value[0] != " " and value[-1] != " " and _CAREFUL.search(value) is None:
            return f"{plain_head}{value}</t></is></c>"
        return f"{text_head}{_text_element(value if literal else _meant_literally(value))}</is></c>"

    def number(value: Any) -> str:
        kind = type(value)
        if kind is float and (_TINY < value < _HUGE or -_HUGE < value < -_TINY or value == 0):
            return f'"><v>{value!r}</v></c>'
        if kind is int and -_EXACT <= value <= _EXACT:
            return f'"><v>{value}</v></c>'
        return boolean(value)

    def integer(value: Any) -> str:
        if (type(value) is int or (type(value) is float and value.is_integer())) and -_EXACT <= value <= _EXACT:
            return f"{integer_head}{int(value)}</v></c>"
        return number(value)

    def boolean(value: Any) -> str:
        if value is True:
            return '" t="b"><v>1</v></c>'
        if value is False:
            return '" t="b"><v>0</v></c>'
        return text(value)

    def moment(value: Any) -> str:
        if type(value) is str:
            days = serial(value)
            return text(value) if days is None else f"{date_head if len(value) == 10 else time_head}{days!r}</v></c>"
        return number(value)

    def flag(value: Any) -> str:
        return boolean(value) if type(value) is bool else number(value)

    return {"text": text, "list": text, "number": number, "integer": integer, "boolean": flag, "datetime": moment}


def as_read(convert: Cell, styles: dict[str, int]) -> Cell:
    """The function that writes a cell as it was read raw: only texts by the kind of their column."""

    def written(value: Any) -> str:
        if type(value) is dict:
            ((kind, said),) = value.items()
            return f'" t="e"><v>{said}</v></c>' if kind == "error" else f'" s="{styles[kind]}"><v>{said!r}</v></c>'
        if type(value) is int or type(value) is float:
            return f'"><v>{value!r}</v></c>'
        if type(value) is bool:
            return f'" t="b"><v>{value:d}</v></c>'
        return convert(value)

    return written


# Rows


def reader(field: str) -> Read:
    """The function that follows a dotted path into a document; None where it leads nowhere."""
    first, _, rest = field.partition(".")
    further = reader(rest) if rest else None

    def read(value: Any) -> Any:
        if type(value) is dict:
            value = value.get(first)
        elif type(value) is not list:
            return None
        elif first.isdecimal():
            value = value[int(first)] if int(first) < len(value) else None
        else:
            found = (read(entry) for entry in value)
            return [entry for entry in found if entry is not None]
        return value if further is None or value is None else further(value)

    return read


def column_name(index: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        name = chr(65 + letter) + name
    return name


class Rows:
    """Turns documents into the XML of their rows."""

    def __init__(self, columns: list[Column], styles: dict[str, int]) -> None:
        cells, raw = converters(styles), converters(styles, literal=True)
        self._plan = []
        for index, column in enumerate(columns):
            kind = column["kind"]
            convert = as_read(raw[kind], styles) if column["as_read"] else cells[kind]
            head, field = f'<c r="{column_name(index)}', column["field"]
            self._plan.append((head, field, _further(field), convert))
        self.last = 1  # the header's row

    def write(self, documents: Iterable[dict[str, Any]]) -> str:
        """The rows below the ones written before."""
        plan = self._plan
        number = self.last
        out: list[str] = []
        add = out.append
        for document in documents:
            number += 1
            row = str(number)
            add(f'<row r="{row}">')
            for head, field, read, convert in plan:
                value = document.get(field) if read is None else read(document)
                if value is not None:
                    cell = convert(value)
                    if cell:
                        add(f"{head}{row}{cell}")
            add("</row>")
        self.last = number
        return "".join(out)


def _further(field: str) -> Read | None:
    return reader(field) if "." in field else None


# The workbook

_TIMESTAMP = re.compile(r"(?<=>)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?=<)")  # when it was made: frames are kept


def write(source: IO[bytes], target: IO[bytes]) -> int:
    """Write the workbook that `source` describes; the exit code."""
    frame = orjson.loads(source.readline())
    rows = Rows(frame["columns"], frame["styles"])
    ended = False
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=frame["effort"]) as archive:
        with archive.open(frame["sheet"], "w") as sheet:
            size = sheet.write(frame["before"].encode())
            for line in source:
                received = orjson.loads(line)
                if isinstance(received, dict):
                    ended = received["rows"] == rows.last - 1
                    break
                size += sheet.write(rows.write(received).encode())
                if size > MOST_BYTES or rows.last > int(LAST_ROW):
                    return TOO_LARGE
            sheet.write(frame["after"].replace(LAST_ROW, str(rows.last)).encode())
        for name, text in frame["parts"].items():
            with archive.open(name, "w") as part:
                part.write(_TIMESTAMP.sub(now, text.replace(f"${LAST_ROW}<", f"${rows.last}<")).encode())
    return 0 if ended else BROKEN_OFF


def main() -> int:
    """Serve one export, a little more politely than the server that asked for it."""
    os.nice(10)
    with os.fdopen(0, "rb", 1 << 18, closefd=False) as source, os.fdopen(1, "wb", closefd=False) as target:
        return write(source, target)


if __name__ == "__main__":
    sys.exit(main())

"""What a document holds is what openpyxl reads back, whatever it holds."""

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import openpyxl
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import Cell

from brassleaf.sheets import workbook, writer
from brassleaf.sheets.columns import Column, Kind, Sheet


def _written(sheet: Sheet, documents: list[dict[str, Any]]) -> bytes:
    lines = [workbook.frame(sheet), orjson.dumps(documents), orjson.dumps({"rows": len(documents)})]
    target = io.BytesIO()
    assert writer.write(io.BytesIO(b"\n".join(lines)), target) == 0
    return target.getvalue()


def _cells(kind: Kind, values: list[Any]) -> list[Cell]:
    """The cells of one column that holds these values, each one a row."""
    sheet = Sheet("Values", (Column("Row", "row", "integer"), Column("Value", "value", kind)))
    content = _written(sheet, [{"row": row, "value": value} for row, value in enumerate(values)])
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert page.max_row == len(values) + 1
    return [page.cell(row, 2) for row in range(2, len(values) + 2)]


def _values(kind: Kind, values: list[Any]) -> list[Any]:
    return [cell.value for cell in _cells(kind, values)]


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
AWKWARD_TEXT = st.text(st.sampled_from("_x0041F \t\r\n&<>\"']=+-@;\x00\x0b\ufffe😀é"), min_size=1)


@settings(deadline=None)
@given(st.lists(ANY_TEXT | AWKWARD_TEXT, min_size=1, max_size=20))
def test_any_text_comes_back(texts: list[str]) -> None:
    forbidden = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
    cells = _cells("text", texts)
    assert [cell.value for cell in cells] == [forbidden.sub("\ufffd", text) for text in texts]
    assert {cell.data_type for cell in cells} == {"s"}


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53), min_size=1))
def test_any_number_comes_back(numbers: list[float]) -> None:
    for number, cell in zip(numbers, _cells("number", numbers), strict=True):
        if number == 0 or 1e-300 < abs(number) < 1e300:
            assert (cell.data_type, cell.value) == ("n", number)
        else:
            assert (cell.data_type, float(cell.value)) == ("s", number)


@settings(deadline=None)
@given(st.lists(st.integers(-(2**63), 2**64 - 1), min_size=1))
def test_an_integer_that_excel_would_round_is_a_text(numbers: list[int]) -> None:
    expected = [number if abs(number) <= 2**53 else str(number) for number in numbers]
    assert _values("integer", numbers) == expected
    assert _values("number", numbers) == expected


MOMENTS = st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 31, 23, 59, 59, 999999))  # noqa: DTZ001


@settings(deadline=None)
@given(st.lists(MOMENTS, min_size=1, max_size=20))
def test_any_moment_comes_back_to_the_millisecond(moments: list[datetime]) -> None:
    cells = _cells("datetime", [moment.isoformat() + "Z" for moment in moments])
    assert [cell.value for cell in cells] == [
        moment.replace(microsecond=moment.microsecond // 1000 * 1000) for moment in moments
    ]
    assert {cell.number_format for cell in cells} == {"yyyy-mm-dd hh:mm:ss"}


@settings(deadline=None)
@given(st.lists(MOMENTS.filter(lambda moment: 1900 < moment.year < 9999), min_size=1), st.integers(-14 * 60, 14 * 60))
def test_an_offset_is_turned_into_utc(moments: list[datetime], minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    texts = [moment.replace(microsecond=0, tzinfo=UTC).astimezone(zone).isoformat() for moment in moments]
    assert _values("datetime", texts) == [moment.replace(microsecond=0) for moment in moments]


def test_a_date_has_no_time() -> None:
    (cell,) = _cells("datetime", ["2026-01-31"])
    assert cell.value == datetime(2026, 1, 31)  # noqa: DTZ001
    assert cell.number_format == "yyyy-mm-dd"


@pytest.mark.parametrize(
    "text",
    ["1899-12-31T23:59:59Z", "1900-02-28", "0001-01-01T00:00:00+14:00", "soon", "20260131", "2026-02-30", "2026-1-1",
     "2026-01-31T25:00:00Z", "2026-01-31x10:00:00Z", "-08"],
)  # fmt: skip
def test_what_is_no_time_of_excel_stays_text(text: str) -> None:
    (cell,) = _cells("datetime", [text])
    assert (cell.data_type, cell.value) == ("s", text)


@pytest.mark.parametrize(
    "text",
    ["=1+1", '=HYPERLINK("http://x")', "+1", "-08", "-4-4", "@SUM(A1)", "=", "'x", "007", "1e5", "TRUE", "#REF!"],
)
def test_a_text_is_never_a_formula_or_a_number(text: str) -> None:
    for kind in ("text", "list", "number", "integer", "boolean", "datetime"):
        (cell,) = _cells(kind, [text])
        assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", text, False)
        assert cell.number_format == "@"  # Excel would make -8 of -08 when somebody edits a cell of format General


def test_every_kind_of_value_in_every_kind_of_column() -> None:
    values = [True, False, 5, 5.0, 5.5, None, "", "x", [], ["a", "b"], {"a": 1}]
    mixed = ["x", None, "a; b", '{"a":1}']
    assert _values("boolean", values) == [True, False, 5, 5, 5.5, None, None, *mixed]
    assert _values("number", values) == [True, False, 5, 5, 5.5, None, None, *mixed]
    assert _values("integer", values) == [True, False, 5, 5, 5.5, None, None, *mixed]
    assert _values("datetime", values) == [True, False, 5, 5, 5.5, None, None, *mixed]
    assert _values("text", values) == ["true", "false", "5", "5.0", "5.5", None, None, *mixed]
    assert _values("list", values) == ["true", "false", "5", "5.0", "5.5", None, None, *mixed]
    assert [type(value) for value in _values("boolean", [True, 1])] == [bool, int]


@pytest.mark.parametrize("items", [["a;b"], [" a"], [""], ["a", ""], ["[a"], [None], [["a"]], [{"a": 1}], ["a\n"]])
def test_a_list_that_semicolons_cannot_tell_is_json(items: list[Any]) -> None:
    (text,) = _values("list", [items])
    assert orjson.loads(text) == items


@settings(deadline=None)
@given(st.lists(ANY_TEXT.map(lambda text: text.replace("\r", "")), min_size=1))
def test_a_list_of_texts_can_be_told_from_its_cell(items: list[str]) -> None:
    text = writer.list_text(items)
    assert (orjson.loads(text) if text.startswith("[") else text.split("; ")) == items


@pytest.mark.parametrize("text", ["x" * 32_767, "😀" * 16_383, "é" * 20_000])
def test_a_text_that_fits_is_not_cut(text: str) -> None:
    assert _values("text", [text]) == [text]


@pytest.mark.parametrize("text", ["x" * 32_768, "😀" * 16_384, "x" + "😀" * 20_000])
def test_a_text_too_long_for_a_cell_is_cut_visibly(text: str) -> None:
    (cut,) = _values("text", [text])
    assert cut.endswith(writer.CUT_MARK)
    assert text.startswith(cut.removesuffix(writer.CUT_MARK))
    assert 32_766 <= len(cut.encode("utf-16-le")) / 2 <= 32_767


def test_excel_does_not_read_an_escape_into_a_text() -> None:
    """No single run of text may hold `_x0041_`, which Excel reads as "A"."""
    content = _written(Sheet("A", (Column("A", "a"),)), [{"a": "1_x0041_x0042_ "}])
    xml = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert "_x0041_" not in xml
    assert "_x0042_" not in xml
    assert openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]["A2"].value == "1_x0041_x0042_ "


def test_a_path_leads_into_objects_and_lists() -> None:
    document = {"a": {"b": {"c": 1}}, "l": [{"e": "x"}, {"f": 0}, {"e": "y"}]}
    found = {
        path: writer.reader(path)(document)
        for path in ("a.b.c", "a.x.c", "a.b.c.d", "l.0.e", "l.7.e", "l.e", "z", "z.y")
    }
    assert found == {
        "a.b.c": 1, "a.x.c": None, "a.b.c.d": None, "l.0.e": "x", "l.7.e": None, "l.e": ["x", "y"], "z": None,
        "z.y": None,
    }  # fmt: skip


def test_column_names_are_excels() -> None:
    assert [writer.column_name(index) for index in (0, 25, 26, 701, 702, 16_383)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
        "XFD",
    ]


def test_the_header_is_bold_frozen_filtered_and_wide_enough() -> None:
    sheet = Sheet("It's $1048576", (Column("=Name", "name", width=33), Column("Price", "price", "number")))
    book = openpyxl.load_workbook(io.BytesIO(_written(sheet, [{"name": "a"}, {"price": 2}])))
    page = book.worksheets[0]
    assert book.sheetnames == ["It's $1048576"]
    assert [cell.value for cell in page[1]] == ["=Name", "Price"]
    assert [(cell.data_type, cell.font.b) for cell in page[1]] == [("s", True)] * 2
    assert (page.freeze_panes, page.auto_filter.ref) == ("A2", "A1:B3")
    assert page.column_dimensions["A"].width == 33
    assert [[cell.value for cell in row] for row in page["A2:B3"]] == [["a", None], [None, 2]]
    assert book.properties.creator == "Brassleaf"
    assert abs(book.properties.modified - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=1)


def test_an_export_without_rows_is_a_sheet_with_its_header() -> None:
    page = openpyxl.load_workbook(io.BytesIO(_written(Sheet("A", (Column("A", "a"),)), []))).worksheets[0]
    assert (page.max_row, page.auto_filter.ref) == (1, "A1:A1")


def test_an_input_that_breaks_off_is_no_workbook() -> None:
    lines = [workbook.frame(Sheet("A", (Column("A", "a"),))), b"[{}]"]
    assert writer.write(io.BytesIO(b"\n".join(lines)), io.BytesIO()) == writer.BROKEN_OFF
    assert writer.write(io.BytesIO(b"\n".join([*lines, b'{"rows":2}'])), io.BytesIO()) == writer.BROKEN_OFF


def test_a_sheet_beyond_excels_size_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MOST_BYTES", 3_000)
    lines = [workbook.frame(Sheet("A", (Column("A", "a"),))), orjson.dumps([{"a": "x"}] * 100), b'{"rows":100}']
    assert writer.write(io.BytesIO(b"\n".join(lines)), io.BytesIO()) == writer.TOO_LARGE

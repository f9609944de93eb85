"""The template tells who fills it in what belongs where, and keeps what is typed."""

import io

import openpyxl

from brassleaf.sheets.columns import Column, Sheet
from brassleaf.sheets.workbook import template

SHEET = Sheet(
    "Choices",  # as the hidden sheet would be called, too
    (
        Column("Part number", "partNumber", required=True, note="At most 40 characters."),
        Column("Size", "size", choices=("-08", "=12", "a,b", 'say "x"')),
        Column("Active", "active", "boolean"),
        Column("Tags", "tags", "list", choices=("x", "y")),
        Column("Price", "price", "number"),
        Column("Made", "made", "datetime"),
    ),
)


def test_a_template_is_its_header_row() -> None:
    page = openpyxl.load_workbook(io.BytesIO(template(SHEET))).worksheets[0]
    assert [cell.value for cell in page[1]] == ["Part number", "Size", "Active", "Tags", "Price", "Made"]
    assert page.max_row == 1
    assert page.freeze_panes == "A2"
    assert all(cell.font.b for cell in page[1])


def test_headers_explain_themselves_and_required_ones_stand_out() -> None:
    page = openpyxl.load_workbook(io.BytesIO(template(SHEET))).worksheets[0]
    assert [cell.comment.text for cell in page[1]] == [
        "Required. Text. At most 40 characters.",
        "Text.",
        "TRUE or FALSE.",
        "Several texts, with a semicolon between them.",
        "A number.",
        "A date, or date and time in UTC: 2026-01-31 14:00:00.",
    ]
    assert [cell.fill.fill_type for cell in page[1]] == ["solid", *[None] * 5]


def test_choices_are_drop_down_lists() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(SHEET)))
    page, hidden = book.worksheets
    assert hidden.sheet_state == "hidden"
    found = {}
    for rule in page.data_validations.dataValidation:
        sheet, _, area = rule.formula1.rpartition("!")
        assert sheet == f"'{hidden.title}'"
        found[str(rule.sqref)] = [cell.value for (cell,) in hidden[area]], rule.showErrorMessage
    assert found == {
        "B2:B1048576": (["-08", "=12", "a,b", 'say "x"'], True),
        "C2:C1048576": ([True, False], True),
        "D2:D1048576": (["x", "y"], False),
    }
    assert hidden["A2"].data_type == "s"


def test_a_dash_size_that_is_typed_stays_text() -> None:
    page = openpyxl.load_workbook(io.BytesIO(template(SHEET))).worksheets[0]
    formats = [page.column_dimensions[letter].number_format for letter in "ABCDEF"]
    assert formats == ["@", "@", "General", "@", "General", "yyyy-mm-dd hh:mm:ss"]


def test_a_template_without_choices_has_one_sheet() -> None:
    assert len(openpyxl.load_workbook(io.BytesIO(template(Sheet("A", (Column("A", "a"),))))).worksheets) == 1

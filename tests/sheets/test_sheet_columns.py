"""The column table refuses what Excel or an import would stumble over."""

import pytest

from brassleaf.sheets.columns import Column, Sheet


def test_cost_columns_are_dropped_for_who_may_not_see_them() -> None:
    sheet = Sheet("Hoses", (Column("Name", "name"), Column("Cost", "cost", "number", cost=True)))
    assert [column.header for column in sheet.without_cost().columns] == ["Name"]
    assert len(sheet.columns) == 2


@pytest.mark.parametrize("name", ["", " ", "a" * 32, "in/out", "a[1]", "'quoted", "History", "two\nlines"])
def test_a_name_that_excel_refuses_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="Excel takes no sheet named"):
        Sheet(name, (Column("Name", "name"),))


@pytest.mark.parametrize(
    ("header", "field", "kind", "width"),
    [(" ", "a", "text", None), ("a\tb", "a", "text", None), ("A", "a..b", "text", None), ("A", "", "text", None),
     ("A", "a", "money", None), ("A", "a", "text", 256), ("A", "a", "text", 0)],
)  # fmt: skip
def test_a_column_that_makes_no_sense_is_refused(header: str, field: str, kind: str, width: int | None) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Column(header, field, kind, width)  # type: ignore[arg-type]


def test_two_columns_that_an_import_could_not_tell_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="could not tell them apart"):
        Sheet("Hoses", (Column("Name", "name"), Column("name ", "other")))


def test_a_sheet_has_columns() -> None:
    with pytest.raises(ValueError, match="from 1 to 16,384 columns"):
        Sheet("Hoses", ())


def test_a_width_is_enough_for_the_header() -> None:
    assert Column("A" * 40, "a").shown_width == 44
    assert Column("A", "a", "integer").shown_width == 10
    assert Column("A", "a", width=7).shown_width == 7

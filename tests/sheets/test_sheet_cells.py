"""What a cell says is decided by clear rules, and what the export writes is read back as it was."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brassleaf.sheets import cells, writer
from brassleaf.sheets.cells import BLANK, Bad


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("12", 12),
        (" 12.5 ", 12.5),
        ("12,5", 12.5),
        ("-0,125", -0.125),
        ("0.125", 0.125),
        ("1234.500", 1234.5),
        ("1,2345", 1.2345),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("1.234.567,89", 1234567.89),
        ("1 234,5", 1234.5),
        ("1\u00a0234\u202f567", 1234567),
        ("1'234.50", 1234.5),
        ("\u221212", -12),
        ("1e3", 1000),
    ],
)
def test_numbers_as_text(said: str, meant: float) -> None:
    assert cells.number(said) == meant


@pytest.mark.parametrize("said", ["1,234", "1.234", "-12.500", "999,000"])
def test_a_number_that_may_mean_two_things_is_refused_with_both(said: str) -> None:
    found = cells.number(said)
    assert isinstance(found, Bad)
    assert "may mean" in found.reason


@pytest.mark.parametrize(
    "said",
    ["12 USD", "$5", "5%", "1,2,3", "1.2.3", "1,23,456", "abc", "--5", "1e999", "nan", "١٢", "12345678901234567"],
)
def test_what_is_no_number_is_refused(said: str) -> None:
    assert isinstance(cells.number(said), Bad)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([".", ","]))
def test_every_decimal_that_is_no_group_of_three_is_read_exactly(value: float, mark: str) -> None:
    text = f"{value:.5f}"
    if len(text.replace("-", "").replace(".", "").strip("0")) > 15:
        return
    assert cells.number(text.replace(".", mark)) == float(text)


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.datetimes(), st.dates(), st.times()))
def test_no_cell_breaks_a_converter(cell: Any) -> None:
    for name, convert in cells.CONVERTERS.items():
        found = convert(cell)
        assert found is None or found is BLANK or isinstance(found, Bad | str | int | float | bool | list), name
        assert not (isinstance(found, float) and not math.isfinite(found))
        assert cells.show(cell) is not None


@given(st.lists(st.text(max_size=20), max_size=5))
def test_lists_come_back_as_they_were_written(items: list[str]) -> None:
    shown = writer.list_text(items)
    if shown.strip() and shown != writer.clean(shown):
        return
    found = cells.several(shown)
    assert found == items if shown.strip() else found is BLANK


@given(st.datetimes(min_value=datetime(1900, 3, 1), max_value=datetime(9999, 12, 31, 23, 59, 59, 999_999)))  # noqa: DTZ001
def test_times_come_back_to_the_millisecond(moment: datetime) -> None:
    stored = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    days = writer.serial(stored)
    assert days is not None
    shown = datetime(1899, 12, 30) + timedelta(days=days)  # noqa: DTZ001
    assert cells.moment(shown) == stored.zfill(24)
    assert cells.moment(stored) == stored
    assert cells.moment(moment.replace(tzinfo=UTC))[:19] == stored[:19] or moment.microsecond % 1000 >= 500


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        (True, True),
        ("TRUE", True),
        (" yes ", True),
        ("1", True),
        (1.0, True),
        ("No", False),
        ("false", False),
        (0, False),
    ],
)
def test_truth_values(cell: Any, meant: bool) -> None:
    assert cells.boolean(cell) is meant


@pytest.mark.parametrize("cell", ["maybe", 2, "x", 0.5])
def test_what_is_no_truth_value(cell: Any) -> None:
    assert isinstance(cells.boolean(cell), Bad)


def test_integers_and_digits() -> None:
    assert cells.integer("12.0") == 12
    assert isinstance(cells.integer(1.5), Bad)
    assert cells.number(0.1 + 0.2) == 0.3
    assert cells.text(8.0) == "8"
    assert cells.text(0.5) == "0.5"
    assert isinstance(cells.text("x" * 40_000), Bad)

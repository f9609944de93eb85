"""Checking rows column by column comes to what the model says of each row, also of what is wrong."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from brassleaf.assemblies.models import AssemblyFields
from brassleaf.customers.items.importing import CustomerItemRow
from brassleaf.customers.items.models import CustomerItemChange
from brassleaf.errors import Refused
from brassleaf.imports import Checking, checked
from brassleaf.pricing.lists.importing import PriceListRow
from brassleaf.pricing.lists.models import PriceListItemChange

MODELS = (CustomerItemChange, PriceListItemChange, AssemblyFields)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 1.0, -1, 0.1, 1e300, 10**16, float("nan"), float("inf")]),
    st.sampled_from(["", " ", "ft", " FT ", "usd", "USD", "2026-01-31", "each", "x" * 501, "\0", "e\u0301"]),
    st.lists(st.integers(0, 3), max_size=2),
    st.lists(st.fixed_dictionaries({"quantity": st.integers(1, 9), "price": st.integers(0, 9)}), max_size=2),
)
CHECKINGS = {model: Checking(model) for model in MODELS}  # kept, so that what one row taught is used for the next


def said(found: dict[str, Any] | Refused) -> object:
    if isinstance(found, Refused):
        return sorted((error.field, error.message) for error in found.errors)
    return sorted((name, type(value), repr(value)) for name, value in found.items())


def alone(model: type[BaseModel], values: dict[str, Any]) -> dict[str, Any] | Refused:
    try:
        return checked(model, values).model_dump(exclude_unset=True)
    except Refused as refusal:
        return refusal


@pytest.mark.parametrize("model", MODELS)
@given(data=st.data())
def test_column_by_column_is_as_the_model_says(model: type[BaseModel], data: st.DataObject) -> None:
    names = st.sampled_from([*model.model_fields, "unheard of", "wrapStyle.pitch"])
    rows = data.draw(st.lists(st.dictionaries(names, VALUES, max_size=4), max_size=3))
    assert list(map(said, CHECKINGS[model].fields(rows))) == [said(alone(model, values)) for values in rows]


def test_good_rows_are_read_column_by_column(monkeypatch: pytest.MonkeyPatch) -> None:
    breaks = [{"quantity": 1, "price": 2}]
    rows = [{"netPrice": 1.5, "erpId": " A "}, {"available": True}, {"quantityBreaks": breaks, "netPrice": None}, {}]
    monkeypatch.setattr(CHECKINGS[CustomerItemChange], "_alone", pytest.fail)
    expected = [{"netPrice": 1.5, "erpId": "A"}, {"available": True}, {"quantityBreaks": breaks, "netPrice": None}, {}]
    assert CHECKINGS[CustomerItemChange].fields(rows) == expected


@pytest.mark.parametrize("model", [CustomerItemRow, PriceListRow])
def test_a_cell_of_quantity_breaks_is_checked_with_the_others(model: type[BaseModel]) -> None:
    checking = Checking(model)
    good = [{"quantityBreaks": "10: 5.4; 50: 5 %"}, {"quantityBreaks": None}, {"quantityBreaks": "10: 5.4; 50: 5 %"}]
    breaks = [{"quantity": 10, "price": 5.4}, {"quantity": 50, "discountPercent": 5}]
    for rows in (good, [*good, {"currency": 5, "netPriceCurrency": 5}]):
        found = checking.fields(rows)[:3]
        assert found == [{"quantityBreaks": breaks}, {"quantityBreaks": None}, {"quantityBreaks": breaks}]
    other = "netPriceCurrency" if model is CustomerItemRow else "currency"
    for cell, place in (("many", "quantityBreaks"), ("-1: 5", "quantityBreaks[0].quantity")):
        (wrong,) = checking.fields([{"quantityBreaks": cell, other: 5}])
        assert isinstance(wrong, Refused)
        assert {error.field for error in wrong.errors} == {place, other}


def test_what_is_not_the_models_is_left_alone() -> None:
    checking = Checking(CustomerItemChange, besides=frozenset({"customer", "itemType"}))
    rows = [{"customer": "A", "itemType": "any", "erpId": "1"}, {"customer": "B", "netPrice": "x"}]
    good, bad = checking.fields(rows)
    assert good == {"erpId": "1"}
    assert isinstance(bad, Refused)
    assert [error.field for error in bad.errors] == ["netPrice"]


def test_numbers_that_are_equal_stay_what_they_are() -> None:
    checking = CHECKINGS[CustomerItemChange]
    rows = [{"available": True, "netPrice": 1}, {"available": 1}, {"netPrice": True}]
    fine, *wrong = checking.fields(rows)
    assert fine == {"available": True, "netPrice": 1}
    assert all(isinstance(found, Refused) for found in wrong)

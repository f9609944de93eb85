"""Checking values one by one comes to what the model as a whole says, also of what is wrong."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from brassleaf.assemblies.models import AssemblyFields
from brassleaf.customers.items.models import CustomerItemChange
from brassleaf.errors import Refused
from brassleaf.imports import Checking, checked
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


def said(fields: Any, values: dict[str, Any]) -> object:
    try:
        return [(name, type(value), repr(value)) for name, value in fields(values).items()]
    except Refused as refusal:
        return sorted((error.field, error.message) for error in refusal.errors)


@pytest.mark.parametrize("model", MODELS)
@given(data=st.data())
def test_value_by_value_is_as_the_model_says(model: type[BaseModel], data: st.DataObject) -> None:
    names = st.sampled_from([*model.model_fields, "unheard of", "wrapStyle.pitch"])
    values = data.draw(st.dictionaries(names, VALUES, max_size=4))
    whole = said(lambda sent: checked(model, sent).model_dump(exclude_unset=True), values)
    assert said(CHECKINGS[model].fields, values) == whole


def test_numbers_that_are_equal_stay_what_they_are() -> None:
    checking = CHECKINGS[CustomerItemChange]
    assert checking.fields({"available": True, "netPrice": 1}) == {"available": True, "netPrice": 1}
    with pytest.raises(Refused):
        checking.fields({"available": 1})
    with pytest.raises(Refused):
        checking.fields({"netPrice": True})

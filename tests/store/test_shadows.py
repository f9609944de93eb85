"""The shadows of many documents, made column by column, are those of each document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brassleaf.store.collections import Field, Kind

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False), st.text(max_size=5), st.just(["list"])
)
#: Columns whose values are of one kind, as in most imports, and mixed ones.
COLUMNS = st.one_of(
    st.lists(st.text(max_size=5), max_size=5), st.lists(st.booleans(), max_size=5), st.lists(VALUES, max_size=5)
)


@pytest.mark.parametrize("name", ["name", "maker.name"])
@pytest.mark.parametrize("kind", ["text", "number", "time", "flag"])
@given(values=COLUMNS)
def test_a_column_is_the_shadow_of_each(name: str, kind: Kind, values: list[object]) -> None:
    field = Field(name, kind)
    documents = [{"name": value, "maker": {"name": value}} for value in values] + [{}] * (len(values) % 2)
    each = [field.shadow(document) for document in documents]
    assert [(type(shadow), shadow) for shadow in field.column(documents)] == [(type(shadow), shadow) for shadow in each]

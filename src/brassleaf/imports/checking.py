"""Checks what the rows of one import say against a model: a value that stands in many rows is checked once."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from brassleaf.imports.handlers import checked
from brassleaf.store.collections import Document

#: So many values of a column are remembered.
_MOST = 10_000
_STRICT = ConfigDict(strict=True)  # as models of what is sent are
_NEW: Any = object()


class _Column(NamedTuple):
    """A field of the model, what its values came to, and how a new one is checked."""

    name: str
    known: dict[Any, Any]
    adapter: TypeAdapter[Any]


class Checking:
    """Made once for an import: `fields` gives what `checked(model, values).model_dump(exclude_unset=True)` gives.

    Each value is checked by itself, so the model must not compare its fields with each other; whatever is not plain (a
    list, an object, a column that the model does not have, a value that does not fit) is left to the model as a whole.
    """

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model
        self._columns: dict[str, _Column] = {
            field.alias or name: _Column(name, {}, TypeAdapter(field.rebuild_annotation(), config=_STRICT))
            for name, field in model.model_fields.items()
        }
        self._required = {field.alias or name for name, field in model.model_fields.items() if field.is_required()}
        self._plans: dict[tuple[str, ...], list[tuple[str, _Column]] | None] = {}

    def fields(self, values: Mapping[str, Any]) -> Document:
        """The fields of a row as they are stored. Raises Refused with every field that does not fit."""
        names = tuple(values)
        plan = self._plans.get(names, _NEW)
        if plan is _NEW:
            plan = self._plans[names] = self._plan(names)
        if plan is None:
            return self._whole(values)
        document: Document = {}
        for said, (name, known, adapter) in plan:
            value = values[said]
            kind = value.__class__
            if kind is list or kind is dict:
                return self._whole(values)
            key = value if kind is str else (kind, value)  # 1, 1.0 and True are equal, and are not the same
            found = known.get(key, _NEW)
            if found is _NEW:
                try:
                    found = adapter.validate_python(value)
                except ValidationError:
                    return self._whole(values)
                if len(known) < _MOST:
                    known[key] = found
            document[name] = found
        return document

    def _plan(self, names: Sequence[str]) -> list[tuple[str, "_Column"]] | None:
        """The columns of rows with these values, in the order of the model; None where some is not the model's."""
        if not self._required <= set(names) <= self._columns.keys():
            return None
        return [(said, column) for said, column in self._columns.items() if said in names]

    def _whole(self, values: Mapping[str, Any]) -> Document:
        return checked(self._model, values).model_dump(exclude_unset=True)

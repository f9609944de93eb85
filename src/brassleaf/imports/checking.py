"""Checks what the rows of one import say against a model: a value that stands in many rows is checked once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from brassleaf.imports.handlers import checked
from brassleaf.store.collections import Document

#: So many values of a column are remembered: the few that repeat come early.
_MOST = 1_000
_STRICT = ConfigDict(strict=True)  # as models of what is sent are
_NEW: Any = object()


class _Column(NamedTuple):
    """A field of the model, what its values came to, and how a new one is checked."""

    name: str
    known: dict[Any, Any]
    check: Callable[[Any], Any]


class Checking:
    """Made once for an import: `fields` gives what `checked(model, values).model_dump(exclude_unset=True)` gives.

    `besides` are the columns that are not the model's, such as those that say what a row is about.
    Each value is checked by itself, so the model must not compare its fields with each other; whatever is not plain (a
    list, an object, a column that the model does not have, a value that does not fit) is left to the model as a whole.
    """

    def __init__(self, model: type[BaseModel], *, besides: frozenset[str] = frozenset()) -> None:
        self._model = model
        self._besides = besides
        self._columns: dict[str, _Column] = {
            field.alias or name: _Column(name, {}, _check(field.rebuild_annotation()))
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
        for said, (name, known, check) in plan:
            key = value = values[said]
            if (kind := value.__class__) is not str:
                if kind is list or kind is dict:
                    return self._whole(values)
                key = kind, value  # 1, 1.0 and True are equal, and are not the same
            found = known.get(key, _NEW)
            if found is _NEW:
                try:
                    found = check(value)
                except ValidationError:
                    return self._whole(values)
                if len(known) < _MOST:
                    known[key] = found
            document[name] = found
        return document

    def _plan(self, names: Sequence[str]) -> list[tuple[str, "_Column"]] | None:
        """The columns of rows with these values, in the order of the model; None where some is not the model's."""
        if not self._required <= set(names) <= self._columns.keys() | self._besides:
            return None
        own = set(names) - self._besides
        return [(said, column) for said, column in self._columns.items() if said in own]

    def _whole(self, values: Mapping[str, Any]) -> Document:
        own = {name: value for name, value in values.items() if name not in self._besides}
        return checked(self._model, own).model_dump(exclude_unset=True)


def _check(annotation: Any) -> Callable[[Any], Any]:
    found: Callable[[Any], Any] = TypeAdapter(annotation, config=_STRICT).validator.validate_python
    return found

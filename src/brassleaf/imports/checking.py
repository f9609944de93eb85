"""Checks what the rows of one import say against a model: a value that stands in many rows is checked once."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from brassleaf.imports.handlers import checked
from brassleaf.store.collections import Document

#: So many values of a column are remembered.
_MOST = 20_000
_STRICT = ConfigDict(strict=True)  # as models of what is sent are


class Checking:
    """Made once for an import: `fields` gives what `checked(model, values).model_dump(exclude_unset=True)` gives.

    Each value is checked by itself, so the model must not compare its fields with each other; whatever is not plain (a
    list, an object, a column that the model does not have, a value that does not fit) is left to the model as a whole.
    """

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model
        self._columns: list[tuple[str, str, dict[Any, Any], TypeAdapter[Any]]] = [
            (field.alias or name, name, {}, TypeAdapter(field.rebuild_annotation(), config=_STRICT))
            for name, field in model.model_fields.items()
        ]
        self._required = [name for name, field in model.model_fields.items() if field.is_required()]

    def fields(self, values: Mapping[str, Any]) -> Document:
        """The fields of a row as they are stored. Raises Refused with every field that does not fit."""
        document: Document = {}
        for said, name, known, adapter in self._columns:
            if said not in values:
                continue
            value = values[said]
            kind = value.__class__
            if kind is list or kind is dict:
                return self._whole(values)
            key = value if kind is str else (kind, value)  # 1, 1.0 and True are equal, and are not the same
            found = known.get(key, known)
            if found is known:
                try:
                    found = adapter.validate_python(value)
                except ValidationError:
                    return self._whole(values)
                if len(known) < _MOST:
                    known[key] = found
            document[name] = found
        if len(document) < len(values) or any(name not in document for name in self._required):
            return self._whole(values)
        return document

    def _whole(self, values: Mapping[str, Any]) -> Document:
        return checked(self._model, values).model_dump(exclude_unset=True)

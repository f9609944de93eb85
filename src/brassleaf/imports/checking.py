"""Checks what the rows of one import say against a model: column by column, many rows at a time."""

from collections.abc import Mapping, Sequence
from types import GenericAlias
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from brassleaf.errors import Refused
from brassleaf.http.bodies import model_in
from brassleaf.imports.handlers import checked
from brassleaf.store.collections import Document

#: So many texts of a column are remembered: the few that repeat come early.
_MOST = 1_000
_STRICT = ConfigDict(strict=True)  # as models of what is sent are


class _Column(NamedTuple):
    """A field of the model, whether it holds models itself, what its texts came to, and how new values are checked."""

    name: str
    required: bool
    nested: bool
    known: dict[str, Any]
    adapter: TypeAdapter[list[Any]]

    def checked(self, values: list[Any]) -> list[Any]:
        """What values come to. Raises ValidationError if one does not fit."""
        kinds = set(map(type, values))
        if self.nested or kinds != {str}:  # 1, 1.0 and True are equal, and are not the same: these are not remembered
            results: list[Any] = self.adapter.validator.validate_python(values)
            if self.nested or kinds & {list, dict}:
                results = self.adapter.dump_python(results, exclude_unset=True)
            return results
        known = self.known
        new = [value for value in dict.fromkeys(values) if value not in known]
        if not new:
            return [known[value] for value in values]
        found = dict(zip(new, self.adapter.validator.validate_python(new), strict=True))
        if len(known) < _MOST:
            known.update(found)
        return [known[value] if value in known else found[value] for value in values]


class Checking:
    """Made once for an import. `besides` are the columns that are not the model's, such as what a row is about."""

    def __init__(self, model: type[BaseModel], *, besides: frozenset[str] = frozenset()) -> None:
        self._model = model
        self._besides = besides
        self._columns: dict[str, _Column] = {}
        for name, field in model.model_fields.items():
            if (said := field.alias or name) not in besides:
                several: Any = GenericAlias(list, field.rebuild_annotation())
                adapter: TypeAdapter[list[Any]] = TypeAdapter(several, config=_STRICT)
                self._columns[said] = _Column(name, field.is_required(), model_in(several) is not None, {}, adapter)

    def fields(self, rows: Sequence[Mapping[str, Any]]) -> list[Document | Refused]:
        """For each row what `checked(model, values).model_dump(exclude_unset=True)` gives, or why it is refused.

        Each value is checked by itself, so the model must not compare its fields with each other. Where some value is
        wrong, or none of a column's own (a path into an object), the rows are left to the model one by one.
        """
        found = self._together(rows)
        return [self._alone(values) for values in rows] if found is None else list(found)

    def _together(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Document] | None:
        """The fields of rows of which nothing is wrong; None if something is."""
        documents: list[Document] = [{} for _ in rows]
        left = sum(map(len, rows)) - sum(name in row for name in self._besides for row in rows)
        for said, column in self._columns.items():
            values = [row[said] for row in rows if said in row]
            left -= len(values)
            if len(values) < len(rows) and column.required:
                return None
            if not values:
                continue
            try:
                results = column.checked(values)
            except ValidationError:
                return None
            saying = documents
            if len(values) < len(rows):
                saying = [document for document, row in zip(documents, rows, strict=True) if said in row]
            for document, value in zip(saying, results, strict=True):
                document[column.name] = value
        return None if left else documents

    def _alone(self, values: Mapping[str, Any]) -> Document | Refused:
        own = {name: value for name, value in values.items() if name not in self._besides}
        try:
            return checked(self._model, own).model_dump(exclude_unset=True)
        except Refused as error:
            return error

"""What a role may see of a document: the difference between two classes, found once."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from brassleaf.http.answers import NOTHING, Hidden
from brassleaf.http.bodies import model_in
from brassleaf.security.caller import Caller


class View:
    """A document's full class, and its class without costs for those who may not see them."""

    def __init__(self, full: type[BaseModel], without_cost: type[BaseModel]) -> None:
        self.full = full
        self.without_cost = without_cost
        self._hidden = _difference(full, without_cost)

    def hidden_from(self, caller: Caller) -> Hidden:
        """The fields to leave out for a caller."""
        return NOTHING if caller.sees_cost else self._hidden

    def class_for(self, caller: Caller) -> type[BaseModel]:
        """The class that the answer to a caller has."""
        return self.full if caller.sees_cost else self.without_cost


def _difference(full: type[BaseModel], less: type[BaseModel]) -> Mapping[str, Any]:
    kept = {field.alias or name: field.annotation for name, field in less.model_fields.items()}
    hidden: dict[str, Any] = {}
    for name, field in full.model_fields.items():
        wire = field.alias or name
        if wire not in kept:
            hidden[wire] = {}
            continue
        inner, outer = model_in(kept[wire]), model_in(field.annotation)
        if inner is not None and outer is not None and inner is not outer and (deeper := _difference(outer, inner)):
            hidden[wire] = deeper
    return hidden

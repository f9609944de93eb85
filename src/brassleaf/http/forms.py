"""Fields of a form beside its file: texts by name, read as a model of what may be sent.

A nested field may be spelled `kit[number]`, `kit.number`, or be one JSON object in `kit`. A switch is true or false,
1 or 0, yes or no, on or off.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar, get_args

import orjson
from pydantic import BaseModel, ValidationError

from brassleaf.errors import FieldError, Refused
from brassleaf.http.bodies import model_in
from brassleaf.http.problems import field_error

M = TypeVar("M", bound=BaseModel)

_PATH = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*(?:(?:\[[A-Za-z_][A-Za-z0-9_]*\])|(?:\.[A-Za-z_][A-Za-z0-9_]*))*$")
_SWITCHES = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def form_of(model: type[M], fields: Mapping[str, str]) -> M:
    """The fields of a form as a model; names that it does not have are left out. Raises Refused with every reason."""
    found: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, text in fields.items():
        path = re.findall(r"[A-Za-z0-9_]+", name) if _PATH.match(name) else []
        if not path or path[0] not in model.model_fields:
            continue
        try:
            _put(found, model, path, text)
        except ValueError as error:
            errors.append(FieldError(".".join(path), str(error)))
    if errors:
        raise Refused.fields(errors)
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise Refused.fields([field_error(dict(entry)) for entry in error.errors()]) from None


def unknown_fields(model: type[BaseModel], fields: Mapping[str, str]) -> list[str]:
    """The names of a form's fields that its model does not have."""
    return [name for name in fields if (re.findall(r"[A-Za-z0-9_]+", name) or [""])[0] not in model.model_fields]


def form_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schemas of a model's fields by name, without references."""
    whole = model.model_json_schema()
    definitions = whole.get("$defs", {})

    def inlined(node: Any) -> Any:
        if isinstance(node, list):
            return [inlined(entry) for entry in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return inlined(definitions[node["$ref"].rsplit("/", 1)[-1]])
        return {name: inlined(value) for name, value in node.items()}

    found: dict[str, Any] = inlined(whole["properties"])
    return found


def _put(found: dict[str, Any], model: type[BaseModel], path: list[str], text: str) -> None:
    name, *rest = path
    field = model.model_fields.get(name)
    if field is None:
        return
    inner = model_in(field.annotation)
    if inner is None:
        found[name] = _value(field.annotation, text) if not rest else found.get(name)
        return
    place = found.setdefault(name, {})
    if rest:
        _put(place, inner, rest, text)
        return
    if not text.strip():
        return
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise ValueError("Give a JSON object.")
    place.update(value)


def _value(annotation: Any, text: str) -> Any:
    if bool in (annotation, *get_args(annotation)):
        if text.strip().casefold() not in _SWITCHES:
            raise ValueError("Give true or false.")
        return _SWITCHES[text.strip().casefold()]
    return text.strip()

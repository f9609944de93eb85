"""Fields of a form beside its file: texts by name, read as a model of what may be sent.

A nested field may be spelled `kit[number]`, `kit.number`, or be one JSON object in `kit`. A switch is true or false,
1 or 0, yes or no, on or off. What a form says may be said in the query string as well.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, get_args

import orjson
from pydantic import BaseModel, ValidationError

from brassleaf.errors import FieldError, Refused
from brassleaf.http.bodies import model_in, unknown
from brassleaf.http.problems import field_error

M = TypeVar("M", bound=BaseModel)

_PATH = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*(?:(?:\[[A-Za-z_][A-Za-z0-9_]*\])|(?:\.[A-Za-z_][A-Za-z0-9_]*))*$")
_SWITCHES = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def together(query: Iterable[tuple[str, str]], form: Mapping[str, str]) -> dict[str, str]:
    """What a request says in its query string and in its form, by name. Raises Refused where it contradicts itself."""
    found = dict(form)
    errors: dict[str, FieldError] = {}
    for name, text in query:
        if _plain(found.setdefault(name, text)) != _plain(text):
            errors[name] = FieldError(name, "It is given twice, with different values. Give it once.")
    if errors:
        raise Refused.fields(list(errors.values()))
    return found


def check_names(models: Sequence[type[BaseModel]], names: Iterable[str]) -> None:
    """Raise Refused for names that differ from a field's in case or punctuation only: what they ask is no accident."""
    known = {_folded(name): name for model in models for name in model.model_fields}
    nested = {name for name in known.values() if any(_inside(model, name) for model in models)}
    errors: list[FieldError] = []
    for name in names:
        path = _path(name)
        if any(_has(model, path) for model in models) or (path and path[0] in nested):
            continue
        parts = map(_folded, (name, *re.findall(r"[A-Za-z0-9_]+", name)))
        if (meant := next((known[part] for part in parts if part in known), None)) is not None:
            errors.append(FieldError(name, f"Write it as {meant}."))
    if errors:
        raise Refused.fields(errors)


def form_of(model: type[M], fields: Mapping[str, str]) -> M:
    """The fields of a form as a model; names that it does not have are left out. Raises Refused with every reason."""
    found: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, text in fields.items():
        path = _path(name)
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


def unknown_fields(models: Sequence[type[BaseModel]], fields: Mapping[str, str]) -> list[str]:
    """The names that no model has, of fields and of keys of JSON objects in them."""
    found: list[str] = []
    for name, text in fields.items():
        path = _path(name)
        model = next((model for model in models if _has(model, path)), None)
        found += [name] if model is None else _unknown_inside(model, path, name, text)
    return found


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


def _path(name: str) -> list[str]:
    """The parts of a field's name; none where it is no name of a field."""
    return re.findall(r"[A-Za-z0-9_]+", name) if _PATH.match(name) else []


def _has(model: type[BaseModel], path: Sequence[str]) -> bool:
    if not path or path[0] not in model.model_fields:
        return False
    inner = _inside(model, path[0])
    return len(path) == 1 or (inner is not None and _has(inner, path[1:]))


def _inside(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """The model of a field that has fields itself."""
    return model_in(model.model_fields[name].annotation) if name in model.model_fields else None


def _unknown_inside(model: type[BaseModel], path: Sequence[str], name: str, text: str) -> Iterator[str]:
    inner: type[BaseModel] | None = model
    for part in path:
        inner = _inside(inner, part) if inner else None
    if inner is not None and text.strip():
        yield from (f"{name}.{inside}" for inside in unknown(inner, orjson.loads(text)))


def _folded(name: str) -> str:
    return "".join(letter for letter in name if letter.isalnum()).casefold()


def _plain(text: str) -> str | bool:
    """A text such that two ways to say the same are equal."""
    return _SWITCHES.get(text.strip().casefold(), text.strip())


def _put(found: dict[str, Any], model: type[BaseModel], path: list[str], text: str) -> None:
    name, *rest = path
    field = model.model_fields.get(name)
    if field is None:
        return
    inner = model_in(field.annotation)
    if inner is None:
        if not rest:
            found[name] = _value(field.annotation, text)
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

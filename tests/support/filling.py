"""Bodies as full as their schema allows: a marker in every text, a telling number in every cost and margin."""

import re
from dataclasses import dataclass
from typing import Any

from support.routes import resolve

#: What tells costs apart: nothing else in the tests has these digits, nor has a time of day (no second is a 91st).
COST = 987.654321
MARGIN = 91.730468
COST_DIGITS = re.compile(r"987\.65|91\.73")
COST_NAME = re.compile(r"cost|margin", re.IGNORECASE)
ID_PATTERN = re.compile(r"0-9a-f.*\{24\}", re.IGNORECASE)

#: Texts that have a meaning of their own, by the field's name.
_KNOWN_TEXTS = (
    (re.compile(r"pressureUnit", re.IGNORECASE), "psi"),
    (re.compile(r"lengthUnit", re.IGNORECASE), "in"),
    (re.compile(r"unitOfMeasure$", re.IGNORECASE), "in"),
    (re.compile(r"currency$|^code$", re.IGNORECASE), "USD"),
    (re.compile(r"email$", re.IGNORECASE), "marker@example.com"),
    (re.compile(r"website$", re.IGNORECASE), "https://example.com/"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a body: `("lines", 0, "item")` with the schema that stands there."""

    path: tuple[str | int, ...]
    schema: dict[str, Any]

    @property
    def name(self) -> str:
        return next((str(part) for part in reversed(self.path) if isinstance(part, str)), "")

    def __str__(self) -> str:
        return ".".join(map(str, self.path))


def places(schema: Any, path: tuple[str | int, ...] = (), seen: tuple[int, ...] = ()) -> list[Place]:
    """Every value that a body may hold, arrays with one entry."""
    node = resolve(schema)
    if id(node) in seen or not isinstance(node, dict):
        return []
    seen = (*seen, id(node))
    found: list[Place] = []
    for kind in ("anyOf", "oneOf", "allOf"):
        for part in node.get(kind, []):
            found += places(part, path, seen)
    if "items" in node:
        found += places(node["items"], (*path, 0), seen)
    for name, part in node.get("properties", {}).items():
        found += places(part, (*path, name), seen)
    if path and not ({"anyOf", "oneOf", "allOf", "items", "properties"} & node.keys()):
        found.append(Place(path, node))
    return found


def is_id(schema: Any) -> bool:
    """Whether a schema is that of an id."""
    return bool(ID_PATTERN.search(str(resolve(schema).get("pattern", ""))))


def id_places(schema: Any) -> list[Place]:
    """Every place for an id in a body."""
    return [place for place in places(schema) if is_id(place.schema)]


def put(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy of a body with a value at a place; what is missing on the way is made."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        entries = list(body) if isinstance(body, list) else []
        inner = put(entries[0] if entries else None, rest, value)
        return [inner, *entries[1:]]
    fields = dict(body) if isinstance(body, dict) else {}
    fields[first] = put(fields.get(first), rest, value)
    return fields


def filled(schema: Any, marker: str, base: Any) -> Any:
    """A body with a marker in every free text and a telling number in every cost, over what is given."""
    body = base
    for place in places(schema):
        value = _value(place, marker)
        if value is not None and _is_open(base, place.path) and _parent_is_there(schema, body, place):
            body = put(body, place.path, value)
    return body


def _is_open(body: Any, path: tuple[str | int, ...]) -> bool:
    """Whether the given body leaves a place open."""
    for part in path:
        if body is None:
            return False  # null was given on purpose
        if isinstance(body, dict) and part in body:
            body = body[part]
        elif isinstance(body, list) and body:
            body = body[0]
        else:
            return not isinstance(body, str | int | float)
    return False


def _parent_is_there(schema: Any, body: Any, place: Place) -> bool:
    """Only objects that the given body has are filled in: others may have required fields of their own."""
    for part in place.path[:-1]:
        if isinstance(body, dict) and part in body:
            body = body[part]
        elif isinstance(body, list) and body:
            body = body[0]
        else:
            return False
    return True


def _value(place: Place, marker: str) -> Any:
    schema, name = place.schema, place.name
    if schema.get("type") == "number" and COST_NAME.search(name):
        return MARGIN if "margin" in name.lower() else COST
    if schema.get("type") != "string" or is_id(schema):
        return None
    known = next((text for pattern, text in _KNOWN_TEXTS if pattern.search(name)), None)
    if known is not None:
        return known
    if {"enum", "const", "pattern", "format"} & schema.keys():
        return None
    return f"{marker} {name}"[: schema.get("maxLength", 500)]

"""Every endpoint of the application, found from its routes: what is added there is tested here, or fails here."""

import functools
import tempfile
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from brassleaf.app import create_app
from brassleaf.security.rooms import Endpoint
from brassleaf.settings import Settings


@functools.cache
def application() -> FastAPI:
    """An application that is only looked at, never started."""
    return create_app(Settings(data=Path(tempfile.gettempdir()) / "brassleaf-never-opened", log="off"))


@functools.cache
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    found: dict[str, Any] = application().openapi()
    return found


def endpoints() -> list[Endpoint]:
    """Every route that is declared in a room."""
    return [route for route in application().router.routes if isinstance(route, Endpoint)]


def method_of(route: Endpoint) -> str:
    return next(iter(route.methods))


def name_of(route: Endpoint) -> str:
    """`POST /api/v1/customers/create`: how a route is called in tests and in the table of examples."""
    return f"{method_of(route)} {route.path_format}"


def operation_of(route: Endpoint) -> dict[str, Any]:
    """What the OpenAPI document says of a route."""
    found: dict[str, Any] = document()["paths"][route.path_format][method_of(route).lower()]
    return found


GUARDED = [route for route in endpoints() if route.policy.allow is not None]
WRITES = [route for route in GUARDED if route.policy.writes]
LISTS = [route for route in GUARDED if route.policy.listing is not None]
PAGED = [route for route in LISTS if route.policy.listing and route.policy.listing.paged]


def resolve(node: Any) -> Any:
    """A node of the OpenAPI document, its reference followed."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def body_schema(route: Endpoint) -> dict[str, Any] | None:
    """The schema of a route's JSON body, or None where it takes none."""
    content = operation_of(route).get("requestBody", {}).get("content", {})
    found: dict[str, Any] | None = content.get("application/json", {}).get("schema")
    return found


def answer_schema(route: Endpoint) -> dict[str, Any] | None:
    """The schema of a route's JSON answer when all went well."""
    for status, answer in operation_of(route)["responses"].items():
        if status.startswith("2") and "application/json" in answer.get("content", {}):
            found: dict[str, Any] = answer["content"]["application/json"]["schema"]
            return found
    return None


def body_fields(route: Endpoint) -> dict[str, Any]:
    """The schemas of a body's own fields, by name."""
    node = resolve(body_schema(route))
    for part in (node, *map(resolve, node.get("anyOf", []))):
        if "properties" in part:
            found: dict[str, Any] = part["properties"]
            return found
    return {}

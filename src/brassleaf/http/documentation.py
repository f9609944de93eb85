"""The API's own documentation: the OpenAPI document, and pages over it that load nothing from elsewhere."""

import asyncio
from importlib.resources import files
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from brassleaf.http.problems import Problem

_ABOUT = """
Open, self-hosted backend for hydraulic hose shops that speaks the GoldLeaf API.

- Ask for a security token at `POST /security/v1/token` and send it as `Authorization: Bearer …`.
- Every POST body is accepted bare or wrapped in `{"params": {…}}`. Keys that no model knows are ignored and named in
  the response header `X-Unknown-Fields`.
- `search.name` and `search[name]` are the same filter.
- Every refusal has one shape (RFC 9457): `message` says what to change, `errors` names the fields.
"""


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes)
        components = made.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        # FastAPI documents its own 422, which is never sent
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        for path in made["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["Problem"] = problem
        components["securitySchemes"] = {"securityToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
        app.openapi_schema = made
    return app.openapi_schema


def documentation_routes(app: FastAPI) -> list[BaseRoute]:
    """`/docs`, `/openapi.json`, and what the page loads."""
    made: list[asyncio.Task[bytes]] = []

    async def openapi(_: Request) -> Response:
        if not made:  # some seconds of work on a slow machine, which nobody else may wait for
            made.append(asyncio.create_task(asyncio.to_thread(lambda: orjson.dumps(document(app)))))
        return Response(await asyncio.shield(made[0]), media_type="application/json")

    async def docs(_: Request) -> Response:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Brassleaf API",
            swagger_js_url="/docs/static/swagger-ui-bundle.js",
            swagger_css_url="/docs/static/swagger-ui.css",
            swagger_favicon_url="data:,",
            swagger_ui_parameters={"docExpansion": "none", "filter": True, "persistAuthorization": False},
        )

    async def home(_: Request) -> Response:
        return RedirectResponse("/docs")

    static = StaticFiles(directory=str(files("fastapi_offline") / "static"))
    return [
        Route("/", home),
        Route("/docs", docs),
        Route("/openapi.json", openapi),
        Mount("/docs/static", static),
    ]

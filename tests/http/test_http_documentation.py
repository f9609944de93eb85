"""The OpenAPI document and the pages over it."""

import asyncio
import json
import re
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from starlette.applications import Starlette

from brassleaf.http.documentation import documentation_routes
from brassleaf.security.rooms import Endpoint
from support.routes import document, endpoints, method_of, name_of, operation_of

ROOT = Path(__file__).parent.parent.parent
COMMITTED = ROOT / "openapi" / "openapi.json"
EVERY_ROUTE = pytest.mark.parametrize("route", endpoints(), ids=name_of)
_OUTSIDE = re.compile(r"""(?:src|href|action|@import|url\()\s*=?\s*["'(]?\s*(?:https?:)?//""", re.IGNORECASE)


def test_the_committed_document_is_the_one_that_is_served() -> None:
    command = "brassleaf openapi > openapi/openapi.json"
    assert COMMITTED.exists(), f"openapi/openapi.json is missing; make it: {command}"
    assert json.loads(COMMITTED.read_text()) == json.loads(json.dumps(document())), (
        f"it is old; make it anew: {command}"
    )


def test_the_served_document_is_the_one_of_the_application(client: httpx.Client) -> None:
    assert client.get("/openapi.json").json() == json.loads(json.dumps(document()))


@pytest.mark.anyio
async def test_nobody_waits_for_the_document_but_who_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes seconds to make on a slow machine; others are answered meanwhile, and it is made once."""
    others_answered, calls = threading.Event(), []

    def making(app: FastAPI) -> dict[str, Any]:
        calls.append(app)
        return {"others answered": others_answered.wait(10)}

    monkeypatch.setattr("brassleaf.http.documentation.document", making)
    transport = httpx.ASGITransport(Starlette(routes=documentation_routes(FastAPI())))
    async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
        asking = [asyncio.create_task(client.get("/openapi.json")) for _ in range(2)]
        await asyncio.sleep(0)
        assert (await client.get("/docs")).status_code == 200
        others_answered.set()
        answers = [(await answer).json() for answer in asking]
    assert answers == [{"others answered": True}] * 2
    assert len(calls) == 1


def test_operation_ids_are_unique_and_speak() -> None:
    ids = [operation_of(route)["operationId"] for route in endpoints()]
    assert sorted(set(ids)) == sorted(ids)
    assert [id_ for id_ in ids if not re.fullmatch("[a-z][A-Za-z0-9]{5,60}", id_)] == []


@EVERY_ROUTE
def test_every_operation_is_described(route: Endpoint) -> None:
    operation = operation_of(route)
    assert operation.get("summary")
    assert operation.get("tags")
    assert operation.get("description", "").strip().endswith((".", "?")), "describe it in a sentence: its docstring"
    for parameter in operation.get("parameters", []):
        assert parameter["in"] in ("path", "query", "header")
        assert re.search(r"^Idempotency-Key$|^If-Match$|^Prefer$|^apiCustomerId$|^[a-z]", parameter["name"])
    for status, answer in operation["responses"].items():
        assert answer.get("description"), status


@EVERY_ROUTE
def test_statuses_are_declared_as_they_are_answered(route: Endpoint) -> None:
    responses = operation_of(route)["responses"]
    assert "422" not in responses
    assert {"400", "401", "403", "404", "500", "503"} <= responses.keys()
    assert any(status.startswith("2") for status in responses)
    for status, answer in responses.items():
        if status >= "400":
            assert list(answer["content"]) == ["application/problem+json"]
        elif status >= "200" and status != "304" and status != "204":
            assert answer["content"], status
            for media, shape in answer["content"].items():
                assert shape["schema"], media
                assert shape["schema"] != {"type": "string"}, "the model of the answer is not documented"
    if method_of(route) == "POST":
        assert {"413", "415"} <= responses.keys()
    if route.policy.writes and route.policy.allow:
        assert {"409", "412"} <= responses.keys()


def test_the_documents_schemas_are_good_ones() -> None:
    schemas = document()["components"]["schemas"]
    assert not {"HTTPValidationError", "ValidationError"} & schemas.keys()
    for name, schema in schemas.items():
        Draft202012Validator.check_schema(schema)
        assert re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name)
    text = json.dumps(document())
    for reference in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
        assert reference in schemas
    for internal in ("passwordHash", "secretHash", "_rev"):
        assert internal not in text


def test_security_is_declared() -> None:
    schemes = document()["components"]["securitySchemes"]
    assert schemes == {"securityToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}


def test_the_pages_load_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert not _OUTSIDE.search(page.text), _OUTSIDE.search(page.text)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loaded
    for address in loaded:
        if address.startswith("data:"):
            continue
        assert address.startswith("/docs/static/")
        part = client.get(address)
        assert part.status_code == 200
        if address.endswith(".css"):
            assert not re.search(r"url\(\s*['\"]?https?:", part.text)
            assert "@import" not in part.text
    answer = client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


def test_the_document_names_no_machine_of_ours() -> None:
    text = json.dumps(document())
    for outside in ("localhost", "127.0.0.1", "/work/", "goldleaf.app"):
        assert outside not in text

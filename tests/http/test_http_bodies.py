"""Bodies: bare or wrapped, unknown keys, limits, types; and one shape for every refusal."""

import json
import re
import socket
from typing import Any

import httpx
import pytest

from brassleaf.http.lists import ListQuery
from brassleaf.security.rooms import Endpoint
from brassleaf.store.port import StoreDown
from support.filling import places
from support.routes import GUARDED, body_fields, body_schema, endpoints, method_of, name_of, resolve
from support.served import Served
from support.world import World

POSTS = [route for route in GUARDED if method_of(route) == "POST"]
BODIES = [route for route in POSTS if body_schema(route) is not None]
EVERY_BODY = pytest.mark.parametrize("route", BODIES, ids=name_of)
JSON = {"Content-Type": "application/json"}
CREATE = "/api/v1/customers/create"


def _raw(client: httpx.Client, path: str, content: Any, **headers: str) -> httpx.Response:
    return client.post(path, content=content, headers={**JSON, **headers})


# -- wrapped, unknown, absent -----------------------------------------------------------------------------------------


@EVERY_BODY
def test_a_body_may_be_wrapped_in_params(world: World, admin: httpx.Client, route: Endpoint) -> None:
    call = world.call(route)
    response = call.send(admin, body={"params": call.body})
    assert response.status_code < 300, response.text
    assert "x-unknown-fields" not in response.headers


@EVERY_BODY
def test_a_refusal_is_the_same_bare_or_wrapped(world: World, admin: httpx.Client, route: Endpoint) -> None:
    call = world.call(route)
    wrong = {name: {"wrong": [True]} for name in body_fields(route)}
    bare, wrapped = call.send(admin, body=wrong), call.send(admin, body={"params": wrong})
    assert (bare.status_code, wrapped.status_code) == (400, 400)
    assert bare.json()["errors"] == wrapped.json()["errors"]
    assert {error["field"].split(".")[0].split("[")[0] for error in bare.json()["errors"]} <= set(wrong)


@EVERY_BODY
def test_unknown_keys_are_ignored_and_named(world: World, admin: httpx.Client, route: Endpoint) -> None:
    expected = ["Naem", "a%2Cb", "neue%0AZeile", "%C3%A9", "constructor", "__proto__"]
    for wrapped in (False, True):
        call = world.call(route)
        inner = [name for name, value in call.body.items() if isinstance(value, dict)]
        body = {**call.body, "Naem": 1, "a,b": 2, "neue\nZeile": 3, "\u00e9": 4, "constructor": {}, "__proto__": []}
        for name in inner:
            body[name] = {**body[name], "zzUnknown": 1}
        response = call.send(admin, body={"params": body} if wrapped else body)
        assert response.status_code < 300, response.text
        named = response.headers.get("x-unknown-fields", "").split(", ")
        assert [name for name in named if "zzUnknown" not in name] == expected
        for name in inner:
            assert f"{name}.zzUnknown" in named


def test_unknown_keys_in_lists_are_named_with_their_path(admin: httpx.Client) -> None:
    body = {"defaultItemPricing": [{"itemType": "hose", "lisPricing": True}], "country": {"countryNam": "x"}}
    response = admin.post(CREATE, json=body)
    assert response.status_code == 201
    assert set(response.headers["x-unknown-fields"].split(", ")) == {
        "defaultItemPricing.lisPricing",
        "country.countryNam",
    }


def test_a_key_that_only_the_last_of_many_entries_has_is_named_and_each_is_named_once(admin: httpx.Client) -> None:
    items = [{"operation": "update", "customr": {}} for _ in range(998)]  # of none: nothing is made
    body = {"items": [*items, {"operation": "create", "customer": {"naem": "x"}}]}
    response = admin.post("/api/v1/customers/batch", json=body)
    assert response.status_code == 207
    assert response.headers["x-unknown-fields"] == "items.customr, items.customer.naem"


def test_params_beside_other_keys_is_no_wrapper(admin: httpx.Client) -> None:
    response = admin.post(CREATE, json={"params": {"name": "inside"}, "name": "outside"})
    assert response.json()["name"] == "outside"
    assert response.headers["x-unknown-fields"] == "params"
    response = admin.post(CREATE, json={"params": {"params": {"name": "twice"}}})
    assert "name" not in response.json()


def test_many_and_long_unknown_keys_make_no_endless_header(admin: httpx.Client) -> None:
    body = {f"{'k' * 1000}{number}": 1 for number in range(500)}
    response = admin.post(CREATE, json=body)
    assert response.status_code == 201
    assert 1 < len(response.headers["x-unknown-fields"]) <= 2_000
    response = admin.post(CREATE, json={f"{number:03d}": 1 for number in range(500)})
    named = response.headers["x-unknown-fields"]
    assert named.startswith("000, 001, 002, ")
    assert len(named) <= 2_000


def test_an_optional_body_may_be_absent(admin: httpx.Client) -> None:
    for content in (b"", b"null", b"{}", b'{"params":{}}', b" {} \n"):
        assert _raw(admin, CREATE, content).status_code == 201, content
    assert admin.post(CREATE).status_code == 201


# -- what is no JSON --------------------------------------------------------------------------------------------------

MALFORMED = (
    b"{",
    b"}",
    b"{]",
    b"[",
    b"nul",
    b"{'name': 'x'}",
    b'{"name": "x",}',
    b'{"name": }',
    b'{"name"}',
    b"{name: 1}",
    b'{"name": "x"} trailing',
    b'{"name": "x"}{"name": "y"}',
    b'\xef\xbb\xbf{"name": "x"}',
    b'{"name": "\xff"}',
    b'{"name": "\xed\xa0\x80"}',
    b'{"name": "\\ud800"}',
    b'{"name": "\\udc00\\ud800"}',
    b'{"name": "\n"}',
    b'{"name": "\x00"}',
    b"\x00",
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": -Infinity}',
    b'{"a": 1e999}',
    b'{"a": 01}',
    b'{"a": +1}',
    b'{"a": .5}',
    b'{"a": 0x1}',
    b"[" * 5000,
    b'{"a":' * 5000,
    b"//\n{}",
    b'{"a": "\\x41"}',
    b"\xfe\xff",
    '{"name": "x"}'.encode("utf-16"),
    '{"name": "x"}'.encode("utf-32"),
    b"name=x",
    b"<a/>",
    b"%7B%7D",
)


@EVERY_BODY
def test_what_is_no_json_is_refused(world: World, admin: httpx.Client, route: Endpoint) -> None:
    path = world.call(route).path
    for content in MALFORMED:
        response = _raw(admin, path, content)
        assert response.status_code == 400, f"{content[:40]!r}: {response.status_code} {response.text}"
        assert response.json()["errors"][0]["field"] == "body", f"{content[:40]!r}: {response.text}"


@EVERY_BODY
def test_json_that_is_no_object_is_refused(world: World, admin: httpx.Client, route: Endpoint) -> None:
    path = world.call(route).path
    for content in (b"[]", b'"x"', b"1", b"true", b"[{}]", b'[{"params": {}}]', b'{"params": []}', b'{"params": 1}'):
        response = _raw(admin, path, content)
        if content.startswith(b'{"params"') and response.status_code < 300:
            assert response.headers["x-unknown-fields"] == "params"
            continue
        assert response.status_code == 400, f"{content!r}: {response.text}"


def test_deep_nesting_is_survived(admin: httpx.Client) -> None:
    for deep in (
        '{"a":' * 100 + "1" + "}" * 100,
        '{"zz":' + "[" * 900 + "]" * 900 + "}",
        '{"country":' * 300 + "1" + "}" * 300,
        '{"params":' * 500 + "{}" + "}" * 500,
        '{"defaultItemPricing":' + "[" * 1000 + "]" * 1000 + "}",
    ):
        assert _raw(admin, CREATE, deep.encode()).status_code in (201, 400), deep[:40]


def test_of_duplicate_keys_the_last_counts_everywhere(admin: httpx.Client) -> None:
    response = _raw(admin, CREATE, b'{"name": "first", "name": "second"}')
    assert response.json()["name"] == "second"


@pytest.mark.parametrize(
    "media",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "text/json",
        "multipart/form-data; boundary=x",
        "image/png",
        "application/jsonp",
        "json",
        "*/*",
    ],
)
def test_a_body_of_another_type_is_refused(world: World, admin: httpx.Client, media: str) -> None:
    for route in BODIES:
        call = world.call(route)
        response = admin.post(call.path, content=b"{}", headers={"Content-Type": media})
        assert response.status_code == 415, f"{name_of(route)}: {response.text}"


@pytest.mark.parametrize(
    "media",
    [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/vnd.api+json",
        "application/json;charset=UTF-8;x=y",
        "",
    ],
)
def test_every_way_to_say_json_is_taken(admin: httpx.Client, media: str) -> None:
    response = admin.post(CREATE, content=b'{"name": "x"}', headers={"Content-Type": media})
    assert response.status_code == 201, response.text


def test_json_without_a_type_is_taken(served: Served, world: World) -> None:
    assert b" 201 " in _exchange(served, _head(world.a.admin.token, 14) + b'{"name": "ab"}')


# -- size -------------------------------------------------------------------------------------------------------------


def _head(token: str, length: int) -> bytes:
    """The head of a request that creates a customer."""
    lines = [f"POST {CREATE} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", f"Content-Length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode()


def _exchange(served: Served, *pieces: bytes) -> bytes:
    """Bytes over a real socket, and what came back."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        for piece in pieces:
            try:
                connection.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                break
        connection.settimeout(5)
        found = b""
        try:
            while b"\r\n\r\n" not in found or not found.rstrip().endswith((b"}", b"0")):
                part = connection.recv(65_536)
                if not part:
                    break
                found += part
        except (TimeoutError, ConnectionResetError):
            pass
    return found


@pytest.mark.parametrize("route", POSTS, ids=name_of)
def test_a_body_that_is_too_large_is_refused(world: World, admin: httpx.Client, route: Endpoint) -> None:
    limit, call = route.policy.body_limit, world.call(route)
    headers = {"Content-Type": call.media or "application/json"}
    for content in (b"x" * (limit + 1), iter([b'{"comments": "'] + [b"x" * 100_000] * (limit // 100_000 + 1))):
        response = admin.post(call.path, content=content, headers=headers)
        assert response.status_code == 413, f"{response.status_code} {response.text[:200]}"
        assert f"{limit:,}" in response.json()["message"]


def test_a_body_as_large_as_the_limit_is_read(served: Served, admin: httpx.Client) -> None:
    limit = served.settings.body_limit
    body = b'{"zz": "' + b"x" * (limit - 10) + b'"}'
    assert len(body) == limit
    assert _raw(admin, CREATE, body).status_code == 201
    assert _raw(admin, CREATE, body + b" ").status_code == 413


def test_an_announced_size_is_refused_before_the_body_comes(served: Served, world: World) -> None:
    answer = _exchange(served, _head(world.a.admin.token, 10**9))
    assert b" 413 " in answer.split(b"\r\n")[0]


def test_a_stranger_uploads_nothing(served: Served) -> None:
    assert b" 401 " in _exchange(served, _head("nobody", 10**9)).split(b"\r\n")[0]


def test_a_client_that_goes_away_does_no_harm(served: Served, world: World, admin: httpx.Client) -> None:
    before = len(world.dump(world.a))
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.sendall(_head(world.a.admin.token, 500) + b'{"name": ')
    assert admin.get("/healthz").status_code == 200
    assert len(world.dump(world.a)) == before


# -- values -----------------------------------------------------------------------------------------------------------

BAD_TEXTS = ("a\x00b", "\x00", "\x07", "a\x1bb", "\x7f", "\x85", "\ufffe", "\uffff")
ODD_TEXTS = (
    "{$gt: ''}",
    "$where",
    "'; DROP TABLE customers; --",
    "<script>alert(1)</script>",
    "=1+1",
    "../../etc/passwd",
    "\u202e",
    "%s%s%n",
    "${7*7}",
    "{{7*7}}",
    "💥",
    "e\u0301",
    "\u00a0",
    "\\",
    '"',
    "null",
    "ﬀ",
    "A" * 500,
)
BAD_NUMBERS = (
    "1e400",
    "-1e400",
    "1234567890123456",
    "0.1234567890123456",
    "1e16",
    "1e-300",
    "1e308",
    '"5"',
    "true",
    "[5]",
)


#: How pydantic speaks, which callers of ours need not know.
LIBRARY = re.compile(r"should (be|have|match)|after validation|pattern '|function-|Input ")


@EVERY_BODY
def test_every_text_field_refuses_what_is_no_text(world: World, admin: httpx.Client, route: Endpoint) -> None:
    call = world.call(route)
    schema = body_schema(route)
    known = {str(place) for place in places(schema)} | {str(place.path[0]) for place in places(schema)}
    names = {place.path[0] for place in places(schema) if place.schema.get("type") == "string" and len(place.path) == 1}
    for name in sorted(map(str, names)):
        kinds = body_fields(route)[name]
        plain = not {"enum", "const", "pattern"} & _flat(kinds).keys()
        for value in [*BAD_TEXTS, "x" * 20_000, 5, True, [], ["x"]] if plain else ["\x00", 5, True, [], "zz\x00"]:
            response = call.send(admin, body={**call.body, name: value})
            if value in ([], ["x"]) and response.status_code < 300:
                continue
            assert response.status_code == 400, f"{name} = {value!r}: {response.status_code} {response.text[:200]}"
            errors = response.json()["errors"]
            assert name in {error["field"].split(".")[0] for error in errors}, response.text
            for error in errors:
                assert re.sub(r"\[\d+\]", ".0", error["field"]) in known, f"{error['field']} is no field"
                assert not LIBRARY.search(error["message"]), error["message"]


def _flat(schema: Any) -> dict[str, Any]:
    node = resolve(schema)
    found = dict(node)
    for part in (*node.get("anyOf", []), *node.get("oneOf", [])):
        found.update(_flat(part))
    return found


@EVERY_BODY
def test_every_number_field_refuses_what_no_double_holds(world: World, admin: httpx.Client, route: Endpoint) -> None:
    call = world.call(route)
    schema = body_schema(route)
    names = {
        str(place.path[0]) for place in places(schema) if place.schema.get("type") == "number" and len(place.path) == 1
    }
    for name in sorted(names):
        for number in (*BAD_NUMBERS, "NaN", "Infinity"):
            rest = {key: value for key, value in call.body.items() if key != name}
            content = json.dumps(rest)[:-1] + (", " if rest else "") + f'"{name}": {number}}}'
            response = _raw(admin, call.path, content.encode())
            assert response.status_code == 400, f"{name} = {number}: {response.status_code} {response.text[:200]}"


def test_odd_texts_come_back_as_they_are(admin: httpx.Client) -> None:
    for text in ODD_TEXTS:
        made = admin.post(CREATE, json={"name": text, "comments": text})
        assert made.status_code == 201, f"{text!r}: {made.text}"
        found = admin.get(f"/api/v1/customer/{made.json()['_id']}").json()
        assert found == made.json()
        assert found["name"] in (text.strip(), "\u00e9"), text
        listed = admin.get("/api/v1/customers", params={"search.name": text.strip() or text}).json()
        assert found["_id"] in [entry["_id"] for entry in listed["items"]] or listed["total"] > 10 or not text.strip()


def test_operators_as_values_are_refused_not_run(admin: httpx.Client) -> None:
    for operator in ({"$ne": None}, {"$gt": ""}, {"$where": "1"}, {"$regex": ".*"}, [{"$ne": 1}]):
        assert admin.post(CREATE, json={"name": operator}).status_code == 400
        assert (
            admin.post("/api/v1/customers/export", json={"customers": operator, "selectAll": False}).status_code == 400
        )
        for field in ("apiKey", "name"):
            body = {"grantType": "client_credentials", "apiKey": "x", "name": "x", field: operator}
            assert admin.post("/security/v1/token", json=body).status_code == 400


def test_fifteen_digits_are_kept_exactly(admin: httpx.Client) -> None:
    for number in (0.1, 99.9999999999999, 12.3456789012345, 1e-15, 50, 0, 33.3333333333333):
        made = admin.post(CREATE, json={"defaultDiscountPercentHoses": number})
        assert made.status_code == 201, made.text
        assert made.json()["defaultDiscountPercentHoses"] == number


# -- one shape for every refusal --------------------------------------------------------------------------------------


def test_addresses_that_are_not_there(admin: httpx.Client, client: httpx.Client) -> None:
    for path in (
        "/api/v1/nothing",
        "/api/v1",
        "/api",
        "/x",
        "/api/v1/customers/",
        "/api/v2/customers",
        "//api/v1/customers",
        "/api/v1/customer/",
        "/api/v1/customer//update",
        "/API/V1/customers",
        "/api/v1/customers/create/x",
        "/api/v1/%63ustomersX",
        "/api/v1/customer/..%2f..%2fetc",
        "/%00",
        "/docs/static/nothing.js",
        "/docs/static/../../../etc/passwd",
        "/docs/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    ):
        for asking in (admin, client):
            response = asking.get(httpx.URL(asking.base_url).copy_with(raw_path=path.encode()))
            assert response.status_code in (404, 401, 400), f"{path}: {response.status_code}"
            assert response.headers["content-type"] == "application/problem+json", path
            if response.status_code == 404:
                assert response.json()["message"]


def test_methods_that_an_address_does_not_take(admin: httpx.Client) -> None:
    for route in endpoints():
        path = route.path_format.replace("{", "").replace("}", "")
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"} - _taken(route.path_format):
            response = admin.request(method, path)
            assert response.status_code == 405, f"{method} {path}: {response.status_code}"
            allowed = set(response.headers["allow"].replace(" ", "").split(","))
            assert allowed
            assert allowed <= _taken(route.path_format)
            assert response.json()["title"] == "Method not allowed"


def _taken(path: str) -> set[str]:
    """The methods of every route that an address belongs to: `/hoseassembly/price` is one of an id as well."""
    concrete = path.replace("{", "").replace("}", "")
    return {method for route in endpoints() if route.path_regex.match(concrete) for method in route.methods}


def test_a_mistake_of_ours_tells_no_internals(
    served: Served, admin: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: Any, **__: Any) -> ListQuery:
        raise RuntimeError("password=hunter2 in /srv/brassleaf/secret.py")

    monkeypatch.setattr(served.parts.customers, "page", broken)
    response = admin.get("/api/v1/customers", headers={"X-Request-Id": "find-me"})
    assert response.status_code == 500
    said = response.text + str(response.headers)
    for secret in ("hunter2", "RuntimeError", "secret.py", "Traceback"):
        assert secret not in said
    assert response.json()["requestId"] == "find-me"
    assert "find-me" in response.json()["message"]
    assert "find-me" in caplog.text
    assert "hunter2" in caplog.text  # the operator finds it


def test_a_mistake_in_our_arithmetic_is_no_refusal(
    served: Served, admin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in (KeyError, ValueError, TypeError, ZeroDivisionError, RecursionError, UnicodeDecodeError):

        async def broken(*_: Any, kind: Any = kind, **__: Any) -> None:
            raise kind("utf-8", b"x", 0, 1, "internal") if kind is UnicodeDecodeError else kind("internal")

        monkeypatch.setattr(served.parts.customers, "page", broken)
        response = admin.get("/api/v1/customers")
        assert response.status_code == 500, kind
        assert "internal" not in response.json()["message"]


def test_a_store_that_is_down_is_said_so(served: Served, admin: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(*_: Any, **__: Any) -> None:
        raise StoreDown("The data file could not be written.")

    monkeypatch.setattr(served.parts.customers, "page", down)
    response = admin.get("/api/v1/customers")
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")


# -- request ids ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["abc", "A.b_c-1", "x" * 64, "550e8400-e29b-41d4-a716-446655440000"])
def test_a_good_request_id_is_echoed(admin: httpx.Client, given: str) -> None:
    for path, status in (("/api/v1/user", 200), ("/api/v1/nothing", 404), ("/healthz", 200)):
        response = admin.get(path, headers={"X-Request-Id": given})
        assert (response.status_code, response.headers["x-request-id"]) == (status, given)


@pytest.mark.parametrize(
    "given", ["", "x" * 65, "a b", "a\tb", "<script>", "a/b", "a;b", "é", "${jndi:x}", "a,b", "a%0d%0ab"]
)
def test_a_bad_request_id_is_replaced(admin: httpx.Client, given: str) -> None:
    headers: Any = {"X-Request-Id": given.encode()}
    response = admin.get("/api/v1/user", headers=headers)
    assert response.status_code == 200
    assert response.headers["x-request-id"] != given
    other = admin.get("/api/v1/user", headers=headers).headers["x-request-id"]
    assert other != response.headers["x-request-id"]


def test_the_log_line_of_a_request_names_it(served: Served, world: World, admin: httpx.Client) -> None:
    admin.get("/api/v1/user?security_token=hunter2", headers={"X-Request-Id": "log-me"})
    line = next(json.loads(line) for line in reversed(served.lines) if b"log-me" in line)
    assert (line["status"], line["route"], line["organization"]) == (200, "/api/v1/user", world.a.id)
    assert "hunter2" not in json.dumps(line)
    assert world.a.admin.token not in json.dumps(line)


def test_answers_are_not_kept_by_caches(world: World, admin: httpx.Client, client: httpx.Client) -> None:
    assert "no-cache" in admin.get("/api/v1/user").headers["cache-control"]
    assert "private" in admin.get("/api/v1/user").headers["cache-control"]
    key = world.a.people["key admin"]
    name = next(e.document["name"] for e in world.dump(world.a) if e.document["_id"] == key.id)
    sent = {"apiKey": key.secret, "name": name, "grantType": "client_credentials"}
    assert "no-store" in client.post("/security/v1/token", json=sent).headers["cache-control"]

"""The index over the paths answers as the router itself does, for every route, method and odd path."""

from typing import Any

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.routing import Match, Route, Router

from brassleaf.http.path_index import PathIndex
from support.routes import application
from support.served import Served

METHODS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
ROUTER: Router = application().router
INDEX = ROUTER.middleware_stack
PATHS = [route.path for route in ROUTER.routes if isinstance(route, Route)]
SEGMENTS = sorted({segment for path in PATHS for segment in path.split("/")} - {""})

_id = st.text("0123456789abcdefABCDEF", min_size=24, max_size=24)
_segment = st.one_of(
    st.sampled_from([*SEGMENTS, "", ".", "..", "{customerId}", "new", "a\n", "%2F", "é", " "]), _id, st.text(max_size=6)
)
_concrete = st.sampled_from(PATHS).flatmap(
    lambda path: st.tuples(*[_id if part.startswith("{") else st.just(part) for part in path.split("/")]).map("/".join)
)


@st.composite
def _near(draw: st.DrawFn) -> str:
    """A path of the application with something done to it."""
    parts = draw(_concrete).split("/")
    place = draw(st.integers(0, len(parts) - 1))
    match draw(st.sampled_from(["as is", "another", "more", "less", "end", "case", "line"])):
        case "another":
            parts[place] = draw(_segment)
        case "more":
            parts.insert(place, draw(_segment))
        case "less":
            del parts[place]
        case "end":
            parts.append("")
        case "case":
            parts[place] = parts[place].swapcase()
        case "line":
            parts[-1] += "\n"
    return "/".join(parts)


_path = st.one_of(
    _near(), st.lists(_segment, max_size=7).map(lambda parts: "/" + "/".join(parts)), st.text(max_size=30)
)


def _routed(path: str, method: str) -> tuple[Any, dict[str, Any]] | None:
    """What the router itself would choose: the first route that fits path and method."""
    scope = {"type": "http", "path": path, "method": method, "root_path": "", "headers": []}
    for route in ROUTER.routes:
        found, child = route.matches(scope)
        if found is Match.FULL:
            return route, child.get("path_params", {})
    return None


@settings(max_examples=500, deadline=None, database=None, derandomize=True)
@given(path=_path, method=st.sampled_from(METHODS))
@example(path="/api/v1/customers\n", method="GET")
@example(path="/api/v1/customer//update", method="POST")
@example(path="/api/v1/hoseassembly/price", method="POST")
@example(path="/api/v1/hoseassembly/price", method="GET")
@example(path="", method="GET")
def test_the_index_chooses_what_the_router_chooses(path: str, method: str) -> None:
    assert isinstance(INDEX, PathIndex)
    chosen, expected = INDEX.match(path, method), _routed(path, method)
    if chosen is None:
        # then the router itself is asked, which answers whatever it answers
        return
    assert expected is not None, f"{method} {path!r} is no address, but the index gives {chosen[0].path}"
    assert chosen[0] is expected[0]
    assert chosen[1] == expected[1]


def test_a_path_names_all_of_its_methods(served: Served) -> None:
    """Those of every route of the path, and of no other path."""
    methods: dict[str, set[str]] = {}
    for route in ROUTER.routes:
        if isinstance(route, Route):
            methods.setdefault("/".join("{}" if part[:1] == "{" else part for part in route.path.split("/")), set())
    assert isinstance(INDEX, PathIndex)
    for path in methods:
        concrete = path.replace("{}", "f" * 24)
        taken = {method for method in METHODS if _routed(concrete, method)}
        assert set(INDEX.methods(concrete)) == taken, path
    with served.client() as client:
        answer = client.request("PUT", "/api/v1/customers")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
        assert client.request("PUT", "/api/v1/nothing/here").status_code == 404


def test_the_index_knows_every_route() -> None:
    assert isinstance(INDEX, PathIndex)
    missed = []
    for route in ROUTER.routes:
        if isinstance(route, Route):
            path = "/".join("f" * 24 if part.startswith("{") else part for part in route.path.split("/"))
            for method in route.methods or ():
                found, routed = INDEX.match(path, method), _routed(path, method)
                if found is None or routed is None or found[0] is not routed[0]:
                    missed.append(f"{method} {path}")
    assert missed == []


def test_no_route_hides_another() -> None:
    """A fixed path that is declared behind a parameter would never be answered."""
    hidden = []
    for route in ROUTER.routes:
        if isinstance(route, Route):
            for method in route.methods or ():
                routed = _routed(route.path.replace("{", "").replace("}", ""), method)
                if routed is None or routed[0] is not route:
                    hidden.append(f"{method} {route.path}")
    assert hidden == []


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/customers/",
        "/api/v1/customers%0A",
        "/api/v1/customer/%2e%2e",
        "/api/v1/customer/a%2Fb",
        "/api/v1/./customers",
        "/api/v1/customers;x=1",
        "/api/v1/customers%00",
        "/api//v1/customers",
        "/api/v1/customer/" + "a" * 5000,
        "/%E2%82%AC",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "DELETE"])
def test_odd_addresses_are_answered_alike_with_and_without_the_index(
    served: Served, admin: httpx.Client, path: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = httpx.URL(admin.base_url).copy_with(raw_path=path.encode())
    first = admin.request(method, url, headers={"X-Request-Id": "same"})
    index = served.app.router.middleware_stack
    assert isinstance(index, PathIndex)
    monkeypatch.setattr(served.app.router, "middleware_stack", index._fallback)
    second = admin.request(method, url, headers={"X-Request-Id": "same"})
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.status_code < 500

"""Fills an application up to the number of endpoints that the whole contract has, as its paths are shaped."""

from collections.abc import Iterator

from fastapi import FastAPI
from starlette.responses import Response

from brassleaf.http.path_index import PathIndex
from brassleaf.security.roles import EVERYONE
from brassleaf.security.rooms import CallerOf, Room

FIRST = "/bench/first"
LAST = "/bench/last"
RESOURCES = (
    "brand", "adaptor", "ferrule", "wrap", "otheritem", "hosekit", "salesestimate", "workorder", "inventory",
    "warehouse", "pricelist", "image", "component", "gender", "shape", "style", "size", "item",
)  # fmt: skip
SHAPES = (
    ("GET", "/organization/{0}s"),
    ("GET", "/organization/custom{0}s"),
    ("POST", "/organization/{0}/{{id}}/update"),
    ("POST", "/organization/{0}s/create"),
    ("GET", "/{0}/{{id}}"),
    ("POST", "/{0}/{{id}}/update"),
    ("POST", "/{0}/{{id}}/delete"),
    ("POST", "/{0}s/create"),
    ("POST", "/{0}s/export"),
    ("POST", "/{0}s/exceltemplate"),
    ("POST", "/{0}/{{id}}/release"),
)


def shapes() -> Iterator[tuple[str, str]]:
    """Paths as the contract has them."""
    for resource in RESOURCES:
        for method, shape in SHAPES:
            yield method, shape.format(resource)


def padded(app: FastAPI, wanted: int, *, indexed: bool) -> None:
    """Put routes of our own first, in the middle and last: all through a room, all behind the gate."""
    house = app.state.parts.house

    async def handler(_: CallerOf) -> Response:
        return Response(b"ok")

    def made(method: str, path: str, number: int) -> Room:
        room = Room(house, "Bench")
        declare = room.get if method == "GET" else room.post
        declare(path, allow=EVERYONE, answers=bytes, produces=["text/plain"], operation=f"bench{number}")(handler)
        return room

    routes = app.router.routes
    more = shapes()
    middle = [made(*next(more), number).routes[0] for number in range(wanted - len(routes) - 2)]
    app.router.routes[:] = [
        *made("GET", FIRST, 9998).routes, *routes, *middle, *made("GET", LAST, 9999).routes
    ]  # fmt: skip
    assert len(app.router.routes) == wanted, len(app.router.routes)
    app.router.middleware_stack = app.router.app
    if indexed:
        app.router.middleware_stack = PathIndex(app.router)

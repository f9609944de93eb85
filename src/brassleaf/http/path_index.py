"""An index over the paths in front of the normal router: with hundreds of routes the last costs what the first does.

It answers as the router does, which matches routes one after the other: the first registered route whose path and
method both fit wins. A path that fits with other methods only is answered with all of these (405), where the router
would name the first route's; whatever fits no path goes to the router itself (404).
"""

from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(slots=True)
class _Node:
    fixed: dict[str, "_Node"] = field(default_factory=dict)
    any: "_Node | None" = None
    routes: list[tuple[int, Route, list[str]]] = field(default_factory=list)


class PathIndex:
    """A router's routes by path segment."""

    def __init__(self, router: Router) -> None:
        self._fallback: ASGIApp = router.middleware_stack
        self._root = _Node()
        self._others: list[BaseRoute] = []
        for rank, route in enumerate(router.routes):
            if isinstance(route, Route) and _plain(route):
                self._add(rank, route)
            else:
                self._others.append(route)

    def _add(self, rank: int, route: Route) -> None:
        node, names = self._root, []
        for segment in route.path_format.split("/"):
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.any = node = node.any or _Node()
            else:
                node = node.fixed.setdefault(segment, _Node())
        node.routes.append((rank, route, names))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to its route, or to the router where no path and method fit."""
        if scope["type"] == "http" and not scope.get("root_path"):
            found = self.match(scope["path"], scope["method"])
            if found is not None:
                route, params = found
                scope["path_params"] = params
                scope["endpoint"] = route.endpoint
                scope["route"] = route
                await route.app(scope, receive, send)
                return
            allowed = self.methods(scope["path"])
            if allowed and not any(route.matches(scope)[0] is Match.FULL for route in self._others):
                raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
        await self._fallback(scope, receive, send)

    def match(self, path: str, method: str) -> tuple[Route, dict[str, str]] | None:
        """The route for a path and method with the values of its path parameters."""
        best: tuple[int, Route, list[str], list[str]] | None = None
        for node, values in self._places(path):
            for rank, route, names in node.routes:
                if method in (route.methods or ()) and (best is None or rank < best[0]):
                    best = (rank, route, names, values)
        return None if best is None else (best[1], dict(zip(best[2], best[3], strict=True)))

    def methods(self, path: str) -> list[str]:
        """Every method that a path takes."""
        routes = (route for node, _ in self._places(path) for _, route, _ in node.routes)
        return sorted({method for route in routes for method in route.methods or ()})

    def _places(self, path: str) -> list[tuple[_Node, list[str]]]:
        """Where a path leads, each place with the values of its parameters."""
        places: list[tuple[_Node, list[str]]] = [(self._root, [])]
        for segment in path.split("/"):
            following = []
            for node, values in places:
                if (fixed := node.fixed.get(segment)) is not None:
                    following.append((fixed, values))
                if node.any is not None and segment:
                    following.append((node.any, [*values, segment]))
            places = following
        return places


def _plain(route: Route) -> bool:
    """Whether every segment of a route is fixed or one text parameter, so that segments alone decide."""
    segments = route.path.split("/")
    return all("{" not in part or (part[0] == "{" and part[-1] == "}" and ":" not in part) for part in segments)

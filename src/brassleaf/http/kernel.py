"""The outermost layer, pure ASGI: request id, errors, log line and metrics of a request, headers of every answer."""

import logging
import random
import re
import sys
import time
from collections.abc import Callable
from typing import Any

import orjson
from prometheus_client import Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from brassleaf.http.problems import internal, render

log = logging.getLogger("brassleaf")

REQUESTS = Counter("brassleaf_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "brassleaf_request_seconds",
    "Time from the first byte of a request to the last of its answer.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
)
IN_FLIGHT = Gauge("brassleaf_requests_in_flight", "Requests being answered.", multiprocess_mode="livesum")

_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_HEADERS = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
#: Answers hold an organization's data: no shared cache may keep them, a browser must ask again.
_PRIVATE = (b"cache-control", b"private, no-cache")


class Kernel:
    """Wraps the application; `report` takes the log line of each request, or is None.

    `answered` is told of each request whose caller is known, with the status of its answer.
    """

    def __init__(
        self, app: ASGIApp, *, report: Callable[[bytes], None] | None, answered: Callable[[Scope, int], None]
    ) -> None:
        self._app = app
        self._report = report
        self._answered = answered
        self._children: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, whatever happens inside."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(scope)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message.setdefault("headers", [])
                headers.extend(_HEADERS)
                headers.append((b"x-request-id", request_id.encode()))
                if b"cache-control" not in [name for name, _ in headers]:
                    headers.append(_PRIVATE)
            await send(message)

        IN_FLIGHT.inc()
        try:
            await self._app(scope, receive, answer)
        except Exception as error:  # the last line of defence: logged, and answered without internals
            response = render(error, request_id)
            if response is None:
                log.exception("request %s failed", request_id)
                response = internal(request_id)
            if status == 0:
                await response(scope, receive, answer)
        finally:
            IN_FLIGHT.dec()
            self._note(scope, status, time.perf_counter() - started, request_id)

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        route = getattr(scope.get("route"), "path", "none")
        key = (scope["method"], route, status)
        found = self._children.get(key)
        if found is None:
            method = key[0] if route != "none" else "any"
            found = self._children[key] = (REQUESTS.labels(method, route, str(status)), SECONDS.labels(route))
            if len(self._children) > 5000:
                self._children.clear()
        found[0].inc()
        found[1].observe(seconds)
        caller = scope["state"].get("caller")
        if caller is not None:
            self._answered(scope, status)
        if self._report is not None:
            line = {
                "time": time.time(),
                "level": "info" if status < 500 else "error",
                "event": "request",
                "method": scope["method"],
                "path": scope["path"],
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 2),
                "client": (scope.get("client") or [""])[0],
                "organization": getattr(caller, "organization", None),
                "caller": getattr(caller, "label", None),
                "requestId": request_id,
            }
            self._report(orjson.dumps(line))


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text: str = value.decode("latin-1")
            if _REQUEST_ID.match(text):
                return text
    return f"{random.getrandbits(64):016x}"  # tells requests apart, and keeps no secret


class JsonLines(logging.Formatter):
    """Log records as JSON lines, like those of requests."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {
            "time": record.created,
            "level": record.levelname.lower(),
            "event": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def set_up_log(shape: str) -> Callable[[bytes], None] | None:
    """Log to standard error in the shape of the setting; gives back what takes the line of a request."""
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    if shape == "off":
        root.addHandler(logging.NullHandler())
        return None
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if shape == "json" else logging.Formatter("%(levelname)s %(name)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    stream = sys.stderr.buffer

    def write_json(line: bytes) -> None:
        stream.write(line + b"\n")
        stream.flush()

    def write_text(line: bytes) -> None:
        found = orjson.loads(line)
        text = f"{found['status']} {found['method']} {found['path']} {found['ms']} ms {found['requestId']}\n"
        stream.write(text.encode())
        stream.flush()

    return write_json if shape == "json" else write_text

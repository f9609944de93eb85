"""Holds every answer against what the OpenAPI document declares for its route and status."""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

import httpx
from jsonschema_rs import Draft202012Validator, Registry, ValidationError

_BASE = "urn:brassleaf:openapi"
_INTERNALS = re.compile(r"Traceback|File \"|/src/|sqlite|site-packages|\.py\b|Error\(|pydantic", re.IGNORECASE)


class WrongAnswer(AssertionError):
    """An answer that is not the documented one."""


class Contract:
    """The OpenAPI document as a judge of answers. `seen` collects which operation gave which status."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._registry = Registry([(_BASE, document)])
        self._validators: dict[str, Draft202012Validator] = {}
        self._fixed: dict[str, str] = {path: path for path in document["paths"] if "{" not in path}
        self._patterns = [
            (re.compile("^" + re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)) + "$"), path)
            for path in document["paths"]
            if "{" in path
        ]
        self.seen: dict[tuple[str, str], set[int]] = {}

    def __call__(self, response: httpx.Response) -> None:
        """As httpx's response hook."""
        response.read()
        request = response.request
        path = unquote(request.url.raw_path.split(b"?")[0].decode())
        self.check(request.method, path, response.status_code, response.headers, response.content)

    def check(self, method: str, path: str, status: int, headers: httpx.Headers, body: bytes) -> None:
        """Raise WrongAnswer unless it is what the document says."""
        where = f"{method} {path} answered {status}"
        if method == "HEAD":
            return  # an answer to HEAD has the headers of another's body, and none itself
        for name, value in (("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")):
            _must(headers.get(name) == value, f"{where} without the header {name}: {value}")
        _must(bool(re.fullmatch("[A-Za-z0-9._-]{1,64}", headers.get("x-request-id", ""))), f"{where}: no request id")
        _must("cache-control" in headers, f"{where} without Cache-Control")
        media = headers.get("content-type", "").split(";")[0]
        template = self.template(path)
        operation = self._document["paths"].get(template, {}).get(method.lower()) if template else None
        if operation is not None:
            self._declared(where, operation, template or "", method, status, media, body)
        elif status >= 400:
            _must(media == "application/problem+json", f"{where} as {media}, not as a problem")
        if media == "application/problem+json":
            self._problem(where, status, headers, body)

    def template(self, path: str) -> str | None:
        """The documented path that an address belongs to."""
        if path in self._fixed:
            return path
        return next((template for pattern, template in self._patterns if pattern.match(path)), None)

    def _declared(
        self, where: str, operation: dict[str, Any], template: str, method: str, status: int, media: str, body: bytes
    ) -> None:
        self.seen.setdefault((method, template), set()).add(status)
        declared = operation["responses"].get(str(status))
        _must(declared is not None, f"{where}, but declares {sorted(operation['responses'])}")
        content = declared.get("content", {})
        if not content:
            _must(not body, f"{where} with a body, but declares none")
            return
        _must(media in content, f"{where} as {media!r}, but declares {sorted(content)}")
        if media.endswith("json"):
            pointer = "/".join(
                part.replace("~", "~0").replace("/", "~1")
                for part in ("paths", template, method.lower(), "responses", str(status), "content", media, "schema")
            )
            self.validate(where, pointer, json.loads(body))

    def validate(self, where: str, pointer: str, value: Any) -> None:
        """Raise WrongAnswer unless a value has the shape at a place of the document."""
        validator = self._validators.get(pointer)
        if validator is None:
            schema = {"$ref": f"{_BASE}#/{pointer.replace('{', '%7B').replace('}', '%7D')}"}
            validator = Draft202012Validator(schema, registry=self._registry, validate_formats=True)
            self._validators[pointer] = validator
        if not validator.is_valid(value):
            told = "\n".join(_told(validator.iter_errors(value)))
            raise WrongAnswer(f"{where}, which is not of its model:\n{told}")

    def _problem(self, where: str, status: int, headers: httpx.Headers, body: bytes) -> None:
        said = json.loads(body)
        self.validate(where, "components/schemas/Problem", said)
        _must(said["status"] == status, f"{where} with the status {said['status']} in its body")
        replayed = "idempotency-replayed" in headers  # byte for byte the first answer, with the first request's id
        _must(replayed or said["requestId"] == headers["x-request-id"], f"{where} with two request ids")
        _must(said["detail"] == said["message"] != "", f"{where} with detail {said['detail']!r}")
        _must(set(said) - {"alternatives"} == {"type", "title", "status", "detail", "message", "errors", "requestId"},
              f"{where}: {said}")  # fmt: skip
        _must(not _INTERNALS.search(said["message"]), f"{where} with internals: {said['message']}")
        if status == 401:
            _must(headers.get("www-authenticate", "").startswith("Bearer"), f"{where} without WWW-Authenticate")
        if status in (429, 503):
            _must(headers.get("retry-after", "").isdigit(), f"{where} without Retry-After")
        if status == 405:
            _must(bool(headers.get("allow")), f"{where} without Allow")


def _told(errors: Iterable[ValidationError]) -> Iterable[str]:
    for error in list(errors)[:5]:
        tried = [inner.message for branch in getattr(error.kind, "context", None) or [] for inner in branch]
        yield f"  {'.'.join(map(str, error.instance_path))}: {error.message[:500]} {'; '.join(tried)[:800]}"


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise WrongAnswer(otherwise)

"""One error shape everywhere: RFC 9457 with `message`, the member that GoldLeaf clients read."""

import urllib.parse
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from brassleaf import errors
from brassleaf.errors import BrassleafError, FieldError
from brassleaf.http.fields import AS_OBJECT, AS_TEXT, SENTENCES
from brassleaf.store.port import Changed, Duplicate

_STATUS: dict[type[BrassleafError], tuple[int, str]] = {
    errors.Refused: (400, "Bad request"),
    Duplicate: (400, "Already there"),
    errors.NotSignedIn: (401, "Not signed in"),
    errors.Forbidden: (403, "Not allowed"),
    errors.NotFound: (404, "Not found"),
    errors.Clash: (409, "Idempotency key used"),
    Changed: (409, "Changed in between"),
    errors.Stale: (412, "Changed in between"),
    errors.TooLarge: (413, "Too large"),
    errors.WrongMediaType: (415, "Wrong media type"),
    errors.TooMany: (429, "Too many"),
    errors.Unavailable: (503, "Not available"),
}
#: Where pydantic says that a value is, besides its field.
_NO_FIELDS = {"body", "query", "path", "header", "params", AS_TEXT.tag, AS_OBJECT.tag}
_HTTP_TITLES = {404: "Not found", 405: "Method not allowed", 413: "Too large"}

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """One refused value."""

    field: str
    message: str


class Alternative(BaseModel):
    """Something that would be accepted in the place of what was refused."""

    id: str = Field(alias="_id")
    partNumber: str
    brand: str
    description: str | None = None
    orgPartNumber: str | None = None


class Problem(BaseModel):
    """What every refused request is answered with."""

    type: str = Field(description="A name for the kind of problem.")
    title: str
    status: int
    detail: str
    message: str = Field(description="A sentence that tells the caller what to change.")
    errors: list[FieldProblem]
    requestId: str = Field(description="Also in the header X-Request-Id and in the server's log.")
    alternatives: dict[str, list[Alternative]] | None = Field(
        None, description="By field, what would fit instead; only where an assembly was refused for its parts."
    )
    report: dict[str, Any] | None = Field(
        None, description="What became of the rows before; only where an import was refused in the middle of its rows."
    )


def problem(
    status: int,
    title: str,
    message: str,
    *,
    request_id: str,
    field_errors: Sequence[FieldError] = (),
    headers: dict[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """The answer to a refused request."""
    body = {
        **(more or {}),
        "type": "urn:brassleaf:" + title.lower().replace(" ", "-"),
        "title": title,
        "status": status,
        "detail": message,
        "message": message,
        "errors": [{"field": error.field, "message": error.message} for error in field_errors],
        "requestId": request_id,
    }
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


def body_of(error: BrassleafError) -> dict[str, Any]:
    """A problem inside another answer: as it would be answered by itself, without the id of a request."""
    found: dict[str, Any] = orjson.loads(bytes((render(error, "") or internal("")).body))
    del found["requestId"]
    return found


def render(error: Exception, request_id: str) -> Response | None:
    """The answer to an error that has one; None for a mistake of ours."""
    match error:
        case BrassleafError():
            status, title = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), (500, "Error"))
            headers = {}
            if isinstance(error, errors.NotSignedIn):
                headers["WWW-Authenticate"] = 'Bearer realm="brassleaf"'
            if isinstance(error, errors.TooMany):
                headers["Retry-After"] = str(error.retry_after)
            if isinstance(error, errors.Unavailable):
                headers["Retry-After"] = "5"
            return problem(
                status,
                title,
                error.message,
                request_id=request_id,
                field_errors=error.errors,
                headers=headers,
                more=error.more,
            )
        case RequestValidationError():
            found = [field_error(entry) for entry in error.errors()]
            message = "; ".join(f"{entry.field}: {entry.message}" for entry in found)
            return problem(400, "Bad request", message, request_id=request_id, field_errors=found)
        case HTTPException():
            title = _HTTP_TITLES.get(error.status_code, "Bad request")
            message = _http_message(error)
            headers = dict(error.headers or {})
            return problem(error.status_code, title, message, request_id=request_id, headers=headers)
        case _:
            return None


def internal(request_id: str) -> Response:
    """The answer to a mistake of ours: no internals, and where to look."""
    message = f"Something went wrong in the server. Tell its operator the request id {request_id}."
    return problem(500, "Internal server error", message, request_id=request_id)


def field_error(entry: dict[str, Any]) -> FieldError:
    """One of pydantic's errors, with the field as the caller spells it and a sentence without a library's words."""
    where = [part for part in entry["loc"] if part not in _NO_FIELDS]
    if entry["type"] == "json_invalid":
        return FieldError("body", f"The body is not JSON: {entry.get('ctx', {}).get('error', 'it cannot be read')}.")
    field = path_of(where) or (str(entry["loc"][0]) if entry["loc"] else "body")
    return FieldError(field, _sentence(entry))


def path_of(parts: Sequence[str | int]) -> str:
    """`["items", 2, "quantity"]` as `items[2].quantity`."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else ("." if text else "") + str(part)
    return text


def _sentence(entry: dict[str, Any]) -> str:
    kind, context = entry["type"], entry.get("ctx", {})
    sentences = {
        "missing": "This field is required.",
        "string_type": "Give a text.",
        "float_type": "Give a number.",
        "int_type": "Give a whole number.",
        "int_from_float": "Give a whole number.",
        "int_parsing": "Give a whole number.",
        "float_parsing": "Give a number.",
        "bool_type": "Give true or false.",
        "bool_parsing": "Give true or false.",
        "list_type": "Give a list.",
        "model_attributes_type": "Give a JSON object.",
        "dict_type": "Give a JSON object.",
        "string_too_short": "Give at least {min_length} character(s).",
        "too_short": "Give at least {min_length} entries.",
        "string_too_long": "Give at most {max_length} characters.",
        "too_long": "Give at most {max_length} entries.",
        "greater_than": "Give a number above {gt:.15g}.",
        "greater_than_equal": "Give a number of at least {ge:.15g}.",
        "less_than": "Give a number below {lt:.15g}.",
        "less_than_equal": "Give a number of at most {le:.15g}.",
        "literal_error": "Give one of {expected}.",
        "finite_number": "Give a finite number.",
    }
    if kind == "string_pattern_mismatch" and context["pattern"] in SENTENCES:
        return SENTENCES[context["pattern"]]
    if kind == "value_error":
        return str(context.get("error", entry["msg"]))
    template = sentences.get(kind)
    return template.format(**context) if template else str(entry["msg"]) + "."


def _http_message(error: HTTPException) -> str:
    if error.status_code == 404:
        return "There is nothing at this address. The API documentation at /docs lists every endpoint."
    if error.status_code == 405:
        return f"This address does not take this method; it takes {(error.headers or {}).get('Allow', 'another')}."
    return str(error.detail)


#: How much a response header says: proxies take some thousand characters of all headers together.
_LONGEST_NAME, _LONGEST_HEADER = 200, 2_000


def header_text(values: Iterable[str]) -> str:
    """Names for a response header: a comma-separated list, anything outside visible ASCII percent-encoded.

    Each comes once, and no more of them than go into a short header.
    """
    named: dict[str, None] = {}
    length = 0
    for value in values:
        name = urllib.parse.quote(value, safe="[]().@$'!*+:;=~-_ ")[:_LONGEST_NAME]
        if name in named:
            continue
        length += len(name) + 2
        if length > _LONGEST_HEADER:
            break
        named[name] = None
    return ", ".join(named)

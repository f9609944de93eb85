"""Request bodies: bounded, JSON, bare or wrapped in `params`, and which of their keys no model knows."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, get_args

import orjson
from pydantic import BaseModel
from starlette.requests import ClientDisconnect, Request

from brassleaf.errors import NotFound, TooLarge, WrongMediaType


async def read(request: Request, limit: int, *, file: bool = False) -> bytes:
    """The whole body, refused as soon as it is known to be larger than the limit, in bytes."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise too_large(limit, file=file)
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise too_large(limit, file=file)
            chunks.append(chunk)
    except ClientDisconnect as error:
        raise NotFound("The client went away.") from error
    return b"".join(chunks)


def too_large(limit: int, *, file: bool = False) -> TooLarge:
    """What to say of a body that is larger than the limit; one `file` cannot be sent in parts."""
    if file:
        return TooLarge(f"The file may have at most {limit:,} bytes; make it smaller.")
    return TooLarge(f"The body may have at most {limit:,} bytes; send it in smaller parts.")


class JsonRequest(Request):
    """A request whose body was read, with the wrapper `params` taken off."""

    def __init__(self, request: Request, body: bytes) -> None:
        super().__init__(request.scope, request.receive)
        self._body = body

    async def json(self) -> Any:
        """The body as JSON, unwrapped."""
        self._json = unwrapped(orjson.loads(self._body))
        return self._json

    @property
    def parsed(self) -> Any:
        """The body as it was unwrapped, once it was asked for."""
        return getattr(self, "_json", None)


def check_media_type(request: Request, body: bytes, takes: Sequence[str] = ()) -> None:
    """Raise WrongMediaType for a body that says it is something other than JSON; none said counts as JSON.

    `takes` are the media types of an endpoint that takes a file instead.
    """
    said = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if takes:
        if said and said not in takes:
            raise WrongMediaType(f"Send the file itself as the body, as {' or '.join(takes)}.")
        return
    if (
        body
        and said
        and said != "application/json"
        and not (said.startswith("application/") and said.endswith("+json"))
    ):
        raise WrongMediaType("Send the body as application/json.")


def unwrapped(body: Any) -> Any:
    """The body without its wrapper; a body with other keys beside `params` is no wrapper."""
    if isinstance(body, dict) and len(body) == 1 and isinstance(body.get("params"), dict):
        return body["params"]
    return body


def unknown(model: Any, body: Any) -> list[str]:
    """The keys of a body that its model does not have, as paths, each once: an integrator sees the typo."""
    found: dict[str, None] = {}
    if (shape := model_in(model)) is not None:
        _look(shape, body, "", found)
    return list(found)


def _look(model: type[BaseModel], body: Any, path: str, found: dict[str, None]) -> None:
    fields = _models(model)
    for entry in body if isinstance(body, list) else (body,):
        if isinstance(entry, list):
            _look(model, entry, path, found)
        if not isinstance(entry, dict):
            continue
        for name, value in entry.items():
            if name not in fields:
                found[path + name] = None
            elif isinstance(value, dict | list) and (inner := fields[name]) is not None:
                _look(inner, value, f"{path}{name}.", found)


@lru_cache(maxsize=1024)
def _models(model: type[BaseModel]) -> dict[str, type[BaseModel] | None]:
    """The fields of a model as they are sent, each with the model inside it."""
    return {field.alias or name: model_in(field.annotation) for name, field in model.model_fields.items()}


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation such as `list[Line] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        if (found := model_in(part)) is not None:
            return found
    return None

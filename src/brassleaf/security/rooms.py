"""The rooms that endpoints are declared in: each with the roles it is open to, so that none can be forgotten."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import Depends, Header
from fastapi._compat import ModelField
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from brassleaf.errors import NotFound
from brassleaf.http import bodies, lists, uploads
from brassleaf.http.answers import without_people
from brassleaf.http.lists import Listing, ListQuery
from brassleaf.http.problems import MEDIA_TYPE, header_text
from brassleaf.security.caller import Caller
from brassleaf.security.gate import Gate
from brassleaf.security.replays import HEADER, Replays
from brassleaf.security.roles import Allowed
from brassleaf.settings import Settings
from brassleaf.store.records import Expected

API = "/api/v1"

Handler = Callable[..., Coroutine[Any, Any, Response]]

_MISSING = {"type": "missing", "loc": ("body",), "msg": "Field required", "input": None}
BINARY = {"schema": {"type": "string", "format": "binary"}}

_TEXTS = {
    400: "Malformed, or refused by a rule; `errors` names the fields.",
    401: "No valid security token.",
    403: "The role may not do this.",
    404: "Unknown, deleted or another organization's.",
    409: "The idempotency key was used for another request.",
    412: "Somebody was faster: the state is not the one of If-Match.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    429: "Too many attempts; see Retry-After.",
    500: "A mistake of the server; no internals.",
    503: "The store does not answer, or others change the same document all the time; see Retry-After.",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may call an endpoint (None: anybody, without a token) and whether it changes something.

    A `long` one makes a file: its work ends when the client goes away. `users_only` ones are about the account of a
    person, which an API key has not. `takes` are the media types of a body that is a file and not JSON; an
    `upload` is a file in a form, kept on disk.
    """

    allow: Allowed | None
    writes: bool
    body_limit: int
    listing: Listing | None = None
    long: bool = False
    users_only: bool = False
    takes: tuple[str, ...] = ()
    upload: bool = False


@dataclass(frozen=True, slots=True)
class House:
    """What all rooms share."""

    gate: Gate
    replays: Replays
    settings: Settings


class Endpoint(APIRoute):
    """A route behind the gate: role first, then the body, bounded and unwrapped, then the handler."""

    def __init__(self, path: str, endpoint: Handler, *, house: House, policy: Policy, **options: Any) -> None:
        self.house = house
        self.policy = policy
        super().__init__(path, endpoint, **options)
        # the solver looks for the stack that FastAPI's middleware would have put there
        self.app = _answering(self.get_route_handler()) if self._plain() else AsyncExitStackMiddleware(self.app)

    def _plain(self) -> bool:
        """Whether an endpoint takes path parameters, one JSON body and what follows from the request alone."""
        own, policy = self.dependant, self.policy
        others = (own.query_params, own.header_params, own.cookie_params, own.body_params[1:])
        files = policy.upload or policy.takes
        return not files and not any(others) and all(map(_of_request, own.dependencies))

    def _direct(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Call a plain endpoint as FastAPI would, without its solver, which costs more than a short read."""
        fields, call, request_name = self.dependant.path_params, self.endpoint, self.dependant.request_param_name
        needs: list[tuple[str, Any]] = [(str(need.name), need.call) for need in self.dependant.dependencies]
        body = next(iter(self.dependant.body_params), None)

        async def handler(request: Request) -> Response:
            values: dict[str, Any] = {name: await need(request) for name, need in needs}
            given, errors = request.scope["path_params"], []
            for field in fields:
                values[field.name], wrong = field.validate(given[field.alias], values, loc=("path", field.alias))
                errors.extend(wrong)
            if body is not None:
                values[body.name], wrong = await _body_of(request, body)
                errors.extend(wrong)
            if errors:
                raise RequestValidationError(errors)
            if request_name is not None:
                values[request_name] = request
            response: Response = await call(**values)
            return response

        return handler

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with the gate in front of it."""
        handler = self._direct() if self._plain() else super().get_route_handler()
        house, policy = self.house, self.policy
        params = self.dependant.body_params
        model = params[0].field_info.annotation if params else None
        own = self.dependant
        known = {field.alias for needed in (own, *own.dependencies) for field in needed.query_params}

        async def guarded(request: Request) -> Response:
            if policy.allow is not None:
                request.state.caller = await house.gate.admit(
                    request, policy.allow, writes=policy.writes, users_only=policy.users_only
                )
            asks = request.scope["query_string"]
            names = lists.unknown_names(asks, known) if asks and policy.listing is None else []
            if request.method == "GET":
                response = await handler(request)
                if asks:
                    response = _naming(names or getattr(request.state, "unknown", ()), response)
                return _not_modified(request, response)
            if policy.upload:
                return await _uploaded(house, request, policy.body_limit, handler)
            body = await bodies.read(request, policy.body_limit, file=bool(policy.takes))
            bodies.check_media_type(request, body, policy.takes)
            sent = bodies.JsonRequest(request, body)

            async def work() -> Response:
                response = await handler(sent)
                return _naming([*names, *bodies.unknown(model, sent.parsed)] if sent.parsed else names, response)

            if policy.long:
                return await _while_connected(request, work)
            key = request.headers.get(HEADER)
            if key is None or not policy.writes or policy.allow is None:
                return await work()
            return await house.replays.run(request.state.caller, key, request, body, work)

        async def shown(request: Request) -> Response:
            response = await guarded(request)
            return without_people(response) if request.state.caller.is_customer else response

        return shown if policy.allow and "customer" in policy.allow else guarded


def _naming(unknown: Sequence[str], response: Response) -> Response:
    """An answer that names what its request said and nobody knows."""
    if unknown:
        response.headers["X-Unknown-Fields"] = header_text(unknown)
    return response


async def _body_of(request: Request, field: ModelField) -> tuple[Any, list[Any]]:
    """The body as its model, or what is wrong with it, worded as FastAPI does."""
    if not await request.body():
        return (None, [_MISSING]) if field.field_info.is_required() else (field.get_default(), [])
    try:
        sent = await request.json()
    except orjson.JSONDecodeError as error:
        wrong = {"type": "json_invalid", "msg": "JSON decode error", "input": {}, "ctx": {"error": error.msg}}
        return None, [{**wrong, "loc": ("body", error.pos)}]
    value, errors = field.validate(sent, {}, loc=("body",))
    return value, errors


def _of_request(need: Any) -> bool:
    """Whether a dependency is a function of the request and of nothing else."""
    others = (need.path_params, need.query_params, need.header_params, need.cookie_params, need.dependencies)
    return need.request_param_name == "request" and not any(others)


def _answering(handler: Callable[[Request], Coroutine[Any, Any, Response]]) -> ASGIApp:
    """A handler as an application; what it raises is answered by the handlers of the whole one, as for every route."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        response = await handler(Request(scope, receive, send))
        await response(scope, receive, send)

    return answer


class Room:
    """The endpoints of one resource."""

    def __init__(self, house: House, tag: str, *, prefix: str = API) -> None:
        self.routes: list[Endpoint] = []
        self._house = house
        self._tag = tag
        self._prefix = prefix

    def get(
        self, path: str, *, allow: Allowed, answers: Any, listing: Listing | None = None, **options: Any
    ) -> Callable[[Handler], Handler]:
        """Declare a read. `answers` is the model of the answer, `listing` what a list understands."""
        return self._declare("GET", path, Policy(allow, writes=False, body_limit=0, listing=listing), answers, options)

    def post(
        self, path: str, *, allow: Allowed | None, answers: Any, writes: bool = True, **options: Any
    ) -> Callable[[Handler], Handler]:
        """Declare a write, or (`writes=False`) a read that the contract sends as POST."""
        policy = Policy(
            allow,
            writes=writes,
            body_limit=options.pop("body_limit", self._house.settings.body_limit),
            long=not writes and "produces" in options,
            users_only=options.pop("users_only", False),
            takes=tuple(options.pop("takes", ())),
        )
        return self._declare("POST", path, policy, answers, options)

    def upload(self, path: str, *, allow: Allowed, answers: Any, **options: Any) -> Callable[[Handler], Handler]:
        """Declare a write that takes a file, which the handler gets as `UploadOf`.

        `form` are the fields that may come beside the file, each with its schema; those in `query` also there.
        """
        policy = Policy(allow, writes=True, body_limit=self._house.settings.upload_limit, upload=True)
        return self._declare("POST", path, policy, answers, options)

    def _declare(
        self, method: str, path: str, policy: Policy, answers: Any, options: dict[str, Any]
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.routes.append(self._endpoint(method, path, policy, answers, options, handler))
            return handler

        return register

    def _endpoint(
        self, method: str, path: str, policy: Policy, answers: Any, options: dict[str, Any], handler: Handler
    ) -> Endpoint:
        produces: Sequence[str] = options.pop("produces", ())
        status = options.pop("status", 200)
        form: dict[str, Any] = options.pop("form", {})
        query: Sequence[str] = options.pop("query", ())
        operation = options.pop("operation", None) or "".join(part.title() for part in handler.__name__.split("_"))
        extra: dict[str, Any] = {}
        parameters = list(policy.listing.parameters()) if policy.listing else []
        if policy.writes and policy.allow is not None:
            parameters.append(_idempotency_parameter())
        if policy.allow is not None:
            extra["security"] = [{"securityToken": []}]
            if "customer" in policy.allow:
                parameters.append(_customer_parameter())
        if policy.takes:
            extra["requestBody"] = {"required": True, "content": dict.fromkeys(policy.takes, BINARY)}
        parameters += [_query_parameter(name, form[name]) for name in query]
        if policy.upload:
            properties = {"file": BINARY["schema"], **form}
            form = {"schema": {"type": "object", "properties": properties}}
            extra["requestBody"] = {"required": True, "content": {uploads.FORM: form}}
        if parameters:
            extra["parameters"] = parameters
        responses = _problems(method, policy)
        if produces:
            responses[status] = {"description": "The file.", "content": dict.fromkeys(produces, BINARY)}
        return Endpoint(
            self._prefix + path,
            handler,
            house=self._house,
            policy=policy,
            methods=[method],
            response_model=None if produces else answers,
            response_class=Response if produces else _Json,
            status_code=status,
            operation_id=operation[0].lower() + operation[1:],
            tags=[self._tag],
            responses={**responses, **options.pop("responses", {})},
            openapi_extra=extra,
            strict_content_type=False,
            **options,
        )


async def _while_connected(request: Request, work: Callable[[], Coroutine[Any, Any, Response]]) -> Response:
    """Do work that nobody needs once the client is gone: then it is cancelled."""
    doing = asyncio.create_task(work())
    gone = asyncio.ensure_future(request.receive())  # the body was read: what comes next is the end of the connection
    try:
        await asyncio.wait({doing, gone}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise NotFound("The client went away.")
    finally:
        for task in (doing, gone):
            task.cancel()
        await asyncio.wait({doing, gone})


async def _uploaded(
    house: House, request: Request, limit: int, handler: Callable[[Request], Coroutine[Any, Any, Response]]
) -> Response:
    """Read a file, then do what is asked with it; for the idempotency key the file's digest stands for the body."""
    upload = request.state.upload = await uploads.read(request, limit)
    try:
        key = request.headers.get(HEADER)
        if key is None:
            return await handler(request)
        body = upload.digest.encode()
        return await house.replays.run(request.state.caller, key, request, body, lambda: handler(request))
    finally:
        upload.release()


class _Json(JSONResponse):
    """Never made: FastAPI documents the model of an answer only for a class that is JSON by name."""


def _problems(method: str, policy: Policy) -> dict[int | str, dict[str, Any]]:
    statuses = [400, 404, 500, 503]
    if policy.allow is not None:
        statuses += [401, 403]
    if method == "POST":
        statuses += [409, 412, 413, 415] if policy.writes else [413, 415]
    if policy.allow is None:
        statuses += [401, 403, 429]
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    found: dict[int | str, dict[str, Any]] = {
        status: {"description": _TEXTS[status], "content": content} for status in sorted(set(statuses))
    }
    if method == "GET":
        found[304] = {"description": "The state is still the one of If-None-Match."}
    return found


def _idempotency_parameter() -> dict[str, Any]:
    text = "The same key and body within 24 hours gets the first answer again."
    return {
        "name": HEADER,
        "in": "header",
        "required": False,
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        "description": text,
    }


def _query_parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    text = str(schema.get("description", ""))
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": text}


def _customer_parameter() -> dict[str, Any]:
    text = "With a customer key: the customer to act for. None or an unknown one: the organization's defaults."
    return {
        "name": "apiCustomerId",
        "in": "header",
        "required": False,
        "schema": {"type": "string"},
        "description": text,
    }


def _not_modified(request: Request, response: Response) -> Response:
    known = request.headers.get("if-none-match")
    tag = response.headers.get("etag")
    if known is None or tag is None or response.status_code != 200:
        return response
    if known.strip() == "*" or tag in [part.strip().removeprefix("W/") for part in known.split(",")]:
        return Response(status_code=304, headers={"ETag": tag})
    return response


async def _caller(request: Request) -> Caller:
    found: Caller = request.state.caller
    return found


async def _expected(
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", description="The ETag of the state that you read; 412 when somebody was faster."),
    ] = None,
) -> Expected:
    if if_match is None:
        return None
    return frozenset(part.strip().removeprefix("W/").strip('"') for part in if_match.split(","))


def asked(listing: Listing) -> Any:
    """The dependency that reads a list query."""

    async def read(request: Request) -> ListQuery:
        found = listing.read(request).stamped()
        request.state.unknown = () if listing.paged else found.unknown  # a page names them itself
        return found

    return Depends(read)


async def _upload(request: Request) -> uploads.Upload:
    found: uploads.Upload = request.state.upload
    return found


#: The file of an upload, as a handler's parameter.
UploadOf = Annotated[uploads.Upload, Depends(_upload)]
#: The caller of a request, as a handler's parameter.
CallerOf = Annotated[Caller, Depends(_caller)]
#: The state that a change is bound to, as a handler's parameter.
IfMatch = Annotated[Expected, Depends(_expected)]

"""Idempotency keys, on every route that writes."""

import inspect
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from brassleaf.customers.service import CustomerService
from brassleaf.errors import Unavailable
from brassleaf.security.replays import REPLAYS
from brassleaf.security.rooms import Endpoint
from brassleaf.store.port import Changed, Stored
from support.routes import GUARDED, WRITES, body_schema, method_of, name_of
from support.served import Kept
from support.world import Call, Person, World

EVERY_WRITE = pytest.mark.parametrize("route", WRITES, ids=name_of)
#: What sends a mail and keeps nothing cannot fail in the store.
MAILING = ("POST /api/v1/user/resetpassword", "POST /api/v1/organization/user/{userId}/remind")
HEADER = "Idempotency-Key"
#: What a repository does without writing.
READING = {"get", "get_many", "page", "stream", "distinct", "count", "holder"}
_numbers = itertools.count(1)


def _key() -> str:
    return f"key-{next(_numbers)}"


def _state(world: World) -> dict[str, Kept]:
    return {entry.id: entry for entry in world.dump(world.a)}


def _work_done(before: dict[str, Kept], after: dict[str, Kept]) -> tuple[int, int]:
    """How many documents were made, and how many changes were written."""
    made = after.keys() - before.keys()
    written = sum(kept.revision - (before[id_].revision if id_ in before else 0) for id_, kept in after.items())
    return len(made), written


def _send(call: Call, client: httpx.Client, person: Person, key: str, **changed: Any) -> httpx.Response:
    return call.send(client, {**person.headers, HEADER: key}, **changed)


def _writes(world: World, route: Endpoint, client: httpx.Client) -> tuple[int, int]:
    """What one execution of a route's example writes."""
    call = world.call(route)
    before = _state(world)
    assert call.send(client, world.a.admin.headers).status_code < 400
    return _work_done(before, _state(world))


@EVERY_WRITE
def test_the_same_request_gets_the_first_answer_again(world: World, client: httpx.Client, route: Endpoint) -> None:
    call, key = world.call(route), _key()
    first = _send(call, client, world.a.admin, key)
    assert first.status_code < 400
    assert "idempotency-replayed" not in first.headers
    after = _state(world)
    for _ in range(3):
        again = _send(call, client, world.a.admin, key)
        assert again.headers["idempotency-replayed"] == "true"
        assert (again.status_code, again.content) == (first.status_code, first.content)
        for name in ("content-type", "etag", "x-unknown-fields", "location"):
            assert again.headers.get(name) == first.headers.get(name)
        assert _state(world) == after


@EVERY_WRITE
def test_the_same_key_with_another_request_is_a_clash(world: World, client: httpx.Client, route: Endpoint) -> None:
    call, other, key = world.call(route), world.call(route), _key()
    assert _send(call, client, world.a.admin, key).status_code < 400
    after = _state(world)
    bodies = [{**(call.body or {}), "zz": 1}, {"params": {**(call.body or {}), "zz": 1}}]
    clashes = [_send(call, client, world.a.admin, key, body=body) for body in bodies]
    clashes.append(_send(call, client, world.a.admin, key, url=call.url + "?zz=1"))
    if other.path != call.path:
        clashes.append(_send(call, client, world.a.admin, key, url=other.path))
    clashes.append(
        client.post("/api/v1/customers/create", json={"zz": 1}, headers={**world.a.admin.headers, HEADER: key})
    )
    assert [response.status_code for response in clashes] == [409] * len(clashes)
    assert HEADER in clashes[0].json()["message"]
    assert _state(world) == after


@EVERY_WRITE
def test_concurrent_requests_with_one_key_are_one(world: World, client: httpx.Client, route: Endpoint) -> None:
    once = _writes(world, route, client)
    call, key, together = world.call(route), _key(), threading.Barrier(4)
    before = _state(world)

    def send(_: int) -> httpx.Response:
        with world.served.client() as own:
            together.wait()
            return _send(call, own, world.a.admin, key)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1, [a.text for a in answers]
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert _work_done(before, _state(world)) == once


@EVERY_WRITE
def test_a_refusal_is_answered_again(world: World, client: httpx.Client, route: Endpoint) -> None:
    call = world.call(route)
    refused: list[tuple[str, dict[str, Any]]] = []
    if route.param_convertors:
        values = dict.fromkeys(route.param_convertors, "f" * 24)
        refused.append(("an unknown id", {"url": route.path_format.format(**values)}))
        values = dict.fromkeys(route.param_convertors, "x")
        refused.append(("a malformed id", {"url": route.path_format.format(**values)}))
    if body_schema(route) is not None:
        refused.append(("a malformed body", {"body": [1]}))
        refused.append(("a wrong body", {"body": {name: {"wrong": True} for name in call.body}}))
    if route.policy.upload:
        refused.append(("a file that is none", {"content": b"no workbook"}))
    assert refused or route.path_format == "/api/v1/user/resetpassword", "nothing to refuse"
    for what, changed in refused:
        key = _key()
        before = _state(world)
        first = _send(call, client, world.a.admin, key, **changed)
        assert 400 <= first.status_code < 500, f"{what}: {first.text}"
        again = _send(call, client, world.a.admin, key, **changed)
        assert (again.status_code, again.content) == (first.status_code, first.content), what
        assert again.headers.get("idempotency-replayed") == "true", what
        assert _state(world) == before


@EVERY_WRITE
def test_a_key_belongs_to_its_caller(world: World, client: httpx.Client, route: Endpoint) -> None:
    assert route.policy.allow is not None
    key = _key()
    others = (world.a.admin, world.a.people["key admin"], world.user(world.a, "admin"))
    for person in others:
        assert "idempotency-replayed" not in _send(world.call(route), client, person, key).headers
    elsewhere = world.call(route, world.b)
    response = _send(elsewhere, client, world.b.admin, key)
    assert response.status_code < 400
    assert "idempotency-replayed" not in response.headers
    assert world.a.marker not in response.text


def test_a_customer_key_has_its_keys_for_each_customer(world: World, client: httpx.Client) -> None:
    """A web shop serves many customers with one key: an answer for one is never given to another."""
    route = next(
        route
        for route in WRITES
        if route.policy.allow and "customer" in route.policy.allow and not route.policy.users_only
    )
    person, key = world.a.people["key customer"], _key()
    call = world.call(route)
    first = _send(call, client, world.a.people["key customer for one"], key)
    assert first.status_code < 400
    assert _send(call, client, person, key).status_code == 409


# -- requests that died -----------------------------------------------------------------------------------------------


def _open_again(world: World, key: str, *, age: timedelta, state: str = "open") -> None:
    """As if the worker of a request had died before its answer was kept."""

    newest = _newest(world)

    async def work() -> None:
        repository = world.served.store.repository(REPLAYS, world.a.id)
        document = {name: value for name, value in newest.document.items() if name not in ("status", "headers", "body")}
        moment = (datetime.now(UTC) - age).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        before = Stored(document["_id"], newest.revision, document=newest.document)
        # the seed of the ids hangs on `created`, which therefore stays
        await repository.replace(before, {**document, "state": state, "lastModified": moment})

    world.served.run(work())


def _newest(world: World) -> Kept:
    """The replay of the last new key: they come in the order that they were made in, notes of progress among them."""
    kept = world.served.dump(world.a.id, only="replays")
    return next(entry for entry in reversed(kept) if "digest" in entry.document)


@EVERY_WRITE
def test_a_request_that_died_is_taken_over_without_a_second_document(
    world: World, client: httpx.Client, route: Endpoint
) -> None:
    call, key = world.call(route), _key()
    first = _send(call, client, world.a.admin, key)
    assert first.status_code < 400
    ids = _state(world).keys()
    for _ in range(2):  # dying twice is no other than dying once
        _open_again(world, key, age=timedelta(minutes=2))
        again = _send(call, client, world.a.admin, key)
        assert "idempotency-replayed" not in again.headers
        assert again.status_code < 500
        assert _state(world).keys() == ids, "a second document was made"
        # a picture is found by what it belongs to, and is not any more when it is gone
        if route.path_format.endswith(("/delete", "/release")) and "/image/" not in route.path_format:
            assert (again.status_code, again.text) == (first.status_code, first.text)
        if route.path_format.endswith("/batch"):
            assert (again.status_code, again.json()) == (first.status_code, first.json())
        if route.path_format.endswith("/create"):
            assert again.status_code == first.status_code, again.text
            assert _id(again) == _id(first)
    assert _send(call, client, world.a.admin, key).headers["idempotency-replayed"] == "true"


def _id(response: httpx.Response) -> Any:
    body = response.json()
    return body["_id"] if isinstance(body, dict) else body


@pytest.mark.parametrize("route", [route for route in WRITES if name_of(route) not in MAILING], ids=name_of)
def test_a_request_that_failed_in_the_server_may_be_sent_again(
    world: World, client: httpx.Client, route: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, key = world.call(route), _key()
    before = _state(world)
    with monkeypatch.context() as broken:

        async def fail(*_: Any, **__: Any) -> None:
            raise RuntimeError("the disk of secrets is broken")

        repository = type(world.served.store.repository(REPLAYS, world.a.id))
        for name, kept in list(vars(repository).items()):
            if not name.startswith("_") and name not in READING and inspect.iscoroutinefunction(kept):

                async def write(self: Any, *values: Any, kept: Any = kept, **named: Any) -> Any:
                    return await (kept(self, *values, **named) if self._collection is REPLAYS else fail())

                broken.setattr(repository, name, write)
        response = _send(call, client, world.a.admin, key)
        assert response.status_code == 500
        assert "secrets" not in response.text
    assert _state(world) == before
    again = _send(call, client, world.a.admin, key)
    assert again.status_code < 400
    assert "idempotency-replayed" not in again.headers


def test_what_came_too_late_may_be_sent_again(world: World, client: httpx.Client) -> None:
    customer, key = world.make(world.a, "customer"), _key()
    call = Call("POST", f"/api/v1/customer/{customer}/update", {"city": "Leeds"})
    headers = {**world.a.admin.headers, HEADER: key}
    assert call.send(client, {**headers, "If-Match": '"7"'}).status_code == 412
    again = call.send(client, {**headers, "If-Match": '"1"'})
    assert (again.status_code, again.json()["city"]) == (200, "Leeds")
    replayed = call.send(client, {**headers, "If-Match": '"1"'})
    assert (replayed.headers["idempotency-replayed"], replayed.json()) == ("true", again.json())


@pytest.mark.parametrize(
    ("error", "status"), [(Changed(), 409), (Unavailable("The store does not answer."), 503)], ids=["changed", "store"]
)
def test_what_was_refused_for_the_moment_may_be_sent_again(
    world: World, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    call, key = Call("POST", "/api/v1/customers/create", {"name": "patient"}), _key()

    async def refuse(*_: Any, **__: Any) -> None:
        raise error

    with monkeypatch.context() as busy:
        busy.setattr(CustomerService, "create", refuse)
        for _ in range(2):
            response = _send(call, client, world.a.admin, key)
            assert (response.status_code, "idempotency-replayed" in response.headers) == (status, False)
    made = _send(call, client, world.a.admin, key)
    assert made.status_code == 201
    again = _send(call, client, world.a.admin, key)
    assert (again.headers["idempotency-replayed"], again.json()) == ("true", made.json())


@pytest.mark.parametrize("error", [Changed(), Unavailable("The store does not answer.")], ids=["changed", "store"])
def test_what_was_done_is_answered_though_the_answer_cannot_be_kept(
    world: World, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    repository = type(world.served.store.repository(REPLAYS, world.a.id))
    kept = repository.replace

    async def replace(self: Any, before: Stored, document: Any) -> Stored:
        if self._collection is REPLAYS:
            raise error
        return await kept(self, before, document)

    call, key = Call("POST", "/api/v1/customers/create", {"name": "unkept"}), _key()
    with monkeypatch.context() as broken:
        broken.setattr(repository, "replace", replace)
        first = _send(call, client, world.a.admin, key)
    assert first.status_code == 201
    _open_again(world, key, age=timedelta(minutes=2))
    assert _id(_send(call, client, world.a.admin, key)) == _id(first)


def test_a_repeated_update_does_not_find_what_its_caller_deleted(world: World, client: httpx.Client) -> None:
    customer, key = world.make(world.a, "customer"), _key()
    call = Call("POST", f"/api/v1/customer/{customer}/update", {"city": "Leeds"})
    assert _send(call, client, world.a.admin, key).status_code == 200
    _open_again(world, key, age=timedelta(minutes=2))
    assert client.post(f"/api/v1/customer/{customer}/delete", headers=world.a.admin.headers).status_code == 200
    assert _send(call, client, world.a.admin, key).status_code == 404


def test_after_a_day_a_key_is_new(world: World, client: httpx.Client) -> None:
    route = next(route for route in WRITES if route.path_format == "/api/v1/customers/create")
    call, key = Call("POST", route.path_format, {"name": "once"}), _key()
    first = _send(call, client, world.a.admin, key)

    newest = _newest(world)

    async def age() -> None:
        repository = world.served.store.repository(REPLAYS, world.a.id)
        before = Stored(newest.document["_id"], newest.revision, document=newest.document)
        await repository.replace(before, {**newest.document, "created": "2020-01-01T00:00:00.000Z"})

    world.served.run(age())
    second = _send(call, client, world.a.admin, key)
    assert second.status_code == 201
    assert _id(second) != _id(first)


@pytest.mark.parametrize("key", ["", "k" * 201, "a key", "tab\tbed"])
def test_a_key_that_cannot_be_one_is_refused(world: World, client: httpx.Client, key: str) -> None:
    response = client.post("/api/v1/customers/create", json={}, headers={**world.a.admin.headers, HEADER: key})
    assert response.status_code == 400, response.text
    assert response.json()["errors"][0]["field"] == HEADER


def test_a_key_in_bytes_that_are_no_ascii_is_refused(world: World, client: httpx.Client) -> None:
    for key in (b"\xff\xfe", "é".encode(), b"a\x80"):
        headers: Any = {**world.a.admin.headers, HEADER: key}
        assert client.post("/api/v1/customers/create", json={}, headers=headers).status_code == 400


def test_reads_take_no_key(world: World, client: httpx.Client) -> None:
    """A read that the contract sends as POST is answered anew each time."""
    for route in GUARDED:
        if route.policy.writes or method_of(route) != "POST":
            continue
        call, key = world.call(route), _key()
        for _ in range(2):
            response = _send(call, client, world.a.admin, key)
            assert response.status_code < 400
            assert "idempotency-replayed" not in response.headers

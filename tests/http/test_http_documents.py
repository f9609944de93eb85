"""One document: tags, conditional reads and writes, and who wins when several write at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from brassleaf.security.rooms import Endpoint
from support.routes import GUARDED, WRITES, method_of, name_of, operation_of
from support.world import World

READS = [route for route in GUARDED if method_of(route) == "GET"]
#: A job of an import changes by itself, and shows files and events.
ONE = [
    route
    for route in READS
    if route.param_convertors and route.policy.listing is None and "/imports/" not in route.path_format
]
BOUND = [
    route
    for route in GUARDED
    if route.policy.writes and any(p["name"] == "If-Match" for p in operation_of(route).get("parameters", []))
]


#: Where a document that a write changes is read, if not one step above the write.
READ_AT = {
    "POST /api/v1/users/update": "/api/v1/user",
    "POST /api/v1/organization/acceptterms": "/api/v1/organization",
}
#: Writes that are bound to no state, each with the reason. Those that make documents (create, import) need none.
UNBOUND: dict[str, str] = {
    "POST /api/v1/customers/batch": "changes many documents, each as its own line says",
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/saveas": "makes a document of its own and leaves this one as it is",
    "POST /api/v1/hoseassemblies/parsefeedback": "adds a remark",
    "POST /api/v1/imports/{jobId}/cancel": "whatever it has come to, it shall end",
    "POST /api/v1/organization/apikeys": "makes a key",
    "POST /api/v1/organization/user/{userId}/remind": "sends a mail and changes nothing",
    "POST /api/v1/organization/users/invite": "makes users",
    "POST /api/v1/user/resetpassword": "sends a mail, of whatever the user's state is",
}


def test_every_change_of_a_document_can_be_bound_to_its_state() -> None:
    free = {name_of(route) for route in WRITES if route not in BOUND}
    making = {name for name in free if name.endswith(("/create", "/import"))}
    assert free - making - UNBOUND.keys() == set(), (
        "these take no If-Match: add `expected: IfMatch`, or the reason to UNBOUND"
    )
    assert UNBOUND.keys() - free == set(), "there is no such write any more"


@pytest.mark.parametrize("route", ONE, ids=name_of)
def test_a_read_of_one_document_has_a_tag(world: World, admin: httpx.Client, route: Endpoint) -> None:
    call = world.call(route)
    first = call.send(admin)
    tag = first.headers["etag"]
    assert tag.startswith('"')
    assert tag.endswith('"')
    for known in (tag, f"W/{tag}", f'"x", {tag}', f'{tag}, "y"', "*"):
        response = admin.get(call.url, headers={"If-None-Match": known})
        assert response.status_code == 304, known
        assert (response.content, response.headers["etag"]) == (b"", tag)
    for other in ('"x"', "", tag.strip('"') + "x", 'W/"x"'):
        response = admin.get(call.url, headers={"If-None-Match": other})
        assert (response.status_code, response.content) == (200, first.content), other


def _tag(admin: httpx.Client, route: Endpoint, url: str) -> str | None:
    """The tag of the document that a write changes, as its read shows it; None where nothing reads it alone."""
    if name_of(route) in READ_AT:
        return str(admin.get(READ_AT[name_of(route)]).headers["etag"])
    prefix = route.path_format.rsplit("/", 1)[0]
    for read in (prefix, prefix.replace("/organization/", "/")):
        if any(other.path_format == read for other in READS):
            shown = url.rsplit("/", 1)[0]
            tag = admin.get(shown if read == prefix else shown.replace("/organization/", "/")).headers.get("etag")
            return str(tag) if tag else None
    return None


@pytest.mark.parametrize("route", BOUND, ids=name_of)
def test_a_change_bound_to_another_state_is_refused(world: World, admin: httpx.Client, route: Endpoint) -> None:
    call = world.call(route)
    before = world.dump(world.a)
    tag = _tag(admin, route, call.url)
    stale = ['"999"', "x", "", ",", '"1.7"', '"*"x']
    if tag:  # "0" is the state of what is not there yet
        stale += ['"0"', f'"{tag.strip(chr(34))}0"']
    for state in stale:
        response = call.send(admin, {"If-Match": state})
        assert response.status_code == 412, f"{state!r}: {response.text}"
    assert world.dump(world.a) == before
    assert call.send(admin, {"If-Match": tag or "*"}).status_code < 300


@pytest.mark.parametrize("route", BOUND, ids=name_of)
def test_a_change_bound_to_the_present_state_is_made(world: World, admin: httpx.Client, route: Endpoint) -> None:
    for spelled in ("{}", "W/{}", '"0", {}', '{}, "0"', "*"):
        call = world.call(route)
        tag = _tag(admin, route, call.url)
        if tag is None:
            return
        response = call.send(admin, {"If-Match": spelled.format(tag)})
        assert response.status_code < 300, f"{spelled}: {response.text}"
        if "/update" in call.url:
            assert _tag(admin, route, call.url) != tag
            assert call.send(admin, {"If-Match": tag}).status_code == 412


@pytest.mark.parametrize("route", BOUND, ids=name_of)
def test_of_several_that_read_the_same_state_one_wins(world: World, admin: httpx.Client, route: Endpoint) -> None:
    call = world.call(route)
    tag, together = _tag(admin, route, call.url), Barrier(6)
    if tag is None:
        return

    def send(_: int) -> int:
        with world.served.client(headers={**world.a.admin.headers, "If-Match": tag}) as own:
            together.wait()
            return call.send(own).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(send, range(6)))
    assert statuses[0] == 200
    assert all(status in (400, 404, 412) for status in statuses[1:]), statuses
    if "/update" in call.url:
        assert statuses == [200] + [412] * 5


def test_without_a_state_nobody_loses_a_change(world: World) -> None:
    """Updates of different fields at the same time: each is there in the end."""
    made = world.make(world.a, "customer")
    fields = ["name", "city", "region", "domain", "address1", "address2", "comments", "phoneNumber"]

    def send(field: str) -> int:
        with world.served.client(headers=world.a.admin.headers) as own:
            return own.post(f"/api/v1/customer/{made}/update", json={field: f"new {field}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, fields)) == {200}
    found = world.client.get(f"/api/v1/customer/{made}", headers=world.a.admin.headers).json()
    assert {field: found[field] for field in fields} == {field: f"new {field}" for field in fields}


def test_of_several_that_take_the_same_number_one_wins(world: World) -> None:
    def send(_: int) -> int:
        with world.served.client(headers=world.a.admin.headers) as own:
            return own.post("/api/v1/customers/create", json={"erpId": "the-same-number"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(send, range(8))) == [201] + [400] * 7


def test_absent_null_and_value_are_three_things(world: World, admin: httpx.Client) -> None:
    made = world.make(world.a, "customer")
    before = admin.get(f"/api/v1/customer/{made}").json()
    after = admin.post(f"/api/v1/customer/{made}/update", json={"city": None, "region": "R"}).json()
    assert "city" not in after
    assert after["region"] == "R"
    assert {n: v for n, v in after.items() if n not in ("city", "region", "lastModified")} == {
        n: v for n, v in before.items() if n not in ("city", "region", "lastModified")
    }

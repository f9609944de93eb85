"""No organization reaches another: every place for an id, on every route, with another organization's ids."""

import json
import re
from collections.abc import Iterator

import httpx
import pytest

from brassleaf.security.rooms import Endpoint
from support.examples import ECHOED, MAKERS, PATH, UNCHECKED
from support.filling import id_places, put
from support.leaks import text_of
from support.routes import GUARDED, LISTS, PAGED, body_schema, method_of, name_of, operation_of
from support.world import Call, World

EVERY_ROUTE = pytest.mark.parametrize("route", GUARDED, ids=name_of)
UNKNOWN = "f" * 24


@pytest.fixture(autouse=True)
def nothing_of_the_other_changes(world: World) -> Iterator[None]:
    before = world.dump(world.b)
    yield
    assert world.dump(world.b) == before, "a request of organization A changed documents of organization B"


def test_both_organizations_have_documents_with_markers(world: World) -> None:
    for organization in (world.a, world.b):
        standing = set(organization.standing.values())
        kept = [entry for entry in world.dump(organization) if entry.document["_id"] in standing]
        assert len(kept) == len(standing)
        for entry in kept:
            assert organization.marker in json.dumps(entry.document), f"no marker in {entry}"


_REPORTED: set[tuple[str, int]] = set()


def _shows_nothing(world: World, response: httpx.Response, where: str) -> None:
    said = text_of(response)
    assert response.status_code < 500, f"{where}: {said}"
    assert world.b.marker.lower() not in said.lower(), f"{where} shows another organization's document: {said}"
    assert response.status_code < 400 or response.status_code in (400, 404), f"{where}: {said}"


def _keeps_nothing(world: World, where: str, *, but: bool = False) -> None:
    """No document of A names one of B, since a request that was not refused ignored the id."""
    others = re.compile("|".join(other for _, other in world.ids_of(world.b)).encode())
    kept = [
        entry
        for entry in world.dump(world.a)
        if others.search(entry.raw) and (entry.id, entry.revision) not in _REPORTED
    ]
    _REPORTED.update((entry.id, entry.revision) for entry in kept)
    assert but or kept == [], f"{where} kept a reference to another organization's document: {kept}"


def _same(first: httpx.Response, other_id: str, second: httpx.Response) -> bool:
    """Whether two answers tell another organization's id and one that is nobody's apart."""

    def plain(response: httpx.Response, id_: str) -> str:
        text = response.text.replace(id_ or "-", "ID")
        for part in (r'"requestId":"[^"]*"', r"[0-9a-f]{24}", r"\d{4}-\d\d-\d\dT[\d:.]+Z", r"-Alpha\w*-\d+"):
            text = re.sub(part, "", text)
        return f"{response.status_code} {text}"

    if "json" not in first.headers.get("content-type", ""):
        return first.status_code == second.status_code
    return plain(first, other_id) == plain(second, UNKNOWN)


@EVERY_ROUTE
def test_ids_in_paths(world: World, client: httpx.Client, route: Endpoint) -> None:
    for parameter in route.param_convertors:
        if not parameter.endswith("Id"):
            continue
        call = world.call(route)
        mine = _value_of(route, call, parameter)
        unknown = call.send(client, world.a.admin.headers, url=call.url.replace(mine, UNKNOWN))
        for kind, other in world.ids_of(world.b):
            for spelled in (other, other.upper()):
                where = f"{name_of(route)} with B's {kind} as {parameter}"
                response = call.send(client, world.a.admin.headers, url=call.url.replace(mine, spelled))
                assert response.status_code == 404, f"{where}: {response.text}"
                assert world.b.marker.lower() not in text_of(response).lower(), where
                assert _same(response, other, unknown), f"{where} tells that it is there: {response.text}"


def _value_of(route: Endpoint, call: Call, parameter: str) -> str:
    found = route.path_regex.match(call.path)
    assert found is not None
    return found[parameter]


@EVERY_ROUTE
def test_ids_in_bodies(world: World, client: httpx.Client, route: Endpoint) -> None:
    schema = body_schema(route)
    for place in id_places(schema) if schema else []:
        base = world.call(route).body
        again = world.call(route)
        unknown = again.send(client, world.a.admin.headers, body=put(again.body, place.path, UNKNOWN))
        for kind, other in world.ids_of(world.b):
            call = world.call(route) if route.policy.writes else Call(method_of(route), world.call(route).path, base)
            where = f"{name_of(route)} with B's {kind} at {place}"
            response = call.send(client, world.a.admin.headers, body=put(call.body, place.path, other))
            _shows_nothing(world, response, where)
            assert _same(response, other, unknown), f"{where} tells that it is there: {response.text} / {unknown.text}"
        if route.policy.writes:
            _keeps_nothing(world, f"{name_of(route)} at {place}", but=place.name in UNCHECKED)


@EVERY_ROUTE
def test_ids_in_keys_that_no_model_knows(world: World, client: httpx.Client, route: Endpoint) -> None:
    if body_schema(route) is None:
        return
    names = ("organization", "org", "organizationId", "_id", "id", "tenant", "createdBy", "deleted", "_rev", "customer")
    for other in (world.b.id, world.b.standing["customer"]):
        call = world.call(route)
        unknown = {name: other for name in names if name not in call.body}
        response = call.send(client, world.a.admin.headers, body={**call.body, **unknown})
        _shows_nothing(world, response, f"{name_of(route)} with {', '.join(unknown)}")
    _keeps_nothing(world, name_of(route))


UNDECLARED = ("organization", "organizationId", "org", "apiCustomerId", "customerId", "customer_id", "tenant")
HEADERS = ("apiCustomerId", "X-Organization", "X-Tenant-Id", "organization")


@EVERY_ROUTE
def test_ids_in_queries_and_headers(world: World, client: httpx.Client, route: Endpoint) -> None:
    others = [other for _, other in world.ids_of(world.b)]
    telling = (world.b.id, world.b.standing["customer"])
    queries: list[list[tuple[str, str]]] = [[(name, others[0]) for name in UNDECLARED]]
    for name in _declared(route):
        queries += [[(name, world.b.marker)], [(name, other) for other in telling]]
    for name in _declared_ids(route):
        queries += [[(name, other)] for other in others]
    call = world.call(route)
    for query in queries:
        call = world.call(route) if route.policy.writes else call
        url = str(httpx.URL(call.path, params=query))
        _shows_nothing(world, call.send(client, world.a.admin.headers, url=url), f"{name_of(route)} with {query}")
    for other in telling:
        for person in (world.a.admin, world.a.people["key customer"]):
            call = world.call(route) if route.policy.writes else call
            response = call.send(client, {**person.headers, **dict.fromkeys(HEADERS, other)})
            assert response.status_code < 500
            assert world.b.marker.lower() not in text_of(response).lower(), f"{name_of(route)} with headers"
    if route.policy.writes:
        _keeps_nothing(world, name_of(route))


def _declared(route: Endpoint) -> list[str]:
    echoed = ECHOED.get(name_of(route), frozenset())
    names = [field.alias for field in route.dependant.query_params if field.alias not in echoed]
    listing = route.policy.listing
    if listing is not None:
        names += [filter_.name for filter_ in listing.filters]
        names += [f"search.{name}" for name in listing.search]
        names.append("after")
    return names


def _declared_ids(route: Endpoint) -> list[str]:
    found = operation_of(route).get("parameters", [])
    declared = [entry["name"] for entry in found if entry["in"] == "query" and "{24}" in json.dumps(entry["schema"])]
    listing = route.policy.listing
    if listing is None:
        return declared
    return declared + [filter_.name for filter_ in listing.filters if filter_.name.lower().endswith("id")]


@pytest.mark.parametrize("route", LISTS, ids=name_of)
def test_lists_hold_only_the_organizations_own(world: World, client: httpx.Client, route: Endpoint) -> None:
    call = world.call(route)
    for query in (
        "",
        "includeDeleted=true",
        "updatedSince=1970-01-01T00:00:00Z",
        "itemsPerPage=1000",
        "after=",
        "after=&updatedSince=1970-01-01T00:00:00Z&itemsPerPage=1000",
        "sortBy[0].key=created&sortBy[0].order=desc&itemsPerPage=1000",
    ):
        if not (route.policy.listing and route.policy.listing.paged) and "includeDeleted" not in query:
            continue
        url = call.asking(query)
        for who in ("user admin", "key customer for one"):
            response = client.get(url, headers=world.a.people[who].headers)
            assert world.b.marker.lower() not in text_of(response).lower(), url


@pytest.mark.parametrize("route", PAGED, ids=name_of)
def test_a_cursor_of_another_organization_shows_nothing_of_it(
    world: World, client: httpx.Client, route: Endpoint
) -> None:
    call = world.call(route)
    cursor = client.get(call.asking("after=&itemsPerPage=1"), headers=world.b.admin.headers).json().get("next")
    if cursor:
        response = client.get(call.asking(f"after={cursor}"), headers=world.a.admin.headers)
        assert response.status_code == 200
        assert world.b.marker not in response.text


def test_nobody_chooses_an_id(world: World) -> None:
    """What nobody can choose, nobody can take: ids are the server's."""
    other = world.b.standing["customer"]
    response = world.client.post(
        "/api/v1/customers/create", json={"_id": other, "id": other}, headers=world.a.admin.headers
    )
    assert response.status_code == 201
    assert response.json()["_id"] != other


def test_a_token_of_one_organization_is_of_no_use_with_another_organizations_id(world: World) -> None:
    """The organization comes from the token and from nowhere else."""
    for person in world.a.people.values():
        answer = world.client.get(f"/api/v1/user?organization={world.b.id}", headers=person.headers)
        assert answer.json()["organization"]["_id"] == world.a.id


def test_unique_keys_are_each_organizations_own(world: World) -> None:
    """A number that another organization uses is free, so that a refusal tells nothing."""
    mine = world.client.get(f"/api/v1/customer/{world.b.standing['customer']}", headers=world.b.admin.headers).json()
    response = world.client.post(
        "/api/v1/customers/create", json={"erpId": mine["erpId"]}, headers=world.user(world.a, "admin").headers
    )
    assert response.status_code == 201
    world.post(world.a, f"/api/v1/customer/{response.json()['_id']}/update", {"erpId": None})


# -- customers of one organization ----------------------------------------------------------------------------------


FOREIGN = "OtherCustomerSecret"


@pytest.fixture(scope="module")
def foreign(world: World) -> dict[str, str]:
    """Another customer of the same organization, and its documents by kind."""
    customer = world.make(world.a, "customer", marker=FOREIGN)
    made = {
        kind: world.make(world.a, kind, customer=customer, marker=FOREIGN)
        for kind, maker in MAKERS.items()
        if maker.belongs
    }
    return {**made, "customer": customer}


@EVERY_ROUTE
def test_a_customer_key_sees_nothing_of_other_customers(
    world: World, client: httpx.Client, foreign: dict[str, str], route: Endpoint
) -> None:
    """A web shop's visitor: other customers' documents are not there, whatever the header and the body say."""
    assert route.policy.allow is not None
    if "customer" not in route.policy.allow:
        return
    key = world.a.people["key customer"]
    mine = world.a.standing["customer"]
    for customer in (None, "", "x", UNKNOWN, world.b.standing["customer"], mine):
        headers = {**key.headers} if customer is None else {**key.headers, "apiCustomerId": customer}
        queries = [""]
        if route.policy.listing is not None and route.policy.listing.paged:
            queries = ["itemsPerPage=1000", "includeDeleted=true&itemsPerPage=1000", f"search.partNumber={FOREIGN}"]
            queries += [f"{filter_.name}={foreign['customer']}" for filter_ in route.policy.listing.filters]
            queries += [f"{flag}=true" for flag in route.policy.listing.flags]
        for query in queries:
            call = world.call(route)
            response = call.send(client, headers, url=call.asking(query))
            _hides(response, foreign, f"{name_of(route)}?{query} with apiCustomerId {customer}")
        schema = body_schema(route)
        for place in id_places(schema) if schema else []:
            for id_ in foreign.values():
                call = world.call(route)
                response = call.send(client, headers, body=put(call.body, place.path, id_))
                _hides(response, foreign, f"{name_of(route)} with {place} and apiCustomerId {customer}")


def _hides(response: httpx.Response, foreign: dict[str, str], where: str) -> None:
    said = text_of(response)
    assert response.status_code < 500, said
    assert FOREIGN.lower() not in said.lower(), f"{where}: {said}"
    if response.status_code < 400:
        assert not any(id_ in said for id_ in foreign.values()), f"{where}: {said}"


@EVERY_ROUTE
def test_another_customers_document_is_not_there_for_a_customer_key(
    world: World, client: httpx.Client, foreign: dict[str, str], route: Endpoint
) -> None:
    assert route.policy.allow is not None
    for parameter in route.param_convertors:
        kind = PATH[parameter]
        if "customer" not in route.policy.allow or not MAKERS[kind].belongs:
            continue
        key = world.a.people["key customer"]
        call = world.call(route)
        mine = _value_of(route, call, parameter)
        for customer, id_, seen in (
            (None, mine, False),
            (None, foreign[kind], False),
            (world.a.standing["customer"], foreign[kind], False),
            (UNKNOWN, foreign[kind], False),
            (foreign["customer"], foreign[kind], True),
            (world.a.standing["customer"], mine, True),
        ):
            headers = {**key.headers, **({"apiCustomerId": customer} if customer else {})}
            response = call.send(client, headers, url=call.url.replace(mine, id_))
            assert (response.status_code == 404) is not seen, f"{name_of(route)} as {customer}: {response.text}"


@EVERY_ROUTE
def test_a_customer_that_is_not_there_counts_as_none(world: World, client: httpx.Client, route: Endpoint) -> None:
    assert route.policy.allow is not None
    if "customer" not in route.policy.allow or route.policy.writes:
        return
    key = world.a.people["key customer"]
    call = world.call(route)
    gone = world.make(world.a, "customer")
    world.post(world.a, f"/api/v1/customer/{gone}/delete")
    expected = call.send(client, key.headers)
    for given in ("", "x", UNKNOWN, gone, world.b.standing["customer"], "0" * 25, "g" * 24, "é".encode()):
        response = call.send(client, {**key.headers, "apiCustomerId": given})  # type: ignore[dict-item]
        assert _without_request_id(response) == _without_request_id(expected), f"{given!r}: {response.text}"


def _without_request_id(response: httpx.Response) -> tuple[int, str]:
    if "json" not in response.headers["content-type"]:
        return response.status_code, ""
    return response.status_code, re.sub('"requestId":"[^"]*"', "", response.text)

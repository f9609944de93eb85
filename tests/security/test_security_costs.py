"""Costs and margins are shown to admins only: not in JSON, not in workbooks, not in PDF documents, on no route."""

import itertools
import json
from typing import Any

import httpx
import pytest

from brassleaf.security.rooms import Endpoint
from support.filling import COST_DIGITS, COST_NAME, places
from support.leaks import field_names, text_of
from support.routes import GUARDED, LISTS, answer_schema, body_schema, name_of
from support.world import World

EVERY_ROUTE = pytest.mark.parametrize("route", GUARDED, ids=name_of)
BLIND = ("user regular", "user restricted", "key read-only", "key customer", "key customer for one")


def test_costs_are_planted(world: World) -> None:
    """Every field for a cost or margin that can be set holds one, so that a leak is seen."""
    planted = set()
    for entry in world.dump(world.a):
        if COST_DIGITS.search(json.dumps(entry.document)):
            planted.add(entry.collection)
    assert {"organizations", "customers"} <= planted
    for route in GUARDED:
        schema = body_schema(route)
        wanted = {
            place.name
            for place in (places(schema) if schema else [])
            if COST_NAME.search(place.name) and place.schema.get("type") == "number"
        }
        if wanted and route.policy.writes:
            body = json.dumps(world.call(route).body)
            missing = sorted(name for name in wanted if f'"{name}"' not in body)
            assert not missing, (
                f"{name_of(route)}: the example leaves no room for {missing}. Give the objects that hold them at least "
                "an empty entry in tests/support/examples.py, so that they are filled."
            )


@EVERY_ROUTE
def test_no_cost_is_shown_to_who_may_not_see_it(world: World, client: httpx.Client, route: Endpoint) -> None:
    assert route.policy.allow is not None
    for who in BLIND:
        person = world.a.people[who]
        if person.role not in route.policy.allow:
            continue
        for variant in world.calls(route, full=False):
            _check(variant.send(client, person.headers), f"{name_of(route)} by {who}")
        call = world.call(route, full=False)
        if route.policy.writes and body_schema(route) is not None:
            _check(world.call(route).send(client, person.headers), f"{name_of(route)} with costs by {who}")
        if route.policy.listing is not None and route.policy.listing.paged:
            for query in ("itemsPerPage=1000", "includeDeleted=true", "after=", "updatedSince=1970-01-01T00:00:00Z"):
                response = call.send(client, person.headers, url=call.asking(query))
                _check(response, f"{name_of(route)}?{query} by {who}")


def _check(response: httpx.Response, where: str) -> None:
    said = text_of(response)
    assert response.status_code < 500, said
    assert not COST_DIGITS.search(said), f"{where} shows a cost: {said}"
    if response.status_code < 300:
        named = sorted({name for name in field_names(response) if COST_NAME.search(name)})
        assert named == [], f"{where} names costs: {named}"


@EVERY_ROUTE
def test_admins_see_the_costs_that_are_documented(world: World, client: httpx.Client, route: Endpoint) -> None:
    schema = answer_schema(route)
    documented = {place.name for place in (places(schema) if schema else []) if COST_NAME.search(place.name)}
    if not documented or route.policy.writes:
        return
    call = world.call(route)
    paged = route.policy.listing is not None and route.policy.listing.paged
    named: set[str] = set()
    for page in itertools.count(1):  # other tests may have made more than one page of documents without costs
        url = call.asking(f"itemsPerPage=1000&page={page}") if paged else call.asking("")
        response = call.send(client, world.a.admin.headers, url=url)
        assert response.status_code < 300, response.text
        named.update(field_names(response))
        if documented & named or not paged or not response.json()["items"]:
            break
    assert documented & named, f"{name_of(route)} documents {documented}, but shows none"


@pytest.mark.parametrize("route", LISTS, ids=name_of)
def test_no_list_is_ordered_or_searched_by_cost(route: Endpoint) -> None:
    """An order or a filter by cost tells the costs as surely as showing them."""
    listing = route.policy.listing
    assert listing is not None
    if route.policy.allow == frozenset({"admin"}):
        return
    names: list[Any] = [
        *listing.sort_names,
        *listing.search,
        *(filter_.field or filter_.name for filter_ in listing.filters),
    ]
    assert [name for name in names if COST_NAME.search(name)] == []


def test_a_refusal_does_not_tell_a_cost(world: World, client: httpx.Client) -> None:
    """Refusals repeat field names that the caller sent, never what is stored."""
    for route in GUARDED:
        if not route.policy.writes or route.policy.allow is None:
            continue
        for who in BLIND:
            person = world.a.people[who]
            if person.role in route.policy.allow:
                call = world.call(route, full=False)
                response = call.send(client, {**person.headers, "If-Match": '"0"'}, body={"cost": "x", "name": 1})
                assert not COST_DIGITS.search(response.text), name_of(route)

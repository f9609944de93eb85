"""Customers are not told who works in the shop: not who made, changed or deleted anything, on no route."""

import httpx
import pytest

from brassleaf.security.rooms import Endpoint
from support.leaks import field_names, text_of
from support.routes import GUARDED, name_of
from support.world import World

FOR_CUSTOMERS = [route for route in GUARDED if route.policy.allow and "customer" in route.policy.allow]
CUSTOMERS = ("key customer", "key customer for one")
PEOPLE = {"createdBy", "lastModifiedBy", "deletedBy"}


@pytest.mark.parametrize("route", FOR_CUSTOMERS, ids=name_of)
def test_customers_do_not_see_who_did_something(world: World, client: httpx.Client, route: Endpoint) -> None:
    emails = [
        str(entry.document["email"]).lower()
        for entry in world.dump(world.a)
        if entry.collection == "users" and entry.document["email"]
    ]
    assert emails
    for who in CUSTOMERS:
        for call in world.calls(route, full=False):
            asked = [call.url]
            if route.policy.listing is not None and route.policy.listing.paged:
                asked += [call.asking(query) for query in ("itemsPerPage=1000", "includeDeleted=true", "after=")]
            for url in asked:
                answer = call.send(client, world.a.people[who].headers, url=url)
                assert PEOPLE & set(field_names(answer)) == set(), f"{name_of(route)} by {who}: {answer.text}"
                said = text_of(answer).lower()
                assert [email for email in emails if email in said] == [], f"{name_of(route)} by {who}"


def test_the_shops_own_people_see_it(world: World, client: httpx.Client) -> None:
    """So that the test above looks where something is."""
    customer = world.make(world.a, "customer")
    made = world.make(world.a, "hoseAssembly", customer=customer)
    urls = ("organization", f"hoseassembly/{made}", "hoseassemblies")
    for url in urls:
        for who in ("user admin", "user regular", "key read-only"):
            answer = client.get(f"/api/v1/{url}", headers=world.a.people[who].headers)
            assert "lastModifiedBy" in field_names(answer), f"{url} by {who}"
        hidden = client.get(f"/api/v1/{url}", headers=world.a.people["key customer"].headers)
        assert "lastModifiedBy" not in hidden.text

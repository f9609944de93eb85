"""Customer locations: add, change, delete, search."""

from typing import Any

import httpx
import pytest

from support.world import World

API = "/api/v1"
NINE = {
    "description": "Yard",
    "address1": "1 Mill Lane",
    "address2": "Unit 4",
    "city": "Leeds",
    "region": "Yorkshire",
    "postalCode": "LS1 1AA",
    "country": "GB",
    "phoneNumber": "+44 113 000",
    "erpId": "L-1",
}


@pytest.fixture
def customer(world: World) -> str:
    return world.make(world.a, "customer")


def _list(client: httpx.Client, customer: str, query: str = "") -> Any:
    response = client.get(f"{API}/customer/{customer}/locations?{query}")
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("wrapped", [True, False])
def test_new_adds_one_and_its_id_changes_it(admin: httpx.Client, customer: str, *, wrapped: bool) -> None:
    body: Any = {"params": NINE} if wrapped else NINE
    made = admin.post(f"{API}/customer/{customer}/location/new/update", json=body).json()
    assert NINE.items() <= made.items()
    assert made["customer"] == customer
    url = f"{API}/customer/{customer}/location/{made['_id']}"
    changed = admin.post(f"{url}/update", json={"params": {"city": None, "region": "Kent"}}).json()
    assert "city" not in changed
    assert (changed["region"], changed["erpId"]) == ("Kent", "L-1")
    assert [entry["_id"] for entry in _list(admin, customer)["items"]] == [made["_id"]]
    assert admin.post(f"{url}/delete").json()["success"] is True
    assert _list(admin, customer)["total"] == 0
    assert admin.post(f"{url}/delete").status_code == 404
    assert admin.post(f"{url}/update", json={}).status_code == 404


def test_another_customers_location_is_not_there(admin: httpx.Client, world: World, customer: str) -> None:
    other = world.make(world.a, "customer")
    made = admin.post(f"{API}/customer/{other}/location/new/update", json=NINE).json()
    for what in ("update", "delete"):
        response = admin.post(f"{API}/customer/{customer}/location/{made['_id']}/{what}", json={})
        assert response.status_code == 404, response.text
    assert admin.post(f"{API}/customer/{'f' * 24}/location/new/update", json={}).status_code == 404
    assert admin.post(f"{API}/customer/{customer}/location/newer/update", json={}).status_code == 400


def test_lists_search_sort_and_page(admin: httpx.Client, customer: str) -> None:
    for name, city in (("b", "York"), ("A", "Leeds"), ("c", "Hull")):
        admin.post(f"{API}/customer/{customer}/location/new/update", json={**NINE, "description": name, "city": city})
    assert [entry["description"] for entry in _list(admin, customer)["items"]] == ["A", "b", "c"]
    page = _list(admin, customer, "locationsPerPage=2&page=2")
    assert (page["total"], [entry["description"] for entry in page["items"]]) == (3, ["c"])
    by_city = _list(admin, customer, "sortBy[0].key=city&sortBy[0].order=descending")["items"]
    assert [entry["city"] for entry in by_city] == ["York", "Leeds", "Hull"]
    for field, term in {**NINE, "description": "c", "city": "hul"}.items():
        if field in ("address2", "phoneNumber"):
            assert admin.get(f"{API}/customer/{customer}/locations?search.{field}=x").status_code == 400
        else:
            assert _list(admin, customer, f"search.{field}={term.lower()}")["total"] == (
                3 if term == NINE[field] else 1
            )

"""Batches of customers: order, duplicates, per-item outcomes, repeated requests."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from support.served import Served
from support.world import World

API = "/api/v1"
BATCH = f"{API}/customers/batch"


@pytest.fixture
def regular(served: Served, world: World) -> Iterator[httpx.Client]:
    with served.client(headers=world.a.people["user regular"].headers) as made:
        yield made


@pytest.fixture
def erp(world: World) -> str:
    """The beginning of ERP ids that nobody else has."""
    return f"B{next(world.count)}-"


def _run(client: httpx.Client, *items: Any, **options: Any) -> Any:
    response = client.post(BATCH, json={"items": list(items)}, **options)
    assert response.status_code in (200, 207), response.text
    answer = response.json()
    assert response.status_code == (207 if answer["failed"] else 200)
    assert [entry["index"] for entry in answer["items"]] == list(range(len(items)))
    assert answer["succeeded"] + answer["failed"] == len(items)
    return answer["items"]


def _statuses(items: Any) -> list[int]:
    return [entry["status"] for entry in items]


def _get(client: httpx.Client, id_: str) -> Any:
    return client.get(f"{API}/customer/{id_}").json()


def test_each_operation_does_what_its_single_call_does(admin: httpx.Client, world: World, erp: str) -> None:
    there = world.make(world.a, "customer")
    gone = world.make(world.a, "customer")
    items = _run(
        admin,
        {"operation": "create", "customer": {"name": "One", "erpId": erp + "1"}},
        {"operation": "update", "_id": there, "customer": {"city": "Leeds", "domain": None}},
        {"operation": "upsert", "erpId": erp + "2", "customer": {"name": "Two"}},
        {"operation": "delete", "_id": gone},
    )
    assert _statuses(items) == [201, 200, 201, 200]
    assert _get(admin, items[0]["_id"])["name"] == "One"
    assert _get(admin, there)["city"] == "Leeds"
    assert "domain" not in _get(admin, there)
    assert _get(admin, items[2]["_id"])["erpId"] == erp + "2"
    assert admin.get(f"{API}/customer/{gone}").status_code == 404
    again = _run(admin, {"operation": "upsert", "customer": {"erpId": erp.lower() + "2", "city": "Hull"}})
    assert [(entry["_id"], entry["status"]) for entry in again] == [(items[2]["_id"], 200)]
    assert {"name": "Two", "city": "Hull"}.items() <= _get(admin, items[2]["_id"]).items()


def test_what_cannot_be_done_leaves_the_others_alone(admin: httpx.Client, erp: str) -> None:
    nobody = "f" * 24
    items = _run(
        admin,
        {"operation": "create", "customer": {"erpId": erp + "1"}},
        {"operation": "create", "customer": {"erpId": (erp + "1").upper()}},
        {"operation": "update", "_id": nobody, "customer": {}},
        {"operation": "update", "customer": {}},
        {"operation": "update", "erpId": erp + "none", "customer": {}},
        {"operation": "delete", "_id": nobody},
        {"operation": "upsert", "customer": {"name": "no key"}},
        {"operation": "upsert", "erpId": erp + "1", "customer": {"erpId": erp + "other"}},
        {"operation": "create", "customer": {"email": "no mail", "defaultCurrency": "dollars"}},
        {"operation": "destroy"},
        7,
        {"operation": "create", "customer": {"erpId": erp + "2"}},
    )
    assert _statuses(items) == [201, 400, 404, 400, 404, 404, 400, 400, 400, 400, 400, 201]
    assert items[1]["error"]["errors"][0]["field"] == "erpId"
    fields = {error["field"] for error in items[8]["error"]["errors"]}
    assert fields == {"customer.email", "customer.defaultCurrency"}
    assert all(entry["error"]["message"] for entry in items[1:-1])
    assert "_id" not in items[1]


def test_a_price_list_must_be_there(admin: httpx.Client, world: World, erp: str) -> None:
    price_list, gone = world.make(world.a, "priceList"), world.make(world.a, "priceList")
    assert admin.post(f"{API}/pricelist/{gone}/delete").status_code == 200
    items = _run(
        admin,
        {"operation": "create", "customer": {"name": "One", "priceList": price_list}},
        {"operation": "create", "customer": {"name": "Two", "priceList": gone}},
        {"operation": "create", "customer": {"name": "Three", "priceList": world.b.standing["priceList"]}},
    )
    assert _statuses(items) == [201, 400, 400]
    assert {error["field"] for entry in items[1:] for error in entry["error"]["errors"]} == {"customer.priceList"}
    assert _get(admin, items[0]["_id"])["priceList"] == price_list


def test_operations_see_those_before_them(admin: httpx.Client, erp: str) -> None:
    """Duplicates of one batch: made, changed, deleted and made again; ERP ids go from one to another."""
    items = _run(
        admin,
        {"operation": "upsert", "erpId": erp + "1", "customer": {"name": "a", "city": "Leeds"}},
        {"operation": "upsert", "erpId": erp + "1", "customer": {"name": "b"}},
        {"operation": "update", "erpId": erp + "1", "customer": {"erpId": erp + "9", "region": "Kent"}},
        {"operation": "create", "customer": {"erpId": erp + "1", "name": "heir"}},
        {"operation": "delete", "erpId": erp + "9"},
        {"operation": "update", "erpId": erp + "9", "customer": {}},
        {"operation": "upsert", "erpId": erp + "9", "customer": {"name": "new"}},
    )
    assert _statuses(items) == [201, 200, 200, 201, 200, 404, 201]
    first = items[0]["_id"]
    assert [entry.get("_id") for entry in items[:3]] == [first] * 3
    assert items[4]["_id"] == first != items[6]["_id"]
    assert _get(admin, items[3]["_id"])["name"] == "heir"
    assert "city" not in _get(admin, items[6]["_id"])
    listed = admin.get(f"{API}/customers?search.erpId={erp}&includeDeleted=true&itemsPerPage=100").json()["items"]
    assert sorted((entry["name"], entry["deleted"]) for entry in listed) == [
        ("b", True),
        ("heir", False),
        ("new", False),
    ]


def test_an_upsert_that_changes_nothing_writes_nothing(admin: httpx.Client, erp: str) -> None:
    one = {"operation": "upsert", "erpId": erp + "1", "customer": {"name": "same"}}
    id_ = _run(admin, one)[0]["_id"]
    before = _get(admin, id_)
    assert _statuses(_run(admin, one)) == [200]
    assert _get(admin, id_) == before


def test_only_admins_delete(regular: httpx.Client, world: World, erp: str) -> None:
    there = world.make(world.a, "customer")
    items = _run(
        regular,
        {"operation": "delete", "_id": there},
        {"operation": "create", "customer": {"name": "by a regular", "erpId": erp}},
    )
    assert _statuses(items) == [403, 201]
    assert "cost" not in str(items).lower()


@pytest.mark.parametrize("body", [{}, {"items": 1}, {"items": [{"operation": "create"}] * 1001}])
def test_a_batch_that_is_none_is_refused_as_a_whole(admin: httpx.Client, body: Any) -> None:
    assert admin.post(BATCH, json=body).status_code == 400


def test_an_empty_batch_does_nothing(admin: httpx.Client) -> None:
    assert _run(admin) == []


def test_another_organizations_customers_are_not_there(admin: httpx.Client, world: World) -> None:
    other = world.b.standing["customer"]
    items = _run(
        admin, {"operation": "update", "_id": other, "customer": {"name": "x"}}, {"operation": "delete", "_id": other}
    )
    assert _statuses(items) == [404, 404]


def test_a_repeated_batch_gets_the_first_answer(admin: httpx.Client, erp: str) -> None:
    items = [
        {"operation": "create", "customer": {"name": "once", "erpId": erp + "1"}},
        {"operation": "create", "customer": {"name": "no key"}},
        {"operation": "destroy"},
    ]
    key = {"Idempotency-Key": f"batch-{erp}"}
    first = admin.post(BATCH, json={"items": items}, headers=key)
    again = admin.post(BATCH, json={"items": items}, headers=key)
    assert first.status_code == again.status_code == 207
    assert again.headers["idempotency-replayed"] == "true"
    assert first.content == again.content


def test_a_thousand_upserts_are_one_batch(served: Served, world: World, erp: str) -> None:
    """In a shop of their own: they would push others out of the pages that other tests look at."""
    admin = served.client(headers=world.founded(f"Thousand{next(world.count)}").admin.headers)

    def batch(name: str) -> list[Any]:
        return [
            {
                "operation": "upsert",
                "erpId": f"{erp}{number}",
                "customer": {"name": f"{name} {number}", "city": "Leeds"},
            }
            for number in range(1000)
        ]

    for name, status in (("first", 201), ("second", 200)):
        assert set(_statuses(_run(admin, *batch(name)))) == {status}
    assert admin.get(f"{API}/customers?search.name=second 999&search.erpId={erp}").json()["total"] == 1


def test_an_erp_id_beside_the_customer_is_its_own(admin: httpx.Client, erp: str) -> None:
    made = {"operation": "create", "erpId": erp + "1", "customer": {"name": "outside"}}
    same = {"operation": "create", "erpId": erp + "2", "customer": {"erpId": erp.lower() + "2"}}
    (first, second) = _run(admin, made, same)
    assert (first["status"], first["erpId"], second["erpId"]) == (201, erp + "1", erp + "2")
    assert _get(admin, first["_id"])["erpId"] == erp + "1"
    (again, taken) = _run(admin, {**made, "operation": "upsert"}, made)
    assert (again["status"], again["_id"]) == (200, first["_id"])
    assert (taken["status"], taken["error"]["errors"][0]["field"]) == (400, "erpId")


def test_what_says_two_things_of_one_customer_is_refused(admin: httpx.Client, erp: str) -> None:
    one, two = erp + "1", erp + "2"
    first, _ = _run(
        admin, *({"operation": "create", "erpId": key, "customer": {"name": "as it was"}} for key in (one, two))
    )
    id_ = first["_id"]
    items = _run(
        admin,
        {"operation": "create", "erpId": erp + "3", "customer": {"erpId": erp + "4"}},
        {"operation": "create", "_id": id_, "customer": {"name": "x"}},
        {"operation": "update", "_id": id_, "erpId": two, "customer": {"name": "x"}},
        {"operation": "update", "_id": id_, "erpId": erp + "3", "customer": {"name": "x"}},
        {"operation": "delete", "_id": id_, "erpId": two},
        {"operation": "update", "_id": id_, "erpId": one.lower(), "customer": {"city": "Hull"}},
    )
    assert _statuses(items) == [400, 400, 400, 400, 400, 200]
    fields = [entry["error"]["errors"][0]["field"] for entry in items[:-1]]
    assert fields == ["customer.erpId", "_id", "erpId", "erpId", "erpId"]
    assert {"name": "as it was", "city": "Hull", "erpId": one}.items() <= _get(admin, id_).items()
    listed = admin.get(f"{API}/customers?search.erpId={erp}").json()
    assert listed["total"] == 2


def test_the_answer_has_the_erp_id_that_the_customer_has(admin: httpx.Client, erp: str) -> None:
    items = _run(
        admin,
        {"operation": "create", "customer": {"erpId": erp + "1"}},
        {"operation": "update", "erpId": erp.lower() + "1", "customer": {"city": "Hull"}},
        {"operation": "update", "erpId": erp + "1", "customer": {"erpId": erp + "2"}},
        {"operation": "update", "erpId": erp + "2", "customer": {"erpId": None}},
        {"operation": "upsert", "customer": {"erpId": erp + "3"}},
        {"operation": "update", "erpId": erp + "1", "customer": {"erpId": erp + "4"}},
    )
    assert [entry.get("erpId") for entry in items] == [erp + "1", erp + "1", erp + "2", None, erp + "3", erp + "1"]
    assert _statuses(items) == [201, 200, 200, 200, 201, 404]
    assert "erpId" not in _get(admin, items[0]["_id"])
    (gone,) = _run(admin, {"operation": "delete", "_id": items[4]["_id"]})
    assert (gone["status"], gone["erpId"]) == (200, erp + "3")

"""The audit trail: every change of every record, whoever made it, whichever way."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from brassleaf.app import COLLECTIONS
from brassleaf.audit.service import AuditTrail
from brassleaf.http.lists import stamp
from brassleaf.settings import Settings
from brassleaf.store.collections import Collection, Field
from brassleaf.store.port import Changed, Duplicate, Stored
from brassleaf.store.query import Query, equal
from brassleaf.store.sqlite import SqliteStore
from brassleaf.store.trail import AUDIT, SECRET, entry
from support.served import Served
from support.world import World

API = "/api/v1"


def _trail(client: httpx.Client, record: str, query: str = "") -> list[Any]:
    response = client.get(f"{API}/audit/{record}?{query}")
    assert response.status_code == 200, response.text
    found: list[Any] = response.json()["items"]
    return found


@pytest.fixture
def regular(served: Served, world: World) -> Iterator[httpx.Client]:
    with served.client(headers=world.a.people["user regular"].headers) as made:
        yield made


def test_a_record_tells_its_life(admin: httpx.Client, regular: httpx.Client, world: World) -> None:
    made = admin.post(f"{API}/customers/create", json={"name": "Parker", "erpId": "AU-1", "city": "Leeds"}).json()
    regular.post(f"{API}/customer/{made['_id']}/update", json={"city": "Hull", "name": "Parker", "domain": "x.example"})
    admin.post(f"{API}/customer/{made['_id']}/update", json={"domain": None})
    admin.post(f"{API}/customer/{made['_id']}/delete")
    life = _trail(admin, made["_id"])
    assert [(entry["action"], entry["revision"], entry["name"]) for entry in life] == [
        ("deleted", 4, "Parker"),
        ("changed", 3, "Parker"),
        ("changed", 2, "Parker"),
        ("created", 1, "Parker"),
    ]
    deleted, cleared, changed, created = life
    assert created["after"] == {"name": "Parker", "erpId": "AU-1", "city": "Leeds"}
    assert "before" not in created
    assert (changed["before"], changed["after"]) == ({"city": "Leeds"}, {"city": "Hull", "domain": "x.example"})
    assert (cleared["before"], cleared["after"]) == ({"domain": "x.example"}, {})
    assert deleted["before"] == {"name": "Parker", "erpId": "AU-1", "city": "Hull"}
    assert "after" not in deleted
    assert created["createdBy"] == deleted["createdBy"] == made["createdBy"]
    assert changed["createdBy"] != created["createdBy"]
    assert ".regular." in changed["createdBy"]
    assert created["created"] == made["created"]


def test_all_changes_are_filtered(admin: httpx.Client, world: World) -> None:
    made = admin.post(f"{API}/customers/create", json={"name": "Filtered"}).json()
    hose = world.make(world.a, "hose")

    def records(**params: Any) -> list[str]:
        response = admin.get(f"{API}/audit", params={"limit": 1000, **params})
        assert response.status_code == 200, response.text
        return [entry["record"] for entry in response.json()["items"]]

    assert made["_id"] in records(collection="customers")
    assert hose not in records(collection="customers")
    assert hose in records(collection="items")
    assert records(record=made["_id"]) == [made["_id"]]
    assert made["_id"] in records(who=made["createdBy"])
    assert records(who="nobody@example.com") == []
    assert made["_id"] in records(**{"from": made["created"]})
    assert made["_id"] not in records(to="2020-01-01")
    assert records(**{"from": "2999-01-01"}) == []
    newest = admin.get(f"{API}/audit?limit=5").json()["items"]
    assert [entry["created"] for entry in newest] == sorted((entry["created"] for entry in newest), reverse=True)


def test_batches_and_pairs_are_followed(admin: httpx.Client, world: World) -> None:
    items = [{"operation": "upsert", "erpId": f"AUB-{n}", "customer": {"name": f"n{n}"}} for n in range(3)]
    made = admin.post(f"{API}/customers/batch", json={"items": items}).json()["items"]
    assert [_trail(admin, entry["_id"])[0]["action"] for entry in made] == ["created"] * 3
    hose = world.make(world.a, "hose")
    item = admin.get(f"{API}/hose/{hose}").json()
    path = f"{API}/customer/{made[0]['_id']}/item/{hose}"
    pair = admin.post(f"{path}/update", json={"netPrice": 3, "cost": 2}).json()
    admin.post(f"{path}/delete")
    admin.post(f"{path}/update", json={"netPrice": 4})
    life = _trail(admin, pair["_id"])
    assert [entry["action"] for entry in life] == ["created", "deleted", "created"]
    assert {entry["name"] for entry in life} == {f"{item['brand']} {item['partNumber']}"}
    assert life[1]["before"]["cost"] == 2


def test_secrets_are_not_told(admin: httpx.Client, world: World) -> None:
    body = {"name": "Audited key", "keyType": "read-only", "approvedIpAddresses": [], "scopes": "read"}
    made = admin.post(f"{API}/organization/apikeys", json=body)
    assert made.status_code < 300, made.text
    told = _trail(admin, made.json()["_id"])
    assert told[0]["after"]["secretHash"] == SECRET
    whole = admin.get(f"{API}/audit?limit=1000").text
    kept = [entry.document for entry in world.dump(world.a) if entry.collection in ("users", "apiKeys")]
    hashes = [value for document in kept for name, value in document.items() if name.endswith("Hash") and value]
    assert hashes
    assert not [value for value in hashes if value in whole]


def test_other_organizations_and_other_roles_see_nothing(
    admin: httpx.Client, regular: httpx.Client, world: World
) -> None:
    assert world.b.marker not in admin.get(f"{API}/audit?limit=1000").text
    assert admin.get(f"{API}/audit/{world.b.standing['customer']}").status_code == 404
    assert regular.get(f"{API}/audit").status_code == 403
    assert regular.get(f"{API}/audit/{world.a.standing['customer']}").status_code == 403


def test_the_trail_of_a_change_that_was_not_made_is_empty(admin: httpx.Client, world: World) -> None:
    customer = world.make(world.a, "customer")
    before = _trail(admin, customer)
    url = f"{API}/customer/{customer}/update"
    assert admin.post(url, json={"city": "x"}, headers={"If-Match": '"99"'}).status_code == 412
    taken = admin.get(f"{API}/customer/{world.make(world.a, 'customer')}").json()["erpId"]
    assert admin.post(url, json={"erpId": taken}).status_code == 400
    assert _trail(admin, customer) == before


def test_every_collection_is_followed_but_bookkeeping() -> None:
    """A new resource is in the trail without a word; what is not must say so here."""
    silent = {collection.name for collection in COLLECTIONS if not collection.trail}
    assert silent <= {
        "system",
        "replays",
        "audit",
        "apiHistory",
        "imports",
        "imageParts",
        "numbersGivenUp",
        "parseChoices",
    }


def test_what_is_older_than_it_is_kept_goes_and_nothing_else(served: Served, world: World) -> None:
    """More than are removed at once, of two organizations; without a setting nothing goes."""
    shops = [world.founded(f"Trail{number}") for number in range(2)]
    repositories = [served.store.repository(AUDIT, organization.id) for organization in shops]
    day = timedelta(days=1)

    def made(age: timedelta, number: int) -> dict[str, Any]:
        moment = stamp(datetime.now(UTC) - age)
        entry = {"_id": f"{number:024x}", "record": "e" * 24, "revision": 1, "action": "changed", "collection": "x"}
        return {**entry, "created": moment, "lastModified": moment, "deleted": False}

    async def entries() -> list[int]:
        return [await repository.count(equal("record", "e" * 24)) for repository in repositories]

    async def work() -> None:
        for place, repository in enumerate(repositories):
            old = [made(31 * day, number + 10_000 * place) for number in range(1201)]
            young = [made(29 * day, number + 10_000 * place) for number in range(5000, 5003)]
            await repository.insert_many([*old, *young])
        trail = AuditTrail(served.store, Settings(audit_days=30))
        assert await entries() == [1204, 1204]
        assert await trail.forget_old() == 2402
        assert await entries() == [3, 3]
        assert await trail.forget_old() == 0
        AuditTrail(served.store, Settings()).start()  # keeps all: there is no task to end

    served.run(work())


# -- the entry ------------------------------------------------------------------------------------------------------

THINGS = Collection("things", (Field("name"),))


def _document(**fields: Any) -> dict[str, Any]:
    stamps = {"created": "2026-01-01", "createdBy": "a", "lastModified": "2026-01-01", "lastModifiedBy": "a"}
    return {"_id": "1" * 24, **stamps, "deleted": False, **fields}


def test_a_write_that_nobody_signed_names_nobody() -> None:
    before = _document(count=1)
    told = entry(THINGS, before, {**before, "count": 2}, 2, "2026-02-02")
    assert told is not None
    assert (told.get("createdBy"), told["created"], told["after"]) == (None, "2026-02-02", {"count": 2})


def test_a_write_that_changes_nothing_is_no_entry() -> None:
    before = _document(name="x")
    assert entry(THINGS, before, {**before, "lastModified": "2026-03-03"}, 2, "now") is None


def test_null_and_absent_are_told_apart() -> None:
    before = _document()
    told = entry(THINGS, before, {**before, "name": None, "lastModified": "2026-03-03"}, 2, "now")
    assert told is not None
    assert (told["before"], told["after"]) == ({}, {"name": None})


# -- the store ------------------------------------------------------------------------------------------------------


def test_the_embedded_store_keeps_change_and_entry_together(tmp_path: Path) -> None:
    async def work() -> None:
        store = SqliteStore(tmp_path / "data.sqlite")
        await store.open([THINGS, AUDIT])
        try:
            things, trail = store.repository(THINGS, "a" * 24), store.repository(AUDIT, "a" * 24)
            made = await things.insert(_document(name="x"))
            results = await things.insert_many([_document(), _document(_id="2" * 24, stock=1)])
            assert isinstance(results[0], Duplicate)
            await things.increment("2" * 24, "stock", 5)
            changed = await things.replace(made, _document(name="y"))
            with pytest.raises(Changed):
                await things.replace(made, _document(name="z"))
            assert isinstance(changed, Stored)
            entries = [e.document async for batch in trail.stream(Query()) for e in batch]
            told = sorted((e["record"][0], e["revision"], e["action"]) for e in entries)
            assert told == [("1", 1, "created"), ("1", 2, "changed"), ("2", 1, "created"), ("2", 2, "changed")]
            assert await trail.count() == 4
        finally:
            await store.close()

    asyncio.run(work())

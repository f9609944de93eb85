"""Following changes with the server's stamp: no row is lost to a slow write or a slow clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from brassleaf.customers.models import CUSTOMERS
from brassleaf.http.lists import OVERLAP, stamp
from brassleaf.store import records
from support.world import World

API = "/api/v1"


def _changes(client: httpx.Client, since: str, **params: Any) -> tuple[list[str], Any]:
    response = client.get(
        f"{API}/customers", params={"updatedSince": since, "itemsPerPage": 1000, "after": "", **params}
    )
    assert response.status_code == 200, response.text
    return [entry["_id"] for entry in response.json()["items"]], response.json()


def test_only_the_first_page_of_changes_carries_the_stamp(admin: httpx.Client, world: World) -> None:
    for _ in range(3):
        world.make(world.a, "customer")
    assert "updatedSince" not in admin.get(f"{API}/customers").json()
    begun = stamp(datetime.now(UTC))
    first = _changes(admin, "1970-01-01", itemsPerPage=1)[1]
    assert first["updatedSince"] <= stamp(datetime.now(UTC) - OVERLAP)
    assert first["updatedSince"] >= stamp(datetime.fromisoformat(begun) - OVERLAP)
    assert "updatedSince" not in _changes(admin, "1970-01-01", itemsPerPage=1, after=first["next"])[1]
    again = _changes(admin, first["updatedSince"])[1]  # the query was read before: the stamp is made anew
    assert again["updatedSince"] > first["updatedSince"]
    assert _changes(admin, first["updatedSince"])[1]["updatedSince"] > first["updatedSince"]


@pytest.mark.parametrize("page", ["", "page=1", "page=2", "page=2&after="])
def test_pages_by_number_carry_no_stamp(admin: httpx.Client, page: str) -> None:
    """Rows move between them: one that was not changed may be on none of the pages, and is not newer than a stamp."""
    answer = admin.get(f"{API}/customers?updatedSince=1970-01-01&itemsPerPage=1&{page}")
    assert answer.status_code == 200
    assert "updatedSince" not in answer.json()


def test_a_walk_and_the_next_one_see_what_moves_between_pages(admin: httpx.Client, world: World) -> None:
    """One that was read moves to the end, another from the end to the front: nothing else shifts."""
    made = {name: world.make(world.a, "customer", marker=f"walk {name}") for name in "abcd"}
    for name, id_ in made.items():
        world.post(world.a, f"/api/v1/customer/{id_}/update", {"name": f"walk {name}"})
    search = {"itemsPerPage": 1, "search.name": "walk"}
    seen, answer = _changes(admin, "1970-01-01", **search)
    since = answer["updatedSince"]
    assert seen == [made["a"]]
    world.post(world.a, f"/api/v1/customer/{made['a']}/update", {"name": "walk z"})
    world.post(world.a, f"/api/v1/customer/{made['d']}/update", {"name": "walk 0"})
    while "next" in answer:
        more, answer = _changes(admin, "1970-01-01", **{**search, "after": answer["next"]})
        seen += more
    assert {made["b"], made["c"]} <= set(seen)
    later, _ = _changes(admin, since, **{"search.name": "walk"})
    assert {made["a"], made["d"]} <= set(later)


@pytest.mark.parametrize("behind", [0, 1, 30, 110])
def test_a_row_that_was_timed_before_the_stamp_and_committed_after_it_comes(
    admin: httpx.Client, world: World, behind: int
) -> None:
    """Another worker's clock is behind, or its write takes long: the time of the row lies before the reading."""
    since = _changes(admin, "1970-01-01")[1]["updatedSince"]
    late = records.new_document({"name": "late"}, "another worker")
    late["created"] = late["lastModified"] = stamp(datetime.now(UTC) - timedelta(seconds=behind))
    world.served.run(world.served.store.repository(CUSTOMERS, world.a.id).insert(late))
    ids, answer = _changes(admin, since)
    assert late["_id"] in ids
    assert late["_id"] in _changes(admin, answer["updatedSince"])[0] or behind > 100


def test_a_deleted_row_comes_flagged(admin: httpx.Client, world: World) -> None:
    made = world.make(world.a, "customer")
    since = _changes(admin, "1970-01-01")[1]["updatedSince"]
    world.post(world.a, f"/api/v1/customer/{made}/delete")
    rows = {entry["_id"]: entry for entry in _changes(admin, since)[1]["items"]}
    assert rows[made]["deleted"] is True


def test_the_time_of_a_record_never_goes_back(
    admin: httpx.Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = admin.post(f"{API}/customers/create", json={"name": "clock"}).json()
    past = stamp(datetime.now(UTC) - timedelta(hours=1))
    with monkeypatch.context() as slow:
        slow.setattr(records, "now", lambda: past)
        changed = admin.post(f"{API}/customer/{made['_id']}/update", json={"city": "x"}).json()
    assert changed["lastModified"] > made["lastModified"]


def test_the_time_of_a_record_that_is_made_anew_is_after_its_deletion(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = records.Records(world.served.store.repository(CUSTOMERS, world.a.id), "customer", "another worker")
    id_ = records.derived_id("made anew")
    world.served.run(kept.put(id_, lambda _: {"name": "made anew"}))
    deleted = world.served.run(kept.remove(id_))
    monkeypatch.setattr(records, "now", lambda: stamp(datetime.now(UTC) - timedelta(hours=1)))
    anew = world.served.run(kept.put(id_, lambda _: {"name": "made anew"}))
    assert anew["deleted"] is False
    assert anew["lastModified"] > deleted["lastModified"]

"""The history of calls with API keys: complete, in order, and beside the requests."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from brassleaf.errors import Unavailable
from brassleaf.organizations.history import service
from brassleaf.organizations.history.models import API_HISTORY
from brassleaf.organizations.history.service import DROPPED, History
from brassleaf.security.caller import Caller
from support.served import Served, serving
from support.world import Organization, World

HISTORY = "/api/v1/organization/api/history"
UNKNOWN = "f" * 24


@pytest.fixture
def shop(world: World) -> Organization:
    return world.founded(f"History{next(world.count)}")


@pytest.fixture
def boss(served: Served, shop: Organization) -> Iterator[httpx.Client]:
    with served.client(headers=shop.admin.headers) as made:
        yield made


def _written(served: Served) -> None:
    async def flush() -> None:
        while served.parts.history._waiting:
            await served.parts.history.flush()

    served.run(flush())


def _calls(client: httpx.Client, **params: Any) -> list[dict[str, Any]]:
    answer = client.get(HISTORY, params={"itemsPerPage": 100, **params})
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] >= len(answer.json()["items"])
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_calls_with_keys_are_kept_newest_first(served: Served, shop: Organization, boss: httpx.Client) -> None:
    program = served.client(headers=shop.people["key admin"].headers)
    reader = served.client(headers=shop.people["key read-only"].headers)
    program.get("/api/v1/user?secret=1")
    program.get(f"/api/v1/customer/{UNKNOWN}")
    time.sleep(0.01)
    reader.post("/api/v1/customers/create", json={})
    boss.get("/api/v1/user")
    _written(served)
    made = [(call["method"], call["path"], call["status"]) for call in _calls(boss)]
    assert made[0] == ("POST", "/api/v1/customers/create", 403), "refused ones too"
    assert set(made[1:]) == {("GET", "/api/v1/user", 200), ("GET", f"/api/v1/customer/{UNKNOWN}", 404)}
    newest = _calls(boss)[0]
    assert newest["apiKeyId"] == shop.people["key read-only"].id
    assert "read-only" in newest["apiKeyName"]
    assert newest["ipAddress"] == "127.0.0.1"
    assert boss.get("/api/v1/organization/api-history").json() == boss.get(HISTORY).json()


def test_it_is_searched_sorted_and_bounded(served: Served, shop: Organization, boss: httpx.Client) -> None:
    program = served.client(headers=shop.people["key admin"].headers)
    reader = served.client(headers=shop.people["key read-only"].headers)
    for client in (program, reader):
        client.get("/api/v1/user")
        client.get(f"/api/v1/hose/{UNKNOWN}")
        time.sleep(0.005)
    _written(served)
    assert {call["apiKeyId"] for call in _calls(boss, **{"search[apiKey]": "READ-ONLY"})} == {
        shop.people["key read-only"].id
    }
    assert len(_calls(boss, **{"search.path": "/hose/"})) == 2
    assert len(_calls(boss, **{"search[status]": "40"})) == 2
    assert len(_calls(boss, status="200")) == 2
    oldest = _calls(boss, **{"sortBy[0].key": "created", "sortBy[0].order": "asc"})
    assert [call["created"] for call in oldest] == sorted(call["created"] for call in oldest)
    middle = oldest[2]["created"]
    assert len(_calls(boss, **{"from": middle})) == 2
    assert len(_calls(boss, to=oldest[1]["created"])) == 2
    assert len(_calls(boss, **{"from": middle, "to": oldest[1]["created"]})) == 0
    days = sorted({call["created"][:10] for call in oldest})
    assert len(_calls(boss, **{"from": days[0], "to": days[-1]})) == 4, "a day is meant with its end"
    for name in ("from", "to"):
        refused = boss.get(HISTORY, params={name: "noon"})
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["field"] == name
    first = boss.get(HISTORY, params={"after": "", "itemsPerPage": 3}).json()
    second = boss.get(HISTORY, params={"after": first["next"], "itemsPerPage": 3}).json()
    assert [call["_id"] for call in first["items"] + second["items"]] == [call["_id"] for call in _calls(boss)]


def test_a_task_of_its_own_writes_it(served: Served, shop: Organization, boss: httpx.Client) -> None:
    served.client(headers=shop.people["key admin"].headers).get("/api/v1/user")
    deadline = time.monotonic() + 10
    while not _calls(boss):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_old_calls_are_not_shown_and_purged(served: Served, shop: Organization, boss: httpx.Client) -> None:
    moment = (datetime.now(UTC) - timedelta(days=31)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    old = {
        "_id": shop.id, "apiKey": "old", "apiKeyId": "0" * 24, "method": "GET", "path": "/old",
        "status": 200, "ipAddress": None, "created": moment, "lastModified": moment, "deleted": False,
    }  # fmt: skip
    repository = served.store.repository(API_HISTORY, shop.id)
    served.run(repository.insert(old))
    assert _calls(boss) == []
    served.client(headers=shop.people["key admin"].headers).get("/api/v1/user")
    _written(served)
    assert served.run(repository.get(shop.id)) is None


def test_what_waits_is_written_at_the_end(tmp_path: Any) -> None:
    with serving(tmp_path) as served:
        world = World(served, bare=True)
        with served.client(headers=world.a.people["key admin"].headers) as program:
            for _ in range(600):  # more than two batches
                program.get("/api/v1/user")
        organization = world.a.id
    with serving(tmp_path) as again:
        count = again.run(again.store.repository(API_HISTORY, organization).count())
    assert count == 600


def test_a_full_history_drops_counts_and_tells_but_not_at_the_cost_of_others(
    served: Served, world: World, shop: Organization, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service, "LONGEST", 3)
    history = History(served.store, served.settings)
    before = DROPPED._value.get()
    for _ in range(5):
        history.note(_caller(shop), "GET", "/x", 200, None)
    other = world.founded(f"History{next(world.count)}")
    history.note(_caller(other), "GET", "/y", 200, None)
    assert DROPPED._value.get() - before == 2
    served.run(history.stop())
    assert [served.run(served.store.repository(API_HISTORY, o.id).count()) for o in (shop, other)] == [3, 1]
    assert f"organization {shop.id} could not hold 2 calls" in caplog.text
    assert other.id not in caplog.text


def test_the_more_waits_the_more_is_written_at_once(served: Served, shop: Organization) -> None:
    history = History(served.store, served.settings)
    for _ in range(service.BATCH * 30):
        history.note(_caller(shop), "GET", "/x", 200, None)
    counts = []
    for _ in range(2):
        served.run(history.flush())
        counts.append(served.run(served.store.repository(API_HISTORY, shop.id).count()))
    assert counts[0] == service.BATCH * 3
    assert service.BATCH < counts[1] - counts[0] < counts[0]
    served.run(history.stop())


def _caller(shop: Organization) -> Any:
    key = shop.people["key admin"]
    return Caller(shop.id, "admin", "key", key.id, "key", "key key")


def test_calls_wait_while_the_store_is_down(
    served: Served, shop: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(served.store, served.settings)
    for number in range(5):
        history.note(_caller(shop), "GET", f"/{number}", 200, None)

    class Down:
        async def insert_many(self, _: Any) -> None:
            raise Unavailable("down")

    with monkeypatch.context() as broken:
        broken.setattr(history._store, "repository", lambda *_: Down())
        with pytest.raises(Unavailable):
            served.run(history.flush())
    assert [noted[2] for noted in history._waiting[shop.id]] == ["/0", "/1", "/2", "/3", "/4"]
    served.run(history.flush())
    assert served.run(served.store.repository(API_HISTORY, shop.id).count()) == 5


def test_an_address_behind_a_proxy_is_the_clients(tmp_path: Any) -> None:
    with serving(tmp_path, trusted_proxies=[ip_network("127.0.0.1/32")]) as served:
        world = World(served, bare=True)
        headers = {**world.a.people["key admin"].headers, "X-Forwarded-For": "203.0.113.7"}
        served.client(headers=headers).get("/api/v1/user")
        _written(served)
        [call] = _calls(served.client(headers=world.a.admin.headers))
        assert call["ipAddress"] == "203.0.113.7"

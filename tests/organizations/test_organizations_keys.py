"""API keys over the API: shown once, changed at once, gone at once."""

import base64
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from brassleaf.security.principals import API_KEYS
from brassleaf.security.replays import REPLAYS
from brassleaf.store.query import Query
from support.served import Served
from support.world import Organization, World

KEYS = "/api/v1/organization/apikeys"
HERE = [{"ipAddress": "127.0.0.1", "description": "test"}]


@pytest.fixture(scope="module")
def shop(world: World) -> Organization:
    return world.another("Keyring")


@pytest.fixture
def boss(served: Served, shop: Organization) -> Iterator[httpx.Client]:
    with served.client(headers=shop.admin.headers) as made:
        yield made


@pytest.fixture
def name(world: World) -> str:
    return f"key {next(world.count)}"


def _sent(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "scopes": "read,write", "keyType": "admin", "approvedIpAddresses": HERE, **more}


def _make(client: httpx.Client, name: str, **more: Any) -> dict[str, Any]:
    answer = client.post(KEYS, json={"params": _sent(name, **more)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _token(client: httpx.Client, key: dict[str, Any]) -> httpx.Response:
    sent = {"apiKey": key["apiKey"], "name": key["name"], "grantType": "client_credentials"}
    return client.post("/security/v1/token", json=sent)


def _as(served: Served, response: httpx.Response) -> httpx.Client:
    return served.client(headers={"Authorization": f"Bearer {response.json()['securityToken']}"})


def test_the_secret_is_shown_once_and_kept_nowhere(
    served: Served, shop: Organization, boss: httpx.Client, client: httpx.Client, name: str
) -> None:
    answer = boss.post(KEYS, json=_sent(name))
    assert answer.headers["cache-control"] == "no-store"
    key = answer.json()
    assert key["apiKey"].startswith("blk_")
    assert key["lastFour"] == key["apiKey"][-4:]
    listed = next(entry for entry in boss.get(KEYS).json() if entry["_id"] == key["_id"])
    assert listed == {field: value for field, value in key.items() if field != "apiKey"}
    assert key["apiKey"] not in json.dumps([entry.document for entry in served.dump(organization=shop.id)])
    token = _token(client, key)
    assert token.status_code == 200
    assert _as(served, token).get("/api/v1/user").json()["role"] == "admin"
    used = next(entry for entry in boss.get(KEYS).json() if entry["_id"] == key["_id"])
    assert used["lastUsed"] > used["created"][:16]


def test_a_repeated_request_gets_the_same_secret_which_is_kept_sealed(
    served: Served, shop: Organization, boss: httpx.Client, client: httpx.Client, name: str
) -> None:
    headers = {"Idempotency-Key": f"make {name}".replace(" ", "-")}
    first = boss.post(KEYS, json=_sent(name), headers=headers)
    again = boss.post(KEYS, json=_sent(name), headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["cache-control"] == "no-store"
    assert again.json() == first.json()
    assert _token(client, again.json()).status_code == 200
    kept = [entry.document for entry in served.dump(organization=shop.id) if entry.collection == REPLAYS.name]
    assert not any(first.json()["apiKey"].encode() in base64.b64decode(entry.get("body", "")) for entry in kept)


def test_a_request_that_died_shows_a_secret_that_works(
    served: Served, shop: Organization, boss: httpx.Client, client: httpx.Client, name: str
) -> None:
    """The first secret was told to nobody: the second try replaces it, and makes no second key."""
    headers = {"Idempotency-Key": f"died {name}".replace(" ", "-")}
    first = boss.post(KEYS, json=_sent(name), headers=headers).json()

    async def die() -> None:
        repository = served.store.repository(REPLAYS, shop.id)
        found = [entry async for batch in repository.stream(Query()) for entry in batch]
        newest = max(found, key=lambda entry: str(entry["lastModified"]))
        old = {"state": "open", "lastModified": _in(minutes=-2)}
        await repository.replace(newest, {**newest.document, **old})

    served.run(die())
    again = boss.post(KEYS, json=_sent(name), headers=headers)
    assert "idempotency-replayed" not in again.headers
    assert again.status_code == 200, again.text
    assert again.json()["_id"] == first["_id"]
    assert again.json()["apiKey"] != first["apiKey"]
    assert _token(client, again.json()).status_code == 200
    assert _token(client, first).status_code == 401


@pytest.mark.parametrize(
    ("spelled", "key_type", "role"),
    [
        ("admin", "admin", "admin"), ("Admin", "admin", "admin"), ("full-access", "full-access", "admin"),
        ("Full-Access", "full-access", "admin"), ("read-only", "read-only", "restricted"),
        ("READ-ONLY ", "read-only", "restricted"), ("customer", "customer", "customer"),
        ("Customer", "customer", "customer"),
    ],
)  # fmt: skip
def test_the_types(
    served: Served, boss: httpx.Client, client: httpx.Client, name: str, spelled: str, key_type: str, role: str
) -> None:
    scopes = "read" if key_type == "read-only" else "read,write"
    key = _make(boss, name, keyType=spelled, scopes=scopes)
    assert (key["keyType"], key["scopes"]) == (key_type, scopes)
    assert _as(served, _token(client, key)).get("/api/v1/user").json()["role"] == role


def test_a_read_only_key_cannot_have_the_scope_write(boss: httpx.Client, name: str) -> None:
    """Said, not made less in silence; when a key is changed too."""
    wrong = _sent(name, keyType="read-only", scopes="read,write")
    key = _make(boss, name)
    before = boss.get(KEYS).json()
    for url, sent in ((KEYS, {**wrong, "name": name + " other"}), (f"{KEYS}/{key['_id']}/update", wrong)):
        answer = boss.post(url, json=sent)
        assert answer.status_code == 400, answer.text
        assert answer.json()["errors"][0]["field"] == "scopes"
    assert boss.get(KEYS).json() == before
    changed = boss.post(f"{KEYS}/{key['_id']}/update", json={**wrong, "scopes": "read"}).json()
    assert (changed["keyType"], changed["scopes"]) == ("read-only", "read")


def test_changes_count_at_once_for_tokens_that_are_there(
    served: Served, boss: httpx.Client, client: httpx.Client, name: str
) -> None:
    key = _make(boss, name)
    program = _as(served, _token(client, key))
    update = f"{KEYS}/{key['_id']}/update"
    assert program.post("/api/v1/customers/create", json={}).status_code == 201
    changed = boss.post(update, json=_sent(name, scopes=" write , READ ".lower(), keyType="customer")).json()
    assert (changed["keyType"], changed["scopes"]) == ("customer", "read,write")
    assert program.get("/api/v1/user").json()["role"] == "customer"
    boss.post(update, json=_sent(name, scopes="read"))
    refused = program.post("/api/v1/customers/create", json={})
    assert refused.status_code == 403
    assert "scope read" in refused.json()["message"]
    assert program.get("/api/v1/customers").status_code == 200
    assert program.post("/api/v1/customers/exceltemplate").status_code == 200, "a read that is sent as POST"
    # the secret stays, the name goes with it
    renamed = boss.post(update, json=_sent(name + " new")).json()
    assert _token(client, key).status_code == 401
    assert _token(client, {**key, "name": renamed["name"]}).status_code == 200
    ended = boss.post(update, json=_sent(name, expires=_in(seconds=1)))
    assert ended.status_code == 200
    time.sleep(1.1)
    assert program.get("/api/v1/user").status_code == 401


def _in(**more: float) -> str:
    return (datetime.now(UTC) + timedelta(**more)).isoformat()


def test_trusted_addresses_are_replaced_as_a_whole(boss: httpx.Client, client: httpx.Client, name: str) -> None:
    key = _make(boss, name, approvedIpAddresses=[{"ipAddress": "192.0.2.0/24"}, {"ipAddress": "2001:DB8::1"}])
    assert key["approvedIpAddresses"] == [{"ipAddress": "192.0.2.0/24"}, {"ipAddress": "2001:db8::1"}]
    refused = _token(client, key)
    assert refused.status_code == 403
    update = f"{KEYS}/{key['_id']}/update"
    assert boss.post(update, json=_sent(name)).json()["approvedIpAddresses"] == HERE
    assert _token(client, key).status_code == 200
    kept = {field: value for field, value in _sent(name).items() if field != "approvedIpAddresses"}
    assert boss.post(update, json=kept).json()["approvedIpAddresses"] == HERE, "an absent list stays"
    assert boss.post(update, json={**kept, "approvedIpAddresses": []}).json()["approvedIpAddresses"] == []
    assert _token(client, key).status_code == 403, "no address, no token"


def test_an_expiry_stays_goes_and_is_never_past(boss: httpx.Client, name: str) -> None:
    key = _make(boss, name, expires="2199-12-31")
    assert key["expires"] == "2199-12-31T23:59:59Z"
    update = f"{KEYS}/{key['_id']}/update"
    assert boss.post(update, json=_sent(name)).json()["expires"] == key["expires"]
    assert boss.post(update, json=_sent(name, expires="2199-01-01T00:00:00+02:00")).json()["expires"] == (
        "2198-12-31T22:00:00Z"
    )
    assert "expires" not in boss.post(update, json=_sent(name, expires=None)).json()
    for wrong in ("yesterday", "2020-01-01", "9999-12-31T23:59:59-23:00", ""):
        answer = boss.post(update, json=_sent(name, expires=wrong))
        assert answer.status_code == 400, wrong
        assert answer.json()["errors"][0]["field"] == "expires"


def test_deleting_ends_everything_at_once(served: Served, boss: httpx.Client, client: httpx.Client, name: str) -> None:
    key = _make(boss, name)
    program = _as(served, _token(client, key))
    answer = boss.post(f"{KEYS}/{key['_id']}/delete")
    assert answer.status_code == 200
    assert isinstance(answer.json(), str)
    assert program.get("/api/v1/user").status_code == 401
    assert _token(client, key).status_code == 401
    assert boss.post(f"{KEYS}/{key['_id']}/delete").status_code == 404
    assert boss.post(f"{KEYS}/{key['_id']}/update", json=_sent(name)).status_code == 404
    assert key["_id"] not in [entry["_id"] for entry in boss.get(KEYS).json()]
    assert _make(boss, name)["_id"] != key["_id"], "the name is free again"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"), ({"name": None}, "name"), ({"name": "x" * 201}, "name"),
        ({"keyType": "root"}, "keyType"),
        ({"scopes": "write"}, "scopes"), ({"scopes": ""}, "scopes"), ({"scopes": "read,delete"}, "scopes"),
        ({"approvedIpAddresses": [{"ipAddress": "localhost"}]}, "approvedIpAddresses[0].ipAddress"),
        ({"approvedIpAddresses": [{"description": "none"}]}, "approvedIpAddresses[0].ipAddress"),
        ({"approvedIpAddresses": "127.0.0.1"}, "approvedIpAddresses"),
        ({"approvedIpAddresses": HERE * 1001}, "approvedIpAddresses"),
    ],
)  # fmt: skip
def test_keys_that_cannot_be_are_refused(boss: httpx.Client, name: str, change: Any, field: str) -> None:
    before = boss.get(KEYS).json()
    answer = boss.post(KEYS, json={**_sent(name), **change})
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["field"] == field
    assert boss.get(KEYS).json() == before


def test_a_name_is_one_keys(boss: httpx.Client, world: World, name: str) -> None:
    _make(boss, name)
    other = _make(boss, name + " other")
    for answer in (
        boss.post(KEYS, json=_sent(name.upper())),
        boss.post(f"{KEYS}/{other['_id']}/update", json=_sent(name)),
    ):
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "name"
    elsewhere = world.served.client(headers=world.a.admin.headers)
    assert elsewhere.post(KEYS, json=_sent(name)).status_code == 200, "another organization's names are its own"


def test_a_key_without_scopes_from_before_is_not_bound(served: Served, world: World, shop: Organization) -> None:
    key = world.key(shop, "admin")
    world.change(API_KEYS, shop.id, key.id, scopes=None)
    assert served.client(headers=key.headers).post("/api/v1/customers/create", json={}).status_code == 201

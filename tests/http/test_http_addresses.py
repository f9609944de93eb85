"""Where a request comes from: trusted addresses of keys, proxies that are believed, failed attempts, metrics."""

import asyncio
import calendar
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from brassleaf.errors import TooMany
from brassleaf.security import attempts, passwords
from brassleaf.security.attempts import Attempts
from brassleaf.security.principals import API_KEYS, USERS, secret_hash
from brassleaf.settings import Settings, SettingsError, load
from brassleaf.store.port import StoreDown
from support.served import Served, serving
from support.world import PASSWORD, Organization, World

TOKEN = "/security/v1/token"


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server behind proxies, with few attempts."""
    folder = tmp_path_factory.mktemp("proxied")
    settings = {"trusted_proxies": "10.0.0.0/8, fd00::/8, 192.0.2.1", "metrics_from": "198.51.100.7, 2001:db8::/32"}
    with serving(folder, failed_attempts=3, **settings) as served:
        yield World(served)


def _sent(world: World, organization: Organization, secret: str) -> dict[str, str]:
    found = next(
        entry.document for entry in world.dump(organization) if entry.document.get("lastFour") and _is(entry, secret)
    )
    return {"apiKey": secret, "name": found["name"], "grantType": "client_credentials"}


def _is(entry: Any, secret: str) -> bool:
    return bool(entry.document["secretHash"] == secret_hash(secret))


@pytest.fixture
def ask(world: World) -> Callable[..., int]:
    """Ask for a token with a key that trusts some addresses, from an address."""

    def asking(trusted: tuple[str, ...], address: str | None, **headers: str) -> int:
        sent = _sent(world, world.a, world.key(world.a, "admin", trusted).secret)
        return world.served.from_address("POST", TOKEN, address, json=sent, headers=headers).status_code

    return asking


@pytest.mark.parametrize(
    ("trusted", "address", "status"),
    [
        (("192.0.2.7",), "192.0.2.7", 200),
        (("192.0.2.7",), "192.0.2.8", 403),
        (("192.0.2.7/32",), "192.0.2.7", 200),
        (("192.0.2.0/24",), "192.0.2.255", 200),
        (("192.0.2.0/24",), "192.0.3.0", 403),
        (("192.0.2.9/24",), "192.0.2.1", 200),
        (("203.0.113.1", "192.0.2.0/28"), "192.0.2.15", 200),
        (("203.0.113.1", "192.0.2.0/28"), "192.0.2.16", 403),
        (("2001:db8::1",), "2001:db8::1", 200),
        (("2001:db8::1",), "2001:db8:0:0:0:0:0:1", 200),
        (("2001:DB8::/32",), "2001:db8:ffff::1", 200),
        (("2001:db8::/32",), "2001:db9::1", 403),
        (("192.0.2.7",), "::ffff:192.0.2.7", 200),
        (("192.0.2.7",), "::ffff:192.0.2.8", 403),
        (("::ffff:0:0/96",), "192.0.2.7", 403),
        (("0.0.0.0/0",), "192.0.2.7", 200),
        (("0.0.0.0/0",), "2001:db8::1", 403),
        (("::/0",), "192.0.2.7", 403),
        (("0.0.0.0/0", "::/0"), "2001:db8::1", 200),
        (("fe80::1",), "fe80::1%eth0", 200),
        ((), "192.0.2.7", 403),
        ((), None, 403),
        (("0.0.0.0/0", "::/0"), None, 403),
        (("0.0.0.0/0",), "testclient", 403),
    ],
)
def test_a_key_mints_tokens_from_trusted_addresses_only(
    ask: Callable[..., int], trusted: tuple[str, ...], address: str | None, status: int
) -> None:
    assert ask(trusted, address) == status


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP"]
)
def test_without_a_configured_proxy_no_header_is_believed(ask: Callable[..., int], header: str) -> None:
    value = "for=192.0.2.7" if header == "Forwarded" else "192.0.2.7"
    assert ask(("192.0.2.7",), "203.0.113.9", **{header: value}) == 403
    assert ask(("203.0.113.9",), "203.0.113.9", **{header: value}) == 200


@pytest.mark.parametrize(
    ("peer", "chain", "trusted", "status"),
    [
        ("10.1.2.3", "192.0.2.7", "192.0.2.7", 200),
        ("10.1.2.3", "192.0.2.7", "10.1.2.3", 403),
        ("10.1.2.3", None, "10.1.2.3", 200),
        ("10.1.2.3", "192.0.2.7, 10.9.9.9", "192.0.2.7", 200),
        ("10.1.2.3", "192.0.2.7, 10.9.9.9, 192.0.2.1", "192.0.2.7", 200),
        # whoever is nearest wrote last: what a client wrote before is not believed
        ("10.1.2.3", "192.0.2.7, 203.0.113.66", "192.0.2.7", 403),
        ("10.1.2.3", "192.0.2.7, 203.0.113.66", "203.0.113.66", 200),
        ("10.1.2.3", "192.0.2.7, 203.0.113.66, 10.0.0.1", "192.0.2.7", 403),
        ("10.1.2.3", "192.0.2.7, rubbish", "192.0.2.7", 403),
        ("10.1.2.3", "192.0.2.7, ", "192.0.2.7", 403),
        ("10.1.2.3", "rubbish, 192.0.2.7", "192.0.2.7", 200),
        ("10.1.2.3", "192.0.2.7:4711", "192.0.2.7", 403),
        ("10.1.2.3", "10.0.0.5, 10.0.0.6", "10.0.0.5", 200),
        ("10.1.2.3", "2001:db8::7", "2001:db8::7", 200),
        ("10.1.2.3", "[2001:db8::7]", "2001:db8::7", 200),
        ("10.1.2.3", "::ffff:192.0.2.7", "192.0.2.7", 200),
        ("fd00::1", "192.0.2.7", "192.0.2.7", 200),
        ("::ffff:10.1.2.3", "192.0.2.7", "192.0.2.7", 200),
        ("192.0.2.1", "192.0.2.7", "192.0.2.7", 200),
        ("192.0.2.2", "192.0.2.7", "192.0.2.7", 403),
        ("203.0.113.66", "192.0.2.7", "192.0.2.7", 403),
        ("203.0.113.66", "10.0.0.1", "10.0.0.0/8", 403),
    ],
)
def test_a_chain_of_proxies_is_read_from_the_right(
    proxied: World, peer: str, chain: str | None, trusted: str, status: int
) -> None:
    sent = _sent(proxied, proxied.a, proxied.key(proxied.a, "admin", (trusted,)).secret)
    headers = {"X-Forwarded-For": chain} if chain is not None else {}
    response = proxied.served.from_address("POST", TOKEN, peer, json=sent, headers=headers)
    assert response.status_code == status, response.text


def test_several_header_lines_are_one_chain(proxied: World) -> None:
    sent = _sent(proxied, proxied.a, proxied.key(proxied.a, "admin", ("192.0.2.7",)).secret)
    for lines, status in ((("1.1.1.1", "192.0.2.7"), 200), (("192.0.2.7", "1.1.1.1"), 403)):
        headers = [("X-Forwarded-For", line) for line in lines]
        assert proxied.served.from_address("POST", TOKEN, "10.1.1.1", json=sent, headers=headers).status_code == status


# -- tokens -----------------------------------------------------------------------------------------------------------


def test_both_documented_shapes_are_answered_at_once(world: World, client: httpx.Client) -> None:
    key = world.key(world.a, "admin")
    sent = _sent(world, world.a, key.secret)
    for body in (sent, {"params": sent}):
        answer = client.post(TOKEN, json=body).json()
        assert answer["data"] == {"securityToken": answer["securityToken"], "expires": answer["expires"]}
        found = client.get("/api/v1/user", headers={"Authorization": f"Bearer {answer['securityToken']}"}).json()
        assert (found["_id"], found["role"]) == (key.id, "admin")
    moment = time.strptime(answer["expires"], "%Y-%m-%dT%H:%M:%SZ")
    assert 3590 < calendar.timegm(moment) - time.time() <= 3600


def test_a_user_signs_in_with_a_password(world: World, client: httpx.Client) -> None:
    user = world.user(world.a, "regular")
    email = next(e.document["email"] for e in world.dump(world.a) if e.document["_id"] == user.id)
    for name in ("email", "name"):
        for spelled in (email, email.upper()):
            answer = client.post(TOKEN, json={"grantType": "password", name: spelled, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            headers = {"Authorization": f"Bearer {answer.json()['securityToken']}"}
            assert client.get("/api/v1/user", headers=headers).json()["role"] == "regular"


def test_a_token_works_from_any_address(world: World) -> None:
    for address in ("203.0.113.200", "2001:db8::200"):
        response = world.served.from_address(
            "GET", "/api/v1/user", address, headers=world.a.people["key admin"].headers
        )
        assert response.status_code == 200


def test_who_is_not_known_is_told_nothing_more(world: World, client: httpx.Client) -> None:
    """An unknown key, another name, an expired and a deleted key are answered alike; users too."""
    good = world.key(world.a, "admin")
    sent = _sent(world, world.a, good.secret)
    expired = world.key(world.a, "admin", expires="2020-01-01T00:00:00Z")
    deleted = world.key(world.a, "admin")
    deleted_sent = _sent(world, world.a, deleted.secret)
    world.change(API_KEYS, world.a.id, deleted.id, deleted=True)
    other = _sent(world, world.b, world.key(world.b, "admin").secret)["name"]
    bad = [
        {**sent, "apiKey": "blk_x"},
        {**sent, "name": "x"},
        {**sent, "name": other},
        _sent(world, world.a, expired.secret),
        deleted_sent,
        {**sent, "apiKey": sent["apiKey"] + " "},
        {**sent, "apiKey": sent["apiKey"][:-1]},
    ]
    answers = {client.post(TOKEN, json=body).json()["message"] for body in bad}
    assert len(answers) == 1
    assert [client.post(TOKEN, json=body).status_code for body in bad] == [401] * len(bad)

    user = world.user(world.a, "admin")
    email = next(e.document["email"] for e in world.dump(world.a) if e.document["_id"] == user.id)
    gone = world.user(world.a, "admin")
    gone_email = next(e.document["email"] for e in world.dump(world.a) if e.document["_id"] == gone.id)
    world.change(USERS, world.a.id, gone.id, deleted=True)
    no_password = world.user(world.a, "admin", passwordHash=None)
    none_email = next(e.document["email"] for e in world.dump(world.a) if e.document["_id"] == no_password.id)
    tries = [
        (email, "wrong"),
        ("nobody@example.com", PASSWORD),
        (gone_email, PASSWORD),
        (none_email, PASSWORD),
        (none_email, "None"),
    ]
    said = set()
    for name, password in tries:
        response = client.post(TOKEN, json={"grantType": "password", "email": name, "password": password})
        assert response.status_code == 401, response.text
        said.add(response.json()["message"])
    assert len(said) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"grantType": "client_credentials"},
        {"grantType": "password"},
        {"grantType": "refresh_token", "apiKey": "x", "name": "y"},
        {"apiKey": "x", "name": "y"},
        {"grantType": "client_credentials", "apiKey": "x"},
        {"grantType": "CLIENT_CREDENTIALS"},
        {"grantType": "client_credentials", "apiKey": 1, "name": "x"},
        {"grantType": "client_credentials", "apiKey": "x" * 2000, "name": "x"},
        {"grantType": "client_credentials", "apiKey": "", "name": ""},
        {"grantType": "password", "email": "x"},
        [],
        None,
        "x",
    ],
)
def test_a_malformed_sign_in_is_a_400(client: httpx.Client, body: Any) -> None:
    response = client.post(TOKEN, json=body)
    assert response.status_code == 400, response.text
    assert response.json()["errors"]


def test_a_secret_is_never_repeated(world: World, client: httpx.Client) -> None:
    for body in (
        {"grantType": "client_credentials", "apiKey": "hunter2", "name": "x"},
        {"grantType": "nothing", "apiKey": "hunter2", "name": ["hunter2"], "password": {"hunter2": 1}},
        {"grantType": "password", "email": "x", "password": "hunter2"},
    ):
        response = client.post(TOKEN, json=body)
        assert "hunter2" not in response.text


# -- attempts ---------------------------------------------------------------------------------------------------------


def test_after_failed_attempts_one_has_to_wait(proxied: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = {"apiKey": "blk_x", "name": "x", "grantType": "client_credentials"}
    good = _sent(proxied, proxied.a, proxied.key(proxied.a, "admin", ("0.0.0.0/0",)).secret)

    def ask(address: str, body: Any, **headers: str) -> httpx.Response:
        return proxied.served.from_address("POST", TOKEN, address, json=body, headers=headers)

    assert [ask("203.0.113.1", bad).status_code for _ in range(3)] == [401] * 3
    refused = ask("203.0.113.1", good)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 300
    assert refused.headers["retry-after"] in refused.json()["message"]
    # spelled another way it is the same address; a header of its own does not make it another
    assert ask("::ffff:203.0.113.1", good).status_code == 429
    assert ask("203.0.113.1", good, **{"X-Forwarded-For": "203.0.113.2"}).status_code == 429
    assert ask("10.0.0.1", good, **{"X-Forwarded-For": "203.0.113.1"}).status_code == 429
    # others are not kept out, and what is no attempt does not count
    assert ask("203.0.113.2", good).status_code == 200
    assert ask("10.0.0.1", good, **{"X-Forwarded-For": "203.0.113.3"}).status_code == 200
    for _ in range(5):
        assert ask("203.0.113.4", {"grantType": "x"}).status_code == 400
    assert ask("203.0.113.4", good).status_code == 200
    later = time.monotonic() + attempts.WINDOW + 1
    monkeypatch.setattr(attempts.time, "monotonic", lambda: later)
    assert ask("203.0.113.1", good).status_code == 200


def _at_once(served: Served, address: str, bodies: list[dict[str, str]]) -> list[int]:
    """The statuses of sign-ins from one address that are all under way together."""

    async def send() -> list[int]:
        transport = httpx.ASGITransport(served.app, client=(address, 4711))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://server", verify=False) as asking:
            return [answer.status_code for answer in await asyncio.gather(*(_ask(asking, body) for body in bodies))]

    async def _ask(asking: httpx.AsyncClient, body: dict[str, str]) -> httpx.Response:
        return await asking.post(TOKEN, json=body)

    return served.run(send())


def test_guesses_in_parallel_are_as_few_as_one_after_the_other(proxied: World) -> None:
    person = proxied.user(proxied.a, "regular")
    email = next(entry.document["email"] for entry in proxied.dump(proxied.a) if entry.id == person.id)
    right = {"grantType": "password", "email": email, "password": PASSWORD}
    statuses = _at_once(
        proxied.served, "203.0.113.20", [{**right, "password": f"Guess-{n}"} for n in range(12)] + [right]
    )
    assert (statuses.count(401), statuses.count(429)) == (3, 10)
    assert statuses[-1] == 429, "the right one among the many is not tried either"
    assert _at_once(proxied.served, "203.0.113.21", [right] * 12) == [200] * 12, "honest ones only wait"
    keys = [{"apiKey": f"blk_{n}", "name": "x", "grantType": "client_credentials"} for n in range(12)]
    assert sorted(_at_once(proxied.served, "203.0.113.22", keys)) == [401] * 3 + [429] * 9


def test_passwords_are_checked_for_so_many_at_once_only(proxied: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many addresses ask: who signs in waits for few others."""
    checking = passwords.Passwords()
    monkeypatch.setattr(passwords, "MOST", 4)

    async def check(count: int) -> list[Any]:
        return await asyncio.gather(*(checking.are_equal(None, "x") for _ in range(count)), return_exceptions=True)

    found = proxied.served.run(check(6))
    assert found[:4] == [False] * 4
    assert [type(answer) for answer in found[4:]] == [TooMany] * 2
    assert proxied.served.run(check(4)) == [False] * 4, "and afterwards as many again"
    monkeypatch.setattr(passwords, "MOST", 0)
    sent = {"grantType": "password", "email": "x@shop.example", "password": PASSWORD}
    for _ in range(4):
        answer = proxied.served.from_address("POST", TOKEN, "203.0.113.23", json=sent)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    monkeypatch.setattr(passwords, "MOST", 1)
    assert proxied.served.from_address("POST", TOKEN, "203.0.113.23", json=sent).status_code == 401


def test_an_address_that_asks_without_end_is_refused_and_leaves_nothing_behind() -> None:
    counting = Attempts(2)
    held, tried = asyncio.Event(), 0

    async def attempt() -> None:
        nonlocal tried
        async with counting.counted("here"):
            tried += 1
            await held.wait()

    async def crowd() -> list[Any]:
        running = [asyncio.create_task(attempt()) for _ in range(2 + attempts.WAITING + 3)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert tried == 2
        for gone in running[2:12]:
            gone.cancel()
        held.set()
        return await asyncio.gather(*running, return_exceptions=True)

    found = asyncio.run(crowd())
    kinds = [type(answer) for answer in found]
    assert kinds[-3:] == [TooMany] * 3
    assert kinds.count(asyncio.CancelledError) == 10
    assert found.count(None) == tried == 2 + attempts.WAITING - 10
    assert counting._under_way == {}


def test_an_address_does_not_multiply_by_its_network(proxied: World) -> None:
    """Whoever has one IPv6 address has 2^64 of them."""
    bad = {"apiKey": "blk_x", "name": "x", "grantType": "client_credentials"}
    statuses = [
        proxied.served.from_address("POST", TOKEN, f"2001:db8:5:5::{number:x}", json=bad).status_code
        for number in range(1, 6)
    ]
    assert statuses == [401] * 3 + [429] * 2


# -- for operators ----------------------------------------------------------------------------------------------------


def test_health_and_readiness_need_no_token(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_readiness_tells_that_the_store_is_down(
    served: Served, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down() -> None:
        raise StoreDown("The data file could not be written.")

    monkeypatch.setattr(served.store, "ping", down)
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_metrics_are_for_configured_addresses(served: Served, proxied: World, client: httpx.Client) -> None:
    client.get("/healthz")  # so that there is something to count
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert 'brassleaf_requests_total{method="GET"' in answer.text
    for address in ("192.0.2.7", "2001:db8::1", None):
        assert served.from_address("GET", "/metrics", address).status_code == 403
        assert (
            served.from_address("GET", "/metrics", address, headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403
        )
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        assert served.from_address("GET", "/metrics", address).status_code == 200
    behind = proxied.served
    assert behind.from_address("GET", "/metrics", "127.0.0.1").status_code == 403
    assert behind.from_address("GET", "/metrics", "198.51.100.7").status_code == 200
    assert (
        behind.from_address("GET", "/metrics", "10.0.0.1", headers={"X-Forwarded-For": "2001:db8::9"}).status_code
        == 200
    )


def test_metrics_tell_nothing_of_ids_and_do_not_grow_with_addresses(world: World, client: httpx.Client) -> None:
    for number in range(20):
        client.get(f"/api/v1/nothing/{number}")
        client.get(f"/api/v1/customer/{number:024x}", headers=world.a.admin.headers)
    text = client.get("/metrics").text
    assert "nothing/" not in text
    assert world.a.standing["customer"] not in text
    assert f"{3:024x}" not in text
    assert "/api/v1/customer/{customerId}" in text


def test_settings_say_what_is_wrong(tmp_path: Path) -> None:
    for name, value in (
        ("trusted_proxies", "10.0.0.0/99"),
        ("body_limit", 5),
        ("secret", "short"),
        ("store", "postgres://x"),
    ):
        with pytest.raises(SettingsError, match=f"BRASSLEAF_{name.upper()}"):
            load(**{name: value})
    assert load(trusted_proxies="10.0.0.1, ::1", data=tmp_path) == Settings(
        trusted_proxies="10.0.0.1,::1", data=tmp_path
    )

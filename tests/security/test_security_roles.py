"""Who may call what, for every route that there is: roles, missing and dead tokens, forged ones."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwt

from brassleaf.security.principals import API_KEYS, USERS
from brassleaf.security.roles import ROLES
from brassleaf.security.rooms import Endpoint
from support.filling import COST, COST_NAME, MARGIN
from support.leaks import names_in
from support.routes import GUARDED, application, endpoints, method_of, name_of, operation_of
from support.world import Person, World

PEOPLE = (
    "user admin",
    "user regular",
    "user restricted",
    "key admin",
    "key full-access",
    "key read-only",
    "key customer",
    "key customer for one",
)
EVERY_ROUTE = pytest.mark.parametrize("route", GUARDED, ids=name_of)


def test_every_route_of_the_api_is_declared_in_a_room() -> None:
    undeclared = [
        getattr(route, "path", str(route))
        for route in application().router.routes
        if not isinstance(route, Endpoint)
        and getattr(route, "path", "")
        not in ("/", "/docs", "/docs/static", "/openapi.json", "/healthz", "/readyz", "/metrics")
    ]
    assert undeclared == [], "declare these in a Room, so that the gate stands before them"


def test_only_signing_in_needs_no_token() -> None:
    assert {name_of(route) for route in endpoints() if route.policy.allow is None} == {
        "POST /security/v1/token",
        "POST /security/v1/forgotpassword",  # asks for such a mail
        "POST /security/v1/resetpassword",  # with the code of a mail, for those who cannot sign in
    }


def test_roles_are_those_that_are_there() -> None:
    for route in GUARDED:
        assert route.policy.allow, f"{name_of(route)} is open to nobody"
        assert route.policy.allow <= set(ROLES)
        assert "admin" in route.policy.allow, f"{name_of(route)} is closed to admins"


@EVERY_ROUTE
def test_restricted_and_customers_change_nothing_but_what_a_web_shop_makes(route: Endpoint) -> None:
    assert route.policy.allow is not None
    if route.policy.writes and not route.policy.users_only:  # the own account is everybody's
        assert "restricted" not in route.policy.allow
    elif method_of(route) == "GET":
        assert not route.policy.writes


@EVERY_ROUTE
@pytest.mark.parametrize("who", PEOPLE)
def test_a_role_may_do_what_its_route_allows_and_no_more(
    world: World, client: httpx.Client, who: str, route: Endpoint
) -> None:
    person = world.a.people[who]
    assert route.policy.allow is not None
    call = world.call(route, full=person.role == "admin")
    before = [] if person.role in route.policy.allow else world.dump(world.a)
    response = call.send(client, person.headers)
    if getattr(route.policy, "users_only", False) and person.kind == "key":
        assert response.status_code == 403, response.text
    elif person.role in route.policy.allow:
        assert response.status_code not in (401, 403), response.text
        if person.role == "admin":
            assert response.status_code < 400, f"the example of {name_of(route)} is refused: {response.text}"
    else:
        assert response.status_code == 403, response.text
        assert person.role in response.json()["message"]
        assert world.dump(world.a) == before


@EVERY_ROUTE
def test_reads_change_nothing(world: World, client: httpx.Client, route: Endpoint) -> None:
    if route.policy.writes:
        return
    call = world.call(route)
    before = world.dump(world.a)
    assert call.send(client, world.a.admin.headers).status_code < 400
    assert world.dump(world.a) == before


# -- tokens -------------------------------------------------------------------------------------------------------


def _claims(world: World, **changed: Any) -> dict[str, Any]:
    issued = int(time.time())
    person = world.a.admin
    claims = {"sub": person.id, "org": world.a.id, "kind": "user", "iat": issued, "exp": issued + 3600, "jti": "0"}
    return {name: value for name, value in {**claims, **changed}.items() if value is not None}


def _signed(world: World, key: str | None = None, algorithm: str = "HS256", **changed: Any) -> str:
    secret = key or world.served.parts.tokens._key
    return str(jwt.encode(_claims(world, **changed), secret, algorithm=algorithm))


def _unsigned(world: World, algorithm: str, signature: str = "") -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(_claims(world))}.{signature}"


def _rsa_pair() -> tuple[str, str]:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def _hmac_with(world: World, key: str) -> str:
    """What python-jose refuses to sign: HMAC with a text that looks like a public key."""
    head = _unsigned(world, "HS256").rstrip(".")
    made = hmac.new(key.encode(), head.encode(), hashlib.sha256).digest()
    return head + "." + base64.urlsafe_b64encode(made).decode().rstrip("=")


@pytest.fixture(scope="module")
def bad_headers(world: World) -> dict[str, str | bytes | None]:
    """Authorization headers that admit nobody, each by what is wrong with it."""
    good = world.a.admin.token
    head, body, signature = good.split(".")
    private, public = _rsa_pair()
    other = base64.urlsafe_b64encode(json.dumps(_claims(world, sub=world.a.people["key admin"].id)).encode())
    tokens: dict[str, str] = {
        "expired": _signed(world, exp=int(time.time()) - 1),
        "expired long ago": _signed(world, exp=0),
        "another key": _signed(world, "another key of thirty-two letters"),
        "empty key": _hmac_with(world, ""),
        "another claim under the same signature": f"{head}.{other.decode().rstrip('=')}.{signature}",
        "alg none": _unsigned(world, "none"),
        "alg None": _unsigned(world, "None"),
        "alg nOnE with the signature": _unsigned(world, "nOnE", signature),
        "RS256": _signed(world, private, "RS256"),
        "HS256 with a public key": _hmac_with(world, public),
        "HS512": _signed(world, algorithm="HS512"),
        "truncated": good[:-1],
        "truncated body": f"{head}.{body[:-8]}.{signature}",
        "without signature": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "twice": f"{good}.{good}",
        "trailing": good + "AAAA",
        "no expiry": _signed(world, exp=None),
        "no subject": _signed(world, sub=None),
        "no organization": _signed(world, org=None),
        "another kind": _signed(world, kind="system"),
        "subject of another organization": _signed(world, sub=world.b.admin.id),
        "organization of another": _signed(world, org=world.b.id),
        "the key's id as a user": _signed(world, sub=world.a.people["key admin"].id),
        "the user's id as a key": _signed(world, kind="key"),
        "subject not an id": _signed(world, sub="' OR 1=1 --"),
        "nobody": _signed(world, sub="0" * 24),
        "rubbish": "rubbish",
        "dots": "..",
        "very long": "A" * 7000,
    }
    found: dict[str, str | bytes | None] = {name: f"Bearer {token}" for name, token in tokens.items()}
    basic = base64.b64encode(b"admin:admin").decode()
    found.update(
        {
            "none": None,
            "empty": "",
            "only the scheme": "Bearer",
            "Basic": f"Basic {basic}",
            "another scheme": f"Token {good}",
            "no scheme": good,
            "a colon": f"Bearer: {good}",
            "latin letters": b"Bearer \xff\xfe\xe9",
        }
    )
    return found


READ = next(route for route in GUARDED if method_of(route) == "GET")
WRITE = next(route for route in GUARDED if route.policy.writes)
TELLING = ("none", "expired", "another key", "alg none", "organization of another")


@EVERY_ROUTE
def test_no_token_and_bad_tokens_are_answered_401(
    world: World, client: httpx.Client, bad_headers: dict[str, str | bytes | None], route: Endpoint
) -> None:
    call = world.call(route)
    before = world.dump(world.a)
    let_in = []
    # there is one gate: two routes are asked with all of them, every other with those that differ most
    tried = bad_headers if route in (READ, WRITE) else {name: bad_headers[name] for name in TELLING}
    for name, header in tried.items():
        headers: dict[str, Any] = {} if header is None else {"Authorization": header}
        response = call.send(client, headers)
        if response.status_code != 401 or "www-authenticate" not in response.headers:
            let_in.append(f"{name}: {response.status_code} {response.text[:200]}")
    assert let_in == []
    # the token has no other place than its header
    assert client.request(call.method, call.url + f"?security_token={world.a.admin.token}").status_code == 401
    assert (
        client.request(call.method, call.url, headers={"Cookie": f"Authorization={world.a.admin.token}"}).status_code
        == 401
    )
    assert world.dump(world.a) == before


def test_the_scheme_is_read_in_any_case(world: World, client: httpx.Client) -> None:
    for scheme in ("bearer", "BEARER", "Bearer"):
        response = client.get("/api/v1/user", headers={"Authorization": f"{scheme} {world.a.admin.token}"})
        assert response.status_code == 200


def test_two_authorization_headers_admit_nobody_else(world: World, client: httpx.Client) -> None:
    headers = [("Authorization", "Bearer rubbish"), ("Authorization", f"Bearer {world.a.admin.token}")]
    assert client.get("/api/v1/user", headers=headers).status_code == 401


def _deleted(person: Person) -> dict[str, Any]:
    return {"deleted": True}


def _expired(person: Person) -> dict[str, Any]:
    return {"expires": "2020-01-01T00:00:00Z"}


@EVERY_ROUTE
@pytest.mark.parametrize("end", [_deleted, _expired], ids=["deleted", "expired"])
def test_a_token_is_dead_as_soon_as_its_key_or_user_is(
    world: World, client: httpx.Client, route: Endpoint, end: Callable[[Person], dict[str, Any]]
) -> None:
    call = world.call(route)
    for person, collection in ((world.user(world.a, "admin"), USERS), (world.key(world.a, "admin"), API_KEYS)):
        assert client.get("/api/v1/user", headers=person.headers).status_code == 200
        world.change(collection, world.a.id, person.id, **end(person))
        assert call.send(client, person.headers).status_code == 401


def test_a_changed_role_counts_at_once(world: World, client: httpx.Client) -> None:
    person = world.user(world.a, "admin")
    assert client.post("/api/v1/customers/create", json={}, headers=person.headers).status_code == 201
    world.change(USERS, world.a.id, person.id, role="restricted")
    assert client.post("/api/v1/customers/create", json={}, headers=person.headers).status_code == 403
    assert client.get("/api/v1/user", headers=person.headers).json()["role"] == "restricted"


def test_an_unknown_key_type_or_role_is_the_least(world: World, client: httpx.Client) -> None:
    key = world.key(world.a, "admin")
    world.change(API_KEYS, world.a.id, key.id, keyType="root")
    assert client.get("/api/v1/user", headers=key.headers).json()["role"] == "restricted"
    user = world.user(world.a, "admin")
    world.change(USERS, world.a.id, user.id, role=None)
    assert client.get("/api/v1/user", headers=user.headers).json()["role"] == "restricted"


def test_a_gate_comes_before_everything_that_a_stranger_could_learn(world: World, client: httpx.Client) -> None:
    """Nobody learns without a token whether an id, a body or an idempotency key is good."""
    for route in GUARDED:
        if method_of(route) == "POST":
            path = route.path_format.replace("{", "").replace("}", "")
            for content in (b"", b"{", b"x" * 2_000_000):
                response = client.post(path, content=content, headers={"Idempotency-Key": "k" * 300})
                assert response.status_code == 401, name_of(route)


def test_every_guarded_operation_says_so_in_the_documentation() -> None:
    for route in endpoints():
        declared = operation_of(route).get("security")
        assert declared == ([{"securityToken": []}] if route.policy.allow is not None else None), name_of(route)


@EVERY_ROUTE
def test_who_may_not_see_costs_may_not_set_them(world: World, client: httpx.Client, route: Endpoint) -> None:
    assert route.policy.allow is not None
    if not route.policy.writes:
        return
    call = world.call(route)
    for who in ("user regular", "user restricted", "key customer for one"):
        person = world.a.people[who]
        if person.role in route.policy.allow and _has_cost(call.body):
            before = _costs(world)
            response = call.send(client, person.headers, body=_other_costs(call.body))
            assert response.status_code == 403 or _costs(world) == before, (
                f"{name_of(route)} lets the role {person.role} set costs or margins that it may not see"
            )


def _has_cost(body: Any) -> bool:
    return any(COST_NAME.search(name) for name in names_in(body))


def _other_costs(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _other_costs(value) for name, value in node.items()}
    if isinstance(node, list):
        return [_other_costs(entry) for entry in node]
    return 1.25 if node in (COST, MARGIN) else node


def _costs(world: World) -> dict[str, Any]:
    """Every cost and margin in the store, by document."""
    found = {}
    for entry in world.dump(world.a):
        costs = list(_values(entry.document, named=False))
        if costs:
            found[entry.document["_id"]] = costs
    return found


def _values(node: Any, *, named: bool) -> Iterator[Any]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _values(value, named=bool(COST_NAME.search(name)))
    elif isinstance(node, list):
        for entry in node:
            yield from _values(entry, named=named)
    elif named:
        yield node

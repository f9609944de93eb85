"""Users: invitations, roles, the own account, passwords by mail, and the admin who must remain."""

import base64
import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sent_mails import code_in, outbox

from brassleaf.errors import Refused, TooMany
from brassleaf.organizations.users.accounts import Users
from brassleaf.security.attempts import Attempts
from brassleaf.security.codes import LIVES
from support.served import Served
from support.world import PASSWORD, Organization, Person, World

API = "/api/v1"
ORG = f"{API}/organization"
REDEEM = "/security/v1/resetpassword"
BETTER = "Better-Pass-8"


@pytest.fixture
def shop(world: World) -> Organization:
    return world.founded(f"People{next(world.count)}")


@pytest.fixture
def boss(served: Served, shop: Organization) -> Iterator[httpx.Client]:
    with served.client(headers=shop.admin.headers) as made:
        yield made


@pytest.fixture
def address(world: World) -> str:
    return f"New.Person{next(world.count)}@shop.example"


def _sign_in(client: httpx.Client, email: str, password: str) -> httpx.Response:
    return client.post("/security/v1/token", json={"grantType": "password", "email": email, "password": password})


def _as(served: Served, person: Person) -> httpx.Client:
    return served.client(headers=person.headers)


def _invite(client: httpx.Client, *entries: dict[str, Any]) -> httpx.Response:
    return client.post(f"{ORG}/users/invite", json={"emailAddresses": list(entries)})


def _invited(client: httpx.Client, email: str, **more: Any) -> str:
    answer = _invite(client, {"email": email, **more})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["users"][0]["_id"])


def _users(client: httpx.Client) -> dict[str, dict[str, Any]]:
    return {entry["email"]: entry for entry in client.get(f"{ORG}/users?itemsPerPage=1000").json()["items"]}


def _refused(response: httpx.Response, field: str | None = None) -> str:
    assert response.status_code == 400, response.text
    if field is not None:
        assert response.json()["errors"][0]["field"] == field, response.text
    return str(response.json()["message"])


# -- invitations ------------------------------------------------------------------------------------------------------


def test_an_invitation_from_mail_to_sign_in(
    served: Served, shop: Organization, boss: httpx.Client, client: httpx.Client, address: str
) -> None:
    answer = _invite(boss, {"email": address})
    [user] = answer.json()["users"]
    assert user == {**user, "email": address, "role": "restricted", "status": "invited", "mailSent": True}
    [mail] = outbox(served.settings.data, address)
    assert shop.marker in str(mail["From"])
    assert shop.marker in mail.get_content()
    assert code_in(mail) not in answer.text
    assert _sign_in(client, address, "").status_code in (400, 401)
    assert client.post(REDEEM, json={"token": code_in(mail), "password": BETTER}).status_code == 200
    listed = _users(boss)[address]
    assert (listed["status"], listed["role"]) == ("active", "restricted")
    assert "lastLogin" not in listed
    token = _sign_in(client, address.upper(), BETTER)
    assert token.status_code == 200
    assert _users(boss)[address]["lastLogin"]
    own = served.client(headers={"Authorization": f"Bearer {token.json()['securityToken']}"})
    assert own.get(f"{API}/user").json()["role"] == "restricted"
    assert own.get(f"{ORG}/userroles").json() == ["restricted"]
    assert own.get(f"{ORG}/userrolesandsubscription").json() == {"roles": ["restricted"], "subscription": "enterprise"}


def test_a_password_to_begin_with_is_not_mailed(
    served: Served, boss: httpx.Client, client: httpx.Client, address: str
) -> None:
    _invited(boss, address, password=PASSWORD)
    [mail] = outbox(served.settings.data, address)
    assert PASSWORD not in mail.as_string()
    assert _users(boss)[address]["status"] == "invited"
    assert _sign_in(client, address, PASSWORD).status_code == 200
    assert _users(boss)[address]["status"] == "active"


def test_all_are_invited_or_none(served: Served, world: World, boss: httpx.Client, address: str) -> None:
    before, good = _users(boss), {"email": address, "password": PASSWORD}
    known = next(iter(before))
    elsewhere = f"{world.b.marker}.admin"
    foreign = next(entry.document["email"] for entry in world.dump(world.b) if entry.collection == "users")
    assert elsewhere.lower() in foreign
    for bad, field in (
        ({"email": "no address"}, "emailAddresses[1].email"),
        ({"email": "a@x.example, b@x.example"}, "emailAddresses[1].email"),
        ({"email": "Bcc: <a@x.example>"}, "emailAddresses[1].email"),
        ({"email": "a\n@x.example"}, "emailAddresses[1].email"),
        ({}, "emailAddresses[1].email"),
        ({"email": "weak@shop.example", "password": "weak"}, "emailAddresses[1].password"),
        ({"email": address.upper()}, "emailAddresses[1].email"),
        ({"email": known}, "emailAddresses[1].email"),
        ({"email": foreign}, "emailAddresses[1].email"),
    ):
        _refused(_invite(boss, good, bad), field)
    for none in ([], None):
        assert boss.post(f"{ORG}/users/invite", json={"emailAddresses": none}).status_code == 400
    assert (
        boss.post(
            f"{ORG}/users/invite", json={"emailAddresses": [{"email": f"{n}@x.example"} for n in range(51)]}
        ).status_code
        == 400
    )
    assert _users(boss) == before
    assert outbox(served.settings.data, address) == []


def test_invited_at_once_by_two_is_invited_once(
    served: Served, shop: Organization, boss: httpx.Client, address: str
) -> None:
    others = [f"{n}.{address}" for n in range(4)]
    together = threading.Barrier(4)

    def invite(n: int) -> httpx.Response:
        with served.client(headers=shop.admin.headers) as own:
            together.wait()
            return _invite(own, {"email": others[n]}, {"email": address})

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(invite, range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    assert len([email for email in _users(boss) if email.endswith(address)]) == 2, "of the refused nobody is left"


def test_a_reminder_ends_no_mail_before_and_the_first_code_used_ends_all(
    served: Served, boss: httpx.Client, client: httpx.Client, address: str
) -> None:
    id_ = _invited(boss, address)
    assert boss.post(f"{ORG}/user/{id_}/remind").status_code == 200
    assert boss.post(f"{ORG}/user/{id_}/remind").status_code == 200
    first, second, third = map(code_in, outbox(served.settings.data, address))
    assert client.post(REDEEM, json={"token": second, "password": BETTER}).status_code == 200
    for other in (first, third):
        _refused(client.post(REDEEM, json={"token": other, "password": "Third-Pass-9"}), "token")
    assert "accepted" in _refused(boss.post(f"{ORG}/user/{id_}/remind"))


def test_a_stranger_ends_neither_an_invitation_nor_a_reset(
    served: Served, boss: httpx.Client, client: httpx.Client, address: str
) -> None:
    """Whoever asks for codes for somebody else sends mails, and that is all."""
    _invited(boss, address)
    for count in range(2, 5):
        assert client.post(FORGOT, json={"email": address}).status_code == 200
        _mails(served, address, count)
    invitation, reset, *others = map(code_in, outbox(served.settings.data, address))
    assert client.post(REDEEM, json={"token": reset, "password": BETTER}).status_code == 200
    for other in (invitation, *others):
        _refused(client.post(REDEEM, json={"token": other, "password": "Third-Pass-9"}), "token")
    assert _sign_in(client, address, BETTER).status_code == 200


def test_who_signs_in_with_the_first_password_has_accepted(
    served: Served, world: World, shop: Organization, boss: httpx.Client, client: httpx.Client, address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Also where the user is changed by somebody else while signing in."""
    id_ = _invited(boss, address, password=PASSWORD)
    [mail] = outbox(served.settings.data, address)
    passwords = served.parts.sign_in._passwords
    real = passwords.are_equal

    async def meanwhile(stored: str | None, password: str) -> bool:
        await Users(served.store, shop.id, "somebody").set_role(id_, "regular")
        return bool(await real(stored, password))

    monkeypatch.setattr(passwords, "are_equal", meanwhile)
    assert _sign_in(client, address, PASSWORD).status_code == 200
    user = _users(boss)[address]
    assert (user["status"], user["role"]) == ("active", "regular")
    _refused(client.post(REDEEM, json={"token": code_in(mail), "password": BETTER}), "token")
    assert _sign_in(client, address, PASSWORD).status_code == 200


# -- passwords --------------------------------------------------------------------------------------------------------


def _reset_code(served: Served, person: Person) -> tuple[str, str]:
    own = _as(served, person)
    email = own.get(f"{API}/user").json()["email"]
    answer = own.post(f"{API}/user/resetpassword")
    assert answer.status_code == 200, answer.text
    mail = outbox(served.settings.data, email)[-1]
    assert code_in(mail) not in answer.text
    return email, code_in(mail)


def test_a_reset_works_once_and_ends_older_tokens(
    served: Served, world: World, shop: Organization, client: httpx.Client
) -> None:
    person = world.user(shop, "regular")
    email, code = _reset_code(served, person)
    assert _sign_in(client, email, PASSWORD).status_code == 200, "until it is used, the password is the old one"
    assert client.post(REDEEM, json={"params": {"token": code, "password": BETTER}}).status_code == 200
    assert _as(served, person).get(f"{API}/user").status_code == 401
    assert _sign_in(client, email, PASSWORD).status_code == 401
    token = _sign_in(client, email, BETTER)
    assert token.status_code == 200
    own = served.client(headers={"Authorization": f"Bearer {token.json()['securityToken']}"})
    assert own.get(f"{API}/user").status_code == 200
    _refused(client.post(REDEEM, json={"token": code, "password": "Third-Pass-9"}), "token")
    assert _sign_in(client, email, BETTER).status_code == 200


def test_a_code_used_by_many_at_once_is_used_once(
    served: Served, world: World, shop: Organization, client: httpx.Client
) -> None:
    email, code = _reset_code(served, world.user(shop, "regular"))
    together = threading.Barrier(4)

    def redeem(n: int) -> int:
        with served.client() as own:
            together.wait()
            return own.post(REDEEM, json={"token": code, "password": f"Better-Pass-{n}"}).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(redeem, range(4)))
    assert sorted(statuses) == [200, 400, 400, 400]
    assert _sign_in(client, email, f"Better-Pass-{statuses.index(200)}").status_code == 200


def test_a_code_is_good_for_an_hour_and_kept_nowhere(
    served: Served, world: World, shop: Organization, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = world.user(shop, "regular")
    before = served.dump(organization=shop.id, only="users")
    email, code = _reset_code(served, person)
    assert served.dump(organization=shop.id, only="users") == before
    assert code not in json.dumps([entry.document for entry in served.dump(organization=shop.id)])
    text = outbox(served.settings.data, email)[-1].get_content()
    [until] = re.findall(r"until (\d{4}-\d\d-\d\d \d\d:\d\d) \(UTC\)", text)
    left = datetime.fromisoformat(until + "Z").timestamp() - time.time()
    assert 3500 < left <= 3600
    monkeypatch.setitem(LIVES, "reset", timedelta(seconds=-1))
    _, late = _reset_code(served, person)
    _refused(client.post(REDEEM, json={"token": late, "password": BETTER}), "token")
    assert client.post(REDEEM, json={"token": code, "password": BETTER}).status_code == 200


def test_a_code_cannot_be_made_of_another(
    served: Served, world: World, shop: Organization, client: httpx.Client
) -> None:
    """Not longer lived, not another user's, not another organization's: each byte is signed."""
    first, second = world.user(shop, "regular"), world.user(shop, "regular")
    _, code = _reset_code(served, first)
    content = base64.urlsafe_b64decode(code + "==")
    forged = [content[:n] + bytes([content[n] ^ 1]) + content[n + 1 :] for n in range(len(content))]
    forged += [content.replace(bytes.fromhex(first.id), bytes.fromhex(second.id)), content[:-1], content + b"x", b""]
    codes = served.parts.users._codes
    for wrong in forged:
        read = codes.read(base64.urlsafe_b64encode(wrong).decode().rstrip("="))
        for person in (first, second):
            user = served.run(Users(served.store, shop.id, "test").get(person.id)).document
            assert read is None or not codes.fits(read, user)
    for wrong in forged[:3] + forged[-4:]:
        text = base64.urlsafe_b64encode(wrong).decode().rstrip("=") or "="
        _refused(client.post(REDEEM, json={"token": text, "password": BETTER}), "token")
    assert client.post(REDEEM, json={"token": code, "password": BETTER}).status_code == 200


def test_a_weak_password_does_not_cost_the_code(
    served: Served, world: World, shop: Organization, client: httpx.Client
) -> None:
    _, code = _reset_code(served, world.user(shop, "regular"))
    for weak in ("short-1A", "nouppercase-1", "NOLOWERCASE-1", "No-Digits-Here", "NoSpecial1", "A-1a" * 60)[1:]:
        _refused(client.post(REDEEM, json={"token": code, "password": weak}), "password")
    assert client.post(REDEEM, json={"token": code, "password": BETTER}).status_code == 200


def test_a_new_address_ends_codes_and_a_new_request_does_not(
    served: Served, world: World, shop: Organization, client: httpx.Client, address: str
) -> None:
    person = world.user(shop, "regular")
    _, first = _reset_code(served, person)
    _, second = _reset_code(served, person)
    assert client.post(REDEEM, json={"token": first, "password": BETTER}).status_code == 200
    person = world.user(shop, "regular")
    _, first = _reset_code(served, person)
    _, second = _reset_code(served, person)
    assert _as(served, person).post(f"{API}/users/update", json={"email": address}).status_code == 200
    _refused(client.post(REDEEM, json={"token": first, "password": BETTER}), "token")
    _refused(client.post(REDEEM, json={"token": second, "password": BETTER}), "token")


def test_wrong_codes_say_nothing_and_are_counted(world: World, served: Served) -> None:
    users = served.parts.users
    kept, users._attempts = users._attempts, Attempts(3)
    try:
        with served.client() as stranger:
            answers = [stranger.post(REDEEM, json={"token": code, "password": BETTER}) for code in ("a", "b" * 43, "c")]
            assert {answer.status_code for answer in answers} == {400}
            assert len({answer.json()["message"] for answer in answers}) == 1
            assert stranger.post(REDEEM, json={"token": "d", "password": BETTER}).status_code == 429
    finally:
        users._attempts = kept


def test_an_api_key_has_no_mailbox(served: Served, shop: Organization) -> None:
    program = _as(served, shop.people["key admin"])
    assert program.post(f"{API}/user/resetpassword").status_code == 403
    assert program.post(f"{API}/users/update", json={"name": "x"}).status_code == 403


# -- the own account --------------------------------------------------------------------------------------------------


def test_the_own_name_and_address(
    served: Served, world: World, shop: Organization, client: httpx.Client, address: str
) -> None:
    own = _as(served, world.user(shop, "restricted"))
    assert own.post(f"{API}/users/update", json={"name": " Ada "}).json()["name"] == "Ada"
    assert own.post(f"{API}/users/update", json={"email": address}).json()["email"] == address
    assert own.get(f"{API}/user").json() == {**own.get(f"{API}/user").json(), "name": "Ada", "email": address}
    assert _sign_in(client, address, PASSWORD).status_code == 200
    taken = world.user(world.b, "regular")
    there = _as(served, taken).get(f"{API}/user").json()["email"]
    _refused(own.post(f"{API}/users/update", json={"email": there.upper()}), "email")
    _refused(own.post(f"{API}/users/update", json={"email": "x@"}), "email")
    _refused(own.post(f"{API}/users/update", json={"name": ""}), "name")


def test_null_clears_the_name_and_nothing_that_everybody_has(
    served: Served, world: World, shop: Organization, boss: httpx.Client, address: str
) -> None:
    person = world.user(shop, "regular")
    own, other = _as(served, person), f"{ORG}/user/{person.id}/update"
    before = own.get(f"{API}/user").json()
    assert before["name"]
    assert own.post(f"{API}/users/update", json={"name": None}).json()["name"] is None
    assert boss.post(other, json={"name": "Ada"}).json()["name"] == "Ada"
    assert boss.post(other, json={}).json()["name"] == "Ada", "what is absent stays"
    assert "name" not in boss.post(other, json={"name": None}).json()
    for field in ("email", "role"):
        _refused(own.post(f"{API}/users/update", json={field: None, "name": "x"}), field)
    _refused(boss.post(other, json={"role": None}), "role")
    after = own.get(f"{API}/user").json()
    assert (after["email"], after["role"], after["name"]) == (before["email"], before["role"], None)
    assert own.post(f"{API}/user/resetpassword").status_code == 200
    admin = _as(served, world.user(shop, "admin"))
    assert admin.post(f"{API}/users/update", json={"name": None}).status_code == 200
    _invited(admin, address)
    [mail] = outbox(served.settings.data, address)
    assert admin.get(f"{API}/user").json()["email"] + " invites you" in mail.get_content()


def test_only_admins_change_roles_and_not_to_what_is_none(served: Served, world: World, shop: Organization) -> None:
    regular = _as(served, world.user(shop, "regular"))
    assert regular.post(f"{API}/users/update", json={"role": "admin"}).status_code == 403
    assert regular.post(f"{API}/users/update", json={"role": "regular", "name": "same"}).status_code == 200
    second = _as(served, world.user(shop, "admin"))
    _refused(second.post(f"{API}/users/update", json={"role": "root"}), "role")
    assert second.post(f"{API}/users/update", json={"role": "regular"}).json()["role"] == "regular"
    assert second.post(f"{API}/users/update", json={"role": "admin"}).status_code == 403


def test_an_admin_gives_roles(
    served: Served, world: World, shop: Organization, boss: httpx.Client, address: str
) -> None:
    id_ = _invited(boss, address, password=PASSWORD)
    changed = boss.post(f"{ORG}/user/{id_}/update", json={"role": "regular", "name": "Ada"})
    assert changed.json() == {**changed.json(), "role": "regular", "name": "Ada", "email": address}
    assert "hash" not in changed.text.lower()
    assert boss.get(f"{ORG}/roles").json() == [{"name": n} for n in ("admin", "regular", "restricted", "customer")]


def test_a_user_who_is_a_customer_is_so_for_whom_the_admin_says(
    served: Served, world: World, shop: Organization, boss: httpx.Client
) -> None:
    """Not for whom the header says: a key's holder is the shop itself, a user is the customer."""
    mine, other = world.make(shop, "customer"), world.make(shop, "customer")
    person = world.user(shop, "regular")
    sent = {"role": "customer", "customerOrgId": mine}
    assert boss.post(f"{ORG}/user/{person.id}/update", json=sent).status_code == 200
    made = world.make(shop, "hoseAssembly", customer=mine)
    foreign = world.make(shop, "hoseAssembly", customer=other)
    for header in ({}, {"apiCustomerId": other}):
        with served.client(headers={**person.headers, **header}) as own:
            seen = {entry["_id"] for entry in own.get(f"{API}/hoseassemblies?itemsPerPage=1000").json()["items"]}
            assert made in seen
            assert foreign not in seen
    assert boss.post(f"{ORG}/user/{person.id}/update", json={"customerOrgId": None}).status_code == 200
    assert boss.post(f"{ORG}/user/{person.id}/update", json=sent).json()["customerOrgId"] == mine
    assert boss.post(f"/api/v1/customer/{mine}/delete").status_code == 200
    acting = [user.get("customerOrgId") for user in boss.get(f"{ORG}/users").json()["items"]]
    assert acting == [None] * len(acting), "nobody acts for a customer who is gone"
    assert made not in _as(served, person).get(f"{API}/hoseassemblies?itemsPerPage=1000").text


def test_answers_of_one_user_carry_the_tag_that_a_change_is_bound_to(
    served: Served, world: World, shop: Organization, boss: httpx.Client
) -> None:
    url = f"{ORG}/user/{world.user(shop, 'regular').id}"
    first = boss.get(url)
    assert first.json()["role"] == "regular"
    assert "hash" not in first.text.lower()
    second = boss.post(f"{url}/update", json={"name": "Ada"}, headers={"If-Match": first.headers["etag"]})
    assert (second.status_code, second.headers["etag"]) == (200, boss.get(url).headers["etag"])
    for call in ("update", "delete"):
        assert boss.post(f"{url}/{call}", json={}, headers={"If-Match": first.headers["etag"]}).status_code == 412
    assert boss.post(f"{url}/delete", headers={"If-Match": second.headers["etag"]}).status_code == 200
    assert boss.get(url).status_code == 404


def test_the_own_account_is_tagged_with_all_that_it_shows(
    served: Served, world: World, shop: Organization, boss: httpx.Client
) -> None:
    own = _as(served, world.user(shop, "regular"))
    tag = own.get(f"{API}/user").headers["etag"]
    assert own.get(f"{API}/user", headers={"If-None-Match": tag}).status_code == 304
    name = boss.get(ORG).json()["name"]
    assert boss.post(f"{ORG}/update", json={"name": name + " new"}).status_code == 200
    renamed = own.get(f"{API}/user", headers={"If-None-Match": tag})
    assert renamed.json()["organization"]["name"] == name + " new"
    assert own.post(f"{API}/users/update", json={"name": "Ada"}, headers={"If-Match": tag}).status_code == 412
    changed = own.post(f"{API}/users/update", json={"name": "Ada"}, headers={"If-Match": renamed.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"]) == (200, own.get(f"{API}/user").headers["etag"])


def test_lists_hold_no_hashes_and_can_be_searched(boss: httpx.Client, address: str) -> None:
    _invited(boss, address, password=PASSWORD)
    answer = boss.get(f"{ORG}/users", params={"search[email]": address[:12].upper(), "itemsPerPage": 5})
    assert address in [entry["email"] for entry in answer.json()["items"]]
    assert "argon2" not in answer.text
    assert "hash" not in answer.text.lower()
    assert {entry["role"] for entry in boss.get(f"{ORG}/users?role=admin").json()["items"]} == {"admin"}


# -- deleting, and the admin who must remain --------------------------------------------------------------------------


def test_deleting_ends_sessions_and_frees_the_address(
    served: Served, world: World, shop: Organization, boss: httpx.Client
) -> None:
    person = world.user(shop, "regular")
    email = _as(served, person).get(f"{API}/user").json()["email"]
    _, code = _reset_code(served, person)
    assert boss.post(f"{ORG}/user/{person.id}/delete").status_code == 200
    assert _as(served, person).get(f"{API}/user").status_code == 401
    with served.client() as stranger:
        assert _sign_in(stranger, email, PASSWORD).status_code == 401
        _refused(stranger.post(REDEEM, json={"token": code, "password": BETTER}), "token")
    assert boss.post(f"{ORG}/user/{person.id}/delete").status_code == 404
    assert email not in _users(boss)
    assert _invite(boss, {"email": email}).status_code == 200


def test_nobody_deletes_oneself_and_a_key_not_the_last_admin(
    served: Served, shop: Organization, boss: httpx.Client
) -> None:
    assert "yourself" in _refused(boss.post(f"{ORG}/user/{shop.admin.id}/delete"))
    program = _as(served, shop.people["key admin"])
    assert "last admin" in _refused(program.post(f"{ORG}/user/{shop.admin.id}/delete"))
    assert "last admin" in _refused(boss.post(f"{API}/users/update", json={"role": "regular"}))
    assert "last admin" in _refused(boss.post(f"{ORG}/user/{shop.admin.id}/update", json={"role": "restricted"}))
    assert boss.get(f"{API}/user").json()["role"] == "admin"


def test_an_admin_who_cannot_sign_in_is_not_the_one_who_remains(
    served: Served, shop: Organization, boss: httpx.Client, address: str
) -> None:
    id_ = _invited(boss, address)
    assert boss.post(f"{ORG}/user/{id_}/update", json={"role": "admin"}).status_code == 200
    assert "last admin" in _refused(boss.post(f"{API}/users/update", json={"role": "regular"}))


@pytest.mark.parametrize("how", ["delete", "demote"])
def test_admins_who_remove_each_other_at_once_leave_one(served: Served, world: World, how: str) -> None:
    for _ in range(6):
        shop = world.founded(f"Duel{next(world.count)}")
        first, second = shop.admin, world.user(shop, "admin")
        together = threading.Barrier(2)

        def remove(pair: tuple[Person, Person], together: threading.Barrier = together) -> int:
            who, whom = pair
            with _as(served, who) as own:
                together.wait()
                if how == "delete":
                    return own.post(f"{ORG}/user/{whom.id}/delete").status_code
                return own.post(f"{ORG}/user/{whom.id}/update", json={"role": "regular"}).status_code

        with ThreadPoolExecutor(2) as pool:
            statuses = list(pool.map(remove, [(first, second), (second, first)]))
        assert statuses.count(200) == 1, statuses
        assert set(statuses) <= {200, 400, 401, 403}
        admins = [
            entry.document["_id"]
            for entry in world.dump(shop)
            if entry.collection == "users" and entry.document["role"] == "admin" and not entry.document["deleted"]
        ]
        assert len(admins) == 1


@pytest.mark.parametrize("how", ["delete", "demote"])
def test_who_became_the_last_admin_meanwhile_stays(
    served: Served, world: World, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Between the look at a user and the write that removes it, it becomes the only admin."""
    shop = world.founded(f"Promoted{next(world.count)}")
    second = world.user(shop, "regular")
    users, others = Users(served.store, shop.id, "test"), Users(served.store, shop.id, "others")
    real = users._records.change

    async def overtaken(*args: Any) -> Any:
        await others.set_role(second.id, "admin")
        await others.set_role(shop.admin.id, "regular")
        monkeypatch.setattr(users._records, "change", real)
        return await real(*args)

    monkeypatch.setattr(users._records, "change", overtaken)
    with pytest.raises(Refused, match="last admin"):
        served.run(users.delete(second.id) if how == "delete" else users.set_role(second.id, "restricted"))
    admins = [user["email"] for user in served.run(users.all()) if user["role"] == "admin"]
    assert admins == [served.run(users.get(second.id))["email"]]


def test_a_note_that_a_crash_left_counts_for_a_minute_only(
    served: Served, world: World, shop: Organization, boss: httpx.Client
) -> None:
    second = world.user(shop, "admin")
    users = Users(served.store, shop.id, "test")

    async def left(since: str) -> None:
        for _ in range(2):
            note, _ = await users._leaving()
            await users._note(note, {shop.admin.id: since})

    served.run(left("2999-01-01T00:00:00.000Z"))
    assert "last admin" in _refused(boss.post(f"{ORG}/user/{second.id}/delete"))
    served.run(left("2020-01-01T00:00:00.000Z"))
    assert boss.post(f"{ORG}/user/{second.id}/delete").status_code == 200


FORGOT = "/security/v1/forgotpassword"


def _mails(served: Served, email: str, count: int) -> list[Any]:
    """The mails to an address once there are so many: they are sent behind the answer."""
    for _ in range(200):
        if len(found := outbox(served.settings.data, email)) >= count:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{count} mails to {email} were expected")


def test_who_forgot_the_password_gets_a_code(
    served: Served, world: World, shop: Organization, client: httpx.Client
) -> None:
    person = world.user(shop, "regular")
    email = _as(served, person).get(f"{API}/user").json()["email"]
    asked = client.post(FORGOT, json={"email": email.upper()})
    assert asked.status_code == 200, asked.text
    (mail,) = _mails(served, email, 1)
    assert _sign_in(client, email, PASSWORD).status_code == 200, "asking alone changes nothing"
    assert client.post(REDEEM, json={"token": code_in(mail), "password": BETTER}).status_code == 200
    assert _sign_in(client, email, BETTER).status_code == 200
    nobody = client.post(FORGOT, json={"params": {"email": "nobody-at-all@shop.example"}})
    assert (nobody.status_code, nobody.json()) == (asked.status_code, asked.json())
    _refused(client.post(FORGOT, json={"email": "no address"}), "email")
    client.post(FORGOT, json={"email": email})
    _mails(served, email, 2)
    assert outbox(served.settings.data, "nobody-at-all@shop.example") == []


def test_mails_for_who_forgot_are_few(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """For one address from anywhere, and from one place for any address; there need be no such user."""
    users = served.parts.users
    monkeypatch.setattr(users, "_asked", Attempts(3))

    async def ask(email: str, place: str) -> bool:
        try:
            users.forgot(email, place)
        except TooMany:
            return False
        return True

    assert [served.run(ask(f"a{n}@shop.example", "here")) for n in range(4)] == [True, True, True, False]
    assert [served.run(ask("b@shop.example", f"place {n}")) for n in range(4)] == [True, True, True, False]
    with served.client() as stranger:
        assert stranger.post(FORGOT, json={"email": "B@shop.example"}).status_code == 429
        assert stranger.post(FORGOT, json={"email": "c@shop.example"}).status_code == 200

"""Founding an organization survives a crash between any two of its writes; two admins can't remove each other."""

import asyncio

import pytest
from cli_command import HOSES, ITEMS

from brassleaf.app import COLLECTIONS
from brassleaf.demo.shop import load_copies, load_shop
from brassleaf.errors import BrassleafError, Refused
from brassleaf.operations import people
from brassleaf.operations.founding import found
from brassleaf.operations.people import Keys, Users, expiry, organizations, the_organization, trusted
from brassleaf.security.passwords import Passwords
from brassleaf.security.principals import USERS, secret_hash
from brassleaf.store.sqlite import SqliteStore

pytestmark = pytest.mark.anyio


class Crash(Exception):
    """The process dies here."""


class Dying:
    """A store whose process dies before the nth write."""

    def __init__(self, store, lives):
        self.store = store
        self.lives = lives

    def __getattr__(self, name):
        return getattr(self.store, name)

    def repository(self, *arguments, **more):
        return DyingRepository(self, self.store.repository(*arguments, **more))


class DyingRepository:
    def __init__(self, owner, repository):
        self.owner = owner
        self.repository = repository

    def __getattr__(self, name):
        found = getattr(self.repository, name)
        if name not in ("insert", "insert_many", "replace"):
            return found

        async def write(*arguments):
            if not self.owner.lives:
                raise Crash
            self.owner.lives -= 1
            return await found(*arguments)

        return write


@pytest.fixture
async def store(tmp_path):
    opened = SqliteStore(tmp_path / "data" / "brassleaf.sqlite")
    await opened.open(people.COLLECTIONS)
    yield opened
    await opened.close()


async def test_a_crash_between_any_two_writes_is_taken_up_again(store):
    crashes = 0
    while True:
        email = f"boss{crashes}@shop.example"
        try:
            await found(Dying(store, crashes), "Shop", email)
        except Crash:
            crashes += 1
        else:
            break
        there = await store.find(USERS, "email", email)
        # nobody can sign in to what is not complete
        assert there is None or there[1]["passwordHash"] is None
        done = await found(store, "Shop", email)
        assert await the_organization(store, done.organization_id)
        users = await Users(store, done.organization_id, "test").all()
        keys = await Keys(store, done.organization_id, "test").all()
        assert [user["email"] for user in users] == [email]
        assert "founding" not in users[0].document
        assert await Passwords().are_equal(users[0]["passwordHash"], done.password)
        assert [key["secretHash"] for key in keys] == [secret_hash(done.key)]
        with pytest.raises(Refused):
            await found(store, "Shop", email)
    assert crashes == 4
    assert len(await organizations(store)) == crashes + 1


async def test_two_admins_who_remove_each_other_at_once(store):
    organization = (await found(store, "Shop", "a@shop.example")).organization_id
    users = Users(store, organization, "test")
    await users.create("b@shop.example", "admin", None, None)
    await asyncio.gather(
        users.delete("a@shop.example"), users.set_role("b@shop.example", "regular"), return_exceptions=True
    )
    assert [user["role"] for user in await users.all()].count("admin") >= 1


async def refusal(call):
    with pytest.raises(BrassleafError) as caught:
        await call
    return caught.value.message


async def test_what_cannot_be_made_is_refused(store):
    assert "is not an e-mail address" in await refusal(found(store, "Shop", "nobody"))
    assert "name" in await refusal(found(store, " ", "a@shop.example"))
    assert await organizations(store) == []
    assert "brassleaf init" in await refusal(the_organization(store, None))
    organization = (await found(store, "Shop", "a@shop.example")).organization_id
    assert "no organization" in await refusal(the_organization(store, "f" * 24))
    keys, users = Keys(store, organization, "test"), Users(store, organization, "test")
    assert "already" in await refusal(keys.create("Admin", "customer", []))
    assert "keyType" in await refusal(keys.create("x", "root", []))
    assert "name" in await refusal(keys.create(" ", "customer", []))
    assert "brassleaf keys list" in await refusal(keys.get("nobody"))
    assert "10.0.0.1" in await refusal(keys.distrust("admin", trusted(["10.0.0.1"])))
    assert "Another user" in await refusal(users.create("A@SHOP.example", "regular", None, None))
    assert "role" in await refusal(users.create("x@shop.example", "root", None, None))
    assert "brassleaf users list" in await refusal(users.set_password("nobody@shop.example", None))
    for call, text in ((lambda: trusted(["example.com"]), "example.com"), (lambda: expiry("soon"), "not a date")):
        with pytest.raises(Refused, match=text):
            call()
    with pytest.raises(Refused, match="past"):
        expiry("2020-01-01")
    assert expiry("2199-12-31") == "2199-12-31T23:59:59Z"
    assert expiry("2199-12-31T12:00:00+02:00") == "2199-12-31T10:00:00Z"


async def test_the_last_admin_stays(store):
    organization = (await found(store, "Shop", "a@shop.example")).organization_id
    users = Users(store, organization, "test")
    assert "last admin" in await refusal(users.delete("a@shop.example"))
    assert "last admin" in await refusal(users.set_role("a@shop.example", "regular"))
    await users.set_role("a@shop.example", "admin")
    await users.create("b@shop.example", "admin", None, None)
    await users.delete("A@shop.example")
    assert "last admin" in await refusal(users.delete("b@shop.example"))
    assert "no user" in await refusal(users.get("a@shop.example"))


async def test_the_demo_shop_is_loaded_once(tmp_path):
    store = SqliteStore(tmp_path / "data" / "brassleaf.sqlite")
    await store.open(COLLECTIONS)
    try:
        ids = [(await found(store, "Shop", f"{name}@shop.example")).organization_id for name in "ab"]
        assert await load_shop(store, ids[0]) == 2 * ITEMS + 1 + HOSES + 12
        assert await load_shop(store, ids[0]) == 0
        # the catalogue is shared; prices and customers are each organization's own
        assert await load_shop(store, ids[1]) == ITEMS + 1 + HOSES + 12
        # copies for invented brands are added once too
        told = []
        assert await load_copies(store, 40, lambda done, total: told.append((done, total))) == 40
        assert await load_copies(store, 50, lambda *_: None) == 10
        assert told == [(40, 40)]
    finally:
        await store.close()

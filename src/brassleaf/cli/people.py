"""`brassleaf keys …` and `brassleaf users …`. A running server acts on every change at once."""

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer

from brassleaf.cli.terminal import (
    MISUSED,
    Json,
    Organization,
    fail,
    note,
    print_json,
    print_table,
    say,
    settings_in_force,
)
from brassleaf.operations.folder import opened
from brassleaf.operations.people import COLLECTIONS, Keys, Users, expiry, loopback, the_organization, trusted
from brassleaf.security.roles import KEY_TYPES, ROLES
from brassleaf.store.port import Store, Stored

keys = typer.Typer(name="keys", help="API keys of an organization.", no_args_is_help=True)
users = typer.Typer(name="users", help="Users of an organization.", no_args_is_help=True)

BY = "command line"
T = TypeVar("T")

Key = Annotated[str, typer.Argument(metavar="KEY", help="Name or id of the key.")]
User = Annotated[str, typer.Argument(metavar="USER", help="E-mail address or id of the user.")]
Role = Annotated[str, typer.Argument(metavar="ROLE", help=f"One of {', '.join(ROLES)}.")]
Addresses = Annotated[
    list[str], typer.Argument(metavar="ADDRESS…", help="Addresses or networks, such as 192.0.2.7 or 192.0.2.0/24.")
]


def _on_store(work: Callable[[Store, str], Awaitable[T]], organization: str | None) -> T:
    settings = settings_in_force()

    async def run() -> T:
        async with opened(settings, COLLECTIONS) as store:
            return await work(store, await the_organization(store, organization))

    return asyncio.run(run())


# -- keys -------------------------------------------------------------------------------------------------------------


def _key(stored: Stored) -> dict[str, Any]:
    names = ("_id", "name", "keyType", "scopes", "approvedIpAddresses", "expires", "lastFour", "created")
    return {name: stored[name] for name in names}


def _addresses(stored: Stored) -> str:
    return ", ".join(str(entry["ipAddress"]) for entry in stored["approvedIpAddresses"] or []) or "none"


@keys.command("list")
def keys_list(*, organization: Organization = None, json: Json = False) -> None:
    """List the API keys; secrets are kept nowhere."""
    found = _on_store(lambda store, own: Keys(store, own, BY).all(), organization)
    if json:
        print_json([_key(entry) for entry in found])
        return
    rows = [[e["name"], e["keyType"], _addresses(e), e["expires"] or "never", f"…{e['lastFour']}", e.id] for e in found]
    print_table(("NAME", "TYPE", "TRUSTED", "EXPIRES", "SECRET", "ID"), rows)


@keys.command("create")
def keys_create(
    *,
    name: Annotated[str, typer.Argument(help="What to call the key; clients send it beside the secret.")],
    key_type: Annotated[
        str, typer.Option("--type", metavar="TYPE", help=f"One of {', '.join(KEY_TYPES)}.")
    ] = "customer",
    trust: Annotated[
        list[str] | None,
        typer.Option(
            "--trust", metavar="ADDRESS", help="A trusted address or network; may be repeated. [default: this machine]"
        ),
    ] = None,
    expires: Annotated[str | None, typer.Option(metavar="DATE", help="Last day, ISO 8601. [default: never]")] = None,
    organization: Organization = None,
    json: Json = False,
) -> None:
    """Create an API key and print its secret, this once."""
    addresses = trusted(trust) if trust else loopback()
    ends = expiry(expires) if expires else None
    stored, secret = _on_store(
        lambda store, own: Keys(store, own, BY).create(name, key_type, addresses, ends), organization
    )
    if json:
        print_json({**_key(stored), "apiKey": secret})
        return
    say(f"name     {stored['name']}")
    say(f"apiKey   {secret}")
    say(f"type     {stored['keyType']}")
    say(f"trusted  {_addresses(stored)}")
    note("Keep the apiKey now: it is not shown again.")


@keys.command("trust")
def keys_trust(
    *,
    key: Key,
    addresses: Addresses,
    description: Annotated[str | None, typer.Option(metavar="TEXT", help="What is at these addresses.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the addresses off instead.")] = False,
    organization: Organization = None,
    json: Json = False,
) -> None:
    """Let an API key be used from further addresses."""
    entries = trusted(addresses, description)

    def work(store: Store, own: str) -> Awaitable[Stored]:
        found = Keys(store, own, BY)
        return found.distrust(key, entries) if remove else found.trust(key, entries)

    stored = _on_store(work, organization)
    if json:
        print_json(_key(stored))
    else:
        say(f"{stored['name']} may be used from: {_addresses(stored)}")


@keys.command("delete")
def keys_delete(*, key: Key, organization: Organization = None) -> None:
    """Delete an API key; its security tokens end with it."""
    stored = _on_store(lambda store, own: Keys(store, own, BY).delete(key), organization)
    say(f"Deleted the key {stored['name']}.")


# -- users ------------------------------------------------------------------------------------------------------------


def _user(stored: Stored) -> dict[str, Any]:
    return {name: stored[name] for name in ("_id", "name", "email", "role", "created")}


PasswordStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Take the password from standard input. [default: make one and print it]"),
]


def _given_password(*, wanted: bool) -> str | None:
    """A password from standard input, never from the arguments: those are open to everybody on the machine."""
    if not wanted:
        return None
    given = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not given:
        fail("there is no password on standard input.", MISUSED)
    return given


def _print_user(stored: Stored, made: str | None, *, json: bool) -> None:
    if json:
        print_json({**_user(stored), **({"password": made} if made else {})})
        return
    say(f"email     {stored['email']}")
    say(f"role      {stored['role']}")
    if made:
        say(f"password  {made}")
        note("Keep the password now: it is not shown again.")


@users.command("list")
def users_list(*, organization: Organization = None, json: Json = False) -> None:
    """List the users."""
    found = _on_store(lambda store, own: Users(store, own, BY).all(), organization)
    if json:
        print_json([_user(entry) for entry in found])
        return
    print_table(
        ("EMAIL", "NAME", "ROLE", "CREATED", "ID"),
        [[e["email"], e["name"] or "", e["role"], e["created"], e.id] for e in found],
    )


@users.command("create")
def users_create(
    *,
    email: Annotated[str, typer.Argument(help="E-mail address, by which the user signs in.")],
    role: Annotated[str, typer.Option(metavar="ROLE", help=f"One of {', '.join(ROLES)}.")] = "restricted",
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Name. [default: from the address]")] = None,
    password_stdin: PasswordStdin = False,
    organization: Organization = None,
    json: Json = False,
) -> None:
    """Create a user."""
    given = _given_password(wanted=password_stdin)
    stored, password = _on_store(
        lambda store, own: Users(store, own, BY).create(email, role, name, given), organization
    )
    _print_user(stored, None if given else password, json=json)


@users.command("role")
def users_role(*, user: User, role: Role, organization: Organization = None, json: Json = False) -> None:
    """Give a user another role. An organization keeps at least one admin."""
    stored = _on_store(lambda store, own: Users(store, own, BY).set_role(user, role), organization)
    _print_user(stored, None, json=json)


@users.command("password")
def users_password(
    *, user: User, password_stdin: PasswordStdin = False, organization: Organization = None, json: Json = False
) -> None:
    """Give a user another password."""
    given = _given_password(wanted=password_stdin)
    stored, password = _on_store(lambda store, own: Users(store, own, BY).set_password(user, given), organization)
    _print_user(stored, None if given else password, json=json)


@users.command("delete")
def users_delete(*, user: User, organization: Organization = None) -> None:
    """Delete a user; the user's security tokens end with it. An organization keeps at least one admin."""
    stored = _on_store(lambda store, own: Users(store, own, BY).delete(user), organization)
    say(f"Deleted the user {stored['email']}.")

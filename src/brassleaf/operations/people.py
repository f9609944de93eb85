"""Who may use an organization: its API keys and its users, and the rules for both."""

import re
import secrets
import string
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, time
from typing import Any

from brassleaf.errors import NotFound, Refused
from brassleaf.http.addresses import LOOPBACK, parse_network
from brassleaf.organizations.models import ORGANIZATIONS
from brassleaf.security.passwords import check_strength, hash_password
from brassleaf.security.principals import API_KEYS, USERS, is_live, is_past, key_fields, new_secret
from brassleaf.security.roles import KEY_TYPES, ROLES
from brassleaf.store.collections import Collection, Document, fold
from brassleaf.store.port import Dumped, Duplicate, Repository, Store, Stored
from brassleaf.store.query import Query
from brassleaf.store.records import Records

#: What these rules read and write; ORGANIZATIONS first, so that a dump begins with them.
COLLECTIONS = (ORGANIZATIONS, API_KEYS, USERS)

_EMAIL = re.compile(r"^[^@\s\x00-\x20]+@[^@\s\x00-\x20]+$")
_ALPHABET = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))


def check_email(email: str) -> str:
    """An e-mail address, without blanks around it. Names without a dot are addresses inside a house's network."""
    email = email.strip()
    if not _EMAIL.match(email) or len(email) > 254:
        raise Refused.field("email", f"{email!r} is not an e-mail address.")
    return email


def new_password() -> str:
    """A password of more than 110 bits that can be read out on the telephone."""
    while True:
        groups = ["".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4)]
        password = "-".join(groups)
        try:
            return check_strength(password)
        except ValueError:
            continue  # no digit, or no letter of one case, by chance


def loopback() -> list[dict[str, str]]:
    """The trusted addresses of a key that is used on the server's own machine."""
    return [{"ipAddress": network, "description": "this machine"} for network in LOOPBACK]


def trusted(addresses: Sequence[str], description: str | None = None) -> list[dict[str, str]]:
    """Trusted addresses as they are stored. Raises Refused for one that is none."""
    found = []
    for address in addresses:
        try:
            network = parse_network(address)
        except ValueError as error:
            raise Refused.field("ipAddress", f"{address!r}: {error}") from None
        single = network.prefixlen == network.max_prefixlen
        text = str(network.network_address) if single else str(network)
        found.append({"ipAddress": text, **({"description": description} if description else {})})
    return found


def expiry(text: str) -> str:
    """When a key ends, from an ISO 8601 date (its last moment, UTC) or date-time. Raises Refused for a past one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused.field("expires", f"{text!r} is not a date such as 2030-12-31.") from None
    if len(text) <= len("2030-12-31"):
        moment = datetime.combine(moment.date(), time(23, 59, 59), UTC)
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    stored = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    if is_past(stored):
        raise Refused.field("expires", f"{text} is in the past.")
    return stored


async def organizations(store: Store) -> list[Dumped]:
    """Every organization of a server. The store must have been opened with ORGANIZATIONS before larger collections."""
    found: list[Dumped] = []
    async with aclosing(store.dump()) as entries:  # type: ignore[type-var]
        async for entry in entries:
            if entry.collection == ORGANIZATIONS.name:
                found.append(entry)
            elif found:
                break
    return found


async def the_organization(store: Store, wanted: str | None) -> str:
    """The organization of that id; with no id, the only one there is. Raises Refused, NotFound."""
    known = {entry.organization: str(entry.document["name"]) for entry in await organizations(store)}
    if wanted is not None:
        if wanted.lower() not in known:
            raise NotFound(f"There is no organization with the id {wanted}.")
        return wanted.lower()
    if not known:
        raise Refused("There is no organization yet. Make one: brassleaf init")
    if len(known) > 1:
        listed = "\n".join(f"  {id_}  {name}" for id_, name in known.items())
        raise Refused(f"There are several organizations; choose one with --organization ID:\n{listed}")
    return next(iter(known))


class Keys:
    """The API keys of one organization."""

    def __init__(self, store: Store, organization: str, by: str) -> None:
        self._repository = store.repository(API_KEYS, organization)
        self._records = Records(self._repository, "API key", by)

    async def all(self) -> list[Stored]:
        """Every key, by name."""
        return await _all(self._repository)

    async def get(self, id_or_name: str) -> Stored:
        """One key. Raises NotFound."""
        return await _one(self._repository, API_KEYS, "name", id_or_name, "API key")

    async def create(
        self, name: str, key_type: str, addresses: Sequence[dict[str, str]], expires: str | None = None
    ) -> tuple[Stored, str]:
        """A new key and its secret, which is kept nowhere. Raises Refused where the name is taken."""
        name = name.strip()
        if not name or len(name) > 200:
            raise Refused.field("name", "A key needs a name of at most 200 characters.")
        if key_type not in KEY_TYPES:
            raise Refused.field("keyType", f"Use one of {', '.join(KEY_TYPES)}.")
        secret = new_secret()
        try:
            return await self._records.create(key_fields(name, key_type, addresses, secret, expires)), secret
        except Duplicate as error:
            raise Refused.field("name", f"There is an API key of the name {name} already.") from error

    async def trust(self, id_or_name: str, addresses: Sequence[dict[str, str]]) -> Stored:
        """Add trusted addresses to a key; one that is there already gets the new description."""
        added = {entry["ipAddress"]: entry for entry in addresses}

        def apply(document: Document) -> Document:
            kept = {str(entry["ipAddress"]): entry for entry in document.get("approvedIpAddresses") or []}
            for address, entry in added.items():
                kept[address] = {**kept.get(address, {}), **entry}
            return {**document, "approvedIpAddresses": list(kept.values())}

        return await self._records.change((await self.get(id_or_name)).id, apply)

    async def distrust(self, id_or_name: str, addresses: Sequence[dict[str, str]]) -> Stored:
        """Take trusted addresses off a key. Raises Refused for one that is not on it."""
        gone = {entry["ipAddress"] for entry in addresses}

        def apply(document: Document) -> Document:
            known = {
                trusted([str(entry["ipAddress"])])[0]["ipAddress"]: entry for entry in document["approvedIpAddresses"]
            }
            if missing := gone - set(known):
                raise Refused(f"{', '.join(sorted(missing))} is not among the trusted addresses of this key.")
            return {**document, "approvedIpAddresses": [known[address] for address in known if address not in gone]}

        return await self._records.change((await self.get(id_or_name)).id, apply)

    async def delete(self, id_or_name: str) -> Stored:
        """Delete a key; its tokens end with it."""
        return await self._records.remove((await self.get(id_or_name)).id)


class Users:
    """The users of one organization."""

    def __init__(self, store: Store, organization: str, by: str) -> None:
        self._repository = store.repository(USERS, organization)
        self._records = Records(self._repository, "user", by)

    async def all(self) -> list[Stored]:
        """Every user, by e-mail address."""
        return await _all(self._repository)

    async def get(self, id_or_email: str) -> Stored:
        """One user. Raises NotFound."""
        return await _one(self._repository, USERS, "email", id_or_email, "user")

    async def create(self, email: str, role: str, name: str | None, password: str | None) -> tuple[Stored, str]:
        """A new user and the password. Raises Refused where the e-mail address is taken, on the whole server."""
        email, role, password = check_email(email), _role(role), _password(password)
        fields: dict[str, Any] = {"name": (name or email.partition("@")[0])[:200], "email": email, "role": role}
        try:
            return await self._records.create({**fields, "passwordHash": hash_password(password)}), password
        except Duplicate as error:
            raise Refused.field("email", f"Another user of this server has the e-mail address {email}.") from error

    async def set_role(self, id_or_email: str, role: str) -> Stored:
        """Give a user another role. Raises Refused for the last admin."""
        user, role = await self.get(id_or_email), _role(role)
        return await self._keeping_an_admin(user, lambda document: {**document, "role": role})

    async def set_password(self, id_or_email: str, password: str | None) -> tuple[Stored, str]:
        """Give a user another password."""
        user, password = await self.get(id_or_email), _password(password)
        hashed = hash_password(password)
        return await self._records.change(user.id, lambda document: {**document, "passwordHash": hashed}), password

    async def delete(self, id_or_email: str) -> Stored:
        """Delete a user; his tokens end with him. Raises Refused for the last admin."""
        return await self._keeping_an_admin(await self.get(id_or_email), self._records.deleted)

    async def _keeping_an_admin(self, user: Stored, apply: Callable[[Document], Document]) -> Stored:
        """Change a user so that the organization keeps an admin.

        Two admins who demote each other at the same moment each find the other there before; so it is looked at again
        afterwards, and taken back where none is left.
        """
        after = apply(user.document)
        loses = user["role"] == "admin" and (after["role"] != "admin" or after["deleted"])
        refusal = Refused(f"{user['email']} is the last admin. Make somebody else an admin first.")
        if loses and not await self._admins(but=user.id):
            raise refusal
        changed = await self._records.change(user.id, apply)
        if loses and not await self._admins():
            await self._records.replace(changed, user.document)
            raise refusal
        return changed

    async def _admins(self, but: str = "") -> int:
        return sum(entry["role"] == "admin" and is_live(entry) and entry.id != but for entry in await self.all())


def _role(role: str) -> str:
    if role not in ROLES:
        raise Refused.field("role", f"Use one of {', '.join(ROLES)}.")
    return role


def _password(password: str | None) -> str:
    try:
        return new_password() if password is None else check_strength(password)
    except ValueError as error:
        raise Refused.field("password", str(error)) from None


async def _all(repository: Repository) -> list[Stored]:
    return [entry async for batch in repository.stream(Query()) for entry in batch]


async def _one(repository: Repository, collection: Collection, field: str, wanted: str, noun: str) -> Stored:
    for entry in await _all(repository):
        if entry.id == wanted.lower() or fold(str(entry[field])) == fold(wanted.strip()):
            return entry
    command = "brassleaf keys list" if collection is API_KEYS else "brassleaf users list"
    raise NotFound(f"There is no {noun} {wanted!r}. See: {command}")

"""Who may use an organization, as the command line works with it: by names and addresses where the API takes ids."""

from collections.abc import Sequence
from contextlib import aclosing

from brassleaf.errors import NotFound, Refused
from brassleaf.http.addresses import LOOPBACK
from brassleaf.organizations.keys import service as keys
from brassleaf.organizations.keys.models import normal_network
from brassleaf.organizations.keys.service import expiry
from brassleaf.organizations.models import ORGANIZATIONS
from brassleaf.organizations.users import accounts
from brassleaf.organizations.users.accounts import check_email, new_password
from brassleaf.security.principals import API_KEYS, USERS
from brassleaf.security.tokens import SYSTEM
from brassleaf.store.collections import Document, fold
from brassleaf.store.port import Dumped, Store, Stored
from brassleaf.store.trail import AUDIT

__all__ = [
    "COLLECTIONS",
    "Keys",
    "Users",
    "check_email",
    "expiry",
    "loopback",
    "new_password",
    "organizations",
    "the_organization",
    "trusted",
]

#: What these rules read and write, with the trail of it; ORGANIZATIONS first, so that a dump begins with them.
COLLECTIONS = (ORGANIZATIONS, API_KEYS, USERS, SYSTEM, AUDIT)


def loopback() -> list[dict[str, str]]:
    """The trusted addresses of a key that is used on the server's own machine."""
    return [{"ipAddress": network, "description": "this machine"} for network in LOOPBACK]


def trusted(addresses: Sequence[str], description: str | None = None) -> list[dict[str, str]]:
    """Trusted addresses as they are stored. Raises Refused for one that is none."""
    found = []
    for address in addresses:
        try:
            text = normal_network(address)
        except ValueError as error:
            raise Refused.field("ipAddress", f"{address!r}: {error}") from None
        found.append({"ipAddress": text, **({"description": description} if description else {})})
    return found


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


class Keys(keys.Keys):
    """The API keys of one organization."""

    async def get(self, id_: str) -> Stored:
        """One key by its id or name. Raises NotFound."""
        return _one(await self.all(), "name", id_, "API key", "brassleaf keys list")

    async def trust(self, id_: str, addresses: Sequence[dict[str, str]]) -> Stored:
        """Add trusted addresses to a key; one that is there already gets the new description."""
        added = {entry["ipAddress"]: entry for entry in addresses}

        def apply(document: Document) -> Document:
            kept = {str(entry["ipAddress"]): entry for entry in document.get("approvedIpAddresses") or []}
            for address, entry in added.items():
                kept[address] = {**kept.get(address, {}), **entry}
            return {**document, "approvedIpAddresses": list(kept.values())}

        return await self.change(id_, apply)

    async def distrust(self, id_: str, addresses: Sequence[dict[str, str]]) -> Stored:
        """Take trusted addresses off a key. Raises Refused for one that is not on it."""
        gone = {entry["ipAddress"] for entry in addresses}

        def apply(document: Document) -> Document:
            known = {
                trusted([str(entry["ipAddress"])])[0]["ipAddress"]: entry for entry in document["approvedIpAddresses"]
            }
            if missing := gone - set(known):
                raise Refused(f"{', '.join(sorted(missing))} is not among the trusted addresses of this key.")
            return {**document, "approvedIpAddresses": [known[address] for address in known if address not in gone]}

        return await self.change(id_, apply)


class Users(accounts.Users):
    """The users of one organization."""

    async def get(self, id_: str) -> Stored:
        """One user by id or e-mail address. Raises NotFound."""
        return _one(await self.all(), "email", id_, "user", "brassleaf users list")


def _one(entries: Sequence[Stored], field: str, wanted: str, noun: str, command: str) -> Stored:
    for entry in entries:
        if entry.id == wanted.lower() or fold(str(entry[field])) == fold(wanted.strip()):
            return entry
    raise NotFound(f"There is no {noun} {wanted!r}. See: {command}")

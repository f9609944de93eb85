"""The four roles, and the sets of them that endpoints are open to."""

from typing import Literal, get_args

Role = Literal["admin", "regular", "restricted", "customer"]
ROLES: tuple[Role, ...] = get_args(Role)

Allowed = frozenset[Role]

ADMIN: Allowed = frozenset({"admin"})
#: Those who write: an organization's own people.
STAFF: Allowed = frozenset({"admin", "regular"})
#: Those who read an organization's business.
READERS: Allowed = frozenset({"admin", "regular", "restricted"})
#: Those who may make what a web shop's visitor makes.
BUYERS: Allowed = frozenset({"admin", "regular", "customer"})
EVERYONE: Allowed = frozenset(ROLES)

#: `keyType` of an API key, as documented in two places, and the role that it means.
KEY_TYPES: dict[str, Role] = {
    "admin": "admin",
    "full-access": "admin",
    "read-only": "restricted",
    "customer": "customer",
}

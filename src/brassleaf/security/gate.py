"""The gate that every request goes through: whose token it is, that it still counts, what the role may."""

import re
from typing import cast

from starlette.requests import Request

from brassleaf.errors import Forbidden, NotSignedIn
from brassleaf.security.caller import Caller
from brassleaf.security.principals import API_KEYS, USERS, is_live, label_of
from brassleaf.security.roles import KEY_TYPES, Allowed, Role
from brassleaf.security.tokens import Tokens
from brassleaf.store.collections import Collection
from brassleaf.store.port import Store, Stored

CUSTOMER_HEADER = "apiCustomerId"
_ID = re.compile("^[0-9a-fA-F]{24}$")


class Gate:
    """Admits callers. `customers` is where the customer of the header apiCustomerId is looked up."""

    def __init__(self, store: Store, tokens: Tokens, customers: Collection) -> None:
        self._store = store
        self._tokens = tokens
        self._customers = customers

    async def admit(self, request: Request, allowed: Allowed) -> Caller:
        """The caller of a request. Raises NotSignedIn, or Forbidden where the role is not among those allowed.

        The key or user is read every time: a token is dead as soon as they are, whichever worker they were deleted by.
        """
        claims = self._tokens.read(_bearer(request))
        collection = API_KEYS if claims.kind == "key" else USERS
        stored = await self._store.repository(collection, claims.organization).get(claims.subject)
        if stored is None or not is_live(stored):
            raise NotSignedIn("The key or user of this security token is gone. Ask for a new token with another.")
        role = _role(claims.kind, stored)
        if role not in allowed:
            raise Forbidden(f"The role {role} may not do this; it takes {' or '.join(sorted(allowed))}.")
        return Caller(
            organization=claims.organization,
            role=role,
            kind=claims.kind,
            id=stored.id,
            name=str(stored["name"] or ""),
            label=label_of(claims.kind, stored.document),
            customer_id=await self._customer(request, claims.organization) if role == "customer" else None,
        )

    async def _customer(self, request: Request, organization: str) -> str | None:
        given = request.headers.get(CUSTOMER_HEADER, "")
        if not _ID.match(given):
            return None
        stored = await self._store.repository(self._customers, organization).get(given.lower())
        return stored.id if stored is not None and not stored["deleted"] else None


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("Send a security token: Authorization: Bearer …, from POST /security/v1/token.")
    return token.strip()


def _role(kind: str, stored: Stored) -> Role:
    if kind == "key":
        return KEY_TYPES.get(str(stored["keyType"]), "restricted")
    return cast("Role", stored["role"] or "restricted")

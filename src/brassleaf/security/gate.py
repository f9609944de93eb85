"""The gate that every request goes through: whose token it is, that it still counts, what the role may."""

import re
from typing import cast

from starlette.requests import Request

from brassleaf.errors import Forbidden, NotSignedIn
from brassleaf.security.caller import Caller
from brassleaf.security.principals import API_KEYS, USERS, is_live, label_of, may_write
from brassleaf.security.roles import KEY_TYPES, Allowed, Role
from brassleaf.security.tokens import Claims, Tokens
from brassleaf.store.collections import Collection, Document
from brassleaf.store.port import Store

CUSTOMER_HEADER = "apiCustomerId"
_ID = re.compile("^[0-9a-fA-F]{24}$")


class Gate:
    """Admits callers. `customers` is where the customer of the header apiCustomerId is looked up."""

    def __init__(self, store: Store, tokens: Tokens, customers: Collection) -> None:
        self._store = store
        self._tokens = tokens
        self._customers = customers

    async def admit(
        self, request: Request, allowed: Allowed, *, writes: bool = False, users_only: bool = False
    ) -> Caller:
        """The caller of a request. Raises NotSignedIn, or Forbidden where the role is not among those allowed.

        The key or user is read every time: a token is dead as soon as they are, whichever worker they were deleted by.
        A refused caller is left on the request, for the log and the history.
        """
        claims = self._tokens.read(_bearer(request))
        collection = API_KEYS if claims.kind == "key" else USERS
        stored = await self._store.repository(collection, claims.organization).get(claims.subject)
        document = None if stored is None else stored.shared
        if document is None or not is_live(document):
            raise NotSignedIn("The key or user of this security token is gone. Ask for a new token with another.")
        if claims.session != (document.get("session") or 0):
            raise NotSignedIn("The password was changed since this security token was made. Sign in again.")
        role = _role(claims.kind, document)
        caller = Caller(
            organization=claims.organization,
            role=role,
            kind=claims.kind,
            id=claims.subject,
            name=str(document.get("name") or ""),
            label=label_of(claims.kind, document),
            customer_id=await self._customer(request, claims, document) if role == "customer" else None,
        )
        request.state.caller = caller
        if role not in allowed:
            raise Forbidden(f"The role {role} may not do this; it takes {' or '.join(sorted(allowed))}.")
        if users_only and claims.kind == "key":
            raise Forbidden(f"An API key (its role is {role}) has no account of its own; sign in as a user.")
        if writes and claims.kind == "key" and not may_write(document):
            raise Forbidden(f"This API key (its role is {role}) has the scope read; what it asks for takes write.")
        return caller

    async def _customer(self, request: Request, claims: Claims, document: Document) -> str | None:
        """Whom a caller of the role customer acts for: a key for whom it says, a user for whom an admin said."""
        organization = claims.organization
        given = (
            request.headers.get(CUSTOMER_HEADER, "")
            if claims.kind == "key"
            else str(document.get("customerOrgId") or "")
        )
        if not _ID.match(given):
            return None
        found = await self._store.repository(self._customers, organization).get(given.lower())
        return found.id if found is not None and not found["deleted"] else None


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("Send a security token: Authorization: Bearer …, from POST /security/v1/token.")
    return token.strip()


def _role(kind: str, document: Document) -> Role:
    if kind == "key":
        return KEY_TYPES.get(str(document.get("keyType")), "restricted")
    return cast("Role", document.get("role") or "restricted")

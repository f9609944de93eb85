"""Signing in: a security token for an API key from a trusted address, or for a user with a password."""

import contextlib
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from brassleaf.errors import FieldError, Forbidden, NotSignedIn, Refused
from brassleaf.http import answers
from brassleaf.http.addresses import client_address, is_in, parse_network
from brassleaf.http.models import Sent, Shown
from brassleaf.security.attempts import Attempts, source
from brassleaf.security.passwords import Passwords
from brassleaf.security.principals import API_KEYS, USERS, is_live, secret_hash
from brassleaf.security.rooms import House, Room
from brassleaf.security.tokens import Tokens
from brassleaf.settings import Settings
from brassleaf.store.collections import Collection, Document
from brassleaf.store.port import Changed, Store, Stored
from brassleaf.store.records import now

#: A time as text, to the minute.
_MINUTE = len("2026-01-31T12:00")
_TRIES = 5

Given = Annotated[str, Field(max_length=1000)]


class TokenRequest(Sent):
    """`client_credentials` takes apiKey and name; `password`, ours, takes email (or name) and password."""

    grantType: Literal["client_credentials", "password"]
    apiKey: Given | None = None
    name: Given | None = None
    email: Given | None = None
    password: Given | None = None


class TokenData(Shown):
    """A security token and the time at which it expires."""

    securityToken: str
    expires: str


class TokenAnswer(TokenData):
    """Both documented shapes at once."""

    data: TokenData


class SignIn:
    """Mints tokens."""

    def __init__(self, store: Store, tokens: Tokens, settings: Settings, passwords: Passwords | None = None) -> None:
        self._store = store
        self._tokens = tokens
        self._settings = settings
        self._passwords = passwords or Passwords()
        self._attempts = Attempts(settings.failed_attempts)

    async def token(self, request: Request, sent: TokenRequest) -> tuple[str, str]:
        """A token and its expiry. Raises Refused, NotSignedIn, Forbidden, TooMany."""
        who = source(client_address(request, self._settings.trusted_proxies))
        if sent.grantType == "client_credentials":
            secret, name = _required(sent, "apiKey", "name")
            async with self._attempts.counted(who):
                return await self._for_key(request, secret, name)
        email, password = _required(sent, "email" if sent.email is not None else "name", "password")
        async with self._attempts.counted(who):
            return await self._for_user(email, password)

    async def _for_key(self, request: Request, secret: str, name: str) -> tuple[str, str]:
        found = await self._store.find(API_KEYS, "secret", secret_hash(secret))
        if found is None or found[1]["name"] != name or not is_live(found[1].document):
            raise NotSignedIn("There is no such API key of this name, or it has expired.")
        organization, key = found
        networks = [parse_network(str(entry["ipAddress"])) for entry in key["approvedIpAddresses"] or []]
        address = client_address(request, self._settings.trusted_proxies)
        if not is_in(address, networks):
            raise Forbidden(
                f"The address {address} is not among the trusted addresses of this API key. An admin can add it: "
                "brassleaf keys trust, or POST /api/v1/organization/apikeys/{apiKeyId}/update."
            )
        await self._note(API_KEYS, organization, key, {"lastUsed": now()})
        return self._tokens.mint(key.id, organization, "key")

    async def _for_user(self, email: str, password: str) -> tuple[str, str]:
        found = await self._store.find(USERS, "email", email)
        stored = str(found[1]["passwordHash"] or "") or None if found else None
        right = await self._passwords.are_equal(stored, password)
        if found is None or not right or not is_live(found[1].document):
            raise NotSignedIn("There is no such user, or the password is another.")
        organization, user = found
        # whoever signs in has accepted: the code of the invitation ends with that
        await self._note(USERS, organization, user, {"lastLogin": now(), "status": "active"})
        return self._tokens.mint(user.id, organization, "user", int(user["session"] or 0))

    async def _note(self, collection: Collection, organization: str, stored: Stored, fields: Document) -> None:
        """Keep when somebody signed in, once a minute at most. Who changed the document meanwhile goes first."""
        repository = self._store.repository(collection, organization)
        for _ in range(_TRIES):
            if all(str(stored[name] or "")[:_MINUTE] == str(value)[:_MINUTE] for name, value in fields.items()):
                return
            with contextlib.suppress(Changed):
                await repository.replace(stored, {**stored.document, **fields})
                return
            newer = await repository.get(stored.id)
            if newer is None or newer["deleted"]:
                return
            stored = newer


def _required(sent: TokenRequest, *fields: str) -> tuple[str, ...]:
    missing = [field for field in fields if not getattr(sent, field)]
    if missing:
        raise Refused.fields([FieldError(field, "This field is required.") for field in missing])
    return tuple(str(getattr(sent, field)) for field in fields)


def room(house: House, sign_in: SignIn) -> Room:
    """The token endpoint, outside /api/v1."""
    room = Room(house, "Security", prefix="")

    @room.post("/security/v1/token", allow=None, answers=TokenAnswer, writes=False, operation="postSecurityToken")
    async def token(request: Request, sent: TokenRequest) -> Response:
        """A security token, good for one hour, for an API key or a user."""
        made, expires = await sign_in.token(request, sent)
        data = {"securityToken": made, "expires": expires}
        return answers.json_answer({"data": data, **data}, headers={"Cache-Control": "no-store"})

    return room

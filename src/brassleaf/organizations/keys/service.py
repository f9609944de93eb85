"""The rules of API keys, for the API and the command line."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from typing import Any

from brassleaf.errors import Refused
from brassleaf.organizations.keys.models import ApiKey, KeyFields, normal_type
from brassleaf.security.caller import Caller
from brassleaf.security.principals import API_KEYS, is_past, key_fields, may_write, new_secret, secret_hash
from brassleaf.security.roles import KEY_TYPES
from brassleaf.store.collections import Document
from brassleaf.store.port import Duplicate, Store, Stored
from brassleaf.store.query import Query
from brassleaf.store.records import Expected, Records, merged

_SHOWN = tuple(field.alias or name for name, field in ApiKey.model_fields.items())


def expiry(text: str) -> str:
    """When a key ends, from an ISO 8601 date (its last moment, UTC) or date-time. Raises Refused for a past one."""
    try:
        moment = datetime.fromisoformat(text)
        if len(text) <= len("2030-12-31"):
            moment = datetime.combine(moment.date(), time(23, 59, 59), UTC)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused.field("expires", f"{text!r} is not a date such as 2030-12-31.") from None
    stored = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    if is_past(stored):
        raise Refused.field("expires", f"{text} is in the past.")
    return stored


class Keys:
    """The API keys of one organization. Every change counts at once: keys are read with each request."""

    def __init__(self, store: Store, organization: str, by: str) -> None:
        self._repository = store.repository(API_KEYS, organization)
        self._records = Records(self._repository, "API key", by)

    async def all(self) -> list[Stored]:
        """Every key, by name."""
        return [entry async for batch in self._repository.stream(Query()) for entry in batch]

    async def get(self, id_: str) -> Stored:
        """One key. Raises NotFound."""
        return await self._records.get(id_)

    async def create(
        self,
        name: str,
        key_type: str,
        addresses: Sequence[dict[str, str]],
        expires: str | None = None,
        scopes: str | None = None,
    ) -> tuple[Stored, str]:
        """A new key and its secret, which is kept nowhere. Raises Refused where the name is taken."""
        name, key_type = name.strip(), normal_type(key_type)
        if not name or len(name) > 200:
            raise Refused.field("name", "A key needs a name of at most 200 characters.")
        if key_type not in KEY_TYPES:
            raise Refused.field("keyType", f"Use one of {', '.join(KEY_TYPES)}.")
        secret = new_secret()
        fields = key_fields(name, key_type, addresses, secret, expires)
        fields["scopes"] = scopes or fields["scopes"]
        _check_scopes(fields)
        try:
            stored = await self._records.create(fields)
        except Duplicate as error:
            raise _taken(name) from error
        if stored["secretHash"] != fields["secretHash"]:
            # a repeated request found what the first one made, whose secret nobody was told
            known = {"secretHash": secret_hash(secret), "lastFour": secret[-4:]}
            stored = await self._records.change(stored.id, lambda document: {**document, **known})
        return stored, secret

    async def update(self, id_: str, fields: dict[str, Any], expected: Expected = None) -> Stored:
        """Change the fields that are given. Raises NotFound, Stale, Refused where the name is taken."""

        def apply(document: Document) -> Document:
            made = merged(document, fields)
            _check_scopes(made)
            return made

        try:
            return await self.change(id_, apply, expected)
        except Duplicate as error:
            raise _taken(str(fields.get("name"))) from error

    async def change(self, id_: str, apply: Callable[[Document], Document], expected: Expected = None) -> Stored:
        """Replace a key by what `apply` makes of it. Raises NotFound, Stale, Duplicate."""
        return await self._records.change((await self.get(id_)).id, apply, expected)

    async def delete(self, id_: str, expected: Expected = None) -> Stored:
        """Delete a key; its tokens end with it."""
        return await self._records.remove((await self.get(id_)).id, expected)


def _check_scopes(key: Document) -> None:
    if key["keyType"] == "read-only" and may_write(key):
        raise Refused.field("scopes", "A read-only key changes nothing: send read, or another keyType.")


def _taken(name: str) -> Refused:
    return Refused.field("name", f"There is an API key of the name {name} already.")


class KeyService:
    """API keys as an admin works with them over the API."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def _keys(self, caller: Caller) -> Keys:
        return Keys(self._store, caller.organization, caller.label)

    async def all(self, caller: Caller) -> list[Document]:
        """Every key, by name, without secrets."""
        return [_shown(entry) for entry in await self._keys(caller).all()]

    async def create(self, caller: Caller, sent: KeyFields) -> Document:
        """A new key, with its secret this once."""
        fields = _fields(sent)
        stored, secret = await self._keys(caller).create(
            sent.name, sent.keyType, fields.get("approvedIpAddresses") or [], fields.get("expires"), sent.scopes
        )
        return {**_shown(stored), "apiKey": secret}

    async def update(self, caller: Caller, id_: str, sent: KeyFields, expected: Expected) -> tuple[Document, Stored]:
        """Change a key, all but its secret."""
        fields = _fields(sent)
        if "approvedIpAddresses" in fields:
            fields["approvedIpAddresses"] = fields["approvedIpAddresses"] or []
        stored = await self._keys(caller).update(id_, fields, expected)
        return _shown(stored), stored

    async def delete(self, caller: Caller, id_: str, expected: Expected) -> None:
        """Delete a key; its tokens end with it."""
        await self._keys(caller).delete(id_, expected)


def _fields(sent: KeyFields) -> dict[str, Any]:
    fields = sent.model_dump(exclude_unset=True)
    if sent.approvedIpAddresses is not None:
        fields["approvedIpAddresses"] = [entry.model_dump(exclude_none=True) for entry in sent.approvedIpAddresses]
    if sent.expires is not None:
        fields["expires"] = expiry(sent.expires)
    return fields


def _shown(stored: Stored) -> Document:
    found = {name: stored[name] for name in _SHOWN if stored[name] is not None}
    return {**found, "approvedIpAddresses": stored["approvedIpAddresses"] or []}

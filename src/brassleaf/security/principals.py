"""API keys and users as they are stored, and how they come to be."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from brassleaf.store.collections import Collection, Document, Field, Unique

API_KEYS = Collection(
    "apiKeys",
    (Field("name", search=True), Field("keyType")),
    {
        "secret": Unique("secretHash", everywhere=True),
        "name": Unique("name"),
    },
    order="name",
)
USERS = Collection(
    "users",
    (Field("name", search=True), Field("email", search=True), Field("role")),
    {
        "email": Unique("email", everywhere=True),
    },
    order="email",
)


def new_secret() -> str:
    """The secret of an API key: 256 bits of chance, recognisable by its beginning."""
    return "blk_" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def secret_hash(secret: str) -> str:
    """What is stored of a secret. SHA-256 is enough for one that nobody can guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def key_fields(
    name: str, key_type: str, addresses: Sequence[dict[str, str]], secret: str, expires: str | None = None
) -> dict[str, Any]:
    """The fields of a new API key; the secret itself is not among them."""
    return {
        "name": name,
        "keyType": key_type,
        "scopes": "read" if key_type == "read-only" else "read,write",
        "approvedIpAddresses": [dict(address) for address in addresses],
        "expires": expires,
        "secretHash": secret_hash(secret),
        "lastFour": secret[-4:],
    }


def may_write(key: Document) -> bool:
    """Whether the scopes of an API key let it change anything; one without scopes is not bound by them."""
    scopes = key.get("scopes")
    return scopes is None or "write" in str(scopes).split(",")


def is_live(document: Document) -> bool:
    """Whether a key or user may still act: not deleted, not expired."""
    return not document["deleted"] and not is_past(document.get("expires"))


def is_past(expires: object) -> bool:
    """Whether an expiry date has come; none never does."""
    if not isinstance(expires, str):
        return False
    moment = datetime.fromisoformat(expires)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) <= datetime.now(UTC)


def label_of(kind: str, document: Document) -> str:
    """What audit fields say of who did it."""
    return str(document["email"]) if kind == "user" else f"key {document['name']}"

"""Codes for mails: whoever has one may choose the password of one user.

A code is signed and kept nowhere. It names the user, what it is for and until when; its signature also covers the
user's address and stored password, so that it dies when either changes: with its first use, all codes of the user die.
Nothing is overwritten when another one is asked for, so that nobody can end a code by asking for more. (Django's
PasswordResetTokenGenerator rests on the same idea.)
"""

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import orjson

from brassleaf.http.lists import stamp
from brassleaf.security.principals import is_live
from brassleaf.security.tokens import Tokens
from brassleaf.store.collections import Document

Purpose = Literal["reset", "invitation"]

LIVES: dict[Purpose, timedelta] = {"reset": timedelta(hours=1), "invitation": timedelta(days=7)}
_PURPOSES: tuple[Purpose, ...] = ("reset", "invitation")
#: Purpose, organization, user, end (seconds since 1970); behind it the signature.
_HEAD = struct.Struct(">B12s12sQ")
_SIGNATURE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says of itself; `Codes.fits` tells whether that is so."""

    head: bytes
    signature: bytes
    purpose: Purpose
    organization: str
    user: str
    expires: datetime


class Codes:
    """Makes and checks codes, with a key that follows from the one that signs tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def made(self, purpose: Purpose, organization: str, user: Document) -> tuple[str, str]:
        """A code for a user as stored, and when it ends, ISO 8601."""
        expires = datetime.now(UTC) + LIVES[purpose]
        head = _HEAD.pack(
            _PURPOSES.index(purpose), bytes.fromhex(organization), bytes.fromhex(user["_id"]), int(expires.timestamp())
        )
        text = base64.urlsafe_b64encode(head + self._signature(head, user))
        return text.decode().rstrip("="), stamp(expires)

    def read(self, text: str) -> Code | None:
        """What a code says of itself; None for what is none."""
        try:
            content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            purpose, organization, user, expires = _HEAD.unpack_from(content)
            end = datetime.fromtimestamp(expires, UTC)
            signature = content[_HEAD.size :]
            return Code(content[: _HEAD.size], signature, _PURPOSES[purpose], organization.hex(), user.hex(), end)
        except (binascii.Error, struct.error, ValueError, IndexError, OverflowError, OSError):
            return None

    def fits(self, code: Code, user: Document) -> bool:
        """Whether a code was made for this user, and the user is still as then. An accepted invitation's does not."""
        if code.expires <= datetime.now(UTC) or not is_live(user):
            return False
        if code.purpose == "invitation" and user.get("status") != "invited":
            return False
        return hmac.compare_digest(code.signature, self._signature(code.head, user))

    def _signature(self, head: bytes, user: Document) -> bytes:
        state = orjson.dumps([user["email"], user.get("passwordHash")])
        return hmac.digest(self._tokens.key_for("codes of mails"), head + state, "sha256")[:_SIGNATURE_BYTES]

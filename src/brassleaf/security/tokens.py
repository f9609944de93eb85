"""Security tokens: one-hour JWTs, signed with a key that all workers of a store share."""

import hmac
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from jose import JWTError, jwt

from brassleaf.errors import NotSignedIn
from brassleaf.settings import Settings
from brassleaf.store.collections import SHARED, Collection
from brassleaf.store.port import Duplicate, Store
from brassleaf.store.records import new_document

LIFE_SECONDS = 3600
#: Named here and never read from the token.
ALGORITHM = "HS256"

SYSTEM = Collection("system", trail=False)
_SIGNING_KEY_ID = "0" * 23 + "1"
_REMEMBERED = 5000


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: who, of which organization, until when (seconds since 1970).

    `session` counts how often all tokens of the user were ended; those of an earlier count are dead.
    """

    subject: str
    organization: str
    kind: Literal["user", "key"]
    expires: float
    session: int = 0


class Tokens:
    """Mints and reads tokens. A token that was read once is not verified again, only its expiry."""

    def __init__(self) -> None:
        self._key = ""
        self._read: OrderedDict[str, Claims] = OrderedDict()

    def use(self, key: str) -> None:
        """Sign and verify with this key from now on."""
        self._key = key
        self._read.clear()

    def key_for(self, purpose: str) -> bytes:
        """A key for something else than tokens, which says nothing of theirs."""
        return hmac.digest(self._key.encode(), purpose.encode(), "sha256")

    def mint(self, subject: str, organization: str, kind: Literal["user", "key"], session: int = 0) -> tuple[str, str]:
        """A token and the time at which it expires, ISO 8601."""
        issued = int(time.time())
        expires = issued + LIFE_SECONDS
        claims: dict[str, Any] = {
            "sub": subject,
            "org": organization,
            "kind": kind,
            "iat": issued,
            "exp": expires,
            "jti": secrets.token_hex(8),
            **({"ses": session} if session else {}),
        }
        moment = datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return str(jwt.encode(claims, self._key, algorithm=ALGORITHM)), moment

    def read(self, token: str) -> Claims:
        """What a token says. Raises NotSignedIn for one that is expired, forged or not ours."""
        claims = self._read.get(token) or self._verify(token)
        if claims.expires <= time.time():
            self._read.pop(token, None)
            raise NotSignedIn("The security token has expired. Ask for a new one at POST /security/v1/token.")
        return claims

    def _verify(self, token: str) -> Claims:
        try:
            found = jwt.decode(token, self._key, algorithms=[ALGORITHM], options={"verify_exp": False})
            kind = found["kind"]
            if kind not in ("user", "key"):
                raise KeyError(kind)
            session = int(found.get("ses", 0))
            claims = Claims(str(found["sub"]), str(found["org"]), kind, float(found["exp"]), session)
        except (JWTError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise NotSignedIn("The security token is not valid. Ask for one at POST /security/v1/token.") from error
        self._read[token] = claims
        while len(self._read) > _REMEMBERED:
            self._read.popitem(last=False)
        return claims


async def signing_key(store: Store, settings: Settings) -> str:
    """The key that signs tokens: of the settings, or made once and kept in the store, whoever comes first."""
    if settings.secret is not None:
        return settings.secret.get_secret_value()
    repository = store.repository(SYSTEM, SHARED)
    stored = await repository.get(_SIGNING_KEY_ID)
    if stored is None:
        made = {**new_document({"value": secrets.token_hex(32)}, "brassleaf"), "_id": _SIGNING_KEY_ID}
        try:
            stored = await repository.insert(made)
        except Duplicate:
            stored = await repository.get(_SIGNING_KEY_ID)
    if stored is None:
        raise RuntimeError("the signing key could not be kept")
    return str(stored["value"])

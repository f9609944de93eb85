"""What can go wrong, named for the business fact; `http.problems` renders each once.

Services raise these and know no status codes. Every message is a sentence that tells the caller what to change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    """One refused value: the field as the caller spelled it (`end1`, `items[2].quantity`, `X-Header`) and why."""

    field: str
    message: str


class BrassleafError(Exception):
    """A request that cannot be served, and what the caller can do about it."""

    def __init__(self, message: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.errors = tuple(errors)
        #: Further members of the answer (RFC 9457, section 3.2), such as alternatives to what was refused.
        self.more: Mapping[str, Any] = {}


class Refused(BrassleafError):
    """Malformed, or against a rule of the trade, the life cycle or uniqueness (400)."""

    @classmethod
    def field(cls, field: str, message: str) -> "Refused":
        """A refusal of one field: `Refused.field("lengthUnit", "Use one of in, ft, mm, cm, m.")`."""
        return cls(f"{field}: {message}", [FieldError(field, message)])

    @classmethod
    def fields(cls, errors: Sequence[FieldError]) -> "Refused":
        """A refusal with every reason at once."""
        return cls("; ".join(f"{error.field}: {error.message}" for error in errors), errors)


class NotSignedIn(BrassleafError):
    """No token, or one that is expired, forged or revoked (401)."""


class Forbidden(BrassleafError):
    """The caller's role may not do this (403)."""


class NotFound(BrassleafError):
    """Unknown, deleted or another organization's (404: the three look the same from outside)."""


class Clash(BrassleafError):
    """An idempotency key was used with another request (409)."""


class Stale(BrassleafError):
    """Somebody else changed the document since it was read (412)."""


class TooLarge(BrassleafError):
    """The body is larger than this server takes (413)."""


class WrongMediaType(BrassleafError):
    """The body is not of a type that this endpoint reads (415)."""


class Unavailable(BrassleafError):
    """Something that the server needs does not answer; the same request may go through later (503)."""


class Overtaken(Unavailable):
    """Others changed the same document each time that a change was about to be written (503)."""

    def __init__(self) -> None:
        super().__init__("Others change this document all the time. Nothing was changed; try again.")


class TooMany(BrassleafError):
    """Too many attempts; try again after `retry_after` seconds (429)."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after

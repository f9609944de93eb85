"""Passwords: argon2id with OWASP's minimum (19 MiB, two passes), behind a semaphore: sign-ins can't eat the machine."""

import asyncio
import functools
import re
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from brassleaf.errors import TooMany

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

#: So many checks wait or run at most: some 25 ms each, so that whoever is let in waits about a second.
MOST = 64

_RULES = (("[A-Z]", "an upper-case letter"), ("[a-z]", "a lower-case letter"), ("[0-9]", "a digit"))


def check_strength(password: str) -> str:
    """The password, if it is one to take: 8 characters, upper and lower case, a digit, a special character."""
    missing = [name for pattern, name in _RULES if not re.search(pattern, password)]
    if not re.search(r"[^A-Za-z0-9]", password):
        missing.append("a special character")
    if len(password) < 8:
        missing.insert(0, "at least 8 characters")
    if missing:
        raise ValueError(f"The password needs {', '.join(missing)}.")
    if len(password) > 200:
        raise ValueError("The password may have at most 200 characters.")
    return password


def hash_password(password: str) -> str:
    """What is stored of a password."""
    return _HASHER.hash(password)


class Passwords:
    """Hashes and checks passwords, two at a time, beside the event loop."""

    def __init__(self) -> None:
        self._at_once = asyncio.Semaphore(2)
        self._checks = 0

    async def hashed(self, password: str) -> str:
        """What is stored of a password."""
        async with self._at_once:
            return await asyncio.to_thread(hash_password, password)

    async def are_equal(self, stored: str | None, password: str) -> bool:
        """Whether a password is the stored one; takes the same time where nothing is stored. Raises TooMany."""

        def verify() -> bool:
            try:
                return _HASHER.verify(stored or _nobody(), password) and stored is not None
            except (VerificationError, InvalidHashError):
                return False

        if self._checks >= MOST:
            raise TooMany("Too many people are signing in at the moment. Try again in two seconds.", 2)
        self._checks += 1
        try:
            async with self._at_once:
                return await asyncio.to_thread(verify)
        finally:
            self._checks -= 1


@functools.cache
def _nobody() -> str:
    """Checked where there is no such user, so that the answer takes as long."""
    return hash_password(secrets.token_urlsafe())

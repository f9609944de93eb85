"""The rules of users that hold whoever acts: e-mail addresses, passwords, roles, and the admin who must remain."""

import contextlib
import secrets
import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from brassleaf.errors import Refused, Unavailable
from brassleaf.http.lists import stamp
from brassleaf.organizations.users.models import normal_email
from brassleaf.security.passwords import Passwords, check_strength
from brassleaf.security.principals import USERS, is_live
from brassleaf.security.roles import ROLES
from brassleaf.security.tokens import SYSTEM
from brassleaf.store.collections import Document
from brassleaf.store.port import Changed, Duplicate, Store, Stored
from brassleaf.store.query import Query, equal
from brassleaf.store.records import Expected, Records, derived_id, new_document

_ALPHABET = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))
#: A note of who is about to go that is as old as this was left by a crash.
_LEAVING = timedelta(seconds=60)
_TRIES = 50


def check_email(email: str) -> str:
    """An e-mail address, without blanks around it. Raises Refused."""
    try:
        return normal_email(email)
    except ValueError as error:
        raise Refused.field("email", str(error)) from None


def new_password() -> str:
    """A password of more than 110 bits that can be read out on the telephone."""
    while True:
        groups = ["".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4)]
        password = "-".join(groups)
        try:
            return check_strength(password)
        except ValueError:
            continue  # no digit, or no letter of one case, by chance


class _AdminGoes(Exception):
    """A change would take an admin away who was not announced."""


class Users:
    """The users of one organization."""

    def __init__(self, store: Store, organization: str, by: str, passwords: Passwords | None = None) -> None:
        self._store = store
        self._organization = organization
        self._by = by
        self._passwords = passwords or Passwords()
        self._repository = store.repository(USERS, organization)
        self._records = Records(self._repository, "user", by)

    async def all(self) -> list[Stored]:
        """Every user, by e-mail address."""
        return [entry async for batch in self._repository.stream(Query()) for entry in batch]

    async def get(self, id_: str) -> Stored:
        """One user. Raises NotFound."""
        return await self._records.get(id_)

    async def create(self, email: str, role: str, name: str | None, password: str | None) -> tuple[Stored, str]:
        """A new user and the password. Raises Refused where the e-mail address is taken, on the whole server."""
        email, role, password = check_email(email), _role(role), _password(password)
        fields: dict[str, Any] = {"name": (name or email.partition("@")[0])[:200], "email": email, "role": role}
        try:
            hashed = await self._passwords.hashed(password)
            return await self._records.create({**fields, "passwordHash": hashed}), password
        except Duplicate as error:
            raise taken("email", email) from error

    async def set_role(self, id_: str, role: str) -> Stored:
        """Give a user another role. Raises Refused for the last admin."""
        role = _role(role)
        return await self.change(id_, lambda document: {**document, "role": role})

    async def set_password(self, id_: str, password: str | None) -> tuple[Stored, str]:
        """Give a user another password; the tokens of the old one end."""
        user, password = await self.get(id_), _password(password)
        return await self._records.change(user.id, with_password(await self._passwords.hashed(password))), password

    async def delete(self, id_: str, expected: Expected = None) -> Stored:
        """Delete a user; the tokens end with it. Raises Stale, and Refused for the last admin."""
        return await self.change(id_, self._records.deleted, expected)

    async def change(self, id_: str, apply: Callable[[Document], Document], expected: Expected = None) -> Stored:
        """Change a user so that the organization keeps an admin.

        Raises NotFound, Stale, Duplicate, and Refused for the last admin.

        Two admins who remove each other at the same moment each find the other there. So whoever may be about to go
        is noted first, in one document that is replaced compare-and-set, and counts as gone from then on. Whether it
        is an admin who goes is judged by the very state that is replaced, not by an earlier one.
        """
        user = await self.get(id_)

        def judged(document: Document) -> Document:
            after = apply(document)
            if _is_admin(document) and not _is_admin(after):
                raise _AdminGoes
            return after

        try:
            return await self._records.change(user.id, judged, expected)
        except _AdminGoes:
            await self._announce(user)
        try:
            return await self._records.change(user.id, apply, expected)
        finally:
            await self._withdraw(user)

    async def _announce(self, user: Stored) -> None:
        for _ in range(_TRIES):
            note, leaving = await self._leaving()
            admins = await self._repository.page(Query(equal("role", "admin"), limit=1000))
            remain = [
                admin
                for admin in admins.items
                if admin.id != user.id and admin.id not in leaving and is_live(admin.document) and admin["passwordHash"]
            ]
            if not remain:
                raise Refused(f"{user['email']} is the last admin. Make somebody else an admin first.")
            if await self._note(note, {**leaving, user.id: stamp(datetime.now(UTC))}):
                return
        raise Unavailable("Other admins are being changed at the same moment. Try again.")

    async def _withdraw(self, user: Stored) -> None:
        for _ in range(_TRIES):
            note, leaving = await self._leaving()
            if await self._note(note, {id_: since for id_, since in leaving.items() if id_ != user.id}):
                return

    async def _leaving(self) -> tuple[Stored | None, dict[str, str]]:
        note = await self._store.repository(SYSTEM, self._organization).get(self._note_id)
        oldest = stamp(datetime.now(UTC) - _LEAVING)
        noted: dict[str, str] = note["leaving"] if note is not None else {}
        return note, {id_: since for id_, since in noted.items() if since > oldest}

    async def _note(self, before: Stored | None, leaving: dict[str, str]) -> bool:
        repository = self._store.repository(SYSTEM, self._organization)
        with contextlib.suppress(Changed, Duplicate):
            if before is None:
                await repository.insert({**new_document({"leaving": leaving}, self._by), "_id": self._note_id})
            else:
                await repository.replace(before, {**before.document, "leaving": leaving})
            return True
        return False

    @property
    def _note_id(self) -> str:
        return derived_id(self._organization, "leaving admins")


def _is_admin(document: Document) -> bool:
    return document.get("role") == "admin" and not document["deleted"]


def with_password(hashed: str) -> Callable[[Document], Document]:
    """What makes a user one with another password: codes (see `security.codes`) and tokens that are there end."""
    return lambda document: {
        **document,
        "passwordHash": hashed,
        "session": int(document.get("session") or 0) + 1,
    }


def taken(field: str, email: str) -> Refused:
    """An e-mail address signs in one user of one organization."""
    return Refused.field(field, f"Another user of this server has the e-mail address {email}.")


def _role(role: str) -> str:
    if role not in ROLES:
        raise Refused.field("role", f"Use one of {', '.join(ROLES)}.")
    return role


def _password(password: str | None) -> str:
    try:
        return new_password() if password is None else check_strength(password)
    except ValueError as error:
        raise Refused.field("password", str(error)) from None

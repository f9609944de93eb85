"""What admins do with users, and users with their own accounts."""

import asyncio
import logging
from typing import Any

from brassleaf.errors import BrassleafError, FieldError, Forbidden, NotFound, Refused, Unavailable
from brassleaf.mail.mailer import Mail, Mailer
from brassleaf.organizations.models import ORGANIZATIONS
from brassleaf.organizations.users import mails
from brassleaf.organizations.users.accounts import Users, taken, with_password
from brassleaf.organizations.users.models import (
    AccountChange,
    Invitation,
    Invited,
    ListedUser,
    Redemption,
    UserChange,
)
from brassleaf.security.attempts import Attempts
from brassleaf.security.caller import Caller
from brassleaf.security.codes import Codes
from brassleaf.security.passwords import Passwords
from brassleaf.security.principals import API_KEYS, USERS
from brassleaf.settings import Settings
from brassleaf.store.collections import Collection, Document, fold
from brassleaf.store.port import Duplicate, Page, Store, Stored
from brassleaf.store.query import EVERYTHING, Ids, Query
from brassleaf.store.records import Expected, Records, check_expected, merged, new_document, tag

log = logging.getLogger("brassleaf")

_SPENT = "This code does not work any more: it does once, and only for a while. Ask for a new mail."
_NOT_SENT = "The mail server does not take mails at the moment. Try again later; the server's log says more."
_LISTED = tuple(field.alias or name for name, field in ListedUser.model_fields.items())


class UserService:
    """Users of one organization at a time. `customers` is where the customer of a user is looked up."""

    def __init__(
        self,
        store: Store,
        passwords: Passwords,
        codes: Codes,
        mailer: Mailer,
        settings: Settings,
        customers: Collection,
    ) -> None:
        self._store = store
        self._codes = codes
        self._passwords = passwords
        self._mailer = mailer
        self._link = settings.mail_link
        self._customers = customers
        self._attempts = Attempts(settings.failed_attempts)
        self._asked = Attempts(settings.failed_attempts)
        self._sending: set[asyncio.Task[None]] = set()

    def _users(self, caller: Caller) -> Users:
        return Users(self._store, caller.organization, caller.label, self._passwords)

    def _records(self, organization: str, by: str) -> Records:
        return Records(self._store.repository(USERS, organization), "user", by)

    # -- the own account ------------------------------------------------------------------------------------------

    async def account(self, caller: Caller) -> tuple[Document, Stored, Stored | None]:
        """Who is signed in (for an API key, a user that stands for it), and the two documents that say so."""
        stored, shop = await self._account(caller)
        shown = {
            "_id": stored.id,
            "name": stored["name"],
            "email": stored["email"],
            "role": caller.role if caller.kind == "key" else stored["role"] or "restricted",
            "organization": {"_id": caller.organization, "name": _name_of(shop)},
            "created": stored["created"],
            "lastModified": stored["lastModified"],
        }
        return shown, stored, shop

    async def _account(self, caller: Caller) -> tuple[Stored, Stored | None]:
        collection = USERS if caller.kind == "user" else API_KEYS
        stored = await Records(self._store.repository(collection, caller.organization), "user", "").get(caller.id)
        return stored, await self._store.repository(ORGANIZATIONS, caller.organization).get(caller.organization)

    async def update_account(self, caller: Caller, sent: AccountChange, expected: Expected) -> None:
        """Change the own name, e-mail address and, as an admin, role. Raises Refused, Forbidden, Stale."""
        fields = _changes(sent)
        if fields.get("role", caller.role) != caller.role and caller.role != "admin":
            raise Forbidden(f"The role {caller.role} may not change roles; it takes admin.")
        if expected is not None:  # the account is shown with the organization's name, and tagged with its state
            user, shop = await self._account(caller)
            check_expected(expected, tag(user, shop))
            expected = frozenset({tag(user)})

        try:
            await self._users(caller).change(caller.id, lambda document: merged(document, fields), expected)
        except Duplicate as error:
            raise taken("email", str(sent.email)) from error

    async def ask_reset(self, caller: Caller) -> None:
        """Send the caller a mail with a code to choose another password. Raises Unavailable."""
        await self._send_reset(caller.organization, await self._users(caller).get(caller.id))

    async def _send_reset(self, organization: str, user: Stored) -> None:
        token, expires = self._codes.made("reset", organization, user.document)
        shop = await self._shop(organization)
        await self._send(mails.reset(str(user["email"]), shop, token, expires, self._link))

    def forgot(self, email: str, address: str) -> None:
        """Send whoever has an e-mail address a code to choose another password; nobody else gets to know who has one.

        The work is done behind the answer, so that its time tells nothing either. Raises TooMany, by who asks and by
        whom it is about, whether or not there is such a user.
        """
        counted = (address, f"mail to {fold(email)}")
        for who in counted:
            self._asked.check(who)
        for who in counted:
            self._asked.failed(who)
        task = asyncio.create_task(self._send_forgotten(email))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send_forgotten(self, email: str) -> None:
        try:
            found = await self._store.find(USERS, "email", email)
            if found is not None:
                await self._send_reset(*found)
        except BrassleafError as error:
            log.warning("a mail to somebody who forgot a password could not be sent: %s", error.message)

    async def close(self) -> None:
        """Let mails that were asked for be sent."""
        if self._sending:
            await asyncio.wait(self._sending)

    async def redeem(self, sent: Redemption, address: str) -> None:
        """Give the user whom a code was sent to another password; the code counts once. Raises Refused, TooMany."""
        async with self._attempts.counted(address):
            await self._redeem(sent)

    async def _redeem(self, sent: Redemption) -> None:
        code = self._codes.read(sent.token)
        found = None if code is None else await self._store.repository(USERS, code.organization).get(code.user)
        if code is None or found is None or not self._codes.fits(code, found.document):
            raise Refused.field("token", _SPENT)
        renewed = with_password(await self._passwords.hashed(sent.password))

        def apply(document: Document) -> Document:
            if not self._codes.fits(code, document):
                raise Refused.field("token", _SPENT)  # somebody was faster with a code
            return {**renewed(document), "status": "active"}

        try:
            await self._records(code.organization, str(found["email"])).change(code.user, apply)
        except NotFound as error:
            raise Refused.field("token", _SPENT) from error

    # -- an admin's work ------------------------------------------------------------------------------------------

    async def page(self, caller: Caller, query: Query) -> tuple[Page, list[Document]]:
        """One page of users, without what is stored for signing in."""
        page = await self._records(caller.organization, caller.label).repository.page(query)
        return page, [_listed(entry) for entry in page.items]

    async def get(self, caller: Caller, id_: str) -> tuple[Document, Stored]:
        """One user, without what is stored for signing in. Raises NotFound."""
        stored = await self._users(caller).get(id_)
        return _listed(stored), stored

    async def change(self, caller: Caller, id_: str, sent: UserChange, expected: Expected) -> tuple[Document, Stored]:
        """Change a user's name, role or customer. Raises NotFound, Stale, and Refused for the last admin."""
        fields = _changes(sent)
        if sent.customerOrgId is not None:
            customer = await self._store.repository(self._customers, caller.organization).get(sent.customerOrgId)
            if customer is None or customer["deleted"]:
                text = f"There is no customer with the id {sent.customerOrgId}."
                raise NotFound(text, [FieldError("customerOrgId", text)])
        stored = await self._users(caller).change(id_, lambda document: merged(document, fields), expected)
        return _listed(stored), stored

    async def forget_customer(self, organization: str, customer_id: str, by: str) -> None:
        """Let users who act for a customer that was deleted act for none."""

        def apply(document: Document) -> Document:
            if document.get("customerOrgId") != customer_id:
                return document
            return {name: value for name, value in document.items() if name != "customerOrgId"}

        await self._records(organization, by).change_each(EVERYTHING, apply)

    async def delete(self, caller: Caller, id_: str, expected: Expected) -> None:
        """Delete a user; the tokens end with it. Raises NotFound, Stale, and Refused for oneself and the last admin."""
        if id_ == caller.id:
            raise Refused("You cannot delete yourself. Another admin can.")
        await self._users(caller).delete(id_, expected)

    async def invite(self, caller: Caller, sent: Invitation) -> list[Document]:
        """Make users of the role `restricted` and send each a mail. Raises Refused, and makes none, if one cannot be.

        An address that another organization of this server uses is refused like one of the own: an address signs in
        one user.
        """
        documents = [self._invited(caller, entry) for entry in sent.emailAddresses]
        await self._check_free(documents)
        for document, entry in zip(documents, sent.emailAddresses, strict=True):
            if entry.password is not None:
                document["passwordHash"] = await self._passwords.hashed(entry.password)
        made = await self._keep(caller, documents)
        shop = await self._shop(caller.organization)
        texts = [self._invitation(caller, user, shop) for user in made]
        went = await self._mailer.send(texts)
        return [
            {"_id": user.id, "email": user["email"], "role": user["role"], "status": "invited", "mailSent": out}
            for user, out in zip(made, went, strict=True)
        ]

    def _invitation(self, caller: Caller, user: Stored, shop: str) -> Mail:
        token, expires = self._codes.made("invitation", caller.organization, user.document)
        return mails.invitation(str(user["email"]), shop, caller.name or caller.label, token, expires, self._link)

    @staticmethod
    def _invited(caller: Caller, entry: Invited) -> Document:
        fields = {
            "name": entry.email.partition("@")[0],
            "email": entry.email,
            "role": "restricted",
            "status": "invited",
            "passwordHash": None,
        }
        return new_document(fields, caller.label)

    async def _check_free(self, documents: list[Document]) -> None:
        errors, seen = [], set()
        for index, document in enumerate(documents):
            email = str(document["email"])
            there = await self._store.find(USERS, "email", email)
            if fold(email) in seen:
                errors.append(FieldError(f"emailAddresses[{index}].email", f"{email} stands there twice."))
            elif there is not None and there[1].id != document["_id"]:  # else a repeated request finds its own
                errors.extend(taken(f"emailAddresses[{index}].email", email).errors)
            seen.add(fold(email))
        if errors:
            raise Refused.fields(errors)

    async def _keep(self, caller: Caller, documents: list[Document]) -> list[Stored]:
        repository = self._store.repository(USERS, caller.organization)
        made: list[Stored] = []
        for index, document in enumerate(documents):
            try:
                made.append(await repository.insert(document))
            except Duplicate as error:
                there = await repository.get(document["_id"])
                if there is not None:  # made by a request that died before it sent the mail
                    made.append(there)
                    continue
                # another invitation was faster: nobody has been told of those before this one
                await repository.purge(Ids(tuple(entry.id for entry in made)))
                raise taken(f"emailAddresses[{index}].email", str(document["email"])) from error
        return made

    async def remind(self, caller: Caller, id_: str) -> None:
        """Send an invitation again, with a new code. Raises NotFound, Unavailable, Refused where it was accepted."""
        user = await self._users(caller).get(id_)
        if user["status"] != "invited":
            raise Refused(f"{user['email']} has accepted the invitation already.")
        await self._send(self._invitation(caller, user, await self._shop(caller.organization)))

    # -- mails ----------------------------------------------------------------------------------------------------

    async def _shop(self, organization: str) -> str:
        return _name_of(await self._store.repository(ORGANIZATIONS, organization).get(organization))

    async def _send(self, mail: Mail) -> None:
        if not all(await self._mailer.send([mail])):
            raise Unavailable(_NOT_SENT)


def _changes(sent: AccountChange | UserChange) -> dict[str, Any]:
    """The fields that were sent, null for those to clear: everybody keeps an e-mail address and a role."""
    fields = sent.model_dump(exclude_unset=True)
    kept = [name for name in ("email", "role") if name in fields and fields[name] is None]
    if kept:
        raise Refused.fields([FieldError(name, "This field cannot be cleared.") for name in kept])
    return fields


def _name_of(shop: Stored | None) -> str:
    return str(shop["name"]) if shop is not None else "Brassleaf"


def _listed(stored: Stored) -> Document:
    found = {name: stored[name] for name in _LISTED if stored[name] is not None}
    return {**found, "role": stored["role"] or "restricted", "status": stored["status"] or "active"}

"""Founding an organization: itself, its first admin and an API key of the admin kind."""

from dataclasses import dataclass

from pydantic import ValidationError

from brassleaf.errors import FieldError, Refused
from brassleaf.operations.people import Keys, check_email, loopback, new_password
from brassleaf.organizations.models import ORGANIZATIONS, OrganizationFields
from brassleaf.security.passwords import hash_password
from brassleaf.security.principals import USERS
from brassleaf.store.collections import Document
from brassleaf.store.port import Changed, Duplicate, Store, Stored
from brassleaf.store.records import Records, new_document, new_id

KEY = "admin"
BY = "brassleaf init"
#: On the first user until the organization is complete.
_OPEN = "founding"


@dataclass(frozen=True, slots=True)
class Founded:
    """What the founder needs to know; password and key are kept nowhere in clear."""

    organization_id: str
    email: str
    password: str
    key_name: str
    key: str


async def found(store: Store, name: str, email: str, settings: Document | None = None) -> Founded:
    """Found an organization, with `settings` of its own. Raises Refused where the e-mail address is taken.

    The user comes first, since the address is what can be refused, with no password and the mark of an organization
    in the making; then the organization, then the key; the password, and with it the end of the mark, comes last.
    What a crash leaves can thus sign nobody in, and is taken up again by the next call with the same address.
    """
    email = check_email(email)
    fields = _fields(name, settings or {})
    organization, user = await _first_user(store, email)
    try:
        document = {**new_document(fields, BY), "_id": organization}
        await store.repository(ORGANIZATIONS, organization).insert(document)
    except Duplicate as error:
        if error.label != "_id":  # else it is there from a call that did not come to its end
            raise
    keys = Keys(store, organization, BY)
    for left in await keys.all():
        await keys.delete(left.id)  # nobody was told its secret
    _, secret = await keys.create(KEY, "admin", loopback())
    password = new_password()
    complete = {field: value for field, value in user.document.items() if field != _OPEN}
    users = Records(store.repository(USERS, organization), "user", BY)
    try:
        await users.replace(user, {**complete, "passwordHash": hash_password(password)})
    except Changed as error:
        raise _taken(email) from error
    return Founded(organization, email, password, KEY, secret)


async def _first_user(store: Store, email: str) -> tuple[str, Stored]:
    there = await store.find(USERS, "email", email)
    if there is None:
        organization = new_id()
        fields = {"name": email.partition("@")[0], "email": email, "role": "admin", "passwordHash": None, _OPEN: True}
        try:
            user = await store.repository(USERS, organization).insert(new_document(fields, BY))
        except Duplicate as error:
            raise _taken(email) from error
        return organization, user
    if not there[1][_OPEN]:
        raise _taken(email)
    return there


def _fields(name: str, settings: Document) -> Document:
    try:
        return OrganizationFields.model_validate({"name": name, **settings}).model_dump(exclude_none=True)
    except ValidationError as error:
        raise Refused.fields([FieldError(str(e["loc"][0]), e["msg"]) for e in error.errors()]) from error


def _taken(email: str) -> Refused:
    return Refused.field(
        "email",
        f"A user of this server has the e-mail address {email} already; nothing was changed. "
        "For another organization choose another address (--email); for a forgotten password: "
        f"brassleaf users password {email}",
    )

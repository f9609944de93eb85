"""What is sent and shown of users; of passwords and tokens only hashes are stored, and none is shown."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from brassleaf.http.fields import OptionalId, Required
from brassleaf.http.models import PageOf, Record, Sent, Shown
from brassleaf.security.passwords import check_strength
from brassleaf.security.roles import Role

#: Letters that would make an address a list of several, a comment or a name are left out (RFC 5322, 3.2.3).
_EMAIL = re.compile(r"[^@\s\x00-\x20\x7f-\x9f,;:<>()\[\]\\\"]+@[^@\s\x00-\x20\x7f-\x9f,;:<>()\[\]\\\"]+")


def normal_email(text: str) -> str:
    """An e-mail address, without blanks around it. Names without a dot are addresses inside a house's network."""
    text = text.strip()
    if len(text) > 254 or not _EMAIL.fullmatch(text) or ".." in text or text.startswith(".") or ".@" in text:
        raise ValueError(f"{text!r} is not an e-mail address.")
    return text


EmailAddress = Annotated[str, Field(max_length=254), AfterValidator(normal_email)]
Password = Annotated[str, Field(max_length=200), AfterValidator(check_strength)]


class AccountChange(Sent):
    """What a user may change of the own account; the role only as an admin. Absent: stays; null clears the name."""

    name: Annotated[Required, Field(max_length=200)] | None = None
    email: EmailAddress | None = None
    role: Role | None = None


class UserChange(Sent):
    """What an admin may change of a user: absent fields stay, null clears name and customer.

    `customerOrgId` is the customer that a user of the role `customer` acts for.
    """

    name: Annotated[Required, Field(max_length=200)] | None = None
    role: Role | None = None
    customerOrgId: OptionalId = None


class Invited(Sent):
    """Whom to invite; the password is to begin with, and is not sent by mail."""

    email: EmailAddress
    password: Password | None = None


class Invitation(Sent):
    """Whom to invite: all of them, or none where one cannot be."""

    emailAddresses: Annotated[list[Invited], Field(min_length=1, max_length=50)]


class Forgotten(Sent):
    """Whose password was forgotten."""

    email: EmailAddress


class Redemption(Sent):
    """The code of a mail, and the password to have from now on."""

    token: Annotated[str, Field(min_length=1, max_length=200)]
    password: Password


class OrganizationName(Shown):
    """Which organization a user is of."""

    id: Annotated[str, Field(alias="_id")]
    name: str


class User(Shown):
    """Who is signed in; for an API key a user that stands for it."""

    id: Annotated[str, Field(alias="_id")]
    name: str | None = None
    email: str | None = None
    role: Role
    organization: OrganizationName
    created: str
    lastModified: str


class ListedUser(Record):
    """A user of the organization."""

    name: str | None = None
    email: str
    role: Role
    status: Literal["active", "invited"] = Field(description="invited, until the first sign-in or own password.")
    lastLogin: str | None = None
    customerOrgId: str | None = None


class InvitedUser(Shown):
    """A user that was invited."""

    id: Annotated[str, Field(alias="_id")]
    email: str
    role: Role
    status: Literal["invited"]
    mailSent: bool = Field(description="False: the mail server did not take it; remind sends it again.")


class InvitationAnswer(Shown):
    """Who was invited."""

    success: bool
    message: str
    users: list[InvitedUser]


class RoleName(Shown):
    """A role that a user may have."""

    name: Role


class RolesAndSubscription(Shown):
    """What a user interface asks for at its start."""

    roles: list[Role]
    subscription: str


UserPage = PageOf[ListedUser]

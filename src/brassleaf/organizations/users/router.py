"""The endpoints of users and of the own account."""

from typing import Annotated

from fastapi import Body
from starlette.requests import Request
from starlette.responses import Response

from brassleaf.http import answers
from brassleaf.http.addresses import client_address
from brassleaf.http.answers import Done
from brassleaf.http.fields import Id
from brassleaf.http.lists import Filter, Listing, ListQuery
from brassleaf.organizations.service import OrganizationService
from brassleaf.organizations.users.models import (
    AccountChange,
    Forgotten,
    Invitation,
    InvitationAnswer,
    ListedUser,
    Redemption,
    RoleName,
    RolesAndSubscription,
    User,
    UserChange,
    UserPage,
)
from brassleaf.organizations.users.service import UserService
from brassleaf.security.attempts import source
from brassleaf.security.principals import USERS
from brassleaf.security.roles import ADMIN, EVERYONE, ROLES, Role
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room, asked

LIST = Listing(USERS, search=("name", "email"), filters=(Filter("role"),), sorts=("name", "role"), bracketed=True)


def room(house: House, users: UserService, organizations: OrganizationService) -> Room:
    """The own account, and an admin's work with users."""
    room = Room(house, "User")
    _own_account(room, users, organizations)
    _everybody(room, users)
    return room


def _own_account(room: Room, users: UserService, organizations: OrganizationService) -> None:
    @room.get("/user", allow=EVERYONE, answers=User)
    async def get_user(caller: CallerOf) -> Response:
        """Who is signed in; for an API key, a user that stands for it."""
        return answers.tagged(*await users.account(caller))

    @room.post("/users/update", allow=EVERYONE, answers=User, users_only=True, operation="postUsersUpdate")
    async def update_account(caller: CallerOf, sent: AccountChange, expected: IfMatch) -> Response:
        """Change the own name or e-mail address; the own role only as an admin, and not as the last one."""
        await users.update_account(caller, sent, expected)
        return answers.tagged(*await users.account(caller))

    @room.post("/user/resetpassword", allow=EVERYONE, answers=Done, users_only=True, operation="postUserResetPassword")
    async def ask_reset(caller: CallerOf) -> Response:
        """Send the signed-in user a mail with a code to choose another password: good once, for an hour."""
        await users.ask_reset(caller)
        return answers.done("A mail with a code to choose another password is on its way.")

    @room.get("/organization/userroles", allow=EVERYONE, answers=list[Role])
    async def get_organization_userroles(caller: CallerOf) -> Response:
        """The roles of the caller: one."""
        return answers.json_answer([caller.role])

    @room.get("/organization/userrolesandsubscription", allow=EVERYONE, answers=RolesAndSubscription)
    async def get_organization_userrolesandsubscription(caller: CallerOf) -> Response:
        """The roles of the caller and the organization's subscription: for the start of a user interface."""
        stored = await organizations.get(caller.organization)
        return answers.json_answer({"roles": [caller.role], "subscription": stored["subscription"]})


def _everybody(room: Room, users: UserService) -> None:
    @room.get("/organization/users", allow=ADMIN, answers=UserPage, listing=LIST, operation="getOrganizationUsers")
    async def list_users(caller: CallerOf, query: Annotated[ListQuery, asked(LIST)]) -> Response:
        """Page through the users of the organization."""
        page, documents = await users.page(caller, query.query)
        return answers.page_of(documents, page, query, USERS)

    @room.get("/organization/user/{userId}", allow=ADMIN, answers=ListedUser, operation="getOrganizationUserId")
    async def get_one(caller: CallerOf, userId: Id) -> Response:
        """Ours: one user, with the tag that a change of it may be bound to."""
        return answers.tagged(*await users.get(caller, userId))

    @room.get("/organization/roles", allow=ADMIN, answers=list[RoleName])
    async def get_organization_roles(caller: CallerOf) -> Response:  # noqa: ARG001 - the same for every caller
        """The roles that users may have."""
        return answers.json_answer([{"name": role} for role in ROLES])

    @room.post(
        "/organization/users/invite", allow=ADMIN, answers=InvitationAnswer, operation="postOrganizationUserInvite"
    )
    async def invite(caller: CallerOf, sent: Invitation) -> Response:
        """Invite people, all or none. Each starts as `restricted` and gets a mail with a code, good for a week."""
        made = await users.invite(caller, sent)
        late = sum(not entry["mailSent"] for entry in made)
        text = f"{len(made)} invited." + (f" {late} mail(s) could not be sent; remind them later." if late else "")
        return answers.done(text, users=made)

    @room.post(
        "/organization/user/{userId}/remind", allow=ADMIN, answers=Done, operation="postOrganizationUserIdRemind"
    )
    async def remind(caller: CallerOf, userId: Id) -> Response:
        """Send an invitation again, with a new code. The first one that is used ends them all."""
        await users.remind(caller, userId)
        return answers.done("The invitation is on its way again.")

    @room.post(
        "/organization/user/{userId}/update", allow=ADMIN, answers=ListedUser, operation="postOrganizationUserIdUpdate"
    )
    async def change(caller: CallerOf, userId: Id, sent: Annotated[UserChange, Body()], expected: IfMatch) -> Response:
        """Ours: change a user's name, role or customer. It counts at once. An organization keeps an admin."""
        return answers.tagged(*await users.change(caller, userId, sent, expected))

    @room.post(
        "/organization/user/{userId}/delete", allow=ADMIN, answers=Done, operation="postOrganizationUserIdDelete"
    )
    async def delete(caller: CallerOf, userId: Id, expected: IfMatch) -> Response:
        """Delete a user, whose security tokens end at once; not oneself, and not the last admin."""
        await users.delete(caller, userId, expected)
        return answers.done("The user was deleted.")


def security_room(house: House, users: UserService) -> Room:
    """Choosing a password with the code of a mail, outside /api/v1: who does it has no token yet."""
    room = Room(house, "Security", prefix="")

    @room.post("/security/v1/forgotpassword", allow=None, answers=Done, operation="postSecurityForgotPassword")
    async def forgot(request: Request, sent: Forgotten) -> Response:
        """Ours: ask for a mail with a code to choose another password. The answer is the same for every address."""
        users.forgot(sent.email, source(client_address(request, house.settings.trusted_proxies)))
        return answers.done("If a user has this e-mail address, a mail with a code is on its way to it.")

    @room.post("/security/v1/resetpassword", allow=None, answers=Done, operation="postSecurityResetPassword")
    async def redeem(request: Request, sent: Redemption) -> Response:
        """Ours: choose a password with the code of a mail (a reset or an invitation). All older tokens end."""
        await users.redeem(sent, source(client_address(request, house.settings.trusted_proxies)))
        return answers.done("The password was changed. Sign in with it at POST /security/v1/token.")

    return room

"""The endpoints of the organization and of who is signed in."""

from starlette.responses import Response

from brassleaf.http import answers
from brassleaf.organizations.models import (
    ORGANIZATION,
    ORGANIZATION_FOR_CUSTOMERS,
    DefaultsWithCost,
    Organization,
    OrganizationForCustomers,
    User,
)
from brassleaf.organizations.service import OrganizationService
from brassleaf.security.roles import EVERYONE
from brassleaf.security.rooms import CallerOf, House, Room


def room(house: House, organizations: OrganizationService) -> Room:
    """The organization, its defaults, the signed-in user."""
    room = Room(house, "Organization")

    @room.get("/organization", allow=EVERYONE, answers=Organization | OrganizationForCustomers)
    async def get_organization(caller: CallerOf) -> Response:
        """The caller's own organization; customers see what a web shop needs."""
        view = ORGANIZATION_FOR_CUSTOMERS if caller.is_customer else ORGANIZATION
        return answers.one(await organizations.get(caller.organization), hidden=view.hidden_from(caller))

    @room.get("/organization/defaults", allow=EVERYONE, answers=DefaultsWithCost)
    async def get_organization_defaults(caller: CallerOf) -> Response:
        """The start values that a configurator needs."""
        defaults, stored = await organizations.defaults(caller)
        return answers.tagged(defaults, stored)

    @room.get("/user", allow=EVERYONE, answers=User)
    async def get_user(caller: CallerOf) -> Response:
        """Who is signed in; for an API key, a user that stands for it."""
        return answers.json_answer(await organizations.user(caller))

    return room

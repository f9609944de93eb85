"""The endpoints of the organization: settings, currencies, terms, and the small questions of a user interface."""

from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from brassleaf.http import answers
from brassleaf.http.answers import Done
from brassleaf.organizations.models import (
    ORGANIZATION,
    ORGANIZATION_FOR_CUSTOMERS,
    BetaFeatures,
    CurrencyChange,
    DefaultsWithCost,
    ErpName,
    HasAcceptedTerms,
    NextPartNumber,
    Organization,
    OrganizationChange,
    OrganizationCurrency,
    OrganizationForCustomers,
    RevisionDelimiter,
    Subscription,
    Terms,
)
from brassleaf.organizations.sequences import Sequences
from brassleaf.organizations.service import OrganizationService
from brassleaf.security.roles import ADMIN, EVERYONE, STAFF
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room


def room(house: House, organizations: OrganizationService, sequences: Sequences) -> Room:
    """The organization, its settings and defaults."""
    room = Room(house, "Organization")
    _settings(room, organizations)
    _facts(room, organizations, sequences)
    return room


def _settings(room: Room, organizations: OrganizationService) -> None:
    @room.get("/organization", allow=EVERYONE, answers=Organization | OrganizationForCustomers)
    async def get_organization(caller: CallerOf) -> Response:
        """The caller's own organization; customers see what a web shop needs."""
        view = ORGANIZATION_FOR_CUSTOMERS if caller.is_customer else ORGANIZATION
        return answers.one(await organizations.get(caller.organization), hidden=view.hidden_from(caller))

    @room.post("/organization/update", allow=ADMIN, answers=Organization)
    async def post_organization_update(caller: CallerOf, sent: OrganizationChange, expected: IfMatch) -> Response:
        """Change settings: absent ones stay, null clears where there may be nothing."""
        return answers.one(await organizations.update(caller, sent, expected))

    @room.get("/organization/defaults", allow=EVERYONE, answers=DefaultsWithCost)
    async def get_organization_defaults(caller: CallerOf) -> Response:
        """The start values that a configurator needs."""
        defaults, stored = await organizations.defaults(caller)
        return answers.tagged(defaults, stored)

    @room.get("/organization/currencies", allow=EVERYONE, answers=list[OrganizationCurrency])
    async def get_organization_currencies(caller: CallerOf) -> Response:
        """The organization's currencies by code; the default one has the rate 1."""
        return answers.json_answer(await organizations.currencies(caller))

    @room.post(
        "/organization/currencies/update",
        allow=ADMIN,
        answers=OrganizationCurrency,
        operation="postOrganizationCurrenciesUpdate",
    )
    async def update_currency(caller: CallerOf, sent: CurrencyChange, expected: IfMatch) -> Response:
        """Add a currency, change its rate, close it (`available`) or delete it. Prices follow at once."""
        return answers.json_answer(await organizations.update_currency(caller, sent, expected))


def _facts(room: Room, organizations: OrganizationService, sequences: Sequences) -> None:
    @room.get("/organization/subscription", allow=EVERYONE, answers=Subscription)
    async def get_organization_subscription(caller: CallerOf) -> Response:
        """The plan: `enterprise`, since a server of one's own withholds nothing."""
        stored = await organizations.get(caller.organization)
        return answers.json_answer({"subscription": stored["subscription"]})

    @room.get("/organization/erpname", allow=STAFF, answers=ErpName)
    async def get_organization_erpname(caller: CallerOf) -> Response:
        """The name of the ERP system that the organization is connected to."""
        stored = await organizations.get(caller.organization)
        return answers.json_answer({"erpName": stored["erpName"]})

    @room.get("/organization/usebetafeatures", allow=EVERYONE, answers=BetaFeatures)
    async def get_organization_usebetafeatures(caller: CallerOf) -> Response:
        """Whether unfinished features are shown."""
        stored = await organizations.get(caller.organization)
        return answers.json_answer({"useBetaFeatures": bool(stored["useBetaFeatures"])})

    @room.post("/organization/acceptterms", allow=ADMIN, answers=Done, operation="postOrganizationAcceptTerms")
    async def accept_terms(caller: CallerOf, sent: Terms, expected: IfMatch) -> Response:
        """Note that the organization accepts the terms in a version, or (`accepted` false) does not any more."""
        await organizations.accept_terms(caller, sent, expected)
        return answers.done("The terms were accepted." if sent.accepted else "The terms are not accepted any more.")

    @room.get("/organization/hasacceptedterms", allow=EVERYONE, answers=HasAcceptedTerms)
    async def get_organization_hasacceptedterms(caller: CallerOf) -> Response:
        """Whether the present terms were accepted, and in which version."""
        return answers.json_answer(await organizations.accepted_terms(caller))

    @room.get("/organization/nextpartnumber", allow=STAFF, answers=NextPartNumber)
    async def get_organization_nextpartnumber(
        caller: CallerOf,
        kind: Annotated[
            Literal["hoseAssembly", "hoseKit", "salesEstimate", "workOrder"], Query(alias="type")
        ] = "hoseAssembly",
    ) -> Response:
        """The next number of the sequence. It is not reserved: the document that is created with it takes it."""
        return answers.json_answer({"nextPartNumber": await sequences.preview(caller.organization, kind)})

    @room.get("/organization/revisiondelimiter", allow=EVERYONE, answers=RevisionDelimiter)
    async def get_organization_revisiondelimiter(caller: CallerOf) -> Response:
        """What stands between a part number and its revision."""
        stored = await organizations.get(caller.organization)
        return answers.json_answer({"revisionDelimiter": stored["revisionDelimiter"]})

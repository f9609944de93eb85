"""The endpoints of the audit trail, for admins: it shows costs."""

from typing import Annotated

from starlette.responses import Response

from brassleaf.audit.models import AuditPage
from brassleaf.audit.service import AuditTrail
from brassleaf.http import answers
from brassleaf.http.fields import Id
from brassleaf.http.lists import Filter, Listing, ListQuery
from brassleaf.security.roles import ADMIN
from brassleaf.security.rooms import CallerOf, House, Room, asked
from brassleaf.store.trail import AUDIT

_WHO = Filter("who", "createdBy", description="Who did it: an email, or `key` and the name of an API key; exact.")
LIST = Listing(
    AUDIT,
    filters=(Filter("collection"), Filter("record", description="The id of a record."), _WHO),
    newest_first=True,
    between="created",
    since="created",
)
OF_ONE = Listing(AUDIT, filters=(_WHO,), newest_first=True, between="created", since="created")


def room(house: House, trail: AuditTrail) -> Room:
    """The audit trail: all changes, and those of one record."""
    room = Room(house, "Audit")

    @room.get("/audit", allow=ADMIN, answers=AuditPage, listing=LIST)
    async def get_audit(caller: CallerOf, query: Annotated[ListQuery, asked(LIST)]) -> Response:
        """Page through all changes of all records, newest first."""
        return answers.page(await trail.page(caller, query), query, AUDIT)

    @room.get("/audit/{recordId}", allow=ADMIN, answers=AuditPage, listing=OF_ONE)
    async def get_audit_of_record(
        caller: CallerOf, recordId: Id, query: Annotated[ListQuery, asked(OF_ONE)]
    ) -> Response:
        """Page through the changes of one record, newest first; of a deleted one too."""
        return answers.page(await trail.page_of(caller, recordId, query), query, AUDIT)

    return room

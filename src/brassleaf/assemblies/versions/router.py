"""The endpoints of the life cycle of hose assemblies."""

from starlette.responses import Response

from brassleaf.assemblies.models import HoseAssembly
from brassleaf.assemblies.versions.models import CopyAsked, NewRevision, NewVersion
from brassleaf.assemblies.versions.service import AssemblyVersions
from brassleaf.http import answers
from brassleaf.http.answers import Done
from brassleaf.http.fields import Id
from brassleaf.revisions.models import RevisionAsked
from brassleaf.security.roles import STAFF
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room

_NOTHING_EARLIER = {204: {"description": "Rolled back; there was no earlier version."}}


def room(house: House, versions: AssemblyVersions) -> Room:
    """Releases, versions and copies."""
    room = Room(house, "Hose assembly")

    @room.post("/hoseassembly/{hoseAssemblyId}/release", allow=STAFF, answers=Done)
    async def release_hose_assembly(caller: CallerOf, hoseAssemblyId: Id, expected: IfMatch) -> Response:
        """Make a hose assembly final; it must be complete, and everything in it must fit."""
        await versions.release(caller, hoseAssemblyId, expected)
        return answers.done("The hose assembly was released.")

    @room.post("/hoseassembly/{hoseAssemblyId}/unrelease", allow=STAFF, answers=Done)
    async def unrelease_hose_assembly(caller: CallerOf, hoseAssemblyId: Id, expected: IfMatch) -> Response:
        """Take a released hose assembly back to editing; not while a later version or a released document needs it."""
        await versions.unrelease(caller, hoseAssemblyId, expected)
        return answers.done("The hose assembly is under editing again.")

    @room.post("/hoseassembly/{hoseAssemblyId}/obsolete", allow=STAFF, answers=Done)
    async def obsolete_hose_assembly(caller: CallerOf, hoseAssemblyId: Id, expected: IfMatch) -> Response:
        """Offer a released or superseded hose assembly no longer; what has it keeps it."""
        await versions.obsolete(caller, hoseAssemblyId, expected)
        return answers.done("The hose assembly is obsolete.")

    @room.post("/hoseassembly/{hoseAssemblyId}/newversion", allow=STAFF, answers=NewVersion)
    async def new_version_of_hose_assembly(caller: CallerOf, hoseAssemblyId: Id, expected: IfMatch) -> Response:
        """Open the next version of a released hose assembly; the released one is superseded."""
        made = await versions.new_version(caller, hoseAssemblyId, expected)
        return answers.done(f"Version {made['version']} was opened.", data=made.document, newVersionId=made.id)

    @room.post("/hoseassembly/{hoseAssemblyId}/revise", allow=STAFF, answers=NewRevision)
    async def revise_hose_assembly(
        caller: CallerOf, hoseAssemblyId: Id, sent: RevisionAsked, expected: IfMatch
    ) -> Response:
        """Open the next version of a released hose assembly under a revision that was not used yet."""
        made = await versions.new_version(caller, hoseAssemblyId, expected, sent.revision)
        return answers.done(f"Revision {made['revision']} was opened.", data=made.document, revisedVersionId=made.id)

    @room.post(
        "/hoseassembly/{hoseAssemblyId}/rollback",
        allow=STAFF,
        answers=str,
        operation="postHoseAssemblyIdRollBack",
        responses=_NOTHING_EARLIER,
    )
    async def roll_back(caller: CallerOf, hoseAssemblyId: Id, expected: IfMatch) -> Response:
        """Take the open version of a hose assembly back; answers the id of the version that is current again.

        `"ok"` where that version was current already, 204 without a body where there is no earlier one.
        """
        found = await versions.rollback(caller, hoseAssemblyId, expected)
        if found.id is None:
            return Response(status_code=204)
        return answers.json_answer("ok" if found.already else found.id)

    @room.post("/hoseassembly/{hoseAssemblyId}/saveas", allow=STAFF, answers=HoseAssembly)
    async def save_hose_assembly_as(caller: CallerOf, hoseAssemblyId: Id, sent: CopyAsked) -> Response:
        """Copy a hose assembly under another part number, without its history and its customers."""
        return answers.one(await versions.save_as(caller, hoseAssemblyId, sent))

    return room

"""The endpoints of the life cycle of hose kits."""

from starlette.responses import Response

from brassleaf.http import answers
from brassleaf.http.answers import Done
from brassleaf.http.fields import Id
from brassleaf.kits.models import HoseKit
from brassleaf.kits.versions.service import KitVersions
from brassleaf.revisions.models import NewRevisionOf, NewVersionOf, RevisionAsked, RolledBackVersion
from brassleaf.security.roles import STAFF
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room


def room(house: House, versions: KitVersions) -> Room:
    """Releases and versions."""
    room = Room(house, "Hose kit")

    @room.post("/hosekit/{hoseKitId}/release", allow=STAFF, answers=Done)
    async def release_hose_kit(caller: CallerOf, hoseKitId: Id, expected: IfMatch) -> Response:
        """Make a hose kit final; it must have lines, and all of its assemblies must be released."""
        await versions.release(caller, hoseKitId, expected)
        return answers.done("The hose kit was released.")

    @room.post("/hosekit/{hoseKitId}/newversion", allow=STAFF, answers=NewVersionOf[HoseKit])
    async def new_version_of_hose_kit(caller: CallerOf, hoseKitId: Id, expected: IfMatch) -> Response:
        """Open the next version of a released hose kit, lines included; the released one is superseded."""
        made = await versions.new_version(caller, hoseKitId, expected)
        return answers.done(f"Version {made['version']} was opened.", data=made.document, newVersionId=made.id)

    @room.post("/hosekit/{hoseKitId}/revise", allow=STAFF, answers=NewRevisionOf[HoseKit])
    async def revise_hose_kit(caller: CallerOf, hoseKitId: Id, sent: RevisionAsked, expected: IfMatch) -> Response:
        """Open the next version of a released hose kit under a revision that was not used yet."""
        made = await versions.new_version(caller, hoseKitId, expected, sent.revision)
        return answers.done(f"Revision {made['revision']} was opened.", data=made.document, revisedVersionId=made.id)

    @room.post("/hosekit/{hoseKitId}/rollback", allow=STAFF, answers=RolledBackVersion)
    async def roll_back_hose_kit(caller: CallerOf, hoseKitId: Id, expected: IfMatch) -> Response:
        """Take the open version of a hose kit back; the one before it is current again. Refused for a first version."""
        return answers.json_answer({"rolledBackVersionId": await versions.rollback(caller, hoseKitId, expected)})

    return room

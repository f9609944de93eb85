"""The endpoints of hose kits."""

from typing import Annotated

from starlette.responses import Response

from brassleaf.http import answers
from brassleaf.http.answers import Done
from brassleaf.http.fields import Id
from brassleaf.http.lists import Filter, Listing, ListQuery, id_text
from brassleaf.kits.models import KITS, HoseKit, KitExists, KitFields, KitPage, KitRef, NewKit
from brassleaf.kits.service import KitService
from brassleaf.security.roles import EVERYONE, READERS, STAFF
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room, asked

LIST = Listing(
    KITS,
    search=("partNumber", "description", "customerPartNumber", "customerName", "status"),
    filters=(
        Filter("partNumber"),
        Filter("status"),
        Filter("customerOrgId", check=id_text),
        Filter("hoseAssemblyId", "hoseAssemblies.item", check=id_text, description="Kits with this hose assembly."),
    ),
    sorts=("revision", "description", "customerName", "status"),
    bracketed=True,
    flags=("allVersions", "onlyCustomer"),
)


def room(house: House, kits: KitService) -> Room:
    """Hose kits: lists, one, create, update, delete."""
    room = Room(house, "Hose kit")

    @room.post("/hosekits/checkexisting", allow=READERS, answers=KitExists, writes=False)
    async def check_existing_hose_kit(caller: CallerOf, sent: KitRef) -> Response:
        """Whether the organization uses a part number (and revision) for a hose kit already."""
        found = await kits.exists(caller, sent)
        return answers.json_answer({"exists": found is not None, "_id": found})

    @room.post("/hosekits/create", allow=STAFF, answers=HoseKit, operation="postHoseKitCreate")
    async def create(caller: CallerOf, sent: NewKit) -> Response:
        """Create a hose kit with its lines: each item stands in one line."""
        return answers.one(await kits.create(caller, sent))

    @room.get("/hosekits", allow=EVERYONE, answers=KitPage, listing=LIST)
    async def list_hose_kits(caller: CallerOf, query: Annotated[ListQuery, asked(LIST)]) -> Response:
        """Page through hose kits, the newest version of each; a customer sees its own."""
        all_versions, only_customer = (flag in query.flags for flag in LIST.flags)
        page = await kits.page(caller, query.query, all_versions=all_versions, only_customer=only_customer)
        return answers.page(page, query, KITS)

    @room.get("/hosekit/{hoseKitId}", allow=EVERYONE, answers=HoseKit)
    async def get_hose_kit(caller: CallerOf, hoseKitId: Id) -> Response:
        """One hose kit with its lines."""
        return answers.one(await kits.get(caller, hoseKitId))

    @room.post("/hosekit/{hoseKitId}/update", allow=STAFF, answers=HoseKit)
    async def update_hose_kit(caller: CallerOf, hoseKitId: Id, sent: KitFields, expected: IfMatch) -> Response:
        """Change the head of a hose kit under editing: absent fields stay, null clears. Its lines stay."""
        return answers.one(await kits.update(caller, hoseKitId, sent, expected))

    @room.post("/hosekit/{hoseKitId}/delete", allow=STAFF, answers=Done)
    async def delete_hose_kit(caller: CallerOf, hoseKitId: Id, expected: IfMatch) -> Response:
        """Mark a hose kit under editing deleted."""
        await kits.delete(caller, hoseKitId, expected)
        return answers.done("The hose kit was deleted.")

    return room

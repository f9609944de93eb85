"""The endpoints of hose assemblies."""

from typing import Annotated

from fastapi import Body
from starlette.responses import Response

from brassleaf.assemblies.models import (
    ASSEMBLIES,
    HIDDEN_FROM_CUSTOMERS,
    PARTS,
    AssemblyFields,
    AssemblyPage,
    AssemblyRef,
    Exists,
    HoseAssembly,
    NewAssembly,
    PriceAsked,
    StoredPriceAsked,
    WholeAssembly,
)
from brassleaf.assemblies.service import AssemblyService
from brassleaf.catalog.models import COST_FIELDS
from brassleaf.http import answers
from brassleaf.http.answers import Done, Hidden, without
from brassleaf.http.fields import Id
from brassleaf.http.lists import Filter, Listing, ListQuery, id_text
from brassleaf.pricing.models import PRICE, Price
from brassleaf.security.caller import Caller
from brassleaf.security.roles import ADMIN, BUYERS, EVERYONE, READERS, STAFF
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room, asked
from brassleaf.store.collections import Document

LIST = Listing(
    ASSEMBLIES,
    search=(
        "partNumber", "customerPartNumber", "customerName", "description", "modelCode", "tag", "status",
        "hosePartNumber", "end1PartNumber", "end2PartNumber",
    ),
    filters=(
        Filter("status"),
        Filter("customerOrgId", check=id_text),
        Filter("hoseId", "hose", check=id_text),
    ),
    sorts=("revision", "description", "customerName", "status"),
    bracketed=True,
    flags=("allVersions",),
)  # fmt: skip
#: What a component of a whole assembly shows to those who see no costs.
_NO_COST: Hidden = {"components": {role: {name: {} for name in COST_FIELDS} for role in PARTS}}


def room(house: House, assemblies: AssemblyService) -> Room:
    """Hose assemblies: lists, one, create, update, delete, prices."""
    room = Room(house, "Hose assembly")

    @room.post("/hoseassemblies/checkexisting", allow=READERS, answers=Exists, writes=False)
    async def check_existing_hose_assembly(caller: CallerOf, sent: AssemblyRef) -> Response:
        """Whether the organization uses a part number (and revision) already."""
        found = await assemblies.exists(caller, sent)
        return answers.json_answer({"exists": found is not None, "hoseAssemblyId": found})

    @room.post("/hoseassemblies/create", allow=BUYERS, answers=HoseAssembly, operation="postHoseAssembliesCreate")
    async def create(caller: CallerOf, sent: NewAssembly) -> Response:
        """Create a hose assembly. What cannot be built is refused with every reason at once."""
        return answers.one(await assemblies.create(caller, sent), hidden=_hidden(caller))

    @room.get("/hoseassemblies", allow=EVERYONE, answers=AssemblyPage, listing=LIST)
    async def list_hose_assemblies(caller: CallerOf, query: Annotated[ListQuery, asked(LIST)]) -> Response:
        """Page through hose assemblies, the newest version of each; a customer sees its own."""
        page = await assemblies.page(caller, query.query, all_versions="allVersions" in query.flags)
        return answers.page(page, query, ASSEMBLIES, hidden=_hidden(caller))

    @room.get("/hoseassembly/{hoseAssemblyId}", allow=EVERYONE, answers=WholeAssembly)
    async def get_hose_assembly(caller: CallerOf, hoseAssemblyId: Id) -> Response:
        """One hose assembly with its components, its crimp data and its versions."""
        stored, whole = await assemblies.whole(caller, hoseAssemblyId)
        hidden = _hidden(caller) if caller.sees_cost else {**_NO_COST, **_hidden(caller)}
        return answers.tagged(without(whole, hidden), stored)

    @room.post("/hoseassembly/{hoseAssemblyId}/update", allow=STAFF, answers=HoseAssembly)
    async def update_hose_assembly(
        caller: CallerOf, hoseAssemblyId: Id, sent: AssemblyFields, expected: IfMatch
    ) -> Response:
        """Change a hose assembly under editing: absent fields stay, null clears, what is computed is computed anew."""
        return answers.one(await assemblies.update(caller, hoseAssemblyId, sent, expected))

    @room.post("/hoseassembly/{hoseAssemblyId}/delete", allow=ADMIN, answers=Done)
    async def delete_hose_assembly(caller: CallerOf, hoseAssemblyId: Id, expected: IfMatch) -> Response:
        """Mark a hose assembly under editing deleted."""
        await assemblies.delete(caller, hoseAssemblyId, expected)
        return answers.done("The hose assembly was deleted.")

    @room.post("/hoseassembly/price", allow=EVERYONE, answers=Price, writes=False, operation="postHoseAssemblyPrice")
    async def price(caller: CallerOf, sent: PriceAsked) -> Response:
        """Price a hose assembly that is not stored, and say for each line which rule gave its price."""
        return _price(caller, await assemblies.price(caller, sent))

    @room.post("/hoseassembly/{hoseAssemblyId}/price", allow=EVERYONE, answers=Price, writes=False)
    async def price_stored_hose_assembly(
        caller: CallerOf, hoseAssemblyId: Id, sent: Annotated[StoredPriceAsked | None, Body()] = None
    ) -> Response:
        """Price a stored hose assembly, for its own customer where no other is named."""
        return _price(caller, await assemblies.price_stored(caller, hoseAssemblyId, sent or StoredPriceAsked()))

    return room


def _hidden(caller: Caller) -> Hidden:
    return HIDDEN_FROM_CUSTOMERS if caller.is_customer else answers.NOTHING


def _price(caller: Caller, answer: Document) -> Response:
    return answers.json_answer(without(answer, PRICE.hidden_from(caller)))

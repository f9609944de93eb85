"""The endpoints that read texts."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from brassleaf.assemblies.parsing.models import PARSED, FeedbackSent, ParseAsked, Parsed, ParseText
from brassleaf.assemblies.parsing.service import ParsingService
from brassleaf.http import answers
from brassleaf.http.answers import Done, without
from brassleaf.http.fields import LengthUnit, OptionalId, Text
from brassleaf.security.caller import Caller
from brassleaf.security.roles import EVERYONE, STAFF
from brassleaf.security.rooms import CallerOf, House, Room


def room(house: House, parsing: ParsingService) -> Room:
    """Reading texts: GET as documented, POST for texts that no address should hold, and what people made of it."""
    room = Room(house, "Hose assembly")

    async def parsed(caller: Caller, asked: ParseAsked) -> Response:
        return answers.json_answer(without(await parsing.parse(caller, asked), PARSED.hidden_from(caller)))

    @room.get("/hoseassemblies/parse", allow=EVERYONE, answers=Parsed)
    async def parse_hose_assembly(
        caller: CallerOf,
        text: Annotated[ParseText, Query(description="The text, such as: 1/2 R2 x 36 in FJX both ends.")],
        brand: Annotated[Text | None, Query()] = None,
        lengthUnit: Annotated[LengthUnit | None, Query()] = None,
        customerOrgId: Annotated[OptionalId, Query()] = None,
    ) -> Response:
        """Read a shop's or a buyer's text as a hose assembly, with candidates of the catalogue and a price."""
        asked = ParseAsked(text=text, brand=brand, lengthUnit=lengthUnit, customerOrgId=customerOrgId)
        return await parsed(caller, asked)

    @room.post("/hoseassemblies/parse", allow=EVERYONE, answers=Parsed, writes=False)
    async def parse_hose_assembly_text(caller: CallerOf, sent: ParseAsked) -> Response:
        """Read a text as a hose assembly: the same as GET, for long texts, and with a quantity and a currency."""
        return await parsed(caller, sent)

    @room.post("/hoseassemblies/parsefeedback", allow=STAFF, answers=Done)
    async def parse_feedback(caller: CallerOf, sent: FeedbackSent) -> Response:
        """Say what a text means, so that later parses of this organization rank it first."""
        await parsing.feedback(caller, sent)
        return answers.done("The feedback was kept.")

    return room

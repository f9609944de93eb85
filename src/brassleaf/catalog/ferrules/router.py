"""The endpoints of ferrules."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from brassleaf.catalog.ferrules.models import FERRULE, ferrule_size
from brassleaf.catalog.router import item_endpoints, one_item
from brassleaf.catalog.service import Catalogue
from brassleaf.errors import FieldError, Refused
from brassleaf.http import answers
from brassleaf.http.fields import Text
from brassleaf.security.roles import EVERYONE
from brassleaf.security.rooms import CallerOf, House, Room
from brassleaf.trade.sizes import parse_hose_size

Part = Annotated[Text | None, Query()]


def room(house: House, catalogue: Catalogue) -> Room:
    """Ferrules: the one that a crimp specification names, create, one, properties and lists."""
    room = Room(house, "Ferrule")

    @room.get("/organization/ferrule", allow=EVERYONE, answers=FERRULE.view.full | None)
    async def get_organization_ferrule(
        caller: CallerOf, partNumber: Part = None, brand: Part = None, size: Part = None
    ) -> Response:
        """The ferrule that a crimp specification names by part number, brand or both; null where there is none."""
        if not partNumber and not brand:
            text = "Give the part number, the brand or both, as the crimp specification does."
            raise Refused.fields([FieldError("partNumber", text), FieldError("brand", text)])
        found = await catalogue.chosen(caller, FERRULE, partNumber, brand)
        if size:
            dash = parse_hose_size(size)
            found = [
                article
                for article in found
                if article.item["size"] == size or (dash is not None and ferrule_size(article.item.document) == dash)
            ]
        return one_item(found[0], FERRULE.view, caller) if found else answers.json_answer(None)

    item_endpoints(room, FERRULE, catalogue)
    return room

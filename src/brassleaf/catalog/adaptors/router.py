"""The endpoints of adaptors."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from brassleaf.catalog.adaptors import service
from brassleaf.catalog.adaptors.models import ADAPTOR, Configuration, EquivalentPage
from brassleaf.catalog.adaptors.wishes import CONFIGURATION, SEARCH, wishes
from brassleaf.catalog.router import item_endpoints, item_page
from brassleaf.catalog.service import Catalogue, shown
from brassleaf.http import answers
from brassleaf.http.answers import without
from brassleaf.http.fields import Required, Text
from brassleaf.http.lists import DEEPEST, DEFAULT_SIZE, LARGEST_SIZE, ListQuery
from brassleaf.security.roles import EVERYONE
from brassleaf.security.rooms import CallerOf, House, Room, asked

Part = Annotated[Text | None, Query()]


def room(house: House, catalogue: Catalogue) -> Room:
    """Adaptors: search by ends, configuration, cross reference, create, one, properties and lists."""
    room = Room(house, "Adaptor")

    @room.get("/adaptors/search", allow=EVERYONE, answers=ADAPTOR.page, listing=SEARCH, operation="getAdaptorsSearch")
    async def search(caller: CallerOf, query: Annotated[ListQuery, asked(SEARCH)]) -> Response:
        """Find adaptors by texts and by ends: each wish is met by another end, in any order."""
        articles, page = await service.search(catalogue, caller, query.query, wishes(query, "search", part=True))
        return item_page(articles, page, query, ADAPTOR.view, caller)

    @room.get(
        "/adaptors/configuration",
        allow=EVERYONE,
        answers=Configuration,
        listing=CONFIGURATION,
        operation="getAdaptorsConfiguration",
    )
    async def configuration(caller: CallerOf, query: Annotated[ListQuery, asked(CONFIGURATION)]) -> Response:
        """What is still possible under the choices made so far, and the adaptors that are as chosen (at most 50)."""
        found = await service.configuration(catalogue, caller, query.query.where, wishes(query, ""))
        hidden = ADAPTOR.view.hidden_from(caller)
        items = [without(shown(article), hidden) for article in found.items]
        ends = [choices.shown() for choices in found.ends]
        return answers.json_answer(
            {"shapes": found.shapes, "materials": found.materials, "ends": ends, "items": items, "total": found.total}
        )

    @room.get("/adaptors/cross", allow=EVERYONE, answers=EquivalentPage, operation="getAdaptorsCross")
    async def cross(
        caller: CallerOf,
        partNumber: Annotated[Required, Query()],
        brand: Part = None,
        targetBrand: Part = None,
        page: Annotated[int, Query(ge=1, le=DEEPEST)] = 1,
        itemsPerPage: Annotated[int, Query(ge=1, le=LARGEST_SIZE)] = DEFAULT_SIZE,
    ) -> Response:
        """Adaptors that can stand for another one: of the same cross reference, or with the same ends and shape.

        Each says why, and in what it differs. Of an adaptor with a material only those of that material; none is steel.
        """
        found = await service.cross(catalogue, caller, partNumber, brand, targetBrand)
        hidden = ADAPTOR.view.hidden_from(caller)
        first = (page - 1) * itemsPerPage
        rows = [
            {**without(shown(article), hidden), "reason": reason, "differs": differs}
            for article, reason, differs in found[first : first + itemsPerPage]
        ]
        return answers.json_answer({"items": rows, "total": len(found), "page": page, "itemsPerPage": itemsPerPage})

    item_endpoints(room, ADAPTOR, catalogue)
    return room

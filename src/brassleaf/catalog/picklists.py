"""The pick lists of the whole catalogue: one answer shape for all.

Asked for without a filter, a list is the published table, then what the catalogue has beyond it: what a form for a
new item offers. Narrowed by anything, it is what the items that the organization can use have, in the same order.
"""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from brassleaf.catalog.conditions import ENDED, of_field
from brassleaf.catalog.ends import Wish
from brassleaf.catalog.service import Catalogue, in_order
from brassleaf.http import answers
from brassleaf.http.fields import Text
from brassleaf.security.caller import Caller
from brassleaf.security.roles import EVERYONE
from brassleaf.security.rooms import CallerOf, House, Room
from brassleaf.store.collections import Document, fold
from brassleaf.store.query import EVERYTHING, Where, both, equal
from brassleaf.trade import ends as tables
from brassleaf.trade.ends import parse_end_size

Narrowing = Annotated[Text | None, Query()]


def room(house: House, catalogue: Catalogue) -> Room:
    """The distinct sizes, genders, styles and shapes of what the organization can use."""
    room = Room(house, "Pick lists")

    async def of_ends(caller: Caller, field: str, where: Where, wish: Wish) -> Response:
        found = texts_of(await catalogue.ends(caller, where, wish), field)
        return _answer(field, found, narrowed=where != EVERYTHING or wish != Wish())

    @room.get("/hosesizes", allow=EVERYONE, answers=list[str], operation="getHoseSizes")
    async def hose_sizes(caller: CallerOf, brand: Narrowing = None) -> Response:
        """Hose sizes that the organization carries, in numeric order."""
        where = both(equal("itemType", "hose"), narrowed(brand=brand))
        return _answer("size", await catalogue.values(caller, "size", where), narrowed=bool(brand))

    @room.get("/endsizes", allow=EVERYONE, answers=list[str], operation="getEndSizes")
    async def end_sizes(
        caller: CallerOf,
        style: Narrowing = None,
        gender: Narrowing = None,
        hoseSize: Narrowing = None,
        brand: Narrowing = None,
    ) -> Response:
        """Sizes of threaded and flanged ends of fittings and adaptors, in numeric order."""
        return await of_ends(caller, "dashSize", narrowed(hoseSize=hoseSize, brand=brand), Wish(style, gender))

    @room.get("/genders", allow=EVERYONE, answers=list[str], operation="getGenders")
    async def genders(caller: CallerOf, style: Narrowing = None) -> Response:
        """Genders of ends."""
        return await of_ends(caller, "gender", narrowed(), Wish(style))

    @room.get("/styles", allow=EVERYONE, answers=list[str], operation="getStyles")
    async def styles(
        caller: CallerOf,
        gender: Narrowing = None,
        size: Narrowing = None,
        brand: Narrowing = None,
        itemType: Narrowing = None,
    ) -> Response:
        """Styles of ends: JIC 37, ORFS, Code 61 and so on."""
        wish = Wish(gender=gender, dashSize=size)
        return await of_ends(caller, "style", narrowed(brand=brand, itemType=itemType), wish)

    @room.get("/shapes", allow=EVERYONE, answers=list[str], operation="getShapes")
    async def shapes(
        caller: CallerOf,
        itemType: Narrowing = None,
        brand: Narrowing = None,
        style: Narrowing = None,
        gender: Narrowing = None,
        size: Narrowing = None,
    ) -> Response:
        """Shapes of fittings and adaptors: straight, 45, 90 and so on."""
        where = both(ENDED, narrowed(itemType=itemType, brand=brand))
        if style or gender or size:
            where = both(where, await catalogue.with_end(caller, Wish(style, gender, size), where))
        asked = bool(itemType or brand or style or gender or size)
        return _answer("shape", await catalogue.values(caller, "shape", where), narrowed=asked)

    return room


def _answer(field: str, found: list[str], *, narrowed: bool) -> Response:
    return answers.json_answer(found if narrowed else [*tables.table(field), *tables.beyond(field, found)])


def narrowed(**chosen: str | None) -> Where:
    """The condition of the fields that were chosen."""
    return both(*(of_field(name, value) for name, value in chosen.items() if value))


def texts_of(ends: Iterable[Document], field: str) -> list[str]:
    """What ends have in a field, each once, in order: of `-8` and `-08` one."""
    found: dict[object, str] = {}
    for end in ends:
        if text := end.get(field):
            dash = parse_end_size(text, end.get("style")) if field == "dashSize" else None
            found.setdefault(fold(text) if dash is None else dash, text)
    return in_order(field, found.values())

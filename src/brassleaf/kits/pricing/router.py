"""The endpoint of the prices of hose kits."""

from typing import Annotated

from fastapi import Body
from starlette.responses import Response

from brassleaf.assemblies.models import StoredPriceAsked
from brassleaf.http import answers
from brassleaf.http.answers import without
from brassleaf.http.fields import Id
from brassleaf.kits.pricing.models import KIT_PRICE, KitPrice
from brassleaf.kits.pricing.service import KitPrices
from brassleaf.security.roles import EVERYONE
from brassleaf.security.rooms import CallerOf, House, Room


def room(house: House, prices: KitPrices) -> Room:
    """Prices."""
    room = Room(house, "Hose kit")

    @room.post("/hosekit/{hoseKitId}/price", allow=EVERYONE, answers=KitPrice, writes=False)
    async def price_hose_kit(
        caller: CallerOf, hoseKitId: Id, sent: Annotated[StoredPriceAsked | None, Body()] = None
    ) -> Response:
        """Price a hose kit line by line, for its own customer where no other is named.

        Quantity breaks go by what the whole kit, times the quantity, takes of an item.
        """
        answer = await prices.price(caller, hoseKitId, sent or StoredPriceAsked())
        return answers.json_answer(without(answer, KIT_PRICE.hidden_from(caller)))

    return room

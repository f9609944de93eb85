"""The endpoints of other items."""

from typing import Annotated

from fastapi import Body
from starlette.responses import Response

from brassleaf.catalog.otheritems.models import OTHER_ITEM
from brassleaf.catalog.router import item_endpoints, one_item
from brassleaf.catalog.service import Catalogue
from brassleaf.http import answers
from brassleaf.http.answers import Done
from brassleaf.http.fields import Id
from brassleaf.security.roles import STAFF
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room

Change = OTHER_ITEM.update


def room(house: House, catalogue: Catalogue) -> Room:
    """Other items: create, one, update, delete, properties and lists."""
    room = Room(house, "Other item")

    @room.post("/otheritems/{itemId}/update", allow=STAFF, answers=OTHER_ITEM.view.full)
    async def post_other_item_update(
        caller: CallerOf,
        itemId: Id,
        sent: Annotated[Change, Body()],  # type: ignore[valid-type]
        expected: IfMatch,
    ) -> Response:
        """Change an other item of the organization's own and what it says of it: absent fields stay, null clears."""
        fields = sent.model_dump(exclude_unset=True)  # type: ignore[attr-defined]
        article = await catalogue.update(caller, OTHER_ITEM, itemId, fields, expected)
        return one_item(article, OTHER_ITEM.view, caller)

    @room.post("/otheritems/{itemId}/delete", allow=STAFF, answers=Done)
    async def post_other_item_delete(caller: CallerOf, itemId: Id, expected: IfMatch) -> Response:
        """Mark an other item of the organization's own deleted; documents that hold it keep their copy."""
        await catalogue.delete(caller, OTHER_ITEM, itemId, expected)
        return answers.done("The item was deleted.")

    item_endpoints(room, OTHER_ITEM, catalogue)
    return room

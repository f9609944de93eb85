"""The endpoints of items of any type."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from starlette.responses import Response

from brassleaf.catalog.items.models import ITEM, ITEM_ROW, ItemRowPage
from brassleaf.catalog.models import ITEM_PROPERTIES, ITEMS, ItemProperties, PropertiesChange
from brassleaf.catalog.registry import KINDS
from brassleaf.catalog.router import PROPERTIES, said
from brassleaf.catalog.service import Article, Catalogue, shown
from brassleaf.http import answers
from brassleaf.http.answers import without
from brassleaf.http.fields import Id
from brassleaf.http.lists import Filter, Listing, ListQuery, parameter
from brassleaf.security.caller import Caller
from brassleaf.security.roles import ADMIN, EVERYONE, STAFF
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room, asked
from brassleaf.store.port import Page
from brassleaf.store.query import AnyOf, Contains, Exists, Linked, Not, Or, Where, both, conjuncts
from brassleaf.trade.itemtypes import ITEM_TYPES

_SKIPPED = {"type": "array", "items": {"type": "string"}}
LIST = Listing(
    ITEMS,
    search=("partNumber", "orgPartNumber", "brand", "description", "itemType", "available"),
    filters=(Filter("itemType"), Filter("brand")),
    sorts=("brand",),
    flags=("unavailable",),
    apart=re.compile(r"skipItemTypes(\[\])?"),
    more=(
        parameter("skipItemTypes", _SKIPPED, "Types to leave out, such as hose and adaptor; repeated or with commas."),
    ),
)


def room(house: House, catalogue: Catalogue) -> Room:
    """Items of any type: one, the organization's properties, lists, types."""
    room = Room(house, "Item")

    @room.get("/item/{itemId}", allow=EVERYONE, answers=ITEM.full)
    async def get_item(caller: CallerOf, itemId: Id) -> Response:
        """One item of any type, with what the organization says of it beside its fields and in `properties`."""
        article = await catalogue.get(caller, itemId)
        body = without(shown(article), ITEM_ROW.hidden_from(caller))
        if article.properties is not None:
            body = {**body, "properties": without(article.said, PROPERTIES.hidden_from(caller))}
        return answers.tagged(body, article.item, article.properties)

    @room.get("/organization/items", allow=EVERYONE, answers=ItemRowPage, listing=LIST)
    async def get_organization_items(caller: CallerOf, query: Annotated[ListQuery, asked(LIST)]) -> Response:
        """Page through the items that the organization can use. A part number may be the organization's own."""
        return await listed(caller, query)

    @room.get("/organization/pendingitems", allow=STAFF, answers=ItemRowPage, listing=LIST)
    async def get_organization_pending_items(caller: CallerOf, query: Annotated[ListQuery, asked(LIST)]) -> Response:
        """Page through the organization's own items that still lack what is needed to use them: see `missing`."""
        return await listed(caller, query, Exists("missing"), custom=True)

    async def listed(caller: Caller, query: ListQuery, *parts: Where, custom: bool = False) -> Response:
        where = both(_numbers(query.query.where), _skipping(query), *parts)
        narrowed = replace(query.query, where=where)
        articles, page = await catalogue.page(
            caller, None, narrowed, custom=custom, unavailable="unavailable" in query.flags
        )
        return item_rows(articles, page, query, caller)

    @room.get("/organization/itemtypes", allow=EVERYONE, answers=list[str])
    async def get_organization_item_types(caller: CallerOf) -> Response:
        """The types of the items that the organization can use, and what it calls its other items; sorted."""
        types = [kind for kind in ITEM_TYPES if await catalogue.any(caller, AnyOf("itemType", (kind,)))]
        own = await catalogue.values(caller, "customType", Exists("customType"))
        return answers.json_answer(sorted({*types, *own}, key=str.casefold))

    @room.post("/organization/item/{itemId}/update", allow=ADMIN, answers=ItemProperties)
    async def post_organization_item_update(
        caller: CallerOf, itemId: Id, sent: PropertiesChange, expected: IfMatch
    ) -> Response:
        """Set the organization's own properties of an item of any type: absent fields stay, null clears."""
        kind = KINDS[(await catalogue.get(caller, itemId)).item["itemType"]]
        fields = sent.model_dump(exclude_unset=True)
        return said(await catalogue.update(caller, kind, itemId, fields, expected), caller)

    return room


def _numbers(where: Where) -> Where:
    """A search in part numbers looks into the organization's own, too."""
    parts = list(conjuncts(where))
    for index, part in enumerate(parts):
        if isinstance(part, Contains) and part.field == "partNumber":
            own = Linked(ITEM_PROPERTIES, "item", Contains("orgPartNumber", part.term))
            parts[index] = Or((part, own))
    return both(*parts)


def _skipping(query: ListQuery) -> Where:
    """The condition that an item is of none of the types that are to be left out."""
    named = tuple(name.strip() for _, value in query.apart for name in value.split(",") if name.strip())
    return Not(Or((AnyOf("itemType", named), AnyOf("customType", named)))) if named else both()


def item_rows(articles: Sequence[Article], page: Page, query: ListQuery, caller: Caller) -> Response:
    """A page of items of any type, each with the name and the picture that lists show."""
    hidden = ITEM_ROW.hidden_from(caller)
    rows = []
    for article in articles:
        row = without(shown(article), hidden)
        rows.append({**row, "name": row.get("description") or row["partNumber"], "image": row.get("imageName")})
    return answers.page_of(rows, page, query, ITEMS)

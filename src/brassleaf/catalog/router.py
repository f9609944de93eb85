"""The endpoints that every kind of item has, and the pick lists of the whole catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Body, Path, Query
from starlette.responses import Response

from brassleaf.catalog.kinds import Kind
from brassleaf.catalog.models import ItemProperties, PropertiesWithoutCost
from brassleaf.catalog.service import Article, Catalogue, of_field
from brassleaf.http import answers
from brassleaf.http.answers import without
from brassleaf.http.fields import Id, Text
from brassleaf.http.lists import ListQuery
from brassleaf.security.roles import EVERYONE, READERS
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room, asked
from brassleaf.security.views import View
from brassleaf.store.port import Page
from brassleaf.store.query import AnyOf, Where, both, equal
from brassleaf.trade import ends

PROPERTIES = View(ItemProperties, PropertiesWithoutCost)


@dataclass(frozen=True, slots=True)
class Paths:
    """How a kind is spelled in paths."""

    one: str
    many: str
    custom: str
    id_name: str


def item_endpoints(room: Room, kind: Kind, paths: Paths, catalogue: Catalogue, page_model: Any) -> None:
    """Create, one, the organization's properties, the organization's list and that of its own items."""
    listing = kind.listing
    title = kind.item_type[0].upper() + kind.item_type[1:]
    NewItem, Update = kind.create, kind.update  # noqa: N806 - classes
    ItemId = Annotated[Id, Path(alias=paths.id_name)]  # noqa: N806

    @room.post(
        f"/{paths.many}/create",
        allow=kind.editors,
        answers=kind.view.full,
        status=201,
        operation=f"post{paths.many.title()}Create",
        description=f"Make a {kind.noun} of the organization's own; its brand and part number must be free.",
    )
    async def create(caller: CallerOf, sent: Annotated[NewItem, Body()]) -> Response:  # type: ignore[valid-type]
        article = await catalogue.create(caller, kind, sent)
        return _one(article, kind, caller, status=201)

    @room.get(
        f"/{paths.one}/{{{paths.id_name}}}",
        allow=EVERYONE,
        answers=kind.view.full,
        operation=f"get{title}",
        description=f"One {kind.noun} with the organization's properties.",
    )
    async def get(caller: CallerOf, id_: ItemId) -> Response:
        return _one(await catalogue.get(caller, id_, kind), kind, caller)

    @room.post(
        f"/organization/{paths.one}/{{{paths.id_name}}}/update",
        allow=kind.editors,
        answers=ItemProperties,
        operation=f"postOrganization{title}Update",
        description=f"Set the organization's own properties of a {kind.noun}: absent fields stay, null clears. "
        f"Of its own {kind.noun}s the {kind.noun}'s fields may be sent too.",
    )
    async def update(
        caller: CallerOf,
        id_: ItemId,
        sent: Annotated[Update, Body()],  # type: ignore[valid-type]
        expected: IfMatch,
    ) -> Response:
        fields = sent.model_dump(exclude_unset=True)  # type: ignore[attr-defined]
        article = await catalogue.update(caller, kind, id_, fields, expected)
        shown = without(article.said, PROPERTIES.hidden_from(caller))
        return answers.tagged(shown, article.item, article.properties)

    @room.get(
        f"/organization/{paths.many}",
        allow=EVERYONE,
        answers=page_model,
        listing=listing,
        operation=f"getOrganization{title}s",
        description=f"Page through the {kind.noun}s that the organization can use: shared ones and its own.",
    )
    async def list_usable(caller: CallerOf, query: Annotated[ListQuery, asked(listing)]) -> Response:
        unavailable = "unavailable" in query.flags and not caller.is_customer
        articles, page = await catalogue.page(caller, kind, query.query, unavailable=unavailable)
        return _page(articles, page, query, kind, caller)

    @room.get(
        f"/organization/{paths.custom}",
        allow=READERS,
        answers=page_model,
        listing=listing,
        operation=f"getOrganizationCustom{title}s",
        description=f"Page through the {kind.noun}s that the organization made itself.",
    )
    async def list_custom(caller: CallerOf, query: Annotated[ListQuery, asked(listing)]) -> Response:
        unavailable = "unavailable" in query.flags
        articles, page = await catalogue.page(caller, kind, query.query, custom=True, unavailable=unavailable)
        return _page(articles, page, query, kind, caller)


def _one(article: Article, kind: Kind, caller: CallerOf, *, status: int = 200) -> Response:
    shown = without(article.document, kind.view.hidden_from(caller))
    return answers.tagged(shown, article.item, article.properties, status=status)


def _page(articles: Sequence[Article], page: Page, query: ListQuery, kind: Kind, caller: CallerOf) -> Response:
    hidden = kind.view.hidden_from(caller)
    if hidden:
        shown = [without(article.document, hidden) for article in articles]
        return answers.page_of(shown, page, query, kind.listing.collection)
    return answers.page_of_rows([article.raw for article in articles], page, query, kind.listing.collection)


Narrowing = Annotated[Text | None, Query()]


def pick_lists(house: House, catalogue: Catalogue) -> Room:
    """Sizes, genders, styles and shapes: one answer shape for all.

    Asked for without a filter, a list is the published table, then what the catalogue has beyond it: what a form for a
    new item offers. Narrowed by anything, it is what the items that the organization can use have, in the same order.
    """
    room = Room(house, "Pick lists")
    hoses: Where = equal("itemType", "hose")
    ended: Where = AnyOf("itemType", ("crimpFitting", "adaptor"))

    async def values(caller: CallerOf, field: str, base: Where, **narrowing: str | None) -> Response:
        parts = [of_field(name, value) for name, value in narrowing.items() if value]
        found = await catalogue.values(caller, field, both(base, *parts))
        if parts:
            return answers.json_answer(found)
        return answers.json_answer([*ends.table(field), *ends.beyond(field, found)])

    @room.get("/hosesizes", allow=EVERYONE, answers=list[str], operation="getHoseSizes")
    async def hose_sizes(caller: CallerOf, brand: Narrowing = None) -> Response:
        """Hose sizes, in numeric order; with a brand, those that the organization carries of it."""
        return await values(caller, "size", hoses, brand=brand)

    @room.get("/endsizes", allow=EVERYONE, answers=list[str], operation="getEndSizes")
    async def end_sizes(
        caller: CallerOf,
        style: Narrowing = None,
        gender: Narrowing = None,
        hoseSize: Narrowing = None,
        brand: Narrowing = None,
    ) -> Response:
        """Sizes of threaded and flanged ends, in numeric order."""
        return await values(caller, "dashSize", ended, style=style, gender=gender, hoseSize=hoseSize, brand=brand)

    @room.get("/genders", allow=EVERYONE, answers=list[str], operation="getGenders")
    async def genders(caller: CallerOf, style: Narrowing = None) -> Response:
        """Genders of ends."""
        return await values(caller, "gender", ended, style=style)

    @room.get("/styles", allow=EVERYONE, answers=list[str], operation="getStyles")
    async def styles(
        caller: CallerOf,
        gender: Narrowing = None,
        size: Narrowing = None,
        brand: Narrowing = None,
        itemType: Narrowing = None,
    ) -> Response:
        """Styles of ends: JIC 37, ORFS, Code 61 and so on."""
        return await values(caller, "style", ended, gender=gender, dashSize=size, brand=brand, itemType=itemType)

    @room.get("/shapes", allow=EVERYONE, answers=list[str], operation="getShapes")
    async def shapes(
        caller: CallerOf,
        itemType: Narrowing = None,
        brand: Narrowing = None,
        style: Narrowing = None,
        gender: Narrowing = None,
        size: Narrowing = None,
    ) -> Response:
        """Shapes of fittings: straight, 45, 90 and so on."""
        return await values(
            caller, "shape", ended, itemType=itemType, brand=brand, style=style, gender=gender, dashSize=size
        )

    return room

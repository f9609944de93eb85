"""The endpoints that every kind of item has."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Body, Path
from starlette.responses import Response

from brassleaf.catalog.kinds import Kind
from brassleaf.catalog.models import ITEMS, ItemProperties, PropertiesWithoutCost
from brassleaf.catalog.service import Article, Catalogue, shown
from brassleaf.http import answers
from brassleaf.http.answers import without
from brassleaf.http.fields import Id
from brassleaf.http.lists import ListQuery
from brassleaf.security.roles import EVERYONE, READERS
from brassleaf.security.rooms import CallerOf, IfMatch, Room, asked
from brassleaf.security.views import View
from brassleaf.store.port import Page

PROPERTIES = View(ItemProperties, PropertiesWithoutCost)


def item_endpoints(room: Room, kind: Kind, catalogue: Catalogue) -> None:
    """Create, one, the organization's properties, the organization's list and that of its own items."""
    listing, paths, title = kind.listing, kind.paths, kind.title
    NewItem, Update = kind.create, kind.update  # noqa: N806 - classes
    ItemId = Annotated[Id, Path(alias=paths.id_name)]  # noqa: N806

    @room.post(
        f"/{paths.many}/create",
        allow=kind.editors,
        answers=kind.view.full,
        status=201,
        operation=kind.create_operation or f"post{title}sCreate",
        responses={200: {"description": f"The {kind.noun} of `itemId`, changed.", "model": kind.view.full}},
        description=f"Make a {kind.noun} of the organization's own; its brand and part number must be free.",
    )
    async def create(caller: CallerOf, sent: Annotated[NewItem, Body()]) -> Response:  # type: ignore[valid-type]
        status = 200 if sent.itemId else 201  # type: ignore[attr-defined]
        return one_item(await catalogue.create(caller, kind, sent), kind.view, caller, status=status)

    @room.get(
        f"/{paths.one}/{{{paths.id_name}}}",
        allow=EVERYONE,
        answers=kind.view.full,
        operation=f"get{title}",
        description=f"One {kind.noun} with the organization's properties.",
    )
    async def get(caller: CallerOf, id_: ItemId) -> Response:
        return one_item(await catalogue.get(caller, id_, kind), kind.view, caller)

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
        return said(await catalogue.update(caller, kind, id_, fields, expected), caller)

    @room.get(
        f"/organization/{paths.many}",
        allow=EVERYONE,
        answers=kind.page,
        listing=listing,
        operation=f"getOrganization{title}s",
        description=f"Page through the {kind.noun}s that the organization can use: shared ones and its own.",
    )
    async def list_usable(caller: CallerOf, query: Annotated[ListQuery, asked(listing)]) -> Response:
        unavailable = "unavailable" in query.flags
        articles, page = await catalogue.page(caller, kind, query.query, unavailable=unavailable)
        return item_page(articles, page, query, kind.view, caller)

    @room.get(
        f"/organization/{paths.custom}",
        allow=READERS,
        answers=kind.page,
        listing=listing,
        operation=f"getOrganizationCustom{title}s",
        description=f"Page through the {kind.noun}s that the organization made itself.",
    )
    async def list_custom(caller: CallerOf, query: Annotated[ListQuery, asked(listing)]) -> Response:
        unavailable = "unavailable" in query.flags
        articles, page = await catalogue.page(caller, kind, query.query, custom=True, unavailable=unavailable)
        return item_page(articles, page, query, kind.view, caller)


def one_item(article: Article, view: View, caller: CallerOf, *, status: int = 200) -> Response:
    """One item as a caller may see it."""
    body = without(shown(article), view.hidden_from(caller))
    return answers.tagged(body, article.item, article.properties, status=status)


def said(article: Article, caller: CallerOf) -> Response:
    """What the organization says of an item, as a caller may see it."""
    body = without(article.said, PROPERTIES.hidden_from(caller))
    return answers.tagged(body, article.item, article.properties)


def item_page(articles: Sequence[Article], page: Page, query: ListQuery, view: View, caller: CallerOf) -> Response:
    """A page of items as a caller may see them."""
    hidden = view.hidden_from(caller)
    rows = [article.json_without(hidden) if hidden else article.json for article in articles]
    return answers.page_of_rows(rows, page, query, ITEMS)

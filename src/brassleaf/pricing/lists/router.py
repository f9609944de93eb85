"""The endpoints of price lists."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from brassleaf.http import answers
from brassleaf.http.answers import Done, without
from brassleaf.http.fields import Id
from brassleaf.http.lists import DEEPEST, LARGEST_SIZE, Filter, Listing, ListQuery, id_text
from brassleaf.imports.router import Imports, import_route
from brassleaf.pricing.lists.models import (
    PRICE_LIST,
    NewPriceList,
    PriceList,
    PriceListAndItems,
    PriceListChange,
    PriceListExport,
    PriceListItem,
    PriceListItemChange,
    PriceListItemPage,
    PriceListName,
    PriceListPage,
)
from brassleaf.pricing.lists.service import PriceListService
from brassleaf.pricing.lists.sheet import PRICE_LIST_SHEET
from brassleaf.pricing.models import PRICE_LIST_ITEMS, PRICE_LISTS
from brassleaf.security.roles import ADMIN, READERS
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room, asked
from brassleaf.sheets import workbook
from brassleaf.sheets.export import Exporter
from brassleaf.store.query import Query as StoreQuery

LIST = Listing(PRICE_LISTS, search=("name", "priceListId"), sorts=("priceListId",), bracketed=True)
ITEMS = Listing(PRICE_LIST_ITEMS, filters=(Filter("item", check=id_text), Filter("itemType")), sorts=("itemType",))
NAMES = Listing(PRICE_LISTS, search=("name",), paged=False)


def room(house: House, price_lists: PriceListService, exporter: Exporter, imports: Imports) -> Room:
    """Price lists: lists, one, create, update, delete; their items; Excel."""
    room = Room(house, "Price lists")

    @room.get("/pricelists", allow=READERS, answers=PriceListPage, listing=LIST, operation="getPriceLists")
    async def list_price_lists(caller: CallerOf, query: Annotated[ListQuery, asked(LIST)]) -> Response:
        """Page through the price lists of the organization."""
        page = await price_lists.page(caller, query.query)
        return answers.page(page, query, PRICE_LISTS, hidden=PRICE_LIST.hidden_from(caller))

    @room.get(
        "/pricelistnames", allow=READERS, answers=list[PriceListName], listing=NAMES, operation="getPriceListNames"
    )
    async def names(caller: CallerOf, query: Annotated[ListQuery, asked(NAMES)]) -> Response:
        """Ids and name of every price list, sorted by name: for pick lists."""
        return answers.json_answer(await price_lists.names(caller, query.query.where))

    @room.post("/pricelists/create", allow=ADMIN, answers=PriceList, status=201, operation="postPriceListCreate")
    async def create(caller: CallerOf, sent: NewPriceList) -> Response:
        """Add a price list, empty or as a copy of another; its name must be free."""
        return answers.one(await price_lists.create(caller, sent), status=201)

    @room.get("/pricelist/{priceListId}", allow=READERS, answers=PriceListAndItems, operation="getPriceList")
    async def get_price_list(
        caller: CallerOf,
        priceListId: Id,
        items: Annotated[bool, Query(description="Add a page of its items, in the order they were added.")] = False,  # noqa: FBT002
        page: Annotated[int, Query(ge=1, le=DEEPEST, description="Page of the items.")] = 1,
        itemsPerPage: Annotated[int, Query(ge=1, le=LARGEST_SIZE, description="Items a page.")] = LARGEST_SIZE,
    ) -> Response:
        """One price list. Only without items the answer has a tag, which is that of the price list itself."""
        stored, hidden = await price_lists.get(caller, priceListId), PRICE_LIST.hidden_from(caller)
        if not items:
            return answers.one(stored, hidden=hidden)
        asked_for = StoreQuery(skip=(page - 1) * itemsPerPage, limit=itemsPerPage)
        found, shown = await price_lists.items(caller, priceListId, asked_for)
        paged = {"items": shown, "itemsTotal": found.total, "page": page, "itemsPerPage": itemsPerPage}
        return answers.json_answer({**without(stored.document, hidden), **paged})

    @room.post("/pricelist/{priceListId}/update", allow=ADMIN, answers=PriceList, operation="postPriceListIdUpdate")
    async def update(caller: CallerOf, priceListId: Id, sent: PriceListChange, expected: IfMatch) -> Response:
        """Change a price list: absent fields stay, null clears (not the name), `defaultItemPricing` replaces all."""
        return answers.one(await price_lists.update(caller, priceListId, sent, expected))

    @room.post("/pricelist/{priceListId}/delete", allow=ADMIN, answers=Done, operation="postPriceListIdDelete")
    async def delete(caller: CallerOf, priceListId: Id, expected: IfMatch) -> Response:
        """Mark a price list and its items deleted; its customers fall back to the organization's defaults."""
        await price_lists.delete(caller, priceListId, expected)
        return answers.done("The price list was deleted.")

    _items(room, price_lists)
    _files(room, price_lists, exporter)
    import_route(
        room,
        "/pricelists/import",
        imports,
        "price-lists",
        allow=ADMIN,
        handler=price_lists.importing,
        operation="postPriceListImports",
        about="Load prices and quantity breaks of items into price lists that are there.",
    )
    return room


def _items(room: Room, price_lists: PriceListService) -> None:
    """What a price list says of items: ours."""

    @room.get("/pricelist/{priceListId}/items", allow=READERS, answers=PriceListItemPage, listing=ITEMS)
    async def list_price_list_items(
        caller: CallerOf, priceListId: Id, query: Annotated[ListQuery, asked(ITEMS)]
    ) -> Response:
        """Page through the items of a price list, in the order they were added.

        This is where prices are followed: a change of one is no change of the price list itself.
        """
        page, shown = await price_lists.items(caller, priceListId, query.query)
        return answers.page_of(shown, page, query, PRICE_LIST_ITEMS)

    @room.get("/pricelist/{priceListId}/item/{itemId}", allow=READERS, answers=PriceListItem)
    async def get_price_list_item(caller: CallerOf, priceListId: Id, itemId: Id) -> Response:
        """What a price list says of an item of the catalogue."""
        stored, shown = await price_lists.item(caller, priceListId, itemId)
        return answers.tagged(shown, stored)

    @room.post("/pricelist/{priceListId}/item/{itemId}/update", allow=ADMIN, answers=PriceListItem)
    async def update_price_list_item(
        caller: CallerOf, priceListId: Id, itemId: Id, sent: PriceListItemChange, expected: IfMatch
    ) -> Response:
        """Set the price and the quantity breaks of an item in a price list: absent fields stay, null clears.

        A break counts the pieces or the length of the item in a whole price request, in the unit of the price.
        """
        stored, shown = await price_lists.set_item(caller, priceListId, itemId, sent, expected)
        return answers.tagged(shown, stored)

    @room.post("/pricelist/{priceListId}/item/{itemId}/delete", allow=ADMIN, answers=Done)
    async def delete_price_list_item(caller: CallerOf, priceListId: Id, itemId: Id, expected: IfMatch) -> Response:
        """Take an item out of a price list."""
        await price_lists.remove_item(caller, priceListId, itemId, expected)
        return answers.done("The item was taken out of the price list.")


def _files(room: Room, price_lists: PriceListService, exporter: Exporter) -> None:
    """Price lists in Excel."""

    @room.post("/pricelists/exceltemplate", allow=ADMIN, answers=bytes, writes=False, produces=[answers.XLSX])
    async def price_lists_excel_template() -> Response:
        """An empty workbook with the columns of price lists."""
        return answers.file(workbook.template(PRICE_LIST_SHEET), answers.XLSX, "price-lists-template.xlsx")

    @room.post(
        "/pricelists/export",
        allow=ADMIN,
        answers=bytes,
        writes=False,
        produces=[answers.XLSX],
        operation="postPriceListsExport",
    )
    async def export(caller: CallerOf, sent: PriceListExport) -> Response:
        """The items of the chosen price lists, or of all (`selectAll`), as a workbook."""
        made = await exporter.export(PRICE_LIST_SHEET, price_lists.exported(caller, sent))
        return answers.file_stream(aiter(made), made.size, answers.XLSX, "price-lists.xlsx")

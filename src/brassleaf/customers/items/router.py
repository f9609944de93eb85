"""The endpoints of customer items."""

from typing import Annotated

from starlette.responses import Response

from brassleaf.customers.items.models import (
    CUSTOMER_ITEM,
    CUSTOMER_ITEMS,
    CustomerItem,
    CustomerItemChange,
    CustomerItemExport,
    CustomerItemPage,
)
from brassleaf.customers.items.service import CustomerItemService
from brassleaf.http import answers
from brassleaf.http.answers import Done
from brassleaf.http.fields import Id
from brassleaf.http.lists import Listing, ListQuery
from brassleaf.imports.router import Imports, import_route
from brassleaf.security.roles import ADMIN, READERS, STAFF
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room, asked
from brassleaf.sheets import workbook
from brassleaf.sheets.export import Exporter
from brassleaf.store.query import equal

LIST = Listing(
    CUSTOMER_ITEMS,
    search=("brand", "partNumber", "orgPartNumber", "itemType"),
    sorts=("lastModified",),
    bracketed=True,
)


def room(house: House, items: CustomerItemService, exporter: Exporter, imports: Imports) -> Room:
    """Customer items: list, update, delete, Excel."""
    room = Room(house, "Customer")

    @room.get(
        "/customer/{customerId}/items",
        allow=READERS,
        answers=CustomerItemPage,
        listing=LIST,
        operation="getCustomerIdItems",
    )
    async def list_items(caller: CallerOf, customerId: Id, query: Annotated[ListQuery, asked(LIST)]) -> Response:
        """Page through what is agreed with a customer, item by item."""
        page = await items.page(caller, customerId, query.narrowed(equal("customer", customerId)))
        return answers.page(page, query, CUSTOMER_ITEMS, hidden=CUSTOMER_ITEM.hidden_from(caller))

    @room.get("/customer/{customerId}/item/{itemId}", allow=READERS, answers=CustomerItem)
    async def get_customer_id_item_id(caller: CallerOf, customerId: Id, itemId: Id) -> Response:
        """What is agreed with a customer for one item."""
        stored = await items.get(caller, customerId, itemId)
        return answers.one(stored, hidden=CUSTOMER_ITEM.hidden_from(caller))

    @room.post(
        "/customer/{customerId}/item/{itemId}/update",
        allow=STAFF,
        answers=CustomerItem,
        operation="postCustomerIdItemIdUpdate",
    )
    async def update(
        caller: CallerOf, customerId: Id, itemId: Id, sent: CustomerItemChange, expected: IfMatch
    ) -> Response:
        """Agree something with a customer for an item, or change it: absent fields stay, null clears."""
        stored = await items.update(caller, customerId, itemId, sent, expected)
        return answers.one(stored, hidden=CUSTOMER_ITEM.hidden_from(caller))

    @room.post(
        "/customer/{customerId}/item/{itemId}/delete",
        allow=STAFF,
        answers=Done,
        operation="postCustomerIdItemIdDelete",
    )
    async def delete(caller: CallerOf, customerId: Id, itemId: Id, expected: IfMatch) -> Response:
        """Mark what is agreed with a customer for an item deleted."""
        await items.delete(caller, customerId, itemId, expected)
        return answers.done("The customer item was deleted.")

    @room.post("/customers/items/exceltemplate", allow=ADMIN, answers=bytes, writes=False, produces=[answers.XLSX])
    async def customer_items_excel_template(caller: CallerOf) -> Response:
        """An empty workbook with the columns of customer items."""
        return answers.file(workbook.template(items.sheet(caller)), answers.XLSX, "customer-items-template.xlsx")

    import_route(
        room,
        "/customers/items/import",
        imports,
        "customer-items",
        allow=ADMIN,
        handler=items.importing,
        operation="postCustomersItemsImport",
        about="Load what is agreed with customers for items from a workbook.",
    )

    @room.post(
        "/customer/{customerId}/items/export",
        allow=ADMIN,
        answers=bytes,
        writes=False,
        produces=[answers.XLSX],
        operation="postCustomerIdItemsExport",
    )
    async def export(caller: CallerOf, customerId: Id, sent: CustomerItemExport) -> Response:
        """The chosen items of a customer, or (`selectAll`) all but these, as a workbook."""
        made = await exporter.export(items.sheet(caller), await items.exported(caller, customerId, sent))
        return answers.file_stream(aiter(made), made.size, answers.XLSX, "customer-items.xlsx")

    return room

"""The endpoints of customers."""

from typing import Annotated

from fastapi import Body
from starlette.responses import Response

from brassleaf.customers.models import (
    CUSTOMER,
    CUSTOMERS,
    Customer,
    CustomerChange,
    CustomerExport,
    CustomerName,
    CustomerPage,
)
from brassleaf.customers.service import CustomerService
from brassleaf.http import answers
from brassleaf.http.answers import Done
from brassleaf.http.fields import Id
from brassleaf.http.lists import Listing, ListQuery
from brassleaf.security.roles import ADMIN, READERS, STAFF
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room, asked
from brassleaf.sheets import workbook
from brassleaf.sheets.export import Exporter

LIST = Listing(CUSTOMERS, search=("name", "erpId", "domain"), sorts=("erpId", "domain", "city"))
NAMES = Listing(CUSTOMERS, search=("name",), paged=False)


def room(house: House, customers: CustomerService, exporter: Exporter) -> Room:
    """Customers: lists, one, create, update, delete, Excel."""
    room = Room(house, "Customer")

    @room.get("/customers", allow=READERS, answers=CustomerPage, listing=LIST, operation="getCustomers")
    async def list_customers(caller: CallerOf, query: Annotated[ListQuery, asked(LIST)]) -> Response:
        """Page through the customers of the organization."""
        page = await customers.page(caller, query.query)
        return answers.page(page, query, CUSTOMERS, hidden=CUSTOMER.hidden_from(caller))

    async def names(caller: CallerOf, query: Annotated[ListQuery, asked(NAMES)]) -> Response:
        """Id and name of every customer, sorted by name: for pick lists."""
        return answers.json_answer(await customers.names(caller, query.query.where))

    for path, operation in (("/customernamess", "getCustomerNamess"), ("/customernames", "getCustomerNames")):
        room.get(path, allow=READERS, answers=list[CustomerName], listing=NAMES, operation=operation)(names)

    @room.post("/customers/create", allow=STAFF, answers=Customer, status=201, operation="postCustomerCreate")
    async def create(caller: CallerOf, sent: Annotated[CustomerChange | None, Body()] = None) -> Response:
        """Add a customer. No field is required; an ERP id must be free."""
        stored = await customers.create(caller, sent or CustomerChange())
        return answers.one(stored, hidden=CUSTOMER.hidden_from(caller), status=201)

    @room.get("/customer/{customerId}", allow=READERS, answers=Customer)
    async def get_customer(caller: CallerOf, customerId: Id) -> Response:
        """One customer."""
        return answers.one(await customers.get(caller, customerId), hidden=CUSTOMER.hidden_from(caller))

    @room.post("/customer/{customerId}/update", allow=STAFF, answers=Customer, operation="postCustomerIdUpdate")
    async def update(caller: CallerOf, customerId: Id, sent: CustomerChange, expected: IfMatch) -> Response:
        """Change a customer: absent fields stay, null clears."""
        stored = await customers.update(caller, customerId, sent, expected)
        return answers.one(stored, hidden=CUSTOMER.hidden_from(caller))

    @room.post("/customer/{customerId}/delete", allow=ADMIN, answers=Done, operation="postCustomerIdDelete")
    async def delete(caller: CallerOf, customerId: Id, expected: IfMatch) -> Response:
        """Mark a customer deleted with its items and locations, and take it off hose assemblies, kits and users."""
        await customers.delete(caller, customerId, expected)
        return answers.done("The customer was deleted.")

    @room.post("/customers/exceltemplate", allow=STAFF, answers=bytes, writes=False, produces=[answers.XLSX])
    async def customer_excel_template(caller: CallerOf) -> Response:
        """An empty workbook with the columns of customers."""
        return answers.file(workbook.template(customers.sheet(caller)), answers.XLSX, "customers-template.xlsx")

    @room.post(
        "/customers/export",
        allow=STAFF,
        answers=bytes,
        writes=False,
        produces=[answers.XLSX],
        operation="postCustomerExport",
    )
    async def export(caller: CallerOf, sent: CustomerExport) -> Response:
        """The chosen customers, or all (`selectAll`), as a workbook."""
        made = await exporter.export(customers.sheet(caller), customers.exported(caller, sent))
        return answers.file_stream(aiter(made), made.size, answers.XLSX, "customers.xlsx")

    return room

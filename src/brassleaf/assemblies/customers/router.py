"""The endpoints of the customers of a hose assembly."""

from starlette.responses import Response

from brassleaf.assemblies.customers.models import AssemblyCustomers, CustomersAdded, CustomersTaken
from brassleaf.assemblies.customers.service import CustomersOfAssemblies
from brassleaf.http import answers
from brassleaf.http.fields import Id
from brassleaf.security.roles import STAFF
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room


def room(house: House, customers: CustomersOfAssemblies) -> Room:
    """Whom an assembly is sold to."""
    room = Room(house, "Hose assembly")

    @room.post("/hoseassembly/{hoseAssemblyId}/customers/update", allow=STAFF, answers=AssemblyCustomers)
    async def update_customers_of_hose_assembly(
        caller: CallerOf, hoseAssemblyId: Id, sent: CustomersAdded, expected: IfMatch
    ) -> Response:
        """Add customers that an assembly is sold to, or change their numbers of it; not of an obsolete one."""
        found = await customers.add(caller, hoseAssemblyId, sent, expected)
        return answers.json_answer({"success": True, "customers": found})

    @room.post("/hoseassembly/{hoseAssemblyId}/customers/delete", allow=STAFF, answers=AssemblyCustomers)
    async def delete_customers_of_hose_assembly(
        caller: CallerOf, hoseAssemblyId: Id, sent: CustomersTaken, expected: IfMatch
    ) -> Response:
        """Take customers off an assembly; those that it does not have are ignored."""
        found = await customers.take_off(caller, hoseAssemblyId, sent, expected)
        return answers.json_answer({"success": True, "customers": found})

    return room

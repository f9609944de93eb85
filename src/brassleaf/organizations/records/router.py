"""The endpoints of product groups, suppliers and locations."""

from typing import Any

from starlette.responses import Response

from brassleaf.http import answers
from brassleaf.organizations.records.models import (
    Location,
    LocationChange,
    ProductGroup,
    ProductGroupChange,
    Supplier,
    SupplierChange,
)
from brassleaf.organizations.records.service import OwnRecords
from brassleaf.security.roles import ADMIN, EVERYONE, STAFF, Allowed
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room


def room(house: House, groups: OwnRecords, suppliers: OwnRecords, locations: OwnRecords) -> Room:
    """Product groups, suppliers and locations: lists, and one call to add, change and delete."""
    room = Room(house, "Organization")

    def lists(path: str, records: OwnRecords, answer: Any, allow: Allowed, about: str) -> None:
        async def list_records(caller: CallerOf) -> Response:
            return answers.json_answer(await records.all(caller))

        list_records.__doc__ = about
        operation = "getOrganization" + path.title()
        room.get(f"/organization/{path}", allow=allow, answers=list[answer], operation=operation)(list_records)

    lists("productgroups", groups, ProductGroup, STAFF, "The product groups, by name.")
    lists("suppliers", suppliers, Supplier, STAFF, "The suppliers, by name.")
    lists("locations", locations, Location, EVERYONE, "The organization's own sites, by description.")

    @room.post("/organization/productgroups/update", allow=ADMIN, answers=ProductGroup)
    async def post_organization_productgroups_update(
        caller: CallerOf, sent: ProductGroupChange, expected: IfMatch
    ) -> Response:
        """Add a product group or, with `_id`, change or delete one."""
        return answers.one(await groups.update(caller, sent, expected))

    @room.post("/organization/suppliers/update", allow=ADMIN, answers=Supplier)
    async def post_organization_suppliers_update(caller: CallerOf, sent: SupplierChange, expected: IfMatch) -> Response:
        """Add a supplier or, with `_id`, change or delete one."""
        return answers.one(await suppliers.update(caller, sent, expected))

    @room.post("/organization/locations/update", allow=ADMIN, answers=Location)
    async def post_organization_locations_update(caller: CallerOf, sent: LocationChange, expected: IfMatch) -> Response:
        """Add one of the organization's own sites or, with `_id`, change or delete one."""
        return answers.one(await locations.update(caller, sent, expected))

    return room

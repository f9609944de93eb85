"""The endpoints of customer locations."""

from typing import Annotated

from starlette.responses import Response

from brassleaf.customers.locations.models import (
    CUSTOMER_LOCATIONS,
    CustomerLocation,
    CustomerLocationPage,
    LocationChange,
    LocationId,
)
from brassleaf.customers.locations.service import CustomerLocationService
from brassleaf.http import answers
from brassleaf.http.answers import Done
from brassleaf.http.fields import Id
from brassleaf.http.lists import Listing, ListQuery
from brassleaf.security.roles import READERS, STAFF
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room, asked
from brassleaf.store.query import equal

LIST = Listing(
    CUSTOMER_LOCATIONS,
    search=("description", "erpId", "address1", "city", "region", "postalCode", "country"),
    sorts=("erpId", "city", "region", "country"),
    plural="locations",
)


def room(house: House, locations: CustomerLocationService) -> Room:
    """Customer locations: list, update (add), delete."""
    room = Room(house, "Customer")

    @room.get(
        "/customer/{customerId}/locations",
        allow=READERS,
        answers=CustomerLocationPage,
        listing=LIST,
        operation="getCustomerIdLocations",
    )
    async def list_locations(caller: CallerOf, customerId: Id, query: Annotated[ListQuery, asked(LIST)]) -> Response:
        """Page through the locations of a customer."""
        page = await locations.page(caller, customerId, query.narrowed(equal("customer", customerId)))
        return answers.page(page, query, CUSTOMER_LOCATIONS)

    @room.get("/customer/{customerId}/location/{locationId}", allow=READERS, answers=CustomerLocation)
    async def get_customer_id_location_id(caller: CallerOf, customerId: Id, locationId: Id) -> Response:
        """One location of a customer."""
        return answers.one(await locations.get(caller, customerId, locationId))

    @room.post(
        "/customer/{customerId}/location/{locationId}/update",
        allow=STAFF,
        answers=CustomerLocation,
        operation="postCustomerIdLocationUpdate",
    )
    async def update(
        caller: CallerOf, customerId: Id, locationId: LocationId, sent: LocationChange, expected: IfMatch
    ) -> Response:
        """Change a location of a customer, or add one (`new`): absent fields stay, null clears."""
        return answers.one(await locations.update(caller, customerId, locationId, sent, expected))

    @room.post(
        "/customer/{customerId}/location/{locationId}/delete",
        allow=STAFF,
        answers=Done,
        operation="postCustomerIdLocationDelete",
    )
    async def delete(caller: CallerOf, customerId: Id, locationId: Id, expected: IfMatch) -> Response:
        """Mark a location of a customer deleted."""
        await locations.delete(caller, customerId, locationId, expected)
        return answers.done("The location was deleted.")

    return room

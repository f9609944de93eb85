"""What is stored, sent and shown of a customer's locations."""

from typing import Annotated

from pydantic import AfterValidator, Field

from brassleaf.http.fields import Text
from brassleaf.http.models import PageOf, Record, Sent
from brassleaf.store.collections import Collection
from brassleaf.store.collections import Field as Queried

CUSTOMER_LOCATIONS = Collection(
    "customerLocations",
    (
        Queried("customer"),
        Queried("description"),
        Queried("erpId"),
        Queried("address1"),
        Queried("city"),
        Queried("region"),
        Queried("postalCode"),
        Queried("country"),
    ),
    order="description",
)

NEW = "new"
#: The id of a location, or the word `new`.
LocationId = Annotated[
    str,
    Field(pattern="^(new|[0-9a-fA-F]{24})$", description="The id of a location, or `new` to add one."),
    AfterValidator(str.lower),
]


class LocationChange(Sent):
    """The fields of a location: absent ones stay as they are, null clears."""

    description: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    region: Text | None = None
    postalCode: Text | None = None
    country: Text | None = None
    phoneNumber: Text | None = None
    erpId: Text | None = None


class CustomerLocation(Record):
    """A location of a customer."""

    customer: str
    description: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    region: str | None = None
    postalCode: str | None = None
    country: str | None = None
    phoneNumber: str | None = None
    erpId: str | None = None


CustomerLocationPage = PageOf[CustomerLocation]

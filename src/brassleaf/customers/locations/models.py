"""What is stored, sent and shown of a customer's locations."""

from typing import Annotated

from pydantic import AfterValidator

from brassleaf.http.fields import Text, like
from brassleaf.http.models import PageOf, Record, SentAddress, ShownAddress
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
    like(
        "^(new|[0-9a-fA-F]{24})$",
        "Give the id of a location, 24 hex digits, or new to add one.",
        description="The id of a location, or `new` to add one.",
    ),
    AfterValidator(str.lower),
]


class LocationChange(SentAddress):
    """The fields of a location: absent ones stay as they are, null clears."""

    description: Text | None = None
    erpId: Text | None = None


class CustomerLocation(Record, ShownAddress):
    """A location of a customer."""

    customer: str
    description: str | None = None
    erpId: str | None = None


CustomerLocationPage = PageOf[CustomerLocation]

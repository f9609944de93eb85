"""What is stored, sent and shown of product groups, suppliers and the organization's own locations."""

from typing import Annotated

from pydantic import Field

from brassleaf.http.fields import OptionalId, Required, Text
from brassleaf.http.models import Record, Sent, SentAddress, ShownAddress
from brassleaf.organizations.models import Flag
from brassleaf.organizations.users.models import EmailAddress
from brassleaf.store.collections import Collection, Unique
from brassleaf.store.collections import Field as Queried

PRODUCT_GROUPS = Collection("productGroups", (Queried("name"),), {"name": Unique("name")}, order="name")
SUPPLIERS = Collection(
    "suppliers",
    (Queried("name"), Queried("erpId")),
    {"name": Unique("name"), "erpId": Unique("erpId")},
    order="name",
)
LOCATIONS = Collection(
    "organizationLocations", (Queried("description"),), {"erpId": Unique("erpId")}, order="description"
)


class Upsert(Sent):
    """A record to add or, with `_id`, to change: absent fields stay, null clears, `deleted` deletes."""

    id: Annotated[OptionalId, Field(alias="_id")] = None
    deleted: Flag | None = None


class ProductGroupChange(Upsert):
    """A product group."""

    name: Required | None = Field(None, description="Needed for a new one; no two share one.")
    description: Text | None = None


class SupplierChange(Upsert):
    """A supplier."""

    name: Required | None = Field(None, description="Needed for a new one; no two share one.")
    supplierNumber: Text | None = None
    email: EmailAddress | None = None
    phoneNumber: Text | None = None
    erpId: Text | None = None


class LocationChange(Upsert, SentAddress):
    """One of the organization's own sites."""

    description: Text | None = None
    erpId: Text | None = None


class ProductGroup(Record):
    """A product group."""

    name: str
    description: str | None = None


class Supplier(Record):
    """A supplier."""

    name: str
    supplierNumber: str | None = None
    email: str | None = None
    phoneNumber: str | None = None
    erpId: str | None = None


class Location(Record, ShownAddress):
    """One of the organization's own sites."""

    description: str | None = None
    erpId: str | None = None

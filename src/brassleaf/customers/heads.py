"""The head of a document that may be made for a customer: its texts, the customer, and that one's numbers of it."""

from brassleaf.customers.models import CUSTOMERS
from brassleaf.errors import FieldError, NotFound
from brassleaf.http.fields import LongText, OptionalId, Required, Text
from brassleaf.http.models import Sent
from brassleaf.store.collections import Document
from brassleaf.store.port import Store


class Head(Sent):
    """The head beside its number."""

    revision: Text | None = None
    description: Text | None = None
    comments: LongText | None = None
    customerOrgId: OptionalId = None
    customerName: Text | None = None
    customerPartNumber: Text | None = None
    customerRevision: Text | None = None


class NumberedHead(Head):
    """The head with its part number."""

    partNumber: Required


async def name_customer(store: Store, organization: str, fields: Document, sent: Document) -> None:
    """A new customer of a request must be there, and gives its name to the fields; another one's name goes.

    Raises NotFound.
    """
    if "customerOrgId" not in sent:
        return
    if "customerName" not in sent:
        fields.pop("customerName", None)
    if (id_ := sent["customerOrgId"]) is None:
        return
    customer = await store.repository(CUSTOMERS, organization).get(str(id_))
    if customer is None or customer["deleted"]:
        text = f"There is no customer with the id {id_}."
        raise NotFound(text, [FieldError("customerOrgId", text)])
    if not sent.get("customerName") and customer["name"]:
        fields["customerName"] = customer["name"]

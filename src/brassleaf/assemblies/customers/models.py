"""The customers of hose assemblies as they are sent and answered."""

from typing import Annotated

from pydantic import Field

from brassleaf.assemblies.models import AssemblyCustomer
from brassleaf.http.fields import Id, LongText, Text
from brassleaf.http.models import Sent, Shown

MOST = 500


class CustomerOfAssembly(Sent):
    """A customer that an assembly is sold to, with its own number of it."""

    customerOrgId: Id
    customerName: Text | None = Field(None, description="The customer's own name when absent.")
    customerPartNumber: Text | None = None
    customerRevision: Text | None = None
    comments: LongText | None = None


class CustomersAdded(Sent):
    """Customers to add; one that is there is replaced."""

    customers: Annotated[list[CustomerOfAssembly], Field(min_length=1, max_length=MOST)]


class CustomersTaken(Sent):
    """Ids of customers to take off, or a single one."""

    customers: Annotated[list[Id], Field(max_length=MOST)] = []
    customerOrgId: Id | None = None


class AssemblyCustomers(Shown):
    """The customers that an assembly is sold to from now on."""

    success: bool
    customers: list[AssemblyCustomer]

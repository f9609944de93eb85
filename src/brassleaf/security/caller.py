"""Who calls: what a handler knows about the other side."""

from dataclasses import dataclass
from typing import Literal

from brassleaf.security.roles import Role


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in user, or a program with an API key.

    `customer_id` is the customer that a customer key acts for (the header `apiCustomerId`), None where the request
    named none or one that is not there: then prices are the organization's defaults, no customer's documents are seen.
    """

    organization: str
    role: Role
    kind: Literal["user", "key"]
    id: str
    name: str
    label: str
    customer_id: str | None = None

    @property
    def sees_cost(self) -> bool:
        """Whether costs and margins may be shown: to admins only."""
        return self.role == "admin"

    @property
    def is_customer(self) -> bool:
        """Whether only one customer's documents and prices may be shown."""
        return self.role == "customer"

"""Who calls: what a handler knows about the other side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from brassleaf.errors import Forbidden
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

    def check_costs(self, named: Sequence[str]) -> None:
        """Raise Forbidden where fields of costs and margins come from a role that does not see them."""
        if named and not self.sees_cost:
            raise Forbidden(f"The role {self.role} may not set {' and '.join(named)}; an admin may.")

    @property
    def is_customer(self) -> bool:
        """Whether only one customer's documents and prices may be shown."""
        return self.role == "customer"

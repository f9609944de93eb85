"""The customers that a hose assembly is sold to: kept in the assembly, whatever its status, without a new version."""

from brassleaf.assemblies.customers.models import MOST, CustomersAdded, CustomersTaken
from brassleaf.assemblies.models import ASSEMBLIES
from brassleaf.assemblies.service import NOUN, AssemblyService
from brassleaf.customers.models import CUSTOMERS
from brassleaf.errors import FieldError, NotFound, Refused
from brassleaf.revisions.lifecycle import OBSOLETE
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Store
from brassleaf.store.query import Or, equal
from brassleaf.store.records import Expected, Records, merged


class CustomersOfAssemblies:
    """Adds customers to assemblies and takes them off."""

    def __init__(self, store: Store, assemblies: AssemblyService) -> None:
        self._store = store
        self._assemblies = assemblies

    async def add(self, caller: Caller, id_: str, sent: CustomersAdded, expected: Expected) -> list[Document]:
        """Add customers or replace what is said of them. Raises NotFound naming each that is not there, Refused."""
        added = {entry.customerOrgId: entry.model_dump(exclude_none=True) for entry in sent.customers}
        found = await self._store.repository(CUSTOMERS, caller.organization).get_many(list(added))
        live = {key: customer for key, customer in found.items() if not customer["deleted"]}
        unknown = [
            FieldError(f"customers[{at}].customerOrgId", f"There is no customer with the id {entry.customerOrgId}.")
            for at, entry in enumerate(sent.customers)
            if entry.customerOrgId not in live
        ]
        if unknown:
            raise NotFound("; ".join(error.message for error in unknown), unknown)
        for key, entry in added.items():
            if not entry.get("customerName") and live[key]["name"]:
                entry["customerName"] = live[key]["name"]

        def apply(before: Document) -> Document:
            _check(before)
            kept = {entry["customerOrgId"]: entry for entry in before.get("customers") or []}
            made = {**kept, **added}
            if len(made) > MOST:
                raise Refused.field("customers", f"A {NOUN} may have at most {MOST} customers.")
            return {**before, "customers": list(made.values())}

        stored = await self._assemblies.records(caller).change(id_, apply, expected)
        return list(stored["customers"])

    async def take_off(self, caller: Caller, id_: str, sent: CustomersTaken, expected: Expected) -> list[Document]:
        """Take customers off; those that are not on the assembly are ignored. Raises NotFound, Refused."""
        taken = {*sent.customers, *([sent.customerOrgId] if sent.customerOrgId else [])}
        if not taken:
            raise Refused.field("customers", "Name the customers to take off.")

        def apply(before: Document) -> Document:
            _check(before)
            return _less(before, taken)

        stored = await self._assemblies.records(caller).change(id_, apply, expected)
        return list(stored["customers"] or [])

    async def forget_customer(self, organization: str, customer_id: str, by: str) -> None:
        """Take a deleted customer off the assemblies that refer to it."""
        records = Records(self._store.repository(ASSEMBLIES, organization), NOUN, by)

        def without(before: Document) -> Document:
            made = _less(before, {customer_id})
            return merged(made, {"customerOrgId": None}) if made.get("customerOrgId") == customer_id else made

        where = Or((equal("customerOrgId", customer_id), equal("customers.customerOrgId", customer_id)))
        await records.change_each(where, without)


def _less(before: Document, taken: set[str]) -> Document:
    left = [entry for entry in before.get("customers") or [] if entry["customerOrgId"] not in taken]
    return merged(before, {"customers": left or None})


def _check(before: Document) -> None:
    if before["status"] == OBSOLETE:
        text = f"This {NOUN} is {OBSOLETE}; its customers stay as they are."
        raise Refused(text, [FieldError("status", text)])

"""The rules of customer locations."""

from brassleaf.customers.locations.models import CUSTOMER_LOCATIONS, NEW, LocationChange
from brassleaf.customers.models import CUSTOMERS
from brassleaf.errors import NotFound
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Page, Store, Stored
from brassleaf.store.query import Query, equal
from brassleaf.store.records import Expected, Records, check_expected, merged, tag


class CustomerLocationService:
    """The locations of the customers of one organization at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def _records(self, organization: str, by: str) -> Records:
        return Records(self._store.repository(CUSTOMER_LOCATIONS, organization), "location", by)

    async def _check_customer(self, caller: Caller, id_: str) -> None:
        await Records(self._store.repository(CUSTOMERS, caller.organization), "customer", caller.label).get(id_)

    async def page(self, caller: Caller, customer: str, query: Query) -> Page:
        """One page of a customer's locations. Raises NotFound for a customer that is not there."""
        await self._check_customer(caller, customer)
        return await self._records(caller.organization, caller.label).repository.page(query)

    async def get(self, caller: Caller, customer: str, location: str) -> Stored:
        """One location of a customer. Raises NotFound, for another customer's too."""
        await self._check_customer(caller, customer)
        stored = await self._records(caller.organization, caller.label).get(location)
        _check_owner(stored.document, customer)
        return stored

    async def update(
        self, caller: Caller, customer: str, location: str, sent: LocationChange, expected: Expected
    ) -> Stored:
        """Change a location, or add one where its id is `new`. Raises NotFound, for another customer's too, Stale."""
        await self._check_customer(caller, customer)
        records = self._records(caller.organization, caller.label)
        fields = sent.model_dump(exclude_unset=True)
        if location == NEW:
            check_expected(expected, tag(None))
            return await records.create({"customer": customer, **merged({}, fields)})

        def apply(before: Document) -> Document:
            _check_owner(before, customer)
            return merged(before, fields)

        return await records.change(location, apply, expected)

    async def delete(self, caller: Caller, customer: str, location: str, expected: Expected) -> None:
        """Mark a location deleted. Raises NotFound, for another customer's too, Stale."""
        await self._check_customer(caller, customer)
        records = self._records(caller.organization, caller.label)

        def apply(before: Document) -> Document:
            _check_owner(before, customer)
            return records.deleted(before)

        await records.change(location, apply, expected)

    async def forget_customer(self, organization: str, customer: str, by: str) -> None:
        """Mark the locations of a deleted customer deleted; done again, it goes on where it ended."""
        records = self._records(organization, by)
        await records.change_each(equal("customer", customer), records.deleted)


def _check_owner(location: Document, customer: str) -> None:
    if location["customer"] != customer:
        raise NotFound(f"There is no location with the id {location['_id']}.")

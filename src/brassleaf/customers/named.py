"""Customers by what stands on paper: name, ERP id or id."""

from collections.abc import Iterable

from brassleaf.catalog.named import folded
from brassleaf.customers.models import CUSTOMERS
from brassleaf.errors import Refused
from brassleaf.store.collections import fold
from brassleaf.store.port import Store, Stored
from brassleaf.store.query import AnyOf, Ids, Query, Where

#: So many texts are remembered between batches.
_REMEMBERED = 50_000
_HEX = frozenset("0123456789abcdef")


class NamedCustomers:
    """The customers that one organization can name. Made for one import, it remembers."""

    def __init__(self, store: Store, organization: str) -> None:
        self._customers = store.repository(CUSTOMERS, organization)
        #: By a text as rows spell it: id and name of the customers that it means, two at the most.
        self._known: dict[str, tuple[tuple[str, str | None], ...]] = {}

    async def look_up(self, texts: Iterable[str]) -> None:
        """Read the customers of many texts at once, so that `one` finds them."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        said = {text: folded(text) for text in texts if text not in self._known}
        if not said:
            return
        found: dict[str, dict[str, str | None]] = {text: {} for text in said.values()}
        new = tuple(sorted(found))
        ids = tuple(text for text in new if len(text) == 24 and _HEX.issuperset(text))
        wheres: list[Where] = [AnyOf("name", new), AnyOf("erpId", new), *([Ids(ids)] if ids else [])]
        for where in wheres:  # one after the other: asked for "this or that", SQLite walks all customers
            async for batch in self._customers.stream(Query(where)):
                for customer in batch:
                    for text in _texts(customer):
                        if text in found and len(found[text]) < 2:
                            found[text][customer.id] = customer["name"]
        self._known.update((text, tuple(found[key].items())) for text, key in said.items())

    def one(self, text: str, field: str) -> tuple[str, str | None] | None:
        """Id and name (if it has one) of the customer that a text means, None if there is none. Raises Refused."""
        found = self._known[text]
        if len(found) > 1:
            raise Refused.field(field, "Several customers have this name or ERP id; give the id of the one meant.")
        return found[0] if found else None


def _texts(customer: Stored) -> set[str]:
    said = (customer["name"], customer["erpId"])
    return {fold(str(text)) for text in said if text} | {customer.id}

"""Items by what stands on paper: brand and part number, and the type where several types share them."""

from collections.abc import Iterable, Mapping

from brassleaf.catalog.models import ITEMS
from brassleaf.errors import Refused
from brassleaf.store.collections import Document, fold
from brassleaf.store.port import Store
from brassleaf.store.query import AnyOf, Query

#: So many part numbers are remembered between batches.
_REMEMBERED = 50_000
_KEPT = ("_id", "brand", "partNumber", "itemType", "organization")


class NamedItems:
    """The items that one organization can name: its own and the shared ones. Made for one import, it remembers."""

    def __init__(self, store: Store, organization: str) -> None:
        self._items = store.repository(ITEMS, organization, shared=True)
        self._known: dict[str, list[Document]] = {}
        self._chosen: dict[tuple[object, ...], Document] = {}

    async def look_up(self, part_numbers: Iterable[str]) -> None:
        """Read the items of many part numbers at once, so that `one` finds them."""
        asked = {folded(number) for number in part_numbers}
        if len(self._known) > _REMEMBERED:
            self._known.clear()
            self._chosen.clear()
        if new := tuple(sorted(asked - self._known.keys())):
            self._known.update((number, []) for number in new)
            async for batch in self._items.stream(Query(AnyOf("partNumber", new))):
                for item in batch:
                    self._known[folded(str(item["partNumber"]))].append({name: item[name] for name in _KEPT})

    def one(self, values: Mapping[str, object]) -> Document:
        """The item that a row names by `brand`, `partNumber` and perhaps `itemType`. Raises Refused.

        Without a brand an item that has none is meant. An item of the organization's own stands before the shared one
        of the same type.
        """
        said = (values.get("brand"), values["partNumber"], values.get("itemType"))
        found = self._chosen.get(said)
        if found is None:
            found = self._chosen[said] = self._choose(values)
        return found

    def _choose(self, values: Mapping[str, object]) -> Document:
        brand, kind = folded(str(values.get("brand") or "")), values.get("itemType")
        found = [
            item for item in self._known[folded(str(values["partNumber"]))] if folded(str(item["brand"] or "")) == brand
        ]
        of_type = [item for item in found if kind is None or folded(str(kind)) == folded(str(item["itemType"]))]
        if found and not of_type:
            types = " and ".join(sorted({str(item["itemType"]) for item in found}))
            raise Refused.field("itemType", f"The item with this brand and part number is of the type {types}.")
        best = {item["itemType"]: item for item in sorted(of_type, key=lambda item: bool(item["organization"]))}
        if not best and not brand:
            raise Refused.field("brand", "No item without a brand has this part number; give the brand.")
        if not best:
            raise Refused.field("partNumber", "There is no item with this brand and part number.")
        if len(best) > 1:
            text = f"Say which item is meant: there are {' and '.join(sorted(best))} with this brand and part number."
            raise Refused.field("itemType", text)
        return next(iter(best.values()))


def folded(text: str) -> str:
    """A text as it is compared: without blanks around it, without regard to case."""
    return fold(text.strip())

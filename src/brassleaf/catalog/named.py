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
        self._chosen: dict[tuple[object, ...], list[Document]] = {}

    async def look_up(self, part_numbers: Iterable[str]) -> None:
        """Read the items of many part numbers at once, so that `several` finds them."""
        asked = {folded(number) for number in part_numbers}
        if len(self._known) > _REMEMBERED:
            self._known.clear()
            self._chosen.clear()
        if new := tuple(sorted(asked - self._known.keys())):
            self._known.update((number, []) for number in new)
            async for batch in self._items.stream(Query(AnyOf("partNumber", new))):
                for item in batch:
                    self._known[folded(str(item["partNumber"]))].append({name: item[name] for name in _KEPT})

    def several(self, values: Mapping[str, object]) -> list[Document]:
        """The items of one type that a row names by `brand`, `partNumber` and perhaps `itemType`. Raises Refused.

        Without a brand an item that has none is meant. Almost always there is one; where the organization has an item
        of its own beside the shared one, its own stands first.
        """
        said = (values.get("brand"), values["partNumber"], values.get("itemType"))
        found = self._chosen.get(said)
        if found is None:
            found = self._chosen[said] = self._choose(values)
        return found

    def _choose(self, values: Mapping[str, object]) -> list[Document]:
        brand, kind = folded(str(values.get("brand") or "")), values.get("itemType")
        found = [
            item for item in self._known[folded(str(values["partNumber"]))] if folded(str(item["brand"] or "")) == brand
        ]
        of_type = [item for item in found if kind is None or folded(str(kind)) == folded(str(item["itemType"]))]
        if found and not of_type:
            others = " and ".join(sorted({str(item["itemType"]) for item in found}))
            raise Refused.field("itemType", f"The item with this brand and part number is of the type {others}.")
        if not of_type and not brand:
            raise Refused.field("brand", "No item without a brand has this part number; give the brand.")
        if not of_type:
            raise Refused.field("partNumber", "There is no item with this brand and part number.")
        if len(types := sorted({str(item["itemType"]) for item in of_type})) > 1:
            text = f"Say which item is meant: there are {' and '.join(types)} with this brand and part number."
            raise Refused.field("itemType", text)
        return sorted(of_type, key=lambda item: not item["organization"])


def folded(text: str) -> str:
    """A text as it is compared: without blanks around it, without regard to case."""
    return fold(text.strip())

"""Parts by what rows say of them: brand and part number, or the organization's own number."""

from collections.abc import Iterable, Mapping

from brassleaf.assemblies.models import PARTS
from brassleaf.catalog.models import ITEM_PROPERTIES, ITEMS
from brassleaf.catalog.named import folded
from brassleaf.catalog.registry import KINDS
from brassleaf.catalog.service import Catalogue
from brassleaf.errors import Refused
from brassleaf.store.collections import Document
from brassleaf.store.port import Store
from brassleaf.store.query import AnyOf, Query

#: So many parts or numbers are remembered between batches.
_REMEMBERED = 20_000


class NamedParts:
    """The parts that one organization can name. Made for one import, it remembers."""

    def __init__(self, store: Store, catalogue: Catalogue, organization: str) -> None:
        self._items = store.repository(ITEMS, organization, shared=True)
        self._said = store.repository(ITEM_PROPERTIES, organization)
        self._catalogue = catalogue
        self._organization = organization
        self._ids: dict[str, list[str]] = {}
        self._parts: dict[str, Document] = {}
        self._found: dict[tuple[str, str | None, str], list[Document]] = {}

    async def look_up(self, numbers: Iterable[str], ids: Iterable[str] = ()) -> None:
        """Read the items of many numbers and ids at once, so that `one` and `get` find them."""
        if len(self._ids) > _REMEMBERED or len(self._parts) > _REMEMBERED:
            self._ids.clear()
            self._parts.clear()
            self._found.clear()
        wanted = set(ids) - self._parts.keys()
        if new := tuple(sorted({folded(number) for number in numbers} - self._ids.keys())):
            self._ids.update((number, []) for number in new)
            self._found.clear()
            async for batch in self._items.stream(Query(AnyOf("partNumber", new))):
                for item in batch:
                    self._ids[folded(str(item["partNumber"]))].append(item.id)
            async for batch in self._said.stream(Query(AnyOf("orgPartNumber", new))):
                for said in batch:
                    self._ids[folded(str(said["orgPartNumber"]))].append(str(said["item"]))
            wanted.update(id_ for number in new for id_ in self._ids[number])
        if missing := sorted(wanted - self._parts.keys()):
            found = await self._catalogue.get_many(self._organization, missing)
            self._parts.update((id_, article.document) for id_, article in found.items())

    def get(self, id_: str) -> Document | None:
        """A part by its id, deleted ones too."""
        return self._parts.get(id_)

    def found(self, item_type: str, brand: str | None, number: str) -> list[Document]:
        """The live items that a number means: their own before the organization's, own items before shared ones."""
        key = (item_type, brand, number)
        if key not in self._found:
            self._found[key] = self._choose(item_type, brand, number)
        return self._found[key]

    def _choose(self, item_type: str, brand: str | None, number: str) -> list[Document]:
        parts = [self._parts[id_] for id_ in dict.fromkeys(self._ids.get(folded(number), ())) if id_ in self._parts]
        live = [part for part in parts if part["itemType"] == item_type and not part["deleted"]]
        if brand:
            live = [part for part in live if folded(str(part["brand"])) == folded(brand)]
        named = [part for part in live if folded(str(part["partNumber"])) == folded(number)] or live
        return [part for part in named if part["custom"]] or named

    def one(self, role: str, values: Mapping[str, object]) -> Document:
        """The part that a row names for a role. Raises Refused."""
        number, brand = str(values[f"{role}PartNumber"]), values.get(f"{role}Brand")
        found = self.found(PARTS[role], None if brand is None else str(brand), number)
        if len(found) == 1:
            return found[0]
        noun = KINDS[PARTS[role]].noun
        if not found:
            of_brand = f" of the brand {brand}" if brand else ""
            raise Refused.field(f"{role}PartNumber", f"There is no {noun} with this part number{of_brand}.")
        brands = ", ".join(sorted({str(part["brand"]) for part in found}))
        raise Refused.field(f"{role}Brand", f"Several brands have a {noun} {number}: {brands}. Name the brand.")

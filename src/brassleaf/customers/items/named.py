"""The item that a row of an import means, where the row is what one price list or customer has for an item."""

from collections.abc import Iterable, Mapping

from brassleaf.catalog.named import NamedItems
from brassleaf.customers.items.models import pair_id
from brassleaf.errors import Refused
from brassleaf.store.collections import Document
from brassleaf.store.port import Repository, Store


class PairedItems:
    """Items by what stands on paper, for one import into `repository`, whose ids are those of `pair_id`."""

    def __init__(self, store: Store, organization: str, repository: Repository) -> None:
        self._named = NamedItems(store, organization)
        self._repository = repository

    async def look_up(self, part_numbers: Iterable[str]) -> None:
        """Read the items of many part numbers at once, so that `one` finds them."""
        await self._named.look_up(part_numbers)

    async def one(self, owner: str, values: Mapping[str, object]) -> Document:
        """The item that a row of `owner` names. Raises Refused.

        An own item and a shared one may have the same brand, part number and type. Then the one is meant for which
        there is something already, so that an export comes back to where it was taken from; else the own one.
        """
        found = self._named.several(values)
        if len(found) == 1:
            return found[0]
        items = {pair_id(owner, item["_id"]): item for item in found}
        there = await self._repository.get_many(list(items))
        live = [items[id_] for id_, stored in there.items() if not stored["deleted"]]
        if len(live) > 1:
            text = (
                "An item of your own and a shared one have this brand, part number and item type, and both have a row "
                "here, which a sheet cannot tell apart. Change the two by their ids, or give your own item another "
                "part number."
            )
            raise Refused.field("partNumber", text)
        return live[0] if live else found[0]

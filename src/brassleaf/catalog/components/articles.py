"""Items with what the organization says of them as one document each, which is what a row of a sheet says."""

import asyncio
from collections.abc import Sequence

from brassleaf.catalog.kinds import Kind
from brassleaf.catalog.models import ITEM_PROPERTIES, ITEMS, PROPERTY_FIELDS
from brassleaf.catalog.service import properties_id, say
from brassleaf.store.collections import Document
from brassleaf.store.port import Changed, Duplicate, Store, Stored

#: What a sheet can say of an item in the organization's name; crimp specifications are the item's business.
SAID = tuple(name for name in PROPERTY_FIELDS if name != "crimpSpecs")
_AUDIT = ("created", "createdBy", "lastModified", "lastModifiedBy")


class Joined(Stored):
    """An item and what the organization says of it, as they were read."""

    __slots__ = ("item", "said")

    def __init__(self, item: Stored, said: Stored | None) -> None:
        own = {name: said.document[name] for name in SAID if name in said.document} if said else {}
        document = {"available": True, **item.document, **own, "custom": item["organization"] is not None}
        super().__init__(item.id, item.revision, document=document)
        self.item = item
        self.said = said


class Articles:
    """The items of one kind that an organization may use, each with its properties; it writes both.

    The item goes first: of an own item both, of a shared one the properties only. A crash in between leaves a row half
    done, which importing it again completes.
    """

    def __init__(self, store: Store, organization: str, kind: Kind) -> None:
        self._kind = kind
        self._organization = organization
        self._items = store.repository(ITEMS, organization, shared=True)
        self._own = store.repository(ITEMS, organization)
        self._properties = store.repository(ITEM_PROPERTIES, organization)

    async def get(self, id_: str) -> Stored | None:
        """One item."""
        return (await self.get_many([id_])).get(id_)

    async def get_many(self, ids: Sequence[str]) -> dict[str, Stored]:
        """Items by id."""
        items = await self._items.get_many(ids)
        said = await self._properties.get_many([self._said_id(id_) for id_ in items])
        return {id_: Joined(item, said.get(self._said_id(id_))) for id_, item in items.items()}

    async def insert(self, document: Document) -> Stored:
        """Keep a new own item."""
        (found,) = await self.insert_many([document])
        if isinstance(found, Duplicate):
            raise found
        return found

    async def insert_many(self, documents: Sequence[Document]) -> list[Stored | Duplicate]:
        """Keep new own items, then what is said of them."""
        made = await self._own.insert_many([_item_of(document) for document in documents])
        pairs = zip(made, documents, strict=True)
        said = [self._first(document) for found, document in pairs if isinstance(found, Stored) and _said_in(document)]
        await self._properties.insert_many(said)
        return made

    async def replace(self, before: Stored, document: Document) -> Stored:
        """Put a changed document in the place of what was read. Raises Changed, Duplicate."""
        if not isinstance(before, Joined):
            raise TypeError("An item is replaced as it was read.")
        item, said = before.item, before.said
        if item["organization"] is not None:
            item = await self._own.replace(item, _item_of(document))
        changed = {name: document.get(name) for name in SAID if document.get(name) != before.document.get(name)}
        if said is not None and changed:
            audit = {name: document[name] for name in _AUDIT[2:]}
            said = await self._properties.replace(said, {**say(said.document, changed), **audit})
        elif changed:
            try:
                said = await self._properties.insert(self._first(document))
            except Duplicate as error:
                raise Changed from error
        return Joined(item, said)

    async def replace_many(self, pairs: Sequence[tuple[Stored, Document]]) -> list[Stored | Changed | Duplicate]:
        """Replace many, each by itself; their writes share commits."""

        async def one(before: Stored, document: Document) -> Stored | Changed | Duplicate:
            try:
                return await self.replace(before, document)
            except (Changed, Duplicate) as error:
                return error

        return list(await asyncio.gather(*(one(before, document) for before, document in pairs)))

    def _first(self, document: Document) -> Document:
        """The first properties of an item."""
        head = {"_id": self._said_id(document["_id"]), "item": document["_id"], "itemType": self._kind.item_type}
        audit = {name: document[name] for name in _AUDIT}
        if document.get("custom") is False:
            audit |= {"created": document["lastModified"], "createdBy": document["lastModifiedBy"]}
        return {**head, **say({}, _said_in(document)), **audit, "deleted": False}

    def _said_id(self, item: str) -> str:
        return properties_id(self._organization, item)


def _item_of(document: Document) -> Document:
    """The item's own part of a joined document."""
    return {name: value for name, value in document.items() if name not in SAID and name != "custom"}


def _said_in(document: Document) -> Document:
    """The organization's part of a joined document."""
    return {name: document[name] for name in SAID if document.get(name) is not None}

"""The rules of brands. They are those that items name; a document holds what the organization says of one."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import orjson

from brassleaf.catalog.brands.models import BRAND_SHEET, BrandChange, BrandExport
from brassleaf.catalog.brands.table import brand_id, page_of
from brassleaf.catalog.models import BRANDS, ITEM_PROPERTIES, ITEMS, SPEC_BRANDS
from brassleaf.catalog.service import Catalogue
from brassleaf.errors import NotFound, Refused
from brassleaf.organizations.service import OrganizationService
from brassleaf.security.caller import Caller
from brassleaf.sheets.columns import Sheet
from brassleaf.store.collections import Collection, Document, fold
from brassleaf.store.port import Duplicate, Page, Store, Stored
from brassleaf.store.query import Query, equal
from brassleaf.store.records import Expected, Records, merged

#: Called when a brand was renamed, with the organization, the old and the new name, and who did it.
Renamed = Callable[[str, str, str, str], Awaitable[None]]


@dataclass(slots=True)
class Known:
    """A brand as it is known: by the items that are of it, by a document, or by both."""

    id: str
    name: str
    stored: Stored | None = None
    types: set[str] = field(default_factory=set)
    shared: bool = False

    def shown(self, organization: str) -> Document:
        """As it is answered."""
        said = dict(self.stored.document) if self.stored else {"deleted": False}
        said.pop("formerName", None)
        own = {} if self.shared else {"organization": organization}
        return {"available": True, **said, **own, "_id": self.id, "name": self.name, "itemTypes": sorted(self.types)}


class Brands:
    """The brands of one organization at a time. `renamed` are those above who hold brands by name."""

    def __init__(
        self, store: Store, catalogue: Catalogue, organizations: OrganizationService, renamed: Sequence[Renamed] = ()
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._organizations = organizations
        self._renamed = (organizations.brand_renamed, *renamed)

    # -- reading --------------------------------------------------------------------------------------------------

    async def page(self, caller: Caller, query: Query) -> tuple[list[Document], Page]:
        """One page of the table of brands, those that are switched off too."""
        known = await self._known(caller, with_deleted=query.with_deleted)
        return page_of([brand.shown(caller.organization) for brand in known], query)

    async def get(self, caller: Caller, id_: str) -> Document:
        """A brand that the caller may see: a customer those with an item that can be used. Raises NotFound."""
        brand = _one(await self._known(caller), id_).shown(caller.organization)
        if caller.is_customer and brand not in await self.in_use(caller):
            raise _unknown(id_)
        return brand

    async def in_use(self, caller: Caller, item_type: str | None = None) -> list[Document]:
        """The brands with an item (of a type) that the organization can use."""
        pairs = await self._catalogue.brand_types(caller, usable=True)
        wanted = {fold(name) for name, kind in pairs if item_type in (None, kind)}
        return [brand.shown(caller.organization) for brand in await self._known(caller) if fold(brand.name) in wanted]

    async def default(self, caller: Caller, setting: str) -> Document:
        """Id and name of the brand that an organization's setting names, by name or id."""
        text = (await self._organizations.get(caller.organization))[setting]
        if not text:
            return {"_id": None, "name": None}
        known = await self._known(caller)
        found = next((brand for brand in known if text == brand.id or fold(brand.name) == fold(str(text))), None)
        return {"_id": found.id, "name": found.name} if found else {"_id": None, "name": text}

    def sheet(self, caller: Caller) -> Sheet:
        """The columns that a caller may see."""
        return BRAND_SHEET if caller.sees_cost else BRAND_SHEET.without_cost()

    async def exported(self, caller: Caller, asked: BrandExport) -> AsyncIterator[Sequence[bytes]]:
        """The brands that were chosen, by name, as JSON."""
        term = fold(asked.search.name or "") if asked.search else ""
        known = await self._known(caller)
        chosen = [
            brand for brand in known if (asked.selectAll or brand.id in asked.brands) and term in fold(brand.name)
        ]
        rows = [orjson.dumps(brand.shown(caller.organization)) for brand in chosen]

        async def once() -> AsyncIterator[Sequence[bytes]]:
            yield rows

        return once()

    # -- writing --------------------------------------------------------------------------------------------------

    async def update(self, caller: Caller, id_: str, sent: BrandChange, expected: Expected) -> tuple[Document, Stored]:
        """Change what the organization says of a brand; of its own brands the name too.

        A new name is kept first, with the former one, then everything that names the brand follows: what a crash
        leaves undone is done by the next update. Raises NotFound, Stale, Refused for a name that cannot be.
        """
        fields = sent.model_dump(exclude_unset=True)
        known = await self._known(caller)
        brand = _one(known, id_)
        if brand.stored is not None:
            brand.stored = await self._finish(caller, brand.stored)
        if "name" in fields:
            _check_name(known, brand, fields["name"])
            if fields["name"] != brand.name:
                fields["formerName"] = brand.name
        stored = await self._finish(caller, await self._put(caller, brand, fields, expected))
        fresh = _one(await self._known(caller), id_)
        return fresh.shown(caller.organization), stored

    async def delete(self, caller: Caller, id_: str, expected: Expected) -> None:
        """Mark a brand deleted. Raises NotFound, Stale, Refused while anything is of it or names it."""
        # one that is not there may be what the first try of this request has deleted: the records know
        brand = next((brand for brand in await self._known(caller) if brand.id == id_), None)
        if brand is not None and (used := await self._used(caller, brand)):
            raise Refused(f"The brand {brand.name} is used: {'; '.join(used)}. Change that first.")
        await self._records(BRANDS, caller).remove(id_, expected)

    async def _used(self, caller: Caller, brand: Known) -> list[str]:
        found: list[str] = []
        if brand.types:
            found.append(f"there are items of it ({', '.join(sorted(brand.types))})")
        naming = equal("namedBrand", brand.name)
        for collection in (ITEMS, ITEM_PROPERTIES):
            if await self._store.repository(collection, caller.organization).count(naming):
                found.append("crimp specifications name it")
                break
        settings = await self._organizations.get(caller.organization)
        if any(fold(str(settings[name] or "")) == fold(brand.name) for name in ("defaultBrand", "defaultAdaptorBrand")):
            found.append("it is a default brand of the organization")
        return found

    async def _put(self, caller: Caller, brand: Known, fields: Document, expected: Expected) -> Stored:
        """Change the document of a brand, or make its first one, in the place of a deleted one if there is one."""

        def apply(before: Document | None) -> Document:
            made = merged({"name": brand.name, "available": True} if before is None else before, fields)
            made.setdefault("available", True)
            return made

        try:
            return await self._records(BRANDS, caller).put(brand.id, apply, expected)
        except Duplicate as error:
            raise Refused.field("name", f"There is another brand with the name {fields.get('name')}.") from error

    # -- renaming -------------------------------------------------------------------------------------------------

    async def _finish(self, caller: Caller, stored: Stored) -> Stored:
        """Let everything that names a renamed brand follow."""
        old, new = stored["formerName"], stored["name"]
        if not old:
            return stored
        items = self._records(ITEMS, caller)
        await items.change_each(equal("brand", old), lambda item: {**item, "brand": new}, _taken)
        for records in (items, self._records(ITEM_PROPERTIES, caller)):
            await records.change_each(equal("namedBrand", old), lambda item: _respecified(item, old, new), _taken)
        for renamed in self._renamed:
            await renamed(caller.organization, old, new, caller.label)
        return await self._records(BRANDS, caller).change(
            stored.id, lambda before: merged(before, {"formerName": None})
        )

    # -- inside ---------------------------------------------------------------------------------------------------

    def _records(self, collection: Collection, caller: Caller) -> Records:
        return Records(self._store.repository(collection, caller.organization), "brand", caller.label)

    async def _known(self, caller: Caller, *, with_deleted: bool = False) -> list[Known]:
        """Every brand, by name: of the items and of the documents. A former name stands for the present one."""
        stream = self._store.repository(BRANDS, caller.organization).stream(Query(with_deleted=True))
        stored = {entry.id: entry async for batch in stream for entry in batch}
        documents = {id_: entry.document for id_, entry in stored.items()}
        found: dict[str, Known] = {}
        former: dict[str, str] = {}
        for entry in stored.values():
            if not entry["deleted"]:
                found[fold(entry["name"])] = Known(entry.id, entry["name"], entry)
                former[fold(entry["formerName"] or entry["name"])] = fold(entry["name"])
        pairs = await self._catalogue.brand_types(caller, usable=False)
        catalogued = {fold(name) for name in await self._catalogue.shared_brands()}
        for name, kind in pairs:
            key = former.get(fold(name), fold(name))
            if key not in found:
                found[key] = Known(brand_id(caller.organization, name, documents), name)
            found[key].types.add(kind)
        for key, brand in found.items():
            brand.shared = key in catalogued
        known = list(found.values())
        if with_deleted:
            ids = {brand.id for brand in known}
            known += [Known(id_, entry["name"], entry) for id_, entry in stored.items() if id_ not in ids]
        return sorted(known, key=lambda brand: fold(brand.name))


def _taken(item: Stored) -> Refused:
    text = f"There is an item {item['partNumber']} of the new brand already; change or delete one of the two."
    return Refused.field("name", text)


def _respecified(document: Document, old: str, new: str) -> Document:
    specs = [
        {
            name: new if name in SPEC_BRANDS and fold(str(value or "")) == fold(old) else value
            for name, value in spec.items()
        }
        for spec in document.get("crimpSpecs") or []
    ]
    return {**document, "crimpSpecs": specs}


def _one(known: Sequence[Known], id_: str) -> Known:
    found = next((brand for brand in known if brand.id == id_), None)
    if found is None:
        raise _unknown(id_)
    return found


def _unknown(id_: str) -> NotFound:
    return NotFound(f"There is no brand with the id {id_}.")


def _check_name(known: Sequence[Known], brand: Known, name: str | None) -> None:
    if name is None:
        raise Refused.field("name", "This field cannot be cleared.")
    if name == brand.name:
        return
    if brand.shared:
        raise Refused.field("name", f"{brand.name} is a brand of the shared catalogue and keeps its name.")
    if any(fold(other.name) == fold(name) and other is not brand for other in known):
        raise Refused.field("name", f"There is another brand with the name {name}.")

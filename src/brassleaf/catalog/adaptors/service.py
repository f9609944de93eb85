"""The rules of adaptors: what is found by its ends, what can still be chosen, what can stand for what."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from brassleaf.catalog.adaptors.models import ADAPTOR
from brassleaf.catalog.ends import Wish, end_key, ends_of, same_ends, seats
from brassleaf.catalog.picklists import texts_of
from brassleaf.catalog.service import Article, Catalogue, in_order
from brassleaf.errors import Refused
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document, fold
from brassleaf.store.port import Page
from brassleaf.store.query import AnyOf, Ids, Query, Sort, Where, both, equal

#: So many adaptors may be found by wishes that one end could meet two of.
MOST = 20_000
#: So many adaptors a configuration shows.
SHOWN = 50
_ADAPTORS = equal("itemType", "adaptor")
_STEEL = frozenset({"", "steel", "carbon steel"})
#: In what equivalents are compared, beside their ends.
_COMPARED = (
    "material", "shape", "spec", "specMS", "specSAE", "lengthmm", "weightLbs", "workingPressure", "familyCrossReference"
)  # fmt: skip


async def search(
    catalogue: Catalogue, caller: Caller, query: Query, wishes: Sequence[Wish]
) -> tuple[list[Article], Page]:
    """One page of adaptors with ends as wished.

    One wish, and wishes that no end meets two of, are answered by the store. Otherwise an adaptor may have one end only
    where two are asked for: then those that have an end for each wish are read first. Raises Refused for too many.
    """
    kinds = [await catalogue.with_end(caller, wish, _ADAPTORS) for wish in wishes]
    where = both(query.where, *kinds)
    if any(set(one.values) & set(other.values) for one, other in combinations(kinds, 2)):
        asked = await catalogue.asked(caller, ADAPTOR, where)
        found: list[str] = []
        async for item in catalogue.each(caller, asked, with_deleted=query.with_deleted):
            if seats(item.document, wishes):
                found.append(item.id)
            if len(found) > MOST:
                raise Refused(f"More than {MOST:,} adaptors have such ends. Ask for a style or a size, too.")
        where = both(query.where, Ids(tuple(found)))
    return await catalogue.page(caller, ADAPTOR, replace(query, where=where))


async def _seated(batches: AsyncIterator[list[Article]], wishes: Sequence[Wish]) -> AsyncIterator[Article]:
    async for batch in batches:
        for article in batch:
            if seats(article.item.document, wishes):
                yield article
        await asyncio.sleep(0)


# -- configuration ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Choices:
    """The ends that are possible in one place."""

    ends: dict[str, Document] = field(default_factory=dict)

    def add(self, end: Document) -> None:
        """One more that is possible."""
        self.ends.setdefault(end_key(end), end)

    def shown(self) -> Document:
        """As it is answered."""
        ends = self.ends.values()
        return {
            "styles": texts_of(ends, "style"),
            "genders": texts_of(ends, "gender"),
            "dashSizes": texts_of(ends, "dashSize"),
        }


@dataclass(slots=True)
class Found:
    """A configuration."""

    shapes: list[str]
    materials: list[str]
    ends: list[Choices]
    items: list[Article]
    total: int


async def configuration(catalogue: Catalogue, caller: Caller, chosen: Where, wishes: Sequence[Wish]) -> Found:
    """What the adaptors that are as chosen have: values for each end with a choice, then for a further end."""
    where = both(_ADAPTORS, chosen, *[await catalogue.with_end(caller, wish, _ADAPTORS) for wish in wishes])
    if not wishes:
        choices = Choices()
        for end in await catalogue.ends(caller, where):
            choices.add(end)
        articles, page = await catalogue.page(caller, ADAPTOR, Query(where, limit=SHOWN))
        shapes, materials = [await catalogue.values(caller, name, where) for name in ("shape", "material")]
        return Found(shapes, materials, [choices], articles, page.total)
    found = Found([], [], [Choices() for _ in range(len(wishes) + 1)], [], 0)
    shapes_by_key: dict[str, str] = {}
    materials_by_key: dict[str, str] = {}
    async for article in _seated(catalogue.articles(caller, where, sort=(Sort("partNumber"),)), wishes):
        document = article.item.document
        found.total += 1
        if found.total <= SHOWN:
            found.items.append(article)
        for name, known in (("shape", shapes_by_key), ("material", materials_by_key)):
            if text := document.get(name):
                known.setdefault(fold(text), text)
        _add_ends(found.ends, document, wishes)
    found.shapes = in_order("shape", shapes_by_key.values())
    found.materials = in_order("material", materials_by_key.values())
    return found


def _add_ends(places: Sequence[Choices], item: Document, wishes: Sequence[Wish]) -> None:
    """Note each end of an item where it is possible: as one of the wishes, or as a further end."""
    for way in seats(item, wishes):
        for place, end in zip(places, way, strict=False):
            place.add(end)
        for end in ends_of(item):
            if not any(end is taken for taken in way):
                places[-1].add(end)


# -- cross reference --------------------------------------------------------------------------------------------------

Equivalent = tuple[Article, Document, list[Document]]


async def cross(
    catalogue: Catalogue, caller: Caller, part_number: str, brand: str | None, target_brand: str | None
) -> list[Equivalent]:
    """The equivalents of the adaptors of a part number, by brand: each with the reason and with what differs."""
    found: dict[str, Equivalent] = {}
    for start in await catalogue.named(caller.organization, "adaptor", brand, part_number):
        asked = start.item.document
        kinds = [AnyOf("end", (end_key(end),)) for end in ends_of(asked)]
        conditions: list[tuple[str, Where]] = []
        if (number := asked.get("crossReference")) is not None:
            conditions.append(("cross-reference", equal("crossReference", number)))
        if kinds:
            conditions.append(("same-ends", both(*kinds, equal("shape", asked.get("shape")))))
        target = equal("brand", target_brand) if target_brand else None
        for code, condition in conditions:
            async for batch in catalogue.articles(caller, both(_ADAPTORS, condition, target)):
                for other in batch:
                    if other.item.id != start.item.id and _stands_for(code, asked, other.item.document):
                        differs = differences(asked, other.item.document)
                        found.setdefault(other.item.id, (other, _reason(code, asked, other.item.document), differs))
    return sorted(
        found.values(), key=lambda row: (fold(str(row[0].item["brand"])), fold(str(row[0].item["partNumber"])))
    )


def _stands_for(code: str, asked: Document, other: Document) -> bool:
    """Of a cross reference: of the material that is asked for, if one is. By ends: of the same ends and material."""
    if code == "cross-reference":
        return not asked.get("material") or _material(asked) == _material(other)
    return same_ends(asked, other) and _material(asked) == _material(other)


def _material(item: Document) -> str:
    """Blank or empty means steel (contract: POST /adaptors/create)."""
    text = fold(str(item.get("material") or "").strip())
    return "steel" if text in _STEEL else text


def _reason(code: str, asked: Document, other: Document) -> Document:
    names = f"{other['brand']} {other['partNumber']} and {asked['brand']} {asked['partNumber']}"
    if code == "cross-reference":
        text = f"{names} share the cross reference {asked['crossReference']:g}."
    else:
        text = f"{names} have the same ends, shape and material."
    return {"code": code, "message": text}


def differences(asked: Document, other: Document) -> list[Document]:
    """The fields in which two adaptors are not alike, with the value of each; what both leave out is alike."""
    found: list[Document] = []
    if not same_ends(asked, other):
        found.append(_difference("ends", asked, other))
    for name in _COMPARED:
        if name == "material":
            alike = _material(asked) == _material(other)
        else:
            alike = _plain(asked.get(name)) == _plain(other.get(name))
        if not alike:
            found.append(_difference(name, asked, other))
    return found


def _difference(name: str, asked: Document, other: Document) -> Document:
    return {"field": name, "asked": asked.get(name), "found": other.get(name)}


def _plain(value: Any) -> Any:
    return fold(value.strip()) if isinstance(value, str) else value

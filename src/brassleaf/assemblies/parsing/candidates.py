"""The items of the catalogue that a reading may mean: by the numbers in the text, or by the index of what is alike.

What was found for a question is remembered (`remembered`) and shared by all texts that ask the same: a hose of this
size and construction, an end of this style, size, gender and angle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from brassleaf.assemblies.parsing import ranking
from brassleaf.assemblies.parsing.parts import Part, usable
from brassleaf.assemblies.parsing.ranking import Group, Scored
from brassleaf.catalog.crimpfittings.service import series_of
from brassleaf.catalog.service import Catalogue
from brassleaf.store.query import AnyOf, Or, Where, both, equal
from brassleaf.store.remembered import Memory
from brassleaf.trade.parsing import End, Reading
from brassleaf.trade.parsing.keys import USUAL_FAMILIES, Wanted, hose_key, wanted, wrap_key
from brassleaf.trade.parsing.lexicon import FAMILY

#: Items of one kind that are weighed.
WEIGHED = 8
#: So many of the hoses are asked for the series that they have a crimp for.
_FIRST = 3
_ALIKE = {"four or six wire spirals": ("four wire spirals",), "six wire spirals": ("four or six wire spirals",)}
_ENDS = ("end1", "end2")
_NOTHING = Group("nothing", ())

Votes = Mapping[str, int]
Named = Mapping[str, Sequence[Part]]
Ids = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates for each part, and of them those that go best together; requests share it."""

    groups: Mapping[str, Group]
    best: Mapping[str, Scored | None]


@dataclass(frozen=True, slots=True)
class Search:
    """What every part of one reading is looked up for, and where."""

    catalogue: Catalogue
    organization: str
    memory: Memory
    reading: Reading
    #: The parts whose number stands in the text, the size of the hose, the maker that the text or its sender names.
    named: Named
    dash: int | None
    brand: str | None
    #: Both ends as they are looked for.
    meant: tuple[Wanted | None, Wanted | None]

    @staticmethod
    def of(
        catalogue: Catalogue, organization: str, memory: Memory, reading: Reading, named: Named, brand: str | None
    ) -> "Search":
        """The search for a reading; `brand` counts where the text names none."""
        dash, maker = _dash(reading, named), reading.brand.value if reading.brand else brand
        meant = (_wanted(reading.end1, dash), _wanted(reading.end2, dash))
        return Search(catalogue, organization, memory, reading, named, dash, maker, meant)

    async def found(self, learned: Mapping[str, Votes]) -> Found:
        """The candidates for each part of the assembly; `learned` is what was chosen before, by part."""
        if learned:
            return await self._found(learned)
        reading = self.reading
        size, ends = reading.size and reading.size.value, (reading.end1, reading.end2)
        named = (reading.hose_part, *(end and (end.part or "") for end in ends))
        wrapped, torn = reading.wrap and reading.wrap.value, _clashes(reading, "size", "hose")
        key = ("all", self._stated, size, self.dash, self.brand, named, self.meant, wrapped, torn)
        return await self.memory.recall(key, partial(self._found, learned))

    async def _found(self, learned: Mapping[str, Votes]) -> Found:
        reading = self.reading
        hoses = await self._hoses(_chosen(learned.get("hose")))
        ends = [
            await self._crimped(meant, hoses, await self._ends(end, meant, _chosen(learned.get(role))))
            for role, end, meant in zip(_ENDS, (reading.end1, reading.end2), self.meant, strict=True)
        ]
        found = {"hose": await self._of_the_makers(hoses, ends), "end1": ends[0], "end2": ends[1]}
        if reading.wrap is not None:
            found["wrap"] = await self._wraps(reading.wrap.value, _chosen(learned.get("wrap")))
        groups = {role: group.learned(learned.get(role, {})) for role, group in found.items()}
        hose, first, second = ranking.together(*(groups[role] for role in ("hose", *_ENDS)))
        return Found(groups, {"hose": hose, "end1": first, "end2": second, "wrap": _around(hose, groups.get("wrap"))})

    @property
    def _stated(self) -> str | None:
        return self.reading.hose.value if self.reading.hose else None

    def _hose(self, part: Part) -> Scored:
        return ranking.hose(part, self._stated, self.brand, sized=self.reading.size is not None)

    async def _hoses(self, chosen: Ids) -> Group:
        number, size, stated = self.reading.hose_part, self.reading.size, self._stated
        if number is not None and (parts := _of_type(self.named.get(number, ()), "hose")):
            # one that the text names by number has the size that the text states
            right = [part for part in parts if size is None or part.dash in (None, size.value)]
            return Group(("hose", number, size and size.value), [ranking.by_number(part, number) for part in right])
        dash = self.dash
        if dash is None or number is not None or _clashes(self.reading, "size", "hose"):
            return _NOTHING
        key = ("hoses", dash, stated, size is not None, self.brand, chosen)

        async def find() -> Group:
            found: list[Part] = []
            for family in _families(stated):
                found += await self._alike(hose_key(dash, family), chosen)
                if found and stated is None:
                    break
            return Group(key, list(map(self._hose, found)))

        return await self.memory.recall(key, find)

    async def _ends(self, end: End | None, meant: Wanted | None, chosen: Ids) -> Group:
        if end is None:
            return _NOTHING
        if end.part is not None and (parts := _of_type(self.named.get(end.part, ()), "crimpFitting")):
            return Group(("end", end.part), [ranking.by_number(part, str(end.part)) for part in parts])
        if meant is None:
            return _NOTHING
        key = ("ends", meant, self.brand, chosen)

        async def find() -> Group:
            found = await self._alike(meant.key, chosen)
            return Group(key, [ranking.fitting(part, meant, self.brand) for part in found])

        return await self.memory.recall(key, find)

    async def _crimped(self, meant: Wanted | None, hoses: Group, there: Group) -> Group:
        """The same, with fittings of the series that the first hoses have a crimp for where none of them is."""
        if meant is None or not there.found or not hoses.found or ranking.crimps(hoses, (there,)):
            return there
        key = ("crimped", meant, self.brand, there.key, hoses.key)

        async def find() -> Group:
            first = await self.catalogue.get_many(self.organization, [one.part.id for one in hoses.found[:_FIRST]])
            series = Or(tuple(series_of(article.document) for article in first.values()))
            more = await self._first(both(equal("alike", meant.key), series))
            return Group(key, [*there.found, *(ranking.fitting(part, meant, self.brand) for part in more)])

        return await self.memory.recall(key, find)

    async def _of_the_makers(self, hoses: Group, ends: Sequence[Group]) -> Group:
        """The same, with hoses of the makers of the ends where none of them has a crimp for an end."""
        family = FAMILY.get(self._stated) if self._stated else USUAL_FAMILIES[0]
        dash, fittings = self.dash, [one for side in ends for one in side.found]
        if dash is None or not hoses.found or not fittings or not family or ranking.crimps(hoses, ends):
            return hoses
        makers = tuple(dict.fromkeys(one.part.brand for one in fittings))
        key = ("makers", makers, dash, self._stated, self.reading.size is not None, self.brand, hoses.key)

        async def find() -> Group:
            more = await self._first(both(equal("alike", hose_key(dash, family)), AnyOf("brand", makers)))
            return Group(key, [*hoses.found, *map(self._hose, more)])

        return await self.memory.recall(key, find)

    async def _wraps(self, kind: str, chosen: Ids) -> Group:
        key = ("wraps", kind, self.brand, chosen)

        async def find() -> Group:
            return Group(key, [ranking.wrap(part, kind) for part in await self._alike(wrap_key(kind), chosen)])

        return await self.memory.recall(key, find)

    async def _alike(self, key: str, chosen: Ids) -> list[Part]:
        """The items of a key that may be used: those of a maker where it has some, and what was chosen before."""
        where: Where = equal("alike", key)
        narrowed = [both(where, equal("brand", self.brand))] if self.brand else []
        found: list[Part] = []
        for condition in (*narrowed, where):
            if found := list(await self._first(condition)):
                break
        there = {part.id for part in found}
        if more := [id_ for id_ in chosen if id_ not in there]:
            articles = await self.catalogue.get_many(self.organization, more)
            # what was chosen once and is another thing by now, or was for another text, is no candidate
            found += (part for part in usable(articles.values()) if part.alike == key)
        return found

    async def _first(self, where: Where) -> tuple[Part, ...]:
        return usable(await self.catalogue.first(self.organization, where, WEIGHED))


def _chosen(votes: Votes | None) -> Ids:
    """What was chosen more often than it was rejected."""
    return tuple(sorted(id_ for id_, count in votes.items() if count > 0)) if votes else ()


def _around(hose: Scored | None, wraps: Group | None) -> Scored | None:
    """The narrowest wrap that goes over the hose; none where that cannot be known."""
    outside = hose.part.outer if hose is not None else None
    if outside is None or wraps is None:
        return None
    fitting = [one for one in wraps.ordered if (one.part.inner or 0) >= outside]
    return min(fitting, key=lambda one: Decimal(str(one.part.inner)), default=None)


def _families(stated: str | None) -> Sequence[str]:
    if stated is None:
        return USUAL_FAMILIES
    family = FAMILY.get(stated)
    return (family, *_ALIKE.get(family, ())) if family else ()


def _of_type(parts: Sequence[Part], item_type: str) -> list[Part]:
    """Those of one type of item."""
    return [part for part in parts if part.item_type == item_type]


def _wanted(end: End | None, dash: int | None) -> Wanted | None:
    return None if end is None or dash is None else wanted(end, dash)


def _clashes(reading: Reading, *fields: str) -> bool:
    """Whether the text contradicts itself in one of these fields."""
    return any(conflict.field in fields for conflict in reading.conflicts)


def _dash(reading: Reading, named: Named) -> int | None:
    """The hose's size: as stated, of the hose that is named, or the size that its ends have."""
    if reading.size is not None:
        return reading.size.value
    for part in _of_type(named.get(reading.hose_part or "", ()), "hose"):
        if part.dash is not None:
            return int(part.dash)
    if _clashes(reading, "size"):
        return None
    sizes = [end.size for end in (reading.end1, reading.end2) if end is not None and end.size is not None]
    dashes = {size.value for size in sizes if isinstance(size.value, int)}
    return int(dashes.pop()) if len(dashes) == 1 else None

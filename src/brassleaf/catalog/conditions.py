"""Conditions on items beyond what their fields answer: what lists may be asked, and what is switched off."""

from brassleaf.catalog.ends import Wish, end_key, ends_of
from brassleaf.catalog.kinds import Kind
from brassleaf.catalog.models import BRANDS, ITEM_PROPERTIES, ITEMS
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document, fold
from brassleaf.store.port import Store
from brassleaf.store.query import (
    EVERYTHING,
    AnyOf,
    Contains,
    Exists,
    Linked,
    Not,
    Or,
    Query,
    Range,
    Where,
    both,
    conjuncts,
    equal,
)
from brassleaf.store.remembered import Memory, Remembered
from brassleaf.trade import ends as tables
from brassleaf.trade.sizes import parse_hose_size

_UNAVAILABLE = equal("available", value=False)
_TRUTHS = {"true": True, "false": False}
#: Items that have ends.
ENDED: Where = AnyOf("itemType", ("crimpFitting", "adaptor"))


class Conditions:
    """The conditions of one organization at a time."""

    def __init__(self, store: Store, remembered: Remembered) -> None:
        self._store = store
        self._remembered = remembered

    async def usable(self, organization: str, where: Where) -> Where:
        """A condition narrowed to what the organization has not switched off."""
        return both(where, *map(Not, await self._off(organization, self._remembered.of(organization))))

    async def asked(self, organization: str, kind: Kind | None, where: Where) -> Where:
        """The condition of a list as the store takes it, without regard to what is switched off."""
        asked = (part for part in conjuncts(where) if not _is_switch(part))
        parts = [await self._part(organization, kind, part) for part in asked]
        return both(equal("itemType", kind.item_type) if kind else None, *parts)

    async def listed(
        self, caller: Caller, kind: Kind | None, where: Where, memory: Memory, *, unavailable: bool
    ) -> Where:
        """The condition of a list, with what is switched off left out, or alone."""
        wanted: set[bool] | None = {False} if unavailable else None
        follows = False
        parts: list[Where] = []
        for part in conjuncts(where):
            if isinstance(part, Contains) and _is_switch(part):
                wanted = {flag for text, flag in _TRUTHS.items() if fold(part.term) in text}
                continue
            follows = follows or (isinstance(part, Range) and part.field == "lastModified")
            parts.append(await self._part(caller.organization, kind, part))
        off = await self._off(caller.organization, memory)
        if caller.is_customer:
            wanted = {True} if wanted is None or unavailable else {True} & wanted
        elif wanted is None:
            wanted = {True, False} if follows else {True}
        return both(*parts, *(() if False in wanted else map(Not, off)), None if True in wanted else Or(off))

    async def ends(self, organization: str, where: Where, wish: Wish | None = None) -> list[Document]:
        """One end of each kind among the items that can be used and that a condition holds for."""
        where = both(ENDED, await self.usable(organization, where))
        found: dict[str, Document] = {}
        for stored in await self._store.repository(ITEMS, organization, shared=True).distinct("end", where):
            for end in ends_of(stored.document):
                if wish is None or wish.suits(end):
                    found.setdefault(end_key(end), end)
        return list(found.values())

    async def _part(self, organization: str, kind: Kind | None, part: Where) -> Where:  # noqa: PLR0911 - one line a case
        """What a list may be asked and no field of an item answers: by the properties, the ends, the own type."""
        match part:
            case Contains("orgPartNumber"):
                return Linked(ITEM_PROPERTIES, "item", part)
            case Range("lastModified"):
                others: list[Where] = []
                if await self._store.repository(ITEM_PROPERTIES, organization).count(part):
                    others.append(Linked(ITEM_PROPERTIES, "item", part))
                if names := await self._brands(organization, part):
                    others.append(AnyOf("brand", names))  # a brand that is switched takes its items along
                return Or((part, *others)) if others else part  # alone, an index has it in order
            case Contains("colour", term):
                return Contains("colours", term)
            case AnyOf("itemType", values):
                return Or((part, AnyOf("customType", values)))
            case Contains("itemType", term):
                return Or((Contains("customType", term), both(part, Exists("customType", present=False))))
            case Contains("dashSize", term) if kind is None or kind.item_type == "adaptor":
                where = equal("itemType", kind.item_type) if kind else EVERYTHING
                ends = await self.ends(organization, where)
                keys = tuple(end_key(end) for end in ends if fold(term) in fold(str(end.get("dashSize") or "")))
                return AnyOf("end", keys)
            case _:
                return part

    async def _off(self, organization: str, memory: Memory) -> tuple[Where, ...]:
        """What an organization has switched off: items one by one, and all of a brand."""
        return await memory.recall("off", lambda: self._switched_off(organization))

    async def _switched_off(self, organization: str) -> tuple[Where, ...]:
        parts: list[Where] = []
        if await self._store.repository(ITEM_PROPERTIES, organization).count(_UNAVAILABLE):
            parts.append(Linked(ITEM_PROPERTIES, "item", _UNAVAILABLE))
        if names := await self._brands(organization, _UNAVAILABLE):
            parts.append(AnyOf("brand", names))
        return tuple(parts)

    async def _brands(self, organization: str, where: Where) -> tuple[str, ...]:
        """The names of the brands of which the organization says something that a condition holds for."""
        brands = self._store.repository(BRANDS, organization)
        if not await brands.count(where):
            return ()
        return tuple([str(entry["name"]) async for batch in brands.stream(Query(where)) for entry in batch])


def of_field(name: str, value: str) -> Where:
    """The condition that an item has a value.

    A hose size (`-8`, `1/2`, DN12), a style, gender or shape (`JIC`, `JIC 37°`) may be spelled in any way.
    """
    dash = parse_hose_size(value) if name == "hoseSize" else None
    return AnyOf(name, tables.spellings(name, value)) if dash is None else equal("hoseDash", dash)


def _is_switch(part: Where) -> bool:
    """Whether a part of a condition asks what is switched on or off."""
    return isinstance(part, Contains) and part.field == "available"

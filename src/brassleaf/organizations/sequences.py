"""Part numbers in sequence: a prefix and a counter, without gaps.

A number counts as taken when a document bears it, and never before: there is no reservation that a crash or a refused
request could leave as a gap. What keeps two documents from one number is the unique key of the document itself; here
the first number that nobody bears is found, and whoever was slower takes the one after.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from brassleaf.errors import BrassleafError, Unavailable
from brassleaf.organizations.service import OrganizationService
from brassleaf.store.collections import Collection
from brassleaf.store.port import Store
from brassleaf.store.query import Query, equal

Kind = Literal["hoseAssembly", "hoseKit", "salesEstimate", "workOrder"]
T = TypeVar("T")

_PREFIXES: dict[Kind, str] = {"hoseAssembly": "HA-", "hoseKit": "HK-", "salesEstimate": "SE-", "workOrder": "WO-"}
_DIGITS = 6
_TRIES = 1000


@dataclass(frozen=True, slots=True)
class Numbered:
    """Where the numbers of one kind of document stand."""

    collection: Collection
    field: str


class Sequences:
    """The sequences of every organization. `numbered` are the kinds that there are."""

    def __init__(self, store: Store, organizations: OrganizationService, numbered: Mapping[Kind, Numbered]) -> None:
        self._store = store
        self._organizations = organizations
        self._numbered = numbered
        #: The last number that was found taken, by organization and prefix: where the next look begins.
        self._taken: dict[tuple[str, Kind, str], int] = {}
        self._turn: defaultdict[tuple[str, Kind], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def preview(self, organization: str, kind: Kind) -> str:
        """The number that the next document gets if nobody is faster. Nothing is reserved."""
        prefix, start = await self._settings(organization, kind)
        return _text(prefix, await self._free(organization, kind, prefix, start))

    async def take(self, organization: str, kind: Kind, use: Callable[[str], Awaitable[T]]) -> T:
        """Make a document with the next number: `use` keeps it, and raises what it raises where the number is taken.

        For create calls that may leave the number to the server. Takers of one process wait for each other; between
        processes the unique key decides, and the slower one goes on to the next number.
        """
        prefix, start = await self._settings(organization, kind)
        async with self._turn[organization, kind]:
            for _ in range(_TRIES):
                number = await self._free(organization, kind, prefix, start)
                try:
                    return await use(_text(prefix, number))
                except BrassleafError:
                    if not await self._is_taken(organization, kind, _text(prefix, number)):
                        raise
        raise Unavailable("Others take numbers all the time. Try again.")

    async def _settings(self, organization: str, kind: Kind) -> tuple[str, int]:
        stored = await self._organizations.get(organization)
        if kind != "hoseAssembly":
            return _PREFIXES[kind], 1
        return str(stored["partNumberPrefix"] or _PREFIXES[kind]), int(stored["nextPartNumber"] or 1)

    async def _free(self, organization: str, kind: Kind, prefix: str, start: int) -> int:
        """The number after a run of taken ones: found in strides that double, then halve."""
        key = (organization, kind, prefix)
        taken = max(self._taken.get(key, 0), start - 1)
        free, stride = taken + 1, 1
        while await self._is_taken(organization, kind, _text(prefix, free)):
            taken, free, stride = free, free + stride, stride * 2
        while free - taken > 1:
            middle = (taken + free) // 2
            if await self._is_taken(organization, kind, _text(prefix, middle)):
                taken = middle
            else:
                free = middle
        self._taken[key] = taken
        return free

    async def _is_taken(self, organization: str, kind: Kind, number: str) -> bool:
        """Whether a document bears a number, or bore it before it was deleted: it may stand on paper."""
        if (numbered := self._numbered.get(kind)) is None:
            return False
        repository = self._store.repository(numbered.collection, organization)
        page = await repository.page(Query(equal(numbered.field, number), limit=1, with_deleted=True))
        return bool(page.items)


def _text(prefix: str, number: int) -> str:
    return f"{prefix}{number:0{_DIGITS}d}"

"""Part numbers in sequence: a prefix and a counter, without gaps.

A number counts as taken when a document bears it, and never before: there is no reservation that a crash or a refused
request could leave as a gap. What keeps two documents from one number is the unique key of the document itself; here
the first number that nobody bears is found, and whoever was slower takes the one after.

Which one is first follows from the documents and the settings alone, so that every process says the same. What a
process remembers, that the numbers up to one were found taken, only spares it looking at them again; documents keep
their numbers, deleted ones too, but for a change of the number itself, which every process is told of (`given_up`).
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from brassleaf.errors import BrassleafError, Unavailable
from brassleaf.organizations.service import OrganizationService
from brassleaf.store.collections import UNINDEXED_CHANGES, Collection
from brassleaf.store.port import Store
from brassleaf.store.records import Records, derived_id

Kind = Literal["hoseAssembly", "hoseKit", "salesEstimate", "workOrder"]
T = TypeVar("T")

_PREFIXES: dict[Kind, str] = {"hoseAssembly": "HA-", "hoseKit": "HK-", "salesEstimate": "SE-", "workOrder": "WO-"}
_DIGITS = 6
_TRIES = 1000
#: So many numbers are asked for at once.
_STRIDE = 2048


#: A document for each kind, whose revision tells how often a number was given up.
GIVEN_UP = Collection("numbersGivenUp", (UNINDEXED_CHANGES,), trail=False)


@dataclass(frozen=True, slots=True)
class Numbered:
    """Where the numbers of one kind of document stand."""

    collection: Collection
    field: str


@dataclass(frozen=True, slots=True)
class _Run:
    """Numbers of one prefix from one start on, as of so many that were given up."""

    prefix: str
    start: int
    given_up: int


class Sequences:
    """The sequences of every organization. `numbered` are the kinds that there are."""

    def __init__(self, store: Store, organizations: OrganizationService, numbered: Mapping[Kind, Numbered]) -> None:
        self._store = store
        self._organizations = organizations
        self._numbered = numbered
        #: By organization and kind: the run that was looked at last, and the first number behind it.
        self._seen: dict[tuple[str, Kind], tuple[_Run, int]] = {}
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
                    if not any(await self._taken(organization, kind, [_text(prefix, number)])):
                        raise
        raise Unavailable("Others take numbers all the time. Try again.")

    async def given_up(self, organization: str, kind: Kind) -> None:
        """Let every process look anew: a document was given another number, and its former one may be free."""
        records = Records(self._store.repository(GIVEN_UP, organization), "number", "")
        await records.put(_id(organization, kind), lambda there: there or {"kind": kind})

    async def _settings(self, organization: str, kind: Kind) -> tuple[str, int]:
        stored = await self._organizations.get(organization)
        if kind != "hoseAssembly":
            return _PREFIXES[kind], 1
        return str(stored["partNumberPrefix"] or _PREFIXES[kind]), int(stored["nextPartNumber"] or 1)

    async def _free(self, organization: str, kind: Kind, prefix: str, start: int) -> int:
        """The first number from the start on that nobody bears: the taken ones are asked for in strides that double."""
        there = await self._store.repository(GIVEN_UP, organization).get(_id(organization, kind))
        run = _Run(prefix, start, there.revision if there else 0)
        seen, free = self._seen.get((organization, kind), (None, start))
        first, stride = free if seen == run else start, 1
        while True:
            numbers = range(first, first + stride)
            taken = await self._taken(organization, kind, [_text(prefix, number) for number in numbers])
            if (
                found := next((n for n, is_taken in zip(numbers, taken, strict=True) if not is_taken), None)
            ) is not None:
                self._seen[organization, kind] = run, found
                return found
            first, stride = first + stride, min(2 * stride, _STRIDE)

    async def _taken(self, organization: str, kind: Kind, numbers: Sequence[str]) -> list[bool]:
        """Which numbers a document bears, or bore before it was deleted: they may stand on paper."""
        if (numbered := self._numbered.get(kind)) is None:
            return [False] * len(numbers)
        there = await self._store.repository(numbered.collection, organization).existing(numbered.field, numbers)
        return [numbered.collection.field(numbered.field).normal(number) in there for number in numbers]


def _id(organization: str, kind: Kind) -> str:
    return derived_id(organization, GIVEN_UP.name, kind)


def _text(prefix: str, number: int) -> str:
    return f"{prefix}{number:0{_DIGITS}d}"

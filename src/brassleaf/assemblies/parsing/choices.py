"""What people chose where a text said something: kept for an organization, counted, and never more than so much."""

import hashlib
from collections.abc import Iterable
from functools import partial

from brassleaf.assemblies.parsing.models import CHOICES
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Duplicate, Store
from brassleaf.store.query import Ids, Query, Sort, equal
from brassleaf.store.records import Records, new_document
from brassleaf.store.remembered import Remembered
from brassleaf.trade.parsing import Reading
from brassleaf.trade.parsing.keys import wanted

#: So many choices an organization keeps; of more the oldest go, some at a time.
MOST_CHOICES = 5_000
_SURPLUS = 200
_MOST_WORDS = 8
_MOST_VOTES = 10
_ROW = 200


class Choices:
    """The choices of one organization at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._remembered = Remembered(store, (CHOICES,))

    async def learned(self, organization: str, reading: Reading, dash: int | None) -> dict[str, dict[str, int]]:
        """The items that were chosen for a phrase of a role, and how often, by role (rejections count less)."""
        memory = self._remembered.of(organization)
        if not await memory.recall("any", self._store.repository(CHOICES, organization).count):
            return {}
        found: dict[str, dict[str, int]] = {}
        for role, of_role in phrases(reading, dash).items():
            votes: dict[str, int] = {}
            for phrase in of_role:
                for item, count in await memory.recall((phrase,), partial(self._votes, organization, phrase)):
                    votes[item] = votes.get(item, 0) + count
            if votes:
                found[role] = votes
        return found

    async def _votes(self, organization: str, phrase: str) -> list[tuple[str, int]]:
        """The items that were chosen for a phrase, and how often."""
        page = await self._store.repository(CHOICES, organization).page(Query(equal("phrase", phrase), limit=_ROW))
        return [(str(entry["item"]), int(entry["votes"])) for entry in page.items]

    async def keep(self, caller: Caller, phrases: Iterable[str], item: str, vote: int) -> None:
        """Count a choice (1) or a rejection (-1) of an item for every phrase."""
        repository = self._store.repository(CHOICES, caller.organization)
        records = Records(repository, "choice", caller.label)
        for phrase in phrases:
            id_ = hashlib.sha256(f"{caller.organization}|{phrase}|{item}".encode()).hexdigest()[:24]
            first = new_document({"phrase": phrase, "item": item, "votes": vote}, caller.label)
            try:
                await repository.insert({**first, "_id": id_})
            except Duplicate:
                await records.change(id_, lambda before: _counted(before, vote))
        await self._bound(caller.organization)

    async def _bound(self, organization: str) -> None:
        repository = self._store.repository(CHOICES, organization)
        if await repository.count() <= MOST_CHOICES:
            return
        oldest = await repository.page(Query(sort=(Sort("lastModified"),), limit=_SURPLUS))
        await repository.purge(Ids(tuple(entry.id for entry in oldest.items)))


def _counted(before: Document, vote: int) -> Document:
    votes = max(-_MOST_VOTES, min(_MOST_VOTES, int(before["votes"]) + vote))
    return {**before, "votes": votes}


def phrases(reading: Reading, dash: int | None) -> dict[str, list[str]]:
    """What a text says of each part, in a form that other texts of the same meaning share.

    Words that were not understood count for the hose, the part that shops have names of their own for.
    """
    found: dict[str, list[str]] = {"hose": [], "end1": [], "end2": [], "wrap": []}
    if dash is not None:
        found["hose"].append(f"hose {dash} {reading.hose.value if reading.hose else '?'}")
        found["hose"] += [f"word {dash} {word.casefold()[:60]}" for word in reading.unmatched[:_MOST_WORDS]]
        for name, end in (("end1", reading.end1), ("end2", reading.end2)):
            meant = wanted(end, dash) if end else None
            if meant is not None:
                found[name].append(meant.key)
    if reading.wrap is not None:
        found["wrap"].append(f"wrap {reading.wrap.value}")
    return {role: of_role for role, of_role in found.items() if of_role}

"""What every resource does with its documents: find, create, change and mark deleted, with audit fields and tags."""

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from brassleaf.errors import BrassleafError, NotFound, Overtaken, Stale
from brassleaf.store.collections import Document
from brassleaf.store.port import Changed, Duplicate, Repository, Stored
from brassleaf.store.query import Query, Where

#: The tags that a change is bound to (the header If-Match), or None.
Expected = frozenset[str] | None

#: Without If-Match a change that was overtaken is done again on the newer state, this often.
TRIES = 40
#: The pauses in between, in seconds: up to the first, then up to twice as long each time, up to the longest.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.002, 0.5


@dataclass(slots=True)
class _Seed:
    text: str
    first_try: str | None
    drawn: int = 0


_SEED: ContextVar[_Seed | None] = ContextVar("id seed", default=None)


def seed_ids(text: str, first_try: str | None = None) -> None:
    """Draw this request's ids from a seed, so that a repeated request cannot create a second document.

    `first_try` is when the first try of a repeated request began whose answer nobody knows: what that one has deleted
    or released may be found so.
    """
    _SEED.set(_Seed(text, first_try))


def new_id() -> str:
    """A new id: 24 hex digits."""
    seed = _SEED.get()
    if seed is None:
        return str(ObjectId())
    seed.drawn += 1
    return derived_id(seed.text, str(seed.drawn))


def request_id(name: str) -> str | None:
    """An id for what this request notes of itself: the same when it is repeated, None where it cannot be."""
    seed = _SEED.get()
    return None if seed is None else derived_id(seed.text, "note", name)


def derived_id(*parts: str) -> str:
    """An id that follows from what identifies a document, such as its organization, collection and number."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]


def now() -> str:
    """The present time as it stands in documents: UTC, milliseconds, `Z`."""
    return _text(datetime.now(UTC))


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _after(moment: object) -> str:
    """A millisecond later than a time as it stands in documents; empty for anything else."""
    if not isinstance(moment, str):
        return ""
    try:
        return _text(datetime.fromisoformat(moment) + timedelta(milliseconds=1))
    except (ValueError, TypeError, OverflowError):
        return ""


def tag(*stored: Stored | None) -> str:
    """The state of what one or several documents together show, as in ETag (without the quotes)."""
    return ".".join(str(entry.revision) if entry else "0" for entry in stored)


def check_expected(expected: Expected, state: str) -> None:
    """Raise Stale unless this state is one of the expected (or none is, or any: `*`)."""
    if expected is not None and "*" not in expected and state not in expected:
        raise Stale("Somebody changed this document since you read it. Read it again, then repeat your change.")


async def pause(attempt: int) -> None:
    """Wait after an attempt (from 0) that somebody else overtook: at random, so that those who compete fall apart."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(attempt, 30))
    await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - nothing is secret here


class Records:
    """One resource's documents in one organization. `noun` names them in messages, `by` is who acts."""

    def __init__(self, repository: Repository, noun: str, by: str) -> None:
        self.repository = repository
        self._noun = noun
        self._by = by

    async def get(self, id_: str, *, deleted: bool = False) -> Stored:
        """The document of that id. Raises NotFound, for deleted ones too unless they are asked for."""
        stored = await self.repository.get(id_)
        if stored is None or (stored["deleted"] and not (deleted or self.done_before(stored))):
            raise NotFound(f"There is no {self._noun} with the id {id_}.")
        return stored

    def done_before(self, stored: Stored) -> bool:
        """Whether this is a repeated request whose caller last changed a document since its first try."""
        seed = _SEED.get()
        if seed is None or seed.first_try is None:
            return False
        return stored["lastModifiedBy"] == self._by and str(stored["lastModified"]) >= seed.first_try

    async def create(self, fields: Document) -> Stored:
        """Keep a new document with the audit fields of a new one. Raises Duplicate."""
        document = new_document(fields, self._by)
        try:
            return await self.repository.insert(document)
        except Duplicate:
            # a repeated request draws the same id: what the first one made is what the second one asked for
            if (there := await self.repository.get(document["_id"])) is not None:
                return there
            raise

    async def change(
        self, id_: str, apply: Callable[[Document], Document | Awaitable[Document]], expected: Expected = None
    ) -> Stored:
        """Replace a document by what `apply` makes of it, compare-and-set. Raises NotFound, Stale, Duplicate.

        Where no state was expected and somebody else was faster, it is done again on the newer state. Raises Overtaken
        where somebody else always was.
        """
        for attempt in range(TRIES):
            before = await self.get(id_)
            if not before["deleted"]:
                check_expected(expected, tag(before))
            made = apply(before.document)
            document = await made if isinstance(made, Awaitable) else made
            if before["deleted"]:  # by the first try of this request, if it is this that it asks for
                if document.get("deletedDate") == before["deletedDate"]:
                    raise NotFound(f"There is no {self._noun} with the id {id_}.")
                return before
            try:
                return await self.replace(before, document)
            except Changed:
                await pause(attempt)
        raise Overtaken

    async def change_each(
        self,
        where: Where,
        apply: Callable[[Document], Document],
        taken: Callable[[Stored], BrassleafError] | None = None,
    ) -> None:
        """Change every live document of a condition; those that are deleted meanwhile are passed over.

        Done again, it goes on where it ended: what `apply` leaves as it is costs no write. Raises Overtaken, and
        where a document's new key is another's what `taken` makes of the document, else Duplicate.
        """

        async def change(entry: Stored) -> None:
            if apply(entry.document) == entry.document:
                return
            try:
                await self.change(entry.id, apply)
            except NotFound:
                return
            except Duplicate as error:
                if taken is None:
                    raise
                raise taken(entry) from error

        async for batch in self.repository.stream(Query(where)):
            await asyncio.gather(*map(change, batch))

    async def put(self, id_: str, apply: Callable[[Document | None], Document], expected: Expected = None) -> Stored:
        """Make or change the document of an id that is known beforehand; a deleted one is made anew in its place.

        `apply` is given None where there is none. Raises Stale, Overtaken, and Duplicate for another key than the id.
        """
        for attempt in range(TRIES):
            before = await self.repository.get(id_)
            live = before if before is not None and not before["deleted"] else None
            check_expected(expected, tag(live))
            made = apply(live.document if live else None)
            try:
                if before is not None and live is not None:
                    return await self.replace(before, made)
                made = {**new_document(made, self._by), "_id": id_}
                if before is not None:
                    return await self.replace(before, {**made, "lastModified": before["lastModified"]})
                return await self.repository.insert(made)
            except Changed:
                await pause(attempt)
            except Duplicate as error:
                if error.label != "_id":
                    raise
        raise Overtaken

    async def replace(self, before: Stored, document: Document) -> Stored:
        """Put a changed document in the place of the one that was read. Raises Changed."""
        return await self.repository.replace(before, self.touched(document))

    async def remove(self, id_: str, expected: Expected = None) -> Stored:
        """Mark a document deleted."""
        return await self.change(id_, self.deleted, expected)

    def touched(self, document: Document) -> Document:
        """A changed copy's audit fields; its time is later than the last one's, whatever the clock says."""
        moment = max(now(), _after(document.get("lastModified")))
        return {**document, "lastModified": moment, "lastModifiedBy": self._by}

    def deleted(self, document: Document) -> Document:
        """A copy that is marked deleted."""
        return {**document, "deleted": True, "deletedDate": now(), "deletedBy": self._by}


def new_document(fields: Document, by: str) -> Document:
    """A document with a new id and the audit fields of a new one."""
    moment = now()
    return {
        "_id": new_id(),
        **fields,
        "created": moment,
        "createdBy": by,
        "lastModified": moment,
        "lastModifiedBy": by,
        "deleted": False,
    }


def merged(document: Document, sent: dict[str, Any]) -> Document:
    """A document with the fields of an update: absent ones stay, null clears, values replace."""
    return {name: value for name, value in {**document, **sent}.items() if value is not None}

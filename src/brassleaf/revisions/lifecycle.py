"""Versions, revisions and statuses: one mechanism for four resources.

A document belongs to a chain of versions (`chain`, the id of the first). The rules that must hold under concurrency are
unique keys, so that the store itself refuses the second of two: a number and revision belong to one chain, a chain has
each version once, and one released version.

What changes two versions is decided by one write: a new version by the one that makes its source superseded, a rollback
by the one that deletes the open version. The other writes follow from it. The order is such that a crash between two of
them hides no document and leaves nothing that could not be gone on with: the same call again, or a rollback.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from brassleaf.errors import BrassleafError, FieldError, NotFound, Overtaken, Refused
from brassleaf.store.collections import Document, Field, Unique, held
from brassleaf.store.port import Changed, Duplicate, Stored
from brassleaf.store.query import Query, Range, Sort, both, equal
from brassleaf.store.records import TRIES, Expected, Records, check_expected, new_id, pause, tag

UNDER_EDITING: Final = "under editing"
RELEASED: Final = "released"
OBSOLETE: Final = "obsolete"
SUPERSEDED: Final = "superseded"

#: What a copy does not take over: the store and the life cycle give it its own.
_OWN = (
    "_id", "created", "createdBy", "lastModified", "lastModifiedBy", "deleted", "deletedDate", "deletedBy", "chain",
    "version", "status", "newest", "firstOfRevision", "previousVersion", "nextVersion",
)  # fmt: skip

#: A step of a service: from a document to what it becomes; raises Refused with all that speaks against it.
Step = Callable[[Document], Awaitable[Document]]

#: What lists ask of documents with a life cycle.
FIELDS: Final = (Field("status"), Field("newest", "flag"), Field("chain"), Field("version", "number"))


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What is current after a rollback: `id` None where there was no earlier version, `already` if nothing was left."""

    id: str | None
    already: bool = False


def number_key(number_field: str, document: Document) -> str:
    """What documents of one chain only may share: number and revision.

    Neither can contain a line break, so that "A|B" and "A", revision "B" are two.
    """
    return f"{document[number_field]}\n{document.get('revision') or ''}"


def first_version(id_: str) -> Document:
    """The fields of a chain's first version."""
    return {"status": UNDER_EDITING, "version": 1, "firstOfRevision": True, "newest": True, "chain": id_}


def copied(document: Document) -> Document:
    """The fields that a copy of a document begins with."""
    return {name: value for name, value in document.items() if name not in _OWN}


def unique_keys(number_field: str) -> dict[str, Unique]:
    """The unique keys of a resource whose documents are numbered by that field."""
    number = partial(_number, number_field)
    return {"number": Unique(number), "version": Unique(_version), "released": Unique(_released)}


def _number(number_field: str, document: Document) -> str | None:
    # held by the first version that bears this number and revision; later versions of the chain bear it with it
    return number_key(number_field, document) if document["firstOfRevision"] else None


def _version(document: Document) -> str:
    return f"{document['chain']}|{document['version']}"


def _released(document: Document) -> str | None:
    return str(document["chain"]) if document["status"] == RELEASED else None


class LifeCycle:
    """The life cycle of one resource's documents in one organization."""

    def __init__(self, records: Records, noun: str, number_field: str) -> None:
        self._records = records
        self._noun = noun
        self._number_field = number_field

    # -- one document ---------------------------------------------------------------------------------------------

    async def create(self, fields: Document) -> Stored:
        """Keep a new document: version 1, under editing. Raises Refused where its number and revision are taken."""
        id_ = new_id()
        try:
            return await self._records.create({**fields, **first_version(id_), "_id": id_})
        except Duplicate as error:
            raise self._taken(fields) from error

    async def change(self, id_: str, apply: Step, expected: Expected) -> Stored:
        """Change a document under editing, its number and revision too. Raises NotFound, Stale; Refused if taken."""
        changed: Document = {}

        async def checked(before: Document) -> Document:
            self.check_editable(before)
            made = await self._placed(before, await apply(before))
            changed.update(made)
            return made

        try:
            return await self._records.change(id_, checked, expected)
        except Duplicate as error:
            raise self._taken(changed) from error

    async def release(self, id_: str, complete: Step, expected: Expected) -> Stored:
        """Make a document final. Raises Refused: released already, another version released, or not complete.

        `complete` gives the document as it is to be kept from now on, or raises Refused with all that it lacks.
        """
        if (there := await self._done_before(id_, RELEASED)) is not None:
            return there

        async def released(before: Document) -> Document:
            if before["status"] == RELEASED:
                raise Refused(f"This {self._noun} is released already.")
            self.check_editable(before)
            return {**await complete(before), "status": RELEASED}

        try:
            stored = await self._records.change(id_, released, expected)
        except Duplicate as error:
            raise Refused(f"Another version of this {self._noun} is released.") from error
        if stored["previousVersion"]:
            await self._step_aside(str(stored["previousVersion"]), id_)
        return stored

    async def unrelease(self, id_: str, reopen: Step, expected: Expected) -> Stored:
        """Take a released document back to editing.

        `reopen` gives the document without what its release kept, or raises Refused with all that uses it. Raises
        Refused too where a later version exists.
        """
        if (there := await self._done_before(id_, UNDER_EDITING)) is not None:
            return there

        async def reopened(before: Document) -> Document:
            if before["status"] == SUPERSEDED:
                raise self._refused(f"A later version of this {self._noun} exists; roll that one back first.")
            if before["status"] != RELEASED:
                raise self._refused(f"This {self._noun} is {before['status']}, not {RELEASED}.")
            return {**await reopen(before), "status": UNDER_EDITING}

        return await self._records.change(id_, reopened, expected)

    async def obsolete(self, id_: str, expected: Expected) -> Stored:
        """Offer a released or superseded document no longer: what has it keeps it. Raises Refused."""
        if (there := await self._done_before(id_, OBSOLETE)) is not None:
            return there

        def retired(before: Document) -> Document:
            if before["status"] not in (RELEASED, SUPERSEDED):
                text = f"This {self._noun} is {before['status']}; only a {RELEASED} one becomes {OBSOLETE}."
                raise self._refused(text)
            return {**before, "status": OBSOLETE}

        return await self._records.change(id_, retired, expected)

    # -- two versions ---------------------------------------------------------------------------------------------

    async def new_version(self, id_: str, copy: Step, expected: Expected, revision: str | None = None) -> Stored:
        """Open the next version of a released document, under another revision where one is given.

        `copy` gives the new version's fields. Raises Refused: not released, an open version exists, the revision is
        used. A version that was begun and not made, because the server was stopped, is made now.
        """
        made = new_id()
        fields: Document = {}

        async def begin(before: Document) -> Document:
            await self._check_source(before, made)
            if revision is not None:
                await self._check_revision({**before, "revision": revision}, made)
            fields.clear()
            fields.update(copied(await copy(before)))
            return {**before, "status": SUPERSEDED, "nextVersion": made}

        source = await self._records.change(id_, begin, expected)
        fields |= {
            **({} if revision is None else {"revision": revision}),
            "_id": made,
            "chain": source["chain"],
            "version": source["version"] + 1,
            "status": UNDER_EDITING,
            "newest": True,
            "firstOfRevision": revision is not None,
            "previousVersion": id_,
        }
        try:
            stored = await self._records.create(fields)
        except Duplicate as error:
            if error.label == "number":
                await self._restore(id_, made)
                raise self._taken(fields) from error
            raise self._refused(f"An open version of this {self._noun} exists already.") from error
        if not await self._step_aside(id_, made):
            with suppress(NotFound):
                await self._records.change(made, self._deleted)
            raise self._refused(f"This {self._noun} was taken back in the meantime.")
        return stored

    async def delete(self, id_: str, expected: Expected) -> None:
        """Mark a document under editing deleted; the version before it is current again."""
        stored = await self._records.get(id_)
        if not stored["deleted"]:
            check_expected(expected, tag(stored))
        await self._take_back(stored, expected)

    async def rollback(self, id_: str, expected: Expected, *, alone: bool) -> RolledBack:
        """Take the open newest version back; the one before it is current again, with the status that it had.

        `alone` says whether a first version, which has none before it, may go too. Raises Refused, NotFound, Stale.
        """
        stored = await self._records.get(id_)
        if stored["deleted"]:
            return RolledBack(await self._take_back(stored, expected))
        check_expected(expected, tag(stored))
        if stored["status"] == SUPERSEDED and stored["newest"] and not await self._later(stored.document):
            # a rollback or a new version that was cut short: there is nothing to take back but the status
            await self._restore(id_, stored["nextVersion"])
            return RolledBack(id_, already=True)
        self.check_editable(stored.document)
        if stored["previousVersion"] is None and not alone:
            raise self._refused(f"There is no earlier version of this {self._noun}.")
        return RolledBack(await self._take_back(stored, expected))

    async def _take_back(self, stored: Stored, expected: Expected) -> str | None:
        """Mark a version under editing deleted; the id of the one that is current again."""
        self.check_editable(stored.document)
        previous: str | None = stored["previousVersion"]
        if stored["deleted"]:  # by the first try of this request, whose answer got lost
            if previous is not None:
                await self._restore(previous, stored.id)
            return previous
        if previous is not None:
            await self._adjust(previous, _shown)  # before the other one goes, so that lists never miss both
        try:
            await self._records.change(stored.id, self._deleted, expected)
        except BrassleafError:
            if previous is not None:
                await self._step_aside(previous, stored.id)
            raise
        if previous is not None:
            await self._restore(previous, stored.id)
        return previous

    async def _check_source(self, before: Document, made: str) -> None:
        """Raise Refused unless a new version can be made of a document, or one that was begun can be gone on with."""
        if before["status"] == RELEASED or before.get("nextVersion") == made:
            return
        if before["status"] != SUPERSEDED:
            raise self._refused(f"This {self._noun} is {before['status']}, not {RELEASED}.")
        if not before["newest"] or await self._later(before):
            raise self._refused(f"An open or later version of this {self._noun} exists already.")

    async def _check_revision(self, document: Document, made: str) -> None:
        key = number_key(self._number_field, document)
        holder = await self._records.repository.holder("number", key)
        if holder is not None and holder.id != made:
            raise self._taken(document, "revision")

    async def _later(self, document: Document) -> bool:
        where = both(equal("chain", document["chain"]), Range("version", more_than=document["version"]))
        return await self._records.repository.count(where) > 0

    async def _placed(self, before: Document, made: Document) -> Document:
        """A changed document, which holds its number and revision unless an earlier version of the chain bears them."""
        key = held(number_key(self._number_field, made))
        if before["version"] == 1 or key == held(number_key(self._number_field, before)):
            return made
        earlier = both(equal("chain", before["chain"]), Range("version", at_most=before["version"] - 1))
        stream = self._records.repository.stream(Query(earlier, (Sort("version"),)))
        keys = {held(number_key(self._number_field, entry.document)) async for batch in stream for entry in batch}
        return {**made, "firstOfRevision": key not in keys}

    async def _step_aside(self, previous: str, later: str) -> bool:
        """Leave the lists to a later version that is there; False where the earlier one is current in its own right."""

        async def aside(before: Document) -> Document | None:
            found = await self._records.repository.get(later)
            if found is None or found["deleted"] or (not before["newest"] and before.get("nextVersion") == later):
                return None
            if before["status"] not in (SUPERSEDED, OBSOLETE):
                return None
            return {**before, "newest": False, "nextVersion": later}

        stored = await self._adjust(previous, aside)
        return stored["status"] in (SUPERSEDED, OBSOLETE)

    async def _restore(self, previous: str, later: str | None) -> None:
        """Give a version back what it was before the later one, unless another one follows it by now."""

        async def restored(before: Document) -> Document | None:
            if before.get("nextVersion") != later or await self._later(before):
                return None
            status = RELEASED if before["status"] == SUPERSEDED else before["status"]
            kept = {name: value for name, value in before.items() if name != "nextVersion"}
            return {**kept, "status": status, "newest": True}

        await self._adjust(previous, restored)

    async def _adjust(self, id_: str, decide: Callable[[Document], Awaitable[Document | None]]) -> Stored:
        """Change a document by what `decide` makes of it, or leave it where that is None."""
        for attempt in range(TRIES):
            before = await self._records.get(id_)
            made = await decide(before.document)
            if made is None:
                return before
            try:
                return await self._records.replace(before, made)
            except Changed:
                await pause(attempt)
        raise Overtaken

    async def _done_before(self, id_: str, status: str) -> Stored | None:
        """The document where the first try of this request, whose answer got lost, has brought it to its status."""
        there = await self._records.get(id_)
        done = there["status"] == status and not there["deleted"] and self._records.done_before(there)
        return there if done else None

    # -- reasons --------------------------------------------------------------------------------------------------

    def check_editable(self, document: Document) -> None:
        """Raise Refused unless a document is under editing."""
        if document["status"] != UNDER_EDITING:
            text = f"This {self._noun} is {document['status']}; only one that is {UNDER_EDITING} can be changed."
            raise self._refused(text)

    def _deleted(self, before: Document) -> Document:
        self.check_editable(before)
        return self._records.deleted(before)

    @staticmethod
    def _refused(text: str) -> Refused:
        return Refused(text, [FieldError("status", text)])

    def _taken(self, fields: Document, field: str | None = None) -> Refused:
        number, revision = fields.get(self._number_field), fields.get("revision")
        named = f"{number}, revision {revision}," if revision else f"{number}"
        text = f"There is a {self._noun} {named} already; case does not matter."
        return Refused.field(field or self._number_field, text)


async def _shown(before: Document) -> Document | None:
    return None if before["newest"] else {**before, "newest": True}

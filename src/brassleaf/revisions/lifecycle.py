"""Versions, revisions and statuses: one mechanism for four resources.

A document belongs to a chain of versions (`chain`, the id of the first). The rules that must hold under concurrency are
unique keys, so that the store itself refuses the second of two: a number and revision belong to one chain, a chain has
each version once, and one released version.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from brassleaf.errors import FieldError, Refused
from brassleaf.store.collections import Document, Field, Unique
from brassleaf.store.port import Duplicate, Stored
from brassleaf.store.records import Expected, Records, new_id

UNDER_EDITING: Final = "under editing"
RELEASED: Final = "released"
OBSOLETE: Final = "obsolete"
SUPERSEDED: Final = "superseded"
STATUSES: Final = (UNDER_EDITING, RELEASED, OBSOLETE, SUPERSEDED)

#: What lists ask of documents with a life cycle.
FIELDS: Final = (Field("status"), Field("newest", "flag"), Field("chain"), Field("version", "number"))


def unique_keys(number_field: str) -> dict[str, Unique]:
    """The unique keys of a resource whose documents are numbered by that field."""

    def number(document: Document) -> str | None:
        # held by the first version that bears this number and revision; later versions of the chain bear it with it;
        # neither can contain a line break, so that "A|B" and "A", revision "B" are two
        return f"{document[number_field]}\n{document.get('revision') or ''}" if document["firstOfRevision"] else None

    def version(document: Document) -> str:
        return f"{document['chain']}|{document['version']}"

    def released(document: Document) -> str | None:
        return str(document["chain"]) if document["status"] == RELEASED else None

    return {"number": Unique(number), "version": Unique(version), "released": Unique(released)}


class LifeCycle:
    """The life cycle of one resource's documents in one organization."""

    def __init__(self, records: Records, noun: str, number_field: str) -> None:
        self._records = records
        self._noun = noun
        self._number_field = number_field

    async def create(self, fields: Document) -> Stored:
        """Keep a new document: version 1, under editing. Raises Refused where its number and revision are taken."""
        id_ = new_id()
        first = {"status": UNDER_EDITING, "version": 1, "firstOfRevision": True, "newest": True, "chain": id_}
        try:
            return await self._records.create({**fields, **first, "_id": id_})
        except Duplicate as error:
            raise self._taken(fields) from error

    async def change(self, id_: str, apply: Callable[[Document], Awaitable[Document]], expected: Expected) -> Stored:
        """Change a document under editing. Raises NotFound, Stale, Refused."""
        changed: Document = {}

        async def checked(before: Document) -> Document:
            self.check_editable(before)
            made = await apply(before)
            changed.update(made)
            return made

        try:
            return await self._records.change(id_, checked, expected)
        except Duplicate as error:
            raise self._taken(changed) from error

    async def delete(self, id_: str, expected: Expected) -> Stored:
        """Mark a document under editing deleted."""

        def deleted(before: Document) -> Document:
            self.check_editable(before)
            return self._records.deleted(before)

        return await self._records.change(id_, deleted, expected)

    async def release(
        self, id_: str, complete: Callable[[Document], Awaitable[Document]], expected: Expected
    ) -> Stored:
        """Make a document final. Raises Refused: released already, another version released, or not complete.

        `complete` gives the document as it is to be kept from now on, or raises Refused with all that it lacks.
        """
        there = await self._records.get(id_)
        if there["status"] == RELEASED and self._records.done_before(there):
            return there  # by the first try of this request, whose answer got lost

        async def released(before: Document) -> Document:
            if before["status"] == RELEASED:
                raise Refused(f"This {self._noun} is released already.")
            self.check_editable(before)
            return {**await complete(before), "status": RELEASED}

        try:
            return await self._records.change(id_, released, expected)
        except Duplicate as error:
            raise Refused(f"Another version of this {self._noun} is released.") from error

    def check_editable(self, document: Document) -> None:
        """Raise Refused unless a document is under editing."""
        if document["status"] != UNDER_EDITING:
            text = f"This {self._noun} is {document['status']}; only one that is {UNDER_EDITING} can be changed."
            raise Refused(text, [FieldError("status", text)])

    def _taken(self, fields: Document) -> Refused:
        number, revision = fields.get(self._number_field), fields.get("revision")
        named = f"{number}, revision {revision}," if revision else f"{number}"
        return Refused.field(self._number_field, f"There is a {self._noun} {named} already; case does not matter.")

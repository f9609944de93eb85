"""The rules of product groups, suppliers and locations."""

from brassleaf.errors import Refused
from brassleaf.organizations.records.models import Upsert
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Collection, Document
from brassleaf.store.port import Duplicate, Store, Stored
from brassleaf.store.query import EVERYTHING, Query, Sort, Where
from brassleaf.store.records import Expected, Records, check_expected, merged, tag


class OwnRecords:
    """One of the small lists. `noun` names its records in messages, `needed` is the field that one must have."""

    def __init__(self, store: Store, collection: Collection, noun: str, *, needed: str | None = None) -> None:
        self._store = store
        self._collection = collection
        self._noun = noun
        self._needed = needed

    def _records(self, caller: Caller) -> Records:
        return Records(self._store.repository(self._collection, caller.organization), self._noun, caller.label)

    async def all(self, caller: Caller, where: Where = EVERYTHING) -> list[Document]:
        """Every record, in the order of its name."""
        stream = self._records(caller).repository.stream(Query(where, (Sort(self._collection.order),)))
        return [entry.document async for batch in stream for entry in batch]

    async def update(self, caller: Caller, sent: Upsert, expected: Expected) -> Stored:
        """Add, change or delete a record. Raises NotFound, Stale, Refused where a name or ERP id is taken."""
        fields = sent.model_dump(exclude_unset=True, exclude={"id", "deleted"})
        records = self._records(caller)

        def apply(document: Document) -> Document:
            made = merged(document, fields)
            self._check(made)
            return records.deleted(made) if sent.deleted else made

        try:
            if sent.id is not None:
                return await records.change(sent.id, apply, expected)
            if sent.deleted:
                raise Refused.field("_id", f"Say by its id which {self._noun} to delete.")
            check_expected(expected, tag(None))
            made = merged({}, fields)
            self._check(made)
            return await records.create(made)
        except Duplicate as error:
            raise Refused.field(
                error.label, f"Another {self._noun} has the {_NAMES[error.label]} {fields.get(error.label)}."
            ) from error

    def _check(self, document: Document) -> None:
        if self._needed is not None and not document.get(self._needed):
            raise Refused.field(self._needed, "This field is required.")


_NAMES = {"name": "name", "erpId": "ERP id"}

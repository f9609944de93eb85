"""The repository port on MongoDB: every change is one atomic command on one document; nothing needs a transaction."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure

from brassleaf.store.collections import SHARED, Collection, Document, Field, Shadow, held
from brassleaf.store.mongo_deployment import Deployment, as_stored
from brassleaf.store.mongo_query import distinct_keys, listed, order, position, scope
from brassleaf.store.mongo_schema import inner, path, stored, unique_path
from brassleaf.store.port import Changed, Duplicate, Page, Stored
from brassleaf.store.query import EVERYTHING, And, AnyOf, Ids, Linked, Not, Or, Query, Range, Sort, Where, both, links

_IDS = 1000
_SIDE_BY_SIDE = 100


class MongoRepository:
    """The documents of one collection that one organization may see."""

    def __init__(self, deployment: Deployment, collection: Collection, organization: str, *, shared: bool) -> None:
        self._deployment = deployment
        self._collection = collection
        self.organization = organization
        self._organizations = tuple(dict.fromkeys((organization, SHARED) if shared else (organization,)))

    @property
    def _place(self) -> Any:
        return self._deployment.place(self._collection.name)

    def _own(self, id_: str, **more: Any) -> dict[str, Any]:
        return {"_id": {"$eq": id_}, "_org": self.organization, **more}

    async def get(self, id_: str) -> Stored | None:
        """The document of that id."""
        return (await self.get_many([id_])).get(id_)

    async def get_many(self, ids: Sequence[str]) -> dict[str, Stored]:
        """The documents of those ids that are there."""
        found: dict[str, Stored] = {}
        for start in range(0, len(ids), _IDS):
            part = list(ids[start : start + _IDS])
            filter_ = {"_id": {"$in": part}, "_org": {"$in": list(self._organizations)}}
            with self._deployment.answering():
                rows = await self._place.find(filter_).to_list(None)
            found.update((row["_id"], as_stored(row)) for row in rows)
        return found

    async def holder(self, label: str, key: str) -> Stored | None:
        """The live document that holds a unique key, the organization's own first."""
        if label not in self._collection.unique:
            raise KeyError(label)
        filter_ = {"_org": {"$in": list(self._organizations)}, unique_path(label): {"$eq": held(key)}}
        with self._deployment.answering():
            rows = await self._place.find(filter_).to_list(None)
        found = {row["_org"]: row for row in rows}
        return next((as_stored(found[name]) for name in self._organizations if name in found), None)

    async def page(self, query: Query) -> Page:
        """One page, with the total of the whole condition."""
        read = await self._read(query)
        rows = await self._rows(read)
        following = None
        if query.after is not None and rows and len(rows) == query.limit:
            following = position(order(self._collection, query.sort), rows[-1])
        return Page([as_stored(row) for row in rows], await self._total(read, len(rows), asked=query.where), following)

    async def _read(self, query: Query) -> Query:
        """The query with the ids of what is linked, since neither shards nor FerretDB join collections."""
        return replace(query, where=await self._linked(query.where)) if any(links(query.where)) else query

    async def _linked(self, where: Where) -> Where:
        match where:
            case Linked(collection, name, inside):
                field = path(collection.single(name))
                filter_ = scope(collection, (self.organization,), Query(inside))
                with self._deployment.answering():
                    rows = (
                        await self._deployment.place(collection.name).find(filter_, {"_id": 0, field: 1}).to_list(None)
                    )
                return Ids(tuple(str(row["_k"][inner(name)]) for row in rows))
            case And(parts) | Or(parts):
                return type(where)(tuple([await self._linked(part) for part in parts]))
            case Not(part):
                return Not(await self._linked(part))
            case _:
                return where

    def _cursor(self, query: Query) -> Any:
        """The documents of a condition in order, from the position on."""
        filter_ = listed(self._collection, self._organizations, query)
        hidden = {"_org": 0, "_m": 0, "_u": 0} if query.after is not None else {"_org": 0, "_m": 0, "_u": 0, "_k": 0}
        return self._place.find(filter_, hidden).sort(distinct_keys(order(self._collection, query.sort)))

    async def _rows(self, query: Query) -> list[Document]:
        if query.limit < 1:  # no limit at all to MongoDB
            return []
        skip = 0 if query.after is not None else query.skip
        with self._deployment.answering():
            rows: list[Document] = await self._cursor(query).skip(skip).limit(query.limit).to_list(None)
        return rows

    async def _total(self, query: Query, found: int, *, asked: Where) -> int:
        if query.after is None and found < query.limit and (found or not query.skip):
            return query.skip + found  # the page ends the list
        name = self._collection.name
        key = (name, self._organizations, repr(asked), query.with_deleted)
        # whoever follows a cursor through millions does not have them counted anew for every page
        if query.after and (known := self._deployment.recent_total(key)) is not None:
            return known
        writes = self._deployment.writes(name)
        with self._deployment.answering():
            total = int(await self._place.count_documents(scope(self._collection, self._organizations, query)))
        self._deployment.keep_total(key, writes, total)
        return total

    async def stream(self, query: Query, *, batch: int = 500) -> AsyncIterator[Sequence[Stored]]:
        """Every document of the condition in order. One that is changed meanwhile may come as it was or as it is."""
        found = self._deployment.batches(self._cursor(await self._read(query)), batch)
        try:
            async for rows in found:
                yield [as_stored(row) for row in rows]
        finally:
            await found.aclose()

    async def distinct(self, field: str, where: Where = EVERYTHING) -> list[Stored]:
        """One document a value: from each value straight to the next one in the index."""
        where = await self._linked(where)
        if self._collection.field(field).many:
            return await self._distinct_many(self._collection.field(field), where)
        declared = self._collection.single(field)
        last = declared.blank
        found: list[Stored] = []
        while True:
            query = Query(both(where, Range(field, more_than=last)), (Sort(field),), limit=1, after=())
            rows = await self._rows(query)
            if not rows:
                return found
            found.append(as_stored(rows[0]))
            last = rows[0]["_k"][inner(field)]

    async def _distinct_many(self, field: Field, where: Where) -> list[Stored]:
        with self._deployment.answering():
            values = await self._place.distinct(path(field), scope(self._collection, self._organizations, Query(where)))
        queries = (Query(both(where, AnyOf(field.name, (value,))), limit=1) for value in sorted(values))
        return [as_stored(row) for query in queries for row in await self._rows(query)]

    async def existing(self, field: str, values: Sequence[Shadow]) -> set[Shadow]:
        """Which of these values a document has, read from the index of the field alone."""
        name = path(self._collection.single(field))
        asked = Query(AnyOf(field, tuple(values)), with_deleted=True)
        with self._deployment.answering():
            filter_ = scope(self._collection, self._organizations, asked)
            rows = await self._place.find(filter_, {"_id": 0, name: 1}).to_list(None)
        return {row["_k"][inner(field)] for row in rows}

    async def count(self, where: Where = EVERYTHING) -> int:
        """How many live documents the condition holds for."""
        return await self._total(await self._read(Query(where, limit=0)), 0, asked=where)

    async def insert(self, document: Document) -> Stored:
        """Keep a new document."""
        entry = stored(self._collection, self.organization, 1, document)
        with self._deployment.writing(self._collection.name):
            try:
                await self._place.insert_one(entry)
            except DuplicateKeyError as error:
                raise Duplicate(await self._deployment.label(self._collection, entry, str(error))) from error
        await self._deployment.follow(self._collection, self.organization, [(None, document, 1)])
        return Stored(document["_id"], 1, document=document)

    async def insert_many(self, documents: Sequence[Document]) -> list[Stored | Duplicate]:
        """Keep many, each by itself."""
        entries = [stored(self._collection, self.organization, 1, document) for document in documents]
        refused: dict[int, Duplicate] = {}
        with self._deployment.writing(self._collection.name):
            try:
                if entries:
                    await self._place.insert_many(entries, ordered=False)
            except BulkWriteError as error:
                for index, message in self._deployment.refused(error).items():
                    refused[index] = Duplicate(await self._deployment.label(self._collection, entries[index], message))
        made = [(None, document, 1) for index, document in enumerate(documents) if index not in refused]
        await self._deployment.follow(self._collection, self.organization, made)
        return [
            refused[index] if index in refused else Stored(document["_id"], 1, document=document)
            for index, document in enumerate(documents)
        ]

    async def replace(self, before: Stored, document: Document) -> Stored:
        """Compare-and-set on the revision that was read."""
        result = await self._put(before, document)
        changes = [(before.document, document, result.revision)]
        await self._deployment.follow(self._collection, self.organization, changes)
        return result

    async def replace_many(self, pairs: Sequence[tuple[Stored, Document]]) -> list[Stored | Changed | Duplicate]:
        """Replace many side by side, each by itself: of a bulk, MongoDB only tells how many were found."""
        results: list[Stored | Changed | Duplicate] = []
        for start in range(0, len(pairs), _SIDE_BY_SIDE):
            part = pairs[start : start + _SIDE_BY_SIDE]
            found = await asyncio.gather(*(self._tried(before, document) for before, document in part))
            changes = [
                (before.document, document, result.revision)
                for (before, document), result in zip(part, found, strict=True)
                if isinstance(result, Stored)
            ]
            await self._deployment.follow(self._collection, self.organization, changes)
            results += found
        return results

    async def _tried(self, before: Stored, document: Document) -> Stored | Changed | Duplicate:
        try:
            return await self._put(before, document)
        except (Changed, Duplicate) as error:
            return error

    async def _put(self, before: Stored, document: Document) -> Stored:
        entry = stored(self._collection, self.organization, before.revision + 1, document)
        with self._deployment.writing(self._collection.name):
            try:
                own = self._own(document["_id"], _rev=before.revision)
                done = await self._place.replace_one(own, entry)
            except OperationFailure as error:
                if error.code != 11000 and "UNIQUE constraint failed" not in str(error):  # the latter is FerretDB's
                    raise
                raise Duplicate(await self._deployment.label(self._collection, entry, str(error))) from error
        if not done.matched_count:
            raise Changed
        return Stored(before.id, before.revision + 1, document=document)

    async def increment(self, id_: str, field: str, by: float, *, at_least: float | None = None) -> Stored:
        """Add to a number atomically."""
        if "." in field:
            raise ValueError(f"{field} is not at the top of the document")
        if (done := await self._add(id_, field, by, at_least)) is not None:
            before = {**done.document, field: done.document[field] - by}
            await self._deployment.follow(self._collection, self.organization, [(before, done.document, done.revision)])
            return done
        # no number is there yet, or the bound is near: decide on the document and put it in the place of what was read
        while True:
            there = await self._read_own(id_)
            value = (there.document.get(field) or 0) + by
            if at_least is not None and value < at_least:
                raise Changed
            try:
                return await self.replace(there, {**there.document, field: value})
            except Changed:
                continue  # somebody else was faster, so that there is progress; look again

    async def _read_own(self, id_: str) -> Stored:
        with self._deployment.answering():
            found = await self._place.find_one(self._own(id_))
        if found is None:
            raise Changed
        return as_stored(found)

    async def _add(self, id_: str, field: str, by: float, at_least: float | None) -> Stored | None:
        """Add in one command, where the document holds a number and the sum cannot be too low.

        Only a bound of 0 can be turned into one on the present value without rounding.
        """
        declared = [entry for entry in self._collection.all_fields if entry.name == field]
        if at_least or any(entry.many or entry.kind != "number" for entry in declared):
            return None
        own = self._own(id_, **{field: {"$gte": float("-inf") if at_least is None else -by}})
        added: dict[str, float] = {field: by, "_rev": 1}
        for entry in declared:
            added[path(entry)] = float(by)
        with self._deployment.writing(self._collection.name):
            found = await self._place.find_one_and_update(own, {"$inc": added}, return_document=ReturnDocument.AFTER)
        return None if found is None else as_stored(found)

    async def purge(self, where: Where) -> int:
        """Remove documents for good."""
        filter_ = scope(self._collection, (self.organization,), Query(where, with_deleted=True))
        with self._deployment.writing(self._collection.name):
            done = await self._place.delete_many(filter_)
        return int(done.deleted_count)

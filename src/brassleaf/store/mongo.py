"""The MongoDB store: a replica set or shards, through Motor or PyMongo's own asynchronous client.

A write is acknowledged once a majority of the members has it in its journal. Every change is one atomic command on one
document; nothing needs a transaction. What the two drivers do differently is settled here and nowhere else.
"""

import asyncio
import inspect
import logging
import re
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import groupby
from typing import Any, Literal
from urllib.parse import unquote_plus

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, ReturnDocument
from pymongo.errors import BulkWriteError, DocumentTooLarge, DuplicateKeyError, OperationFailure, PyMongoError

from brassleaf.errors import TooLarge
from brassleaf.store import trail
from brassleaf.store.collections import SHARED, Collection, Document, Field, held
from brassleaf.store.mongo_query import distinct_keys, listed, order, position, scope, single
from brassleaf.store.mongo_schema import (
    SCHEMA,
    batches,
    inner,
    path,
    restored,
    stored,
    unique_path,
    upgrade,
)
from brassleaf.store.port import Changed, Dumped, Duplicate, Page, Stored, StoreDown
from brassleaf.store.query import EVERYTHING, And, AnyOf, Ids, Linked, Not, Or, Query, Range, Sort, Where, both, links
from brassleaf.store.records import now
from brassleaf.store.trail import AUDIT

log = logging.getLogger("brassleaf")

Driver = Literal["motor", "pymongo"]

_STANDALONE = (
    "The MongoDB server is a standalone. It has no majority to keep what it acknowledges, and releases 8.0.32 to 8.0.38"
    " can lose acknowledged writes when the process is killed (SERVER-139311). Start it as a replica set (one member is"
    " enough), or allow a standalone expressly."
)
_SELECTION_MS = 5_000
_IDS = 1000
_SIDE_BY_SIDE = 100
_WALK_SECONDS = 10.0
_CLOSE_SECONDS = 10.0
#: The index that a refused write ran into. FerretDB names it its own way, and not at all when it refuses an insert.
_TAKEN = re.compile(
    r"index: (?:(?P<id>_id_)|(?:unique|everywhere):(?P<label>.+?)) dup key|"
    r"UNIQUE constraint failed: index '.*_(?:unique|everywhere):(?P<other>[^']+)'"
)


def timeouts(url: str) -> dict[str, Any]:
    """How long to wait for a server, in milliseconds, where its address does not say so itself."""
    given = url.lower()
    names = ("serverSelectionTimeoutMS", "connectTimeoutMS")
    return {name: _SELECTION_MS for name in names if f"{name.lower()}=" not in given}


def _client(url: str, driver: Driver) -> Any:
    """The one place where a driver is chosen. Only calls that both clients share are made on what it returns."""
    options: dict[str, Any] = {
        "appname": "brassleaf",
        "w": "majority",
        "journal": True,
        "wTimeoutMS": 10_000,
        "readConcernLevel": "majority",
        "retryWrites": True,
        "retryReads": True,
        **timeouts(url),
    }
    return AsyncIOMotorClient(url, **options) if driver == "motor" else AsyncMongoClient(url, **options)


class MongoStore:
    """All collections in one database of a MongoDB deployment."""

    def __init__(
        self, url: str, *, driver: Driver = "motor", allow_standalone: bool = False, database: str | None = None
    ) -> None:
        self._url = url
        self._driver: Driver = driver
        self._allow_standalone = allow_standalone
        self._database_name = database
        self._client: Any = None
        self._database: Any = None
        self._collections: dict[str, Collection] = {}
        self._active = 0
        self._idle = asyncio.Event()
        self._writes: Counter[str] = Counter()
        self._totals: OrderedDict[tuple[Any, ...], tuple[float, int]] = OrderedDict()

    async def open(self, collections: Sequence[Collection]) -> None:
        """Connect, refuse a standalone, bring shadows and indexes up to date."""
        self._collections = {collection.name: collection for collection in collections}
        try:
            with self.answering():
                self._client = self._connect()
                self._database = (
                    self._client[self._database_name]
                    if self._database_name
                    else self._client.get_default_database("brassleaf")
                )
                hello = await self._client.admin.command("hello")
                replicated = "setName" in hello or hello.get("msg") == "isdbgrid"
                if not replicated and not self._allow_standalone:
                    raise StoreDown(_STANDALONE)
                await upgrade(self._database, collections)
        except BaseException:
            await self.close()
            raise

    def _connect(self) -> Any:
        try:
            return _client(self._url, self._driver)
        except (ValueError, TypeError) as error:
            raise StoreDown("The address of the MongoDB server is not valid.") from error

    async def close(self) -> None:
        """Let what is under way end, then disconnect."""
        with suppress(TimeoutError):
            if self._active:
                await asyncio.wait_for(self._idle.wait(), _CLOSE_SECONDS)
        client, self._client = self._client, None
        if client is not None:
            closing = client.close()  # PyMongo's has to be awaited, Motor's is done
            if inspect.isawaitable(closing):
                await closing

    async def ping(self) -> None:
        """Write where nothing changes: a majority must acknowledge it."""
        with self.answering():
            await self.place(SCHEMA).update_one({"_id": "-ping"}, {"$set": {"ping": True}}, upsert=True)

    def repository(self, collection: Collection, organization: str, *, shared: bool = False) -> "MongoRepository":
        """A repository for one organization, with the shared catalogue beneath it when asked."""
        return MongoRepository(self, collection, organization, shared=shared)

    async def organizations(self, collection: Collection) -> list[str]:
        """Every organization that has documents in a collection."""
        with self.answering():
            return sorted(await self.place(collection.name).distinct("_org"))

    async def find(self, collection: Collection, label: str, key: str) -> tuple[str, Stored] | None:
        """The live document that holds a key which is unique everywhere."""
        if not collection.unique[label].everywhere:
            raise KeyError(label)
        with self.answering():
            found = await self.place(collection.name).find_one({unique_path(label): {"$eq": held(key)}})
        return None if found is None else (found["_org"], _stored(found))

    async def dump(self) -> AsyncIterator[Dumped]:
        """Every document. Not of one moment: what is written meanwhile may be in it or not."""
        for name in self._collections:
            async for batch in self.batches(self.place(name).find({}).sort("_id", 1), 500):
                for found in batch:
                    yield Dumped(name, found["_org"], found["_rev"], restored(found))

    async def load(self, documents: Sequence[Dumped]) -> None:
        """Put dumped documents back in order. Those before a duplicate stay."""
        for name, entries in groupby(documents, key=lambda entry: entry.collection):
            collection = self._collections[name]
            batch = [stored(collection, entry.organization, entry.revision, entry.document) for entry in entries]
            with self.writing(name):
                try:
                    await self.place(name).insert_many(batch, ordered=True)
                except BulkWriteError as error:
                    refused = self.refused(error)
                    first = batch[min(refused)]
                    raise Duplicate(await self.label(collection, first, refused[min(refused)])) from error

    async def follow(
        self, collection: Collection, organization: str, changes: Sequence[tuple[Document | None, Document, int]]
    ) -> None:
        """Keep changes in the audit trail, right behind them. What cannot be kept is logged: the changes stand."""
        if not collection.trail or AUDIT.name not in self._collections:
            return
        moment = now()
        made = [trail.entry(collection, before, after, revision, moment) for before, after, revision in changes]
        entries = [stored(AUDIT, organization, 1, found) for found in made if found is not None]
        if not entries:
            return
        try:
            with self.writing(AUDIT.name):
                try:
                    await self.place(AUDIT.name).insert_many(entries, ordered=False)
                except BulkWriteError as error:
                    self.refused(error)  # told already
        except StoreDown:
            records = ", ".join(entry["record"] for entry in entries)
            log.exception("The audit trail has no entry of a change in %s: %s", collection.name, records)

    # -- for the repositories -------------------------------------------------------------------------------------

    def place(self, name: str) -> Any:
        """The driver's collection."""
        if self._client is None:
            raise StoreDown("The store is closed.")
        return self._database[name]

    @contextmanager
    def answering(self) -> Iterator[None]:
        """What goes wrong between here and the server is StoreDown, said without credentials."""
        self._active += 1
        self._idle.clear()
        try:
            yield
        except DocumentTooLarge as error:
            raise TooLarge("The document is larger than the store takes (16 MB).") from error
        except PyMongoError as error:
            raise StoreDown(f"The MongoDB server does not answer as it should: {self._reason(error)}") from error
        finally:
            self._active -= 1
            if not self._active:
                self._idle.set()

    @contextmanager
    def writing(self, name: str) -> Iterator[None]:
        """A write to a collection: totals counted before it ended are not remembered any more."""
        try:
            with self.answering():
                yield
        finally:
            self._writes[name] += 1

    def _reason(self, error: PyMongoError) -> str:
        text = re.split(r", full error| \(configured timeouts|, Timeout:", str(error), maxsplit=1)[0]
        if found := re.search(r"://(?P<user>.*)@", self._url, re.DOTALL):
            user = found["user"]
            for secret in (user, user.partition(":")[2], unquote_plus(user.partition(":")[2])):
                text = text.replace(secret, "***") if secret else text
        return text

    async def batches(self, cursor: Any, size: int) -> AsyncGenerator[list[Document], None]:
        """What a cursor finds, in batches."""
        found = batches(cursor, size)
        try:
            while True:
                with self.answering():
                    batch = await anext(found, None)
                if batch is None:
                    return
                yield batch
        finally:
            await found.aclose()

    def refused(self, error: BulkWriteError) -> dict[int, str]:
        """The documents of a batch whose keys are taken, with the server's word on it; anything else is no answer."""
        details: dict[str, Any] = dict(error.details or {})
        errors = details.get("writeErrors", [])
        if details.get("writeConcernErrors") or any(entry["code"] != 11000 for entry in errors):
            raise error
        return {entry["index"]: str(entry["errmsg"]) for entry in errors}

    async def label(self, collection: Collection, document: Document, message: str) -> str:
        """Which key of a document is taken. FerretDB refuses an insert without saying so: then it is looked up."""
        if found := _TAKEN.search(message):
            return "_id" if found["id"] else found["label"] or found["other"]
        place = self.place(collection.name)
        if await place.find_one({"_id": document["_id"]}, {"_id": 1}) is not None:
            return "_id"
        for label, unique in collection.unique.items():
            scope_ = {} if unique.everywhere else {"_org": document["_org"]}
            key = {unique_path(label): {"$eq": document["_u"][inner(label)]}}
            if await place.find_one({**scope_, **key}, {"_id": 1}) is not None:
                return label
        return next(iter(collection.unique), "_id")

    def recent_total(self, key: tuple[Any, ...]) -> int | None:
        """A total counted moments ago, if this process has not written to the collection since."""
        found = self._totals.get((self._writes[key[0]], *key))
        return found[1] if found is not None and found[0] > time.monotonic() else None

    def keep_total(self, key: tuple[Any, ...], writes: int, total: int) -> None:
        """Remember a total that was counted after that many writes."""
        self._totals[(writes, *key)] = (time.monotonic() + _WALK_SECONDS, total)
        while len(self._totals) > 1000:
            self._totals.popitem(last=False)

    def writes(self, name: str) -> int:
        """How often this process has written to a collection."""
        return self._writes[name]


class MongoRepository:
    """The documents of one collection that one organization may see."""

    def __init__(self, store: MongoStore, collection: Collection, organization: str, *, shared: bool) -> None:
        self._store = store
        self._collection = collection
        self.organization = organization
        self._organizations = tuple(dict.fromkeys((organization, SHARED) if shared else (organization,)))

    @property
    def _place(self) -> Any:
        return self._store.place(self._collection.name)

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
            with self._store.answering():
                rows = await self._place.find(filter_).to_list(None)
            found.update((row["_id"], _stored(row)) for row in rows)
        return found

    async def holder(self, label: str, key: str) -> Stored | None:
        """The live document that holds a unique key, the organization's own first."""
        if label not in self._collection.unique:
            raise KeyError(label)
        filter_ = {"_org": {"$in": list(self._organizations)}, unique_path(label): {"$eq": held(key)}}
        with self._store.answering():
            rows = await self._place.find(filter_).to_list(None)
        found = {row["_org"]: row for row in rows}
        return next((_stored(found[name]) for name in self._organizations if name in found), None)

    async def page(self, query: Query) -> Page:
        """One page, with the total of the whole condition."""
        read = await self._read(query)
        rows = await self._rows(read)
        following = None
        if query.after is not None and rows and len(rows) == query.limit:
            following = position(order(self._collection, query.sort), rows[-1])
        return Page([_stored(row) for row in rows], await self._total(read, len(rows), asked=query.where), following)

    async def _read(self, query: Query) -> Query:
        """The query with the ids of what is linked, since neither shards nor FerretDB join collections."""
        return replace(query, where=await self._linked(query.where)) if any(links(query.where)) else query

    async def _linked(self, where: Where) -> Where:
        match where:
            case Linked(collection, name, inside):
                field = path(single(collection, name))
                filter_ = scope(collection, (self.organization,), Query(inside))
                with self._store.answering():
                    rows = await self._store.place(collection.name).find(filter_, {"_id": 0, field: 1}).to_list(None)
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
        with self._store.answering():
            rows: list[Document] = await self._cursor(query).skip(skip).limit(query.limit).to_list(None)
        return rows

    async def _total(self, query: Query, found: int, *, asked: Where) -> int:
        if query.after is None and found < query.limit and (found or not query.skip):
            return query.skip + found  # the page ends the list
        name = self._collection.name
        key = (name, self._organizations, repr(asked), query.with_deleted)
        # whoever follows a cursor through millions does not have them counted anew for every page
        if query.after and (known := self._store.recent_total(key)) is not None:
            return known
        writes = self._store.writes(name)
        with self._store.answering():
            total = int(await self._place.count_documents(scope(self._collection, self._organizations, query)))
        self._store.keep_total(key, writes, total)
        return total

    async def stream(self, query: Query, *, batch: int = 500) -> AsyncIterator[Sequence[Stored]]:
        """Every document of the condition in order. One that is changed meanwhile may come as it was or as it is."""
        found = self._store.batches(self._cursor(await self._read(query)), batch)
        try:
            async for rows in found:
                yield [_stored(row) for row in rows]
        finally:
            await found.aclose()

    async def distinct(self, field: str, where: Where = EVERYTHING) -> list[Stored]:
        """One document a value: from each value straight to the next one in the index."""
        where = await self._linked(where)
        if self._collection.field(field).many:
            return await self._distinct_many(self._collection.field(field), where)
        declared = single(self._collection, field)
        last = declared.blank
        found: list[Stored] = []
        while True:
            query = Query(both(where, Range(field, more_than=last)), (Sort(field),), limit=1, after=())
            rows = await self._rows(query)
            if not rows:
                return found
            found.append(_stored(rows[0]))
            last = rows[0]["_k"][inner(field)]

    async def _distinct_many(self, field: Field, where: Where) -> list[Stored]:
        with self._store.answering():
            values = await self._place.distinct(path(field), scope(self._collection, self._organizations, Query(where)))
        queries = (Query(both(where, AnyOf(field.name, (value,))), limit=1) for value in sorted(values))
        return [_stored(row) for query in queries for row in await self._rows(query)]

    async def count(self, where: Where = EVERYTHING) -> int:
        """How many live documents the condition holds for."""
        return await self._total(await self._read(Query(where, limit=0)), 0, asked=where)

    async def insert(self, document: Document) -> Stored:
        """Keep a new document."""
        entry = stored(self._collection, self.organization, 1, document)
        with self._store.writing(self._collection.name):
            try:
                await self._place.insert_one(entry)
            except DuplicateKeyError as error:
                raise Duplicate(await self._store.label(self._collection, entry, str(error))) from error
        await self._store.follow(self._collection, self.organization, [(None, document, 1)])
        return Stored(document["_id"], 1, document=document)

    async def insert_many(self, documents: Sequence[Document]) -> list[Stored | Duplicate]:
        """Keep many, each by itself."""
        entries = [stored(self._collection, self.organization, 1, document) for document in documents]
        refused: dict[int, Duplicate] = {}
        with self._store.writing(self._collection.name):
            try:
                if entries:
                    await self._place.insert_many(entries, ordered=False)
            except BulkWriteError as error:
                for index, message in self._store.refused(error).items():
                    refused[index] = Duplicate(await self._store.label(self._collection, entries[index], message))
        made = [(None, document, 1) for index, document in enumerate(documents) if index not in refused]
        await self._store.follow(self._collection, self.organization, made)
        return [
            refused[index] if index in refused else Stored(document["_id"], 1, document=document)
            for index, document in enumerate(documents)
        ]

    async def replace(self, before: Stored, document: Document) -> Stored:
        """Compare-and-set on the revision that was read."""
        result = await self._put(before, document)
        changes = [(before.document, document, result.revision)]
        await self._store.follow(self._collection, self.organization, changes)
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
            await self._store.follow(self._collection, self.organization, changes)
            results += found
        return results

    async def _tried(self, before: Stored, document: Document) -> Stored | Changed | Duplicate:
        try:
            return await self._put(before, document)
        except (Changed, Duplicate) as error:
            return error

    async def _put(self, before: Stored, document: Document) -> Stored:
        entry = stored(self._collection, self.organization, before.revision + 1, document)
        with self._store.writing(self._collection.name):
            try:
                own = self._own(document["_id"], _rev=before.revision)
                done = await self._place.replace_one(own, entry)
            except OperationFailure as error:
                if error.code != 11000 and "UNIQUE constraint failed" not in str(error):  # the latter is FerretDB's
                    raise
                raise Duplicate(await self._store.label(self._collection, entry, str(error))) from error
        if not done.matched_count:
            raise Changed
        return Stored(before.id, before.revision + 1, document=document)

    async def increment(self, id_: str, field: str, by: float, *, at_least: float | None = None) -> Stored:
        """Add to a number atomically."""
        if "." in field:
            raise ValueError(f"{field} is not at the top of the document")
        if (done := await self._add(id_, field, by, at_least)) is not None:
            before = {**done.document, field: done.document[field] - by}
            await self._store.follow(self._collection, self.organization, [(before, done.document, done.revision)])
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
        with self._store.answering():
            found = await self._place.find_one(self._own(id_))
        if found is None:
            raise Changed
        return _stored(found)

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
        with self._store.writing(self._collection.name):
            found = await self._place.find_one_and_update(own, {"$inc": added}, return_document=ReturnDocument.AFTER)
        return None if found is None else _stored(found)

    async def purge(self, where: Where) -> int:
        """Remove documents for good."""
        filter_ = scope(self._collection, (self.organization,), Query(where, with_deleted=True))
        with self._store.writing(self._collection.name):
            done = await self._place.delete_many(filter_)
        return int(done.deleted_count)


def _stored(found: Document) -> Stored:
    return Stored(found["_id"], found["_rev"], document=restored(found))

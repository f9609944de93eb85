"""One database of a MongoDB deployment, through Motor or PyMongo's own asynchronous client.

A write is acknowledged once a majority of the members has it in its journal. What the two drivers do differently is
settled here and nowhere else.
"""

import asyncio
import inspect
import logging
import re
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Literal
from urllib.parse import unquote_plus

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient
from pymongo.errors import BulkWriteError, DocumentTooLarge, PyMongoError

from brassleaf.errors import TooLarge
from brassleaf.store import trail
from brassleaf.store.collections import Collection, Document
from brassleaf.store.mongo_schema import batches, inner, restored, stored, unique_path
from brassleaf.store.port import Stored, StoreDown
from brassleaf.store.records import now
from brassleaf.store.trail import AUDIT

log = logging.getLogger("brassleaf")

Driver = Literal["motor", "pymongo"]

_SELECTION_MS = 5_000
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


class Deployment:
    """What the store and its repositories have in common: the connection, errors, refused keys, totals, the trail."""

    def __init__(self, url: str, driver: Driver, database: str | None) -> None:
        self._url = url
        self._driver: Driver = driver
        self._database_name = database
        self._client: Any = None
        self._database: Any = None
        self._collections: dict[str, Collection] = {}
        self._active = 0
        self._idle = asyncio.Event()
        self._writes: Counter[str] = Counter()
        self._totals: OrderedDict[tuple[Any, ...], tuple[float, int]] = OrderedDict()

    def connect(self, collections: Sequence[Collection]) -> tuple[Any, Any]:
        """Make the client; nothing is sent yet. The client and its database."""
        self._collections = {collection.name: collection for collection in collections}
        try:
            self._client = _client(self._url, self._driver)
        except (ValueError, TypeError) as error:
            raise StoreDown("The address of the MongoDB server is not valid.") from error
        name = self._database_name
        self._database = self._client[name] if name else self._client.get_default_database("brassleaf")
        return self._client, self._database

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


def as_stored(found: Document) -> Stored:
    """A document as the port knows it, from a document of the server's."""
    return Stored(found["_id"], found["_rev"], document=restored(found))

"""The MongoDB store: a replica set or shards, of which each collection is read and written through a repository."""

from collections.abc import AsyncIterator, Sequence
from itertools import groupby

from pymongo.errors import BulkWriteError

from brassleaf.store.collections import Collection, held
from brassleaf.store.mongo_deployment import Deployment, Driver, as_stored
from brassleaf.store.mongo_repository import MongoRepository
from brassleaf.store.mongo_schema import SCHEMA, restored, stored, unique_path, upgrade
from brassleaf.store.port import Dumped, Duplicate, Stored, StoreDown
from brassleaf.store.trail import check_kept

_STANDALONE = (
    "The MongoDB server is a standalone. It has no majority to keep what it acknowledges, and releases 8.0.32 to 8.0.38"
    " can lose acknowledged writes when the process is killed (SERVER-139311). Start it as a replica set (one member is"
    " enough), or allow a standalone expressly."
)


class MongoStore(Deployment):
    """All collections in one database of a MongoDB deployment."""

    def __init__(
        self, url: str, *, driver: Driver = "motor", allow_standalone: bool = False, database: str | None = None
    ) -> None:
        super().__init__(url, driver, database)
        self._allow_standalone = allow_standalone

    async def open(self, collections: Sequence[Collection]) -> None:
        """Connect, refuse a standalone, bring shadows and indexes up to date."""
        check_kept(collections)
        try:
            with self.answering():
                client, database = self.connect(collections)
                hello = await client.admin.command("hello")
                replicated = "setName" in hello or hello.get("msg") == "isdbgrid"
                if not replicated and not self._allow_standalone:
                    raise StoreDown(_STANDALONE)
                await upgrade(database, collections)
        except BaseException:
            await self.close()
            raise

    async def ping(self) -> None:
        """Write where nothing changes: a majority must acknowledge it."""
        with self.answering():
            await self.place(SCHEMA).update_one({"_id": "-ping"}, {"$set": {"ping": True}}, upsert=True)

    def repository(self, collection: Collection, organization: str, *, shared: bool = False) -> MongoRepository:
        """A repository for one organization, with the shared catalogue beneath it when asked."""
        return MongoRepository(self, collection, organization, shared=shared)

    async def organizations(self, collection: Collection) -> list[str]:
        """Every organization that has documents in a collection."""
        with self.answering():
            return sorted(await self.place(collection.name).distinct("_org"))

    def written(self, places: Sequence[tuple[Collection, str]]) -> None:
        """Not known: a count could not be raised in the transaction of each write, as there is none."""

    async def find(self, collection: Collection, label: str, key: str) -> tuple[str, Stored] | None:
        """The live document that holds a key which is unique everywhere."""
        if not collection.unique[label].everywhere:
            raise KeyError(label)
        with self.answering():
            found = await self.place(collection.name).find_one({unique_path(label): {"$eq": held(key)}})
        return None if found is None else (found["_org"], as_stored(found))

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

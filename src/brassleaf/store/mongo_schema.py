"""How documents stand in MongoDB: as they are, with their shadows and keys beside them, and the indexes over these.

Beside the document's own fields: `_org`, `_rev`, `_k` (shadows), `_m` (arrays of shadows, for fields with many values)
and `_u` (unique keys). Queries touch nothing else, and none of it leaves the store.

On shards keyed by `_org`, collections with a key that is unique everywhere stay on one shard: MongoDB keeps a unique
index over shards only where it begins with the shard key.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.errors import OperationFailure

from brassleaf.store.collections import Collection, Document, Field, Shadow

#: The collection that says what the others look like.
SCHEMA = "_schema"
INTERNALS = ("_org", "_rev", "_k", "_m", "_u")
_BATCH = 500
_NO_INDEX = 27


def inner(name: str) -> str:
    """A declared name as one key: a dot would be a path."""
    return name.replace(".", ":")


def path(field: Field) -> str:
    """Where the shadow of a field stands, or the shadows of a field with many values."""
    return f"{'_m' if field.many else '_k'}.{inner(field.name)}"


def unique_path(label: str) -> str:
    """Where a unique key stands."""
    return f"_u.{inner(label)}"


def comparable(field: Field, value: object) -> Shadow:
    """A value as this store compares it: every number a double, as in the embedded store."""
    return _double(field, field.normal(value))


def _double(field: Field, shadow: Shadow) -> Shadow:
    return float(shadow) if field.kind == "number" else shadow


def shadows(collection: Collection, document: Document) -> dict[str, Any]:
    """What stands beside a document for queries and unique indexes."""
    single: dict[str, Shadow] = {}
    many: dict[str, list[Shadow]] = {}
    for field in collection.all_fields:
        if field.many:
            many[inner(field.name)] = [_double(field, shadow) for shadow in field.shadows(document)]
        else:
            single[inner(field.name)] = _double(field, field.shadow(document))
    keys = {inner(label): key for label, key in collection.keys(document).items()}
    return {"_k": single, "_m": many, "_u": keys}


def stored(collection: Collection, organization: str, revision: int, document: Document) -> Document:
    """A document on its way in."""
    return {
        "_id": document["_id"],
        **document,
        "_org": organization,
        "_rev": revision,
        **shadows(collection, document),
    }


def restored(found: Document) -> Document:
    """A document on its way out, as it was put in."""
    return {name: value for name, value in found.items() if name not in INTERNALS}


def indexes(collection: Collection) -> list[IndexModel]:
    """The indexes of a collection; an index's name says all about it, so that another index has another name."""
    order = collection.field(collection.order)
    found = []
    for field in collection.all_fields:
        if field.name == "deleted" or not field.indexed:
            continue
        keys = dict.fromkeys(("_org", "_k.deleted", path(field), path(order), "_id"))
        found.append(_index(f"by:{field.name}:{order.name}", keys))
        if field.within is not None:
            outer = path(collection.field(field.within))
            keys = dict.fromkeys(("_org", "_k.deleted", outer, path(field), path(order), "_id"))
            found.append(_index(f"by:{field.within}:{field.name}:{order.name}", keys))
    if collection.field("lastModified").indexed:  # it is also followed with the deleted ones (updatedSince)
        found.append(_index(f"changes:{order.name}", dict.fromkeys(("_org", "_k.lastModified", path(order), "_id"))))
    for label, unique in collection.unique.items():
        scope = ("everywhere", ()) if unique.everywhere else ("unique", ("_org",))
        keys = dict.fromkeys((*scope[1], unique_path(label)))
        found.append(_index(f"{scope[0]}:{label}", keys, unique=True))
    return found


def _index(name: str, keys: dict[str, None], *, unique: bool = False) -> IndexModel:
    return IndexModel([(key, ASCENDING) for key in keys], name=name, unique=unique)


def fingerprint(collection: Collection) -> str:
    """What shadows and indexes look like; another text in the database means that they must be made anew."""
    fields = [
        f"{field.name} {field.kind} {field.many}{'' if field.indexed else ' bare'}{' read' if field.read else ''}"
        f"{f' within {field.within}' if field.within else ''}"
        for field in collection.all_fields
    ]
    keys = [f"{label} {unique.everywhere}" for label, unique in collection.unique.items()]
    return "\n".join(["1", collection.order, *fields, "--", *keys])


async def upgrade(database: Any, collections: Sequence[Collection]) -> None:
    """Make shadows and indexes of those collections whose declaration is new or has changed.

    Every step may be repeated, and servers that start at once may take them side by side; the fingerprint comes last.
    """
    known = {entry["_id"]: entry.get("fingerprint") for entry in await database[SCHEMA].find({}).to_list(None)}
    for collection in collections:
        wanted = fingerprint(collection)
        if known.get(collection.name) == wanted:
            continue
        place, models = database[collection.name], indexes(collection)
        if collection.name in known:
            await _drop_others(place, {str(model.document["name"]) for model in models})
            async for batch in batches(place.find({}).sort("_id", ASCENDING), _BATCH):
                await _shadow_again(place, collection, batch)
        await place.create_indexes(models)
        await database[SCHEMA].update_one({"_id": collection.name}, {"$set": {"fingerprint": wanted}}, upsert=True)


async def _drop_others(place: Any, wanted: set[str]) -> None:
    for name in await place.index_information():
        if name != "_id_" and name not in wanted:
            try:
                await place.drop_index(name)
            except OperationFailure as error:
                if error.code != _NO_INDEX:  # another server was faster
                    raise


async def _shadow_again(place: Any, collection: Collection, batch: list[Document]) -> None:
    """Give documents their new shadows; those that were changed in between are read and done again."""
    while batch:
        changes = [
            UpdateOne({"_id": found["_id"], "_rev": found["_rev"]}, {"$set": shadows(collection, restored(found))})
            for found in batch
        ]
        done = await place.bulk_write(changes, ordered=False)
        if done.matched_count == len(batch):
            return
        batch = await place.find({"_id": {"$in": [found["_id"] for found in batch]}}).to_list(None)


async def batches(cursor: Any, size: int) -> AsyncGenerator[list[Document], None]:
    """What a cursor finds, in batches; both drivers go on where the last `to_list` ended."""
    cursor = cursor.batch_size(size)
    try:
        while found := await cursor.to_list(size):
            yield found
    finally:
        await cursor.close()

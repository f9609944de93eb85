"""What only MongoDB needs: which servers are refused, what an outage says, and how declarations reach the server."""

import asyncio
import contextlib
import gc
from dataclasses import replace as changed

import pytest
from store_samples import COLLECTIONS, HOSES, ONE, USERS, hose, user

from brassleaf.store import mongo_deployment, mongo_schema
from brassleaf.store.collections import Field
from brassleaf.store.mongo import MongoStore
from brassleaf.store.port import Dumped, Duplicate, StoreDown
from brassleaf.store.query import Query, equal

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["motor", "pymongo"])
def driver(request):
    return request.param


@pytest.fixture
def make_store(wire, driver):
    with wire.database() as name:
        yield lambda: MongoStore(wire.url, driver=driver, allow_standalone=wire.standalone, database=name)


@pytest.fixture
async def store(make_store):
    opened = make_store()
    await opened.open(COLLECTIONS)
    yield opened
    await opened.close()


# -- servers ----------------------------------------------------------------------------------------------------------


async def test_a_standalone_is_refused_unless_allowed(wire, driver):
    if not wire.standalone:
        pytest.skip("this server is a replica set")
    with wire.database() as name:
        store = MongoStore(wire.url, driver=driver, database=name)
        with pytest.raises(StoreDown, match="SERVER-139311"):
            await store.open(COLLECTIONS)
        with pytest.raises(StoreDown):
            await store.ping()


async def test_writes_wait_for_the_journals_of_a_majority(store):
    client = store._client
    assert client.write_concern.document == {"w": "majority", "j": True, "wtimeout": 10_000}
    assert client.read_concern.level == "majority"
    assert client.options.retry_writes
    assert client.options.retry_reads
    place = store.place("hoses")
    assert (place.write_concern, place.read_concern) == (client.write_concern, client.read_concern)


@pytest.fixture
def impatient(monkeypatch):
    """Servers are not waited for long. PyMongo leaves a socket behind that it was opening when it was closed."""
    monkeypatch.setattr(mongo_deployment, "_SELECTION_MS", 200)
    yield
    gc.collect()


pymongo_leaves_sockets = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pymongo_leaves_sockets
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("user_", ["admin:s3cr3t", "admin:s3%40cr3t"])
async def test_an_unreachable_server_is_named_without_credentials(driver, user_):
    store = MongoStore(f"mongodb://{user_}@127.0.0.1:1/", driver=driver)
    with pytest.raises(StoreDown, match=r"127\.0\.0\.1:1: .*111") as down:
        await store.open(COLLECTIONS)
    assert "cr3t" not in str(down.value)


@pymongo_leaves_sockets
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "url",
    [
        *("mongodb://admin:s3cr3t@@127.0.0.1/", "mongodb://admin:s3cr3t@127.0.0.1:port/", "http://admin:s3cr3t@x/"),
        *("mongodb://admin:s3cr3t@/", "mongodb+srv://admin:s3cr3t@x/"),
    ],
)
async def test_a_wrong_address_is_said_without_credentials(driver, url):
    with pytest.raises(StoreDown) as down:
        await MongoStore(url, driver=driver).open(COLLECTIONS)
    assert "s3cr3t" not in str(down.value)


@pymongo_leaves_sockets
@pytest.mark.usefixtures("impatient")
async def test_an_outage_is_said_and_passes(wire, driver):
    host, _, port = wire.url.removeprefix("mongodb://").partition("/")[0].partition(":")
    open_ = True
    writers: set[asyncio.StreamWriter] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not open_:
            writer.close()
            return
        behind, ahead = await asyncio.open_connection(host, int(port))
        writers.update((writer, ahead))
        await asyncio.gather(pump(reader, ahead), pump(behind, writer))

    proxy = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = proxy.sockets[0].getsockname()[1]
    with wire.database() as name:
        store = MongoStore(
            f"mongodb://127.0.0.1:{address}/?directConnection=true&heartbeatFrequencyMS=500",
            driver=driver,
            allow_standalone=True,
            database=name,
        )
        await store.open(COLLECTIONS)
        hoses = store.repository(HOSES, ONE)
        kept = await hoses.insert(hose(number="1"))
        open_ = False
        for writer in writers:
            writer.close()
        calls = (
            *(hoses.insert(hose(number="2")), hoses.insert_many([hose(number="3")]), hoses.get(kept.id), hoses.count()),
            *(hoses.replace(kept, kept.document), hoses.increment(kept.id, "quantity", 1), store.ping()),
            *(hoses.page(Query()), hoses.distinct("name"), anext(hoses.stream(Query())), anext(store.dump())),
            *(store.load([Dumped("hoses", ONE, 1, hose())]), hoses.purge(equal("name", "x"))),
            store.find(USERS, "email", "a@example.com"),
        )
        results = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10)
        assert [type(result) for result in results] == [StoreDown] * len(calls)
        open_ = True
        for _ in range(50):
            with contextlib.suppress(StoreDown):
                await store.ping()
                break
        assert (await hoses.get(kept.id)).revision == 1
        await store.close()
        for writer in writers:
            writer.close()
        proxy.close()
        await proxy.wait_closed()


# -- declarations -----------------------------------------------------------------------------------------------------


async def test_indexes_stand_as_declared(store):
    found = await store.place("hoses").index_information()
    keys = {name: ([key for key, _ in index["key"]], bool(index.get("unique"))) for name, index in found.items()}
    assert keys["by:name:created"] == (["_org", "_k.deleted", "_k.name", "_k.created", "_id"], False)
    assert keys["by:created:created"] == (["_org", "_k.deleted", "_k.created", "_id"], False)
    assert keys["by:lines.part:created"] == (["_org", "_k.deleted", "_m.lines:part", "_k.created", "_id"], False)
    assert keys["changes:created"] == (["_org", "_k.lastModified", "_k.created", "_id"], False)
    assert keys["unique:number"] == (["_org", "_u.number"], True)
    users = await store.place("users").index_information()
    assert users["everywhere:email"]["unique"]
    assert [key for key, _ in users["everywhere:email"]["key"]] == ["_u.email"]


WIDER = changed(HOSES, fields=(*HOSES.fields, Field("colour")), order="number")


async def test_an_upgrade_that_was_cut_off_is_done_again(store, make_store, monkeypatch):
    await store.repository(HOSES, ONE).insert_many([hose(number=str(number), colour="Red") for number in range(3)])

    async def cut(*args: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(mongo_schema, "_shadow_again", cut)
        with pytest.raises(ConnectionResetError):
            await make_store().open((WIDER,))
    again = make_store()
    await again.open((WIDER,))
    assert (await again.repository(WIDER, ONE).page(Query(equal("colour", "red")))).total == 3
    names = set(await again.place("hoses").index_information())
    assert names == {"_id_", *(str(model.document["name"]) for model in mongo_schema.indexes(WIDER))}
    await again.close()


async def test_servers_may_start_at_once(wire, make_store):
    if wire.standalone:
        pytest.skip("FerretDB panics when two connections make indexes at the same time")
    stores = [make_store() for _ in range(4)]
    await asyncio.gather(*(entry.open(COLLECTIONS) for entry in stores))
    for number, entry in enumerate(stores):
        await entry.repository(HOSES, ONE).insert(hose(number=str(number)))
    assert await stores[0].repository(HOSES, ONE).count() == 4
    with pytest.raises(Duplicate):
        await stores[0].repository(HOSES, ONE).insert(hose(number="3"))
    for entry in stores:
        await entry.close()


async def test_an_index_that_another_server_dropped_first_is_gone_all_the_same(store, monkeypatch):
    """Two upgrades at once, step by step."""
    place = store.place("hoses")
    known = await place.index_information()
    await mongo_schema._drop_others(place, {"unique:number"})

    class Late:
        drop_index = place.drop_index

        @staticmethod
        async def index_information() -> dict[str, object]:
            return known

    await mongo_schema._drop_others(Late, {"unique:number"})
    assert set(await place.index_information()) == {"_id_", "unique:number"}


async def test_a_document_that_changes_during_an_upgrade_is_not_overwritten(store):
    hoses = store.repository(HOSES, ONE)
    entry = await hoses.insert(hose(number="1", name="old"))
    place = store.place("hoses")
    batch = await place.find({}).to_list(None)
    await hoses.replace(entry, {**entry.document, "name": "new"})
    await mongo_schema._shadow_again(place, HOSES, batch)
    assert (await hoses.get(entry.id))["name"] == "new"
    assert (await hoses.page(Query(equal("name", "new")))).total == 1
    assert (await hoses.page(Query(equal("name", "old")))).total == 0


async def test_a_walk_is_not_counted_anew_for_every_page(store, make_store):
    hoses, other = store.repository(HOSES, ONE), make_store()
    await other.open(COLLECTIONS)
    await hoses.insert_many([hose(number=str(number)) for number in range(5)])
    first = await hoses.page(Query(limit=2, after=()))
    await other.repository(HOSES, ONE).insert(hose(number="5"))
    assert (await hoses.page(Query(limit=2, after=first.next))).total == first.total == 5
    assert (await hoses.page(Query(limit=2, after=()))).total == 6  # a new walk
    assert (await hoses.page(Query(limit=2))).total == 6
    await other.close()


# -- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "label"),
    [
        ('index: unique:number dup key: { _org: "1", _u.number: "=x" }', "number"),
        ('index: everywhere:email dup key: { _u.email: "=index: _id_ dup key" }', "email"),
        ('index: _id_ dup key: { _id: "index: unique:number dup key" }', "_id"),
        ("constraint failed: UNIQUE constraint failed: index 'users_0badc0de_unique:badge' (2067)", "badge"),
    ],
)
async def test_the_server_says_which_key_is_taken(store, message, label):
    prefix = "" if message.startswith("constraint") else "E11000 duplicate key error collection: brassleaf.users "
    assert await store.label(USERS, {}, prefix + message) == label


async def test_load_keeps_what_came_before_a_duplicate(store):
    users = store.repository(USERS, ONE)
    await users.insert(user(email="taken@example.com"))
    entries = [Dumped("users", ONE, 7, user(email=f"{name}@example.com")) for name in ("a", "taken", "b")]
    with pytest.raises(Duplicate) as refused:
        await store.load(entries)
    assert refused.value.label == "email"
    assert (await users.get(entries[0].document["_id"])).revision == 7
    assert await users.count() == 2

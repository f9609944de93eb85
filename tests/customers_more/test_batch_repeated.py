"""Batches that break off in the middle and are repeated, and batches beside others who work on the same customers."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from brassleaf.app import COLLECTIONS
from brassleaf.customers.batch.models import Batch
from brassleaf.customers.batch.service import CustomerBatches
from brassleaf.customers.models import CUSTOMERS
from brassleaf.customers.service import CustomerService
from brassleaf.pricing.models import PRICE_LISTS
from brassleaf.security.caller import Caller
from brassleaf.security.replays import REPLAYS
from brassleaf.store.mongo import MongoStore
from brassleaf.store.port import Repository, Store
from brassleaf.store.query import EVERYTHING, Query
from brassleaf.store.records import Records, merged, new_document, now, seed_ids
from brassleaf.store.sqlite import SqliteStore
from brassleaf.store.trail import AUDIT

OWN = "1" * 24
CALLER = Caller(OWN, "admin", "user", "2" * 24, "boss", "boss (user)")
OLD = ["a" * 24, "b" * 24, "c" * 24]
KEYS = ["A", "B", None]
ABSENT = "f" * 24
Items = list[dict[str, Any]]


class Died(Exception):
    """The process is gone."""


class Mortal:
    """A store that is written to so many times, and then never again; `first` runs before the first write."""

    def __init__(self, store: Store, writes: int, first: Callable[[], Awaitable[None]] | None = None) -> None:
        self._store = store
        self.left = writes
        self.first = first

    def repository(self, *place: Any, **options: Any) -> Any:
        return MortalRepository(self, self._store.repository(*place, **options))


class MortalRepository:
    """A repository of such a store: of many documents those before its death are kept."""

    def __init__(self, mortal: Mortal, repository: Repository) -> None:
        self._mortal = mortal
        self._repository = repository

    def __getattr__(self, name: str) -> Any:
        return getattr(self._repository, name)

    async def _use(self, wanted: int) -> int:
        mortal = self._mortal
        first, mortal.first = mortal.first, None
        if first is not None:
            await first()
        given = min(wanted, mortal.left)
        mortal.left -= given
        return given

    async def insert(self, document: Any) -> Any:
        if not await self._use(1):
            raise Died
        return await self._repository.insert(document)

    async def replace(self, before: Any, document: Any) -> Any:
        if not await self._use(1):
            raise Died
        return await self._repository.replace(before, document)

    async def insert_many(self, documents: Any) -> Any:
        given = await self._use(len(documents))
        made = await self._repository.insert_many(documents[:given])
        if given < len(documents):
            raise Died
        return made


class Shop:
    """An organization with three customers, the same after each `fresh`."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.customers = store.repository(CUSTOMERS, OWN)
        self.records = Records(self.customers, "customer", "somebody else")

    async def fresh(self) -> None:
        await self.customers.purge(EVERYTHING)
        await self.store.repository(REPLAYS, OWN).purge(EVERYTHING)
        for id_, key in zip(OLD, KEYS, strict=True):
            await self.customers.insert({**new_document(merged({}, {"erpId": key}), "test"), "_id": id_})

    async def run(
        self, items: Items, writes: int = 10**6, first: Callable[[], Awaitable[None]] | None = None
    ) -> tuple[Items, int]:
        """What a batch answers, and how many writes it took."""
        mortal: Any = Mortal(self.store, writes, first)
        batches = CustomerBatches(mortal, CustomerService(mortal, PRICE_LISTS))
        sent = TypeAdapter(Batch).validate_python({"items": items})
        outcomes = await batches.run(CALLER, sent.items)
        return [outcome.shown() for outcome in outcomes], writes - mortal.left

    async def state(self) -> Items:
        """Every customer, without what tells when it was changed and how often."""
        found = []
        async for batch in self.customers.stream(Query(with_deleted=True)):
            for entry in batch:
                kept = {"_id", "erpId", "city", "name", "deleted"}
                found.append({name: value for name, value in entry.document.items() if name in kept})
        return sorted(found, key=lambda entry: str(entry["_id"]))

    async def live(self) -> dict[str, str]:
        """The ids of the customers that are there, by ERP id."""
        return {
            entry["erpId"]: entry["_id"] for entry in await self.state() if not entry["deleted"] and "erpId" in entry
        }


def runner_of(path: Path) -> tuple[asyncio.Runner, Shop]:
    runner = asyncio.Runner()
    store = SqliteStore(path / "shop.sqlite")
    runner.run(store.open(COLLECTIONS))
    return runner, Shop(store)


# -- repeated ---------------------------------------------------------------------------------------------------------


def _operations() -> st.SearchStrategy[dict[str, Any]]:
    keys, ids, cities = st.sampled_from(["A", "a", "B", "C"]), st.sampled_from([*OLD, ABSENT]), st.sampled_from("xyz")
    change = st.fixed_dictionaries({}, optional={"erpId": st.one_of(st.none(), keys), "city": cities})
    whom = st.one_of(st.fixed_dictionaries({"_id": ids}), st.fixed_dictionaries({"erpId": keys}))
    return st.one_of(
        st.builds(lambda customer: {"operation": "create", "customer": customer}, change),
        st.builds(lambda by, customer: {"operation": "update", **by, "customer": customer}, whom, change),
        st.builds(lambda key, city: {"operation": "upsert", "erpId": key, "customer": {"city": city}}, keys, cities),
        st.builds(lambda by: {"operation": "delete", **by}, whom),
    )


def _one_by_one(items: Items) -> tuple[list[int], list[tuple[str | None, str | None]]]:
    """What single calls would answer, each after the one before it; and what is there then, as ERP id and city."""
    there: dict[Any, dict[str, Any]] = {id_: {"erpId": key} for id_, key in zip(OLD, KEYS, strict=True)}
    statuses = []

    def holder(key: str | None) -> Any:
        found = (id_ for id_, fields in there.items() if key and (fields.get("erpId") or "").lower() == key.lower())
        return next(found, None)

    for place, item in enumerate(items):
        operation, fields = item["operation"], dict(item.get("customer", {}))
        id_ = item.get("_id") or holder(item.get("erpId"))
        if operation == "upsert":
            fields["erpId"] = item["erpId"]
        if operation == "create" or (operation == "upsert" and id_ is None):
            id_ = place
        elif id_ not in there:
            statuses.append(404)
            continue
        if operation == "delete":
            del there[id_]
            statuses.append(200)
        elif holder(fields.get("erpId")) not in (None, id_):
            statuses.append(400)
        else:
            statuses.append(201 if id_ is place else 200)
            there[id_] = {**there.get(id_, {}), **fields}
    return statuses, sorted(((f.get("erpId"), f.get("city")) for f in there.values()), key=str)


HEIR = [{"operation": "delete", "erpId": "A"}, {"operation": "create", "customer": {"erpId": "A", "city": "x"}}]
RENAMED = [{"operation": "update", "erpId": "A", "customer": {"erpId": "C"}}, HEIR[1]]
UPSERT = {"operation": "upsert", "erpId": "A", "customer": {"city": "x"}}
AGAIN = [{"operation": "update", "_id": OLD[1], "customer": {"city": city}} for city in "xyz"]
RING = [
    {"operation": "update", "_id": OLD[0], "customer": {"erpId": "C"}},
    {"operation": "update", "_id": OLD[1], "customer": {"erpId": "A"}},
    {"operation": "update", "_id": OLD[0], "customer": {"erpId": "B"}},
]


async def broken(shop: Shop, items: Items, *breaks: int) -> tuple[Items, Items]:
    """What a batch answers, and the state that it leaves, whose earlier tries died after so many writes."""
    await shop.fresh()
    began = None
    for writes in breaks:
        seed_ids("a request", began)
        began = began or now()
        with pytest.raises(Died):
            await shop.run(items, writes)
    seed_ids("a request", began)
    answer, _ = await shop.run(items)
    return answer, await shop.state()


def test_a_batch_that_broke_off_anywhere_ends_as_if_it_had_not(tmp_path: Path) -> None:
    """After any number of writes, twice: the repetition has the state and the answer of one that nothing befell."""
    runner, shop = runner_of(tmp_path)

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(_operations(), min_size=1, max_size=6), st.integers(0, 30))
    @example(HEIR + AGAIN, 1)
    @example(RENAMED + AGAIN, 1)
    @example([*RING, {"operation": "upsert", "erpId": "C", "customer": {"city": "x"}}, *HEIR], 2)
    def check(items: Items, more: int) -> None:
        async def both() -> None:
            await shop.fresh()
            seed_ids("a request")
            answer, writes = await shop.run(items)
            state = await shop.state()
            statuses, there = _one_by_one(items)
            assert [entry["status"] for entry in answer] == statuses
            live = [(entry.get("erpId"), entry.get("city")) for entry in state if not entry["deleted"]]
            assert sorted(live, key=str) == there
            for number in range(writes):
                assert await broken(shop, items, number) == (answer, state), f"after {number} writes"
            first = more % writes
            for second in range(writes - first):
                assert await broken(shop, items, first, second) == (answer, state), f"after {first} and {second} writes"

        runner.run(both())

    with runner:
        check()
        runner.run(shop.store.close())


def test_a_batch_that_broke_off_goes_on_on_mongodb(request: pytest.FixtureRequest) -> None:
    wire = request.getfixturevalue("wire")
    items = [*HEIR, *RENAMED[:1], UPSERT, *AGAIN[:1]]

    async def check(shop: Shop) -> None:
        await shop.store.open([CUSTOMERS, PRICE_LISTS, REPLAYS, AUDIT])
        answer, state = await broken(shop, items)
        assert [entry["status"] for entry in answer] == _one_by_one(items)[0]
        for number in (1, 3, 5):
            assert await broken(shop, items, number) == (answer, state), f"after {number} writes"
        await shop.store.close()

    with wire.database() as name, asyncio.Runner() as runner:
        store = MongoStore(wire.url, driver="pymongo", allow_standalone=wire.standalone, database=name)
        runner.run(check(Shop(store)))


# -- beside others ----------------------------------------------------------------------------------------------------

MAKE = {"operation": "create", "customer": {"erpId": "C", "city": "x"}}
UPSERT_C = {**UPSERT, "erpId": "C"}
DELETE_C = {"operation": "delete", "erpId": "C"}
UPDATE_C = {"operation": "update", "erpId": "c", "customer": {"city": "z"}}
DELETE = {"operation": "delete", "erpId": "A"}
GONE = {"operation": "delete", "_id": OLD[0]}
UPDATE = {"operation": "update", "erpId": "A", "customer": {"city": "x"}}


async def _deleted(shop: Shop) -> None:
    await shop.records.remove(OLD[0])


async def _renamed(shop: Shop) -> None:
    await shop.records.change(OLD[0], lambda before: {**before, "erpId": "other"})


async def _changed(shop: Shop) -> None:
    await shop.records.change(OLD[0], lambda before: {**before, "name": "new"})


async def _replaced(shop: Shop) -> None:
    await _deleted(shop)
    await shop.records.create({"_id": "d" * 24, "erpId": "a"})


async def _made(shop: Shop) -> None:
    await shop.records.create({"_id": "d" * 24, "erpId": "c"})


@pytest.mark.parametrize(
    ("meanwhile", "items", "statuses", "there"),
    [
        (_deleted, [UPSERT], [201], ["A", "B"]),
        (_renamed, [UPSERT], [201], ["A", "B", "other"]),
        (_changed, [UPSERT], [200], ["A", "B"]),
        (_replaced, [UPSERT], [200], ["A", "B"]),
        (_deleted, [UPSERT, UPSERT, DELETE, UPSERT], [201, 200, 200, 201], ["A", "B"]),
        (_replaced, [UPSERT, UPSERT, DELETE], [200, 200, 200], ["B"]),
        (_replaced, [UPSERT, GONE, UPSERT], [200, 404, 200], ["A", "B"]),
        (_made, [UPSERT_C], [200], ["A", "B", "C"]),
        (_made, [MAKE], [400], ["A", "B", "c"]),
        (_made, [MAKE, UPSERT_C, UPDATE_C], [400, 200, 200], ["A", "B", "C"]),
        (_made, [MAKE, DELETE_C, MAKE], [400, 200, 201], ["A", "B", "C"]),
        (_made, [{**UPDATE, "customer": {"erpId": "C"}}, UPDATE_C], [400, 200], ["A", "B", "c"]),
        (_deleted, [UPDATE], [404], ["B"]),
        (_replaced, [UPDATE], [200], ["B", "a"]),
        (_renamed, [UPDATE], [404], ["B", "other"]),
        (_changed, [UPDATE], [200], ["A", "B"]),
        (_deleted, [DELETE], [404], ["B"]),
        (_renamed, [DELETE], [404], ["B", "other"]),
        (_changed, [DELETE], [200], ["B"]),
        (_deleted, [GONE], [404], ["B"]),
        (_changed, [GONE], [200], ["B"]),
    ],
)
def test_what_others_do_between_the_plan_and_its_writes_counts(
    tmp_path: Path,
    meanwhile: Callable[[Shop], Awaitable[None]],
    items: Items,
    statuses: list[int],
    there: list[str],
) -> None:
    """An operation by ERP id means who has it when it is done, as a single call does; none answers what is not so."""
    runner, shop = runner_of(tmp_path)

    async def work() -> None:
        await shop.fresh()
        answer, _ = await shop.run(items, first=lambda: meanwhile(shop))
        assert [entry["status"] for entry in answer] == statuses
        live = await shop.live()
        assert sorted(live) == there
        if items[-1]["operation"] in ("upsert", "update") and answer[-1]["status"] < 300:
            last = await shop.customers.get(answer[-1]["_id"])
            assert last is not None
            assert last["city"] == items[-1]["customer"]["city"]
            assert answer[-1]["_id"] == live[last["erpId"]]
        await shop.store.close()

    with runner:
        runner.run(work())


@pytest.mark.parametrize("other", [[MAKE], [DELETE_C, UPSERT_C, DELETE_C]], ids=["creates", "deletes"])
def test_an_upsert_never_fails_because_others_work_on_its_customer(tmp_path: Path, other: Items) -> None:
    runner, shop = runner_of(tmp_path)

    async def work() -> None:
        await shop.fresh()
        upserts = [{**UPSERT_C, "customer": {"city": str(number)}} for number in range(4)]
        answers = await asyncio.gather(*(shop.run(other + upserts) for _ in range(6)))
        statuses = defaultdict(set)
        for answer, _ in answers:
            for entry in answer:
                statuses[entry["operation"]].add(entry["status"])
        assert statuses.pop("upsert") <= {200, 201}
        for operation, found in statuses.items():
            assert found <= {"create": {201, 400}, "delete": {200, 404}}[operation]
        assert "C" in await shop.live()
        await shop.store.close()

    with runner:
        runner.run(work())

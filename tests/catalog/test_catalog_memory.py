"""What the catalogue remembers is never out of date: whatever is written, by whomever, the very next list shows."""

import asyncio
from typing import Any

from hose_shop import SPEC, Client, Shop

from brassleaf.catalog.models import ITEM_PROPERTIES, ITEMS
from brassleaf.organizations.models import ORGANIZATIONS
from brassleaf.store import remembered
from brassleaf.store.mongo import MongoStore
from brassleaf.store.port import Stored
from brassleaf.store.remembered import Memory, Remembered
from brassleaf.store.sqlite import SqliteStore


def rows(client: Client, query: str = "", path: str = "/organization/hoses") -> dict[str, dict[str, Any]]:
    """A list of hoses as it is answered, twice alike."""
    first, again = (client.get(f"{path}?itemsPerPage=100&{query}")["items"] for _ in range(2))
    assert first == again
    return {row["partNumber"]: row for row in first}


def test_a_list_shows_what_was_just_made_changed_and_deleted(own_shop: Shop) -> None:
    shop = own_shop
    before = rows(shop.admin, "brand=Gates")
    hose = shop.make_hose("0-NEW", brand="Gates")
    assert set(rows(shop.admin, "brand=Gates")) == {*before, "0-NEW"}
    shop.admin.post(f"/organization/hose/{hose}/update", {"description": "renewed"})
    assert rows(shop.admin, "brand=Gates")["0-NEW"]["description"] == "renewed"
    assert rows(shop.admin, "search.description=renewed").keys() == {"0-NEW"}
    shop.change(ITEMS, hose, deleted=True)
    assert set(rows(shop.admin, "brand=Gates")) == set(before)
    assert rows(shop.admin, "search.description=renewed") == {}


def test_a_list_shows_the_organization_s_own_words_of_now(own_shop: Shop, shop: Shop) -> None:
    hose = own_shop.keep_item("hose", f"SAID-{own_shop.number}", "Book", {"size": "-08", "hoseDash": 8}, shared=True)
    query, number = f"search.partNumber=SAID-{own_shop.number}", f"SAID-{own_shop.number}"
    for cost in (1, 2, 3):
        own_shop.admin.post(f"/organization/hose/{hose}/update", {"cost": cost, "orgPartNumber": f"N{cost}"})
        found = rows(own_shop.admin, query)[number]
        assert (found["cost"], found["orgPartNumber"]) == (cost, f"N{cost}")
        assert "cost" not in rows(own_shop.as_("restricted"), query)[number]
        assert "cost" not in rows(shop.admin, query)[number]
    own_shop.admin.post(f"/organization/hose/{hose}/update", {"available": False})
    assert (rows(own_shop.admin, query), set(rows(shop.admin, query))) == ({}, {number})


def test_a_brand_that_is_switched_off_is_gone_from_the_next_list(own_shop: Shop) -> None:
    brand = own_shop.admin.get(f"/hose/{own_shop.hose}")["brand"]
    found = own_shop.admin.get(f"/brands?search[name]={brand}&itemsPerPage=1000")["items"]
    id_ = next(row["_id"] for row in found if row["name"] == brand)
    for available in (False, True):
        own_shop.admin.post(f"/brand/{id_}/update", {"available": available})
        assert bool(rows(own_shop.admin, f"brand={brand}")) is available


def test_how_a_fitting_is_crimped_is_that_of_now(own_shop: Shop) -> None:
    path = f"/organization/crimpfittingswithferrules?hoseId={own_shop.hose}&itemsPerPage=100"

    def dies() -> set[str]:
        return {row["crimpSpec"]["dieSize"] for row in own_shop.admin.get(path)["items"]}

    assert dies()
    for die in ("D1", "D2"):
        specs = [{**SPEC, "dieSize": die}]
        own_shop.admin.post(f"/organization/hose/{own_shop.hose}/update", {"crimpSpecs": specs})
        assert (dies(), dies()) == ({die}, {die})


def test_what_another_process_writes_is_in_the_next_list(own_shop: Shop) -> None:
    before = rows(own_shop.admin)

    async def made(store: SqliteStore) -> None:
        items = store.repository(ITEMS, own_shop.organization.id)
        hose = await items.get(own_shop.hose)
        assert hose is not None
        await items.insert({**hose.document, "_id": "d" * 24, "partNumber": "0-ELSEWHERE"})

    own_shop.elsewhere(made)
    assert set(rows(own_shop.admin)) == {*before, "0-ELSEWHERE"}


# -- the memory -------------------------------------------------------------------------------------------------------


async def _recall(memory: Memory, key: object, value: object) -> object:
    async def find() -> object:
        return value

    return await memory.recall(key, find)


def test_a_memory_lasts_until_one_of_its_collections_is_written_to(own_shop: Shop) -> None:
    store, organization = own_shop.served.store, own_shop.organization.id
    remembered_ = Remembered(store, (ITEMS, ITEM_PROPERTIES), shared=(ITEMS,))

    async def memories() -> list[Memory]:
        found = [remembered_.of(organization), remembered_.of(organization)]
        settings = await store.repository(ORGANIZATIONS, organization).get(organization)
        assert isinstance(settings, Stored)
        await store.repository(ORGANIZATIONS, organization).replace(settings, settings.document)
        found.append(remembered_.of(organization))
        hose = await store.repository(ITEMS, organization).get(own_shop.hose)
        assert isinstance(hose, Stored)
        await store.repository(ITEMS, organization).replace(hose, hose.document)
        return [*found, remembered_.of(organization)]

    one, two, after_another, after = own_shop.served.run(memories())
    assert one is two is after_another
    assert after is not one


def test_a_store_that_cannot_tell_of_others_writes_remembers_nothing() -> None:
    remembered_ = Remembered(MongoStore("mongodb://127.0.0.1:1", database="none"), (ITEMS,))
    assert remembered_.of("a" * 24) is not remembered_.of("a" * 24)


def test_a_memory_holds_so_much_and_no_more() -> None:
    async def held() -> int:
        memory = Memory(1)
        for number in range(3 * remembered._ANSWERS):
            assert await _recall(memory, number, number) == number
        return len(memory._found)

    assert 0 < asyncio.run(held()) <= remembered._ANSWERS

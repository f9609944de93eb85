"""Price lists in Excel: template, import, export, and back again."""

import io
import time

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from price_shop import Shop

from brassleaf.catalog.models import ITEMS
from brassleaf.customers.breaks import breaks_text, read_breaks
from brassleaf.customers.items.models import pair_id
from brassleaf.errors import Refused
from brassleaf.pricing.models import PRICE_LIST_ITEMS
from brassleaf.store.collections import SHARED
from brassleaf.store.records import new_document
from support.world import World

HEADERS = (
    "Price list id", "Price list", "Brand", "Part number", "Item type", "List price", "Currency", "Unit of measure",
    "Enabled", "Quantity breaks",
)  # fmt: skip
NAMED = ("Price list", "Brand", "Part number")


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


def test_breaks_as_text() -> None:
    rows = [{"quantity": 10, "price": 5.4}, {"quantity": 50.5, "price": 0}, {"quantity": 1e6, "discountPercent": 12.5}]
    assert breaks_text(rows) == "10: 5.4; 50.5: 0; 1000000: 12.5 %"
    assert read_breaks("10: 5.4; 50.5: 0; 1000000: 12.5 %") == rows
    assert read_breaks(" 10:5,40;\n50: 5%; ") == [
        {"quantity": 10, "price": 5.4},
        {"quantity": 50, "discountPercent": 5},
    ]
    assert (breaks_text(None), read_breaks(" ; ")) == (None, [])
    for wrong in (
        "10",
        "10: x",
        "ten: 5",
        "10: 5: 4",
        "10: ",
        ": 5",
        "10: 1,234",
        "10: 5 $",
        "10 = 5",
        "%: %",
        "1: __clear__",
    ):
        with pytest.raises(Refused, match="is no quantity break"):
            read_breaks(wrong)


NUMBERS = st.decimals(0, 10**9, places=6, allow_nan=False).map(float) | st.sampled_from([1.234, 999.125, 0.125, 1e-15])
BREAK_ROWS = st.lists(
    st.tuples(NUMBERS, NUMBERS, st.sampled_from(["price", "discountPercent"])).map(
        lambda said: {"quantity": said[0], said[2]: said[1]}
    )
)


@given(BREAK_ROWS)
def test_breaks_of_any_numbers_are_read_back(rows: list[dict[str, float]]) -> None:
    assert read_breaks(breaks_text(rows) or "") == rows


def test_a_template_filled_in_is_imported(shop: Shop) -> None:
    fleet = shop.price_list("Fleet")
    response = shop.ask("POST", "/pricelists/exceltemplate")
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    sheet = book["Price lists"]
    assert tuple(cell.value for cell in sheet[1]) == HEADERS
    brand, number = shop.article(shop.hose)
    values = {"Price list": "fleet", "Brand": brand.upper(), "Part number": number, "List price": 9.25,
              "Unit of measure": "ft", "Enabled": True, "Quantity breaks": "10: 8,5; 100: 10 %"}  # fmt: skip
    for place, header in enumerate(HEADERS, 1):
        sheet.cell(2, place, values.get(header))
    filled = io.BytesIO()
    book.save(filled)
    book.close()
    report = shop.load_file(filled.getvalue())
    assert (report["created"], report["errors"]) == (1, [])
    found = shop.get(f"/pricelist/{fleet['_id']}/item/{shop.hose}")
    assert (found["listPrice"], found["recordSource"], found["itemType"]) == (9.25, "import", "hose")
    assert found["quantityBreaks"] == [{"quantity": 10, "price": 8.5}, {"quantity": 100, "discountPercent": 10}]
    assert shop.load_file(filled.getvalue())["unchanged"] == 1


def test_an_export_imported_again_changes_nothing(shop: Shop) -> None:
    fleet, other = shop.price_list("Fleet")["_id"], shop.price_list("Another")["_id"]
    breaks = [{"quantity": 0.1, "price": 1234.56789}, {"quantity": 5, "discountPercent": 0}]
    shop.listed(fleet, shop.hose, listPrice=9.25, unitOfMeasure="feet", currency="EUR", quantityBreaks=breaks)
    shop.listed(fleet, shop.fitting, listPrice=0, enabled=False)
    shop.listed(other, shop.fitting, listPrice=3)
    content, rows = shop.export()
    assert rows[0] == HEADERS
    assert [row[:2] for row in rows[1:]] == [("PL-0002", "Another"), ("PL-0001", "Fleet"), ("PL-0001", "Fleet")]
    assert "0.1: 1234.56789; 5: 0 %" in [row[-1] for row in rows]
    before = shop.world.dump(shop.organization)
    report = shop.load_file(content)
    assert (report["unchanged"], report["created"], report["updated"], report["failed"]) == (3, 0, 0, 0), report
    assert shop.world.dump(shop.organization) == before
    assert len(shop.export(other)[1]) == 2
    assert len(shop.export("f" * 24)[1]) == 1


def test_rows_merge_and_clear(shop: Shop) -> None:
    fleet = shop.price_list("Fleet")
    shop.listed(fleet["_id"], shop.hose, listPrice=9, unitOfMeasure="ft", quantityBreaks=[{"quantity": 5, "price": 1}])
    brand, number = shop.article(shop.hose)
    rows = [("price list id", "Brand", "Part number", "List price", "Quantity breaks", "Unit of measure"),
            ("pl-0001", brand, number, 8, "__clear__", None)]  # fmt: skip
    dry = shop.load(rows, "?dryRun=true")
    assert (dry["updated"], shop.get(f"/pricelist/{fleet['_id']}/item/{shop.hose}")["listPrice"]) == (1, 9)
    assert shop.load(rows)["updated"] == 1
    found = shop.get(f"/pricelist/{fleet['_id']}/item/{shop.hose}")
    assert (found["listPrice"], found["unitOfMeasure"], found["recordSource"]) == (8, "ft", "import")
    assert "quantityBreaks" not in found
    shop.post(f"/pricelist/{fleet['_id']}/item/{shop.hose}/delete")
    assert shop.load(rows)["created"] == 1
    assert "unitOfMeasure" not in shop.get(f"/pricelist/{fleet['_id']}/item/{shop.hose}")


def test_each_row_that_cannot_be_says_why(shop: Shop) -> None:
    shop.price_list("Fleet")
    shop.price_list("Other")
    brand, number = shop.article(shop.hose)
    header = ("Price list id", "Price list", "Brand", "Part number", "Item type", "List price", "Currency",
              "Unit of measure", "Quantity breaks")  # fmt: skip
    cases = [
        ((None, "Flet", brand, number), "Price list", "no price list"),
        (("PL-9999", None, brand, number), "Price list id", "no price list"),
        (("PL-0001", "Other", brand, number), "Price list", "PL-0001 is the price list Fleet"),
        ((None, None, brand, number), "Price list", "Give the name or the id"),
        ((None, "Fleet", brand, "nothing"), "Part number", "no item"),
        ((None, "Fleet", "nobody", number), "Part number", "no item"),
        ((None, "Fleet", None, number), "Brand", "No item without a brand"),
        ((None, "Fleet", brand, number, "wrap"), "Item type", "of the type hose"),
        ((None, "Fleet", brand, number, None, -1), "List price", ""),
        ((None, "Fleet", brand, number, None, "cheap"), "List price", "number"),
        ((None, "Fleet", brand, number, None, 1, "JPY"), "Currency", "no rate for JPY"),
        ((None, "Fleet", brand, number, None, 1, None, "each"), "Unit of measure", "by length"),
        ((None, "Fleet", brand, number, None, 1, None, None, "10: 1; 5: 1"), "Quantity breaks", "rising"),
        ((None, "Fleet", brand, number, None, 1, None, None, "many"), "Quantity breaks", "is no quantity break"),
        ((None, "Fleet", brand, number, "HOSE", 1, None, "ft", "10: 1"), None, ""),
        ((None, "Fleet", brand, number, "hose", 2), None, "same"),
    ]
    report = shop.load([header, *(row for row, _, _ in cases)])
    assert (report["created"], report["failed"]) == (1, len(cases) - 1), report
    errors = {error["row"]: error for error in report["errors"]}
    for place, (row, column, said) in enumerate(cases, 2):
        if place == len(cases):
            assert place not in errors
            continue
        assert errors[place]["column"] == column, (row, errors[place])
        assert said in errors[place]["reason"], (row, errors[place])


def test_a_row_is_told_all_that_is_wrong_with_it(shop: Shop) -> None:
    shop.price_list("Fleet")
    header = ("Price list", "Brand", "Part number", "List price", "Quantity breaks")
    report = shop.load([header, ("Fleet", "nobody", "nothing", -1, "many")])
    columns = {error["column"] for error in report["errors"]}
    assert (report["failed"], columns) == (1, {"Part number", "List price", "Quantity breaks"})


def test_an_item_without_a_brand_goes_out_and_in_again(shop: Shop) -> None:
    washer = shop.post("/otheritems/create", {"partNumber": "WASHER-1", "itemType": "seal"})["_id"]
    fleet = shop.price_list("Fleet")["_id"]
    header = ("Price list", "Brand", "Part number", "List price")
    assert shop.load([header, ("Fleet", None, "washer-1", 0.2)])["created"] == 1
    assert shop.get(f"/pricelist/{fleet}/item/{washer}")["listPrice"] == 0.2
    content, _ = shop.export(fleet)
    assert (shop.load_file(content)["unchanged"], shop.load_file(content)["failed"]) == (1, 0)


def test_a_part_number_of_two_types_needs_the_type(shop: Shop) -> None:
    brand, number = shop.article(shop.hose)
    fitting = {"brand": brand, "partNumber": number, "hoseSize": "-8", "dashSize": "-8", "series": "TestSeries"}
    shop.post("/crimpfittings/create", fitting)
    shop.price_list("Fleet")
    report = shop.load(
        [(*NAMED, "Item type"), ("Fleet", brand, number, None), ("Fleet", brand, number, "crimpFitting")]
    )
    assert (report["created"], report["failed"]) == (1, 1)
    assert report["errors"][0]["column"] == "Item type"
    assert "crimpFitting and hose" in report["errors"][0]["reason"]


def test_an_own_item_beside_a_shared_one_of_the_same_name(shop: Shop) -> None:
    """The row comes back to the item that it was exported from; what names both is refused."""

    async def share() -> str:
        store = shop.world.served.store
        own = await store.repository(ITEMS, shop.organization.id).get(shop.hose)
        assert own is not None
        twin = {**own.document, "_id": new_document({}, "test")["_id"], "organization": None}
        await store.repository(ITEMS, SHARED).insert(twin)
        return str(twin["_id"])

    shared = shop.world.served.run(share())
    fleet = shop.price_list("Fleet")["_id"]
    shop.listed(fleet, shared, listPrice=7)
    content, rows = shop.export(fleet)
    assert len(rows) == 2
    assert shop.load_file(content)["unchanged"] == 1
    new = [(*NAMED, "List price"), ("Fleet", *shop.article(shop.hose), 8)]
    assert shop.load(new)["updated"] == 1
    assert shop.get(f"/pricelist/{fleet}/item/{shared}")["listPrice"] == 8
    # where there is none yet, the own one is meant
    other = shop.price_list("Other")["_id"]
    assert shop.load([new[0], ("Other", *new[1][1:])])["created"] == 1
    assert shop.get(f"/pricelist/{other}/item/{shop.hose}")["listPrice"] == 8
    # with both, neither
    shop.listed(fleet, shop.hose, listPrice=3)
    report = shop.load_file(shop.export(fleet)[0])
    assert (report["failed"], report["unchanged"]) == (2, 0)
    assert all("which a sheet cannot tell apart" in error["reason"] for error in report["errors"])
    # what was taken off the list is there no more
    shop.post(f"/pricelist/{fleet}/item/{shared}/delete")
    assert shop.load_file(shop.export(fleet)[0])["unchanged"] == 1


def test_many_items_are_exported_copied_and_deleted(shop: Shop) -> None:
    """Batch by batch: no request holds them all, and each takes seconds."""
    fleet = shop.price_list("Fleet")["_id"]

    async def keep() -> None:
        store = shop.world.served.store
        repository = store.repository(PRICE_LIST_ITEMS, shop.organization.id)
        items = store.repository(ITEMS, shop.organization.id)
        for start in range(0, 3_000, 1_000):
            documents, named = [], []
            for n in range(start, start + 1_000):
                item = new_document({"itemType": "hose", "brand": "Many", "partNumber": f"M{n}"}, "test")
                named.append({**item, "organization": shop.organization.id, "deleted": n == 0})
                fields = {"priceList": fleet, "item": item["_id"], "itemType": "hose", "listPrice": n, "enabled": True}
                documents.append({**new_document(fields, "test"), "_id": pair_id(fleet, fields["item"])})
            await items.insert_many(named)
            await repository.insert_many(documents)

    shop.world.served.run(keep())
    began = time.monotonic()
    rows = shop.export(fleet)[1]
    exported = time.monotonic() - began
    assert len(rows) == 1 + 3_000 - 1, "what the catalogue has no more is left out"
    assert shop.get(f"/pricelist/{fleet}?items=true")["itemsTotal"] == 3_000
    began = time.monotonic()
    copy = shop.price_list("Copy", listPriceId=fleet)["_id"]
    copied = time.monotonic() - began
    assert shop.get(f"/pricelist/{copy}?items=true&page=3")["itemsTotal"] == 3_000
    began = time.monotonic()
    shop.post(f"/pricelist/{fleet}/delete")
    deleted = time.monotonic() - began
    live = [
        e for e in shop.world.dump(shop.organization) if e.collection == "priceListItems" and not e.document["deleted"]
    ]
    assert {entry.document["priceList"] for entry in live} == {copy}
    assert len(live) == 3_000
    assert max(exported, copied, deleted) < 60, (exported, copied, deleted)

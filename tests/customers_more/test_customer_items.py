"""Customer items: what is agreed, when, by whom, and its three Excel routes."""

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

import httpx
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brassleaf.catalog.models import ITEMS
from brassleaf.customers.items.models import CustomerItemChange
from brassleaf.sheets import cells
from brassleaf.store.collections import SHARED
from brassleaf.store.records import new_document
from support.examples import workbook_of
from support.served import Served
from support.world import World

API = "/api/v1"


@pytest.fixture
def regular(served: Served, world: World) -> Iterator[httpx.Client]:
    with served.client(headers=world.a.people["user regular"].headers) as made:
        yield made


@pytest.fixture
def customer(world: World) -> str:
    return world.make(world.a, "customer")


@pytest.fixture
def hose(world: World) -> str:
    return world.make(world.a, "hose")


def _item(client: httpx.Client, customer: str, item: str, **fields: Any) -> Any:
    response = client.post(f"{API}/customer/{customer}/item/{item}/update", json=fields)
    assert response.status_code == 200, response.text
    return response.json()


def _list(client: httpx.Client, customer: str, query: str = "") -> list[Any]:
    response = client.get(f"{API}/customer/{customer}/items?{query}")
    assert response.status_code == 200, response.text
    found: list[Any] = response.json()["items"]
    return found


def test_an_update_makes_changes_and_clears(admin: httpx.Client, customer: str, hose: str) -> None:
    made = _item(admin, customer, hose, price=19.99, discount=0.1, notes="special", netPrice=18, startDate="2026-01-31")
    item = admin.get(f"{API}/hose/{hose}").json()
    assert {name: made[name] for name in ("customer", "item", "itemType", "brand", "partNumber")} == {
        "customer": customer,
        "item": hose,
        "itemType": "hose",
        "brand": item["brand"],
        "partNumber": item["partNumber"],
    }
    assert made["startDate"] == "2026-01-31T00:00:00.000Z"
    assert made["recordSource"] == "api"
    changed = _item(admin, customer, hose, price=None, discount=0.2)
    assert "price" not in changed
    assert (changed["_id"], changed["discount"], changed["notes"]) == (made["_id"], 0.2, "special")
    assert changed["createdBy"] == made["createdBy"]
    assert [entry["_id"] for entry in _list(admin, customer)] == [made["_id"]]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"discount": 1.5}, "discount"),
        ({"price": -1}, "price"),
        ({"startDate": "yesterday"}, "startDate"),
        ({"startDate": "0001-01-01"}, "startDate"),
        ({"startDate": "2026-02-01", "endDate": "2026-01-31"}, "endDate"),
        ({"netPriceCurrency": "XXX"}, "netPriceCurrency"),
        ({"netPriceUnitOfMeasure": "cubit"}, "netPriceUnitOfMeasure"),
        ({"itemType": "wrap"}, "itemType"),
        ({"itemType": "valve"}, "itemType"),
        ({"netPriceUnitOfMeasure": "each"}, "netPriceUnitOfMeasure"),
        ({"quantityBreaks": [{"quantity": 10}]}, "quantityBreaks[0]"),
        ({"quantityBreaks": [{"quantity": 0, "price": 1}]}, "quantityBreaks[0].quantity"),
        (
            {"quantityBreaks": [{"quantity": 9, "price": 1}, {"quantity": 9, "price": 1}]},
            "quantityBreaks[1].quantity",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    admin: httpx.Client, customer: str, hose: str, fields: dict[str, Any], field: str
) -> None:
    response = admin.post(f"{API}/customer/{customer}/item/{hose}/update", json=fields)
    assert response.status_code == 400, response.text
    assert response.json()["errors"][0]["field"] == field
    assert _list(admin, customer) == []


def test_an_end_before_the_start_that_is_stored_is_refused(admin: httpx.Client, customer: str, hose: str) -> None:
    _item(admin, customer, hose, startDate="2026-02-01")
    response = admin.post(f"{API}/customer/{customer}/item/{hose}/update", json={"endDate": "2026-01-31"})
    assert response.status_code == 400, response.text
    assert _item(admin, customer, hose, endDate="2026-02-01", startDate=None)["endDate"].startswith("2026-02-01")


def test_unknown_customers_and_items_are_not_found(admin: httpx.Client, customer: str, hose: str) -> None:
    nobody = "f" * 24
    for path in (f"{nobody}/item/{hose}/update", f"{customer}/item/{nobody}/update", f"{customer}/item/{hose}/delete"):
        response = admin.post(f"{API}/customer/{path}", json={})
        assert response.status_code == 404, response.text
    assert admin.get(f"{API}/customer/{nobody}/items").status_code == 404


def test_costs_are_set_and_seen_by_admins_only(
    admin: httpx.Client, regular: httpx.Client, customer: str, hose: str
) -> None:
    assert _item(admin, customer, hose, cost=5, costCurrency="eur")["costCurrency"] == "EUR"
    assert regular.post(f"{API}/customer/{customer}/item/{hose}/update", json={"cost": 4}).status_code == 403
    assert "cost" not in _item(regular, customer, hose, price=7)
    assert "cost" not in _list(regular, customer)[0]
    assert _list(admin, customer)[0]["cost"] == 5


def test_a_deleted_one_is_gone_and_can_be_agreed_anew(admin: httpx.Client, customer: str, hose: str) -> None:
    made = _item(admin, customer, hose, price=1, notes="old")
    assert admin.post(f"{API}/customer/{customer}/item/{hose}/delete").json()["success"] is True
    assert _list(admin, customer) == []
    assert admin.post(f"{API}/customer/{customer}/item/{hose}/delete").status_code == 404
    gone = _list(admin, customer, "includeDeleted=true")
    assert [(entry["deleted"], bool(entry["deletedDate"])) for entry in gone] == [(True, True)]
    again = _item(admin, customer, hose, price=2)
    assert again["_id"] == made["_id"]
    assert "notes" not in again
    assert again["deleted"] is False


def test_a_renamed_item_is_named_as_it_is(admin: httpx.Client, world: World, customer: str, hose: str) -> None:
    kept = world.make(world.a, "hose")
    before = [_item(admin, customer, item, price=1) for item in (hose, kept)]
    name = f"{before[0]['partNumber']}-R"
    renamed = admin.post(f"{API}/organization/hose/{hose}/update", json={"partNumber": name})
    assert renamed.status_code == 200, renamed.text
    now = {entry["item"]: entry for entry in _list(admin, customer)}
    assert (now[hose]["partNumber"], now[hose]["brand"]) == (name, before[0]["brand"])
    assert now[kept] == before[1]
    assert [entry["item"] for entry in _list(admin, customer, f"search[partNumber]={name}")] == [hose]


def test_if_match_binds_a_change_to_a_state(admin: httpx.Client, customer: str, hose: str) -> None:
    url = f"{API}/customer/{customer}/item/{hose}/update"
    assert admin.post(url, json={}, headers={"If-Match": '"1"'}).status_code == 412
    first = admin.post(url, json={"price": 1}, headers={"If-Match": '"0"'})
    assert first.status_code == 200
    assert admin.post(url, json={"price": 2}, headers={"If-Match": first.headers["etag"]}).status_code == 200
    assert admin.post(url, json={"price": 3}, headers={"If-Match": first.headers["etag"]}).status_code == 412


def test_lists_search_and_sort(admin: httpx.Client, world: World, customer: str) -> None:
    hoses = [world.make(world.a, "hose") for _ in range(3)]
    for number, hose in enumerate(hoses):
        _item(admin, customer, hose, orgPartNumber=f"OWN-{number}")
    numbers = [entry["partNumber"] for entry in _list(admin, customer)]
    assert numbers == sorted(numbers, key=str.casefold)
    assert len(numbers) == 3
    assert [e["orgPartNumber"] for e in _list(admin, customer, "search[orgPartNumber]=own-1")] == ["OWN-1"]
    assert len(_list(admin, customer, "search.brand=testbrand&search[itemType]=hose")) == 3
    assert [e["partNumber"] for e in _list(admin, customer, f"search[partNumber]={numbers[1]}")] == [numbers[1]]
    last = _list(admin, customer, "sortBy[0].key=lastModified&sortBy[0].order=desc&itemsPerPage=1")
    assert last[0]["orgPartNumber"] == "OWN-2"
    assert admin.get(f"{API}/customer/{customer}/items?sortBy[0].key=cost").status_code == 400


def test_a_deleted_customer_takes_its_items_and_locations_along(
    admin: httpx.Client, world: World, customer: str, hose: str
) -> None:
    made = _item(admin, customer, hose, price=1)
    place = admin.post(f"{API}/customer/{customer}/location/new/update", json={"city": "Leeds"}).json()
    assert admin.post(f"{API}/customer/{customer}/delete").status_code == 200
    kept = {entry.document["_id"]: entry.document for entry in world.dump(world.a)}
    for id_ in (made["_id"], place["_id"]):
        assert kept[id_]["deleted"] is True
        assert kept[id_]["deletedBy"]


# -- Excel ----------------------------------------------------------------------------------------------------------


def _export(client: httpx.Client, customer: str, **body: Any) -> list[list[Any]]:
    return _rows(_exported(client, customer, **body))


def _exported(client: httpx.Client, customer: str, **body: Any) -> bytes:
    response = client.post(f"{API}/customer/{customer}/items/export", json=body)
    assert response.status_code == 200, response.text
    return response.content


def _rows(content: bytes) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    found = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    book.close()
    return found


def _import(client: httpx.Client, content: bytes, query: str = "") -> Any:
    files = {"file": ("items.xlsx", content, "application/octet-stream")}
    response = client.post(f"{API}/customers/items/import{query}", files=files)
    assert response.status_code == 200, response.text
    return response.json()


def test_an_export_has_what_was_chosen_or_all_but_that(admin: httpx.Client, world: World, customer: str) -> None:
    hoses = [world.make(world.a, "hose") for _ in range(3)]
    made = [_item(admin, customer, hose, price=1) for hose in hoses]
    numbers = [entry["partNumber"] for entry in made]

    def column(**body: Any) -> set[Any]:
        return {row[2] for row in _export(admin, customer, **body)[1:]}

    assert column(selectAll=True) == set(numbers)
    assert column(selectAll=True, customerItems=[made[0]["_id"]]) == set(numbers[1:])
    assert column(selectAll=True, customerItems=[hoses[1]]) == {numbers[0], numbers[2]}
    assert column(selectAll=False, customerItems=[made[0]["_id"], hoses[1]]) == set(numbers[:2])
    assert column(selectAll=False) == set()


def _dicts(rows: list[Any]) -> list[dict[str, Any]]:
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_a_round_trip_changes_nothing(admin: httpx.Client, world: World, customer: str) -> None:
    for _ in range(2):
        _item(
            admin,
            customer,
            world.make(world.a, "hose"),
            price=19.99,
            discount=0.125,
            notes="a\nb",
            cost=3.5,
            costCurrency="USD",
            startDate="2026-01-31T10:20:30.456Z",
            endDate="2027-01-31",
            available=False,
            netPrice=0.1,
            netPriceCurrency="EUR",
            netPriceUnitOfMeasure="m",
            priority="1",
            erpId="007",
            unitOfMeasure="ft",
            quantityBreaks=[{"quantity": 10, "price": 0.09}, {"quantity": 50, "discountPercent": 12.5}],
        )
    before = _list(admin, customer)
    assert [row["Quantity breaks"] for row in _dicts(_export(admin, customer, selectAll=True))] == [
        "10: 0.09; 50: 12.5 %"
    ] * 2
    report = _import(admin, _exported(admin, customer, selectAll=True))
    assert (report["unchanged"], report["updated"], report["created"], report["failed"]) == (2, 0, 0, 0), report
    assert _list(admin, customer) == before


ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.none() | ZONES))  # noqa: DTZ001
def test_a_date_is_kept_as_the_day_that_is_written(moment: datetime) -> None:
    written = moment.isoformat()
    kept = CustomerItemChange(startDate=written).startDate
    assert kept is not None
    assert (kept[:10], kept[-1]) == (written[:10], "Z")
    assert CustomerItemChange(startDate=kept).startDate == kept
    assert cells.moment(kept) == kept or moment.year == 1900  # of which Excel is not sure


def test_days_of_a_sheet_are_those_that_are_written(
    admin: httpx.Client, world: World, customer: str, hose: str
) -> None:
    """As text with an offset, as a real date of Excel, and the last day of all; out again and in again unchanged."""
    item = admin.get(f"{API}/hose/{hose}").json()
    head = ("Customer", "Brand", "Part number", "Start date", "End date")
    for start, end, kept in (
        ("2026-06-01T00:00:00+02:00", "2026-06-30T23:59:59-05:00", ("2026-06-01T00:00", "2026-06-30T00:00")),
        (date(2026, 6, 1), datetime(2026, 6, 30, 14), ("2026-06-01T00:00", "2026-06-30T14:00")),  # noqa: DTZ001
        ("2026-06-30 08:00", "2026-06-30", ("2026-06-30T08:00", "2026-06-30T00:00")),
        ("2026-06-01", "9999-12-31", ("2026-06-01T00:00", "9999-12-31T00:00")),
    ):
        row = (customer, item["brand"], item["partNumber"], start, end)
        assert _import(admin, workbook_of("Customer items", [head, row]))["failed"] == 0
        (entry,) = _list(admin, customer)
        assert (entry["startDate"], entry["endDate"]) == tuple(f"{moment}:00.000Z" for moment in kept)
        assert _import(admin, _exported(admin, customer, selectAll=True))["unchanged"] == 1


def test_what_is_agreed_for_a_shared_item_comes_back_to_it(
    admin: httpx.Client, world: World, customer: str, hose: str
) -> None:
    """Though the organization has an item of its own with the same brand, part number and type."""

    async def share() -> str:
        store = world.served.store
        own = await store.repository(ITEMS, world.a.id).get(hose)
        assert own is not None
        twin = {**own.document, "_id": new_document({}, "test")["_id"], "organization": None}
        await store.repository(ITEMS, SHARED).insert(twin)
        return str(twin["_id"])

    shared = world.served.run(share())
    _item(admin, customer, shared, price=3)
    assert _import(admin, _exported(admin, customer, selectAll=True))["unchanged"] == 1
    assert [row["item"] for row in _list(admin, customer)] == [shared]


def test_the_edges_of_what_may_be_stored_come_back(admin: httpx.Client, world: World, customer: str) -> None:
    """Days that Excel cannot count, its last moment, and a text that would clear the field."""
    edges = [
        {"startDate": "1900-01-15", "endDate": "9999-12-31T23:59:59.999Z", "notes": "__clear__"},
        {"startDate": "1900-02-28T23:59:59.999Z", "endDate": "1900-03-01", "notes": "\\__clear__"},
        {"startDate": "1900-01-01T00:00:00Z", "endDate": "9999-12-31", "notes": "not __clear__"},
    ]
    for fields in edges:
        _item(admin, customer, world.make(world.a, "hose"), **fields)
    before = _list(admin, customer)
    content = _exported(admin, customer, selectAll=True)
    assert sorted(row["Notes"] for row in _dicts(_rows(content))) == ["\\\\__clear__", "\\__clear__", "not __clear__"]
    report = _import(admin, content)
    assert (report["unchanged"], report["updated"], report["failed"]) == (3, 0, 0), report
    assert _list(admin, customer) == before


def test_the_template_can_be_filled_in_and_imported(
    admin: httpx.Client, world: World, customer: str, hose: str
) -> None:
    template = admin.post(f"{API}/customers/items/exceltemplate")
    assert template.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(template.content))
    page = book.worksheets[0]
    headers = [cell.value for cell in page[1]]
    assert headers == _export(admin, customer, selectAll=True)[0]
    item = admin.get(f"{API}/hose/{hose}").json()
    who = admin.get(f"{API}/customer/{customer}").json()
    values = {
        "Customer": who["erpId"],
        "Brand": item["brand"].lower(),
        "Part number": item["partNumber"],
        "Net price": 12.5,
    }
    page.append([values.get(header) for header in headers])
    filled = io.BytesIO()
    book.save(filled)
    assert _import(admin, filled.getvalue(), "?dryRun=true")["created"] == 1
    assert _list(admin, customer) == []
    assert _import(admin, filled.getvalue())["created"] == 1
    entry = _list(admin, customer)[0]
    assert (entry["netPrice"], entry["recordSource"], entry["itemType"]) == (12.5, "import", "hose")
    assert _import(admin, filled.getvalue())["unchanged"] == 1


def test_rows_that_cannot_be_are_told(admin: httpx.Client, world: World, customer: str, hose: str) -> None:
    item = admin.get(f"{API}/hose/{hose}").json()
    brand, number = item["brand"], item["partNumber"]
    twins = [world.make(world.a, "customer") for _ in range(2)]
    for id_ in twins:
        admin.post(f"{API}/customer/{id_}/update", json={"name": "Twin"})
    fitting = admin.post(
        f"{API}/crimpfittings/create", json={"partNumber": number, "brand": brand, "hoseSize": "-8", "dashSize": "-8"}
    )
    assert fitting.status_code == 201, fitting.text
    rows = [
        ("Customer", "Brand", "Part number", "Item type", "Net price", "Start date", "End date", "Net price currency"),
        (customer, brand, number, "hose", 1, None, None, None),
        ("Nobody at all", brand, number, "hose", 1, None, None, None),
        ("twin", brand, number, "hose", 1, None, None, None),
        (customer, brand, "no such number", None, 1, None, None, None),
        (customer, brand, number, None, 1, None, None, None),
        (customer, brand, number, "wrap", 1, None, None, None),
        (twins[0], brand, number, "hose", 1, "2026-02-01", "2026-01-01", None),
        (twins[1], brand, number, "hose", -1, None, None, None),
        (twins[1], brand, number, "hose", 1, None, None, "XXX"),
        (customer, brand, number, "HOSE", 1, None, None, None),
    ]
    report = _import(admin, workbook_of("Customer items", rows))
    assert (report["created"], report["failed"]) == (1, 9), report
    assert [(entry["row"], entry["column"]) for entry in report["errors"]] == [
        (3, "Customer"),
        (4, "Customer"),
        (5, "Part number"),
        (6, "Item type"),
        (7, "Item type"),
        (8, "End date"),
        (9, "Net price"),
        (10, "Net price currency"),
        (11, None),
    ], report["errors"]


def test_a_row_is_told_all_that_is_wrong_with_it(admin: httpx.Client) -> None:
    header = ("Customer", "Brand", "Part number", "Net price", "Net price currency", "Quantity breaks")
    row = ("Nobody at all", "nobody", "nothing", -1, "XXX", "many")
    report = _import(admin, workbook_of("Customer items", [header, row]))
    columns = {error["column"] for error in report["errors"]}
    assert (report["failed"], columns) == (1, {"Customer", "Part number", "Net price", "Quantity breaks"})


def test_a_customer_whose_name_is_not_its_own_is_exported_by_what_is(
    admin: httpx.Client, world: World, hose: str
) -> None:
    twins = [admin.post(f"{API}/customers/create", json={"name": "Same name"}).json()["_id"] for _ in range(2)]
    _item(admin, twins[0], hose, price=1)
    exported = _exported(admin, twins[0], selectAll=True)
    assert _rows(exported)[1][0] == twins[0]
    assert _import(admin, exported)["unchanged"] == 1
    admin.post(f"{API}/customer/{twins[0]}/update", json={"erpId": "own-erp-id-1"})
    assert _export(admin, twins[0], selectAll=True)[1][0] == "own-erp-id-1"


def test_prices_agreed_are_used(admin: httpx.Client, world: World, customer: str, hose: str) -> None:
    """The price engine reads what these routes write."""
    fittings = [world.make(world.a, "crimpFitting") for _ in range(2)]
    asked = {
        "hoseId": hose,
        "end1Id": fittings[0],
        "end2Id": fittings[1],
        "length": 24,
        "lengthUnit": "in",
        "customerOrgId": customer,
        "quantity": 1,
    }
    _item(admin, customer, hose, netPrice=3, netPriceCurrency="USD", netPriceUnitOfMeasure="ft")
    answer = admin.post(f"{API}/hoseassembly/price", json=asked).json()
    line = next(line for line in answer["items"] if line["item"] == hose)
    assert line["unitPrice"] == 3, line
    _item(admin, customer, hose, endDate="2020-01-01")
    answer = admin.post(f"{API}/hoseassembly/price", json=asked).json()
    line = next(line for line in answer["items"] if line["item"] == hose)
    assert line["unitPrice"] != 3, line


def test_an_agreed_break_is_reached(admin: httpx.Client, world: World, customer: str, hose: str) -> None:
    """Ten feet at 3 dollars; from twenty feet on at 2."""
    breaks = [{"quantity": 20, "price": 2}]
    _item(admin, customer, hose, netPrice=3, netPriceCurrency="USD", netPriceUnitOfMeasure="ft", quantityBreaks=breaks)
    fittings = [world.make(world.a, "crimpFitting") for _ in range(2)]

    def hose_line(quantity: int) -> Any:
        asked = {
            "hoseId": hose,
            "end1Id": fittings[0],
            "end2Id": fittings[1],
            "length": 240,
            "lengthUnit": "in",
            "customerOrgId": customer,
            "quantity": quantity,
        }
        answer = admin.post(f"{API}/hoseassembly/price", json=asked).json()
        return next(line for line in answer["items"] if line["item"] == hose)

    few, many = hose_line(1), hose_line(3)
    assert (few["unitPrice"], many["unitPrice"]) == (3, 2), (few, many)

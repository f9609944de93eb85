"""Customers: what is kept, what clears, what is taken once, and what they look like in Excel."""

import asyncio
import io
from datetime import datetime
from typing import Any

import httpx
import openpyxl
import pytest
from hose_shop import Shop, without

FULL: dict[str, Any] = {
    "name": "Müller & Söhne",
    "domain": "mueller.example.com",
    "erpId": "D-1",
    "city": "Görlitz",
    "postalCode": "02826",
    "country": "Germany",
    "email": "a@mueller.example.com",
    "website": "https://mueller.example.com",
    "defaultLengthUnit": "Inches",
    "defaultPressureUnit": "bar",
    "defaultCurrency": "eur",
    "listPricing": True,
    "defaultMarginPercentMaterials": 30,
    "defaultDiscountPercentHoses": 12.5,
    "defaultItemPricing": [{"itemType": "hose", "defaultDiscountPercent": 5, "defaultMarginPercent": 40}],
}


def test_a_customer_is_kept_as_sent(own_shop: Shop) -> None:
    made = own_shop.admin.post("/customers/create", FULL, 201)
    assert {name: made[name] for name in FULL} == {**FULL, "defaultCurrency": "EUR"}
    assert own_shop.admin.get(f"/customer/{made['_id']}") == made
    assert own_shop.admin.post("/customers/create", {}, 201)["deleted"] is False
    assert own_shop.admin.post("/customers/create", {"params": {"name": None, "domain": None}}, 201)["_id"]


def test_absent_stays_null_clears(own_shop: Shop) -> None:
    made = own_shop.admin.post("/customers/create", FULL, 201)
    path = f"/customer/{made['_id']}/update"
    changed = own_shop.admin.post(
        path, {"params": {"domain": None, "city": "Bautzen", "country": {"countryName": "Poland"}}}
    )
    assert changed["country"] == {"countryName": "Poland"}
    same = ("domain", "city", "country", "lastModified", "lastModifiedBy")
    assert without(changed, *same) == without(made, *same)
    assert "domain" not in changed
    cleared = own_shop.admin.post(path, {"country": None, "defaultItemPricing": None, "erpId": None})
    assert not {"country", "defaultItemPricing", "erpId"} & cleared.keys()


def test_margins_are_for_admins(own_shop: Shop) -> None:
    id_ = own_shop.admin.post("/customers/create", FULL, 201)["_id"]
    seen = own_shop.as_("regular").get(f"/customer/{id_}")
    assert not [name for name in seen if "argin" in name]
    assert seen["defaultItemPricing"] == [{"itemType": "hose", "defaultDiscountPercent": 5}]
    (listed,) = own_shop.as_("restricted").get("/customers?search.erpId=d-1")["items"]
    assert "argin" not in str(listed)
    (key,) = own_shop.customer_key(None)
    key.get(f"/customer/{id_}", 403)


@pytest.mark.parametrize("sent", [[{"itemType": "Hose", "defaultDiscountPercent": 7}], [], None])
def test_who_sees_no_margins_cannot_wipe_them_out(own_shop: Shop, sent: object) -> None:
    rows = [
        {"itemType": "hose", "defaultDiscountPercent": 5, "defaultMarginPercent": 40},
        {"itemType": "wrap", "defaultDiscountPercent": 6, "defaultMarginPercent": 22, "listPricing": False},
        {"itemType": "ferrule", "defaultDiscountPercent": 8},
    ]
    id_ = own_shop.customer(defaultItemPricing=rows)
    own_shop.as_("regular").post(f"/customer/{id_}/update", {"defaultItemPricing": sent})
    hose = {"itemType": "hose", "defaultMarginPercent": 40} | ({"defaultDiscountPercent": 7} if sent else {})
    wrap = {"itemType": "wrap", "defaultMarginPercent": 22, "listPricing": False}
    assert own_shop.admin.get(f"/customer/{id_}")["defaultItemPricing"] == [hose, wrap]
    own_shop.admin.post(f"/customer/{id_}/update", {"defaultItemPricing": sent})
    kept = own_shop.admin.get(f"/customer/{id_}").get("defaultItemPricing")
    assert kept in ([{"itemType": "hose", "defaultDiscountPercent": 7}], [], None)


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([{"itemType": "hoses"}], "defaultItemPricing[0].itemType"),
        ([{"itemType": "hose"}, {"itemType": "crimp fitting"}], "defaultItemPricing[1].itemType"),
        ([{"itemType": "hose"}, {"itemType": "HOSE"}], "defaultItemPricing"),
        ([{"defaultDiscountPercent": 1}, {}], "defaultItemPricing"),
    ],
)
def test_default_prices_are_of_known_types_once_each(own_shop: Shop, rows: object, field: str) -> None:
    told = own_shop.admin.refused("/customers/create", {"name": "Bad", "defaultItemPricing": rows})
    assert list(told) == [field]
    assert own_shop.admin.refused("/pricelists/create", {"name": "Bad", "defaultItemPricing": rows}).keys() == {field}
    assert own_shop.admin.refused("/organization/update", {"defaultItemPricing": rows}).keys() == {field}


def test_a_type_of_default_prices_is_kept_as_goldleaf_spells_it(own_shop: Shop) -> None:
    id_ = own_shop.customer(defaultItemPricing=[{"itemType": " CRIMPfitting "}, {"itemType": "Labour"}, {}])
    kept = own_shop.admin.get(f"/customer/{id_}")["defaultItemPricing"]
    assert [row.get("itemType") for row in kept] == ["crimpFitting", "labour", None]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("website", "javascript:alert(1)"),
        ("defaultLengthUnit", "ell"),
        ("defaultPressureUnit", "atm"),
        ("defaultCurrency", "EURO"),
        ("defaultDiscountPercentHoses", 101),
        ("defaultMarginPercentLabour", 100),
        ("listPricing", "yes"),
        ("priceList", "1"),
        ("priceList", "f" * 24),
        ("name", "a\x00b"),
    ],
)
def test_malformed_fields_are_named_and_nothing_is_kept(own_shop: Shop, field: str, value: object) -> None:
    assert list(own_shop.admin.refused("/customers/create", {"name": "Bad", field: value})) == [field]
    assert own_shop.admin.get("/customers")["total"] == 0


def test_an_erp_id_is_taken_once(own_shop: Shop) -> None:
    first, second = own_shop.customer(erpId="ab-1"), own_shop.customer(erpId="AB-2")
    assert "erpId" in own_shop.admin.refused("/customers/create", {"erpId": "AB-1"})
    assert "erpId" in own_shop.admin.refused(f"/customer/{second}/update", {"erpId": "Ab-1"})
    own_shop.admin.post(f"/customer/{first}/delete")
    assert own_shop.admin.post(f"/customer/{second}/update", {"erpId": "Ab-1"})["erpId"] == "Ab-1"


def test_of_many_creates_of_one_erp_id_one_wins(own_shop: Shop) -> None:
    async def work() -> list[int]:
        transport = httpx.ASGITransport(own_shop.served.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://server/api/v1") as client:
            head = own_shop.admin.person.headers
            bodies = [{"erpId": "race" if n % 2 else "RACE"} for n in range(10)]
            found = await asyncio.gather(
                *(client.post("/customers/create", json=body, headers=head) for body in bodies)
            )
            return sorted(response.status_code for response in found)

    assert own_shop.served.run(work()) == [201] + [400] * 9


def test_deletion_is_soft_final_and_bound_to_a_state(own_shop: Shop) -> None:
    id_ = own_shop.customer()
    tag = own_shop.admin.send("GET", f"/customer/{id_}").headers["ETag"]
    own_shop.admin.post(f"/customer/{id_}/update", {"city": "X"})
    own_shop.admin.send("POST", f"/customer/{id_}/delete", status=412, If_Match=tag)
    own_shop.as_("regular").post(f"/customer/{id_}/delete", {}, 403)
    assert own_shop.admin.post(f"/customer/{id_}/delete")["success"] is True
    for path in (f"/customer/{id_}/delete", f"/customer/{id_}/update"):
        own_shop.admin.post(path, {}, 404)
    own_shop.admin.get(f"/customer/{id_}", 404)
    (gone,) = own_shop.admin.get("/customers?includeDeleted=true")["items"]
    assert gone["deleted"] is True
    assert gone["deletedBy"]


def test_names_for_pick_lists(own_shop: Shop) -> None:
    for name in ("zeta", "Ärger", "alpha"):
        own_shop.customer(name=name)
    assert [entry["name"] for entry in own_shop.admin.get("/customernames")] == ["alpha", "zeta", "Ärger"]
    assert own_shop.admin.get("/customernamess?search.name=ZE") == own_shop.admin.get("/customernames?search[name]=ze")


def test_the_export_has_typed_cells_and_no_margins_for_others(own_shop: Shop) -> None:
    shop = own_shop
    id_ = shop.admin.post("/customers/create", {**FULL, "comments": "=cmd()"}, 201)["_id"]
    shop.customer(name="Zwei")
    response = shop.admin.send("POST", "/customers/export", {"customers": [id_], "selectAll": False})
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    assert sheet.max_row == 2
    cells = {str(head.value): cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (cells["Name"].value, cells["Postal code"].value) == ("Müller & Söhne", "02826")
    assert (cells["Comments"].value, cells["Comments"].data_type) == ("=cmd()", "s")
    assert (cells["Discount % hoses"].value, cells["Margin % materials"].value) == (12.5, 30)
    assert cells["List pricing"].value is True
    assert isinstance(cells["Created"].value, datetime)
    rows = shop.as_("regular").sheet("/customers/export", {"customers": [], "selectAll": True})
    assert [row["Name"] for row in rows] == ["Müller & Söhne", "Zwei"]
    assert not [name for name in rows[0] if "argin" in name]
    assert (
        shop.admin.sheet("/customers/export", {"customers": [], "selectAll": True, "search": {"name": "zw"}})[0]["Name"]
        == "Zwei"
    )
    template = shop.admin.send("POST", "/customers/exceltemplate").content
    heads = [cell.value for cell in next(iter(openpyxl.load_workbook(io.BytesIO(template)).worksheets))[1]]
    # what is only shown cannot be filled in
    assert [name for name in cells if name not in heads] == ["Created", "Last modified"]

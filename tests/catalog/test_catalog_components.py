"""Components: items of each type in lists and in Excel, out and in again."""

import io
from typing import Any

import openpyxl
import pytest
from hose_shop import Shop

from brassleaf.catalog.kinds import Kind
from brassleaf.catalog.registry import KINDS
from brassleaf.http.answers import XLSX
from support.examples import workbook_of

EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.item_type)
#: What is asked of each type beside brand and part number, by the headers of its sheet.
NEEDED: dict[str, dict[str, Any]] = {
    "hose": {"Size": "-08", "Working pressure": 350, "Working pressure unit": "bar"},
    "crimpFitting": {"Hose size": '1/2"', "Cut-off mm": 21.5, "Swivel": "swivel", "One piece": True},
    "ferrule": {"Size": "-08", "Weight lb": 0.08},
    "wrap": {"Size": "25", "Wrap type": "sleeve", "Weight per length": 0.2, "Weight per length unit": "kg/m"},
    "adaptor": {"Shape": "straight", "End 1 style": "JIC 37", "End 1 size": "-08", "End 2 style": "NPT"},
    "otherItem": {"Item type": "bearing"},
}


def load(shop: Shop, kind: str, content: bytes, query: str = "", status: int = 200) -> dict[str, Any]:
    response = shop.world.client.post(
        f"/api/v1/components/import?componentType={kind}{query}",
        content=content,
        headers={**shop.admin.person.headers, "Content-Type": XLSX},
    )
    assert response.status_code == status, response.text
    return dict(response.json())


def rows_of(*rows: dict[str, Any]) -> bytes:
    heads = list(dict.fromkeys(head for row in rows for head in row))
    return workbook_of("Items", [heads, *([row.get(head) for head in heads] for row in rows)])


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    assert not report["failed"] or report["errors"], report
    return report["created"], report["updated"], report["unchanged"], report["failed"]


@EVERY_KIND
def test_a_round_trip_of_every_type(own_shop: Shop, kind: Kind) -> None:
    shop, type_ = own_shop, kind.item_type
    needed = {name: "-08" for name in kind.required if name not in ("partNumber", "brand")}
    shared = {**needed, "description": "of the book"}
    shop.keep_item(type_, f"BOOK-{shop.number}", "Book", shared, shared=True)
    made = {"Part number": "NEW-1", "Brand": "Imported", **NEEDED[type_], "Cost": 3.25, "List price": 8}
    report = load(shop, type_, rows_of(made, {**made, "Part number": "NEW-2", "Organization part number": "O-2"}))
    assert counts(report) == (2, 0, 0, 0), report
    (item,) = [
        row for row in shop.admin.get(f"/organization/{kind.paths.custom}?limit=100")["items"]
        if row["partNumber"] == "NEW-2"
    ]  # fmt: skip
    assert (item["cost"], item["listPrice"], item["orgPartNumber"], item["custom"]) == (3.25, 8, "O-2", True)
    asked = {"components": [], "componentType": type_, "selectAll": True, "search": None}
    content = shop.admin.send("POST", "/components/export", asked).content
    rows = {row["Part number"]: row for row in shop.admin.sheet("/components/export", asked)}
    assert {head: rows["NEW-1"][head] for head in made} == made
    assert rows[f"BOOK-{shop.number}"]["Own"] is False
    # what was exported changes nothing when it comes back
    report = load(shop, type_, content)
    assert counts(report)[0::3] == (0, 0), report
    assert report["updated"] == 0
    # and what was changed in between is changed, of the shared item the organization's words only
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    for line in sheet.iter_rows(min_row=2):
        if line[0].value in ("NEW-1", f"BOOK-{shop.number}"):
            line[heads.index("Priority")].value = "first"
        if line[0].value == "NEW-1":
            line[heads.index("Description")].value = "changed"
    changed = io.BytesIO()
    book.save(changed)
    assert counts(load(shop, type_, changed.getvalue()))[1] == 2
    one = {row["partNumber"]: row for row in shop.admin.get(f"/organization/{kind.paths.many}?limit=100")["items"]}
    assert (one["NEW-1"]["description"], one["NEW-1"]["priority"], one["NEW-1"]["cost"]) == ("changed", "first", 3.25)
    assert one[f"BOOK-{shop.number}"]["priority"] == "first"
    assert one[f"BOOK-{shop.number}"]["custom"] is False


@EVERY_KIND
def test_templates_have_the_columns_of_the_export(shop: Shop, kind: Kind) -> None:
    content = shop.admin.send("POST", "/components/exceltemplate", {"componentType": kind.item_type}).content
    heads = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0][1]]
    assert heads[:2] == ["Part number", "Brand"]
    assert {"Cost", "List price", *NEEDED[kind.item_type]} <= set(heads)
    shop.as_("regular").post("/components/exceltemplate", {"componentType": kind.item_type}, 403)


def test_rows_that_cannot_be_are_named(own_shop: Shop) -> None:
    shop = own_shop
    shop.keep_item("hose", f"B-{shop.number}", "Book", {"size": "-08", "hoseDash": 8}, shared=True)
    rows = rows_of(
        {"Part number": "OK", "Brand": "X", "Size": "-08"},
        {"Part number": f"B-{shop.number}", "Brand": "book", "Size": "-12"},
        {"Part number": "BAD", "Brand": "X", "Size": "-08", "Working pressure": 350},
        {"Part number": "UNIT", "Brand": "X", "Size": "-08", "Unit of measure": "ell"},
        {"Part number": "ok", "Brand": "x", "Size": "-08"},
        {"Part number": "2SN-08", "Brand": "Gates", "Size": "-08", "Description": "known"},
    )
    report = load(shop, "hose", rows)
    assert counts(report) == (1, 1, 0, 4), report
    assert {(error["row"], error["column"]) for error in report["errors"]} == {
        (3, "Size"), (4, "Working pressure unit"), (5, "Unit of measure"), (6, None)
    }  # fmt: skip
    made = shop.admin.get("/organization/customhoses?search.partNumber=ok")["items"]
    assert [(item["hoseDash"], item["missing"]) for item in made] == [(8, ["workingPressure", "crimpSpecs"])]
    hose = shop.admin.get(f"/hose/{shop.hose}")
    assert (hose["description"], hose["cost"], len(hose["crimpSpecs"])) == ("known", 3.111, 1)
    for kind in ("", "bolt"):
        assert "componentType" in load(shop, kind, rows, status=400)["message"]


def test_cells_clear_and_ends_go(own_shop: Shop) -> None:
    shop = own_shop
    first = {"Part number": "A", "Brand": "X", "Shape": "tee", "End 1 style": "NPT", "End 2 style": "JIC 37", "Cost": 2}
    assert counts(load(shop, "adaptor", rows_of({**first, "End 2 swivel": "swivel"})))[0] == 1
    again = {"Part number": "A", "Brand": "X", "Shape": "tee", "End 2 swivel": "__clear__", "Cost": "__clear__"}
    assert counts(load(shop, "adaptor", rows_of(again)))[1] == 1
    (item,) = shop.admin.get("/organization/customadaptors")["items"]
    assert item["ends"] == [{"style": "NPT"}, {"style": "JIC 37"}]
    assert "cost" not in item
    assert counts(load(shop, "adaptor", rows_of({**again, "End 1 style": "__clear__"})))[1] == 1
    assert shop.admin.get(f"/adaptor/{item['_id']}")["ends"] == [{"style": "JIC 37"}]
    assert counts(load(shop, "adaptor", rows_of({**again, "Shape": "__clear__"})))[3] == 1


def test_the_type_may_stand_in_the_form(own_shop: Shop) -> None:
    shop = own_shop
    file = ("f.xlsx", rows_of({"Part number": "F", "Brand": "X", "Size": "-08"}), XLSX)
    for data in ({"componentType": "ferrule"}, {"componentType": "FERRULE", "other": "x" * 5000}):
        response = shop.world.client.post(
            "/api/v1/components/import", files={"file": file}, data=data, headers=shop.admin.person.headers
        )
        assert response.status_code == 200, response.text
    assert [item["partNumber"] for item in shop.admin.get("/organization/customferrules")["items"]] == ["8PC2F", "F"]


def test_the_export_takes_what_was_chosen(own_shop: Shop) -> None:
    shop = own_shop
    shop.make_hose("RED", brand="Red", colourHose="signal red")

    def exported(**asked: Any) -> list[str]:
        body = {"components": [], "componentType": "hose", "selectAll": True, **asked}
        return [row["Part number"] for row in shop.admin.sheet("/components/export", body)]

    own = {"2SN-08", "RED"}
    assert own <= set(exported())
    assert exported(selectAll=False, components=[shop.hose, None, shop.end1]) == ["2SN-08"]
    assert exported(search={"brand": "re", "colour": "RED", "partNumber": None}) == ["RED"]
    assert exported(componentType="crimpfitting", search={"dashSize": "08", "partNumber": "8MJ"}) == ["8PC-8MJ"]
    body = {"components": [], "componentType": "bolt", "selectAll": True}
    assert list(shop.admin.refused("/components/export", body)) == ["componentType"]
    shop.as_("regular").post("/components/export", {**body, "componentType": "hose"}, 403)


def test_components_are_listed_by_type_and_by_what_any_type_has(own_shop: Shop) -> None:
    shop = own_shop
    ends = [{"style": "NPT", "gender": "male", "dashSize": "-24"}]
    shop.admin.post("/adaptors/create", {"partNumber": "AD", "brand": "X", "shape": "tee", "ends": ends}, 201)

    def listed(query: str) -> set[str]:
        return {row["partNumber"] for row in shop.admin.get(f"/organization/components?limit=1000&{query}")["items"]}

    assert listed("componentType=hose&componentType=wrap&search[brand]=g") >= {"2SN-08", "SG-25"}
    assert "8PC2F" not in listed("componentType=hose&componentType=wrap")
    assert listed("search[dashSize]=24") == {"AD"}
    assert listed("componentType=ferrule&search[size]=08&search[brand]=gates") == {"8PC2F"}
    (anyone,) = shop.customer_key(None)
    anyone.get("/organization/components", 403)

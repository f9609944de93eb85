"""Data sheet, bill of materials and export over HTTP: read back by pypdf and openpyxl."""

import io
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from hose_shop import SPEC, Shop


def test_the_data_sheet_says_what_a_shop_hands_over(shop: Shop) -> None:
    made = shop.assembly(proofTest=True, comments="Cap both ends.", printText="HA WP 3000 PSI")
    printed = shop.admin.pdf(f"/hoseassembly/{made['_id']}/datasheet", {"params": {"showPricing": True}})
    expected = (
        made["partNumber"], "36 in", "914.4 mm", "32.25 in", "±0.25 in", "P32/45", "31.62 mm", "±0.15 mm", "38 mm",
        "3000 psi", "6000 psi", "EN 853 2SN", "8PC-8FJX", "8PC-8MJ", "8PC2F", "Cap both ends.", "HA WP 3000 PSI",
        "42.10", "17.20",
    )  # fmt: skip
    for text in expected:
        assert text in printed, text


def test_no_cost_is_printed_for_anybody(shop: Shop) -> None:
    id_ = shop.assembly()["_id"]
    for client in (shop.admin, shop.as_("regular"), shop.as_("restricted")):
        printed = client.pdf(f"/hoseassembly/{id_}/datasheet", {"showPricing": True})
        for figure in ("3.11", "4.22", "0.777", "20.36", "51.64", "ost"):
            assert figure not in printed, (client.person.label, figure)


def test_a_customer_s_data_sheet_has_its_prices(shop: Shop) -> None:
    buyer = shop.customer(defaultDiscountPercentMaterials=20)
    (mine,) = shop.customer_key(buyer)
    id_ = shop.assembly(customerOrgId=buyer)["_id"]
    printed = mine.pdf(f"/hoseassembly/{id_}/datasheet", {"showPricing": True, "quantity": 10})
    assert "34.68" in printed
    assert "346.80 USD" in printed


def test_the_sheet_in_metric_and_without_crimp_data(shop: Shop) -> None:
    id_ = shop.assembly()["_id"]
    sheet = {"lengthUnit": "mm", "paper": "a4", "showCrimpSpecs": False}
    printed = shop.admin.pdf(f"/hoseassembly/{id_}/datasheet", sheet)
    assert "914.4 mm" in printed
    assert "P32/45" not in printed
    assert "lengthUnit" in shop.admin.refused(f"/hoseassembly/{id_}/datasheet", {"lengthUnit": "ell"})


def test_sample_figures_are_marked_in_words(shop: Shop) -> None:
    spec = {**SPEC, "sampleData": ["crimpDiam", "dieSize"]}
    hose = shop.make_hose("DEMO-08", crimpSpecs=[{**spec, "couplingSeries": "XX"}, spec], sampleData=["outerDiammm"])
    id_ = shop.assembly(hose=hose)["_id"]
    printed = shop.admin.pdf(f"/hoseassembly/{id_}/datasheet")
    assert "Hose: outside diameter" in printed
    assert "End 1 and End 2: crimp data: crimp diameter, die" in printed


def test_the_size_and_bore_of_the_hose_are_read_however_they_are_spelled(shop: Shop) -> None:
    hose = shop.make_hose("HALF-INCH", size='1/2"', DN="DN12")
    printed = shop.admin.pdf(f"/hoseassembly/{shop.assembly(hose=hose)['_id']}/datasheet")
    assert "-08 / 1/2 in / DN 12" in printed
    r5 = shop.make_hose("R5-SHEET", saeSpec="SAE 100R5")
    assert "-08 / 13/32 in" in shop.admin.pdf(f"/hoseassembly/{shop.assembly(hose=r5)['_id']}/datasheet")


def test_offset_and_its_tolerance(shop: Shop) -> None:
    id_ = shop.assembly(end1=shop.bent1, end2=shop.bent2, orientationAngle=225, length=20)["_id"]
    assert "225° ±3°" in shop.admin.pdf(f"/hoseassembly/{id_}/datasheet")
    longer = shop.assembly(end1=shop.bent1, end2=shop.bent2, orientationAngle=225, length=30)["_id"]
    assert "225° ±5°" in shop.admin.pdf(f"/hoseassembly/{longer}/datasheet")


def test_a_sheet_of_yen_has_no_cents(shop: Shop) -> None:
    id_ = shop.assembly()["_id"]
    sheet = {"showPricing": True, "currency": "JPY", "quantity": 3}
    assert "18,945 JPY" in shop.admin.pdf(f"/hoseassembly/{id_}/datasheet", sheet)  # 42.10 x 150 x 3


# -- bills of material ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("settings", "feet"), [({}, 32.25), ({"scrapPercent": 5}, 33.8625), ({"kerf": 0.125}, 32.375)])
def test_the_bill_of_the_worked_example(world: Any, settings: dict[str, float], feet: float) -> None:
    shop = Shop(world, **settings)
    id_ = shop.assembly()["_id"]
    path = f"/hoseassembly/{id_}/getBillOfMaterials"
    hose, end1, end2, ferrules = shop.admin.sheet(path, {"format": "excel", "quantity": 12})
    assert (hose["Quantity"], hose["Unit of measure"], hose["Part number"]) == (feet, "ft", "2SN-08")
    assert hose["Quantity per assembly"] == round(feet / 12, 4)
    assert [(line["Quantity per assembly"], line["Quantity"]) for line in (end1, end2, ferrules)] == [
        (1, 12), (1, 12), (2, 24)
    ]  # fmt: skip
    printed = shop.admin.pdf(path, {"params": {"format": "pdf", "quantity": 12}})
    assert str(feet) in printed
    assert "8PC2F" in printed


def test_equal_ends_merge_and_the_hose_counts_in_its_own_unit(own_shop: Shop) -> None:
    own_shop.admin.post(
        f"/organization/hose/{own_shop.hose}/update", {"unitOfMeasure": "m", "listPriceUnitOfMeasure": "ft"}
    )
    id_ = own_shop.assembly(end2=own_shop.end1, length=35.25)["_id"]  # two of 1.50: again 32.25 cut
    hose, ends, ferrules = own_shop.admin.sheet(
        f"/hoseassembly/{id_}/getBillOfMaterials", {"format": "excel", "quantity": 12}
    )
    assert (hose["Quantity"], hose["Unit of measure"]) == (9.8298, "m")
    assert (ends["Quantity per assembly"], ends["Quantity"], ferrules["Quantity"]) == (2, 24, 24)


def test_bills_are_refused_by_field(shop: Shop) -> None:
    path = f"/hoseassembly/{shop.assembly()['_id']}/getBillOfMaterials"
    assert list(shop.admin.refused(path, {})) == ["format"]
    assert list(shop.admin.refused(path, {"format": "word"})) == ["format"]
    assert list(shop.admin.refused(path, {"format": "pdf", "quantity": 0})) == ["quantity"]


# -- export -----------------------------------------------------------------------------------------------------------


def test_the_export_has_typed_cells(own_shop: Shop) -> None:
    shop = own_shop
    made = shop.assembly(partNumber="=1+1", comments="-08", proofTest=True, tag="+49")
    response = shop.admin.send("POST", "/hoseassemblies/export", {"hoseAssemblies": [made["_id"]], "selectAll": False})
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    cells = {str(head.value): cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (cells["Part number"].value, cells["Part number"].data_type) == ("=1+1", "s")
    assert (cells["Comments"].value, cells["Tag"].value) == ("-08", "+49")
    assert (cells["Length"].value, cells["Cut length"].value, cells["Weight lbs"].value) == (36, 32.25, 1.40625)
    assert (cells["Working pressure"].value, cells["Pressure unit"].value) == (3000, "psi")
    assert cells["Proof test"].value is True
    assert isinstance(cells["Last modified"].value, datetime)
    assert cells["Version"].value == 1
    assert sheet.freeze_panes is not None
    assert sheet["A1"].font.bold


def test_the_export_of_all_follows_the_search(own_shop: Shop) -> None:
    for number, tag in (("A-1", "red"), ("B-2", "blue"), ("B-3", "red")):
        own_shop.assembly(partNumber=number, tag=tag)

    def numbers(**body: Any) -> list[str]:
        rows = own_shop.admin.sheet("/hoseassemblies/export", {"hoseAssemblies": [], **body})
        return [row["Part number"] for row in rows]

    assert numbers(selectAll=True) == ["A-1", "B-2", "B-3"]
    assert numbers(selectAll=True, search={"tag": "RED"}) == ["A-1", "B-3"]
    assert numbers(selectAll=True, search={"tag": "red", "partNumber": "b", "status": "under editing"}) == ["B-3"]
    assert numbers(selectAll=False) == []
    assert "selectAll" in own_shop.admin.refused("/hoseassemblies/export", {"hoseAssemblies": []})
    strange = own_shop.admin.sheet("/hoseassemblies/export", {"hoseAssemblies": ["f" * 24], "selectAll": False})
    assert strange == []

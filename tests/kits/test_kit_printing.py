"""Bill of materials, labels, Marken and Parker PTS files of kits."""

import csv
import io
from typing import Any

import pytest
from hose_shop import END_PRICES, SPEC, Shop
from kit_shop import adaptor, kit, other_item
from pypdf import PdfReader

from brassleaf.assemblies.models import ASSEMBLIES


def pages(shop: Shop, path: str, body: Any = None) -> list[str]:
    content = shop.admin.send("POST", path, body).content
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def rows(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_the_bill_takes_the_assemblies_apart(own_shop: Shop) -> None:
    """domain.md section 8: 12 x 32.25 in of hose is 32.25 ft; four more of 30 in make it 42.25 ft."""
    shop = own_shop
    long, short = shop.assembly(), shop.assembly(definedByCutLength=True, length=30)
    thing, clamp = adaptor(shop, orgPartNumber="OWN-AD"), other_item(shop)
    made = kit(
        shop,
        revision="B",
        hoseAssemblies=[{"item": long["_id"], "quantity": 12}, {"item": short["_id"], "quantity": 4}],
        adaptors=[{"item": thing, "quantity": 3}],
        otherItems=[{"item": clamp}],
    )
    path = f"/hosekit/{made['_id']}/getBillOfMaterials"
    sheet = shop.admin.sheet(path, {"format": "excel"})
    assert [(row["Item type"], row["Part number"][:8], row["Quantity"], row["Unit of measure"]) for row in sheet] == [
        ("hose", "2SN-08", 42.25, "ft"), ("crimpFitting", "8PC-8FJX", 16, "each"),
        ("crimpFitting", "8PC-8MJ", 16, "each"), ("ferrule", "8PC2F", 32, "each"),
        ("adaptor", sheet[4]["Part number"], 3, "each"), ("otherItem", sheet[5]["Part number"], 1, "each"),
    ]  # fmt: skip
    assert sheet[4]["Own part number"] == "OWN-AD"
    double = shop.admin.sheet(path, {"params": {"format": "excel", "quantity": 2}})
    assert (double[0]["Quantity per kit"], double[0]["Quantity"]) == (42.25, 84.5)
    (page,) = pages(shop, path, {"format": "pdf", "quantity": 2})
    for text in (f"{made['partNumber']}-B", "2SN-08", "84.5", "OWN-AD", "Bill of materials"):
        assert text in page, text
    # with 1/8 in of kerf for each of the 16 cuts it is 2 in more
    shop.admin.post("/organization/update", {"kerf": 0.125})
    assert shop.admin.sheet(path, {"format": "excel"})[0]["Quantity"] == round(42.25 + 2 / 12, 4)
    for wrong in ({}, {"format": "word"}):
        assert list(shop.admin.refused(path, wrong)) == ["format"]


def test_papers_name_each_line_that_stands_in_their_way(shop: Shop) -> None:
    good, gone, broken = (shop.assembly() for _ in range(3))
    made = kit(shop, hoseAssemblies=[{"item": each["_id"]} for each in (good, gone, broken)])["_id"]
    shop.admin.post(f"/hoseassembly/{gone['_id']}/delete")
    shop.change(ASSEMBLIES, broken["_id"], length=1)
    for call, body in (("getBillOfMaterials", {"format": "pdf"}), ("labels", {}), ("getmarkenfile", {})):
        refused = shop.admin.refused(f"/hosekit/{made}/{call}", body)
        assert list(refused) == ["hoseAssemblies[1].item", "hoseAssemblies[2].item"]
        assert "not there any more" in refused["hoseAssemblies[1].item"][0]


def test_labels_of_every_piece(shop: Shop) -> None:
    one, two = shop.assembly(customerPartNumber="C-77", revision="B"), shop.assembly()
    made = kit(
        shop, hoseAssemblies=[{"item": one["_id"], "quantity": 2}, {"item": two["_id"], "quantity": 1}],
        adaptors=[{"item": adaptor(shop), "quantity": 5}],
    )  # fmt: skip
    path = f"/hosekit/{made['_id']}/labels"
    found = pages(shop, path)
    numbers = [one["partNumber"], one["partNumber"], two["partNumber"]]
    assert [number in page for number, page in zip(numbers, found, strict=True)] == [True] * 3
    assert all(made["partNumber"] in page for page in found)  # the kit that the piece belongs to
    for text in (f"{one['partNumber']}-B", "C-77", one["description"][:12]):
        assert text in found[0], text
    size = PdfReader(io.BytesIO(shop.admin.send("POST", path).content)).pages[0].mediabox
    assert (float(size.width), float(size.height)) == (288, 432)  # 4 x 6 in
    asked = {"params": {"numCopies": 2, "numHoseAssemblies": 2, "numbered": True, "serialNumberStart": 7}}
    found = pages(shop, path, asked)
    assert [("1 of 2 S/N 7" in page, "2 of 2 S/N 8" in page) for page in found] == [
        (True, False), (True, False), (False, True), (False, True),
    ]  # fmt: skip
    assert len(pages(shop, path, {"numHoseAssemblies": 99})) == 3
    zpl = shop.admin.send("POST", path, {"format": "zpl", "labelSize": "2x3"})
    assert zpl.headers["content-type"] == "application/zpl"
    assert zpl.text.count("^XA") == 3


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"numCopies": 0}, "numCopies"), ({"numHoseAssemblies": 0}, "numHoseAssemblies"),
     ({"labelSize": "9x9"}, "labelSize"), ({"numCopies": 2_000}, "numCopies")],
)  # fmt: skip
def test_labels_that_cannot_be(shop: Shop, asked: dict[str, object], field: str) -> None:
    made = kit(shop, hoseAssemblies=[{"item": shop.assembly()["_id"], "quantity": 2}])["_id"]
    assert field in shop.admin.refused(f"/hosekit/{made}/labels", asked)


def test_a_kit_without_assemblies_has_no_labels_and_no_files(shop: Shop) -> None:
    made = kit(shop, adaptors=[{"item": adaptor(shop)}])["_id"]
    for call in ("labels", "getmarkenfile", "getparkerptsfile"):
        assert list(shop.admin.refused(f"/hosekit/{made}/{call}")) == ["hoseAssemblies"]


def test_the_marken_file_has_a_line_for_each_assembly(shop: Shop) -> None:
    one, two = shop.assembly(printText="ONE"), shop.assembly(printText="TWO", length=40)
    made = kit(shop, hoseAssemblies=[{"item": one["_id"], "quantity": 3}, {"item": two["_id"]}])
    answer = shop.admin.send("POST", f"/hosekit/{made['_id']}/getmarkenfile", {"params": {"quantity": 2}})
    assert f"{made['partNumber']}.txt" in answer.headers["Content-Disposition"]
    assert answer.text == "ONE;32.25;6\r\nTWO;36.25;2\r\n"
    tenth = kit(shop, hoseAssemblies=[{"item": one["_id"], "quantity": 0.1}])["_id"]
    assert shop.admin.send("POST", f"/hosekit/{tenth}/getmarkenfile", {"quantity": 3}).text == "ONE;32.25;0.3\r\n"
    bill = shop.admin.sheet(f"/hosekit/{tenth}/getBillOfMaterials", {"format": "excel", "quantity": 3})
    assert bill[1]["Quantity"] == 0.3


def test_the_parker_file_has_what_is_parkers(shop: Shop) -> None:
    hose = shop.make_hose("487TC-8", brand="Parker", crimpSpecs=[{**SPEC, "couplingSeriesBrand": "Parker"}])
    end = shop.admin.post(
        "/crimpfittings/create",
        {"partNumber": "10678-8-8", "brand": "Parker", "hoseSize": "-08", "series": "PC", "cutOffmm": 38.1,
         "workingPressure": {"value": 3000, "unit": "psi"}}, 201,
    )["_id"]  # fmt: skip
    shop.admin.post(f"/organization/crimpfitting/{end}/update", END_PRICES)
    parker = shop.assembly(hose=hose, end1=end, end2=end, ferrule1=None, ferrule2=None)
    gates = shop.assembly()
    made = kit(shop, hoseAssemblies=[{"item": gates["_id"]}, {"item": parker["_id"], "quantity": 2}])["_id"]
    head, *found = rows(shop.admin.send("POST", f"/hosekit/{made}/getparkerptsfile", {"quantity": 3}).text)
    (row,) = [dict(zip(head, each, strict=True)) for each in found]
    assert (row["AssemblyPartNumber"], row["HosePartNumber"], row["Quantity"]) == (parker["partNumber"], "487TC-8", "6")
    none = kit(shop, hoseAssemblies=[{"item": gates["_id"]}])["_id"]
    refused = shop.admin.refused(f"/hosekit/{none}/getparkerptsfile")
    assert list(refused) == ["hoseAssemblies[0].item"]
    assert len(refused["hoseAssemblies[0].item"]) == 3  # hose and both ends


def test_the_data_sheet_of_a_kit(shop: Shop) -> None:
    """domain.md sections 3, 6 and 9: 36 in with 32.25 in of hose, 3000 psi, 42.10 each."""
    assembly, thing = shop.assembly(revision="C", comments="Mind the <lay line>"), adaptor(shop)
    made = kit(
        shop, revision="A", description="Loader, boom", comments="Pack in one box", customerName="Pump House",
        hoseAssemblies=[{"item": assembly["_id"], "quantity": 2, "comments": "left and right"}],
        adaptors=[{"item": thing}],
    )  # fmt: skip
    path = f"/hosekit/{made['_id']}/getHoseKitDataSheet"
    answer = shop.admin.send("POST", path)
    assert f"{made['partNumber']}_A.pdf" in answer.headers["Content-Disposition"]
    (page,) = pages(shop, path, {"params": {"includePrice": True}})
    for text in (
        f"{made['partNumber']}-A", "DRAFT", "Pump House", "Loader, boom", "Pack in one box", "left and right",
        f"{assembly['partNumber']}-C", "2SN-08", "8PC-8FJX", "8PC-8MJ", "36 in (914.4 mm)", "3000 psi",
        "Mind the <lay line>", "42.10", "84.20", "88.45",
    ):  # fmt: skip
        assert text in page, text
    (bare,) = pages(shop, path, {"includeHoseAssemblies": False})
    assert "8PC-8FJX" not in bare
    assert "88.45" not in bare
    assert "914.4 mm (36 in)" in pages(shop, path, {"lengthUnit": "mm", "paper": "a4"})[0]
    shop.admin.post(f"/hoseassembly/{assembly['_id']}/release")
    shop.admin.post(f"/hosekit/{made['_id']}/release")
    (final,) = pages(shop, path)
    assert "DRAFT" not in final
    assert "released" in final


def test_prices_below_a_cent_are_printed_as_they_are(shop: Shop) -> None:
    made = kit(
        shop,
        adaptors=[
            {"item": adaptor(shop, listPrice=price), "quantity": 1000} for price in (0.004, 0.125, 0.00004, 0.31337)
        ],
    )["_id"]
    text = shop.admin.pdf(f"/hosekit/{made}/getHoseKitDataSheet", {"includePrice": True})
    # of 1000 each: 4.00, 125.00, 0.04 and 313.37
    for row in ("1000 each 0.004 4.00", "1000 each 0.125 125.00", "1000 each 0.00004 0.04", "1000 each 0.3134 313.37"):
        assert row in text, text
    assert "442.41" in text


def test_papers_of_kits_follow_the_delimiter_of_the_shop(own_shop: Shop) -> None:
    shop = own_shop
    assembly = shop.assembly(revision="C")
    made = kit(shop, revision="A", hoseAssemblies=[{"item": assembly["_id"]}])
    shop.admin.post("/organization/update", {"revisionDelimiter": " / "})
    path, kit_named, named = f"/hosekit/{made['_id']}", f"{made['partNumber']} / A", f"{assembly['partNumber']} / C"
    (page,) = pages(shop, f"{path}/getHoseKitDataSheet", {"includePrice": True})
    assert (kit_named in page, page.count(named)) == (True, 3)  # among the lines, over its facts, among the prices
    assert kit_named in pages(shop, f"{path}/getBillOfMaterials", {"format": "pdf"})[0]
    (label,) = pages(shop, f"{path}/labels")
    assert (kit_named in label, named in label) == (True, True)
    text = shop.admin.send("POST", f"{path}/getmarkenfile").text
    assert text.startswith(f"{named} WP ")


def test_a_customer_s_data_sheet(shop: Shop) -> None:
    mine, other = shop.customer(defaultDiscountPercentMaterials=20), shop.customer()
    own, theirs = shop.assembly(customerOrgId=mine), shop.assembly(customerOrgId=other, comments="not for others")
    made = kit(shop, customerOrgId=mine, hoseAssemblies=[{"item": own["_id"]}, {"item": theirs["_id"]}])["_id"]
    me, them = shop.customer_key(mine, other)
    text = me.pdf(f"/hosekit/{made}/getHoseKitDataSheet", {"includePrice": True})
    assert "34.68" in text  # domain.md section 9, as this customer buys
    assert theirs["partNumber"] in text
    assert "not for others" not in text
    them.post(f"/hosekit/{made}/getHoseKitDataSheet", {}, 404)


def test_papers_are_for_the_shop(shop: Shop) -> None:
    mine = shop.customer()
    made = kit(shop, customerOrgId=mine, hoseAssemblies=[{"item": shop.assembly()["_id"]}])["_id"]
    (me,) = shop.customer_key(mine)
    for call in ("getBillOfMaterials", "labels", "getmarkenfile", "getparkerptsfile"):
        me.post(f"/hosekit/{made}/{call}", {"format": "pdf"}, 403)
    shop.as_("restricted").send("POST", f"/hosekit/{made}/labels")

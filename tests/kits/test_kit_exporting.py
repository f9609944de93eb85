"""Kits as a workbook: a row for each line, the newest versions of those that a search finds."""

from typing import Any

from hose_shop import Shop
from kit_shop import adaptor, kit
from test_assembly_lifecycle import released


def exported(shop: Shop, **asked: Any) -> list[dict[str, Any]]:
    return shop.admin.sheet("/hosekits/export", {"hoseKits": [], "selectAll": True, **asked})


def test_a_kit_has_a_row_for_each_line(own_shop: Shop) -> None:
    shop = own_shop
    assembly, thing = shop.assembly(revision="C"), adaptor(shop, orgPartNumber="OWN-1")
    made = kit(
        shop, partNumber="K-1", revision="A", description="=boom", customerName="Pump House",
        hoseAssemblies=[{"item": assembly["_id"], "quantity": 2, "comments": "left", "order": 9}],
        adaptors=[{"item": thing, "quantity": 1.5, "order": 1}],
    )["_id"]  # fmt: skip
    kit(shop, partNumber="K-2")
    first, second, empty = exported(shop)
    assert (first["Kit part number"], first["Kit revision"], first["Kit description"]) == ("K-1", "A", "=boom")
    assert (first["Item type"], first["Own part number"], first["Quantity"]) == ("adaptor", "OWN-1", 1.5)
    assert (second["Item type"], second["Part number"], second["Revision"], second["Quantity"]) == (
        "hoseAssembly", assembly["partNumber"], "C", 2,
    )  # fmt: skip
    assert (second["Line comments"], second["Item status"], second["Customer"]) == (
        "left", "under editing", "Pump House",
    )  # fmt: skip
    assert (empty["Kit part number"], empty["Item type"]) == ("K-2", None)
    assert [row["Kit part number"] for row in exported(shop, search={"customerName": "pump"})] == ["K-1", "K-1"]
    assert exported(shop, search={"status": "released"}) == []
    assert [row["Item type"] for row in exported(shop, hoseKits=[made], selectAll=False)] == ["adaptor", "hoseAssembly"]


def test_an_export_of_all_takes_the_newest_versions(own_shop: Shop) -> None:
    shop = own_shop
    made = kit(shop, hoseAssemblies=[{"item": released(shop)}])["_id"]
    shop.admin.post(f"/hosekit/{made}/release")
    shop.admin.post(f"/hosekit/{made}/newversion")
    assert [(row["Version"], row["Status"]) for row in exported(shop)] == [(2, "under editing")]
    assert [(row["Version"], row["Status"]) for row in exported(shop, hoseKits=[made], selectAll=False)] == [
        (1, "superseded")
    ]


def test_what_an_export_needs(shop: Shop, own_shop: Shop) -> None:
    assert list(shop.admin.refused("/hosekits/export", {})) == ["hoseKits", "selectAll"]
    shop.customer_key(None)[0].post("/hosekits/export", {"hoseKits": [], "selectAll": True}, 403)
    theirs = kit(own_shop)["_id"]
    assert exported(shop, hoseKits=[theirs], selectAll=False) == []

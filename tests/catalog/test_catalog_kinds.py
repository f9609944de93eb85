"""Every type of item by the one shape that all share, and what some have beside it."""

from pathlib import Path
from typing import Any

import pytest
from hose_shop import Client, Shop

from brassleaf.catalog.kinds import Kind
from brassleaf.catalog.registry import KINDS

#: A new item of each type: what it needs, and a field of its own.
NEW: dict[str, dict[str, Any]] = {
    "hose": {"size": "-08", "minBendRadiusmm": 180},
    "crimpFitting": {"hoseSize": "-08", "thread": "3/4-16"},
    "ferrule": {"size": "-08", "diametermm": 26.5},
    "wrap": {"size": "25", "wrapType": "sleeve"},
    "adaptor": {"shape": "tee", "ends": [{"style": "NPT", "gender": "male", "dashSize": "-08"}]},
    "otherItem": {"weightLbs": 1.5},
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.item_type)


def numbers(client: Client, path: str) -> list[str]:
    mark = "&" if "?" in path else "?"
    return [item["partNumber"] for item in client.get(f"{path}{mark}itemsPerPage=1000")["items"]]


def own(shop: Shop, kind: Kind, number: str, **fields: Any) -> str:
    body = {"partNumber": number, "brand": "Kinds", **NEW[kind.item_type], **fields}
    return str(shop.admin.post(f"/{kind.paths.many}/create", body, 201)["_id"])


@EVERY_KIND
def test_own_and_shared_items_with_what_the_organization_says(own_shop: Shop, kind: Kind) -> None:
    shop, paths = own_shop, kind.paths
    mine = own(shop, kind, "MINE")
    shared = shop.keep_item(kind.item_type, f"BOOK-{shop.number}", "Book", NEW[kind.item_type], shared=True)
    found = shop.admin.get(f"/{paths.one}/{mine}")
    assert {name: found[name] for name in NEW[kind.item_type]} == NEW[kind.item_type]
    assert (found["custom"], found["available"], found["itemType"]) == (True, True, kind.item_type)
    for item in (mine, shared):
        said = {"orgPartNumber": f"O-{item}", "cost": 4, "listPrice": 9, "priority": "A"}
        answer = shop.admin.post(f"/organization/{paths.one}/{item}/update", said)
        assert {name: answer[name] for name in said} == said
        assert shop.admin.get(f"/item/{item}")["properties"]["cost"] == 4
        restricted = shop.as_("restricted").get(f"/item/{item}")
        assert "cost" not in restricted
        assert "cost" not in restricted["properties"]
        assert numbers(shop.admin, f"/organization/{paths.many}?search.orgPartNumber=o-{item}") == [
            found["partNumber"] if item == mine else f"BOOK-{shop.number}"
        ]
    assert "MINE" in numbers(shop.admin, f"/organization/{paths.custom}")
    assert f"BOOK-{shop.number}" not in numbers(shop.admin, f"/organization/{paths.custom}")
    # a regular person edits what its role may; costs stay an admin's
    status = 200 if "regular" in kind.editors else 403
    shop.as_("regular").post(f"/organization/{paths.one}/{shared}/update", {"priority": "B"}, status)
    shop.as_("regular").post(f"/organization/{paths.one}/{shared}/update", {"cost": 1}, 403)
    shop.as_("restricted").post(f"/organization/{paths.one}/{shared}/update", {"priority": "C"}, 403)
    (anyone,) = shop.customer_key(None)
    anyone.get(f"/organization/{paths.custom}", 403)
    shop.admin.get(f"/{paths.one}/{shop.customer()}", 404)


@EVERY_KIND
def test_what_is_switched_off_by_item_or_by_brand(own_shop: Shop, kind: Kind) -> None:
    shop, list_ = own_shop, f"/organization/{kind.paths.many}"
    own(shop, kind, "ON")
    off = own(shop, kind, "OFF")
    own(shop, kind, "BRANDED", brand="Unwanted")
    shop.admin.post(f"/organization/{kind.paths.one}/{off}/update", {"available": False})
    (brand,) = shop.admin.get("/brands?search[name]=Unwanted")["items"]
    assert brand["itemTypes"] == [kind.item_type]
    shop.admin.post(f"/brand/{brand['_id']}/update", {"available": False})
    mine = {"ON", "OFF", "BRANDED"}
    assert mine & set(numbers(shop.admin, list_)) == {"ON"}
    assert mine & set(numbers(shop.admin, f"{list_}?search[available]=true")) == {"ON"}
    assert set(numbers(shop.admin, f"{list_}?search[available]=false")) == {"OFF", "BRANDED"}
    assert set(numbers(shop.admin, f"{list_}?unavailable=true")) == {"OFF", "BRANDED"}
    assert shop.admin.get(f"{list_}?unavailable=true&itemsPerPage=1")["total"] == 2
    (anyone,) = shop.customer_key(None)
    for query in ("", "?search.available=false", "?updatedSince=2020-01-01", "?unavailable=true"):
        assert {"OFF", "BRANDED"} & set(numbers(anyone, list_ + query)) == set()
    shop.admin.post(f"/brand/{brand['_id']}/update", {"available": True})
    assert mine & set(numbers(shop.admin, list_)) == {"ON", "BRANDED"}


def test_changes_of_the_properties_alone_are_followed(own_shop: Shop) -> None:
    shop = own_shop
    name = f"FOLLOWED-{shop.number}"
    hose = shop.keep_item("hose", name, "Book", {"size": "-08"}, shared=True)
    since = "2999-01-01T00:00:00Z"
    assert numbers(shop.admin, f"/organization/hoses?updatedSince={since}") == []
    said = shop.admin.post(f"/organization/hose/{hose}/update", {"priority": "1"})
    after = said["lastModified"]
    assert after > shop.admin.get(f"/hose/{hose}")["lastModified"]
    for path in ("/organization/hoses", "/organization/items"):
        assert numbers(shop.admin, f"{path}?updatedSince={after}") == [name]
    # whoever follows sees what was switched off
    switched = shop.admin.post(f"/organization/hose/{hose}/update", {"available": False})["lastModified"]
    (found,) = shop.admin.get(f"/organization/hoses?updatedSince={switched}")["items"]
    assert (found["partNumber"], found["available"]) == (name, False)


def test_a_brand_that_is_switched_off_is_a_change_of_its_items(own_shop: Shop) -> None:
    shop = own_shop
    name, maker = f"OF-BRAND-{shop.number}", f"Maker {shop.number}"
    shop.keep_item("hose", name, maker, {"size": "-08"}, shared=True)
    (brand,) = shop.admin.get(f"/brands?search[name]={maker}")["items"]
    changed = shop.admin.post(f"/brand/{brand['_id']}/update", {"available": False})["lastModified"]
    for path in ("/organization/hoses", "/organization/items"):
        assert numbers(shop.admin, f"{path}?updatedSince={changed}") == [name]
    assert numbers(shop.admin, "/organization/hoses?updatedSince=2999-01-01") == []


def test_an_item_id_changes_that_item(own_shop: Shop) -> None:
    shop = own_shop
    made = own(shop, KINDS["adaptor"], "TWICE", description="first")
    body = {"itemId": made, "partNumber": "TWICE-B", "brand": "Kinds", "shape": "cross"}
    again = shop.admin.post("/adaptors/create", body, 200)
    assert (again["_id"], again["partNumber"], again["description"]) == (made, "TWICE-B", "first")
    shop.admin.post("/adaptors/create", {**body, "itemId": "f" * 24}, 404)
    shared = shop.keep_item("adaptor", f"A-{shop.number}", "Book", {"shape": "tee"}, shared=True)
    assert "shape" in shop.admin.refused("/adaptors/create", {**body, "itemId": shared})


def test_other_items_are_called_what_their_organization_calls_them(own_shop: Shop) -> None:
    shop = own_shop
    made = shop.admin.post("/otheritems/create", {"partNumber": "6204-2RS", "itemType": "Bearing"}, 201)
    assert (made["itemType"], "brand" in made) == ("Bearing", False)
    assert shop.admin.get(f"/otheritem/{made['_id']}")["itemType"] == "Bearing"
    assert list(shop.admin.refused("/otheritems/create", {"partNumber": "6204-2rs"})) == ["partNumber"]
    assert list(shop.admin.refused("/otheritems/create", {"partNumber": "X", "itemType": "Hose"})) == ["itemType"]
    types = shop.admin.get("/organization/itemtypes")
    assert {"Bearing", "otherItem", "hose", "crimpFitting"} <= set(types)
    assert types == sorted(types, key=str.casefold)
    for query in ("skipItemTypes=hose&skipItemTypes=crimpFitting", "skipItemTypes=hose,crimpFitting"):
        left = {item["itemType"] for item in shop.admin.get(f"/organization/items?limit=1000&{query}")["items"]}
        assert "Bearing" in left
        assert not {"hose", "crimpFitting"} & left
    assert "6204-2RS" not in numbers(shop.admin, "/organization/items?skipItemTypes=bearing")
    assert numbers(shop.admin, "/organization/items?itemType=bearing") == ["6204-2RS"]
    assert numbers(shop.admin, "/organization/customotheritems?search[itemType]=bear") == ["6204-2RS"]
    changed = shop.admin.post(f"/otheritems/{made['_id']}/update", {"itemType": None, "description": "ball bearing"})
    assert (changed["itemType"], changed["description"]) == ("otherItem", "ball bearing")
    assert list(shop.admin.refused(f"/otheritems/{made['_id']}/update", {"partNumber": None})) == ["partNumber"]


def test_other_items_are_deleted_once_and_only_one_s_own(own_shop: Shop) -> None:
    shop = own_shop
    made = own(shop, KINDS["otherItem"], "GONE")
    shared = shop.keep_item("otherItem", f"STAYS-{shop.number}", "Book", {}, shared=True)
    shop.admin.post(f"/otheritems/{shop.hose}/delete", status=404)
    assert "otherItemId" in shop.admin.refused(f"/otheritems/{shared}/delete")
    shop.as_("restricted").post(f"/otheritems/{made}/delete", status=403)
    shop.admin.post(f"/otheritems/{made}/delete")
    shop.admin.post(f"/otheritems/{made}/delete", status=404)
    shop.admin.get(f"/otheritem/{made}", 404)
    own(shop, KINDS["otherItem"], "GONE")  # the number is free again


def test_a_list_of_items_names_them_and_looks_into_own_numbers(own_shop: Shop) -> None:
    shop = own_shop
    shop.admin.post(f"/organization/item/{shop.end1}/update", {"orgPartNumber": "SHELF-7"})
    (found,) = shop.admin.get("/organization/items?search.partNumber=shelf-7")["items"]
    assert (found["name"], found["image"], found["partNumber"]) == ("8PC-8FJX", None, "8PC-8FJX")
    assert "imageName" not in found
    shop.as_("regular").post(f"/organization/item/{shop.end1}/update", {"priority": "1"}, 403)


def test_pending_items_lack_what_is_needed_to_use_them(own_shop: Shop) -> None:
    shop = own_shop
    pending = own(shop, KINDS["hose"], "UNFINISHED")
    assert shop.admin.get(f"/hose/{pending}")["missing"] == ["workingPressure", "crimpSpecs"]
    assert "UNFINISHED" in numbers(shop.admin, "/organization/pendingitems")
    spec = {"couplingSeries": "PC", "couplingSeriesBrand": "Gates"}
    body = {"workingPressure": {"value": 4000, "unit": "psi"}, "crimpSpecs": [spec]}
    shop.admin.post(f"/organization/hose/{pending}/update", body)
    assert "missing" not in shop.admin.get(f"/hose/{pending}")
    assert "UNFINISHED" not in numbers(shop.admin, "/organization/pendingitems")
    shop.as_("restricted").get("/organization/pendingitems", 403)


def test_a_shop_keeps_its_machine_and_setting_beside_the_book_s_crimp(own_shop: Shop) -> None:
    shop = own_shop
    book = {"couplingSeries": "PC", "dieSize": "book"}
    hose = shop.keep_item("hose", f"M-{shop.number}", "Book", {"size": "-08", "crimpSpecs": [book]}, shared=True)
    own_spec = {"couplingSeries": "PC", "machine": "FP120", "dieSize": "32", "setting": "4.20"}
    shop.admin.post(f"/organization/item/{hose}/update", {"crimpSpecs": [own_spec]})
    first, second = shop.admin.get(f"/hose/{hose}/crimpspecs")
    assert first == {**own_spec, "source": "organization"}
    assert second == {**book, "source": "book"}


def test_wrap_styles_and_coverages(own_shop: Shop) -> None:
    shop = own_shop
    for number, kind, colour in (
        ("1", "Sleeve", "red"),
        ("2", "Sleeve", "black"),
        ("3", "sleeve", "RED"),
        ("4", "Coil", None),
    ):
        own(shop, KINDS["wrap"], number, wrapType=kind, colour=colour)
    styles = shop.admin.get("/organization/wrapstyles")
    assert [(style["wrapType"].lower(), style.get("colour", "").lower()) for style in styles] == [
        ("coil", ""), ("sleeve", "black"), ("sleeve", "red")
    ]  # fmt: skip
    assert {"coverageType": "both ends"} in shop.admin.get("/organization/wrapcoverage")


def test_the_documentation_quotes_a_real_kind() -> None:
    root = Path(__file__).parent.parent.parent
    text = (root / "docs" / "adding-a-component-type.md").read_text()
    code = text.partition("```python\n")[2].partition("```")[0]
    assert code.strip() in (root / "src/brassleaf/catalog/ferrules/models.py").read_text()

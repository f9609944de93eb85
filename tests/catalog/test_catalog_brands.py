"""Brands: those that items are of, what is said of them, and what follows when one is renamed or deleted."""

from typing import Any

from hose_shop import SPEC, Shop

from brassleaf.catalog.models import BRANDS


def brand(shop: Shop, name: str) -> dict[str, Any]:
    rows = shop.admin.get(f"/brands?search[name]={name}&itemsPerPage=1000")["items"]
    (found,) = [row for row in rows if row["name"].casefold() == name.casefold()]
    return dict(found)


def names(shop: Shop, path: str) -> list[str]:
    return [row["name"] for row in shop.admin.get(path)]


def test_brands_are_those_of_the_items(own_shop: Shop) -> None:
    shop = own_shop
    shop.keep_item("adaptor", f"S-{shop.number}", f"Shared{shop.number}", {"shape": "tee"}, shared=True)
    gates = brand(shop, "gates")
    assert (gates["itemTypes"], gates["available"]) == (["crimpFitting", "ferrule", "hose"], True)
    assert gates["organization"] == shop.organization.id
    assert "organization" not in brand(shop, f"Shared{shop.number}")
    assert {"Gates", "Guard", f"Shared{shop.number}"} <= set(names(shop, "/brandnames"))
    assert "Gates" in names(shop, "/hosebrands")
    assert "Guard" not in names(shop, "/hosebrands")
    assert "Guard" in names(shop, "/wrapbrands")
    assert f"Shared{shop.number}" in names(shop, "/adaptorbrands")
    assert "Gates" not in names(shop, "/otheritembrands")
    said = {"supplier": "Wholesale", "costDiscount": 12.5, "priceMarkup": 30, "comments": "two\nlines"}
    answer = shop.admin.post(f"/brand/{gates['_id']}/update", said)
    assert {name: answer[name] for name in said} == said
    assert brand(shop, "Gates")["supplier"] == "Wholesale"
    regular = shop.as_("regular").get("/brands?search[name]=gates")["items"]
    assert not {"costDiscount", "priceMarkup"} & regular[0].keys()
    shop.as_("regular").post(f"/brand/{gates['_id']}/update", {"supplier": "x"}, 403)
    (anyone,) = shop.customer_key(None)
    anyone.get("/brands", 403)
    assert "Gates" in [row["name"] for row in anyone.get("/hosebrands")]
    assert shop.admin.post(f"/brand/{gates['_id']}/update", {"supplier": None}).get("supplier") is None
    shop.admin.post(f"/brand/{'f' * 24}/update", {}, 404)


def test_a_renamed_brand_takes_everything_along(own_shop: Shop) -> None:
    shop = own_shop
    gates = brand(shop, "Gates")["_id"]
    customer = shop.customer()
    shop.admin.post(f"/customer/{customer}/item/{shop.hose}/update", {"netPrice": 5})
    shared = shop.keep_item("hose", f"R-{shop.number}", "Book", {"size": "-08", "hoseDash": 8}, shared=True)
    shop.admin.post(f"/organization/hose/{shared}/update", {"crimpSpecs": [SPEC]})
    shop.admin.post("/organization/update", {"name": "x", "defaultBrand": "gates"})
    assert shop.admin.get("/organization/defaultbrand") == {"_id": gates, "name": "Gates"}
    assert shop.admin.get("/organization/defaultadaptorbrand") == {"_id": None, "name": None}
    answer = shop.admin.post(f"/brand/{gates}/update", {"name": "Gates & Sons"})
    assert (answer["_id"], answer["name"], "formerName" in answer) == (gates, "Gates & Sons", False)
    hose = shop.admin.get(f"/hose/{shop.hose}")
    assert hose["brand"] == "Gates & Sons"
    for specs in (hose["crimpSpecs"], shop.admin.get(f"/hose/{shared}")["crimpSpecs"]):
        assert {(spec["couplingSeriesBrand"], spec["ferruleBrand"]) for spec in specs} == {("Gates & Sons",) * 2}
    assert shop.admin.get("/organization/defaultbrand")["name"] == "Gates & Sons"
    assert shop.admin.get(f"/customer/{customer}/items")["items"][0]["brand"] == "Gates & Sons"
    assert "Gates" not in names(shop, "/brandnames")
    # the parts still go together
    assert shop.assembly(hose=shared)["hosePartNumber"] == f"R-{shop.number}"
    # a new brand of the old name is another one
    shop.make_hose("NEW", crimpSpecs=[])
    assert brand(shop, "Gates")["_id"] != gates


def test_a_brand_is_renamed_to_a_free_name_only(own_shop: Shop) -> None:
    shop = own_shop
    gates = brand(shop, "Gates")["_id"]
    assert list(shop.admin.refused(f"/brand/{gates}/update", {"name": "gUARD"})) == ["name"]
    assert list(shop.admin.refused(f"/brand/{gates}/update", {"name": None})) == ["name"]
    assert list(shop.admin.refused(f"/brand/{gates}/update", {"name": " "})) == ["name"]
    shop.keep_item("hose", f"C-{shop.number}", "Catalogued", {"size": "-08"}, shared=True)
    shared = brand(shop, "Catalogued")["_id"]
    assert list(shop.admin.refused(f"/brand/{shared}/update", {"name": "Mine"})) == ["name"]
    assert shop.admin.get(f"/hose/{shop.hose}")["brand"] == "Gates"
    # another case is no other brand
    assert shop.admin.post(f"/brand/{gates}/update", {"name": "GATES"})["name"] == "GATES"
    assert shop.admin.get(f"/hose/{shop.hose}")["brand"] == "GATES"
    etag = shop.admin.send("POST", f"/brand/{gates}/update", {"priority": "1"}).headers["ETag"]
    shop.admin.send("POST", f"/brand/{gates}/update", {"priority": "2"}, If_Match=etag)
    shop.admin.send("POST", f"/brand/{gates}/update", {"priority": "3"}, 412, If_Match=etag)


def test_a_rename_that_was_cut_off_is_completed(own_shop: Shop) -> None:
    """As after a crash between the new name and what follows it."""
    shop = own_shop
    gates = brand(shop, "Gates")["_id"]
    shop.admin.post(f"/brand/{gates}/update", {"supplier": "x"})
    shop.change(BRANDS, gates, name="Renamed", formerName="Gates")
    assert brand(shop, "Renamed")["_id"] == gates
    assert "Gates" not in names(shop, "/brandnames")
    shop.admin.post(f"/brand/{gates}/update", {"comments": "next"})
    assert shop.admin.get(f"/hose/{shop.hose}")["brand"] == "Renamed"


def test_a_brand_is_deleted_when_nothing_is_of_it(own_shop: Shop) -> None:
    shop = own_shop
    gates = brand(shop, "Gates")["_id"]
    message = shop.admin.post(f"/brand/{gates}/delete", status=400)["message"]
    assert "items" in message
    assert "crimp specifications" in message
    made = shop.admin.post("/otheritems/create", {"partNumber": "1", "brand": "Brief"}, 201)["_id"]
    brief = brand(shop, "Brief")["_id"]
    shop.admin.post(f"/brand/{brief}/update", {"supplier": "x"})
    shop.admin.post("/organization/update", {"name": "x", "defaultBrand": "BRIEF"})
    shop.admin.post(f"/otheritems/{made}/delete")
    assert "default brand" in shop.admin.post(f"/brand/{brief}/delete", status=400)["message"]
    shop.admin.post("/organization/update", {"name": "x", "defaultBrand": None})
    shop.as_("regular").post(f"/brand/{brief}/delete", status=403)
    shop.admin.post(f"/brand/{brief}/delete")
    shop.admin.post(f"/brand/{brief}/delete", status=404)
    assert "Brief" not in names(shop, "/brandnames")
    # when it comes again, it comes without what was said before
    shop.admin.post("/otheritems/create", {"partNumber": "1", "brand": "brief"}, 201)
    assert "supplier" not in brand(shop, "Brief")
    assert shop.admin.post(f"/brand/{brand(shop, 'Brief')['_id']}/update", {"priority": "9"})["priority"] == "9"


def test_brands_in_excel(own_shop: Shop) -> None:
    shop = own_shop
    gates, guard = brand(shop, "Gates")["_id"], brand(shop, "Guard")["_id"]
    shop.admin.post(f"/brand/{gates}/update", {"costDiscount": 10})
    (row,) = shop.admin.sheet("/brands/export", {"brands": [gates], "selectAll": False})
    assert (row["Name"], row["Item types"], row["Cost discount"]) == ("Gates", "crimpFitting; ferrule; hose", 10)
    rows = shop.admin.sheet("/brands/export", {"brands": [], "selectAll": True, "search": {"name": "gUa"}})
    assert [row["Name"] for row in rows] == ["Guard"]
    assert shop.admin.sheet("/brands/export", {"brands": [guard, None], "selectAll": False})[0]["Name"] == "Guard"

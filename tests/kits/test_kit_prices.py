"""What kits come to: worked figures of domain.md section 9, whole-kit quantity breaks, and what cannot be priced."""

from hose_shop import COSTS, Shop
from kit_shop import adaptor, kit, other_item

from brassleaf.assemblies.models import ASSEMBLIES


def test_a_kit_is_the_sum_of_its_lines(shop: Shop) -> None:
    """domain.md section 9: the assembly 42.10, for a customer at 0.80 on parts 34.68; adaptors at 4.25 each."""
    assembly, thing = shop.assembly(), adaptor(shop, cost=2)
    made = kit(
        shop,
        hoseAssemblies=[{"item": assembly["_id"], "quantity": 2}],
        adaptors=[{"item": thing, "quantity": 3, "number": "7"}],
    )["_id"]
    price = shop.admin.post(f"/hosekit/{made}/price")
    assert (price["currency"], price["price"], price["total"], price["quantity"]) == ("USD", 96.95, 96.95, 1)
    first, second = price["items"]
    assert (first["itemType"], first["partNumber"], first["quantity"]) == ("hoseAssembly", assembly["partNumber"], 2)
    assert (first["unitPrice"], first["totalPrice"]) == (42.10, 84.20)
    assert (second["itemId"], second["itemNumber"], second["unitPrice"], second["totalPrice"]) == (
        thing, "7", 4.25, 12.75,
    )  # fmt: skip
    assert (second["unitCost"], second["totalCost"]) == (2, 6)
    # what one assembly costs: 32.25 in of hose by the foot, two ends, two ferrules, labour at 1.999
    parts = COSTS["hose"] * 32.25 / 12 + sum(COSTS[role] for role in ("end1", "end2", "ferrule1", "ferrule2"))
    assert abs(first["unitCost"] - (parts + 1.999)) < 0.005
    assert price["cost"] == round(first["totalCost"] + 6, 2)
    buyer = shop.customer(defaultDiscountPercentMaterials=20)
    asked = {"params": {"customerOrgId": buyer, "quantity": 10}}
    price = shop.admin.post(f"/hosekit/{made}/price", asked)
    assert (price["customerOrgId"], price["price"], price["total"]) == (buyer, 79.56, 795.60)  # 2 x 34.68 + 3 x 3.40
    assert [line["unitPrice"] for line in price["items"]] == [34.68, 3.4]
    euros = shop.admin.post(f"/hosekit/{made}/price", {"currency": "JPY"})
    assert (euros["exchangeRate"], euros["items"][1]["unitPrice"]) == (150, 638)  # 4.25 x 150 = 637.5, half up


def test_an_item_without_a_brand_is_priced_and_printed(shop: Shop) -> None:
    """Two clamps at 1.75; an other item needs no brand."""
    clamp = shop.admin.post("/otheritems/create", {"partNumber": "W1"}, 201)["_id"]
    shop.admin.post(f"/organization/otheritem/{clamp}/update", {"listPrice": 1.75})
    made = kit(shop, otherItems=[{"item": clamp, "quantity": 2}])["_id"]
    price = shop.admin.post(f"/hosekit/{made}/price")
    assert (price["items"][0]["unitPrice"], price["total"]) == (1.75, 3.5)
    sheet = shop.admin.pdf(f"/hosekit/{made}/getHoseKitDataSheet", {"includePrice": True})
    assert "W1" in sheet
    assert "3.50" in sheet


def test_breaks_go_by_the_whole_kit(shop: Shop) -> None:
    """Two assemblies with the same fitting, two of each: four fittings, though no line takes more than two."""
    buyer = shop.customer(
        priceList=shop.price_list({shop.end1: {"listPrice": 7.85, "quantityBreaks": [{"quantity": 4, "price": 7}]}})
    )
    lines = [{"item": shop.assembly()["_id"], "quantity": 2} for _ in range(2)]
    made = kit(shop, customerOrgId=buyer, hoseAssemblies=lines)["_id"]
    assert shop.admin.post(f"/hosekit/{made}/price")["price"] == 165.00  # 4 x (42.10 - 0.85)
    single = kit(shop, customerOrgId=buyer, hoseAssemblies=lines[:1])["_id"]
    assert shop.admin.post(f"/hosekit/{single}/price")["price"] == 84.20
    assert shop.admin.post(f"/hosekit/{single}/price", {"quantity": 2})["price"] == 82.50


def test_fractions_are_counted_exactly(shop: Shop) -> None:
    """A tenth of 4.25, three times: no double holds the product, and 0.425 is rounded half up."""
    thing = adaptor(shop)
    breaks = {"listPrice": 4.25, "quantityBreaks": [{"quantity": 0.3, "price": 4}]}
    buyer = shop.customer(priceList=shop.price_list({thing: breaks}))
    made = kit(shop, adaptors=[{"item": thing, "quantity": 0.1}])["_id"]
    price = shop.admin.post(f"/hosekit/{made}/price", {"quantity": 3})
    assert (price["items"][0]["totalPrice"], price["price"], price["total"]) == (0.43, 0.43, 1.29)
    price = shop.admin.post(f"/hosekit/{made}/price", {"quantity": 3, "customerOrgId": buyer})
    assert (price["items"][0]["unitPrice"], price["total"]) == (4, 1.2)


def test_a_line_without_a_price_leaves_the_kit_open(shop: Shop) -> None:
    good, gone, broken, free = shop.assembly()["_id"], shop.assembly()["_id"], shop.assembly(), other_item(shop)
    made = kit(
        shop,
        hoseAssemblies=[{"item": good}, {"item": gone}, {"item": broken["_id"]}],
        otherItems=[{"item": free}],
    )["_id"]
    shop.admin.post(f"/hoseassembly/{gone}/delete")
    shop.change(ASSEMBLIES, broken["_id"], length=1)  # less than its ends take
    price = shop.admin.post(f"/hosekit/{made}/price", {"quantity": 2})
    assert [line["unitPrice"] for line in price["items"]] == [42.10, None, None, None]
    assert (price["price"], price["total"], price["cost"]) == (None, None, None)
    assert price["items"][3]["missing"] == ["item"]
    assert len(price["warnings"]) == 2
    assert price["warnings"][0] == "Line 2: this hose assembly is not there any more."
    assert price["warnings"][1].startswith("Line 3: ")


def test_who_is_priced_and_shown_what(shop: Shop) -> None:
    mine, other = shop.customer(defaultDiscountPercentMaterials=20), shop.customer()
    made = kit(shop, customerOrgId=mine, hoseAssemblies=[{"item": shop.assembly(customerOrgId=other)["_id"]}])["_id"]
    assert shop.admin.post(f"/hosekit/{made}/price")["price"] == 34.68  # its own customer where none is named
    assert shop.admin.post(f"/hosekit/{made}/price", {"customerOrgId": other})["price"] == 42.10
    me, them = shop.customer_key(mine, other)
    price = me.post(f"/hosekit/{made}/price", {"customerOrgId": other})
    assert (price["price"], price["customerOrgId"]) == (34.68, mine)
    for blind in (price, shop.as_("regular").post(f"/hosekit/{made}/price")):
        assert not {"cost", "unitCost", "totalCost"} & {*blind, *blind["items"][0]}
    them.post(f"/hosekit/{made}/price", {}, 404)
    assert "customerOrgId" in shop.admin.refused(f"/hosekit/{made}/price", {"customerOrgId": "e" * 24}, 404)
    assert list(shop.admin.refused(f"/hosekit/{made}/price", {"quantity": 0})) == ["quantity"]
    empty = shop.admin.post(f"/hosekit/{kit(shop)['_id']}/price")
    assert (empty["price"], empty["items"]) == (0, [])

"""What kits come to: worked figures of domain.md section 9, whole-kit quantity breaks, and what cannot be priced."""

from typing import Any

import pytest
from hose_shop import COSTS, Shop
from kit_shop import adaptor, kit, other_item

from brassleaf.assemblies.models import ASSEMBLIES
from brassleaf.customers.models import CUSTOMERS


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
    assert (euros["exchangeRate"], euros["items"][1]["unitPrice"]) == (150, 637.5)  # 4.25 x 150
    assert euros["items"][1]["totalPrice"] == 1913  # 3 x 637.5 = 1912.5, rounded once, half up
    assert euros["items"][0]["unitPrice"] == 6315  # an assembly has a price in whole yen: 42.10 x 150


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


@pytest.mark.parametrize(
    ("price", "shown", "each", "whole"),
    [(0.004, 0.004, 4.00, 40.00), (0.125, 0.125, 125.00, 1250.00), (0.0000125, 0.000013, 0.01, 0.10)],
)  # fmt: skip
def test_a_part_may_cost_a_fraction_of_a_cent(
    shop: Shop, price: float, shown: float, each: float, whole: float
) -> None:
    """A thousand of it a kit, ten kits: 0.004 x 1000 is 4.00, 0.0125 (half up) 0.01; ten times that."""
    thing = adaptor(shop, cost=price)
    buyer = shop.customer(priceList=shop.price_list({thing: {"listPrice": price}}))
    made = kit(shop, adaptors=[{"item": thing, "quantity": 1000}])["_id"]
    answer = shop.admin.post(f"/hosekit/{made}/price", {"customerOrgId": buyer, "quantity": 10})
    (line,) = answer["items"]
    assert (line["unitPrice"], line["totalPrice"]) == (line["unitCost"], line["totalCost"]) == (shown, each)
    assert (answer["price"], answer["total"], answer["cost"]) == (each, whole, each)


def test_a_whole_quantity_is_rounded_from_the_exact_unit_price(shop: Shop) -> None:
    """0.01 at a margin of 97 % is 0.3333…: a million of it are 333,333.33, not a million times 0.333333."""
    thing = adaptor(shop, cost=0.01)
    buyer = shop.customer(defaultMarginPercentMaterials=97)
    made = kit(shop, customerOrgId=buyer, adaptors=[{"item": thing, "quantity": 1_000_000}])["_id"]
    (line,) = shop.admin.post(f"/hosekit/{made}/price")["items"]
    assert (line["unitPrice"], line["totalPrice"]) == (0.333333, 333333.33)


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
    assert [len(line["items"]) for line in price["items"]] == [5, 0, 0, 1]
    assert len(price["warnings"]) == 2
    assert price["warnings"][0] == "Line 2: this hose assembly is not there any more."
    assert price["warnings"][1].startswith("Line 3: ")


def test_each_line_says_which_rule_gave_its_prices(own_shop: Shop) -> None:
    """A line of an assembly has the lines of the assembly's own price, one of a part the part's own."""
    shop = own_shop
    thing = adaptor(shop, cost=2)
    breaks = [{"quantity": 10, "price": 3.5}, {"quantity": 100, "price": 3}]
    buyer = shop.customer(
        defaultDiscountPercentMaterials=20,
        priceList=shop.price_list({thing: {"listPrice": 4, "quantityBreaks": breaks}}),
    )
    assembly = shop.assembly(proofTest=True)
    shop.admin.post("/organization/update", {"proofTestPrice": 12})
    made = kit(
        shop, customerOrgId=buyer, hoseAssemblies=[{"item": assembly["_id"]}], adaptors=[{"item": thing, "quantity": 5}]
    )["_id"]
    price = shop.admin.post(f"/hosekit/{made}/price", {"quantity": 2, "explain": True})
    first, second = price["items"]
    alone = shop.admin.post(f"/hoseassembly/{assembly['_id']}/price", {"customerOrgId": buyer, "explain": True})
    assert (first["items"], first["charges"]) == (alone["items"], alone["charges"])
    assert [charge["role"] for charge in first["charges"]] == ["labour", "proofTest"]
    assert {line["priceSource"] for line in first["items"]} == {"customer default"}
    assert [line["price"] for line in first["items"]] == [13.76, 6.28, 6.28, 1.68, 1.68]  # domain.md section 9, x 0.80
    (line,) = second["items"]
    assert second["charges"] == []
    assert (line["role"], line["item"], line["quantity"]) == ("item", thing, 1)
    # ten of it in two kits
    assert (line["priceSource"], line["unitPrice"], line["quantityBreak"]) == ("customer price list", 3.5, 10)
    assert (line["nextQuantityBreak"], line["unitListPrice"], line["unitCost"]) == (100, 4.25, 2)
    assert line["priceList"]
    assert [rule["rule"] for rule in line["considered"] if rule["won"]] == ["customer price list"]
    assert "considered" not in shop.admin.post(f"/hosekit/{made}/price")["items"][1]["items"][0]
    (me,) = shop.customer_key(buyer)
    for blind in (me, shop.as_("regular")):
        seen = blind.post(f"/hosekit/{made}/price", {"quantity": 2, "explain": True})
        for entry in (seen["items"][0]["items"][0], seen["items"][0]["charges"][0], seen["items"][1]["items"][0]):
            assert entry["priceSource"]
            assert not {"considered", "unitCost", "cost", "kerf", "scrap", "marginPercent"} & entry.keys()
    assert me.post(f"/hosekit/{made}/price")["items"][1]["items"][0]["priceList"] is None


def test_a_line_without_a_price_says_why(shop: Shop) -> None:
    """A price per foot of what is sold by the piece; an end whose cut-off nobody knows."""
    thing, uncut = other_item(shop, listPrice=4), shop.make_end("8PC-X", None)
    by_foot = {"listPrice": 3, "unitOfMeasure": "ft"}
    buyer = shop.customer()
    shop.change(CUSTOMERS, buyer, priceList=shop.price_list({thing: by_foot}))
    assembly = shop.assembly(end1=uncut, lengthConvention="reference points")
    made = kit(shop, customerOrgId=buyer, hoseAssemblies=[{"item": assembly["_id"]}], otherItems=[{"item": thing}])
    price = shop.admin.post(f"/hosekit/{made['_id']}/price")
    first, second = price["items"]
    assert (second["unitPrice"], second["missing"]) == (None, ["item"])
    (line,) = second["items"]
    assert line["unitPrice"] is None
    assert "per ft cannot be used per each" in line["explanation"]
    alone = shop.admin.post(f"/hoseassembly/{assembly['_id']}/price")
    assert len(alone["warnings"]) == 1
    assert price["warnings"] == [f"Line {first['itemNumber']}: {alone['warnings'][0]}"]


@pytest.mark.parametrize(
    ("prices", "asked", "amounts", "large"),
    [
        # fifteen digits are exact
        ([999999999999999], {}, (999999999999999, 999999999999999, 999999999999999), ""),
        # 1,999,999,999,999,998 is not told, nor 149,999,999,999,999,850 yen, nor 16,666,666,516,666.58 dollars
        ([999999999999999], {"quantity": 2}, (999999999999999, 999999999999999, None), "total"),
        ([999999999999999], {"currency": "JPY"}, (None, None, None), "Line 1: totalPrice"),
        ([12345678901234.5], {"currency": "CAD"}, (None, None, None), "Line 1: totalPrice"),
        ([600000000000000, 600000000000000], {}, (600000000000000, None, None), "price"),
    ],
)
def test_what_is_too_large_is_left_open(
    shop: Shop, prices: list[float], asked: Any, amounts: tuple[float | None, ...], large: str
) -> None:
    made = kit(shop, adaptors=[{"item": adaptor(shop, listPrice=price, cost=price)} for price in prices])["_id"]
    price = shop.admin.post(f"/hosekit/{made}/price", asked)
    assert (price["items"][0]["totalPrice"], price["price"], price["total"]) == amounts
    assert (price["items"][0]["totalCost"], price["cost"]) == amounts[:2]
    assert [warning.split(" is too large")[0] for warning in price["warnings"]] == [large][: bool(large)]


def test_a_line_that_no_figure_holds_leaves_the_others(own_shop: Shop) -> None:
    """100 ft of a hose at 1e15 a foot, in a currency of which a dollar buys 1e15."""
    shop = own_shop
    most = 999999999999999
    shop.admin.post("/organization/currencies/update", {"code": "XTS", "rate": most})
    thing = adaptor(shop, listPrice=1)
    buyer = shop.customer(priceList=shop.price_list({shop.hose: {"listPrice": most}}))
    huge = shop.assembly(length=1200)["_id"]
    made = kit(shop, customerOrgId=buyer, hoseAssemblies=[{"item": huge}], adaptors=[{"item": thing}])["_id"]
    price = shop.admin.post(f"/hosekit/{made}/price", {"currency": "XTS"})
    assert [line["totalPrice"] for line in price["items"]] == [None, most]
    assert (price["price"], price["items"][0]["items"]) == (None, [])
    assert price["warnings"] == ["Line 1: The result is too large; use smaller numbers."]
    text = shop.admin.pdf(f"/hosekit/{made}/getHoseKitDataSheet", {"includePrice": True, "currency": "XTS"})
    assert "not known" in text


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

"""Prices through the service and over HTTP: domain.md section 9, the precedence, currencies, units, costs, totals."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hose_shop import COSTS, Shop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brassleaf.customers.models import CUSTOMERS
from brassleaf.organizations.models import ORGANIZATIONS
from brassleaf.pricing.service import Component, Prices
from brassleaf.pricing.unit_prices import Charge
from brassleaf.security.caller import Caller
from brassleaf.store.sqlite import SqliteStore
from brassleaf.trade.units import Measure

FEET = Measure(Decimal("2.6875"), "ft")


def priced(shop: Shop, charges: list[Charge], quantity: float = 1, **terms: Any) -> dict[str, Any]:
    """The worked example by the service alone: hose by the foot, two ends, two ferrules, work."""
    service = Prices(shop.served.store)
    caller = Caller(shop.organization.id, "admin", "user", "0" * 24, "test", "test")

    async def work() -> dict[str, Any]:
        ids = {
            "hose": shop.hose,
            "end1": shop.end1,
            "end2": shop.end1,
            "ferrule1": shop.ferrule,
            "ferrule2": shop.ferrule,
        }
        found = await shop.served.parts.catalogue.get_many(shop.organization.id, list(set(ids.values())))
        parts = [Component(role, found[id_].document, FEET if role == "hose" else None) for role, id_ in ids.items()]
        named = await service.terms(caller, list(ids.values()), **{"customer_id": None, **terms})
        return service.price(named, parts, charges, quantity)

    return shop.served.run(work())


def line(answer: dict[str, Any], role: str) -> dict[str, Any]:
    return next(entry for entry in (*answer["items"], *answer["charges"]) if entry["role"] == role)


# -- the worked example -----------------------------------------------------------------------------------------------


def test_the_worked_example_by_the_service(shop: Shop) -> None:
    answer = priced(shop, [Charge("labour", "Labour", 5)])
    assert [entry["price"] for entry in answer["items"]] == [17.20, 7.85, 7.85, 2.10, 2.10]
    assert (answer["netPrice"], answer["listPrice"], answer["total"]) == (42.10, 42.10, 42.10)
    assert priced(shop, [Charge("labour", "Labour", 5)], currency="CAD")["netPrice"] == 56.84
    buyer = shop.customer(defaultDiscountPercentMaterials=20)
    assert priced(shop, [Charge("labour", "Labour", 5)], customer_id=buyer)["netPrice"] == 34.68


def test_the_worked_example_over_http(shop: Shop) -> None:
    answer = shop.price()
    assert answer["netPrice"] == 42.10
    assert (line(answer, "hose")["quantity"], line(answer, "hose")["unitOfMeasure"]) == (2.6875, "ft")
    assert (line(answer, "hose")["unitPrice"], line(answer, "hose")["price"]) == (6.40, 17.20)
    assert line(answer, "labour")["price"] == 5
    assert (answer["missing"], answer["warnings"], answer["rounding"]) == ([], [], 0)
    buyer = shop.customer(defaultDiscountPercentMaterials=20)
    net = shop.price(customerOrgId=buyer)
    assert (net["netPrice"], net["listPrice"], net["customerOrgId"]) == (34.68, 42.10, buyer)
    assert line(net, "labour")["price"] == 5
    assert {entry["priceSource"] for entry in net["items"]} == {"customer default"}
    assert shop.price(currency="cad")["netPrice"] == 56.84
    stored = shop.assembly()["_id"]
    assert shop.admin.post(f"/hoseassembly/{stored}/price", {"currency": "CAD", "quantity": 10})["total"] == 568.40
    assert shop.admin.post(f"/hoseassembly/{stored}/price")["netPrice"] == 42.10
    assert shop.admin.post(f"/hoseassembly/{stored}/price", {"customerOrgId": buyer})["netPrice"] == 34.68


def test_a_stored_assembly_is_priced_for_its_own_customer(shop: Shop) -> None:
    buyer = shop.customer(defaultDiscountPercentMaterials=20)
    id_ = shop.assembly(customerOrgId=buyer)["_id"]
    assert shop.admin.post(f"/hoseassembly/{id_}/price")["netPrice"] == 34.68
    shop.admin.post(f"/customer/{buyer}/delete")
    assert shop.admin.post(f"/hoseassembly/{id_}/price")["netPrice"] == 42.10


def test_a_price_follows_every_document_that_it_comes_from(own_shop: Shop) -> None:
    admin, buyer = own_shop.admin, own_shop.customer(defaultDiscountPercentMaterials=20)

    def net() -> float:
        return own_shop.price(customerOrgId=buyer)["netPrice"]

    assert (net(), net()) == (34.68, 34.68)  # 5.00 + 0.8 x 37.10
    admin.post(f"/organization/hose/{own_shop.hose}/update", {"listPrice": 12.80})
    assert net() == 48.44  # 17.20 more of hose, less 20 %
    admin.post(f"/customer/{buyer}/update", {"defaultDiscountPercentMaterials": 0})
    assert net() == 59.30
    admin.post(f"/organization/hose/{own_shop.hose}/update", {"listPrice": 6.40})
    assert net() == 42.10


def test_a_price_follows_what_another_process_writes(own_shop: Shop) -> None:
    buyer = own_shop.customer(defaultDiscountPercentMaterials=20)
    assert own_shop.price(customerOrgId=buyer)["netPrice"] == 34.68

    async def changed(store: SqliteStore) -> None:
        customers = store.repository(CUSTOMERS, own_shop.organization.id)
        before = await customers.get(buyer)
        assert before is not None
        await customers.replace(before, {**before.document, "defaultDiscountPercentMaterials": 0})

    own_shop.elsewhere(changed)
    assert own_shop.price(customerOrgId=buyer)["netPrice"] == 42.10


def test_agreements_and_price_lists_are_those_of_now(own_shop: Shop) -> None:
    shop = own_shop
    listed = shop.price_list({shop.end1: {"listPrice": 7}})
    buyer = shop.customer(priceList=listed)

    def unit() -> float:
        return line(shop.price(customerOrgId=buyer), "end1")["unitPrice"]

    assert unit() == 7
    path = f"/customer/{buyer}/item/{shop.end1}"
    shop.admin.post(f"{path}/update", {"netPrice": 6})
    assert (unit(), unit()) == (6, 6)
    shop.admin.post(f"{path}/delete")
    assert unit() == 7
    shop.admin.post(f"/pricelist/{listed}/item/{shop.end1}/update", {"listPrice": 6.5})
    assert unit() == 6.5
    shop.admin.post(f"/pricelist/{listed}/delete")
    assert unit() == 7.85


def test_metric_lengths_cost_the_same(shop: Shop) -> None:
    assert shop.price(length=914.4, lengthUnit="mm")["netPrice"] == 42.10


def test_the_unit_of_the_price_is_converted(own_shop: Shop) -> None:
    own_shop.admin.post(
        f"/organization/hose/{own_shop.hose}/update", {"unitOfMeasure": "m", "listPriceUnitOfMeasure": "ft"}
    )
    hose = line(own_shop.price(), "hose")
    assert (hose["unitOfMeasure"], hose["quantity"], hose["price"]) == ("m", 0.8192, 17.20)  # 0.81915 m
    assert hose["unitPrice"] == pytest.approx(20.9974, abs=5e-5)


def test_kerf_and_scrap_are_paid(world: Any) -> None:
    assert line(Shop(world, kerf=0.125).price(length=36), "hose")["price"] == 17.27  # 32.375 / 12 x 6.40 = 17.2667
    assert line(Shop(world, scrapPercent=5).price(length=36), "hose")["price"] == 18.06  # 17.20 x 1.05


def test_a_line_says_how_much_of_it_is_hose_kerf_and_scrap(world: Any) -> None:
    """32.25 in with 0.125 in of kerf are 2.6979 ft, of which 5 % are lost besides: 2.8328 ft."""
    hose = line(Shop(world, kerf=0.125, scrapPercent=5).price(length=36), "hose")
    parts = {name: hose[name] for name in ("cutLength", "kerf", "scrap", "quantity")}
    assert parts == {"cutLength": 2.6875, "kerf": 0.0104, "scrap": 0.1349, "quantity": 2.8328}
    assert (hose["listPrice"], hose["price"]) == (18.13, 18.13)  # 2.832813 x 6.40
    end = line(Shop(world).price(), "end1")
    assert (end["listPrice"], end["cutLength"], end["kerf"], end["scrap"]) == (7.85, None, None, None)


def test_a_line_says_which_discount_and_which_margin_it_was_priced_by(shop: Shop) -> None:
    less = shop.price(customerOrgId=shop.customer(defaultDiscountPercentMaterials=20))
    assert [line(less, role).get("discountPercent") for role in ("hose", "end1", "labour")] == [20, 20, None]
    buyer = shop.customer(listPricing=False, defaultMarginPercentMaterials=60)
    by_cost = line(shop.price(customerOrgId=buyer), "end1")
    assert (by_cost["unitPrice"], by_cost["marginPercent"], by_cost["discountPercent"]) == (10.555, 60, None)


def test_the_exchange_rate_is_named(shop: Shop) -> None:
    assert (shop.price()["exchangeRate"], shop.price(currency="CAD")["exchangeRate"]) == (None, 1.35)


def test_tests_and_wrapping_are_lines_of_their_own(world: Any) -> None:
    shop = Shop(world, proofTestPrice=6, burstTestPrice=45, wrapPrice=3.5)
    answer = shop.price(proofTest=True, burstTest=True, wrapId=shop.wrap)
    assert {entry["role"]: entry["price"] for entry in answer["charges"]} == {
        "labour": 5, "proofTest": 6, "burstTest": 45, "wrapping": 3.5
    }  # fmt: skip
    other = Shop(world, proofTestPrice=6, proofTestCost=2.5, wrapCost=1.5)
    costs = other.price(proofTest=True, wrapId=other.wrap)["charges"]
    assert [(entry["role"], entry["cost"]) for entry in costs][1:] == [("proofTest", 2.5), ("wrapping", 1.5)]
    # the wrap is 32.25 in at 1.00 per ft
    assert (line(answer, "wrap")["quantity"], line(answer, "wrap")["price"]) == (2.6875, 2.69)
    style = {"coverage": {"coverageType": "both ends", "end": 12, "unit": "in"}}
    assert line(shop.price(wrapId=shop.wrap, wrapStyle=style), "wrap")["price"] == 2


def test_ferrules_are_priced_as_a_stored_assembly_has_them(shop: Shop) -> None:
    assert [entry["role"] for entry in shop.price()["items"]] == ["hose", "end1", "end2", "ferrule1", "ferrule2"]
    none = shop.price(ferrule1Id=None, ferrule2Id=None)
    assert none["netPrice"] == 37.90
    assert shop.price(ferrule1Id=shop.ferrule, ferrule2Id=None)["netPrice"] == 40.00


# -- precedence -------------------------------------------------------------------------------------------------------


def test_customer_item_before_price_list_before_defaults_before_list(shop: Shop) -> None:
    listed = shop.price_list({shop.hose: {"listPrice": 5}, shop.end1: {"listPrice": 7}, shop.end2: {"listPrice": 7}})
    buyer = shop.customer(priceList=listed, defaultDiscountPercentMaterials=20)
    shop.agree(buyer, shop.hose, netPrice=4)
    assert "considered" not in line(shop.price(customerOrgId=buyer), "hose")
    answer = shop.price(customerOrgId=buyer, explain=True)
    assert (line(answer, "hose")["unitPrice"], line(answer, "hose")["priceSource"]) == (4, "customer item price")
    assert (line(answer, "end1")["unitPrice"], line(answer, "end1")["priceSource"]) == (7, "customer price list")
    assert (line(answer, "ferrule1")["unitPrice"], line(answer, "ferrule1")["priceSource"]) == (
        1.68,
        "customer default",
    )
    # 4 x 2.6875 + 2 x 7 + 2 x 1.68 + 5
    assert answer["netPrice"] == 33.11
    won = [entry["rule"] for entry in line(answer, "hose")["considered"] if entry["won"]]
    assert won == ["customer item price"]
    assert [entry["unitPrice"] for entry in line(answer, "hose")["considered"]] == [4, 5, 5.12, None, 6.4, 6.4]


def test_an_agreement_holds_from_its_first_day_to_its_last(shop: Shop) -> None:
    today = datetime.now(UTC).date()
    for begin, end, price in ((-1, 1, 4), (0, 0, 4), (1, 9, 6.4), (-9, -1, 6.4)):
        buyer = shop.customer()
        dates = {
            "startDate": (today + timedelta(begin)).isoformat() + "T00:00:00.000Z",
            "endDate": (today + timedelta(end)).isoformat() + "T00:00:00.000Z",
        }
        shop.agree(buyer, shop.hose, netPrice=4, **dates)
        assert line(shop.price(customerOrgId=buyer), "hose")["unitPrice"] == price, (begin, end)


def test_an_agreed_discount_is_a_fraction_off_the_list_price(shop: Shop) -> None:
    buyer = shop.customer()
    shop.agree(buyer, shop.hose, discount=0.1)
    assert line(shop.price(customerOrgId=buyer), "hose")["price"] == 15.48


def test_a_list_item_that_is_switched_off_and_a_deleted_list_do_not_count(shop: Shop) -> None:
    listed = shop.price_list({shop.hose: {"listPrice": 5, "enabled": False}})
    buyer = shop.customer(priceList=listed)
    assert line(shop.price(customerOrgId=buyer), "hose")["unitPrice"] == 6.4
    gone = shop.price_list({shop.hose: {"listPrice": 5}}, deleted=True)
    shop.change(CUSTOMERS, buyer, priceList=gone)
    assert line(shop.price(customerOrgId=buyer), "hose")["unitPrice"] == 6.4


def default_list(shop: Shop, items: dict[str, dict[str, Any]], **fields: Any) -> str:
    """A price list that is the organization's own."""
    listed = shop.price_list(items, **fields)
    shop.admin.post("/organization/update", {"defaultPriceList": listed})
    return listed


def rule_of(answer: dict[str, Any], role: str, *names: str) -> list[Any]:
    return [line(answer, role)[name] for name in ("unitPrice", "priceSource", *names)]


def considered(answer: dict[str, Any], role: str) -> dict[str, float | None]:
    return {entry["rule"]: entry["unitPrice"] for entry in line(answer, role)["considered"]}


def test_the_organization_s_list_is_a_rule_of_its_own_for_every_buyer(own_shop: Shop) -> None:
    """List price 6.40 less 1 % is 6.336; the organization's list says 3.00."""
    shop, source = own_shop, "organization price list"
    listed = default_list(shop, {shop.hose: {"listPrice": 3}}, name="All buyers")
    fleet = shop.price_list({shop.end1: {"listPrice": 7}}, name="Fleet")
    keen = {"defaultDiscountPercentHoses": 1}
    nobody = shop.price()
    assert rule_of(nobody, "hose", "priceList") == [3, source, "All buyers"]
    assert line(nobody, "hose")["explanation"] == (
        "Organization price list: The price of this item in the price list All buyers."
    )
    for fields, wanted in (
        ({}, [3, source, "All buyers"]),
        ({"priceList": fleet}, [3, source, "All buyers"]),  # which does not have it
        ({"priceList": listed}, [3, "customer price list", "All buyers"]),
        (keen, [6.336, "customer default", None]),
        (keen | {"priceList": fleet}, [6.336, "customer default", None]),
    ):
        answer = shop.price(customerOrgId=shop.customer(**fields), explain=True)
        assert rule_of(answer, "hose", "priceList") == wanted, fields
        found = considered(answer, "hose")
        assert (found[source], found["organization default"], found["list price"]) == (3, 6.4, 6.4)
        assert rule_of(answer, "end1")[0] == (7 if fields.get("priceList") == fleet else 7.85)
    gone = shop.price_list({shop.hose: {"listPrice": 1}}, deleted=True)
    shop.change(ORGANIZATIONS, shop.organization.id, defaultPriceList=gone)
    assert rule_of(shop.price(), "hose") == [6.4, "organization default"]


def test_the_defaults_of_the_organization_s_list_hold_at_its_rank(own_shop: Shop) -> None:
    """Ends at 7.85 less 10 % are 7.065; the customer's own 20 % make 6.28; labour is 1.999 / (1 - 0.5)."""
    shop = own_shop
    default_list(
        shop,
        {shop.hose: {"listPrice": 5, "enabled": False}},
        defaultDiscountPercentMaterials=10,
        defaultMarginPercentLabour=50,
    )
    answer = shop.price()
    assert rule_of(answer, "hose") == [5.76, "organization price list"]
    assert rule_of(answer, "end1") == [7.065, "organization price list"]
    assert rule_of(answer, "labour") == [3.998, "organization price list"]
    buyer = shop.customer(defaultDiscountPercentCrimpFittings=20)
    assert rule_of(shop.price(customerOrgId=buyer), "end1") == [6.28, "customer default"]
    assert rule_of(shop.price(customerOrgId=buyer), "hose") == [5.76, "organization price list"]


def test_breaks_of_the_organization_s_list_count_the_whole_request(own_shop: Shop) -> None:
    """Five assemblies take five of each end; the first price list has no breaks, and stays the stronger one."""
    shop = own_shop
    default_list(shop, {shop.end1: {"listPrice": 7, "quantityBreaks": [{"quantity": 5, "price": 6}]}})
    for quantity, unit in ((4, 7), (5, 6)):
        assert line(shop.price(quantity=quantity), "end1")["unitPrice"] == unit
    buyer = shop.customer(priceList=shop.price_list({shop.end1: {"listPrice": 6.5}}))
    answer = shop.price(customerOrgId=buyer, quantity=5, explain=True)
    assert rule_of(answer, "end1") == [6.5, "customer price list"]
    assert considered(answer, "end1")["organization price list"] == 6


def test_a_price_follows_both_lists(own_shop: Shop) -> None:
    """What was remembered of a price is not kept when a row of either list, or the choice of the list, changes."""
    shop = own_shop
    listed = default_list(shop, {shop.hose: {"listPrice": 5}})
    fleet = shop.price_list({shop.end1: {"listPrice": 7}})
    buyer = shop.customer(priceList=fleet)

    def units() -> list[float]:
        answer = shop.price(customerOrgId=buyer)
        return [line(answer, role)["unitPrice"] for role in ("hose", "end1")]

    assert (units(), units()) == ([5, 7], [5, 7])
    shop.admin.post(f"/pricelist/{listed}/item/{shop.hose}/update", {"listPrice": 4.5})
    assert units() == [4.5, 7]
    shop.admin.post(f"/pricelist/{fleet}/item/{shop.hose}/update", {"listPrice": 4.25})
    assert units() == [4.25, 7]
    shop.admin.post(f"/pricelist/{fleet}/item/{shop.hose}/delete")
    shop.admin.post(f"/pricelist/{fleet}/item/{shop.end1}/delete")
    shop.admin.post(f"/pricelist/{listed}/item/{shop.end1}/update", {"listPrice": 7.5})
    assert units() == [4.5, 7.5]
    shop.admin.post("/organization/update", {"defaultPriceList": None})
    assert units() == [6.4, 7.85]


def test_customers_are_not_told_what_the_organization_s_list_is_called(own_shop: Shop) -> None:
    shop = own_shop
    default_list(shop, {shop.hose: {"listPrice": 3}}, name="Walk-ins")
    (anyone,) = shop.customer_key(None)
    found = anyone.post("/hoseassembly/price", shop.form())
    assert rule_of(found, "hose") == [3, "organization price list"]
    assert "Walk-ins" not in json.dumps(found)
    assert "Walk-ins" in json.dumps(shop.as_("regular").post("/hoseassembly/price", shop.form()))


def test_prices_from_cost_and_margin(world: Any) -> None:
    shop = Shop(world, listPricing=False, defaultMarginPercentMaterials=60, defaultMarginPercentLabour=50)
    shop.admin.post(f"/organization/hose/{shop.hose}/update", {"cost": 30})
    hose = line(shop.price(), "hose")
    assert (hose["unitPrice"], hose["priceSource"]) == (75, "organization default")  # 30 / (1 - 0.6)
    assert hose["unitCost"] == 30
    assert line(shop.price(), "labour")["price"] == 4  # 1.999 / 0.5 = 3.998


def test_the_cost_agreed_with_a_customer_is_the_cost_while_the_agreement_holds(own_shop: Shop) -> None:
    """10.00 per m are 3.048 per ft, at a margin of 60 % 7.62; 4.05 CAD are 3.00, 7.50; 3.111 per ft is 7.7775."""
    shop = own_shop
    buyer = shop.customer(listPricing=False, defaultMarginPercentMaterials=60)
    hose, end = f"/customer/{buyer}/item/{shop.hose}/update", f"/customer/{buyer}/item/{shop.end1}/update"
    days = {"startDate": "2031-01-01", "endDate": "2031-12-31"}
    shop.admin.post(hose, {"cost": 10, "unitOfMeasure": "m", **days})
    shop.admin.post(end, {"cost": 4.05, "costCurrency": "CAD"})

    def costs(role: str, **asked: Any) -> list[Any]:
        found = line(shop.price(**{"customerOrgId": buyer, "priceDate": "2031-06-30", **asked}), role)
        return [found[name] for name in ("unitCost", "unitPrice", "priceSource", "marginPercent")]

    assert costs("hose") == [3.048, 7.62, "customer default", 60]
    assert costs("end1") == [3, 7.5, "customer default", 60]
    assert costs("hose", priceDate="2032-01-01") == [3.111, 7.7775, "customer default", 60]
    assert costs("hose", customerOrgId=shop.customer())[:2] == [3.111, 6.4]
    whole = shop.price(customerOrgId=buyer, priceDate="2031-06-30")
    # 3.048 x 2.6875 + 3 + 4.222 + 2 x 0.777 + 1.999 = 18.9665
    assert whole["cost"] == 18.97
    shop.admin.post(end, {"available": False, "netPrice": 1})
    assert costs("end1") == [4.222, 10.555, "customer default", 60]
    shop.admin.post(end, {"available": True})
    assert costs("end1") == [3, 1, "customer item price", None]
    shop.admin.post(hose, {"unitOfMeasure": None, "cost": 3})  # per ft, as the item's own cost is
    assert costs("hose")[:2] == [3, 7.5]


def test_an_agreed_cost_is_told_to_those_alone_who_see_costs(shop: Shop) -> None:
    buyer = shop.customer()
    shop.admin.post(f"/customer/{buyer}/item/{shop.hose}/update", {"cost": 2.7182})
    asked = shop.form(customerOrgId=buyer, explain=True)
    assert "2.7182" in json.dumps(shop.admin.post("/hoseassembly/price", asked))
    (key,) = shop.customer_key(buyer)
    for client in (shop.as_("regular"), shop.as_("restricted"), key):
        assert "2.7182" not in json.dumps(client.post("/hoseassembly/price", asked))


def test_discounts_by_type_of_item(shop: Shop) -> None:
    buyer = shop.customer(
        defaultDiscountPercentHoses=10, defaultDiscountPercentCrimpFittings=20, defaultDiscountPercentFerrules=50
    )
    answer = shop.price(customerOrgId=buyer)
    assert [entry["price"] for entry in answer["items"]] == [15.48, 6.28, 6.28, 1.05, 1.05]
    assert answer["netPrice"] == 35.14


# -- currencies -------------------------------------------------------------------------------------------------------


def test_a_currency_without_a_rate_is_refused(shop: Shop) -> None:
    assert "EUR" in shop.admin.refused("/hoseassembly/price", shop.form(currency="EUR"))["currency"][0]
    assert "currency" in shop.admin.refused("/hoseassembly/price", shop.form(currency="EURO"))
    id_ = shop.assembly()["_id"]
    assert "currency" in shop.admin.refused(f"/hoseassembly/{id_}/price", {"currency": "EUR"})


def test_the_customer_s_currency_is_the_usual_one(shop: Shop) -> None:
    assert shop.price(customerOrgId=shop.customer(defaultCurrency="CAD"))["netPrice"] == 56.84
    former = shop.customer()
    shop.change(CUSTOMERS, former, defaultCurrency="EUR")  # as it had one whose rate was taken off since
    strange = shop.price(customerOrgId=former)
    assert (strange["currency"], strange["netPrice"]) == ("USD", 42.10)
    assert "EUR" in strange["warnings"][0]


def switched_off(shop: Shop, code: str, rate: float) -> None:
    for available in (1, 0):
        shop.admin.post("/organization/currencies/update", {"code": code, "rate": rate, "available": available})


def test_amounts_in_a_currency_that_is_switched_off_are_converted(own_shop: Shop) -> None:
    """4.00 GBP at 0.8 for a dollar are 5.00 USD; 6.00 GBP are 7.50 USD; 6.75 CAD at 1.35 are 5.00 USD."""
    shop = own_shop
    switched_off(shop, "GBP", 0.8)
    listed = shop.admin.post("/pricelists/create", {"name": "British", "defaultCurrency": "GBP"}, 201)["_id"]
    shop.admin.post(f"/pricelist/{listed}/item/{shop.hose}/update", {"listPrice": 4, "currency": "GBP"})
    shop.admin.post(f"/pricelist/{listed}/item/{shop.end1}/update", {"listPrice": 6})
    buyer = shop.customer(priceList=listed, defaultCurrency="GBP")
    agreed = {"netPrice": 4, "netPriceCurrency": "GBP"}
    shop.admin.post(f"/customer/{buyer}/item/{shop.end2}/update", agreed)
    answer = shop.price(customerOrgId=buyer)
    assert [line(answer, role)["unitPrice"] for role in ("hose", "end1", "end2")] == [5, 7.5, 5]
    # what is asked for is another matter: the usual currency gives way to the organization's, said in a warning
    assert (answer["currency"], "GBP" in answer["warnings"][0]) == ("USD", True)
    assert "GBP" in shop.admin.refused("/hoseassembly/price", shop.form(currency="GBP"))["currency"][0]
    shop.admin.post("/organization/currencies/update", {"code": "GBP", "rate": 0.8, "available": 1})
    answer = shop.price(customerOrgId=buyer)
    assert (answer["currency"], line(answer, "hose")["unitPrice"], answer["warnings"]) == ("GBP", 4, [])


def test_a_rule_without_a_rate_is_told_and_no_weaker_one_stands_in_for_it(own_shop: Shop) -> None:
    """The organization's list has the hose in a currency whose rate was taken off since: no 6.40 in silence."""
    shop = own_shop
    switched_off(shop, "GBP", 0.8)
    default_list(shop, {shop.hose: {"listPrice": 4, "currency": "GBP"}}, name="All buyers")
    assert line(shop.price(), "hose")["unitPrice"] == 5
    shop.admin.post("/organization/currencies/update", {"code": "GBP", "rate": 0.8, "deleted": 1})
    answer = shop.price(explain=True)
    assert (answer["netPrice"], answer["missing"]) == (None, ["hose"])
    assert rule_of(answer, "hose") == [None, None]
    assert line(answer, "hose")["explanation"].startswith("Organization price list: There is no rate for GBP")
    assert considered(answer, "hose") == {
        "customer item price": None,
        "customer price list": None,
        "customer default": None,
        "organization price list": None,
        "organization default": 6.4,
        "list price": 6.4,
    }
    assert "no rate for GBP" in line(answer, "hose")["considered"][3]["reason"]
    assert not any(entry["won"] for entry in line(answer, "hose")["considered"])
    buyer = shop.customer()
    shop.admin.post(f"/customer/{buyer}/item/{shop.hose}/update", {"netPrice": 6})
    assert rule_of(shop.price(customerOrgId=buyer), "hose") == [6, "customer item price"]


def test_currencies_without_a_rate_are_refused_wherever_they_are_given(shop: Shop) -> None:
    admin, buyer = shop.admin, shop.customer()
    made = admin.post("/pricelists/create", {"name": "Checked", "defaultCurrency": "cad"}, 201)
    path = f"/pricelist/{made['_id']}"
    for where, body, field in (
        ("/pricelists/create", {"name": "Unchecked", "defaultCurrency": "CHF"}, "defaultCurrency"),
        (f"{path}/update", {"defaultCurrency": "XXX"}, "defaultCurrency"),
        (f"{path}/item/{shop.hose}/update", {"listPrice": 1, "currency": "CHF"}, "currency"),
        (f"/customer/{buyer}/item/{shop.hose}/update", {"netPriceCurrency": "CHF"}, "netPriceCurrency"),
    ):
        refused = admin.refused(where, body)
        assert list(refused) == [field], where
        assert "use one of CAD, JPY, USD" in refused[field][0]
    assert admin.get(path)["defaultCurrency"] == "CAD"
    assert "defaultCurrency" not in admin.post(f"{path}/update", {"defaultCurrency": None})


def test_a_currency_without_cents(shop: Shop) -> None:
    answer = shop.price(currency="JPY")
    assert (answer["netPrice"], answer["total"]) == (6315, 6315)  # 42.10 x 150


def test_a_price_in_another_currency_is_converted_and_one_without_a_rate_is_missing(own_shop: Shop) -> None:
    path = f"/organization/hose/{own_shop.hose}/update"
    own_shop.admin.post(path, {"listPrice": 8.64, "listPriceCurrency": "CAD"})
    assert line(own_shop.price(), "hose")["unitPrice"] == 6.4
    own_shop.admin.post(path, {"listPriceCurrency": "NOK"})
    answer = own_shop.price()
    assert (answer["netPrice"], answer["total"], answer["missing"]) == (None, None, ["hose"])
    assert "NOK" in line(answer, "hose")["explanation"]


# -- what is missing --------------------------------------------------------------------------------------------------


def test_a_part_without_a_price_leaves_the_whole_open(own_shop: Shop) -> None:
    own_shop.admin.post(f"/organization/crimpfitting/{own_shop.end2}/update", {"listPrice": None})
    answer = own_shop.price(quantity=3)
    assert (answer["netPrice"], answer["total"], answer["listPrice"], answer["missing"]) == (None, None, None, ["end2"])
    assert line(answer, "end2")["price"] is None
    assert line(answer, "hose")["price"] == 17.20


def test_a_hose_priced_by_the_piece_has_no_price_for_a_length(own_shop: Shop) -> None:
    path = f"/organization/hose/{own_shop.hose}/update"
    own_shop.admin.post(path, {"unitOfMeasure": "each"})
    answer = own_shop.price()
    assert (answer["netPrice"], answer["missing"]) == (None, ["hose"])
    assert line(answer, "hose")["unitOfMeasure"] == "ft"
    id_ = own_shop.assembly()["_id"]
    assert "2SN-08" in own_shop.admin.pdf(f"/hoseassembly/{id_}/datasheet", {"showPricing": True})


def test_no_labour_price_is_no_line(world: Any) -> None:
    shop = Shop(world, labourPrice=None, labourCost=None)
    answer = shop.price()
    assert (answer["charges"], answer["netPrice"], answer["listPrice"]) == ([], 37.10, 37.10)


def test_unknown_customers_and_parts_are_named(shop: Shop) -> None:
    unknown = "f" * 24
    assert list(shop.admin.refused("/hoseassembly/price", shop.form(customerOrgId=unknown), 404)) == ["customerOrgId"]
    form = shop.form(end1Id=unknown, hoseId=shop.end1)
    assert set(shop.admin.refused("/hoseassembly/price", form, 404)) == {"hoseId", "end1Id"}
    id_ = shop.assembly()["_id"]
    assert list(shop.admin.refused(f"/hoseassembly/{id_}/price", {"customerOrgId": unknown}, 404)) == ["customerOrgId"]
    for quantity in (0, -1, 1_000_001, "2"):
        assert "quantity" in shop.admin.refused("/hoseassembly/price", shop.form(quantity=quantity))


# -- who sees what ----------------------------------------------------------------------------------------------------


def test_costs_and_the_rules_considered_are_for_admins(shop: Shop) -> None:
    whole = shop.price()
    # 3.111 x 2.6875 + 2 x 4.222 + 2 x 0.777 + 1.999
    assert whole["cost"] == 20.36
    assert whole["marginPercent"] == 51.64
    assert line(whole, "end1")["unitCost"] == COSTS["end1"]
    id_ = shop.assembly()["_id"]
    (anyone,) = shop.customer_key(None)
    for client in (shop.as_("regular"), shop.as_("restricted"), anyone):
        found = client.post("/hoseassembly/price", shop.form(explain=True))
        assert found["netPrice"] == 42.10
        said = json.dumps(found)
        for name in ("cost", "Cost", "margin", "considered"):
            assert name not in said, (client.person.label, name)
        if client is not anyone:
            assert "ost" not in json.dumps(client.post(f"/hoseassembly/{id_}/price"))


def test_a_customer_key_prices_for_its_own_customer(shop: Shop) -> None:
    dear, cheap = shop.customer(), shop.customer(defaultDiscountPercentMaterials=20)
    own, nobody, unknown = shop.customer_key(cheap, None, "f" * 24)
    assert own.post("/hoseassembly/price", shop.form())["netPrice"] == 34.68
    assert own.post("/hoseassembly/price", shop.form(customerOrgId=dear))["netPrice"] == 34.68
    for client in (nobody, unknown):
        found = client.post("/hoseassembly/price", shop.form(customerOrgId=cheap))
        assert (found["netPrice"], found["customerOrgId"]) == (42.10, None)


# -- adding up --------------------------------------------------------------------------------------------------------

MONEY = st.decimals(min_value=0, max_value=5000, places=3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prices=st.lists(MONEY, min_size=1, max_size=6),
    quantity=st.integers(1, 5000),
    currency=st.sampled_from(["USD", "CAD", "JPY"]),
)
def test_lines_and_rounding_add_up_to_the_total(
    shop: Shop, prices: list[Decimal], quantity: int, currency: str
) -> None:
    charges = [Charge(f"work{place}", "Work", float(price)) for place, price in enumerate(prices)]
    answer = priced(shop, charges, quantity, currency=currency)
    rate = {"USD": Decimal(1), "CAD": Decimal("1.35"), "JPY": Decimal(150)}[currency]
    places = Decimal(1) if currency == "JPY" else Decimal("0.01")
    exact = (Decimal("37.10") + sum(prices)) * rate
    assert Decimal(str(answer["netPrice"])) == exact.quantize(places, "ROUND_HALF_UP")
    shown = [Decimal(str(entry["price"])) for entry in (*answer["items"], *answer["charges"])]
    assert sum(shown) + Decimal(str(answer["rounding"])) == Decimal(str(answer["netPrice"]))
    assert Decimal(str(answer["total"])) == Decimal(str(answer["netPrice"])) * quantity

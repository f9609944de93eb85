"""What prices make of price lists: which list and which break won, for any quantity, customer and day."""

import pytest
from price_shop import Shop, line

from support.world import World

BREAKS = [{"quantity": 10, "price": 6}, {"quantity": 50, "discountPercent": 50}]


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


def test_a_break_counts_the_item_in_the_whole_request(shop: Shop) -> None:
    """Two ends of the same fitting: five assemblies take ten, twenty-five take fifty."""
    fleet = shop.price_list("Fleet")["_id"]
    shop.listed(fleet, shop.fitting, listPrice=7, quantityBreaks=BREAKS)
    customer = shop.customer(priceList=fleet)
    for quantity, unit_price, reached in ((1, 7, None), (4, 7, None), (5, 6, 10), (24, 6, 10), (25, 3.5, 50)):
        price = shop.price(customerOrgId=customer, quantity=quantity, explain=True)
        for role in ("end1", "end2"):
            end = line(price, role)
            assert (end["unitPrice"], end.get("quantityBreak")) == (unit_price, reached)
            assert end["nextQuantityBreak"] == {None: 10, 10: 50, 50: None}[reached]
            assert (end["priceSource"], end["priceList"]) == ("customer price list", "Fleet")
            assert "the price list Fleet" in end["explanation"]
            won = next(rule for rule in end["considered"] if rule["won"])
            assert (won["rule"], won["quantityBreak"]) == ("customer price list", reached)
            assert (f"from {reached} each on" in won["reason"]) is (reached is not None)
        assert price["total"] == quantity * (10 + 2 * unit_price)
    assert line(shop.price(quantity=25), "end1")["unitPrice"] == 8


def test_a_length_counts_in_the_unit_of_the_price(shop: Shop) -> None:
    """Each assembly takes a foot of hose; the breaks are in metres: 3.048 m are ten feet."""
    fleet = shop.price_list("Fleet")["_id"]
    shop.listed(
        fleet, shop.hose, listPrice=30.48, unitOfMeasure="m", quantityBreaks=[{"quantity": 3.048, "price": 3.048}]
    )
    customer = shop.customer(priceList=fleet)
    prices = {n: line(shop.price(customerOrgId=customer, quantity=n), "hose")["unitPrice"] for n in (1, 9, 10)}
    assert prices == {1: 9.290304, 9: 9.290304, 10: 0.92903}
    assert "from 3.048 m on" in line(shop.price(customerOrgId=customer, quantity=10), "hose")["explanation"]


def test_a_deleted_list_counts_as_none(shop: Shop) -> None:
    fleet = shop.price_list("Fleet", defaultDiscountPercentMaterials=20)["_id"]
    customer = shop.customer(priceList=fleet)
    assert line(shop.price(customerOrgId=customer), "end1")["unitPrice"] == 6.4
    assert "price list Fleet" in line(shop.price(customerOrgId=customer), "end1")["explanation"]
    shop.post(f"/pricelist/{fleet}/delete")
    end = line(shop.price(customerOrgId=customer), "end1")
    assert (end["unitPrice"], end.get("priceList")) == (8, None)


def test_an_item_that_is_off_is_priced_by_the_defaults_of_the_list(shop: Shop) -> None:
    fleet = shop.price_list("Fleet", defaultDiscountPercentMaterials=20)["_id"]
    shop.listed(fleet, shop.fitting, listPrice=1, enabled=False, quantityBreaks=BREAKS)
    assert line(shop.price(customerOrgId=shop.customer(priceList=fleet), quantity=99), "end1")["unitPrice"] == 6.4


def test_prices_of_another_currency_are_converted(shop: Shop) -> None:
    fleet = shop.price_list("Fleet", defaultCurrency="EUR")["_id"]
    shop.listed(fleet, shop.fitting, listPrice=9, quantityBreaks=[{"quantity": 10, "price": 4.5}])
    customer = shop.customer(priceList=fleet)
    price = shop.price(customerOrgId=customer, quantity=5)
    assert (price["currency"], line(price, "end1")["unitPrice"]) == ("EUR", 4.5)
    assert line(shop.price(customerOrgId=customer, quantity=5, currency="USD"), "end1")["unitPrice"] == 5


def test_any_day_may_be_asked_for(shop: Shop) -> None:
    customer = shop.customer()
    agreed = {"netPrice": 5, "startDate": "2031-01-01", "endDate": "2031-12-31"}
    shop.post(f"/customer/{customer}/item/{shop.fitting}/update", agreed)
    days = {"2030-12-31": 8, "2031-01-01": 5, "2031-06-01T12:00:00Z": 5, "2031-12-31": 5, "2032-01-01": 8}
    for day, expected in days.items():
        price = shop.price(customerOrgId=customer, priceDate=day)
        assert (price["date"], line(price, "end1")["unitPrice"]) == (day[:10], expected)
        won = ("2031-01-01", "2031-12-31") if expected == 5 else (None, None)
        assert (line(price, "end1")["startDate"], line(price, "end1")["endDate"]) == won
    wrong = shop.ask("POST", "/hoseassembly/price", {"priceDate": "31.12.2031"})
    assert "priceDate" in [error["field"] for error in wrong.json()["errors"]]


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [
        ("2031-06-01", "2031-06-30", ("00:00", "00:00")),
        # in UTC the evening before
        ("2031-06-01T00:00:00+02:00", "2031-06-30T00:00:00+02:00", ("00:00", "00:00")),
        # in UTC the morning after
        ("2031-06-01T20:00:00-05:00", "2031-06-30T23:59:59-05:00", ("00:00", "00:00")),
        # the same day in UTC: the moment stays
        ("2031-06-01T08:00Z", "2031-06-30T14:00:00+02:00", ("08:00", "12:00")),
    ],
)
def test_an_agreement_holds_on_the_days_as_they_are_written(
    shop: Shop, start: str, end: str, kept: tuple[str, str]
) -> None:
    customer = shop.customer()
    agreed = {"netPrice": 5, "startDate": start, "endDate": end}
    made = shop.post(f"/customer/{customer}/item/{shop.fitting}/update", agreed)
    assert made["startDate"] == f"2031-06-01T{kept[0]}:00.000Z"
    assert made["endDate"] == f"2031-06-30T{kept[1]}:00.000Z"
    for day, price in {"2031-05-31": 8, "2031-06-01": 5, start: 5, end: 5, "2031-06-30": 5, "2031-07-01": 8}.items():
        answer = shop.price(customerOrgId=customer, priceDate=day)
        assert (answer["date"], line(answer, "end1")["unitPrice"]) == (day[:10], price)


def test_an_agreement_may_hold_for_one_day(shop: Shop) -> None:
    path = f"/customer/{shop.customer()}/item/{shop.fitting}/update"
    shop.post(path, {"netPrice": 5, "startDate": "2031-06-30T08:00Z", "endDate": "2031-06-30"})
    refused = shop.ask("POST", path, {"endDate": "2031-06-29T23:59:59Z"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "endDate")
    assert "before the start date 2031-06-30." in refused.text


def test_a_stored_assembly_is_priced_for_any_day_too(shop: Shop) -> None:
    made = shop.world.make(shop.organization, "hoseAssembly")
    assert shop.post(f"/hoseassembly/{made}/price", {"priceDate": "2031-01-02"})["date"] == "2031-01-02"


def test_customers_are_not_told_what_a_list_is_called(shop: Shop) -> None:
    fleet = shop.price_list("Bad payers")["_id"]
    shop.listed(fleet, shop.fitting, listPrice=7, quantityBreaks=BREAKS)
    customer = shop.customer(priceList=fleet)
    key = shop.world.key(shop.organization, "customer")
    asked = {"hoseId": shop.hose, "end1Id": shop.fitting, "length": 12, "lengthUnit": "in", "quantity": 10}
    response = shop.world.client.post(
        "/api/v1/hoseassembly/price", json=asked, headers={**key.headers, "apiCustomerId": customer}
    )
    assert response.status_code == 200
    end = line(response.json(), "end1")
    assert (end["unitPrice"], end["quantityBreak"]) == (6, 10)
    assert "from 10 each on" in end["explanation"]
    assert "Bad payers" not in response.text

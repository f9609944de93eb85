"""Quantity breaks in the precedence: which one is reached, what it gives, and what is said of it."""

from datetime import date
from decimal import Decimal

import pytest

from brassleaf.trade.defaults import Defaults
from brassleaf.trade.money import Amount, Currencies
from brassleaf.trade.precedence import (
    Candidates,
    CustomerItem,
    PriceList,
    PriceListItem,
    QuantityBreak,
    Rule,
    unit_price,
)

D = Decimal
MONEY = Currencies("USD", {"CAD": D("1.35")})
DAY = date(2026, 5, 1)


def priced(quantity="1", per="each", currency="USD", **facts):
    facts.setdefault("list_price", Amount(D(10), per=per))
    found = Candidates("hose" if per != "each" else "crimpFitting", quantity=D(quantity), **facts)
    return unit_price(found, on=DAY, currency=currency, per=per, currencies=MONEY)


def steps(*rows):
    return tuple(
        QuantityBreak(D(quantity), Amount(D(price)) if price else None, D(percent) if percent else None)
        for quantity, price, percent in rows
    )


BREAKS = steps(("50", "4", None), ("10", "5", None), ("100", None, "50"))


@pytest.mark.parametrize(
    ("quantity", "price", "reached"),
    [
        ("1", "7", None),
        ("9.999999", "7", None),
        ("10", "5", "10"),
        ("49", "5", "10"),
        ("50", "4", "50"),
        ("1000", "3.5", "100"),
    ],
)
def test_the_highest_break_that_is_reached_holds_in_any_order(quantity, price, reached):
    for facts, rule in (
        ({"price_list": PriceList(PriceListItem(Amount(D(7)), breaks=BREAKS))}, Rule.PRICE_LIST),
        (
            {"organization_price_list": PriceList(PriceListItem(Amount(D(7)), breaks=BREAKS))},
            Rule.ORGANIZATION_PRICE_LIST,
        ),
        ({"customer_item": CustomerItem(net_price=Amount(D(7)), breaks=BREAKS)}, Rule.CUSTOMER_ITEM),
        ({"customer_item": CustomerItem(price=Amount(D(7)), breaks=BREAKS)}, Rule.CUSTOMER_ITEM),
    ):
        found = priced(quantity, **facts)
        assert (found.unit_price, found.rule) == (D(price), rule)
        assert found.how.quantity_break == (None if reached is None else D(reached))
        assert (f"from {reached} each on" in found.explanation) is (reached is not None)
        won = next(step for step in found.considered if step.won)
        assert won.how.quantity_break == found.how.quantity_break


@pytest.mark.parametrize(
    ("place", "rule", "owner"),
    [("price_list", "Customer", "customer"), ("organization_price_list", "Organization", "organization")],
)
def test_the_price_list_is_named_where_it_may_be(place, rule, owner):
    def said(quantity="1", name="Fleet", item=None, **defaults):
        found = priced(quantity, **{place: PriceList(item, Defaults(**defaults), name)})
        assert found.how.price_list == name
        return found.explanation

    item = PriceListItem(Amount(D(7)), breaks=BREAKS)
    assert (
        said("10", item=item) == f"{rule} price list: The price of this item in the price list Fleet from 10 each on."
    )
    assert "Fleet less 50 %, from 100 each on." in said("100", item=item)
    assert said("10", None, item) == (
        f"{rule} price list: The price of this item in the {owner}'s price list from 10 each on."
    )
    by_default = said(discount_percent_materials=D(20))
    assert by_default.endswith("The list price less 20 %. By the defaults of the price list Fleet.")


def test_breaks_without_a_price_of_their_own_stand_on_the_list_price():
    listed = PriceListItem(None, breaks=steps(("10", None, "25"), ("20", "6", None)))
    assert priced("9", price_list=PriceList(listed)).rule is Rule.LIST
    assert priced("10", price_list=PriceList(listed)).unit_price == D("7.5")
    assert priced("20", price_list=PriceList(listed)).unit_price == 6
    assert priced("10", price_list=PriceList(listed), list_price=None).unit_price is None
    agreed = CustomerItem(discount=D("0.1"), breaks=steps(("10", None, "25")))
    assert priced("9", customer_item=agreed).unit_price == 9
    assert priced("10", customer_item=agreed).unit_price == D("7.5")
    few = priced("9", customer_item=CustomerItem(breaks=BREAKS))
    assert few.considered[0].reason == "The agreement for this item begins at 10 each."


def test_an_item_that_is_off_has_no_breaks_either():
    off = PriceListItem(Amount(D(7)), enabled=False, breaks=BREAKS)
    assert priced("100", price_list=PriceList(off)).rule is Rule.LIST
    past = CustomerItem(net_price=Amount(D(5)), end=date(2026, 4, 30), breaks=BREAKS)
    assert priced("100", customer_item=past).rule is Rule.LIST


def test_breaks_count_in_the_unit_of_their_price():
    """Twelve feet are 144 inches are 3.6576 metres."""
    in_metres = PriceListItem(
        Amount(D(30), per="m"), unit="m", breaks=(QuantityBreak(D("3.6576"), Amount(D("3.048"), per="m")),)
    )
    assert priced("12", "ft", price_list=PriceList(in_metres)).unit_price == D("0.92903040")
    assert priced("11.99", "ft", price_list=PriceList(in_metres)).how.quantity_break is None
    inches = sum([D(1) / D(12)] * 12)  # what the twelfth part of a foot leaves of a foot
    feet = PriceListItem(None, unit="ft", breaks=(QuantityBreak(D(1), Amount(D(5), per="ft")),))
    assert priced(str(inches), "ft", price_list=PriceList(feet)).unit_price == 5


def test_breaks_per_piece_count_no_length():
    wrong = PriceListItem(None, unit="each", breaks=BREAKS)
    found = priced("12", "ft", price_list=PriceList(wrong))
    assert (found.unit_price, "cannot be counted per ft" in found.explanation) == (None, True)
    agreed = CustomerItem(net_price=Amount(D(5), per="ft"))
    below = priced("12", "ft", price_list=PriceList(wrong), customer_item=agreed)
    assert below.unit_price == 5
    assert "cannot be counted" in below.considered[1].reason


def test_breaks_convert_as_prices_do():
    item = PriceListItem(None, breaks=(QuantityBreak(D(2), Amount(D(5), "CAD")),))
    assert priced("2", price_list=PriceList(item), currency="CAD").unit_price == 5
    assert priced("2", price_list=PriceList(item)).unit_price * D("1.35") == 5


def test_what_a_stronger_rule_beats_shows_its_break():
    found = priced(
        "10",
        customer_item=CustomerItem(net_price=Amount(D(1))),
        price_list=PriceList(PriceListItem(Amount(D(7)), breaks=BREAKS)),
    )
    beaten = found.considered[1]
    assert (beaten.unit_price, beaten.how.quantity_break, beaten.won) == (5, 10, False)
    assert beaten.reason.endswith("A stronger rule decides.")
    assert found.how.quantity_break is None

"""Prices, money and bills of material against sections 8, 9 and 12."""

from datetime import date
from decimal import Decimal

import pytest

from brassleaf.errors import Refused
from brassleaf.trade.bom import Use, bill_of_material
from brassleaf.trade.defaults import Defaults, ItemPricing
from brassleaf.trade.money import (
    Amount,
    Currencies,
    Line,
    convert_amount,
    convert_currency,
    line_amount,
    minor_digits,
    round_money,
    total,
)
from brassleaf.trade.numbers import round_half_up
from brassleaf.trade.precedence import Candidates, CustomerItem, PriceList, PriceListItem, Rule, cost_of, unit_price
from brassleaf.trade.price import net_price, price_from_margin
from brassleaf.trade.units import Measure, convert_length

D = Decimal

MONEY = Currencies("USD", {"CAD": D("1.35"), "EUR": D("0.9")})


def test_discounts_and_margin_worked():
    assert net_price(1000, 0.5) == 500
    assert net_price(1000, 0.4) == 600
    assert net_price(1, 0.5, 0.1, 0.1) == D("0.405")
    assert net_price("753.00", 0.5, 0.1, 0.1) == D("304.965")
    assert price_from_margin(30, 0.6) == 75


@pytest.mark.parametrize(
    "call",
    [
        lambda: net_price(10, 1.1),
        lambda: net_price(10, -0.1),
        lambda: price_from_margin(10, 1),
        lambda: price_from_margin(-1, 0.5),
        lambda: convert_currency(1, "USD", "XYZ", MONEY),
        lambda: convert_currency(1, "USD", "dollars", MONEY),
        lambda: convert_currency(1, "USD", "ABC", Currencies("USD", {"ABC": D(0)})),
        lambda: convert_amount(Amount(D(1), "USD", "each"), "USD", "ft", MONEY),
        lambda: convert_amount(Amount(D(1), "USD", "yard"), "USD", "ft", MONEY),
    ],
)
def test_refusals(call):
    with pytest.raises(Refused):
        call()


def test_minor_units():
    digits = {"USD": 2, "cad": 2, "JPY": 0, "KWD": 3, "BHD": 3, "TND": 3, "CLF": 4}
    assert {code: minor_digits(code) for code in digits} == digits
    assert [str(round_money(D("56.835"), code)) for code in ("CAD", "JPY", "KWD")] == ["56.84", "57", "56.835"]


def test_conversion_worked():
    assert convert_currency("42.10", "USD", "CAD", MONEY) == D("56.835")
    assert convert_currency(9, "eur", "cad", MONEY) == D("13.5")
    per_metre = convert_amount(Amount(D("6.40"), "USD", "ft"), "USD", "m", MONEY)
    assert round_half_up(per_metre, 4) == D("20.9974")
    assert line_amount(Line("hose", per_metre, convert_length("32.25", "in", "m"))).quantize(D("1e-20")) == D("17.2")


PARTS = [
    Line("hose", D("6.40"), D("2.6875")),
    Line("ends", D("7.85"), D(2)),
    Line("ferrules", D("2.10"), D(2)),
]
LABOUR = Line("labour", D("5.00"))


def in_currency(lines, currency, factor="1"):
    return [Line(x.name, convert_currency(x.unit_price * D(factor), "USD", currency, MONEY), x.quantity) for x in lines]


def test_assembly_price_worked():
    sheet = total([*PARTS, LABOUR], "USD")
    assert [str(line) for line in sheet.lines] == ["17.20", "15.70", "4.20", "5.00"]
    assert (sheet.total, sheet.rounding) == (D("42.10"), 0)
    assert total([*in_currency(PARTS, "USD", "0.80"), LABOUR], "USD").total == D("34.68")
    canadian = total(in_currency([*PARTS, LABOUR], "CAD"), "CAD")
    assert canadian.total == D("56.84")
    assert sum(canadian.lines) + canadian.rounding == canadian.total


def test_a_sheet_adds_up_by_its_rounding_line():
    sheet = total([Line("a", D("0.335")), Line("b", D("0.335")), Line("c", D("0.335"))], "USD")
    assert (sheet.lines, sheet.total, sheet.rounding) == ((D("0.34"),) * 3, D("1.01"), D("-0.01"))
    assert total([], "JPY").total == 0


DAY = date(2026, 5, 1)


def priced(per="each", currency="USD", on=DAY, item_type="crimpFitting", **facts):
    facts.setdefault("list_price", Amount(D(10)))
    facts.setdefault("cost", Amount(D(6)))
    return unit_price(Candidates(item_type, **facts), on=on, currency=currency, per=per, currencies=MONEY)


STEPS = [
    (Rule.CUSTOMER_ITEM, "customer_item", CustomerItem(net_price=Amount(D(5))), D(5)),
    (Rule.PRICE_LIST, "price_list", PriceList(PriceListItem(Amount(D(7)))), D(7)),
    (Rule.CUSTOMER_DEFAULT, "customer", Defaults(discount_percent_materials=D(20)), D(8)),
    (Rule.ORGANIZATION_PRICE_LIST, "organization_price_list", PriceList(PriceListItem(Amount(D(9)))), D(9)),
    (Rule.ORGANIZATION_DEFAULT, "organization", Defaults(list_pricing=False, margin_percent_materials=D(40)), D(10)),
    (Rule.LIST, "list_price", Amount(D(12)), D(12)),
]


@pytest.mark.parametrize("first", range(len(STEPS)))
def test_the_strongest_rule_wins_and_the_others_say_why_not(first):
    found = priced(
        **{name: fact for _, name, fact, _ in STEPS[first:]}
        | ({} if first == len(STEPS) - 1 else {"list_price": Amount(D(10))})
    )
    rule, _, _, expected = STEPS[first]
    assert (found.rule, found.unit_price) == (rule, expected)
    assert found.explanation.startswith(rule.capitalize())
    assert [step.rule for step in found.considered] == list(Rule)
    assert [step.won for step in found.considered] == [place == first for place in range(len(STEPS))]
    for place, step in enumerate(found.considered):
        assert (step.unit_price is None) == (place < first)
        assert step.reason.endswith("A stronger rule decides.") == (place > first)


def test_the_organization_s_list_is_for_what_the_customer_s_own_does_not_have():
    shop = {"organization_price_list": PriceList(PriceListItem(Amount(D(3))), name="All")}
    own = PriceList(name="Fleet")
    found = priced(price_list=own, **shop)
    assert (found.rule, found.unit_price, found.how.price_list) == (Rule.ORGANIZATION_PRICE_LIST, 3, "All")
    beaten = priced(price_list=own, customer=Defaults(discount_percent_materials=D(1)), **shop)
    assert (beaten.rule, beaten.unit_price) == (Rule.CUSTOMER_DEFAULT, D("9.9"))
    assert beaten.considered[3].unit_price == 3
    assert [step.reason for step in priced().considered[1:4:2]] == [
        "There is no customer price list.",
        "There is no organization price list.",
    ]


@pytest.mark.parametrize(
    ("agreed", "expected"),
    [
        (CustomerItem(net_price=Amount(D(5)), price=Amount(D(9)), discount=D("0.1")), "5"),
        (CustomerItem(price=Amount(D("19.99")), discount=D("0.1")), "17.991"),
        (CustomerItem(price=Amount(D("19.99"))), "19.99"),
        (CustomerItem(discount=D("0.1")), "9"),
        (CustomerItem(discount=D(0)), "10"),
    ],
)
def test_customer_item_prices(agreed, expected):
    found = priced(customer_item=agreed)
    assert (found.rule, found.unit_price) == (Rule.CUSTOMER_ITEM, D(expected))


def test_an_agreement_holds_on_its_days_only():
    agreed = CustomerItem(net_price=Amount(D(5)), start=date(2026, 5, 1), end=date(2026, 5, 31))
    days = {date(2026, 4, 30): 10, date(2026, 5, 1): 5, date(2026, 5, 31): 5, date(2026, 6, 1): 10}
    assert {day: priced(customer_item=agreed, on=day).unit_price for day in days} == days
    assert "begins on 2026-05-01" in priced(customer_item=agreed, on=date(2026, 4, 30)).considered[0].reason
    assert "ended on 2026-05-31" in priced(customer_item=agreed, on=date(2026, 6, 1)).considered[0].reason
    assert priced(customer_item=CustomerItem()).rule is Rule.LIST


BY_MARGIN = Defaults(list_pricing=False, margin_percent_materials=D(40))


@pytest.mark.parametrize(
    ("agreed", "cost", "price"),
    [
        (CustomerItem(cost=Amount(D(3))), D(3), D(5)),  # 3 / (1 - 0.4)
        (CustomerItem(cost=Amount(D("4.05"), "CAD")), D(3), D(5)),
        (CustomerItem(cost=Amount(D(3)), start=DAY, end=DAY), D(3), D(5)),
        (CustomerItem(cost=Amount(D(3)), end=date(2026, 4, 30)), D(6), D(10)),  # the item's own: 6 / 0.6
        (CustomerItem(cost=Amount(D(3)), start=date(2026, 5, 2)), D(6), D(10)),
        (CustomerItem(cost=Amount(D(3)), available=False), D(6), D(10)),
        (CustomerItem(), D(6), D(10)),
    ],
)
@pytest.mark.parametrize("place", ["customer", "organization", "price_list"])
def test_a_cost_that_is_agreed_stands_for_the_item_s_own_while_it_holds(place, agreed, cost, price):
    facts = {"list_price": None, place: PriceList(defaults=BY_MARGIN) if place == "price_list" else BY_MARGIN}
    found = priced(customer_item=agreed, **facts)
    assert found.unit_price == price
    own = cost_of(Candidates("crimpFitting", cost=Amount(D(6)), customer_item=agreed), DAY)
    assert convert_amount(own, "USD", "each", MONEY) == cost


def test_an_agreement_that_is_switched_off_gives_no_price():
    found = priced(customer_item=CustomerItem(net_price=Amount(D(5)), available=False))
    assert (found.unit_price, found.rule) == (10, Rule.LIST)
    assert found.considered[0].reason == "The agreement for this item is switched off."


def row(item_type="crimpFitting", **kwargs):
    return ItemPricing(item_type, **kwargs)


@pytest.mark.parametrize(
    ("defaults", "expected"),
    [
        (Defaults(list_pricing=True), "10"),
        (Defaults(list_pricing=True, discount_percent_materials=D(20)), "8"),
        (Defaults(list_pricing=False, margin_percent_materials=D(50), discount_percent_materials=D(20)), "12"),
        (Defaults(margin_percent_materials=D(50)), "12"),
        (Defaults(discount_percent_materials=D(20), discount_percents={"crimpFitting": D(30)}), "7"),
        (Defaults(discount_percent_materials=D(20), discount_percents={"hose": D(30)}), "8"),
        (Defaults(discount_percent_materials=D(20), item_pricing=(row(discount_percent=D(40)),)), "6"),
        (Defaults(discount_percent_materials=D(20), item_pricing=(row(discount_percent=D(40), enabled=False),)), "8"),
        (Defaults(discount_percent_materials=D(20), item_pricing=(row(margin_percent=D(70)),)), "20"),
        (Defaults(list_pricing=True, item_pricing=(row(list_pricing=False, margin_percent=D(25)),)), "8"),
        (Defaults(discount_percent_materials=D(20), item_pricing=(row("hose", discount_percent=D(40)),)), "8"),
        # a row without a type is for every type that nothing nearer is said of
        (Defaults(discount_percent_materials=D(20), item_pricing=(row("", discount_percent=D(40)),)), "6"),
        (Defaults(discount_percent_materials=D(20), item_pricing=(row("", margin_percent=D(70)),)), "20"),
        (Defaults(item_pricing=(row("", discount_percent=D(40)), row(discount_percent=D(50)))), "5"),
        (Defaults(item_pricing=(row("", discount_percent=D(40)), row("hose", discount_percent=D(50)))), "6"),
        (Defaults(discount_percents={"crimpFitting": D(30)}, item_pricing=(row("", discount_percent=D(40)),)), "7"),
        (Defaults(discount_percents={"crimpFitting": D(30)}, item_pricing=(row("", margin_percent=D(70)),)), "7"),
        (Defaults(item_pricing=(row("", discount_percent=D(40), enabled=False),), list_pricing=True), "10"),
    ],
)
def test_defaults(defaults, expected):
    for place, said, rule in (
        ("price_list", PriceList(defaults=defaults), Rule.PRICE_LIST),
        ("customer", defaults, Rule.CUSTOMER_DEFAULT),
        ("organization_price_list", PriceList(defaults=defaults), Rule.ORGANIZATION_PRICE_LIST),
        ("organization", defaults, Rule.ORGANIZATION_DEFAULT),
    ):
        found = priced(**{place: said})
        assert (found.rule, found.unit_price) == (rule, D(expected))


def test_a_rule_that_lacks_what_it_needs_gives_way():
    by_cost = Defaults(list_pricing=False, margin_percent_materials=D(50))
    assert priced(customer=by_cost, cost=None).rule is Rule.LIST
    assert priced(customer=Defaults(list_pricing=False)).rule is Rule.LIST
    assert priced(customer=Defaults()).considered[2].reason == "The defaults say nothing about crimpFitting."
    off = PriceListItem(Amount(D(7)), enabled=False)
    assert priced(price_list=PriceList(off, Defaults(discount_percent_materials=D(50)))).unit_price == 5
    nothing = priced(list_price=None, cost=None, customer_item=CustomerItem(discount=D("0.1")))
    assert (nothing.unit_price, nothing.rule) == (None, None)
    assert nothing.explanation == "No rule gives a price; enter a list price."


def test_labour_keeps_out_of_discounts_on_materials():
    customer = Defaults(discount_percent_materials=D(20))
    assert priced(item_type="labour", list_price=Amount(D(5)), customer=customer).unit_price == 5
    by_margin = Defaults(margin_percent_labour=D(40), margin_percent_materials=D(90))
    assert priced(item_type="labour", list_price=None, organization=by_margin).unit_price == 10


def test_prices_convert_before_they_are_rounded():
    hose = priced("m", "CAD", item_type="hose", list_price=Amount(D("6.40"), "USD", "ft"))
    assert round_half_up(hose.unit_price, 6) == D("28.346457")
    assert "no rate for XYZ" in priced(currency="XYZ").explanation


def test_a_fault_below_the_winner_does_not_matter():
    found = priced(customer_item=CustomerItem(net_price=Amount(D(5))), list_price=Amount(D(1), "ABC"))
    assert found.unit_price == 5
    assert "no rate for ABC" in found.considered[-1].reason


@pytest.mark.parametrize(
    ("first", "facts", "said"),
    [
        (0, {"customer_item": CustomerItem(net_price=Amount(D(5), "ABC"))}, "There is no rate for ABC"),
        (1, {"price_list": PriceList(PriceListItem(Amount(D(5), per="ft")))}, "A price per ft cannot be used per each"),
        (2, {"customer": Defaults(discount_percent_materials=D(120))}, "Use a percentage from 0 to 100."),
        (3, {"organization_price_list": PriceList(PriceListItem(Amount(D(5), "ABC")))}, "There is no rate for ABC"),
        (5, {"list_price": Amount(D(1), "ABC")}, "There is no rate for ABC"),
    ],
)
def test_a_rule_that_cannot_be_computed_leaves_no_price_to_a_weaker_one(first, facts, said):
    """Every rule is considered all the same: with a discount of the organization's, 10.00 less 10 % is 9.00."""
    found = priced(organization=Defaults(discount_percent_materials=D(10)) if first < 4 else None, **facts)
    assert (found.unit_price, found.rule, found.how.discount) == (None, None, None)
    assert found.explanation.startswith(f"{list(Rule)[first].capitalize()}: {said}")
    assert [step.rule for step in found.considered] == list(Rule)
    assert not any(step.won for step in found.considered)
    assert found.considered[first].reason.startswith(said)
    if first < 4:
        assert [step.unit_price for step in found.considered[first + 1 :]][-2:] == [9, 10]
        assert found.considered[4].reason.endswith("A stronger rule decides.")


def test_explanations_state_no_cost_and_no_margin():
    found = priced(
        organization=Defaults(list_pricing=False, margin_percent_materials=D("37.5")), cost=Amount(D("6.1234"))
    )
    assert not any(figure in found.explanation for figure in ("37", "6.12"))


INCHES = Measure(D("32.25"), "in")


def hose(unit="ft"):
    return Use("H1", "hose", length=INCHES, stock_unit=unit)


@pytest.mark.parametrize(
    ("unit", "kerf", "scrap", "expected"),
    [
        ("ft", None, 0, "32.25"),
        ("m", None, 0, "9.8298"),
        ("ft", None, 5, "33.8625"),
        ("ft", Measure(D("0.125"), "in"), 0, "32.375"),
    ],
)
def test_hose_of_twelve_assemblies(unit, kerf, scrap, expected):
    (line,) = bill_of_material([([hose(unit)], 12)], kerf, scrap)
    assert (line.quantity, line.unit) == (D(expected), unit)


def test_equal_parts_merge_over_assemblies():
    uses = [hose(), Use("E", "end1"), Use("E", "end2"), Use("F", "ferrule1")]
    lines = bill_of_material([(uses, 2), ([hose("m"), Use("E", "end1")], 1)], kerf=Measure(D(0), "mm"))
    assert [(line.part, line.roles, line.quantity, line.unit) for line in lines] == [
        ("H1", ("hose",), D("8.0625"), "ft"),
        ("E", ("end1", "end2"), D(5), "each"),
        ("F", ("ferrule1",), D(2), "each"),
    ]


@pytest.mark.parametrize(
    "uses",
    [
        [Use("H1", "hose", length=INCHES)],
        [Use("E", "end1", stock_unit="ft")],
        [hose(), Use("H1", "end1")],
        [Use("E", "end1", D(-1))],
        [Use("E", "end1", stock_unit="dozen")],
    ],
)
def test_bills_that_cannot_be_counted(uses):
    with pytest.raises(Refused):
        bill_of_material([(uses, 1)])

"""What holds for every number, not only for the worked ones."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from hypothesis import assume, given
from hypothesis import strategies as st

from brassleaf.trade import units
from brassleaf.trade.bom import Use, bill_of_material
from brassleaf.trade.defaults import Defaults
from brassleaf.trade.length import Convention, CutOff, cut_length, lengths, overall_length
from brassleaf.trade.matching import CrimpDiameter, crimp_limits
from brassleaf.trade.money import Amount, Currencies, Line, convert_currency, line_amount, round_money, total
from brassleaf.trade.numbers import decimal_of, round_half_up
from brassleaf.trade.precedence import Candidates, CustomerItem, PriceList, PriceListItem, Rule, unit_price
from brassleaf.trade.pressure import working_pressure
from brassleaf.trade.price import net_price, price_from_margin
from brassleaf.trade.sizes import SIZES, bore, format_dash, parse_hose_size, size_order
from brassleaf.trade.tolerance import RMA, RMA_BUILT, SAE, din20066, length_tolerance, limits

LENGTH_UNITS = st.sampled_from(["in", "ft", "mm", "cm", "m"])
PRESSURE_UNITS = st.sampled_from(["psi", "bar", "MPa"])
SIZES_UP = st.decimals(min_value="0.001", max_value=100_000, places=3)
MONEY = st.decimals(min_value=0, max_value=1_000_000, places=4)
SHARES = st.decimals(min_value=0, max_value=1, places=4)


def half_up(value: Fraction, places: int) -> Fraction:
    """The oracle: half up by size, in exact fractions."""
    size = Fraction(floor(abs(value) * 10**places + Fraction(1, 2)), 10**places)
    return -size if value < 0 else size


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6), st.integers(0, 5))
def test_rounding_is_half_up(value, places):
    assert Fraction(round_half_up(value, places)) == half_up(Fraction(value), places)


@given(st.floats(min_value=-1e9, max_value=1e9, allow_nan=False).map(lambda x: float(f"{x:.15g}")))
def test_a_double_of_15_digits_survives(value):
    assume(value == 0 or abs(value) >= 1e-15)
    assert float(decimal_of(value, "x")) == value


@given(SIZES_UP, LENGTH_UNITS, LENGTH_UNITS)
def test_lengths_convert_there_and_back(value, source, target):
    there = units.convert_length(value, source, target)
    back = units.convert_length(there, target, source)
    assert round_half_up(back, 25) == value
    if target in ("mm", "cm", "m"):
        assert Fraction(back) == Fraction(value)


@given(SIZES_UP, PRESSURE_UNITS, PRESSURE_UNITS)
def test_pressures_convert_there_and_back(value, source, target):
    back = units.convert_pressure(units.convert_pressure(value, source, target), target, source)
    assert round_half_up(back, 25) == value


@given(SIZES_UP, LENGTH_UNITS, LENGTH_UNITS, MONEY)
def test_a_length_costs_the_same_in_every_unit(length, source, target, price):
    here = Fraction(price) * Fraction(length)
    there = line_amount(
        Line("x", units.convert_per_length(price, source, target), units.convert_length(length, source, target))
    )
    assert abs(Fraction(there) - here) < Fraction(1, 10**40)
    assert Fraction(round_money(there, "USD")) == half_up(here, 2)


@given(SIZES_UP, SIZES_UP, SIZES_UP)
def test_cut_and_overall_are_inverse(cut, first, second):
    assert cut_length(overall_length(cut, first, second), first, second) == cut


@given(SIZES_UP, SIZES_UP, SIZES_UP, LENGTH_UNITS)
def test_both_lengths_agree_whichever_is_stated(cut, first, second, unit):
    ends = [CutOff(first)], [CutOff(second)]
    by_cut = lengths(cut, unit, *ends, convention=Convention.CUT_LENGTH)
    assert round_half_up(lengths(by_cut.overall, unit, *ends).cut, 25) == cut


TABLES = st.sampled_from([RMA, RMA_BUILT, SAE, *(din20066(dash) for dash in (8, 24, 48))])


@given(SIZES_UP, LENGTH_UNITS, TABLES)
def test_limits_enclose_the_length(length, unit, table):
    tolerance = length_tolerance(length, unit, table)
    low, high = limits(length, tolerance)
    assert low < length < high
    assert tolerance.plus >= tolerance.minus > 0


@given(SIZES_UP, SIZES_UP, TABLES)
def test_a_longer_piece_may_differ_by_no_less(one, other, table):
    short, long = sorted((one, other))
    assume(table is not SAE or long > 36.5 * 25.4 or short <= 36 * 25.4)
    step = Decimal("1.6") if table is SAE else Decimal(0)
    small, large = (length_tolerance(length, "mm", table) for length in (short, long))
    same_row = table.name == "DIN20066"
    assert large.plus + step >= small.plus or (same_row and short <= 2500 < long)


RATINGS = st.builds(units.Measure, SIZES_UP, PRESSURE_UNITS)


@given(RATINGS, RATINGS, RATINGS, PRESSURE_UNITS)
def test_no_part_is_weaker_than_the_assembly(hose, end1, end2, unit):
    parts = {"hose": hose, "end1": end1, "end2": end2}
    found = working_pressure(parts, unit)
    inside = {part: units.convert_pressure(rating.value, rating.unit, unit) for part, rating in parts.items()}
    assert all(found.value <= value for value in inside.values())
    assert {inside[part] for part in found.limiting} == {found.value}
    assert working_pressure({**parts, "end2": None}, unit).value is None


@given(st.sampled_from(sorted(SIZES)))
def test_a_size_is_read_back_however_it_is_written(dash):
    row = SIZES[dash]
    for text in (
        format_dash(dash),
        f"#{dash}",
        f'{row.inch}"',
        f"{bore(dash)} in",
        f"{row.mm} mm",
        *map("DN{}".format, row.dn),
    ):
        assert parse_hose_size(text) == dash


@given(st.text(alphabet='0123456789-/#." DNINMinm½x', max_size=10))
def test_reading_a_size_never_fails(text):
    assert parse_hose_size(text) in (None, *SIZES)
    assert parse_hose_size(text, r5=True) in (None, *SIZES)


@given(st.lists(st.sampled_from(sorted(SIZES))))
def test_sizes_sort_by_number(dashes):
    assert [parse_hose_size(text) for text in sorted(map(format_dash, dashes), key=size_order)] == sorted(dashes)


@given(SIZES_UP, SHARES, SHARES, st.decimals(min_value=-2, max_value=2, places=4))
def test_a_crimp_is_within_its_limits_exactly_within_its_tolerance(size, plus, minus, off):
    low, high = crimp_limits(CrimpDiameter(size, "mm", None, plus, minus))
    assert (low <= size + off <= high) == (-minus <= off <= plus)


@given(st.lists(st.tuples(MONEY, SIZES_UP), max_size=20), st.sampled_from(["USD", "JPY", "KWD"]))
def test_every_sheet_adds_up(rows, currency):
    sheet = total([Line("x", price, quantity) for price, quantity in rows], currency)
    places = {"USD": 2, "JPY": 0, "KWD": 3}[currency]
    assert sum(sheet.lines, sheet.rounding) == sheet.total
    assert Fraction(sheet.total) == half_up(sum((Fraction(p) * Fraction(q) for p, q in rows), Fraction(0)), places)
    assert abs(Fraction(sheet.rounding)) <= Fraction(len(rows) + 1, 2 * 10**places)


@given(
    MONEY,
    st.decimals(min_value="0.0001", max_value=1000, places=4),
    st.decimals(min_value="0.0001", max_value=1000, places=4),
)
def test_currencies_convert_by_their_rates(value, one, other):
    money = Currencies("USD", {"CAD": one, "EUR": other})
    exact = Fraction(value) * Fraction(other) / Fraction(one)
    assert Fraction(round_money(convert_currency(value, "CAD", "EUR", money), "EUR")) == half_up(exact, 2)


@given(MONEY, st.lists(SHARES, max_size=4), st.randoms())
def test_discounts_chain_in_any_order(price, discounts, random):
    shuffled = random.sample(discounts, len(discounts))
    assert net_price(price, *discounts) == net_price(price, *shuffled) <= price


@given(st.decimals(min_value="0.01", max_value=10_000, places=2), st.decimals(min_value=0, max_value="0.99", places=2))
def test_a_margin_is_that_share_of_the_price(cost, margin):
    price = price_from_margin(cost, margin)
    assert round_half_up((price - cost) / price, 20) == margin


AMOUNTS = st.none() | st.builds(Amount, MONEY)
SOME_DEFAULTS = st.builds(
    Defaults,
    list_pricing=st.none() | st.booleans(),
    margin_percent_materials=st.none() | st.integers(0, 99).map(Decimal),
    discount_percent_materials=st.none() | st.integers(0, 100).map(Decimal),
)
DEFAULTS = st.none() | SOME_DEFAULTS
PRICE_LISTS = st.none() | st.builds(
    PriceList, st.none() | st.builds(PriceListItem, AMOUNTS, st.booleans()), SOME_DEFAULTS
)
FACTS = st.builds(
    Candidates,
    item_type=st.just("hose"),
    list_price=AMOUNTS,
    cost=AMOUNTS,
    customer_item=st.none() | st.builds(CustomerItem, AMOUNTS, AMOUNTS, st.none() | SHARES),
    price_list=PRICE_LISTS,
    customer=DEFAULTS,
    organization_price_list=PRICE_LISTS,
    organization=DEFAULTS,
)


@given(FACTS)
def test_precedence_is_a_total_order(facts):
    found = unit_price(facts, on=date(2026, 1, 1), currency="USD", per="each", currencies=Currencies("USD"))
    assert [step.rule for step in found.considered] == list(Rule)
    first = next((step for step in found.considered if step.unit_price is not None), None)
    assert (found.rule, found.unit_price) == ((first.rule, first.unit_price) if first else (None, None))
    assert [step for step in found.considered if step.won] == ([first] if first else [])
    assert all(step.reason for step in found.considered)


@given(FACTS)
def test_a_customer_s_price_list_says_the_same_when_it_is_the_organization_s(facts):
    alone = Candidates("hose", facts.list_price, facts.cost)
    asked = {"on": date(2026, 1, 1), "currency": "USD", "per": "each", "currencies": Currencies("USD")}
    own = unit_price(replace(alone, price_list=facts.price_list), **asked)
    shop = unit_price(replace(alone, organization_price_list=facts.price_list), **asked)
    assert own.unit_price == shop.unit_price
    assert (own.rule is Rule.PRICE_LIST) == (shop.rule is Rule.ORGANIZATION_PRICE_LIST)


@given(st.lists(st.tuples(SIZES_UP, st.integers(1, 50)), min_size=1, max_size=8), LENGTH_UNITS)
def test_a_bill_counts_all_hose_once(pieces, unit):
    assemblies = [
        ([Use("H", "hose", length=units.Measure(length, "mm"), stock_unit=unit)], count) for length, count in pieces
    ]
    (line,) = bill_of_material(assemblies)
    millimetres = sum(Fraction(length) * count for length, count in pieces)
    factor = {"in": "25.4", "ft": "304.8", "mm": "1", "cm": "10", "m": "1000"}[unit]
    assert Fraction(line.quantity) == half_up(millimetres / Fraction(factor), 4)

"""Numbers and units against section 6 to 9 of the domain facts and CONVENTIONS.md."""

from decimal import Decimal
from fractions import Fraction

import pytest

from brassleaf.errors import Refused
from brassleaf.trade import units
from brassleaf.trade.numbers import decimal_of, not_negative, number_of, plain, positive, round_half_up

D = Decimal


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (0.1, D("0.1")),
        (5, D(5)),
        ("  -2.50 ", D("-2.5")),
        ("1e3", D(1000)),
        (".5", D("0.5")),
        (D("31.62"), D("31.62")),
        (-0.0, D(0)),
        (123456789.012345, D("123456789.012345")),
        (100000000000000.0, D("1e14")),
    ],
)
def test_a_number_is_taken_by_its_shortest_text(given, expected):
    assert decimal_of(given, "length") == expected


@pytest.mark.parametrize(
    "given",
    [
        0.1 + 0.2, "1234567890.1234567", float("nan"), float("inf"), "NaN", "Infinity", "", "1_000", "1,5", "twelve",
        "٣",
        None, True, [], 10**15, 10**4000, "1e15", "1e-16", "1e99999",
        "9" * 100, D("NaN"), D("sNaN"),
        D("1." + "0" * 40 + "1"),
    ],
)  # fmt: skip
def test_what_is_not_an_exact_number_is_refused_by_name(given):
    with pytest.raises(Refused) as refusal:
        decimal_of(given, "cutOffmm")
    assert [error.field for error in refusal.value.errors] == ["cutOffmm"]


def test_operands():
    assert number_of(D(1) / D(3), "x") == D(1) / D(3)
    for check, value in ((positive, 0), (positive, -1), (not_negative, -0.5), (number_of, D("Infinity"))):
        with pytest.raises(Refused):
            check(value, "x")
    assert not_negative(0, "x") == 0


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("304.965", 2, "304.97"),
        ("350.70975", 2, "350.71"),
        ("56.835", 2, "56.84"),
        ("-56.835", 2, "-56.84"),
        ("0.5", 0, "1"),
        ("2.4999999999", 0, "2"),
        ("1.00005", 4, "1.0001"),
    ],
)
def test_half_up(value, places, expected):
    assert str(round_half_up(D(value), places)) == expected


def test_a_tie_that_was_divided_still_rounds_up_and_what_is_too_large_is_refused():
    third = units.convert_length(D("0.015"), "mm", "in")
    assert round_half_up(units.convert_length(third, "in", "mm"), 2) == D("0.02")
    with pytest.raises(Refused):
        round_half_up(D("1e40"), 2)


def test_plain():
    assert [plain(D(text)) for text in ("12.500", "1E+3", "0", "0.1234567", "100")] == [
        "12.5", "1000", "0", "0.123457", "100",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "spellings"),
    [
        ("in", ["in", "IN", "inch", "Inches", '"', " in "]),
        ("ft", ["ft", "FOOT", "feet", "'"]),
        ("mm", ["mm", "MM"]),
        ("cm", ["cm"]),
        ("m", ["m", "M"]),
    ],
)
def test_length_spellings(unit, spellings):
    assert {units.parse_length_unit(text, "lengthUnit") for text in spellings} == {unit}


def test_other_spellings_and_defaults():
    assert [units.parse_pressure_unit(text, "u") for text in ("PSI", "Bar", "mpa")] == ["psi", "bar", "MPa"]
    assert [units.parse_mass_unit(text, "u") for text in ("LB", "kg")] == ["lb", "kg"]
    assert [units.parse_stock_unit(text, "u") for text in ("Pcs", "EA", "each", "ft")] == ["each", "each", "each", "ft"]
    assert units.parse_length_unit(None, "u", "in") == units.parse_length_unit(" ", "u", "in") == "in"


@pytest.mark.parametrize("given", ["yard", "", None, "in.", 5])
def test_an_unknown_unit_is_refused_with_the_accepted_ones(given):
    with pytest.raises(Refused) as refusal:
        units.parse_length_unit(given, "lengthUnit")
    (error,) = refusal.value.errors
    assert error.field == "lengthUnit"
    assert "in, inch, inches, \", ft, foot, feet, ', mm, cm, m." in error.message


@pytest.mark.parametrize(
    ("convert", "value", "source", "target", "places", "expected"),
    [
        (units.convert_length, "32.25", "in", "mm", 2, "819.15"),
        (units.convert_length, "32.25", "in", "ft", 4, "2.6875"),
        (units.convert_length, "36", '"', "mm", 1, "914.4"),
        (units.convert_length, "387", "in", "ft", 2, "32.25"),
        (units.convert_length, "387", "in", "m", 4, "9.8298"),
        (units.convert_pressure, "1", "bar", "psi", 5, "14.50377"),
        (units.convert_pressure, "1", "MPa", "psi", 4, "145.0377"),
        (units.convert_pressure, "3250", "psi", "bar", 1, "224.1"),
        (units.convert_pressure, "33", "MPa", "bar", 0, "330"),
        (units.convert_mass, "1", "lb", "kg", 8, "0.45359237"),
        (units.convert_mass, "1.40625", "lb", "kg", 5, "0.63786"),
        (units.convert_mass_per_length, "1", "lb/ft", "kg/m", 6, "1.488164"),
        (units.convert_per_length, "6.40", "ft", "m", 4, "20.9974"),
        (units.convert_temperature, "212", "F", "C", 0, "100"),
        (units.convert_temperature, "20", "°c", "F", 0, "68"),
        (units.convert_temperature, "20", "C", "C", 0, "20"),
    ],
)
def test_worked_conversions(convert, value, source, target, places, expected):
    assert str(round_half_up(convert(value, source, target), places)) == expected


def test_psi_is_by_definition():
    exact = Fraction("0.45359237") * Fraction("9.80665") / Fraction("0.0254") ** 2 / 100_000
    assert abs(Fraction(units.convert_pressure(1, "psi", "bar")) - exact) < Fraction(1, 10**55)


def test_a_measure_from_outside_and_units_by_name():
    assert units.Measure.of(12.5, "Inches", "length") == units.Measure(D("12.5"), "Inches")
    for call in (
        lambda: units.convert_length(1, "in", "yd", "kerf"),
        lambda: units.convert_mass_per_length(1, "lb", "kg/m", "kerf"),
        lambda: units.convert_temperature(1, "K", "C", "kerf"),
    ):
        with pytest.raises(Refused) as refusal:
            call()
        assert refusal.value.errors[0].field == "kerfUnit"

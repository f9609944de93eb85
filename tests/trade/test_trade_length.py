"""Length, tolerance and offset against sections 3 to 5 and 12."""

from decimal import Decimal

import pytest

from brassleaf.errors import Refused
from brassleaf.trade.length import (
    Convention,
    CutOff,
    Reference,
    cut_length,
    default_reference,
    lengths,
    overall_length,
)
from brassleaf.trade.numbers import round_half_up
from brassleaf.trade.offset import offset_angle, offset_tolerance
from brassleaf.trade.tolerance import (
    RMA,
    RMA_BUILT,
    SAE,
    SELLER,
    Row,
    custom_table,
    din20066,
    end_squareness,
    length_tolerance,
    limits,
    table_named,
)

D = Decimal


def field_of(refusal):
    return refusal.value.errors[0].field


def test_cut_length_worked():
    assert cut_length(36, 1.50, 2.25) == D("32.25")
    assert cut_length("914.4", "38.1", "57.15") == D("819.15")
    assert overall_length(32.25, 1.5, 2.25) == 36


@pytest.mark.parametrize(("overall", "first", "second"), [(3.75, 1.5, 2.25), (3, 1.5, 2.25), (0, 0, 0), (-1, 0, 0)])
def test_ends_that_use_up_the_length_are_refused(overall, first, second):
    with pytest.raises(Refused) as refusal:
        cut_length(overall, first, second)
    assert field_of(refusal) == "length"


def test_a_negative_cut_off_is_refused_by_its_end():
    with pytest.raises(Refused) as refusal:
        cut_length(36, 1, -1)
    assert field_of(refusal) == "end2"


END1, END2 = [CutOff(D("38.1"))], [CutOff(D("57.15"))]


def test_lengths_answer_in_the_unit_given():
    known = lengths(36, "Inches", END1, END2)
    assert (known.unit, known.overall, known.cut) == ("Inches", 36, D("32.25"))
    assert (known.cut_off1, known.cut_off2, known.missing) == (D("1.5"), D("2.25"), ())
    metric = lengths("914.4", "mm", END1, END2)
    assert metric.cut == D("819.15")
    by_cut = lengths(32.25, "in", END1, END2, convention=Convention.CUT_LENGTH)
    assert (by_cut.overall, by_cut.cut) == (36, D("32.25"))


def test_a_missing_cut_off_is_named_and_not_guessed():
    one = lengths(36, "in", END1, [])
    assert (one.overall, one.cut, one.missing) == (36, None, ("end2",))
    both = lengths(30, "in", [], [], convention=Convention.CUT_LENGTH)
    assert (both.overall, both.cut, both.missing) == (None, 30, ("end1", "end2"))
    with pytest.raises(Refused) as refusal:
        lengths(30, "yd", [], [])
    assert field_of(refusal) == "lengthUnit"


def test_a_length_is_measured_to_points_that_the_fittings_have():
    nut, seat = CutOff(D(40), Reference.NUT_END), CutOff(D(30), Reference.SEAL_FACE)
    elbow = [CutOff(D(50), Reference.CENTRELINE)]
    assert lengths(500, "mm", [nut, seat], elbow, convention=Convention.SEAT_TO_SEAT).cut == 420
    assert lengths(500, "mm", [seat, nut], elbow, convention=Convention.OVERALL).cut == 410
    assert lengths(500, "mm", [nut, seat], elbow).cut == 410
    for convention, known in (
        (Convention.SEAT_TO_SEAT, nut),
        (Convention.OVERALL, seat),
        (Convention.OVERALL, CutOff(D(1))),
    ):
        with pytest.raises(Refused, match=f"stated {convention}") as refusal:
            lengths(500, "mm", elbow, [known], convention=convention)
        assert field_of(refusal) == "end2"


@pytest.mark.parametrize(
    ("style", "gender", "shape", "reference"),
    [
        ("JIC", "female", "straight", "nut end"),
        ("NPSM", "Female", "Straight", "nut end"),
        ("Komatsu", "female", None, "nut end"),
        ("JIC", "female", "90", "centreline"),
        ("JIC", "male", "Straight", "thread end"),
        ("NPTF", "male", None, "thread end"),
        ("BSPP", "female", "0°", "seal face"),
        ("DIN 24", "female", "straight", "seal face"),
        ("DKOL", "female", "straight", "seal face"),
        ("ORFS", "female", "straight", "seal face"),
        ("Code 61 flange", None, "straight", "flange face"),
        ("Code 61 flange", None, "45", "centreline"),
        ("anything", "flange", "straight", "flange face"),
        ("banjo", None, "block", "centreline"),
        ("mystery", "female", "straight", None),
        (None, None, None, None),
    ],
)
def test_reference_points_by_kind(style, gender, shape, reference):
    assert default_reference(style, gender, shape) == reference


@pytest.mark.parametrize(
    ("length", "unit", "table", "plus", "minus"),
    [
        ("1000", "mm", din20066(8), "12", "4"),
        ("3000", "mm", din20066(8), "45", "15"),
        ("10000", "mm", din20066(8), "300", "100"),
        ("630", "mm", din20066(16), "7", "3"),
        ("630.1", "mm", din20066(16), "12", "4"),
        ("2500", "mm", din20066(16), "20", "6"),
        ("630", "mm", din20066(20), "12", "4"),
        ("1250", "mm", din20066(32), "20", "6"),
        ("2500", "mm", din20066(32), "25", "6"),
        ("600", "mm", din20066(40), "25", "6"),
        ("1", "m", din20066(8), "0.012", "0.004"),
        ("32.25", "in", RMA, "0.250", "0.250"),
        ("12", "in", RMA, "0.125", "0.125"),
        ("24", "in", RMA, "0.188", "0.188"),
        ("48", "in", RMA, "0.375", "0.375"),
        ("60", "in", RMA, "0.5", "0.5"),
        ("5", "ft", RMA_BUILT, "0.083333", "0.083333"),
        ("100", "in", RMA, "1", "1"),
        ("300", "mm", RMA, "3.18", "3.18"),
        ("600", "mm", RMA, "4.8", "4.8"),
        ("90", "cm", RMA, "0.64", "0.64"),
        ("1200", "mm", RMA, "9.5", "9.5"),
        ("1500", "mm", RMA, "12.7", "12.7"),
        ("60", "in", RMA_BUILT, "1", "1"),
        ("120", "in", RMA_BUILT, "1.5", "1.5"),
        ("240", "in", RMA_BUILT, "2.5", "2.5"),
        ("300", "in", RMA_BUILT, "3", "3"),
        ("12", "in", SAE, "0.125", "0.125"),
        ("18", "in", SAE, "0.1875", "0.1875"),
        ("36", "in", SAE, "0.25", "0.25"),
        ("60", "in", SAE, "0.625", "0.625"),
        ("12", "in", SELLER, "0.375", "0.375"),
        ("120", "in", SELLER, "1", "1"),
        ("25", "ft", SELLER, "0.125", "0.125"),
        ("50", "feet", SELLER, "0.583333", "0.583333"),
        ("1200", "in", SELLER, "12", "12"),
    ],
)
def test_tolerances(length, unit, table, plus, minus):
    found = length_tolerance(length, unit, table)
    assert (round_half_up(found.plus, 6), round_half_up(found.minus, 6)) == (D(plus), D(minus))
    assert (found.unit, found.table) == (unit, table.name)


@pytest.mark.parametrize(
    ("length", "low", "high"), [("1000", "996", "1012"), ("3000", "2985", "3045"), ("10000", "9900", "10300")]
)
def test_din_limits(length, low, high):
    assert limits(length, length_tolerance(length, "mm", din20066(8))) == (D(low), D(high))


def test_what_could_not_be_confirmed_says_so():
    assert length_tolerance(12, "in", SAE).confirmed
    for length in (18, 30, 60):
        found = length_tolerance(length, "in", SAE)
        assert not found.confirmed
        assert "General trade knowledge" in found.note
    assert length_tolerance(600, "mm", din20066(40)).confirmed
    assert not length_tolerance(1000, "mm", din20066(40)).confirmed
    assert length_tolerance(1000, "mm", din20066(32)).confirmed


def test_tables_by_name():
    assert table_named("DIN 20066", 8).name == table_named("din20066", 8).name == "DIN20066"
    assert table_named("rma") is RMA
    assert table_named("RMA built-to-length") is RMA_BUILT
    assert table_named("NAHAD") is table_named("SAE") is SAE
    for name, dash in (("ISO", 8), ("DIN20066", None), ("DIN20066", 72)):
        with pytest.raises(Refused):
            table_named(name, dash)
    with pytest.raises(Refused) as refusal:
        length_tolerance(101, "ft", SELLER)
    assert field_of(refusal) == "length"


def test_a_custom_table():
    rows = (Row(D(1000), D(5), D(2)), Row(None, D(1), D("0.5"), percent=True))
    table = custom_table("mm", rows)
    assert limits(800, length_tolerance(800, "mm", table)) == (798, 805)
    assert limits(2000, length_tolerance(2000, "mm", table)) == (1990, 2020)
    for bad in ((rows[1], rows[0]), (rows[0], rows[0]), (Row(D(5), D(-1), D(0)),), (Row(D(0), D(1), D(1)),)):
        with pytest.raises(Refused):
            custom_table("mm", bad)
    with pytest.raises(Refused):
        custom_table("yd", rows)
    with pytest.raises(Refused):
        length_tolerance(1, "mm", custom_table("mm", ()))


@pytest.mark.parametrize(("bore", "expected"), [("0.75", "0.063"), ("1", "0.125"), ("2", "0.125"), ("6", "0.250")])
def test_end_squareness(bore, expected):
    assert end_squareness(bore) == D(expected)
    with pytest.raises(Refused):
        end_squareness(7)


def test_the_offset_to_store():
    assert offset_angle(90, "90", "45") == 90
    assert offset_angle(90, "90", None) == 90
    assert offset_angle(90, "Straight", "45") is None
    assert offset_angle(None, "90", "45") is None
    for angle in (360, -1, 400):
        with pytest.raises(Refused) as refusal:
            offset_angle(angle, "90", "45")
        assert field_of(refusal) == "offsetAngle"


@pytest.mark.parametrize(
    ("length", "unit", "degrees"), [(20, "in", 3), (24, "in", 3), (30, "in", 5), (605, "mm", 3), (610, "mm", 5)]
)
def test_offset_tolerance(length, unit, degrees):
    assert offset_tolerance(length, unit) == degrees

"""Pressure, weight and marking against sections 6, 7, 10 and 12."""

from datetime import date
from decimal import Decimal

import pytest

from brassleaf.errors import Refused
from brassleaf.trade.marking import month_code
from brassleaf.trade.numbers import round_half_up
from brassleaf.trade.pressure import factor_in_range, proof_and_burst, working_pressure
from brassleaf.trade.units import Measure, convert_mass
from brassleaf.trade.weight import Run, assembly_weight

D = Decimal


def psi(value):
    return Measure(D(value), "psi")


def rated(hose, end1, end2):
    return {"hose": hose, "end1": end1, "end2": end2}


@pytest.mark.parametrize(
    ("hose", "end1", "end2", "lowest", "limiting"),
    [
        (3250, 3000, 3000, 3000, ("end1", "end2")),
        (1275, 3000, 3000, 1275, ("hose",)),
        (2325, 5000, 2000, 2000, ("end2",)),
    ],
)
def test_the_weakest_part_counts(hose, end1, end2, lowest, limiting):
    found = working_pressure(rated(psi(hose), psi(end1), psi(end2)))
    assert (found.value, found.unit, found.limiting, found.unknown) == (lowest, "psi", limiting, ())


def test_mixed_units_answer_in_that_of_the_hose_or_as_asked():
    parts = rated(psi(3250), Measure(D(207), "Bar"), Measure(D(42), "MPa"))
    found = working_pressure(parts)
    assert (found.unit, found.limiting) == ("psi", ("end1",))
    assert round_half_up(found.value, 0) == 3002
    assert working_pressure(parts, "bar").value == 207
    assert working_pressure(rated(Measure(D(330), "BAR"), psi(9000), psi(9000))).unit == "BAR"


def test_an_unknown_rating_is_no_guess():
    found = working_pressure(rated(psi(3250), None, None))
    assert (found.value, found.limiting, found.unknown) == (None, (), ("end1", "end2"))
    assert working_pressure(rated(None, None, None)).unknown == ("hose", "end1", "end2")
    for bad in (psi(0), Measure(D(1), "kPa")):
        with pytest.raises(Refused, match="end1"):
            working_pressure(rated(psi(3250), bad, psi(1)))


@pytest.mark.parametrize(
    ("working", "proof", "burst"),
    [
        (100, 200, 400),
        (3250, 6500, 13000),
        (575, 1150, 2300),
        (2325, 4650, 9300),
        (3000, 6000, 12000),
        (330, 660, 1320),
    ],
)
def test_proof_and_burst(working, proof, burst):
    tested = proof_and_burst(working)
    assert (tested.proof, tested.burst) == (proof, burst)


def test_test_factors_are_settings():
    assert proof_and_burst(100, D("1.5"), 3).proof == 150
    for factors in ((D("0.5"), 4), (2, 1)):
        with pytest.raises(Refused):
            proof_and_burst(100, *factors)


def test_outside_the_known_range_is_refused():
    for call in (
        lambda: factor_in_range(101, "C", -40, 100),
        lambda: factor_in_range(20, "C", None, 100),
        lambda: factor_in_range(20, "K", -40, 100),
    ):
        with pytest.raises(Refused, match="temperature"):
            call()
    assert factor_in_range(100, "C", -40, 100) == 1


HOSE = Run(Measure(D("0.30"), "lb/ft"), Measure(D("32.25"), "in"))
PIECES = {"end1": D("0.22"), "end2": D("0.22"), "ferrule1": D("0.08"), "ferrule2": D("0.08")}


def test_weight_worked():
    found = assembly_weight({"hose": HOSE}, {name: Measure(value, "lb") for name, value in PIECES.items()})
    assert (found.value, found.missing) == (D("1.40625"), ())
    in_kg = assembly_weight({"hose": HOSE}, {name: Measure(value, "lb") for name, value in PIECES.items()}, "kg")
    assert round_half_up(in_kg.value, 5) == round_half_up(convert_mass(found.value, "lb", "kg"), 5) == D("0.63786")


def test_weight_of_an_unknown_part_is_unknown():
    found = assembly_weight({"hose": HOSE, "wrap": Run(None, None)}, {"end1": None, "end2": Measure(D(1), "lb")})
    assert (found.value, found.missing) == (None, ("wrap", "end1"))
    for pieces in ({"end1": Measure(D(-1), "lb")}, {"end1": Measure(D(1), "stone")}):
        with pytest.raises(Refused, match="end1"):
            assembly_weight({}, pieces)


def test_the_month_of_a_marking():
    assert month_code(date(2016, 6, 15)) == "1606"

"""Hose, coupling series and size against section 1 and the contract's crimp specifications."""

from decimal import Decimal

import pytest

from brassleaf.trade.matching import (
    CrimpDiameter,
    CrimpSpec,
    FerruleFacts,
    FittingFacts,
    HoseFacts,
    crimp_limits,
    crimp_specs_for,
    match,
)

D = Decimal

PCS = CrimpSpec("PCS", "Gates", die_size="book")
S43 = CrimpSpec("43", "Parker", ferrule_brand="Parker", ferrule_part_number="10043-8")
HOSE = HoseFacts("8M3K", 8, book_crimp_specs=(PCS, S43))
FITTING = FittingFacts("8PCS-8MP", 8, "PCS", "Gates")


def codes(found):
    return [reason.code for reason in found.reasons]


def test_a_pair_that_fits():
    found = match(HOSE, FITTING)
    assert (found.fits, found.reasons, found.crimp_spec, found.source) == (True, (), PCS, "book")
    assert match(HOSE, FittingFacts("x", 8, " pcs ", "GATES")).fits


def test_the_shops_own_specification_goes_first():
    own = CrimpSpec("PCS", None, die_size="own")
    found = match(HoseFacts("8M3K", 8, (own,), (PCS,)), FITTING)
    assert (found.crimp_spec, found.source) == (own, "organization")
    assert crimp_specs_for(HoseFacts("h", 8, (), (own, PCS)), "PCS", "Gates") == (PCS, own)


@pytest.mark.parametrize(
    ("fitting", "expected", "sentence"),
    [
        (FittingFacts("F", 6, "PCS", "Gates"), ["wrong-size"], "Fitting F is for -06 hose, hose 8M3K is -08."),
        (
            FittingFacts("F", 8, "77", "Parker"),
            ["no-crimp-spec"],
            "no crimp specification for series 77; it has PCS, 43.",
        ),
        (FittingFacts("F", 8, "43", "Gates"), ["other-brand"], "on hose 8M3K is for Parker, fitting F is Gates."),
        (FittingFacts("F", 8, "43", None), ["other-brand"], "fitting F is of an unknown brand."),
        (FittingFacts("F", 8, None, "Gates"), ["no-series"], "series of fitting F is not known"),
        (FittingFacts("F", None, "PCS", "Gates"), ["fitting-size-unknown"], "hose size of fitting F"),
        (FittingFacts("F", 6, "77", "Gates"), ["wrong-size", "no-crimp-spec"], "-06"),
    ],
)
def test_every_reason_at_once(fitting, expected, sentence):
    found = match(HOSE, fitting)
    assert not found.fits
    assert codes(found) == expected
    assert any(sentence in reason.sentence for reason in found.reasons)
    assert found.crimp_spec is found.source is None


def test_a_bare_hose():
    assert codes(match(HoseFacts("h", None), FITTING)) == ["hose-size-unknown", "no-crimp-spec"]


def test_the_ferrule_that_the_specification_asks_for():
    fitting = FittingFacts("F", 8, "43", "Parker")
    assert match(HOSE, fitting, FerruleFacts("10043-8", "Parker")).fits
    assert match(HOSE, FITTING, FerruleFacts("anything")).fits
    wrong = match(HOSE, fitting, FerruleFacts("10077-8"))
    assert codes(wrong) == ["wrong-ferrule"]
    assert "takes ferrule Parker 10043-8, not 10077-8" in wrong.reasons[0].sentence
    assert codes(match(HOSE, fitting, FerruleFacts("10043-8", "Gates"))) == ["wrong-ferrule"]


MM = CrimpDiameter(D("31.62"), "mm", D("0.15"))


@pytest.mark.parametrize(
    ("diameter", "expected"),
    [
        (MM, ("31.47", "31.77")),
        (CrimpDiameter(D("31.62"), "mm", None, D("0.2"), D("0.1")), ("31.52", "31.82")),
        (CrimpDiameter(D("31.62"), "mm", None, D("0.2"), D("-0.1")), ("31.52", "31.82")),
        (CrimpDiameter(D("31.62"), "mm", D("0.15"), D("0.2")), ("31.47", "31.82")),
    ],
)
def test_crimp_limits(diameter, expected):
    assert crimp_limits(diameter) == tuple(map(D, expected))


def test_without_a_tolerance_there_are_no_limits():
    for diameter in (CrimpDiameter(D(30), "mm"), CrimpDiameter(D(30), "mm", None, D("0.1"))):
        assert crimp_limits(diameter) is None

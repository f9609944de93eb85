"""Foreign text on paper, and the numbers of the trade."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brassleaf.documents.texts import clean, fitted, one_line, visual, wrap
from brassleaf.documents.typeface import regular
from brassleaf.documents.units import (
    Length,
    Pressure,
    Temperature,
    Weight,
    fine_length_text,
    inch_fraction,
    length_text,
    limits_text,
    money_text,
    pressure_text,
    temperature_range_text,
    tolerance_text,
    trimmed,
    unit_price_text,
    weight_text,
)


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("a\r\nb\x0bc\u2028d", "a\nb\nc\nd"),
        ("a\x00b\x7fc", "a?b?c"),
        ("\ufeffa\u200b\u202eb\ufe0f", "ab"),
        ("\U0001f692", "?"),
        ("\ud800\ue000\uffff", "???"),
        ("e\u0301", "é"),
        ("a\tb\xa0c\u2003d", "a b c d"),
        (None, ""),
    ],
)
def test_clean(given_text: str | None, expected: str) -> None:
    assert clean(given_text) == expected


def test_arabic_letters_take_the_shapes_of_their_places() -> None:
    # beh: initial, medial, final; alef joins to the right only.
    assert clean("\u0628\u0628\u0628 \u0627\u0628") == "\ufe91\ufe92\ufe90 \ufe8d\ufe8f"


@pytest.mark.parametrize(
    ("logical", "shown"),
    [
        ("abc", "abc"),
        ("abc \u05d0\u05d1 def", "abc \u05d1\u05d0 def"),
        ("\u05d0\u05d1 12 \u05d2\u05d3 x", "\u05d3\u05d2 12 \u05d1\u05d0 x"),
        ("\u05d0 (\u05d1) x", "(\u05d1) \u05d0 x"),
    ],
)
def test_right_to_left_runs_are_turned_round(logical: str, shown: str) -> None:
    assert visual(logical) == shown


@given(st.text(max_size=300), st.floats(min_value=8, max_value=300))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: float) -> None:
    lines = wrap(text, regular(), 7.3, width)
    assert lines
    for line in lines:
        assert len(line) == 1 or regular().width(line, 7.3) <= width + 0.01
    assert "".join("".join(lines).split()) == "".join(clean(text).split())


@given(st.text(max_size=200))
def test_every_cleaned_character_has_a_glyph(text: str) -> None:
    assert all(character == "\n" or regular().has(character) for character in clean(text))


@given(st.text(max_size=100), st.floats(min_value=0, max_value=200))
def test_a_fitted_text_fits(text: str, width: float) -> None:
    shown = fitted(text, regular(), 8, width)
    assert len(shown) <= 2 or regular().width(shown, 8) <= width + 0.01
    if regular().width(one_line(text), 8) <= width:
        assert shown == one_line(text)


@pytest.mark.parametrize(
    ("value", "fraction"),
    [
        ("32.25", "32-1/4"),
        ("0.5", "1/2"),
        ("36", ""),
        ("5.0625", "5-1/16"),
        ("5.06", ""),
        ("-1.5", "-1-1/2"),
        ("0", ""),
    ],
)
def test_inch_fractions_only_when_exact(value: str, fraction: str) -> None:
    assert inch_fraction(Decimal(value)) == fraction


def test_lengths() -> None:
    assert length_text(Length(32.25, "in"), "in") == "32.25 in (32-1/4 in, 819.2 mm)"
    assert length_text(Length(Decimal("819.15"), "mm"), "mm") == "819.2 mm (32.25 in)"
    assert length_text(Length(0.1 + 0.2, "m"), "mm") == "300 mm (11.811 in)"
    assert length_text(None, "mm") == "not known"
    assert length_text(Length(float("nan"), "mm"), "mm") == "not known"
    assert length_text(Length(10**300, "mm"), "mm") == "not known"


def test_crimp_diameters_keep_hundredths() -> None:
    target, limit = Length(Decimal("31.62"), "mm"), Length(Decimal("0.15"), "mm")
    assert fine_length_text(target, "mm") == "31.62 mm (1.2449 in)"
    assert limits_text(target, limit, limit, "mm") == "31.47 ... 31.77 mm"
    assert limits_text(target, limit, None, "mm") == "31.62 ... 31.77 mm"
    assert limits_text(target, None, None, "mm") == ""


def test_tolerances() -> None:
    assert tolerance_text(Length(7, "mm"), Length(3, "mm"), "mm") == "+7 / -3 mm (+0.276 / -0.118 in)"
    assert tolerance_text(Length(0.25, "in"), Length(0.25, "in"), "in") == "±0.25 in (±6.4 mm)"
    assert tolerance_text(Length(0.25, "in"), None, "in") == "+0.25 / -0 in (+6.4 / -0 mm)"
    assert tolerance_text(None, None, "in") == ""


def test_pressures_in_both_units() -> None:
    assert pressure_text(Pressure(3250, "psi")) == "3250 psi (224.1 bar)"
    assert pressure_text(Pressure(330, "bar"), "bar") == "330 bar (4786 psi)"
    assert pressure_text(Pressure(35, "MPa"), "MPa") == "350 bar (5076 psi)"
    assert pressure_text(None) == "not known"


def test_temperatures_and_weights() -> None:
    assert temperature_range_text(Temperature(-40, "F"), Temperature(212, "F")) == "-40 to 212 °F (-40 to 100 °C)"
    assert temperature_range_text(None, Temperature(100, "C")) == "not known to 100 °C (not known to 212 °F)"
    assert temperature_range_text(None, None) == "not known"
    assert weight_text(Weight(1.40625, "lb")) == "1.406 lb (0.638 kg)"
    assert weight_text(Weight(1, "kg"), metric=True) == "1 kg (2.205 lb)"


def test_numbers_are_rounded_half_up_and_trimmed() -> None:
    assert [trimmed(value, 2) for value in (0.125, -0.001, 1e-9, 7.0, 100, 1e20)] == [
        "0.13", "0", "0", "7", "100", "not known",
    ]  # fmt: skip
    assert money_text(Decimal("56.835")) == "56.84"
    assert money_text(1234.5, 0) == "1,235"
    assert money_text(None) == ""
    assert [unit_price_text(Decimal(text)) for text in ("4.5", "4.50449", "0.0049", "0.004", "0.0000125", "0")] == [
        "4.50", "4.5045", "0.0049", "0.004", "0.000013", "0.00",
    ]  # fmt: skip
    assert [unit_price_text(Decimal(text), 0) for text in ("638", "637.5", "0.60001")] == ["638", "637.5", "0.60001"]

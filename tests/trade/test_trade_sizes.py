"""Sizes against section 2."""

from decimal import Decimal

import pytest

from brassleaf.errors import Refused
from brassleaf.trade.numbers import round_half_up
from brassleaf.trade.sizes import SIZES, bore, format_dash, is_r5, parse_hose_size, size_order

D = Decimal

TABLE = [
    (2, "1/8", "3.18", (3,), "3.2"),
    (3, "3/16", "4.76", (4, 5), "5"),
    (4, "1/4", "6.35", (6,), "6.3"),
    (5, "5/16", "7.94", (8,), "8"),
    (6, "3/8", "9.53", (10,), "10"),
    (8, "1/2", "12.70", (12, 13), "12.5"),
    (10, "5/8", "15.88", (16,), "16"),
    (12, "3/4", "19.05", (19, 20), "19"),
    (16, "1", "25.40", (25,), "25"),
    (20, "1-1/4", "31.75", (31, 32), "31.5"),
    (24, "1-1/2", "38.10", (38, 40), "38"),
    (32, "2", "50.80", (50, 51), "51"),
    (40, "2-1/2", "63.50", (60, 63), "63"),
    (48, "3", "76.20", (76,), "76"),
]


@pytest.mark.parametrize(("dash", "inch", "mm", "dns", "nominal"), TABLE)
def test_every_reading_of_the_table(dash, inch, mm, dns, nominal):
    readings = [f"-{dash}", f"#{dash}", str(dash), f"{dash:02d}", f"-{dash:02d}", f'{inch}"', f"{inch} in", f"{mm} mm"]
    readings += [f"DN{dn}" for dn in dns] + [f"dn {dn}" for dn in dns] + [f"{dn} mm" for dn in dns] + [f"{nominal}mm"]
    readings += [inch] if "/" in inch else []
    readings += [f"{dash / 16} inch", str(dash / 16)]
    assert {reading: parse_hose_size(reading) for reading in readings} == dict.fromkeys(readings, dash)
    assert str(round_half_up(SIZES[dash].mm, 2)) == mm
    assert parse_hose_size(dash) == dash


@pytest.mark.parametrize(
    ("text", "dash"),
    [
        ("1 1/4", 20), ("1.1/4", 20), ("1½", 24), ('½"', 8), ("1\u20141/4", None), ("\u22128", 8), ("0.31", 5),
        ("0.313", 5), (".5", 8), ("7/8", 14), ("22.2 mm", 14), ("3-1/2", 56), ("-64", 64), ('4"', 64),
        ("-60", None), ("2-3/8", 40),
        ("13/32", 8), ("1-13/16", 32), ("13 mm", 8), ("12 MM", 8), ("64 mm", 40),
    ],
)  # fmt: skip
def test_other_readings(text, dash):
    assert parse_hose_size(text) == dash


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "1",
        "13",
        "-7",
        "DN7",
        "12.7",
        "5/0",
        "3/2",
        "1/3",
        "R2",
        "-1/2",
        "8 8",
        "8 bar",
        "999",
        "DN",
        7,
        "٣",
        "٣ in",
        "9" * 5000 + " in",
    ],
)
def test_what_is_no_size_is_not_guessed(text):
    assert parse_hose_size(text) is None


def test_no_millimetre_reading_means_two_sizes():
    readings = {}
    for row in SIZES.values():
        values = {round_half_up(row.mm, n) for n in (0, 1, 2)} | set(row.dn) | ({row.nominal} if row.nominal else set())
        for value in values:
            assert readings.setdefault(value, row.dash) == row.dash


@pytest.mark.parametrize(
    ("dash", "inch"),
    [
        (4, "3/16"), (5, "1/4"), (6, "5/16"), (8, "13/32"), (10, "1/2"), (12, "5/8"), (16, "7/8"), (20, "1-1/8"),
        (24, "1-3/8"), (32, "1-13/16"), (40, "2-3/8"),
    ],
)  # fmt: skip
def test_r5_hose_has_the_dash_of_the_tube(dash, inch):
    assert parse_hose_size(inch, r5=True) == dash
    assert parse_hose_size(f"-{dash}", r5=True) == dash


def test_r5_bores():
    assert bore(8) == D("0.5")
    assert bore(8, r5=True) == D(13) / D(32)
    assert parse_hose_size("12.7 mm", r5=True) == 10
    assert parse_hose_size("DN10", r5=True) == 8
    assert parse_hose_size("DN13", r5=True) is None
    assert parse_hose_size("NW 12") == 8
    assert all(is_r5(text) for text in ("SAE 100R5", "r5", "C14", "AC134a", "SAE J1402 AII"))
    assert not any(is_r5(text) for text in ("100R2", "R51", None))
    for dash, r5 in ((7, False), (2, True)):
        with pytest.raises(Refused):
            bore(dash, r5=r5)


def test_dash_text_and_order():
    assert [format_dash(dash) for dash in (4, 8, 16)] == ["-04", "-08", "-16"]
    assert sorted(["-16", "x", "-08", '1/4"', "DN10"], key=size_order) == ['1/4"', "DN10", "-08", "-16", "x"]

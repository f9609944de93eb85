"""Texts to facts: the worked examples of domain.md section 11, what is stated twice or against itself, bad input."""

import time
from decimal import Decimal

import pytest

from brassleaf.errors import Refused
from brassleaf.trade.parsing import MAX_TEXT, End, Reading, read
from brassleaf.trade.parsing.keys import fitting_key, hose_key, item_key, wanted


def _end(end: End | None) -> tuple[object, ...]:
    assert end is not None
    return tuple(fact.value if fact else None for fact in (end.style, end.gender, end.size, end.angle))


def _length(reading: Reading) -> tuple[Decimal, str | None]:
    assert reading.length is not None
    return reading.length.value.value, reading.length.value.unit


# -- worked examples --------------------------------------------------------------------------------------------------


def test_free_text() -> None:
    reading = read("2-wire 1/2 in x 36 in JIC both ends")
    assert reading.hose is not None
    assert (reading.hose.value, reading.size and reading.size.value) == ("2-wire", 8)
    assert _length(reading) == (36, "in")
    assert _end(reading.end1) == _end(reading.end2) == ("JIC", None, None, None)
    assert reading.unmatched == ()


def test_feet_and_inches_and_end_codes() -> None:
    reading = read("1/2 R2 X 3'6\" 8FJX-8FJX90")
    assert _length(reading) == (42, "in")
    assert _end(reading.end1) == ("JIC", "F", 8, None)
    assert _end(reading.end2) == ("JIC", "F", 8, 90)


@pytest.mark.parametrize(
    ("text", "length", "how", "twist"),
    [
        ("T3008D * 1830 * T2090-0808 * T2040-0814", 1830, "seat to seat", None),
        ("T3008D * 1830-OA * T2090-0808 * T2040-0814", 1830, "overall", None),
        ("T28D * 1830 * T2050-0808 * T2730-0824 @ 135°", 1830, "seat to seat", 135),
    ],
)
def test_ryco_codes(text: str, length: int, how: str, twist: int | None) -> None:
    reading = read(text)
    assert _length(reading) == (length, "mm")
    assert (reading.measured and reading.measured.value) == how
    assert (reading.twist and reading.twist.value) == twist
    assert (reading.size and reading.size.value) == 8


def test_parker_codes() -> None:
    reading = read("F451TC0639121212-20.5-90")
    assert (reading.hose_part, reading.size and reading.size.value) == ("451TC", 12)
    assert _length(reading) == (Decimal("20.5"), "in")
    assert (_end(reading.end1), _end(reading.end2)) == (("JIC", "F", 12, None), ("JIC", "F", 12, 90))


def test_weatherhead_lengths_are_hundredths() -> None:
    assert _length(read("H425-08-P08-S68-01250")) == (Decimal("12.5"), "in")
    assert _length(read("H425-08-P08-S68-02450")) == (Decimal("24.5"), "in")


def test_the_bore_of_r5_hose() -> None:
    assert read("R5 -8").size == read("13/32 R5 hose").size
    found = read("1/2 R5 hose").size
    assert found is not None
    assert found.value == 10  # section 2: -10 has a bore of 1/2


@pytest.mark.parametrize("text", ["DN12", "DN 13", "1/2", '1/2"', "½", "0.5 in", "-8", "#8", "half inch", "-08"])
def test_spellings_of_a_size(text: str) -> None:
    reading = read(f"{text} hose 2SN 1000 mm")
    assert (reading.size and reading.size.value) == 8


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("36 in", "36", "in"), ('36"', "36", "in"), ("3 ft", "3", "ft"), ("3'", "3", "ft"), ("3'6\"", "42", "in"),
        ("3' 6 1/2\"", "42.5", "in"), ("3 ft 6 in", "42", "in"), ('24 1/2"', "24.5", "in"),
        ("24-1/2 inches", "24.5", "in"),
        ("900mm", "900", "mm"), ("1,2 m", "1.2", "m"), ("1.2 metres", "1.2", "m"), ("80cm", "80", "cm"),
        ("1,830 mm", "1830", "mm"), ("L=850", "850", None), ("x 36", "36", None),
    ],
)  # fmt: skip
def test_spellings_of_a_length(text: str, value: str, unit: str | None) -> None:
    assert _length(read(f"1/2 R2 {text} 8FJX 8FJX")) == (Decimal(value), unit)


def test_cut_and_overall_length_are_both_kept() -> None:
    reading = read('1/2 R2 overall 48", cut 44.5" FJX both ends')
    assert _length(reading) == (48, "in")
    assert reading.cut_length is not None
    assert reading.cut_length.value.value == Decimal("44.5")
    assert not reading.conflicts


# -- what cannot both be so -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "field", "gone"),
    [
        ("1/2 hose, 3/4 hose, 36 in MP", "size", "size"),
        ("3/8 hose 24 in x 30 in JIC", "length", "length"),
        ("1/2 R1 R2 36 in", "hose", "hose"),
        ("parker gates 1/2 R2", "brand", "brand"),
        ("1/2 R2 FJX MP MJ 36 in", "ends", "end1"),
    ],
)
def test_a_contradiction_is_reported_and_nothing_chosen(text: str, field: str, gone: str) -> None:
    reading = read(text)
    assert [conflict.field for conflict in reading.conflicts] == [field]
    assert getattr(reading, gone) is None


def test_an_end_of_another_size_than_its_hose_is_reported() -> None:
    reading = read("1/2 hose x 36 in with 3/4 jic both ends")
    assert [conflict.field for conflict in reading.conflicts] == ["end1.size", "end2.size"]
    assert reading.conflicts[0].values == ("-08", "-12")
    assert not read("8G-12FJX x 8G-12FJX 36 in").conflicts  # the maker's number says both


def test_the_same_length_twice_is_no_contradiction() -> None:
    assert not read("1/2 R2 36 in (914 mm) FJX both ends").conflicts


def test_words_that_nobody_knows_are_listed_whole() -> None:
    assert read("1/2 R2 zebra 36 in TS-AB-123 FJX").unmatched == ("ZEBRA", "TS-AB-123")
    assert read("1/2 R2 36 in no test FJX").proof_test is False


# -- bad input --------------------------------------------------------------------------------------------------------


NASTY = (
    "1/2 x ", "1-", "9", "A", "A1-", "\"'", "FJX ", "36 ", "90 1/2 ", "M22x1.5 ", "ENDS ", "OAL ", "(/", "((((",
    "T3008D * 1830 * ", "F42TU0606080808-", "SPRING ", "JIC 90 DEG x ", "TWO INCH AND A ", '36" OAL ', "-8 ", "x 2 ",
    "שלום ", "😀", "a\u0301", "\x00", "\u202e", ".*(a+)+$", "'; DROP TABLE items; --", "36 in ", "5' 6 1/2\" ", "M/F ",
    "END 1 ", "CODE ", "DN", "1 2 3 4 5 ", "H425-08-", "HU 08 08 MP ", "8FJX-8FJX90",
)  # fmt: skip


@pytest.mark.parametrize("piece", NASTY)
def test_long_rubbish_is_read_in_little_time(piece: str) -> None:
    text = (piece * MAX_TEXT)[:MAX_TEXT]
    start = time.process_time()
    read(text)
    assert time.process_time() - start < 2  # a tenth of it is usual; what is not linear takes minutes


def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(Refused):
        read("x" * (MAX_TEXT + 1))


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00", "\u202e", "😀😀", "hello there", "0/0", "1/0 R2", "R99", "DN999", "M99x9", "F42TU0606080808-0"],
)
def test_nothing_is_made_up(text: str) -> None:
    reading = read(text)
    assert (reading.size, reading.hose if text != "1/0 R2" else None, reading.end1) == (None, None, None)


# -- keys -------------------------------------------------------------------------------------------------------------


def test_hoses_are_alike_by_size_and_family() -> None:
    hose = {"itemType": "hose", "hoseDash": 8, "spec": "EN 853 2SN", "saeSpec": "SAE 100R2AT"}
    assert item_key(hose) == hose_key(8, "two wire braids")
    assert item_key({**hose, "hoseDash": None}) is None
    assert item_key({"itemType": "hose", "hoseDash": 8, "series": "own"}) == hose_key(8, "")


def test_fittings_are_alike_by_all_that_a_text_can_say() -> None:
    item = {
        "itemType": "crimpFitting",
        "hoseDash": 8,
        "style": "jic 37",
        "gender": "Female",
        "dashSize": "-08",
        "shape": "90°",
    }
    assert item_key(item) == fitting_key(8, "JIC", 8, "F", 90)
    metric = {**item, "style": "DKOL", "dashSize": "M22X1.50", "shape": "straight"}
    assert item_key(metric) == fitting_key(8, "DKOL", "M22x1.5", "F", 0)
    assert item_key({"itemType": "adaptor", "hoseDash": 8}) is None


def test_what_a_text_does_not_say_is_the_usual_and_named() -> None:
    end = read("1/2 R2 JIC 36 in").end1
    assert end is not None
    meant = wanted(end, 8)
    assert meant is not None
    assert (meant.key, meant.assumed) == (fitting_key(8, "JIC", 8, "F", 0), ("size", "angle", "gender"))
    metric = read("2SN DN12 DKOL 1 m").end1
    assert metric is not None
    found = wanted(metric, 8)
    assert found is not None
    assert found.size == "M22x1.5"  # section 2, HANSA-FLEX: DN 13, light

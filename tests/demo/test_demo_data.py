"""The demo shop's data agree with themselves and with the trade's rules."""

import csv
import re
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "src" / "brassleaf" / "demo" / "data"
FILES = ("hoses", "crimpfittings", "ferrules", "crimpspecs", "wraps", "customers", "prices")
ITEMS = {"hose": "hoses", "crimpFitting": "crimpfittings", "ferrule": "ferrules", "wrap": "wraps"}

# dash: (nominal inch, DN in both ways of writing, nominal bore in mm)
SIZES = {
    3: ("3/16", {"4", "5"}, "5"),
    4: ("1/4", {"6"}, "6.3"),
    5: ("5/16", {"8"}, "8"),
    6: ("3/8", {"10"}, "10"),
    8: ("1/2", {"12", "13"}, "12.5"),
    10: ("5/8", {"16"}, "16"),
    12: ("3/4", {"19", "20"}, "19"),
    16: ("1", {"25"}, "25"),
    20: ("1-1/4", {"31", "32"}, "31.5"),
    24: ("1-1/2", {"38", "40"}, "38"),
    32: ("2", {"50", "51"}, "51"),
}
FAMILY_SIZES = {
    "1SN": [3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32],
    "2SN": [3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32],
    "4SP": [4, 6, 8, 10, 12, 16, 20, 24, 32],
    "4SH": [12, 16, 20, 24, 32],
    "R17": [4, 5, 6, 8, 10, 12, 16],
}
# domain facts: dash to thread
JIC = {"-04": "7/16-20", "-06": "9/16-18", "-08": "3/4-16", "-10": "7/8-14", "-12": "1-1/16-12", "-16": "1-5/16-12"}
ORFS = {"-04": "9/16-18", "-06": "11/16-16", "-08": "13/16-16", "-10": "1-14", "-12": "1-3/16-12", "-16": "1-7/16-12"}
DKOL = dict(zip((4, 5, 6, 8, 10, 12, 16, 20, 24), ["14", "16", "18", "22", "26", "30", "36", "45", "52"], strict=True))
DKOS = dict(zip((4, 5, 6, 8, 10, 12, 16, 20), ["18", "20", "22", "24", "30", "36", "42", "52"], strict=True))

REQUIRED = {
    "hoses": (
        "partNumber brand size nominalHoseSize description series innerDiamInch innerDiammm outerDiammm "
        "outerDiamKind DN spec isoSpec workingPressure workingPressureUnit burstPressure burstPressureUnit "
        "minBendRadiusmm minTemperatureC maxTemperatureC weightIsSample source"
    ),
    "crimpfittings": (
        "partNumber brand hoseSize series style dashSize shape material spec description cutOffmm "
        "cutOffReference overallLengthmm weightLbs workingPressure workingPressureUnit pressureSource source "
        "sampleFields"
    ),
    "ferrules": "partNumber brand size series description material diametermm lengthmm weightLbs source sampleFields",
    "crimpspecs": (
        "hosePartNumber couplingSeries couplingSeriesBrand ferruleBrand ferrulePartNumber dieSize spacerRing "
        "insertLengthmm crimpDiammm crimpTolerancemm tolerancePlusmm toleranceMinusmm crimpStretchPerEndmm "
        "notes source sampleFields"
    ),
    "wraps": (
        "partNumber brand size description wrapType colour material innerDiammm weightKgPerM source sampleFields"
    ),
    "customers": (
        "name domain erpId address1 city region postalCode country phoneNumber email website "
        "defaultLengthUnit defaultPressureUnit defaultCurrency listPricing source sampleFields"
    ),
    "prices": "partNumber brand itemType cost listPrice currency unitOfMeasure source sampleFields",
}


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def num(text: str) -> Decimal:
    return Decimal(text)


def dash(text: str) -> int:
    assert re.fullmatch(r"-\d\d", text), text
    return int(text[1:])


def inch(text: str) -> Fraction:
    return sum((Fraction(part) for part in text.split("-")), Fraction(0))


def families() -> dict[str, list[dict[str, str]]]:
    groups = defaultdict(list)
    for row in rows("hoses"):
        groups[row["series"]].append(row)
    return {series: sorted(group, key=lambda row: dash(row["size"])) for series, group in groups.items()}


@pytest.mark.parametrize("name", FILES)
def test_every_row_is_whole(name: str):
    table = rows(name)
    assert table
    for row in table:
        assert None not in row, "more cells than headings"
        assert all(value is not None and value == value.strip() for value in row.values()), row
        for column in REQUIRED[name].split():
            assert row[column], (column, row)


@pytest.mark.parametrize("name", FILES)
def test_every_row_says_where_it_is_from(name: str):
    legend = set(re.findall(r"^\| (S\d|K|X) \|", (DATA / "SOURCES.md").read_text(encoding="utf-8"), re.MULTILINE))
    for row in rows(name):
        keys = re.findall(r"\[(\w+)\]", row["source"])
        assert keys, row
        assert set(keys) <= legend, row
        samples = row["sampleFields"].split(";") if row["sampleFields"] else []
        assert set(samples) <= set(row), row
        assert all(row[column] for column in samples), row
        if set(keys) == {"X"}:
            assert samples, row


@pytest.mark.parametrize("name", sorted(ITEMS.values()))
def test_part_numbers_are_unique(name: str):
    keys = [(row["brand"].casefold(), row["partNumber"].casefold()) for row in rows(name)]
    assert len(keys) == len(set(keys))


def test_no_part_number_is_used_by_two_kinds():
    keys = [row["partNumber"] for name in ITEMS.values() for row in rows(name)]
    assert len(keys) == len(set(keys))


def test_hose_families_have_the_sizes_of_their_standards():
    assert {series: [dash(row["size"]) for row in group] for series, group in families().items()} == FAMILY_SIZES


def test_dash_inch_and_dn_agree():
    for row in rows("hoses"):
        size = dash(row["size"])
        nominal, dn, bore = SIZES[size]
        assert row["nominalHoseSize"] == f'{nominal}"'
        assert inch(nominal) == Fraction(size, 16) == Fraction(row["innerDiamInch"])
        assert row["DN"] in dn
        assert row["innerDiammm"] == bore
        assert abs(num(bore) - Decimal(size) * Decimal("1.5875")) < Decimal("0.5")


def test_burst_is_four_times_the_working_pressure():
    for row in rows("hoses"):
        assert row["burstPressureUnit"] == row["workingPressureUnit"] == ("psi" if row["series"] == "R17" else "bar")
        assert num(row["burstPressure"]) >= 4 * num(row["workingPressure"])


def test_pressure_falls_and_dimensions_grow_with_size():
    for series, group in families().items():
        pressures = [num(row["workingPressure"]) for row in group]
        if series == "R17":
            assert set(pressures) == {Decimal(3000)}
        else:
            assert pressures == sorted(pressures, reverse=True)
        for column in ("outerDiammm", "minBendRadiusmm", "innerDiammm"):
            values = [num(row[column]) for row in group]
            assert values == sorted(set(values)), (series, column)
        weights = [num(row["weightKgPerM"]) for row in group if row["weightKgPerM"]]
        assert weights == sorted(set(weights)), series


def test_a_hose_is_thicker_than_its_bore_and_bends_wider_than_it_is_thick():
    for row in rows("hoses"):
        assert num(row["innerDiammm"]) < num(row["outerDiammm"]) < num(row["minBendRadiusmm"])
        assert (row["minTemperatureC"], row["maxTemperatureC"]) == ("-40", "100")
        assert row["weightIsSample"] in {"true", "false"}
        assert (row["weightIsSample"] == "true") == ("weightKgPerM" in row["sampleFields"].split(";"))
        assert (row["outerDiamKind"] == "sample") == ("outerDiammm" in row["sampleFields"].split(";"))


def test_threads_follow_the_dash():
    for row in rows("crimpfittings"):
        style, size, thread = row["style"], row["dashSize"], row["thread"]
        if style in {"JIC 37", "ORB"}:
            assert thread == JIC.get(size, thread)
        elif style == "ORFS":
            assert thread == ORFS.get(size, thread)
        elif style in {"DKOL", "DKOS"}:
            diameter, _, _ = size[1:].partition("x")
            assert size == thread
            assert diameter == (DKOL if style == "DKOL" else DKOS)[dash(row["hoseSize"])]
        elif style in {"NPTF", "BSPP"}:
            nominal = thread.removeprefix("G ").rsplit("-", 1)[0]
            assert inch(nominal) == Fraction(dash(size), 16)
        else:
            assert not thread


def test_fittings_are_described_in_known_words():
    for row in rows("crimpfittings"):
        flange = row["style"].endswith("flange")
        assert row["gender"] == "" if flange else row["gender"] in {"male", "female"}
        assert row["shape"] in {"straight", "45", "90"}
        assert row["swivel"] == ("swivel" if row["gender"] == "female" else "")
        bent = row["shape"] != "straight"
        assert bool(row["dropLengthmm"]) == bent
        assert row["workingPressureUnit"] in {"psi", "bar"}
        assert row["pressureSource"].startswith("sample") == ("workingPressure" in row["sampleFields"].split(";"))
        expected = {
            "JIC 37": {"male": "thread end", "female": "nut end"}.get(row["gender"]),
            "NPTF": "thread end",
            "ORB": "thread end",
        }.get(row["style"], "flange face" if flange else "seal face")
        assert row["cutOffReference"] == ("centreline" if bent else expected)


def test_fitting_lengths_weights_and_prices_grow_with_size():
    prices = {row["partNumber"]: row for row in rows("prices")}
    groups = defaultdict(list)
    for row in rows("crimpfittings"):
        if "jump size" not in row["description"]:
            groups[row["series"], row["style"], row["gender"], row["shape"]].append(row)
    for key, group in groups.items():
        group.sort(key=lambda row: dash(row["hoseSize"]))
        for column in ("cutOffmm", "overallLengthmm", "dropLengthmm", "weightLbs"):
            values = [num(row[column]) for row in group if row[column]]
            assert values == sorted(set(values)), (key, column)
        costs = [num(prices[row["partNumber"]]["cost"]) for row in group]
        assert costs == sorted(set(costs)), key


def test_overall_length_is_cut_off_plus_insertion():
    inserts = {}
    sizes = {row["partNumber"]: row["size"] for row in rows("hoses")}
    for spec in rows("crimpspecs"):
        key = spec["couplingSeries"], sizes[spec["hosePartNumber"]]
        assert inserts.setdefault(key, spec["insertLengthmm"]) == spec["insertLengthmm"]
    for row in rows("crimpfittings"):
        insert = num(inserts[row["series"], row["hoseSize"]])
        assert num(row["overallLengthmm"]) == num(row["cutOffmm"]) + insert


def test_every_coupling_series_has_the_common_ends():
    offered = defaultdict(set)
    for row in rows("crimpfittings"):
        offered[row["series"], row["hoseSize"]].add((row["style"], row["gender"], row["shape"]))
    everywhere = {("JIC 37", "male", "straight"), ("NPTF", "male", "straight"), ("ORB", "male", "straight")}
    everywhere |= {("JIC 37", "female", shape) for shape in ("straight", "45", "90")}
    everywhere |= {("BSPP", "female", shape) for shape in ("straight", "90")}
    for ends in offered.values():
        assert everywhere <= ends


def test_crimp_specs_point_to_parts_that_exist():
    hoses = {(row["brand"], row["partNumber"]): row for row in rows("hoses")}
    ferrules = {(row["brand"], row["partNumber"]): row for row in rows("ferrules")}
    fitted = {(row["brand"], row["series"], row["hoseSize"]) for row in rows("crimpfittings")}
    specs = rows("crimpspecs")
    for spec in specs:
        hose = hoses["Brassleaf Demo", spec["hosePartNumber"]]
        ferrule = ferrules[spec["ferruleBrand"], spec["ferrulePartNumber"]]
        assert hose["size"] == ferrule["size"]
        assert ferrule["series"] == spec["couplingSeries"]
        assert (spec["couplingSeriesBrand"], spec["couplingSeries"], hose["size"]) in fitted
    assert {spec["hosePartNumber"] for spec in specs} == {part for _, part in hoses}


def test_crimp_specs_are_plausible_and_marked():
    hoses = {row["partNumber"]: row for row in rows("hoses")}
    ferrules = {row["partNumber"]: row for row in rows("ferrules")}
    for spec in rows("crimpspecs"):
        ferrule = ferrules[spec["ferrulePartNumber"]]
        crimped = num(spec["crimpDiammm"])
        assert Decimal("0.75") * num(ferrule["diametermm"]) < crimped < num(ferrule["diametermm"])
        assert crimped > num(hoses[spec["hosePartNumber"]]["innerDiammm"])
        assert num(spec["insertLengthmm"]) < num(ferrule["lengthmm"])
        assert bool(spec["skiveExternalmm"]) == (spec["couplingSeries"] == "BS")
        assert "not for production" in spec["notes"]
        assert "crimpDiammm" in spec["sampleFields"].split(";")


def test_some_wrap_of_every_kind_fits_the_common_hoses():
    inside = defaultdict(list)
    for row in rows("wraps"):
        inside[row["wrapType"]].append(num(row["innerDiammm"]))
    assert set(inside) == {"spring guard", "nylon sleeve", "spiral guard"}
    for hose in rows("hoses"):
        if 4 <= dash(hose["size"]) <= 24:
            outside = num(hose["outerDiammm"])
            for diameters in inside.values():
                assert any(outside <= diameter <= outside * Decimal("1.6") for diameter in diameters), hose[
                    "partNumber"
                ]


def test_every_item_has_one_price_and_every_price_an_item():
    priced = [(row["itemType"], row["brand"], row["partNumber"]) for row in rows("prices")]
    assert len(priced) == len(set(priced))
    items = {(kind, row["brand"], row["partNumber"]) for kind, name in ITEMS.items() for row in rows(name)}
    assert set(priced) == items
    for row in rows("prices"):
        assert Decimal(0) < num(row["cost"]) < num(row["listPrice"])
        assert row["currency"] == "USD"
        assert row["unitOfMeasure"] in ({"ft", "m"} if row["itemType"] in {"hose", "wrap"} else {"ea"})


def test_hose_prices_grow_with_size():
    prices = {row["partNumber"]: row for row in rows("prices")}
    for series, group in families().items():
        costs = [num(prices[row["partNumber"]]["cost"]) for row in group]
        assert costs == sorted(set(costs)), series


def test_customers_cannot_be_mistaken_for_real_ones():
    customers = rows("customers")
    assert len(customers) >= 12
    assert len({row["country"] for row in customers}) >= 6
    for column in ("name", "domain", "erpId"):
        assert len({row[column] for row in customers}) == len(customers)
    for row in customers:
        assert re.fullmatch(r"[a-z-]+\.example\.(com|net|org)", row["domain"])
        assert row["email"].endswith("@" + row["domain"])
        assert row["website"] == "https://" + row["domain"]
        if row["country"] in {"United States", "Canada"}:
            assert re.fullmatch(r"\+1 \d{3}-555-01\d\d", row["phoneNumber"])
        assert row["defaultLengthUnit"] in {"in", "mm"}
        assert row["defaultPressureUnit"] in {"psi", "bar"}
        discount = bool(row["defaultDiscountPercentMaterials"])
        assert row["listPricing"] == ("true" if discount else "false")
        assert bool(row["defaultMarginPercentMaterials"]) != discount

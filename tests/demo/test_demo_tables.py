"""What the demo makes from tables: agrees with itself, with the trade's tables and with the figures of the sources."""

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from brassleaf.catalog.registry import KINDS
from brassleaf.demo.families import FAMILIES
from brassleaf.demo.rows import BRAND
from brassleaf.demo.scale import BATCH, brand, copies
from brassleaf.demo.shop import catalogue
from brassleaf.trade.ends import GENDERS, SHAPES, STYLES
from brassleaf.trade.sizes import parse_hose_size

LEGEND = Path(__file__).resolve().parents[2] / "src" / "brassleaf" / "demo" / "data" / "SOURCES.md"
ALL = list(catalogue())


def of_type(item_type):
    return [item for item in ALL if item["itemType"] == item_type]


def one(part):
    (found,) = [item for item in ALL if item["partNumber"] == part]
    return found


def test_the_range_is_whole():
    kinds = Counter(item["itemType"] for item in ALL)
    assert set(kinds) == {"hose", "crimpFitting", "ferrule", "wrap", "adaptor", "otherItem"}
    assert kinds["crimpFitting"] > 1000
    assert kinds["hose"] > 150
    families = {item["series"] for item in of_type("hose")}
    assert {"1SN", "2SN", "4SP", "4SH", "R12", "R13", "R15", "R17", "1TE", "2TE", "3TE", "R3", "R4", "R5", "R6", "R7",
            "R8", "R14", "1SC", "2SC"} <= families  # fmt: skip
    assert len({item["partNumber"] for item in ALL}) == len({item["_id"] for item in ALL}) == len(ALL)
    # what came first keeps the ids that the README shows
    assert one("BL-2SN-08")["_id"] == "cc02671fdd5e7412178a4e13"


@pytest.mark.parametrize(
    ("part", "bar", "bend", "outside"),
    [
        # the Intertraco catalogue, pages 27, 28, 19, 23 and 24
        ("BL-R13-16", 350, 300, 38.4),
        ("BL-R15-20", 420, 420, 50.1),
        ("BL-R5-08", 140, 115, 19.1),
        ("BL-R7-04", 200, 35, 11.8),
        ("BL-R14-08", 120, 70, 17.2),
    ],
)
def test_figures_of_the_source(part, bar, bend, outside):
    hose = one(part)
    assert (hose["workingPressure"], hose["burstPressure"]["value"]) == ({"value": bar, "unit": "bar"}, 4 * bar)
    assert (hose["minBendRadiusmm"], hose["outerDiammm"]) == (bend, outside)
    assert "workingPressure" not in hose["sampleData"]


def test_figures_without_a_source_are_marked():
    for item in ALL:
        keys = set(re.findall(r"\[(\w+)\]", item["source"]))
        assert keys <= set(re.findall(r"^\| (S\d|K|X) \|", LEGEND.read_text("utf-8"), re.MULTILINE)), item
        assert keys or item["itemType"] in {"hose", "crimpFitting"}, item
    for hose in of_type("hose"):
        if hose["series"] in {"1TE", "2TE", "3TE", "R3", "R4", "R8"}:
            assert {"workingPressure", "burstPressure", "minBendRadiusmm", "outerDiammm"} <= set(hose["sampleData"])
    for fitting in of_type("crimpFitting"):
        assert {"cutOffmm", "overallLengthmm", "weightLbs"} <= set(fitting["sampleData"])
        if fitting["style"] in {"GAZ", "Metric", "DIN 60"}:
            assert "thread" in fitting["sampleData"]


def test_documents_are_what_the_models_show():
    shown = {"custom": False, "available": True}
    for item in ALL:
        KINDS[item["itemType"]].view.full.model_validate({**item, **shown})
    for item in of_type("hose"):
        assert item["hoseDash"] == int(item["size"][1:])
        assert item["innerDiammm"] < item["outerDiammm"]


def test_ends_are_in_the_tables():
    for fitting in of_type("crimpFitting"):
        assert fitting["style"] in STYLES
        assert fitting.get("gender", "male") in GENDERS
        assert fitting["shape"] in SHAPES
    for adaptor in of_type("adaptor"):
        assert adaptor["shape"] in SHAPES
        for end in adaptor["ends"]:
            style = STYLES[end["style"]]
            size = end["dashSize"]
            assert size in style.threads.values() if style.metric else int(size[1:]) in style.threads
    groups = defaultdict(set)
    for adaptor in of_type("adaptor"):
        groups[adaptor["crossReference"]].add(adaptor["partNumber"])
    assert all(len(parts) == 1 for parts in groups.values())


def test_bore_and_size_of_100r5_hose_are_those_of_the_tube():
    hose = one("BL-R5-08")
    assert (hose["nominalHoseSize"], hose["DN"]) == ('13/32"', "10")
    assert parse_hose_size(hose["nominalHoseSize"], r5=True) == parse_hose_size("DN10", r5=True) == 8


def fitted(items):
    """Of each hose size and series, the ferrule and some fitting that its crimp specifications name are there."""
    ferrules = {(item["brand"], item["partNumber"]): item for item in items if item["itemType"] == "ferrule"}
    ends = {(item["brand"], item["series"], item["hoseDash"]) for item in items if item["itemType"] == "crimpFitting"}
    for hose in (item for item in items if item["itemType"] == "hose"):
        if hose["hoseDash"] <= 32:
            assert hose["crimpSpecs"], hose
        for spec in hose.get("crimpSpecs", []):
            ferrule = ferrules[spec["ferruleBrand"], spec["ferrulePartNumber"]]
            assert (ferrule["hoseDash"], ferrule["series"]) == (hose["hoseDash"], spec["couplingSeries"])
            assert (spec["couplingSeriesBrand"], spec["couplingSeries"], hose["hoseDash"]) in ends
            assert hose["innerDiammm"] < spec["crimpDiam"]["value"] < ferrule["diametermm"]
            assert spec["insertLength"]["value"] < ferrule["lengthmm"]
            assert "not for production" in spec["notes"]


def test_every_hose_can_be_assembled():
    fitted(ALL)
    assert {item["series"] for item in ALL if item["itemType"] == "crimpFitting"} >= {
        family.coupling for family in FAMILIES.values()
    }


# -- at scale ---------------------------------------------------------------------------------------------------------


def test_copies_are_whole_catalogues_of_invented_brands():
    batches = list(copies(ALL, 2 * len(ALL)))
    assert {len(batch) for batch in batches[:-1]} == {BATCH}
    made = [item for batch in batches for item in batch]
    assert len(made) == len({item["_id"] for item in made}) == 2 * len(ALL)
    assert len({(item["itemType"], item["brand"], item["partNumber"]) for item in made}) == len(made)
    brands = Counter(item["brand"] for item in made)
    assert set(brands.values()) == {len(ALL)}
    assert BRAND not in brands
    for name in brands:
        fitted([item for item in made if item["brand"] == name])
    hose = next(item for item in made if item["partNumber"].endswith("BL-R13-16"))
    assert {"workingPressure", "burstPressure", "minBendRadiusmm", "outerDiammm"} <= set(hose["sampleData"])
    again = [item for batch in copies(ALL, 2 * len(ALL)) for item in batch]
    assert [item["_id"] for item in again] == [item["_id"] for item in made]
    assert [item.get("weightLbs") for item in again] == [item.get("weightLbs") for item in made]


def test_a_few_copies_are_of_every_kind_in_proportion():
    (few,) = copies(ALL, 300)
    counted, whole = Counter(item["itemType"] for item in few), Counter(item["itemType"] for item in ALL)
    for kind, count in whole.items():
        assert counted[kind] == pytest.approx(300 * count / len(ALL), rel=0.6)
    assert list(copies(ALL, 0)) == []


def test_there_are_brands_enough():
    names = [brand(number) for number in range(5000)]
    assert len({name for name, _ in names}) == len({code for _, code in names}) == 5000

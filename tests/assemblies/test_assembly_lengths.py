"""Lengths, orientation, tolerances, pressure and weight through create and update: the numbers of domain.md."""

from decimal import Decimal

import pytest
from hose_shop import SPEC, Shop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brassleaf.organizations.models import ORGANIZATIONS

PER_INCH = Decimal("25.4")


def test_the_cut_length_of_the_worked_example(shop: Shop) -> None:
    made = shop.assembly()
    assert (made["overallLength"], made["cutLength"], made["cutOff1"], made["cutOff2"]) == (36, 32.25, 1.5, 2.25)
    metric = shop.assembly(length=914.4, lengthUnit="mm")
    assert (metric["cutLength"], metric["cutOff1"], metric["cutOff2"]) == (819.15, 38.1, 57.15)
    assert metric["lengthUnit"] == "mm"


def test_a_length_defined_by_the_cut_length_is_the_inverse(shop: Shop) -> None:
    made = shop.assembly(length=32.25, definedByCutLength=True)
    assert (made["length"], made["cutLength"], made["overallLength"]) == (32.25, 32.25, 36)
    named = shop.assembly(length=1, cutLength=819.15, lengthUnit="MM", definedByCutLength=True)
    assert (named["cutLength"], named["overallLength"], named["length"]) == (819.15, 914.4, 819.15)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(length=st.decimals(min_value=5, max_value=9000, places=3), unit=st.sampled_from(["in", "mm", "ft", "cm", "m"]))
def test_cut_and_overall_are_inverse_through_create(shop: Shop, length: Decimal, unit: str) -> None:
    made = shop.assembly(length=float(length), lengthUnit=unit, definedByCutLength=True)
    back = shop.assembly(length=made["overallLength"], lengthUnit=unit)
    assert back["cutLength"] == pytest.approx(float(length), abs=2e-6)
    cut_offs = {"in": PER_INCH, "mm": 1, "ft": PER_INCH * 12, "cm": 10, "m": 1000}[unit]
    assert made["overallLength"] == pytest.approx(float(length + Decimal("95.25") / cut_offs), abs=1e-6)


def test_the_definition_of_the_length_can_be_turned_without_changing_the_hose(shop: Shop) -> None:
    id_ = shop.assembly()["_id"]
    by_cut = shop.admin.post(f"/hoseassembly/{id_}/update", {"definedByCutLength": True})
    assert (by_cut["length"], by_cut["cutLength"], by_cut["overallLength"]) == (32.25, 32.25, 36)
    back = shop.admin.post(f"/hoseassembly/{id_}/update", {"definedByCutLength": False})
    assert (back["length"], back["cutLength"], back["overallLength"]) == (36, 32.25, 36)
    said = shop.admin.post(f"/hoseassembly/{id_}/update", {"definedByCutLength": True, "length": 40})
    assert (said["length"], said["cutLength"], said["overallLength"]) == (40, 40, 43.75)


def test_a_new_cut_length_counts_and_is_kept_when_an_end_changes(shop: Shop) -> None:
    id_ = shop.assembly(length=32.25, definedByCutLength=True)["_id"]
    longer = shop.admin.post(f"/hoseassembly/{id_}/update", {"cutLength": 40})
    assert (longer["length"], longer["cutLength"], longer["overallLength"]) == (40, 40, 43.75)
    swapped = shop.admin.post(f"/hoseassembly/{id_}/update", {"end2": shop.end1})
    assert (swapped["cutLength"], swapped["overallLength"]) == (40, 43)


def test_of_a_document_sent_back_whole_the_changed_length_counts(shop: Shop) -> None:
    made = shop.assembly(length=32.25, definedByCutLength=True)
    again = shop.admin.post(f"/hoseassembly/{made['_id']}/update", {**made, "length": 50})
    assert (again["length"], again["cutLength"]) == (50, 50)
    assert "54.75 in" not in again["description"] or again["overallLength"] == 53.75


@pytest.mark.parametrize("length", [3.75, 3.74, 0.001])
def test_ends_that_use_up_the_length_are_refused(shop: Shop, length: float) -> None:
    assert list(shop.admin.refused("/hoseassemblies/create", shop.body(length=length))) == ["length"]
    assert list(shop.admin.refused("/hoseassembly/price", shop.form(length=length))) == ["length"]


def test_just_more_than_the_ends_is_enough(shop: Shop) -> None:
    assert shop.assembly(length=3.76)["cutLength"] == 0.01


def test_a_convention_that_an_end_cannot_serve_is_refused_by_name(shop: Shop) -> None:
    # a straight JIC female is measured to the end of its nut (Gates), which is not its seat
    refused = shop.admin.refused("/hoseassemblies/create", shop.body(lengthConvention="seat to seat"))
    assert list(refused) == ["end1"]
    assert list(shop.admin.refused("/hoseassembly/price", shop.form(lengthConvention="seat to seat"))) == ["end1Id"]
    made = shop.assembly(lengthConvention="overall")
    assert (made["cutLength"], made["lengthConvention"]) == (32.25, "overall")
    assert "lengthConvention" in shop.admin.refused("/hoseassemblies/create", shop.body(lengthConvention="by eye"))


def test_an_unknown_cut_off_leaves_the_cut_length_open(shop: Shop) -> None:
    bare = shop.make_end("8PC-NOCUT", None)
    made = shop.assembly(end2=bare)
    assert "cutLength" not in made
    assert made["overallLength"] == 36
    assert "cut-off of end2" in made["notKnown"]
    assert "WeightLbs" not in made


def test_a_cut_off_that_becomes_unknown_takes_the_cut_length_away(shop: Shop) -> None:
    id_ = shop.assembly()["_id"]
    changed = shop.admin.post(f"/hoseassembly/{id_}/update", {"end2": None})
    assert "cutLength" not in changed
    assert "end2PartNumber" not in changed
    assert {"cut-off of end2", "working pressure of end2"} <= set(changed["notKnown"])


@pytest.mark.parametrize("unit", ["yards", "", "furlong", "in ch"])
def test_unknown_units_are_refused_with_those_that_are_known(shop: Shop, unit: str) -> None:
    said = shop.admin.refused("/hoseassemblies/create", shop.body(lengthUnit=unit))["lengthUnit"]
    assert "mm" in said[0]
    form = shop.admin.refused("/hoseassembly/price", shop.form(lengthUnit={"unit": unit}))
    assert any("mm" in text for texts in form.values() for text in texts)


def test_the_unit_of_the_organization_is_the_usual_one(shop: Shop) -> None:
    assert shop.assembly(lengthUnit=...)["lengthUnit"] == "in"


# -- orientation ------------------------------------------------------------------------------------------------------


def test_an_orientation_takes_two_bent_ends(shop: Shop) -> None:
    made = shop.assembly(end1=shop.bent1, end2=shop.bent2, orientationAngle=225)
    assert made["orientationAngle"] == 225
    assert shop.assembly(end1=shop.bent1, end2=shop.bent2, orientationAngle=0)["orientationAngle"] == 0
    refused = shop.admin.refused("/hoseassemblies/create", shop.body(end1=shop.bent1, orientationAngle=90))
    assert "end2" in refused["orientationAngle"][0]
    for angle in (-1, 360, "90"):
        bent = shop.body(end1=shop.bent1, end2=shop.bent2, orientationAngle=angle)
        assert list(shop.admin.refused("/hoseassemblies/create", bent)) == ["orientationAngle"]


def test_with_a_straight_end_no_orientation_is_kept(shop: Shop) -> None:
    assert "orientationAngle" not in shop.assembly(orientationAngle=0)
    made = shop.assembly(end1=shop.bent1, end2=shop.bent2, orientationAngle=90)
    changed = shop.admin.post(f"/hoseassembly/{made['_id']}/update", {**made, "end2": shop.end2})
    assert "orientationAngle" not in changed


# -- tolerances -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "length", "unit", "plus", "minus"),
    [
        ("SAE", 12, "in", 0.125, 0.125),
        ("RMA", 60, "in", 0.5, 0.5),
        ("RMA", 100, "in", 1, 1),
        ("DIN20066", 1000, "mm", 12, 4),
        ("DIN20066", 3000, "mm", 45, 15),
        ("DIN20066", 10000, "mm", 300, 100),
    ],
)
def test_the_organization_chooses_the_table(
    world: object, table: str, length: float, unit: str, plus: float, minus: float
) -> None:
    shop = Shop(world, lengthToleranceTable=table)  # type: ignore[arg-type]
    found = shop.assembly(length=length, lengthUnit=unit)["tolerance"]
    assert (found["plus"], found["minus"], found["unit"], found["table"]) == (plus, minus, unit, table)


def test_an_own_table_counts_and_what_it_does_not_cover_has_no_tolerance(world: object) -> None:
    rows = [{"upTo": 500, "plus": 3, "minus": 1}, {"upTo": 1000, "plus": 6, "minus": 2}]
    shop = Shop(world, lengthToleranceTable="custom", lengthTolerances=rows)  # type: ignore[arg-type]
    assert shop.assembly(length=500, lengthUnit="mm")["tolerance"]["plus"] == 3
    found = shop.assembly(length=501, lengthUnit="mm")["tolerance"]
    assert (found["plus"], found["minus"]) == (6, 2)
    assert "tolerance" not in shop.assembly(length=1001, lengthUnit="mm")


def test_a_muddled_own_table_is_no_table(world: object) -> None:
    rows = [{"upTo": 900, "plus": 3, "minus": 1}, {"upTo": 500, "plus": 6, "minus": 2}]
    shop = Shop(world)  # type: ignore[arg-type]
    # no caller can set it; what another program wrote into the store stops no assembly
    shop.change(ORGANIZATIONS, shop.organization.id, lengthToleranceTable="custom", lengthTolerances=rows)
    assert "tolerance" not in shop.assembly()


# -- pressure and weight ----------------------------------------------------------------------------------------------


def test_the_lowest_rating_is_the_assembly_s(shop: Shop) -> None:
    made = shop.assembly()
    assert made["workingPressure"] == {"value": 3000, "unit": "psi"}
    assert made["workingPressureLimitedBy"] == ["end1", "end2"]
    weak = shop.make_hose("422-16", workingPressure={"value": 1275, "unit": "psi"})
    assert shop.assembly(hose=weak)["workingPressure"] == {"value": 1275, "unit": "psi"}
    assert shop.assembly(hose=weak)["workingPressureLimitedBy"] == ["hose"]


def test_an_unknown_rating_is_never_guessed(shop: Shop) -> None:
    unrated = shop.make_end("8PC-UNRATED", 20, workingPressure=None)
    made = shop.assembly(end1=unrated)
    assert "workingPressure" not in made
    assert made["notKnown"] == ["working pressure of end1"]


def test_the_weight_of_the_worked_example(shop: Shop) -> None:
    made = shop.assembly()
    assert made["WeightLbs"] == 1.40625
    assert "notKnown" not in made


def test_a_weight_that_is_not_known_is_left_out_and_said(shop: Shop) -> None:
    light = shop.make_end("8PC-NOWEIGHT", 38.1, weightLbs=None)
    made = shop.assembly(end1=light)
    assert "WeightLbs" not in made
    assert made["notKnown"] == ["weight of end1"]
    assert shop.assembly(end1=light, WeightLbs=2)["WeightLbs"] == 2
    assert "notKnown" not in shop.assembly(end1=light, WeightLbs=2)


def test_a_weight_sent_back_as_it_was_read_stays_computed(shop: Shop) -> None:
    made = shop.assembly()
    longer = shop.admin.post(f"/hoseassembly/{made['_id']}/update", {**made, "length": 48})
    assert longer["WeightLbs"] == 1.70625  # another foot at 0.30 lb/ft
    own = shop.admin.post(f"/hoseassembly/{made['_id']}/update", {"WeightLbs": 9})
    assert shop.admin.post(f"/hoseassembly/{made['_id']}/update", {**own, "length": 36})["WeightLbs"] == 9
    assert shop.admin.post(f"/hoseassembly/{made['_id']}/update", {"WeightLbs": None})["WeightLbs"] == 1.40625


def test_the_bore_of_an_r5_hose_is_named_as_it_is(shop: Shop) -> None:
    hose = shop.make_hose("R5-08", saeSpec="SAE 100R5", spec=None, series="R5")
    made = shop.assembly(hose=hose)
    assert made["description"].startswith('13/32" R5')
    assert shop.assembly()["description"].startswith('1/2" EN 853 2SN, 36 in')
    assert SPEC["couplingSeries"] == "PC"

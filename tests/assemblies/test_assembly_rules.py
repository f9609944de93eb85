"""What an assembly is made of: what fits, what is chosen for it, what stays and what goes in an update."""

import pytest
from hose_shop import SPEC, Shop, without

from brassleaf.catalog.models import ITEMS

# -- what fits --------------------------------------------------------------------------------------------------------


def test_every_reason_is_said_at_once(shop: Shop) -> None:
    small = shop.make_end("6PC-6FJX", 30, hoseSize="-06")
    other = shop.make_end("8GS-8FJX", 30, series="GS")
    thin = shop.keep_item("wrap", "SG-14", "Guard", {"innerDiammm": 14})
    body = shop.body(end1=small, end2=other, wrap=thin, orientationAngle=90, length=1)
    refused = shop.admin.refused("/hoseassemblies/create", body)
    assert set(refused) == {"end1", "end2", "wrap", "orientationAngle", "length"}
    assert "-06 hose" in refused["end1"][0]
    assert "no crimp specification for series GS" in refused["end2"][0]
    form = shop.form(end1Id=small, end2Id=other, wrapId=thin, length=1)
    assert set(shop.admin.refused("/hoseassembly/price", form)) == {"end1Id", "end2Id", "wrapId", "length"}


def test_two_reasons_of_one_end_are_both_said(shop: Shop) -> None:
    odd = shop.make_end("6XX-6FJX", 30, hoseSize="-06", series="XX")
    assert len(shop.admin.refused("/hoseassemblies/create", shop.body(end1=odd))["end1"]) == 2


def test_unknown_and_foreign_parts_are_named(shop: Shop, own_shop: Shop) -> None:
    body = shop.body(hose=own_shop.hose, end1=shop.hose, end2="f" * 24, customerOrgId=...)
    assert set(shop.admin.refused("/hoseassemblies/create", body, 404)) == {"hose", "end1", "end2"}
    body = shop.body(customerOrgId=own_shop.customer())
    assert set(shop.admin.refused("/hoseassemblies/create", body, 404)) == {"customerOrgId"}


def test_malformed_fields_are_named(shop: Shop) -> None:
    bad = shop.body(hose="x", length=0, status="released", partNumber=" ", proofTest="yes", quantityPerPackage=0)
    refused = shop.admin.refused("/hoseassemblies/create", bad)
    assert set(refused) == {"hose", "length", "status", "partNumber", "proofTest", "quantityPerPackage"}
    assert set(shop.admin.refused("/hoseassemblies/create", {})) == {"partNumber", "hose", "length"}
    response = shop.admin.send("POST", "/hoseassemblies/create", shop.body(lenght=4, wrapStyle={"color": "red"}))
    assert response.headers["X-Unknown-Fields"] == "lenght, wrapStyle.color"


# -- ends -------------------------------------------------------------------------------------------------------------


def test_an_end_by_part_number(shop: Shop) -> None:
    made = shop.assembly(end1=..., end2=None, end1PartNumber="8pc-8fjx", end2PartNumber="8PC-8MJ")
    assert (made["end1"], made["end2"], made["cutLength"]) == (shop.end1, shop.end2, 32.25)
    assert made["end1PartNumber"] == "8PC-8FJX"
    refused = shop.admin.refused(
        "/hoseassemblies/create", shop.body(end1=..., end2=..., end1PartNumber="NONE", end2PartNumber="NOR-THIS")
    )
    assert set(refused) == {"end1PartNumber", "end2PartNumber"}


def test_a_part_number_of_several_brands_must_be_told_apart_and_an_own_one_goes_first(shop: Shop) -> None:
    fields = {"hoseSize": "-08", "hoseDash": 8, "series": "PC", "shape": "straight", "cutOffmm": 10}
    for brand in ("Twinned", "Parker"):
        shop.keep_item("crimpFitting", f"TWIN-{shop.number}", brand, fields, shared=True)
    body = shop.body(end1=..., end1PartNumber=f"TWIN-{shop.number}")
    assert "Several brands" in shop.admin.refused("/hoseassemblies/create", body)["end1PartNumber"][0]
    own = shop.make_end(f"TWIN-{shop.number}", 20)
    assert shop.admin.post("/hoseassemblies/create", body)["end1"] == own


def test_an_end_by_number_in_an_update(shop: Shop) -> None:
    id_ = shop.assembly()["_id"]
    path = f"/hoseassembly/{id_}/update"
    assert shop.admin.post(path, {"end1PartNumber": "8PC-8MJ"})["end1"] == shop.end2
    assert shop.admin.post(path, {"end1PartNumber": "8PC-8MJ", "comments": "same"})["end1"] == shop.end2
    cleared = shop.admin.post(path, {"end1": None, "end1PartNumber": "8PC-8MJ"})
    assert not {"end1", "end1PartNumber", "ferrule1"} & cleared.keys()


# -- ferrules ---------------------------------------------------------------------------------------------------------


def test_ferrules_are_chosen_by_the_crimp_specification(shop: Shop) -> None:
    made = shop.assembly()
    assert (made["ferrule1"], made["ferrule2"]) == (shop.ferrule, shop.ferrule)
    attached = shop.make_end("8PC-ONEPIECE", 38.1, onePiece=True)
    assert "ferrule1" not in shop.assembly(end1=attached)
    declined = shop.assembly(ferrule1=None)
    assert "ferrule1" not in declined
    assert declined["ferrule2"] == shop.ferrule


def test_a_declined_ferrule_stays_declined(shop: Shop) -> None:
    id_ = shop.assembly(ferrule1=None)["_id"]
    assert "ferrule1" not in shop.admin.post(f"/hoseassembly/{id_}/update", {"comments": "no ferrule, please"})


def test_a_ferrule_goes_with_its_end_and_is_chosen_anew(shop: Shop) -> None:
    path = f"/hoseassembly/{shop.assembly()['_id']}/update"
    cleared = shop.admin.post(path, {"end1": None})
    assert not {"end1", "ferrule1"} & cleared.keys()
    assert cleared["ferrule2"] == shop.ferrule
    assert shop.admin.post(path, {"end1": shop.end2})["ferrule1"] == shop.ferrule


def test_another_hose_takes_another_ferrule(shop: Shop) -> None:
    other = shop.keep_item("ferrule", "8PC1F", "Gates", {"weightLbs": 0.06})
    hose = shop.make_hose("1SN-08", crimpSpecs=[{**SPEC, "ferrulePartNumber": "8PC1F", "dieSize": "P32/30"}])
    made = shop.assembly()
    changed = shop.admin.post(f"/hoseassembly/{made['_id']}/update", {"hose": hose})
    assert (changed["ferrule1"], changed["ferrule2"]) == (other, other)
    back = shop.admin.post(f"/hoseassembly/{made['_id']}/update", {**changed, "hose": shop.hose})
    assert back["ferrule1"] == shop.ferrule


def test_a_wrong_ferrule_is_refused(shop: Shop) -> None:
    wrong = shop.keep_item("ferrule", "OTHER", "Gates", {})
    assert "end2" in shop.admin.refused("/hoseassemblies/create", shop.body(ferrule2=wrong))


# -- wraps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("coverage", "length"),
    [
        (None, 2.6875),
        ({}, 2.6875),
        ({"coverageType": "Full"}, 2.6875),
        ({"coverageType": "from end 1", "end": 12, "unit": "in"}, 1),
        ({"coverageType": "from end 2", "end": 304.8, "unit": "mm"}, 1),
        ({"coverageType": "both ends", "end": 6}, 1),
        ({"coverageType": "custom", "start": 3, "end": 15}, 1),
    ],
)
def test_a_wrap_covers_what_is_said(shop: Shop, coverage: dict[str, object] | None, length: float) -> None:
    found = shop.price(wrapId=shop.wrap, wrapStyle={"coverage": coverage})["items"]
    assert next(line["quantity"] for line in found if line["role"] == "wrap") == length


@pytest.mark.parametrize(
    ("coverage", "field"),
    [
        ({"coverageType": "half"}, "coverageType"),
        ({"coverageType": "from end 1"}, "end"),
        ({"coverageType": "from end 1", "end": 32.26}, "end"),
        ({"coverageType": "both ends", "end": 17}, "end"),
        ({"coverageType": "custom", "start": 9, "end": 9}, "end"),
        ({"coverageType": "custom", "end": -1}, "end"),
        ({"coverageType": "custom", "end": 1, "unit": "ell"}, "unit"),
    ],
)
def test_a_wrap_that_cannot_lie_on_the_hose_is_refused(shop: Shop, coverage: dict[str, object], field: str) -> None:
    body = shop.body(wrap=shop.wrap, wrapStyle={"coverage": coverage})
    assert list(shop.admin.refused("/hoseassemblies/create", body)) == [f"wrapStyle.coverage.{field}"]


def test_a_wrap_is_checked_while_the_cut_length_is_not_known(shop: Shop) -> None:
    body = shop.body(end2=..., wrap=shop.wrap, wrapStyle={"coverage": {"coverageType": "from end 1", "end": 40}})
    assert list(shop.admin.refused("/hoseassemblies/create", body)) == ["wrapStyle.coverage.end"]


def test_the_weight_counts_the_wrap(shop: Shop) -> None:
    made = shop.assembly(wrap=shop.wrap, wrapStyle={"coverage": {"coverageType": "from end 1", "end": 12}})
    assert made["WeightLbs"] == 1.50625


# -- descriptions -----------------------------------------------------------------------------------------------------


def test_a_description_is_generated_unless_somebody_wrote_one(shop: Shop) -> None:
    made = shop.assembly()
    assert made["description"] == '1/2" EN 853 2SN, 36 in, JIC 37 female swivel -08 x JIC 37 male -08'
    path = f"/hoseassembly/{made['_id']}/update"
    assert '1/2" EN 853 2SN, 40 in' in shop.admin.post(path, {"length": 40})["description"]
    own = shop.admin.post(path, {"description": "boom hose"})
    assert (own["description"], own["manualDescription"]) == ("boom hose", True)
    assert shop.admin.post(path, {"length": 41})["description"] == "boom hose"
    assert "41 in" in shop.admin.post(path, {"manualDescription": False})["description"]
    kept = shop.assembly(description="as the customer calls it", manualDescription=True)
    assert kept["description"] == "as the customer calls it"


def test_a_description_sent_back_as_it_was_read_stays_generated(shop: Shop) -> None:
    made = shop.assembly()
    again = shop.admin.post(f"/hoseassembly/{made['_id']}/update", {**made, "length": 48})
    assert "48 in" in again["description"]
    assert "manualDescription" not in again


# -- updates ----------------------------------------------------------------------------------------------------------


def test_absent_stays_and_null_clears(shop: Shop) -> None:
    made = shop.assembly(comments="one", tag="T", proofTest=True, lengthTolerance="+0/-1")
    path = f"/hoseassembly/{made['_id']}/update"
    same = shop.admin.post(path, {"comments": "two"})
    assert without(same, "lastModified", "lastModifiedBy") == {
        **without(made, "lastModified", "lastModifiedBy"), "comments": "two"
    }  # fmt: skip
    cleared = shop.admin.post(path, {"tag": None, "lengthTolerance": None, "proofTest": None})
    assert not {"tag", "lengthTolerance", "proofTest"} & cleared.keys()
    for name in ("partNumber", "hose", "length"):
        assert list(shop.admin.refused(path, {name: None})) == [name]
    assert list(shop.admin.refused(path, {"status": "released"})) == ["status"]
    assert shop.admin.get(f"/hoseassembly/{made['_id']}")["comments"] == "two"


def test_a_customer_s_name_comes_and_goes_with_it(shop: Shop) -> None:
    acme, bolt = shop.customer(name="Acme"), shop.customer(name=None)
    made = shop.assembly(customerOrgId=acme)
    assert made["customerName"] == "Acme"
    path = f"/hoseassembly/{made['_id']}/update"
    assert "customerName" not in shop.admin.post(path, {**made, "customerOrgId": bolt})
    shop.admin.post(path, {"customerOrgId": acme})
    assert not {"customerName", "customerOrgId"} & shop.admin.post(path, {"customerOrgId": None}).keys()
    assert shop.assembly(customerOrgId=acme, customerName="Acme Mine 3")["customerName"] == "Acme Mine 3"


def test_samples_are_marked_in_the_record(shop: Shop) -> None:
    hose = shop.make_hose("SAMPLE-08", crimpSpecs=[{**SPEC, "sampleData": ["crimpDiam"]}], sampleData=["outerDiammm"])
    made = shop.assembly(hose=hose)
    assert made["sampleData"] == [
        "hose SAMPLE-08: outerDiammm", "crimp of end1: crimpDiam", "crimp of end2: crimpDiam"
    ]  # fmt: skip


# -- one assembly with all that belongs to it -------------------------------------------------------------------------


def test_the_whole_assembly_shows_parts_and_crimp_data(shop: Shop) -> None:
    made = shop.assembly(end2=...)
    whole = shop.admin.get(f"/hoseassembly/{made['_id']}")
    assert set(whole["components"]) == {"hose", "end1", "ferrule1"}
    assert whole["components"]["hose"]["cost"] == 3.111
    assert whole["crimpSpecs"]["end1"] == {"fits": True, "reasons": [], "crimpSpec": {**SPEC, "source": "organization"}}
    assert whole["versions"] == [made["_id"]]
    seen = shop.as_("regular").get(f"/hoseassembly/{made['_id']}")
    assert "cost" not in seen["components"]["hose"]


def test_an_assembly_whose_hose_was_deleted_can_still_be_edited_and_read(own_shop: Shop) -> None:
    id_ = own_shop.assembly()["_id"]
    own_shop.change(ITEMS, own_shop.hose, deleted=True)
    path = f"/hoseassembly/{id_}/update"
    assert own_shop.admin.post(path, {"comments": "find another hose"})["cutLength"] == 32.25
    assert own_shop.admin.get(f"/hoseassembly/{id_}")["components"]["hose"]["partNumber"] == "2SN-08"
    assert list(own_shop.admin.refused(f"/hoseassembly/{id_}/release")) == ["hose"]
    assert list(own_shop.admin.refused("/hoseassemblies/create", own_shop.body(), 404)) == ["hose"]
    assert own_shop.admin.post(path, {"hose": own_shop.make_hose("2SN-08 B")})["hosePartNumber"] == "2SN-08 B"


# -- numbers ----------------------------------------------------------------------------------------------------------


def test_a_number_and_revision_is_taken_once_whatever_its_case(shop: Shop) -> None:
    number = shop.assembly()["partNumber"]
    for spelled in (number.lower(), f"  {number} ", number):
        assert list(shop.admin.refused("/hoseassemblies/create", shop.body(partNumber=spelled))) == ["partNumber"]
    revised = shop.assembly(partNumber=number, revision="a")
    assert "partNumber" in shop.admin.refused("/hoseassemblies/create", shop.body(partNumber=number, revision="A"))
    path = f"/hoseassembly/{revised['_id']}/update"
    assert "partNumber" in shop.admin.refused(path, {"revision": None})
    shop.admin.post(path, {"revision": "B"})
    assert shop.assembly(partNumber=number, revision="A")["revision"] == "A"


def test_a_bar_in_a_number_makes_no_clash(shop: Shop) -> None:
    number = shop.assembly()["partNumber"]
    shop.assembly(partNumber=f"{number}|B")
    shop.assembly(partNumber=number, revision="B|")
    assert shop.assembly(partNumber=number, revision="B")["revision"] == "B"


def test_checkexisting(shop: Shop) -> None:
    made = shop.assembly(revision="C")
    found = {"exists": True, "hoseAssemblyId": made["_id"]}
    none = {"exists": False, "hoseAssemblyId": None}
    ask = "/hoseassemblies/checkexisting"
    assert shop.admin.post(ask, {"params": {"partNumber": made["partNumber"].lower()}}) == found
    assert shop.admin.post(ask, {"partNumber": made["partNumber"], "revision": "c"}) == found
    assert shop.admin.post(ask, {"partNumber": made["partNumber"], "revision": ""}) == none
    assert shop.admin.post(ask, {"partNumber": made["partNumber"] + "9"}) == none
    assert "partNumber" in shop.admin.refused(ask, {})
    shop.admin.post(f"/hoseassembly/{made['_id']}/delete")
    assert shop.admin.post(ask, {"partNumber": made["partNumber"]}) == none

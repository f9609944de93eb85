"""What cannot be built is refused with every reason at once, and with parts that would fit."""

from collections.abc import Iterator
from typing import Any

import pytest
from hose_shop import SPEC, Client, Shop

from support.served import serving
from support.world import World


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server of one's own: what other tests put into the catalogue that all shops share would be offered too."""
    with serving(tmp_path_factory.mktemp("alternatives")) as served:
        yield World(served, bare=True)


@pytest.fixture
def own_shop(alone: World) -> Shop:
    """A shop whose catalogue a test may change."""
    return Shop(alone)


def refused(client: Client, body: Any, path: str = "/hoseassemblies/create") -> tuple[list[str], dict[str, list[str]]]:
    """The fields that are refused, and the alternatives by part number."""
    answer = client.post(path, body, 400)
    found = {role: [entry["partNumber"] for entry in entries] for role, entries in
             answer.get("alternatives", {}).items()}  # fmt: skip
    return sorted(error["field"] for error in answer["errors"]), found


def test_every_reason_at_once(own_shop: Shop) -> None:
    shop = own_shop
    narrow = shop.keep_item("wrap", "SG-10", "Guard", {"innerDiammm": 10})
    wide = shop.make_end("12PC-12FJX", 38.1, hoseSize="-12", series="XX", workingPressure={"value": 100, "unit": "bar"})
    body = shop.body(
        end1=wide, end2=shop.end2, orientationAngle=90, wrap=narrow, requiredPressure={"value": 250, "unit": "bar"},
        requiredMinTemperatureC=-60, wrapStyle={"coverage": {"coverageType": "from end 1", "end": 99}},
    )  # fmt: skip
    answer = shop.admin.post("/hoseassemblies/create", body, 400)
    said = {(error["field"], error["message"]) for error in answer["errors"]}
    expected = {
        ("end1", "Fitting 12PC-12FJX is for -12 hose, hose 2SN-08 is -08."),
        ("end1", "Hose 2SN-08 has no crimp specification for series XX; it has PC."),
        ("end1", "12PC-12FJX is rated 100 bar; 250 bar is required."),
        ("end2", "8PC-8MJ is rated 3000 psi; 250 bar is required."),
        ("orientationAngle", "An orientation needs two bent ends; end1 and end2 is straight."),
        ("wrap", "SG-10 is 10 mm wide inside; the hose is 22.1 mm thick."),
        ("wrapStyle.coverage.end", "The wrap must lie on the hose, and its end behind its start."),
    }
    assert expected <= said
    (rest,) = said - expected
    assert rest[0] == "hose"
    assert "-60 °C required" in rest[1]


def test_other_fittings_for_the_hose_the_most_alike_first(own_shop: Shop) -> None:
    shop = own_shop
    wrong = shop.make_end(
        "12PC-8FJX", 38.1, hoseSize="-12", style="JIC 37", gender="female", swivel="swivel", dashSize="-08"
    )
    fields, found = refused(shop.admin, shop.body(end1=wrong))
    assert (fields, list(found)) == (["end1"], ["end1"])
    assert found["end1"][0] == "8PC-8FJX"
    assert set(found["end1"]) <= {"8PC-8FJX", "8PC-8MJ", "8PC-8FJX90", "8PC-8FJX45"}
    answer = shop.admin.post("/hoseassemblies/create", shop.body(end1=wrong), 400)
    assert answer["alternatives"]["end1"][0] == {"_id": shop.end1, "partNumber": "8PC-8FJX", "brand": "Gates"}
    # what was offered is accepted
    for entry in answer["alternatives"]["end1"]:
        shop.assembly(end1=entry["_id"])


def test_what_is_offered_is_bounded_there_and_usable(own_shop: Shop) -> None:
    shop = own_shop
    for n in range(8):
        shop.make_end(f"8PC-MORE-{n}", 38.1, style="JIC 37", gender="female", dashSize="-08")
    off = shop.make_end("8PC-AAA-OFF", 38.1, style="JIC 37", gender="female", dashSize="-08")
    shop.admin.post(f"/organization/crimpfitting/{off}/update", {"available": False})
    shop.make_end("8PC-AAA-OTHER", 38.1, style="JIC 37", gender="female", brand="Other", series="PC")
    wrong = shop.make_end("6PC-8FJX", 38.1, hoseSize="-06", style="JIC 37", gender="female", dashSize="-08")
    _, found = refused(shop.admin, shop.body(end2=wrong))
    assert len(found["end2"]) == 5
    assert not {"8PC-AAA-OFF", "8PC-AAA-OTHER"} & set(found["end2"])


def test_another_hose_where_the_hose_is_the_weak_part(own_shop: Shop) -> None:
    shop = own_shop
    for end in (shop.end1, shop.end2):
        shop.admin.post(f"/organization/crimpfitting/{end}/update", {"workingPressure": {"value": 6000, "unit": "psi"}})
    shop.make_hose("4SP-08", workingPressure={"value": 6000, "unit": "psi"})
    shop.make_hose("4SP-08-BARE", workingPressure={"value": 6000, "unit": "psi"}, crimpSpecs=[])
    shop.make_hose("4SP-12", size="-12", workingPressure={"value": 6000, "unit": "psi"})
    body = shop.body(requiredPressure={"value": 5000, "unit": "psi"})
    assert refused(shop.admin, body) == (["hose"], {"hose": ["4SP-08"]})
    made = shop.admin.post("/hoseassemblies/create", {**body, "requiredPressure": {"value": 4000, "unit": "psi"}})
    assert made["requiredPressure"] == {"value": 4000, "unit": "psi"}
    again = shop.admin.post(f"/hoseassembly/{made['_id']}/update", {"requiredPressure": body["requiredPressure"]}, 400)
    assert [entry["partNumber"] for entry in again["alternatives"]["hose"]] == ["4SP-08"]


def test_a_rating_that_is_not_known_promises_nothing(own_shop: Shop) -> None:
    own_shop.admin.post(f"/organization/crimpfitting/{own_shop.end1}/update", {"workingPressure": None})
    fields, found = refused(own_shop.admin, own_shop.body(requiredPressure={"value": 10, "unit": "psi"}))
    assert fields == ["end1"]
    assert "8PC-8FJX" not in found["end1"]
    own_shop.assembly()


def test_temperatures_of_the_hose(own_shop: Shop) -> None:
    shop = own_shop
    warm = shop.make_hose("HOT-08", minTemperatureC=-40, maxTemperatureC=150)
    cold = shop.make_hose("COLD-08", minTemperatureC=-60, maxTemperatureC=100)
    body = shop.body(hose=cold, requiredMaxTemperatureC=120)
    assert refused(shop.admin, body) == (["hose"], {"hose": ["HOT-08"]})
    assert refused(shop.admin, {**body, "requiredMinTemperatureC": -50})[1] == {}
    for degrees in (-40, 150):
        shop.assembly(hose=warm, requiredMinTemperatureC=degrees)


def test_another_hose_where_neither_end_fits(own_shop: Shop) -> None:
    shop = own_shop
    other = shop.make_hose("2SN-12", size="-12", crimpSpecs=[{**SPEC, "couplingSeries": "ZZ"}])
    fields, found = refused(shop.admin, shop.body(hose=other))
    assert set(fields) == {"end1", "end2"}
    assert found == {"hose": ["2SN-08"]}


def test_the_ferrule_that_the_hose_asks_for(own_shop: Shop) -> None:
    wrong = own_shop.keep_item("ferrule", "8ZZ", "Gates", {})
    assert refused(own_shop.admin, own_shop.body(ferrule1=wrong)) == (["end1"], {"ferrule1": ["8PC2F"]})


def test_a_wider_wrap(own_shop: Shop) -> None:
    shop = own_shop
    narrow = shop.keep_item("wrap", "SG-10", "Guard", {"innerDiammm": 10})
    shop.keep_item("wrap", "SG-40", "Guard", {"innerDiammm": 40})
    assert refused(shop.admin, shop.body(wrap=narrow)) == (["wrap"], {"wrap": ["SG-25", "SG-40"]})


def test_the_price_form_and_the_release_offer_them_too(own_shop: Shop) -> None:
    shop = own_shop
    id_ = shop.assembly()["_id"]
    wrong = shop.make_end("12PC-12FJX", 38.1, hoseSize="-12")
    fields, found = refused(shop.admin, shop.form(end1Id=wrong), "/hoseassembly/price")
    assert (fields, list(found)) == (["end1Id"], ["end1Id"])
    shop.admin.post(f"/organization/crimpfitting/{shop.end1}/update", {"hoseSize": "-12"})
    fields, found = refused(shop.admin, {}, f"/hoseassembly/{id_}/release")
    assert fields == ["end1"]
    assert "8PC-8MJ" in found["end1"]


def test_a_customer_gets_them_without_costs(own_shop: Shop) -> None:
    (buyer,) = own_shop.customer_key(own_shop.customer())
    wrong = own_shop.make_end("12PC-12FJX", 38.1, hoseSize="-12")
    answer = buyer.post("/hoseassemblies/create", own_shop.body(end1=wrong), 400)
    assert answer["alternatives"]["end1"]
    for entry in answer["alternatives"]["end1"]:
        assert entry.keys() <= {"_id", "partNumber", "brand", "description", "orgPartNumber"}

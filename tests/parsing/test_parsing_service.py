"""Texts as assemblies of the catalogue over HTTP: candidates, conflicts, price, roles, feedback.

The shop is that of the worked example of domain.md sections 3 and 9: 36 in of 1/2 hose with its two ends are 42.10.
"""

import urllib.parse
from typing import Any

import pytest
from hose_shop import Client, Shop

from brassleaf.assemblies.parsing import choices
from brassleaf.assemblies.parsing.models import CHOICES
from brassleaf.store.query import Query

EXAMPLE = "1/2 2SN x 36 in, 8FJX x 8MJ"


def parse(client: Client, text: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.post("/hoseassemblies/parse", {"text": text, **more})
    return found


def numbers(found: dict[str, Any], role: str) -> list[str]:
    return [one["partNumber"] for one in found["candidates"][role]]


# -- what a text becomes ----------------------------------------------------------------------------------------------


def test_a_text_becomes_an_assembly_with_its_price(shop: Shop) -> None:
    found = parse(shop.admin, EXAMPLE)
    result = found["result"]
    assert (result["hose"], result["end1"], result["end2"]) == (shop.hose, shop.end1, shop.end2)
    assert (result["ferrule1"], result["ferrule2"]) == (shop.ferrule, shop.ferrule)
    assert (result["length"], result["lengthUnit"]) == (36, "in")
    assert found["price"]["netPrice"] == 42.10  # domain.md section 9
    assert found["fields"]["hoseSize"] == {"value": "-08", "confidence": 0.95, "stated": True}
    assert found["fields"]["end1.style"]["value"] == "JIC 37"
    assert (found["unmatched"], found["conflicts"], found["warnings"]) == ([], [], [])


def test_the_result_can_be_posted_to_create(shop: Shop) -> None:
    found = parse(shop.admin, f"{EXAMPLE}, offset 90, proof test")
    assert "orientationAngle" not in found["result"]  # nothing to turn: a straight end
    assert any("two bent ends" in warning for warning in found["warnings"])
    made = shop.admin.post("/hoseassemblies/create", {**found["result"], "partNumber": f"PARSED-{shop.number}"})
    assert (made["cutLength"], made["proofTest"], made["ferrule1"]) == (32.25, True, shop.ferrule)


def test_get_and_post_say_the_same(shop: Shop) -> None:
    asked = urllib.parse.urlencode({"text": EXAMPLE, "lengthUnit": "mm"})
    assert shop.admin.get(f"/hoseassemblies/parse?{asked}") == parse(shop.admin, EXAMPLE, lengthUnit="mm")


def test_a_quantity_in_the_text_counts_for_the_price(shop: Shop) -> None:
    found = parse(shop.admin, f"qty 10: {EXAMPLE}")
    assert (found["quantity"], found["price"]["quantity"], found["price"]["total"]) == (10, 10, 421.0)
    assert parse(shop.admin, f"qty 10: {EXAMPLE}", quantity=2)["price"]["quantity"] == 2


def test_a_cut_length_is_one(shop: Shop) -> None:
    result = parse(shop.admin, "1/2 2SN cut 32.25 in 8FJX 8MJ")["result"]
    assert (result["length"], result["definedByCutLength"]) == (32.25, True)


def test_a_length_without_a_unit_is_in_the_usual_one(shop: Shop) -> None:
    assert parse(shop.admin, "1/2 2SN x 36 8FJX 8MJ")["result"]["lengthUnit"] == "in"
    assert parse(shop.admin, "1/2 2SN x 900 8FJX 8MJ", lengthUnit="mm")["result"]["lengthUnit"] == "mm"
    metric = parse(shop.admin, "DN12 2SN x 900 8FJX 8MJ")
    assert metric["result"]["lengthUnit"] == "mm"
    assert metric["fields"]["lengthUnit"] == {"value": "mm", "confidence": 0.3, "stated": False}


def test_part_numbers_of_the_catalogue_and_of_the_shop(own_shop: Shop) -> None:
    shop = own_shop
    odd = shop.make_hose("ZZ-77/A")
    shop.admin.post(f"/organization/crimpfitting/{shop.end1}/update", {"orgPartNumber": "OWN-4711"})
    found = parse(shop.admin, "zz-77/a 36 in OWN-4711 x 8PC-8MJ")
    assert (found["result"]["hose"], found["result"]["end1"], found["result"]["end2"]) == (odd, shop.end1, shop.end2)
    assert found["candidates"]["hose"][0]["score"] == 1
    assert found["unmatched"] == []
    assert found["price"]["netPrice"] == 42.10


def test_what_the_text_does_not_say_counts_for_less(shop: Shop) -> None:
    stated = parse(shop.admin, EXAMPLE)["candidates"]["end1"][0]
    assumed = parse(shop.admin, "1/2 2SN x 36 in JIC both ends")["candidates"]["end1"][0]
    assert stated["item"] == assumed["item"] == shop.end1
    assert assumed["score"] < stated["score"]
    assert "gender assumed" in assumed["reasons"]


def test_what_is_assumed_is_shown_as_such(shop: Shop) -> None:
    fields = parse(shop.admin, "1/2 2SN x 36 in JIC both ends")["fields"]
    assumed = {"confidence": 0.3, "stated": False}  # domain.md section 11: female swivel, straight, low confidence
    assert fields["end1.style"] == {"value": "JIC 37", "confidence": 0.95, "stated": True}
    assert fields["end1.gender"] == {"value": "female", **assumed}
    assert fields["end1.size"] == {"value": "-08", **assumed}
    assert fields["end2.angle"] == {"value": 0, **assumed}
    assert parse(shop.admin, "8FJX x 8MJ 36 in")["fields"]["hoseSize"] == {"value": "-08", **assumed}


def test_among_many_equals_those_that_can_be_crimped_are_found(own_shop: Shop) -> None:
    shop = own_shop
    for number in range(9):  # more than are weighed, and before the others by their numbers
        fields = {"style": "JIC 37", "dashSize": "-08", "gender": "male", "series": "XX"}
        shop.make_end(f"0-{number}", 30, **fields)
    assert parse(shop.admin, EXAMPLE)["result"]["end2"] == shop.end2
    for number in range(9):
        shop.make_hose(f"0-{number}", brand="Other", crimpSpecs=[])
    found = parse(shop.admin, "1/2 2SN x 36 in, 8PC-8FJX both ends")
    assert found["result"]["hose"] == shop.hose
    assert found["price"] is not None


def test_what_is_not_available_is_no_candidate(own_shop: Shop) -> None:
    own_shop.admin.post(f"/organization/crimpfitting/{own_shop.end1}/update", {"available": False})
    found = parse(own_shop.admin, EXAMPLE)
    assert own_shop.end1 not in [one["item"] for one in found["candidates"]["end1"]]
    assert own_shop.end1 not in [one["item"] for one in parse(own_shop.admin, "8PC-8FJX")["candidates"]["end1"]]


# -- what cannot be chosen --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fields", "blank"),
    [
        ("1/2 2SN 36 in 12FJX x 8MJ", {"end1.size"}, {"end1"}),
        ("1/2 hose 3/4 hose 2SN 36 in FJX x MJ", {"size"}, {"hose", "end1", "end2"}),
        ("1/2 2SN 36 in 40 in 8FJX x 8MJ", {"length"}, {"length"}),
        ("1/2 2SN 4SP 36 in 8FJX x 8MJ", {"hose"}, {"hose"}),
        ("1/2 2SN 36 in 8FJX 8MJ 8FJX", {"ends"}, {"end1", "end2"}),
    ],
)
def test_a_contradiction_is_reported_and_nothing_is_chosen(
    shop: Shop, text: str, fields: set[str], blank: set[str]
) -> None:
    found = parse(shop.admin, text)
    assert {conflict["field"] for conflict in found["conflicts"]} == fields
    assert {name for name in ("hose", "end1", "end2", "length") if found["result"][name] is None} == blank
    assert found["price"] is None


def test_an_unknown_brand_is_no_reason_to_choose_nothing(shop: Shop) -> None:
    found = parse(shop.admin, EXAMPLE, brand="Nobody's")
    assert found["result"]["hose"] == shop.hose
    assert "is not of Nobody's" in found["candidates"]["hose"][0]["reasons"]
    assert found["candidates"]["hose"][0]["score"] < 0.7


@pytest.mark.parametrize("text", ["😀 🔥", "שלום", "'; DROP TABLE items; --", ".*(a+)+$", "hello", "%_\\", "{$gt: 1}"])
def test_rubbish_is_answered_with_nothing(shop: Shop, text: str) -> None:
    found = parse(shop.admin, text)
    assert {found["result"][name] for name in ("hose", "end1", "end2", "length")} == {None}
    assert found["price"] is None


@pytest.mark.parametrize("text", ["", " ", "x" * 10_001, "1/2\x00R2", "1/2 \x1b R2"])
def test_what_is_no_text_is_refused(shop: Shop, text: str) -> None:
    assert set(shop.admin.refused("/hoseassemblies/parse", {"text": text})) == {"text"}


def test_the_longest_text_is_read(shop: Shop) -> None:
    found = parse(shop.admin, (EXAMPLE + " abc" * 3000)[:10_000])
    assert found["result"]["hose"] == shop.hose


# -- who may see what -------------------------------------------------------------------------------------------------


def test_nobody_but_an_admin_sees_costs(shop: Shop) -> None:
    assert "cost" in parse(shop.admin, EXAMPLE)["price"]
    key = shop.customer_key(shop.customer())[0]
    for client in (shop.as_("regular"), shop.as_("restricted"), key):
        price = parse(client, EXAMPLE)["price"]
        assert price["netPrice"] == 42.10
        assert "cost" not in price
        assert not any("cost" in line or "unitCost" in line for line in price["items"])


def test_a_customer_is_priced_as_itself(shop: Shop) -> None:
    customer = shop.customer(defaultDiscountPercentHoses=50)
    full, own = (client for client in shop.customer_key(None, customer))
    assert parse(own, EXAMPLE)["price"]["netPrice"] < parse(full, EXAMPLE)["price"]["netPrice"]
    assert parse(shop.admin, EXAMPLE, customerOrgId=customer)["price"]["customerOrgId"] == customer
    shop.admin.send("POST", "/hoseassemblies/parse", {"text": EXAMPLE, "customerOrgId": "f" * 24}, 404)


def test_only_staff_may_teach(shop: Shop) -> None:
    for client in (shop.as_("restricted"), shop.customer_key(None)[0]):
        client.send("POST", "/hoseassemblies/parsefeedback", {"text": EXAMPLE, "accepted": True}, 403)


# -- feedback ---------------------------------------------------------------------------------------------------------


def teach(shop: Shop, status: int = 200, **sent: Any) -> Any:
    return shop.admin.post("/hoseassemblies/parsefeedback", {"params": sent}, status)


def test_what_was_chosen_goes_first_the_next_time(own_shop: Shop) -> None:
    shop = own_shop
    other = shop.make_hose("2SN-08-Z")
    first = parse(shop.admin, EXAMPLE)
    assert first["result"]["hose"] == shop.hose
    teach(shop, parseId=first["parseId"], accepted=False, corrected={"hose": other})
    second = parse(shop.admin, "8FJX to 8MJ, 48 in, 2SN 1/2")  # another text of the same meaning
    assert second["result"]["hose"] == other
    assert "chosen before" in second["candidates"]["hose"][0]["reasons"]
    assert second["result"]["end1"] == shop.end1  # what was not corrected stays
    teach(shop, text=EXAMPLE, accepted=True, corrected={"hose": shop.hose})
    teach(shop, text=EXAMPLE, accepted=True, corrected={"hose": shop.hose})
    assert parse(shop.admin, EXAMPLE)["result"]["hose"] == shop.hose


def test_feedback_never_overrides_what_the_text_states(own_shop: Shop) -> None:
    shop = own_shop
    small = shop.make_hose("2SN-06", size="-06")
    for _ in range(5):
        teach(shop, text=EXAMPLE, accepted=False, corrected={"hose": small, "end1": shop.end2})
    found = parse(shop.admin, EXAMPLE)
    assert small not in [one["item"] for one in found["candidates"]["hose"]]
    assert found["result"]["hose"] == shop.hose
    assert shop.end2 not in [one["item"] for one in found["candidates"]["end1"]]  # the text says female


def test_feedback_of_one_organization_says_nothing_to_another(own_shop: Shop, shop: Shop) -> None:
    teach(own_shop, text=EXAMPLE, accepted=True)
    assert "chosen before" in parse(own_shop.admin, EXAMPLE)["candidates"]["hose"][0]["reasons"]
    assert "chosen before" not in parse(shop.admin, EXAMPLE)["candidates"]["hose"][0]["reasons"]


def test_a_shops_own_word_for_a_hose_is_learned(own_shop: Shop) -> None:
    shop = own_shop
    special = shop.make_hose("2SN-08-Z")
    teach(shop, text="1/2 2SN zebra 36 in 8FJX 8MJ", accepted=False, corrected={"hose": special})
    teach(shop, text="1/2 2SN zebra 36 in 8FJX 8MJ", accepted=False, corrected={"hose": special})
    teach(shop, text=EXAMPLE, accepted=False, corrected={"hose": shop.hose})
    teach(shop, text=EXAMPLE, accepted=False, corrected={"hose": shop.hose})
    assert parse(shop.admin, "zebra 1/2 2SN 48 in 8FJX 8MJ")["result"]["hose"] == special


def test_feedback_about_nothing_is_refused(shop: Shop, own_shop: Shop) -> None:
    path = "/hoseassemblies/parsefeedback"
    assert set(shop.admin.refused(path, {"accepted": True})) == {"parseId"}
    assert set(shop.admin.refused(path, {"text": EXAMPLE})) == {"accepted"}
    for bad in ("nonsense!", "", "A" * 60_001):
        assert set(shop.admin.refused(path, {"parseId": bad, "accepted": True})) == {"parseId"}
    for unknown in ("_w", "AAAA", "A" * 30_001, "eHg" * 10_000):
        assert set(shop.admin.refused(path, {"parseId": unknown, "accepted": True}, 404)) == {"parseId"}
    foreign = {"text": EXAMPLE, "accepted": False, "corrected": {"hose": own_shop.hose, "end1": shop.hose}}
    assert set(shop.admin.refused(path, foreign, 404)) == {"corrected.hose", "corrected.end1"}


def test_only_so_many_choices_are_kept(own_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = own_shop
    monkeypatch.setattr(choices, "MOST_CHOICES", 4)
    monkeypatch.setattr(choices, "_SURPLUS", 2)
    for word in ("aba", "bab", "cac", "dad", "eae"):
        teach(shop, text=f"1/2 2SN {word} 36 in 8FJX 8MJ", accepted=True)
    repository = shop.served.store.repository(CHOICES, shop.organization.id)
    assert shop.served.run(repository.page(Query())).total <= 4

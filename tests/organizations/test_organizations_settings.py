"""Settings, currencies, terms, and the small lists of an organization's own."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from support.served import Served
from support.world import Organization, World

API = "/api/v1"
ORG = f"{API}/organization"


@pytest.fixture(scope="module")
def shop(world: World) -> Organization:
    """An organization of this module's own, for its settings are changed."""
    return world.another("Settings")


@pytest.fixture
def boss(served: Served, shop: Organization) -> Iterator[httpx.Client]:
    with served.client(headers=shop.admin.headers) as made:
        yield made


def _refused(response: httpx.Response, field: str) -> str:
    assert response.status_code == 400, response.text
    errors = {error["field"]: error["message"] for error in response.json()["errors"]}
    assert field in errors, errors
    return errors[field]


def test_settings_merge_clear_and_name_typos(boss: httpx.Client) -> None:
    before = boss.get(ORG).json()
    answer = boss.post(f"{ORG}/update", json={"params": {"city": " Köln ", "labourCost": 4, "hideInventry": True}})
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-unknown-fields"] == "hideInventry"
    after = answer.json()
    assert (after["city"], after["labourCost"]) == ("Köln", 4)
    assert {**before, **{n: after[n] for n in ("city", "labourCost", "lastModified", "lastModifiedBy")}} == after
    assert boss.get(ORG).json() == after
    cleared = boss.post(f"{ORG}/update", json={"city": None}).json()
    assert "city" not in cleared
    assert cleared["labourCost"] == 4


@pytest.mark.parametrize("field", ["name", "defaultCurrency", "revisionDelimiter", "useBetaFeatures", "currencies"])
def test_what_must_have_a_value_cannot_be_cleared(boss: httpx.Client, field: str) -> None:
    before = boss.get(ORG).json()
    _refused(boss.post(f"{ORG}/update", json={field: None}), field)
    assert boss.get(ORG).json() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", 7), ("defaultCurrency", "DOLLAR"), ("defaultLengthUnit", "furlong"), ("kerf", -1),
        ("defaultMarginPercentMaterials", 100), ("subscription", "starter"), ("lengthToleranceTable", "mine"),
        ("hideInventory", "yes"), ("nextPartNumber", 0), ("nextPartNumber", 1.5), ("revisionDelimiter", "-" * 11),
        ("revisionDelimiter", "-\n"), ("revisionDelimiter", "\t"), ("revisionDelimiter", "\u200f\x1b"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(boss: httpx.Client, field: str, value: Any) -> None:
    _refused(boss.post(f"{ORG}/update", json={field: value}), field)


_UP_TO_500 = {"upTo": 500, "plus": 3, "minus": 1}
_UP_TO_2000 = {"upTo": 2000, "plus": 6, "minus": 2}
_ANY = {"plus": 9, "minus": 3}


@pytest.mark.parametrize(
    ("rows", "fields"),
    [
        ([_UP_TO_2000, _UP_TO_500], ["lengthTolerances[1].upTo"]),
        ([_UP_TO_500, _UP_TO_500], ["lengthTolerances[1].upTo"]),
        ([_ANY, _UP_TO_500], ["lengthTolerances[0].upTo"]),
        ([_UP_TO_500, _ANY, _ANY], ["lengthTolerances[1].upTo"]),
        ([{**_UP_TO_500, "minus": -1}], ["lengthTolerances[0].minus"]),
    ],
)
@pytest.mark.parametrize("table", ["custom", "SAE"])
def test_rows_that_are_no_table_of_tolerances_are_refused(
    boss: httpx.Client, rows: list[Any], fields: list[str], table: str
) -> None:
    before = boss.get(ORG).json()
    answer = boss.post(f"{ORG}/update", json={"lengthToleranceTable": table, "lengthTolerances": rows})
    assert answer.status_code == 400, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == fields
    assert boss.get(ORG).json() == before


def test_an_own_table_of_tolerances_has_rows_for_as_long_as_it_is_chosen(boss: httpx.Client) -> None:
    both = ["lengthToleranceTable", "lengthTolerances"]
    for sent in ({"lengthToleranceTable": "custom"}, {"lengthToleranceTable": "custom", "lengthTolerances": []}):
        answer = boss.post(f"{ORG}/update", json=sent)
        assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, both)
    rows = [_UP_TO_500, _UP_TO_2000, _ANY]
    assert boss.post(f"{ORG}/update", json={"lengthTolerances": rows}).status_code == 200
    made = boss.post(f"{ORG}/update", json={"lengthToleranceTable": "custom"}).json()
    assert (made["lengthToleranceTable"], made["lengthTolerances"]) == ("custom", rows)
    assert boss.post(f"{ORG}/update", json={"lengthTolerances": []}).status_code == 400
    assert boss.post(f"{ORG}/update", json={"lengthToleranceTable": "RMA", "lengthTolerances": []}).status_code == 200


def test_a_change_that_somebody_overtook(boss: httpx.Client) -> None:
    tag = boss.get(ORG).headers["etag"]
    assert boss.post(f"{ORG}/update", json={"city": "Bonn"}, headers={"If-Match": tag}).status_code == 200
    assert boss.post(f"{ORG}/update", json={"city": "Ulm"}, headers={"If-Match": tag}).status_code == 412
    assert boss.get(ORG).json()["city"] == "Bonn"


def test_defaults_and_small_answers_follow_the_settings(boss: httpx.Client) -> None:
    sent = {"revisionDelimiter": "/", "useBetaFeatures": True, "erpName": "Odoo", "defaultLengthUnit": "mm"}
    assert boss.post(f"{ORG}/update", json=sent).status_code == 200
    assert boss.get(f"{ORG}/revisiondelimiter").json() == {"revisionDelimiter": "/"}
    assert boss.get(f"{ORG}/usebetafeatures").json() == {"useBetaFeatures": True}
    assert boss.get(f"{ORG}/erpname").json() == {"erpName": "Odoo"}
    assert boss.get(f"{ORG}/defaults").json()["defaultLengthUnit"] == "mm"
    assert boss.get(f"{ORG}/subscription").json() == {"subscription": "enterprise"}
    boss.post(f"{ORG}/update", json={"erpName": None})
    assert boss.get(f"{ORG}/erpname").json() == {"erpName": None}


@pytest.mark.parametrize("between", [" ", " / ", "", " revision "])
def test_the_revision_delimiter_stays_as_it_was_sent(boss: httpx.Client, between: str) -> None:
    assert boss.post(f"{ORG}/update", json={"revisionDelimiter": between}).json()["revisionDelimiter"] == between
    assert boss.get(f"{ORG}/revisiondelimiter").json() == {"revisionDelimiter": between}


# -- currencies -------------------------------------------------------------------------------------------------------


def _codes(client: httpx.Client) -> dict[str, float]:
    return {entry["code"]: entry["rate"] for entry in client.get(f"{ORG}/currencies").json()}


def test_currencies_are_added_changed_closed_and_deleted(boss: httpx.Client) -> None:
    change = f"{ORG}/currencies/update"
    assert boss.post(f"{ORG}/update", json={"currencies": []}).status_code == 200
    added = boss.post(change, json={"params": {"code": "sek", "rate": 10.5}}).json()
    assert (added["code"], added["rate"], added["available"], added["deleted"]) == ("SEK", 10.5, True, False)
    assert len(added["_id"]) == 24
    for code, rate in (("EUR", 0.92), ("GBP", 0.79)):
        boss.post(change, json={"code": code, "rate": rate, "available": 1, "deleted": 0})
    assert list(_codes(boss).items()) == [("EUR", 0.92), ("GBP", 0.79), ("SEK", 10.5), ("USD", 1)]
    changed = boss.post(change, json={"code": "SEK", "rate": 11, "available": 0}).json()
    assert (changed["_id"], changed["available"], changed["created"]) == (added["_id"], False, added["created"])
    kept = boss.post(change, json={"code": "SEK", "rate": 12}).json()
    assert kept["available"] is False, "an absent flag stays"
    gone = boss.post(change, json={"code": "SEK", "rate": 12, "deleted": True}).json()
    assert gone["deleted"] is True
    assert list(_codes(boss)) == ["EUR", "GBP", "USD"]


def test_prices_follow_a_rate_at_once_and_stop_with_its_end(
    world: World, shop: Organization, boss: httpx.Client
) -> None:
    given = {kind: world.make(shop, kind) for kind in ("hose", "crimpFitting")}
    asked = {
        "hoseId": given["hose"], "end1Id": given["crimpFitting"], "end2Id": given["crimpFitting"], "length": 24,
        "lengthUnit": {"unit": "in"}, "currency": "CHF", "quantity": 1,
    }  # fmt: skip
    change, price = f"{ORG}/currencies/update", f"{API}/hoseassembly/price"
    totals = []
    for rate in (2, 4):
        assert boss.post(change, json={"code": "CHF", "rate": rate}).status_code == 200
        answer = boss.post(price, json=asked)
        assert answer.status_code == 200, answer.text
        totals.append(answer.json()["items"][0]["unitListPrice"])
    assert totals[1] == pytest.approx(2 * totals[0], abs=0.02)
    boss.post(change, json={"code": "CHF", "rate": 4, "available": 0})
    assert boss.post(price, json=asked).status_code == 400
    boss.post(change, json={"code": "CHF", "rate": 4, "deleted": 1})
    assert boss.post(price, json=asked).status_code == 400


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"code": "USD", "rate": 1, "deleted": 1}, "deleted"), ({"code": "USD", "rate": 1.1}, "code"),
        ({"code": "EU", "rate": 1}, "code"), ({"code": "EUR", "rate": 0}, "rate"), ({"code": "EUR"}, "rate"),
        ({"code": "EUR", "rate": "1"}, "rate"), ({"code": "EUR", "rate": 1, "available": 2}, "available"),
        ({"code": "EUR", "rate": 1, "deleted": "no"}, "deleted"),
    ],
)  # fmt: skip
def test_currencies_that_cannot_be_are_refused(boss: httpx.Client, sent: Any, field: str) -> None:
    before = _codes(boss)
    _refused(boss.post(f"{ORG}/currencies/update", json=sent), field)
    assert _codes(boss) == before


def test_rates_go_with_the_default_currency(boss: httpx.Client) -> None:
    """A rate is for one of the default currency: another default makes every rate wrong."""
    boss.post(f"{ORG}/update", json={"currencies": [{"code": "EUR", "rate": 0.9}]})
    assert "rates for one EUR" in _refused(
        boss.post(f"{ORG}/update", json={"defaultCurrency": "EUR"}), "defaultCurrency"
    )
    same = {"defaultCurrency": "EUR", "currencies": [{"code": "EUR", "rate": 1}]}
    _refused(boss.post(f"{ORG}/update", json=same), "currencies[0].code")
    twice = {"currencies": [{"code": "GBP", "rate": 1}, {"code": "gbp", "rate": 2}]}
    _refused(boss.post(f"{ORG}/update", json=twice), "currencies")
    done = boss.post(f"{ORG}/update", json={"defaultCurrency": "EUR", "currencies": [{"code": "USD", "rate": 1.1}]})
    assert done.status_code == 200
    assert _codes(boss) == {"EUR": 1, "USD": 1.1}
    boss.post(f"{ORG}/update", json={"defaultCurrency": "USD", "currencies": []})


# -- terms ------------------------------------------------------------------------------------------------------------


def test_terms_are_accepted_and_taken_back(boss: httpx.Client, served: Served, shop: Organization) -> None:
    asked = f"{ORG}/hasacceptedterms"
    assert boss.get(asked).json() == {"hasAcceptedTerms": False, "version": None}
    assert boss.post(f"{ORG}/acceptterms", json={"accepted": True, "version": 3}).status_code == 200
    regular = served.client(headers=shop.people["user regular"].headers)
    assert regular.get(asked).json() == {"hasAcceptedTerms": True, "version": 3}
    assert boss.get(ORG).json()["acceptedTermsBy"].startswith("settings")
    boss.post(f"{ORG}/acceptterms", json={"accepted": True, "version": 0.5})
    assert regular.get(asked).json()["hasAcceptedTerms"] is False, "an old version"
    boss.post(f"{ORG}/acceptterms", json={"accepted": False, "version": 3})
    assert regular.get(asked).json() == {"hasAcceptedTerms": False, "version": None}
    assert "acceptedTermsBy" not in boss.get(ORG).json()


# -- product groups, suppliers, locations -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "name", "extra"),
    [("productgroups", "name", "description"), ("suppliers", "name", "erpId"), ("locations", "description", "city")],
)
def test_a_small_list(boss: httpx.Client, path: str, name: str, extra: str) -> None:
    lists, change = f"{ORG}/{path}", f"{ORG}/{path}/update"
    made = [boss.post(change, json={"params": {name: text, extra: f"{text} x"}}).json() for text in ("b", "C", "a")]
    assert [entry[name] for entry in boss.get(lists).json()] == ["a", "b", "C"]
    id_ = made[0]["_id"]
    assert boss.post(change, json={"_id": id_, extra: "other"}).json()[name] == "b", "an absent field stays"
    cleared = boss.post(change, json={"_id": id_.upper(), extra: None})
    assert extra not in cleared.json()
    gone = boss.post(change, json={"_id": id_, "deleted": 1}).json()
    assert gone["deleted"] is True
    assert [entry[name] for entry in boss.get(lists).json()] == ["a", "C"]
    assert boss.post(change, json={"_id": id_, extra: "x"}).status_code == 404
    assert boss.post(change, json={name: "b"}).status_code == 200, "the name is free again"
    _refused(boss.post(change, json={"deleted": True}), "_id")


@pytest.mark.parametrize("path", ["productgroups", "suppliers"])
def test_names_are_needed_and_shared_by_nobody(boss: httpx.Client, path: str) -> None:
    change = f"{ORG}/{path}/update"
    for sent in ({}, {"name": None}, {"name": ""}, {"name": "   "}, {"description": "no name"}):
        _refused(boss.post(change, json=sent), "name")
    first = boss.post(change, json={"name": "Straße"}).json()
    assert "Straße" not in _refused(boss.post(change, json={"name": "STRASSE"}), "name")
    second = boss.post(change, json={"name": "other"}).json()
    _refused(boss.post(change, json={"_id": second["_id"], "name": "straße"}), "name")
    _refused(boss.post(change, json={"_id": first["_id"], "name": None}), "name")


def test_an_erp_id_names_one_supplier(boss: httpx.Client) -> None:
    change = f"{ORG}/suppliers/update"
    assert boss.post(change, json={"name": "first", "erpId": "77"}).status_code == 200
    assert "ERP id 77" in _refused(boss.post(change, json={"name": "second", "erpId": "77"}), "erpId")

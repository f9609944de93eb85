"""The kit of an import: made with the good rows, brought in line by the next import, refused without harm."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hose_shop import Shop
from kit_shop import adaptor, lines
from test_assembly_importing import HEAD, XLSX, counts, load, number, row

from brassleaf.kits.models import KITS
from support.examples import workbook_of

WITH_QUANTITY = (*HEAD, "Kit quantity")
_kits = iter(range(1, 100_000))


def name() -> str:
    return f"IMPORTED-{next(_kits)}"


def loaded(shop: Shop, rows: Sequence[Sequence[Any]], kit: str, query: str = "", **more: str) -> Any:
    form = {"hoseKit[partNumber]": kit, **{f"hoseKit[{field}]": text for field, text in more.items()}}
    return load(shop, rows, WITH_QUANTITY, query, **form)


def kept(shop: Shop, report: Any) -> Any:
    return shop.admin.get(f"/hosekit/{report['hoseKit']}")


@pytest.mark.parametrize("spelled", ["hoseKit[{}]", "hoseKit.{}", ""])
def test_a_kit_lists_the_good_rows(shop: Shop, spelled: str) -> None:
    buyer = shop.customer(name="Kit works")
    said = {"partNumber": name(), "revision": "B", "description": "Loader", "customerOrgId": buyer, "comments": ""}
    form = {spelled.format(field): text for field, text in said.items()} if spelled else {"hoseKit": json.dumps(said)}
    rows = [row(number(), 3), row("BAD", length=1), row(number())]
    report = load(shop, rows, WITH_QUANTITY, **form)
    one, two = report["hoseAssemblies"]
    made = kept(shop, report)
    assert counts(report) == (2, 0, 0, 1)
    assert lines(made) == [(one, "1", 3, 1), (two, "2", 1, 2)]
    assert (made["partNumber"], made["revision"], made["description"]) == (said["partNumber"], "B", "Loader")
    assert (made["customerName"], made["status"], made["version"]) == ("Kit works", "under editing", 1)
    assert report["warnings"] == []


def test_the_same_import_again_changes_nothing(shop: Shop) -> None:
    rows, kit = [row(number(), 3), row(number())], name()
    made = kept(shop, loaded(shop, rows, kit, description="first"))
    again = loaded(shop, rows, kit.lower(), description="first")
    assert (counts(again), again["hoseKit"], again["warnings"]) == ((0, 0, 2, 0), made["_id"], [])
    assert kept(shop, again) == made
    assert shop.admin.get(f"/hosekits?search[partNumber]={kit}")["total"] == 1
    # nor does it where the kit is final by now
    shop.change(KITS, made["_id"], status="released")
    assert loaded(shop, rows, kit, description="first")["hoseKit"] == made["_id"]


def test_another_import_is_merged_into_the_kit(shop: Shop) -> None:
    first, second, third, kit = number(), number(), number(), name()
    made = kept(shop, loaded(shop, [row(first, 3), row(second, 5)], kit, comments="kept", description="old"))
    report = loaded(shop, [row(second), row(first, 4), row(third, 2)], kit, description="new")
    after = kept(shop, report)
    (one, *_), (two, *_) = lines(made)
    # a quantity that the row leaves blank stays, as every blank cell does
    assert lines(after) == [(one, "1", 4, 1), (two, "2", 5, 2), (report["hoseAssemblies"][2], "3", 2, 3)]
    assert after["hoseAssemblies"][0]["_id"] == made["hoseAssemblies"][0]["_id"]
    assert (after["comments"], after["description"]) == ("kept", "new")
    # a kit of another revision is another kit
    other = loaded(shop, [row(first)], kit, revision="B")["hoseKit"]
    assert other != made["_id"]


def test_other_lines_of_the_kit_stay(shop: Shop) -> None:
    thing, kit = adaptor(shop), name()
    made = shop.admin.post("/hosekits/create", {"partNumber": kit, "adaptors": [{"item": thing, "quantity": 6}]})
    after = kept(shop, loaded(shop, [row(number(), 2)], kit))
    assert after["adaptors"] == made["adaptors"]
    assert [(line["number"], line["quantity"]) for line in after["hoseAssemblies"]] == [("2", 2)]


def test_a_released_kit_is_left_and_the_assemblies_stay(shop: Shop) -> None:
    kit = name()
    made = kept(shop, loaded(shop, [row(number(), 3)], kit))
    shop.change(KITS, made["_id"], status="released")
    before = shop.admin.get(f"/hosekit/{made['_id']}")
    report = loaded(shop, [row(number())], kit)
    assert (counts(report), report["hoseKit"]) == ((1, 0, 0, 0), None)
    reason = "This hose kit is released; only one that is under editing can be changed."
    assert report["warnings"] == [f"The hose kit was not made or changed: {reason}"]
    assert shop.admin.get(f"/hosekit/{made['_id']}") == before
    assert shop.admin.get(f"/hoseassembly/{report['hoseAssemblies'][0]}")["status"] == "released"


def test_a_dry_run_makes_no_kit(shop: Shop) -> None:
    kit = name()
    report = loaded(shop, [row(number())], kit, "?dryRun=true")
    assert (counts(report), report["hoseKit"]) == ((1, 0, 0, 0), None)
    assert shop.admin.get(f"/hosekits?search[partNumber]={kit}")["total"] == 0
    # and rows that are all refused leave none either
    assert loaded(shop, [row("BAD", length=1)], kit)["hoseKit"] is None
    assert shop.admin.get(f"/hosekits?search[partNumber]={kit}")["total"] == 0


def test_a_kit_that_cannot_be_is_told(shop: Shop, own_shop: Shop) -> None:
    foreign = own_shop.customer(name="Secret works")
    for kit, more, said in (
        (name(), {"customerOrgId": foreign}, f"There is no customer with the id {foreign}."),
        ("*", {}, "hoseKit.partNumber: Give the part number of the kit; an import takes none of the sequence."),
    ):
        report = loaded(shop, [row(number())], kit, **more)
        assert (counts(report), report["hoseKit"]) == ((1, 0, 0, 0), None)
        assert report["warnings"] == [f"The hose kit was not made or changed: {said}"]
        assert shop.admin.get(f"/hosekits?partNumber={kit}")["total"] == 0


def test_an_import_beside_its_request_makes_the_kit_too(shop: Shop) -> None:
    kit = name()
    response = shop.world.client.post(
        "/api/v1/hoseassemblies/import",
        headers={**shop.admin.person.headers, "Prefer": "respond-async"},
        files={"file": ("a.xlsx", workbook_of("Hose assemblies", [WITH_QUANTITY, row(number(), 2)]), XLSX)},
        data={"hoseKit[partNumber]": kit},
    )
    job = response.json()["_id"]
    with shop.world.client.stream("GET", f"/api/v1/imports/{job}/events", headers=shop.admin.person.headers) as events:
        events.read()
    report = shop.admin.get(f"/imports/{job}")["report"]
    assert [line["quantity"] for line in kept(shop, report)["hoseAssemblies"]] == [2]

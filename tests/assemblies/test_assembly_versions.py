"""Versions over HTTP: what is shown, what is refused and why, and what a copy takes over."""

from typing import Any

import pytest
from hose_shop import Shop
from test_assembly_lifecycle import at_once, released

from brassleaf.assemblies.versions.service import AssemblyVersions
from brassleaf.errors import Refused
from brassleaf.security.caller import Caller


def listed(shop: Shop, number: str, query: str = "") -> list[tuple[int, str, str | None]]:
    found = shop.admin.get(f"/hoseassemblies?search[partNumber]={number}&{query}")["items"]
    return [(entry["version"], entry["status"], entry.get("revision")) for entry in found]


def test_a_new_version_takes_the_place_of_the_released_one(shop: Shop) -> None:
    id_ = released(shop, comments="first", revision="A")
    first = shop.admin.get(f"/hoseassembly/{id_}")
    answer = shop.admin.post(f"/hoseassembly/{id_}/newversion")
    made = answer["data"]
    assert (answer["success"], answer["newVersionId"]) == (True, made["_id"])
    assert (made["version"], made["status"], made["revision"]) == (2, "under editing", "A")
    assert (made["previousVersion"], made["chain"], made["comments"]) == (id_, id_, "first")
    assert "crimpSpecs" not in made
    number = first["partNumber"]
    assert listed(shop, number) == [(2, "under editing", "A")]
    assert listed(shop, number, "allVersions=true") == [(1, "superseded", "A"), (2, "under editing", "A")]
    whole = shop.admin.get(f"/hoseassembly/{made['_id']}")
    assert whole["versions"] == [id_, made["_id"]]
    assert shop.admin.get(f"/hoseassembly/{id_}")["nextVersion"] == made["_id"]

    shop.admin.post(f"/hoseassembly/{made['_id']}/update", {"length": 40})
    shop.admin.post(f"/hoseassembly/{made['_id']}/release")
    assert listed(shop, number) == [(2, "released", "A")]
    # what was ordered by the first version still says so
    assert shop.admin.get(f"/hoseassembly/{id_}")["overallLength"] == 36


def test_an_open_version_stands_in_the_way_of_another(shop: Shop) -> None:
    id_ = released(shop)
    shop.admin.post(f"/hoseassembly/{id_}/newversion")
    for path, body in (("newversion", {}), ("revise", {"revision": "B"}), ("unrelease", {})):
        assert "version" in shop.admin.refused(f"/hoseassembly/{id_}/{path}", body)["status"][0]
    open_ = shop.assembly()["_id"]
    assert "not released" in shop.admin.post(f"/hoseassembly/{open_}/newversion", status=400)["message"]


def test_a_revision_needs_a_label_that_is_free(shop: Shop) -> None:
    id_ = released(shop, revision="A")
    number = shop.admin.get(f"/hoseassembly/{id_}")["partNumber"]
    shop.assembly(partNumber=number, revision="C")
    assert list(shop.admin.refused(f"/hoseassembly/{id_}/revise")) == ["revision"]
    for used in ("A", "a", "c"):
        assert "already" in shop.admin.refused(f"/hoseassembly/{id_}/revise", {"revision": used})["revision"][0]
    assert shop.admin.get(f"/hoseassembly/{id_}")["status"] == "released"
    answer = shop.admin.post(f"/hoseassembly/{id_}/revise", {"params": {"revision": "B"}})
    assert (answer["data"]["revision"], answer["data"]["version"]) == ("B", 2)
    assert answer["revisedVersionId"] == answer["data"]["_id"]
    # both revisions of the chain are taken, though lists show the newer one
    for used in ("A", "B"):
        assert "partNumber" in shop.admin.refused("/hoseassemblies/create", shop.body(partNumber=number, revision=used))
    found = shop.admin.post("/hoseassemblies/checkexisting", {"partNumber": number, "revision": "A"})
    assert found == {"exists": True, "hoseAssemblyId": id_}


def test_a_rollback_gives_the_earlier_version_its_status_back(shop: Shop) -> None:
    id_ = released(shop)
    before = shop.admin.get(f"/hoseassembly/{id_}")
    made = shop.admin.post(f"/hoseassembly/{id_}/newversion")["newVersionId"]
    assert shop.admin.post(f"/hoseassembly/{made}/rollback") == id_
    shop.admin.get(f"/hoseassembly/{made}", 404)
    after = shop.admin.get(f"/hoseassembly/{id_}")
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed == {"lastModified"}
    assert listed(shop, before["partNumber"]) == [(1, "released", None)]
    assert "cannot" not in shop.admin.post(f"/hoseassembly/{id_}/rollback", status=404)["message"]


def test_a_rollback_of_the_only_version_leaves_none(shop: Shop) -> None:
    id_ = shop.assembly()["_id"]
    assert shop.admin.send("POST", f"/hoseassembly/{id_}/rollback", status=204).content == b""
    shop.admin.post(f"/hoseassembly/{id_}/rollback", status=404)


def test_a_deleted_version_gives_way_to_the_one_before(shop: Shop) -> None:
    id_ = released(shop)
    made = shop.admin.post(f"/hoseassembly/{id_}/newversion")["newVersionId"]
    shop.admin.post(f"/hoseassembly/{made}/delete")
    assert shop.admin.get(f"/hoseassembly/{id_}")["status"] == "released"
    assert listed(shop, shop.admin.get(f"/hoseassembly/{id_}")["partNumber"]) == [(1, "released", None)]


def test_unrelease_takes_what_was_frozen_with_it(own_shop: Shop) -> None:
    id_ = released(own_shop)
    own_shop.admin.post(f"/organization/crimpfitting/{own_shop.end1}/update", {"cutOffmm": 50.8})
    assert own_shop.admin.get(f"/hoseassembly/{id_}")["cutLength"] == 32.25
    own_shop.admin.post(f"/hoseassembly/{id_}/unrelease")
    own_shop.admin.refused(f"/hoseassembly/{id_}/unrelease")
    assert own_shop.admin.post(f"/hoseassembly/{id_}/update", {"comments": "x"})["cutLength"] == 31.75


def test_what_is_released_with_an_assembly_meanwhile_keeps_it_released(shop: Shop) -> None:
    """The kit is released between the check and the write: it is found afterwards."""
    id_ = released(shop)
    before = shop.admin.get(f"/hoseassembly/{id_}")
    answers = iter(([], ["the released kit K-1"]))

    async def kits(*_: str) -> list[str]:
        return next(answers)

    versions = AssemblyVersions(shop.served.parts.assemblies, [kits])
    caller = Caller(shop.organization.id, "admin", "user", "0" * 24, "test", "test")
    with pytest.raises(Refused, match="K-1"):
        shop.served.run(versions.unrelease(caller, id_, None))
    after = shop.admin.get(f"/hoseassembly/{id_}")
    own = ("lastModified", "lastModifiedBy")
    assert {n: v for n, v in after.items() if n not in own} == {n: v for n, v in before.items() if n not in own}
    assert after["crimpSpecs"]["end1"]["crimpSpec"]["dieSize"] == "P32/45"


def test_what_uses_an_assembly_keeps_it_released(shop: Shop) -> None:
    id_ = released(shop)
    asked = []

    async def kits(organization: str, assembly: str) -> list[str]:
        asked.append((organization, assembly))
        return ["the released kit K-1"]

    versions = AssemblyVersions(shop.served.parts.assemblies, [kits])
    caller = Caller(shop.organization.id, "admin", "user", "0" * 24, "test", "test")
    with pytest.raises(Refused, match="K-1"):
        shop.served.run(versions.unrelease(caller, id_, None))
    assert asked == [(shop.organization.id, id_)]
    assert shop.admin.get(f"/hoseassembly/{id_}")["status"] == "released"


def test_an_obsolete_assembly_stays_as_it_is(shop: Shop) -> None:
    id_ = shop.assembly()["_id"]
    assert "status" in shop.admin.refused(f"/hoseassembly/{id_}/obsolete")
    shop.admin.post(f"/hoseassembly/{id_}/release")
    shop.admin.post(f"/hoseassembly/{id_}/obsolete")
    for path in ("update", "release", "unrelease", "newversion", "obsolete", "delete"):
        assert "obsolete" in shop.admin.post(f"/hoseassembly/{id_}/{path}", {}, status=400)["message"]
    assert shop.admin.post(f"/hoseassembly/{id_}/price")["netPrice"] == 42.10
    assert "32.25" in shop.admin.pdf(f"/hoseassembly/{id_}/datasheet")


def test_a_copy_is_nobody_s_and_has_no_history(shop: Shop) -> None:
    mine, other = shop.customer(), shop.customer(name="Other works")
    id_ = released(shop, customerOrgId=mine, customerPartNumber="C-1", revision="A", comments="kept")
    shop.admin.post(f"/hoseassembly/{id_}/customers/update", {"customers": [{"customerOrgId": other}]})
    number = shop.body()["partNumber"]
    made = shop.admin.post(f"/hoseassembly/{id_}/saveas", {"params": {"partNumber": number}})
    gone = {"customerOrgId", "customerName", "customerPartNumber", "customers", "revision", "crimpSpecs"}
    assert not gone & made.keys()
    assert (made["version"], made["status"], made["comments"]) == (1, "under editing", "kept")
    assert (made["chain"], made["newest"], made["firstOfRevision"]) == (made["_id"], True, True)
    assert made["cutLength"] == 32.25
    assert "partNumber" in shop.admin.refused(f"/hoseassembly/{id_}/saveas", {"partNumber": number.lower()})
    more = {"partNumber": number, "revision": "B", "customerOrgId": other, "description": "A copy"}
    named = shop.admin.post(f"/hoseassembly/{id_}/saveas", more)
    assert (named["customerName"], named["description"], named["manualDescription"]) == ("Other works", "A copy", True)
    assert "customerOrgId" in shop.admin.refused(
        f"/hoseassembly/{id_}/saveas", {"partNumber": "X", "customerOrgId": "e" * 24}, 404
    )


def test_a_version_under_another_number_holds_that_number(shop: Shop) -> None:
    id_ = released(shop)
    old = shop.admin.get(f"/hoseassembly/{id_}")["partNumber"]
    made = shop.admin.post(f"/hoseassembly/{id_}/newversion")["newVersionId"]
    new = shop.body()["partNumber"]
    assert shop.admin.post(f"/hoseassembly/{made}/update", {"partNumber": new})["firstOfRevision"] is True
    for taken in (old, new):
        assert "partNumber" in shop.admin.refused("/hoseassemblies/create", shop.body(partNumber=taken))
    assert shop.admin.post(f"/hoseassembly/{made}/update", {"partNumber": old})["firstOfRevision"] is False
    assert shop.assembly(partNumber=new)["version"] == 1


def test_a_change_is_bound_to_the_state_that_was_read(shop: Shop) -> None:
    id_ = released(shop)
    tag = shop.admin.send("GET", f"/hoseassembly/{id_}").headers["ETag"]
    shop.admin.post(f"/hoseassembly/{id_}/unrelease")
    shop.admin.post(f"/hoseassembly/{id_}/release")
    bodies: dict[str, Any] = {"unrelease": {}, "obsolete": {}, "newversion": {}, "revise": {"revision": "Z"}}
    for path, body in bodies.items():
        shop.admin.send("POST", f"/hoseassembly/{id_}/{path}", body, 412, If_Match=tag)
    assert shop.admin.get(f"/hoseassembly/{id_}")["status"] == "released"


def test_of_many_new_versions_at_once_one_is_made(shop: Shop) -> None:
    id_ = released(shop)
    found = at_once(shop, f"/hoseassembly/{id_}/newversion", [{}] * 6)
    assert sorted(response.status_code for response in found) == [200] + [400] * 5
    assert all("version" in response.json()["message"].lower() for response in found)


def test_a_repeated_request_makes_one_version(shop: Shop) -> None:
    id_ = released(shop)
    first = shop.admin.post(f"/hoseassembly/{id_}/newversion", Idempotency_Key=f"nv-{id_}")
    assert shop.admin.post(f"/hoseassembly/{id_}/newversion", Idempotency_Key=f"nv-{id_}") == first


# -- customers --------------------------------------------------------------------------------------------------------


def test_customers_are_added_replaced_and_taken_off(shop: Shop) -> None:
    one, two = shop.customer(name="One"), shop.customer(name="Two")
    id_ = released(shop)
    path = f"/hoseassembly/{id_}/customers"
    added = [{"customerOrgId": one, "customerPartNumber": "1-A"}, {"customerOrgId": two, "customerName": "Deux"}]
    found = shop.admin.post(f"{path}/update", {"params": {"customers": added}})
    assert found["customers"] == [
        {"customerOrgId": one, "customerName": "One", "customerPartNumber": "1-A"},
        {"customerOrgId": two, "customerName": "Deux"},
    ]
    shop.admin.post(f"{path}/update", {"customers": [{"customerOrgId": one, "customerRevision": "R2"}]})
    kept = shop.admin.get(f"/hoseassembly/{id_}")["customers"]
    assert kept[0] == {"customerOrgId": one, "customerName": "One", "customerRevision": "R2"}
    left = shop.admin.post(f"{path}/delete", {"customers": [two, "e" * 24]})["customers"]
    assert [entry["customerOrgId"] for entry in left] == [one]
    assert shop.admin.post(f"{path}/delete", {"customerOrgId": one})["customers"] == []
    assert "customers" not in shop.admin.get(f"/hoseassembly/{id_}")
    unknown = shop.admin.refused(f"{path}/update", {"customers": [{"customerOrgId": "e" * 24}]}, 404)
    assert list(unknown) == ["customers[0].customerOrgId"]
    assert "customers" in shop.admin.refused(f"{path}/delete", {})


def test_no_customer_learns_of_another(shop: Shop) -> None:
    mine, other = shop.customer(), shop.customer(name="Secret buyer")
    id_ = shop.assembly(customerOrgId=mine)["_id"]
    shop.admin.post(f"/hoseassembly/{id_}/customers/update", {"customers": [{"customerOrgId": other}]})
    me, them = shop.customer_key(mine, other)
    assert "customers" not in me.get(f"/hoseassembly/{id_}")
    assert "Secret buyer" not in me.send("GET", "/hoseassemblies").text
    them.get(f"/hoseassembly/{id_}", 404)


def test_a_deleted_customer_is_taken_off_and_an_obsolete_assembly_is_left(shop: Shop) -> None:
    one, two = shop.customer(), shop.customer()
    id_ = released(shop)
    body = {"customers": [{"customerOrgId": one}, {"customerOrgId": two}]}
    shop.admin.post(f"/hoseassembly/{id_}/customers/update", body)
    shop.admin.post(f"/customer/{one}/delete")
    assert [entry["customerOrgId"] for entry in shop.admin.get(f"/hoseassembly/{id_}")["customers"]] == [two]
    shop.admin.post(f"/hoseassembly/{id_}/obsolete")
    assert "obsolete" in shop.admin.refused(f"/hoseassembly/{id_}/customers/delete", {"customers": [two]})["status"][0]

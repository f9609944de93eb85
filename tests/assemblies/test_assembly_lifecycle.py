"""Release and what it freezes, deletion, who sees what, and what concurrency may not break."""

import asyncio
from typing import Any

import httpx
import pytest
from hose_shop import SPEC, Shop, without

from brassleaf.assemblies.models import ASSEMBLIES
from brassleaf.catalog.models import ITEMS


def at_once(shop: Shop, path: str, bodies: list[Any], **headers: str) -> list[httpx.Response]:
    """Requests by the admin that are all under way together."""

    async def work() -> list[httpx.Response]:
        transport = httpx.ASGITransport(shop.served.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://server/api/v1") as client:
            head = {**shop.admin.person.headers, **{name.replace("_", "-"): text for name, text in headers.items()}}
            return list(await asyncio.gather(*(client.post(path, json=body, headers=head) for body in bodies)))

    return shop.served.run(work())


def released(shop: Shop, **fields: Any) -> str:
    id_ = str(shop.assembly(**fields)["_id"])
    assert shop.admin.post(f"/hoseassembly/{id_}/release")["success"] is True
    return id_


# -- release ----------------------------------------------------------------------------------------------------------


def test_a_released_assembly_is_fixed(shop: Shop) -> None:
    id_ = released(shop)
    assert shop.admin.get(f"/hoseassembly/{id_}")["status"] == "released"
    assert "status" in shop.admin.refused(f"/hoseassembly/{id_}/update", {"comments": "late"})
    assert "status" in shop.admin.refused(f"/hoseassembly/{id_}/delete")
    assert "released already" in shop.admin.post(f"/hoseassembly/{id_}/release", status=400)["message"]


def test_what_is_not_complete_is_not_released(shop: Shop) -> None:
    id_ = shop.assembly(end1=..., end2=...)["_id"]
    assert list(shop.admin.refused(f"/hoseassembly/{id_}/release")) == ["end1", "end2"]
    assert shop.admin.get(f"/hoseassembly/{id_}")["status"] == "under editing"


def test_what_does_not_fit_any_more_is_not_released(own_shop: Shop) -> None:
    id_ = own_shop.assembly()["_id"]
    own_shop.admin.post(f"/organization/hose/{own_shop.hose}/update", {"crimpSpecs": []})
    assert list(own_shop.admin.refused(f"/hoseassembly/{id_}/release")) == ["end1", "end2"]
    own_shop.change(ITEMS, own_shop.end1, deleted=True)
    assert list(own_shop.admin.refused(f"/hoseassembly/{id_}/release")) == ["end1"]


def test_a_release_keeps_the_figures_that_it_checked(own_shop: Shop) -> None:
    id_ = own_shop.assembly()["_id"]
    own_shop.admin.post(f"/organization/crimpfitting/{own_shop.end1}/update", {"cutOffmm": 50.8})
    own_shop.admin.post(f"/hoseassembly/{id_}/release")
    kept = own_shop.admin.get(f"/hoseassembly/{id_}")
    assert (kept["cutOff1"], kept["cutLength"]) == (2, 31.75)


def test_a_release_is_bound_to_the_state_that_was_read(shop: Shop) -> None:
    id_ = shop.assembly()["_id"]
    tag = shop.admin.send("GET", f"/hoseassembly/{id_}").headers["ETag"]
    shop.admin.post(f"/hoseassembly/{id_}/update", {"comments": "changed"})
    shop.admin.send("POST", f"/hoseassembly/{id_}/release", status=412, If_Match=tag)
    assert shop.admin.get(f"/hoseassembly/{id_}")["status"] == "under editing"


def test_a_number_is_free_again_after_its_deletion(shop: Shop) -> None:
    made = shop.assembly()
    shop.admin.post(f"/hoseassembly/{made['_id']}/delete")
    shop.admin.get(f"/hoseassembly/{made['_id']}", 404)
    assert shop.assembly(partNumber=made["partNumber"])["_id"] != made["_id"]


# -- older states of the catalogue ------------------------------------------------------------------------------------


def test_a_released_assembly_prints_what_it_was_released_with(own_shop: Shop) -> None:
    """Afterwards the fittings get other cut-offs and ratings, the crimp data change, the hose is deleted."""
    shop = own_shop
    id_ = released(shop)
    before = shop.admin.get(f"/hoseassembly/{id_}")
    shop.admin.post(
        f"/organization/hose/{shop.hose}/update", {"crimpSpecs": [{**SPEC, "dieSize": "NEW-DIE"}], "size": "-12"}
    )
    shop.admin.post(
        f"/organization/crimpfitting/{shop.end1}/update",
        {"cutOffmm": 2000, "shape": "90", "workingPressure": {"value": 10, "unit": "psi"}},
    )
    shop.change(ITEMS, shop.hose, deleted=True)

    after = shop.admin.get(f"/hoseassembly/{id_}")
    assert without(after, "components") == without(before, "components")
    assert after["crimpSpecs"]["end1"]["crimpSpec"]["dieSize"] == "P32/45"
    printed = shop.admin.pdf(f"/hoseassembly/{id_}/datasheet", {"paper": "letter"})
    for expected in ("32.25", "36", "3000 psi", "P32/45", "31.62"):
        assert expected in printed, expected
    assert "NEW-DIE" not in printed
    assert shop.admin.post(f"/hoseassembly/{id_}/price")["netPrice"] == 42.10
    (hose, *_) = shop.admin.sheet(f"/hoseassembly/{id_}/getBillOfMaterials", {"format": "excel", "quantity": 12})
    assert hose["Quantity"] == 32.25


def test_a_released_assembly_survives_the_loss_of_its_parts(own_shop: Shop) -> None:
    id_ = released(own_shop)
    own_shop.change(ASSEMBLIES, id_, hose="e" * 24, end1="d" * 24)
    printed = own_shop.admin.pdf(f"/hoseassembly/{id_}/datasheet")
    assert "2SN-08" in printed
    assert "32.25" in printed
    found = own_shop.admin.post(f"/hoseassembly/{id_}/price")
    assert found["missing"] == ["hose", "end1"]
    own_shop.admin.send("POST", f"/hoseassembly/{id_}/getBillOfMaterials", {"format": "pdf"})
    own_shop.admin.get(f"/hoseassembly/{id_}")


def test_one_under_editing_that_cannot_be_built_any_more_says_why(own_shop: Shop) -> None:
    id_ = own_shop.assembly()["_id"]
    own_shop.admin.post(f"/organization/crimpfitting/{own_shop.end1}/update", {"cutOffmm": 2000})
    for path, body in (("price", {}), ("datasheet", {}), ("getBillOfMaterials", {"format": "pdf"})):
        assert list(own_shop.admin.refused(f"/hoseassembly/{id_}/{path}", body)) == ["length"]
    assert own_shop.admin.get(f"/hoseassembly/{id_}")["cutLength"] == 32.25


def test_one_under_editing_is_printed_as_its_parts_are_today(own_shop: Shop) -> None:
    id_ = own_shop.assembly()["_id"]
    own_shop.admin.post(f"/organization/crimpfitting/{own_shop.end1}/update", {"cutOffmm": 50.8})
    assert "31.75" in own_shop.admin.pdf(f"/hoseassembly/{id_}/datasheet")


# -- concurrency ------------------------------------------------------------------------------------------------------


def test_of_many_creates_of_one_number_one_wins(shop: Shop) -> None:
    number = shop.body()["partNumber"]
    bodies = [shop.body(partNumber=number.upper() if n % 2 else number.lower(), revision="r") for n in range(12)]
    statuses = sorted(response.status_code for response in at_once(shop, "/hoseassemblies/create", bodies))
    assert statuses == [200] + [400] * 11
    assert shop.admin.get(f"/hoseassemblies?search[partNumber]={number}")["total"] == 1


def test_of_many_releases_one_wins(shop: Shop) -> None:
    id_ = shop.assembly()["_id"]
    found = at_once(shop, f"/hoseassembly/{id_}/release", [{}] * 8)
    assert sorted(response.status_code for response in found) == [200] + [400] * 7


def test_of_many_updates_of_one_state_one_wins(shop: Shop) -> None:
    id_ = shop.assembly()["_id"]
    tag = shop.admin.send("GET", f"/hoseassembly/{id_}").headers["ETag"]
    bodies = [{"comments": f"writer {n}"} for n in range(8)]
    found = at_once(shop, f"/hoseassembly/{id_}/update", bodies, If_Match=tag)
    assert sorted(response.status_code for response in found) == [200] + [412] * 7
    winner = next(response.json() for response in found if response.status_code == 200)
    assert shop.admin.get(f"/hoseassembly/{id_}")["comments"] == winner["comments"]


def test_updates_without_a_state_all_count(shop: Shop) -> None:
    id_ = shop.assembly()["_id"]
    names = ["comments", "tag", "modelCode", "printText", "productionNotes", "vendorPartNumber"]
    found = at_once(shop, f"/hoseassembly/{id_}/update", [{name: name} for name in names])
    assert [response.status_code for response in found] == [200] * len(names)
    assert {name: shop.admin.get(f"/hoseassembly/{id_}")[name] for name in names} == {name: name for name in names}


# -- customers --------------------------------------------------------------------------------------------------------


def test_a_customer_key_makes_assemblies_for_its_own_customer_only(shop: Shop) -> None:
    mine, other = shop.customer(name="Mine"), shop.customer(name="Other")
    (me, them, nobody) = shop.customer_key(mine, other, None)
    made = me.post("/hoseassemblies/create", shop.body(customerOrgId=other))
    assert (made["customerOrgId"], made["customerName"]) == (mine, "Mine")
    me.get(f"/hoseassembly/{made['_id']}")
    for stranger in (them, nobody):
        stranger.get(f"/hoseassembly/{made['_id']}", 404)
        stranger.post(f"/hoseassembly/{made['_id']}/price", {}, 404)
        stranger.post(f"/hoseassembly/{made['_id']}/datasheet", {}, 404)
        assert made["_id"] not in [entry["_id"] for entry in stranger.get("/hoseassemblies?itemsPerPage=1000")["items"]]
    for path in ("update", "release", "delete"):
        me.post(f"/hoseassembly/{made['_id']}/{path}", {}, 403)


def test_what_a_key_made_for_nobody_is_its_own(shop: Shop) -> None:
    (nobody,) = shop.customer_key(None)
    (stranger,) = shop.customer_key(None)
    made = nobody.post("/hoseassemblies/create", shop.body(customerOrgId=shop.customer()))
    assert "customerOrgId" not in made
    nobody.get(f"/hoseassembly/{made['_id']}")
    stranger.get(f"/hoseassembly/{made['_id']}", 404)


@pytest.mark.parametrize("how", ["deleted", "taken off"])
def test_what_was_a_customer_s_is_not_shown_to_the_key_s_other_customers(shop: Shop, how: str) -> None:
    mine, other = shop.customer(), shop.customer()
    (me, them, nobody) = shop.customer_key(mine, other, None)
    id_ = me.post("/hoseassemblies/create", shop.body())["_id"]
    if how == "deleted":
        shop.admin.post(f"/customer/{mine}/delete")
    else:
        shop.admin.post(f"/hoseassembly/{id_}/update", {"customerOrgId": None})
    assert "customerOrgId" not in shop.admin.get(f"/hoseassembly/{id_}")
    for client in (me, them, nobody):
        client.get(f"/hoseassembly/{id_}", 404)


def test_a_deleted_customer_is_taken_off_its_assemblies(shop: Shop) -> None:
    mine, other = shop.customer(), shop.customer()
    ids = [shop.assembly(customerOrgId=mine)["_id"] for _ in range(3)] + [released(shop, customerOrgId=mine)]
    kept = shop.assembly(customerOrgId=other)["_id"]
    shop.admin.post(f"/customer/{mine}/delete")
    assert all("customerOrgId" not in shop.admin.get(f"/hoseassembly/{id_}") for id_ in ids)
    assert shop.admin.get(f"/hoseassembly/{kept}")["customerOrgId"] == other
    assert shop.admin.get(f"/hoseassembly/{ids[-1]}")["status"] == "released"


# -- lists ------------------------------------------------------------------------------------------------------------


def test_lists_search_filter_and_sort(own_shop: Shop) -> None:
    shop = own_shop
    buyer = shop.customer(name="Ünder Works")
    first = shop.assembly(partNumber="AA-1", customerOrgId=buyer, tag="100% (a+b)")
    second = shop.assembly(partNumber="bb-2", end2=...)
    shop.admin.post(f"/hoseassembly/{first['_id']}/release")

    def numbers(query: str) -> list[str]:
        return [entry["partNumber"] for entry in shop.admin.get(f"/hoseassemblies?{query}")["items"]]

    assert numbers("") == ["AA-1", "bb-2"]
    assert numbers("sortBy[0].key=partNumber&sortBy[0].order=desc") == ["bb-2", "AA-1"]
    assert numbers("search[customerName]=ünder") == ["AA-1"]
    assert numbers("search.tag=%25%20(a%2Bb") == ["AA-1"]
    assert numbers("search[end2PartNumber]=8MJ") == ["AA-1"]
    assert numbers("status=released") == ["AA-1"]
    assert numbers("status=released&status=under%20editing") == ["AA-1", "bb-2"]
    assert numbers(f"customerOrgId={buyer}") == ["AA-1"]
    assert numbers(f"hoseId={shop.hose}&allVersions=true") == ["AA-1", "bb-2"]
    shop.admin.post(f"/hoseassembly/{second['_id']}/delete")
    assert numbers("") == ["AA-1"]
    assert numbers("includeDeleted=true") == ["AA-1", "bb-2"]

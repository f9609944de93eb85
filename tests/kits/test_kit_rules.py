"""Kits over HTTP: what is kept, what lines are filled in with, what is refused and why, who sees what."""

import pytest
from hose_shop import Shop
from kit_shop import adaptor, body, kit, lines, other_item

from brassleaf.assemblies.models import ASSEMBLIES
from support.examples import PNG

UNKNOWN = "e" * 24


def test_a_kit_keeps_its_head_and_its_lines(shop: Shop) -> None:
    buyer = shop.customer(name="Kit buyer")
    assembly, thing, clamp = shop.assembly()["_id"], adaptor(shop), other_item(shop)
    made = kit(
        shop,
        revision="A",
        description="Loader, boom lift",
        customerOrgId=buyer,
        customerPartNumber="C-1",
        hoseAssemblies=[{"item": assembly, "quantity": 2, "comments": "left and right"}],
        adaptors=[{"item": thing, "number": "10", "order": 7}],
        otherItems=[{"item": clamp, "quantity": None, "number": None}, {"item": UNKNOWN, "deleted": True}],
    )
    assert (made["status"], made["version"], made["itemType"], made["chain"]) == (
        "under editing", 1, "hoseKit", made["_id"],
    )  # fmt: skip
    assert (made["customerName"], made["customerPartNumber"]) == ("Kit buyer", "C-1")
    # what a line leaves open: one of it, the number after the highest, the last place
    assert lines(made) == [(assembly, "11", 2, 8)]
    assert lines(made, "adaptors") == [(thing, "10", 1, 7)]
    assert lines(made, "otherItems") == [(clamp, "12", 1, 9)]
    assert made["hoseAssemblies"][0]["comments"] == "left and right"
    assert "comments" not in made["adaptors"][0]
    assert shop.admin.get(f"/hosekit/{made['_id']}") == made


def test_lines_are_refused_one_by_one(shop: Shop) -> None:
    open_, ended, gone, thing = shop.assembly()["_id"], shop.assembly()["_id"], shop.assembly()["_id"], adaptor(shop)
    shop.change(ASSEMBLIES, ended, status="obsolete")
    shop.admin.post(f"/hoseassembly/{gone}/delete")
    sent = body(
        hoseAssemblies=[{"item": item} for item in (open_, ended, gone, thing, UNKNOWN, None)],
        adaptors=[{"item": thing}, {"item": open_}],
        otherItems=[{"item": shop.hose}],
    )
    refused = shop.admin.refused("/hosekits/create", sent, 404)
    assert list(refused) == [
        "hoseAssemblies[1].item", "hoseAssemblies[2].item", "hoseAssemblies[3].item", "hoseAssemblies[4].item",
        "hoseAssemblies[5].item", "adaptors[1].item", "otherItems[0].item",
    ]  # fmt: skip
    assert "obsolete" in refused["hoseAssemblies[1].item"][0]
    assert refused["otherItems[0].item"] == [f"There is no other item with the id {shop.hose}."]
    assert shop.admin.get(f"/hosekits?search[partNumber]={sent['partNumber']}")["total"] == 0
    # without an unknown id it is a rule that refuses
    assert list(shop.admin.refused("/hosekits/create", body(hoseAssemblies=[{"item": ended}]))) == [
        "hoseAssemblies[0].item"
    ]


def test_an_item_stands_in_one_line(shop: Shop) -> None:
    one, other = shop.assembly()["_id"], shop.assembly()["_id"]
    sent = body(hoseAssemblies=[{"item": one}, {"item": other}, {"item": one.upper(), "quantity": 3}])
    refused = shop.admin.refused("/hosekits/create", sent)
    assert refused == {"hoseAssemblies[2].item": ["This item stands in line 1 already; change the quantity there."]}


@pytest.mark.parametrize("line", [{"quantity": 0}, {"quantity": -1}, {"quantity": "2"}, {"item": "x"}, {"order": "1"}])
def test_a_line_that_says_nothing_useful_is_refused(shop: Shop, line: dict[str, object]) -> None:
    (name,) = line
    sent = body(hoseAssemblies=[{"item": UNKNOWN, **line}])
    assert list(shop.admin.refused("/hosekits/create", sent)) == [f"hoseAssemblies[0].{name}"]


def test_number_and_revision_belong_to_one_kit(shop: Shop) -> None:
    made = kit(shop, revision="A")
    number = made["partNumber"]
    assert list(shop.admin.refused("/hosekits/create", {"partNumber": number.lower(), "revision": "a"})) == [
        "partNumber"
    ]
    other = kit(shop, partNumber=number, revision="B")
    assert "partNumber" in shop.admin.refused(f"/hosekit/{other['_id']}/update", {"revision": "A"})
    found = shop.admin.post("/hosekits/checkexisting", {"params": {"partNumber": number.lower(), "revision": "b"}})
    assert found == {"exists": True, "_id": other["_id"]}
    assert shop.admin.post("/hosekits/checkexisting", {"partNumber": number})["exists"]
    assert shop.admin.post("/hosekits/checkexisting", {"partNumber": number, "revision": "C"}) == {
        "exists": False, "_id": None,
    }  # fmt: skip
    assert list(shop.admin.refused("/hosekits/checkexisting", {})) == ["partNumber"]
    shop.admin.post(f"/hosekit/{made['_id']}/delete")
    shop.admin.get(f"/hosekit/{made['_id']}", 404)
    assert not shop.admin.post("/hosekits/checkexisting", {"partNumber": number, "revision": "A"})["exists"]
    assert kit(shop, partNumber=number, revision="A")["version"] == 1


def test_a_kit_takes_the_next_number(own_shop: Shop) -> None:
    assert own_shop.admin.get("/organization/nextpartnumber?type=hoseKit")["nextPartNumber"] == "HK-000001"
    assert [kit(own_shop, partNumber="*")["partNumber"] for _ in range(2)] == ["HK-000001", "HK-000002"]


def test_an_update_changes_the_head_alone(shop: Shop) -> None:
    one, two = shop.customer(name="First"), shop.customer(name="Second")
    made = kit(shop, customerOrgId=one, comments="x", hoseAssemblies=[{"item": shop.assembly()["_id"]}])
    path = f"/hosekit/{made['_id']}"
    response = shop.admin.send("POST", f"{path}/update", {"comments": None, "hoseAssemblies": [], "revision": "B"})
    assert response.headers["X-Unknown-Fields"] == "hoseAssemblies"
    after = response.json()
    assert "comments" not in after
    assert (after["hoseAssemblies"], after["revision"], after["customerName"]) == (made["hoseAssemblies"], "B", "First")
    assert shop.admin.post(f"{path}/update", {"customerOrgId": two})["customerName"] == "Second"
    assert shop.admin.post(f"{path}/update", {"customerName": "By hand"})["customerOrgId"] == two
    cleared = shop.admin.post(f"{path}/update", {"customerOrgId": None})
    assert not {"customerOrgId", "customerName"} & cleared.keys()
    assert list(shop.admin.refused(f"{path}/update", {"partNumber": None})) == ["partNumber"]
    assert list(shop.admin.refused(f"{path}/update", {"customerOrgId": UNKNOWN}, 404)) == ["customerOrgId"]
    tag = shop.admin.send("GET", path).headers["ETag"]
    shop.admin.post(f"{path}/update", {"comments": "y"}, If_Match=tag)
    shop.admin.post(f"{path}/update", {"comments": "z"}, 412, If_Match=tag)


def test_lists_filter_and_search(own_shop: Shop) -> None:
    shop = own_shop
    buyer, assembly = shop.customer(name="Pump House"), shop.assembly()["_id"]
    first = kit(shop, partNumber="K-1", description="Boom", hoseAssemblies=[{"item": assembly}])["_id"]
    second = kit(shop, partNumber="K-2", customerOrgId=buyer)["_id"]
    for query, expected in (
        ("", [first, second]),
        ("sortBy[0].key=partNumber&sortBy[0].order=desc", [second, first]),
        ("search[description]=boo", [first]),
        ("search.customerName=PUMP", [second]),
        ("partNumber=k-2", [second]),
        (f"hoseAssemblyId={assembly.upper()}", [first]),
        (f"customerOrgId={buyer}", [second]),
        ("onlyCustomer=true", [second]),
        ("onlyCustomer=false", [first, second]),
        ("status=released", []),
    ):
        assert [entry["_id"] for entry in shop.admin.get(f"/hosekits?{query}")["items"]] == expected, query
    shop.admin.post(f"/customer/{buyer}/delete")
    assert "customerOrgId" not in shop.admin.get(f"/hosekit/{second}")


def test_a_customer_sees_its_own_kits(shop: Shop) -> None:
    mine, other = shop.customer(), shop.customer()
    made = kit(shop, customerOrgId=mine)["_id"]
    for hidden in (kit(shop, customerOrgId=other)["_id"], kit(shop)["_id"]):
        for client in shop.customer_key(mine, None):
            client.get(f"/hosekit/{hidden}", 404)
    me, nobody = shop.customer_key(mine, None)
    assert [entry["_id"] for entry in me.get("/hosekits?limit=1000")["items"]] == [made]
    assert me.get(f"/hosekit/{made}")["_id"] == made
    assert nobody.get("/hosekits")["total"] == 0
    nobody.get(f"/hosekit/{made}", 404)
    me.post("/hosekits/create", body(), 403)
    shop.as_("restricted").post("/hosekits/create", body(), 403)


def test_another_organization_s_items_are_not_there(shop: Shop, own_shop: Shop) -> None:
    foreign = own_shop.assembly()["_id"]
    sent = body(hoseAssemblies=[{"item": foreign}], adaptors=[{"item": adaptor(own_shop)}])
    assert list(shop.admin.refused("/hosekits/create", sent, 404)) == ["hoseAssemblies[0].item", "adaptors[0].item"]
    theirs = kit(own_shop, hoseAssemblies=[{"item": foreign}])["_id"]
    shop.admin.get(f"/hosekit/{theirs}", 404)
    shop.admin.post(f"/hosekit/{theirs}/update", {"comments": "x"}, 404)
    assert shop.admin.get(f"/hosekits?hoseAssemblyId={foreign}")["total"] == 0
    shared = shop.keep_item("adaptor", f"SH-{foreign[:6]}", "Book", {"shape": "straight"}, shared=True)
    for each in (shop, own_shop):
        assert lines(kit(each, adaptors=[{"item": shared}]), "adaptors") == [(shared, "1", 1, 1)]


def test_a_kit_has_a_picture(shop: Shop) -> None:
    mine, other = shop.customer(), shop.customer()
    made = kit(shop, customerOrgId=mine)["_id"]
    headers = {**shop.admin.person.headers, "Content-Type": "image/png"}
    assert shop.world.client.post(f"/api/v1/image/{made}/upload", content=PNG, headers=headers).status_code == 200
    me, them = shop.customer_key(mine, other)
    assert me.get(f"/image/{made}")["belongsTo"] == made
    them.get(f"/image/{made}", 404)

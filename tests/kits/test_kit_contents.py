"""The lines of kits one by one: added, changed, taken off, listed with their items; what each role is shown of them."""

from collections.abc import Callable
from typing import Any

import pytest
from hose_shop import Shop
from kit_shop import adaptor, kit, lines, other_item
from test_assembly_lifecycle import at_once

from brassleaf.errors import NotFound
from brassleaf.kits.contents.models import AddedLine
from brassleaf.kits.models import KITS, MOST_LINES
from brassleaf.security.caller import Caller
from brassleaf.store.records import seed_ids

UNKNOWN = "e" * 24
KINDS: list[Any] = [
    ("hoseassembly", "hoseAssemblies", lambda shop: shop.assembly()["_id"]),
    ("adaptor", "adaptors", adaptor),
    ("otheritem", "otherItems", other_item),
]
EACH = pytest.mark.parametrize(("word", "kind", "make"), KINDS, ids=[word for word, _, _ in KINDS])
Make = Callable[[Shop], str]


@EACH
def test_lines_are_added_changed_and_taken_off(shop: Shop, word: str, kind: str, make: Make) -> None:
    one, two = make(shop), make(shop)
    path = f"/hosekit/{kit(shop)['_id']}"
    shop.admin.post(f"{path}/add{word}", {"params": {"itemId": one.upper()}})
    sent = {"itemId": two, "quantity": 2.5, "itemNumber": 20, "comments": "spare"}
    made = shop.admin.post(f"{path}/add{word}", sent)
    assert lines(made, kind) == [(one, "1", 1, 1), (two, "20", 2.5, 2)]
    change = {"itemId": two, "itemNumber": "B-1", "quantity": 4}
    after = shop.admin.post(f"{path}/{word}/{two}/update", {"params": change})
    assert lines(after, kind) == [(one, "1", 1, 1), (two, "B-1", 4, 2)]
    assert after[kind][1]["comments"] == "spare"  # absent comments stay, null clears
    after = shop.admin.post(f"{path}/{word}/{two}/update", {**change, "itemNumber": 7, "comments": None})
    assert (after[kind][1]["number"], after[kind][1].get("comments")) == ("7", None)
    assert shop.admin.post(f"{path}/item/{one}/delete")["success"]
    assert lines(shop.admin.get(path), kind) == [(two, "7", 4, 2)]
    shop.admin.post(f"{path}/item/{made[kind][1]['_id']}/delete")  # by the line's own id
    assert shop.admin.get(path)[kind] == []
    shop.admin.post(f"{path}/item/{two}/delete", {}, 404)


@EACH
def test_what_a_line_is_refused_for(shop: Shop, own_shop: Shop, word: str, kind: str, make: Make) -> None:
    item, foreign = make(shop), make(own_shop)
    path = f"/hosekit/{kit(shop, **{kind: [{'item': item}]})['_id']}"
    assert "line 1 already" in shop.admin.refused(f"{path}/add{word}", {"itemId": item})["itemId"][0]
    for other in (foreign, UNKNOWN, shop.hose):
        assert list(shop.admin.refused(f"{path}/add{word}", {"itemId": other}, 404)) == ["itemId"]
        shop.admin.post(f"{path}/{word}/{other}/update", {"itemId": other, "itemNumber": "1", "quantity": 1}, 404)
        shop.admin.post(f"{path}/item/{other}/delete", {}, 404)
    change = {"itemId": item, "itemNumber": "1", "quantity": 1}
    for wrong, field in (
        ({"itemId": UNKNOWN}, "itemId"), ({"quantity": -1}, "quantity"), ({"quantity": None}, "quantity"),
        ({"itemNumber": None}, "itemNumber"), ({"itemNumber": " "}, "itemNumber"), ({"itemNumber": 1e15}, "itemNumber"),
        ({"itemNumber": True}, "itemNumber"), ({"itemNumber": ["1"]}, "itemNumber"),
    ):  # fmt: skip
        assert list(shop.admin.refused(f"{path}/{word}/{item}/update", {**change, **wrong})) == [field], wrong
    for missing in change:
        sent = {name: value for name, value in change.items() if name != missing}
        assert list(shop.admin.refused(f"{path}/{word}/{item}/update", sent)) == [missing]
    assert lines(shop.admin.get(path), kind) == [(item, "1", 1, 1)]


def test_a_line_belongs_to_its_list(shop: Shop) -> None:
    thing = adaptor(shop)
    path = f"/hosekit/{kit(shop, adaptors=[{'item': thing}])['_id']}"
    shop.admin.post(f"{path}/otheritem/{thing}/update", {"itemId": thing, "itemNumber": "1", "quantity": 1}, 404)


def test_only_a_kit_under_editing_is_changed(shop: Shop) -> None:
    thing = adaptor(shop)
    path = f"/hosekit/{kit(shop, adaptors=[{'item': thing}])['_id']}"
    shop.admin.post(f"{path}/release")
    for call, body in (
        ("addadaptor", {"itemId": adaptor(shop)}),
        (f"adaptor/{thing}/update", {"itemId": thing, "itemNumber": "1", "quantity": 9}),
        (f"item/{thing}/delete", {}),
    ):
        assert "released" in shop.admin.refused(f"{path}/{call}", body)["status"][0]
        shop.as_("restricted").post(f"{path}/{call}", body, 403)
        shop.customer_key(None)[0].post(f"{path}/{call}", body, 403)


def test_a_request_that_is_sent_again_does_its_work_once(shop: Shop) -> None:
    """The answer to the first try got lost: the second finds what it did, and another request does not."""
    made, thing = kit(shop)["_id"], adaptor(shop)
    contents = shop.served.parts.kit_contents
    caller = Caller(shop.organization.id, "admin", "user", "0" * 24, "test", "test")

    async def sent(first_try: str | None) -> list[Any]:
        seed_ids("one request", first_try)
        added = await contents.add(caller, made, "adaptors", AddedLine(itemId=thing), None)
        return list(added["adaptors"])

    async def taken_off(first_try: str | None) -> list[Any]:
        seed_ids("another request", first_try)
        return list((await contents.take_off(caller, made, thing, None))["adaptors"])

    first = shop.served.run(sent(None))
    assert shop.served.run(sent("2000-01-01T00:00:00.000Z")) == first
    assert lines({"adaptors": first}, "adaptors") == [(thing, "1", 1, 1)]
    assert shop.served.run(taken_off(None)) == shop.served.run(taken_off("2000-01-01T00:00:00.000Z")) == []
    with pytest.raises(NotFound):
        shop.served.run(taken_off(None))


def test_lines_that_are_added_at_once_are_all_there(shop: Shop) -> None:
    path = f"/hosekit/{kit(shop)['_id']}"
    things = [adaptor(shop) for _ in range(4)]
    answers = at_once(shop, f"{path}/addadaptor", [{"itemId": thing} for thing in things])
    assert [answer.status_code for answer in answers] == [200] * 4
    made = lines(shop.admin.get(path), "adaptors")
    assert sorted(item for item, *_ in made) == sorted(things)
    assert [number for _, number, *_ in made] == ["1", "2", "3", "4"]


def test_a_kit_has_so_many_lines_and_no_more(shop: Shop) -> None:
    made = kit(shop)["_id"]
    line = {"number": "1", "quantity": 1, "order": 1}
    full = [{**line, "_id": f"{n:024x}", "item": f"{n:024x}"} for n in range(MOST_LINES)]
    shop.change(KITS, made, adaptors=full)
    assert (
        "at most 1,000" in shop.admin.refused(f"/hosekit/{made}/addadaptor", {"itemId": adaptor(shop)})["adaptors"][0]
    )


def test_all_lines_are_listed_with_their_items(shop: Shop) -> None:
    assembly = shop.assembly(revision="C", description="By hand")
    thing, clamp = adaptor(shop, cost=3.5), other_item(shop, orgPartNumber="OWN-1")
    made = kit(
        shop,
        hoseAssemblies=[{"item": assembly["_id"], "quantity": 2, "order": 5, "number": "10"}],
        adaptors=[{"item": thing, "order": 5, "number": "9"}],
        otherItems=[{"item": clamp, "order": 1, "number": "11", "comments": "c"}],
    )
    path = f"/hosekit/{made['_id']}"
    page = shop.admin.get(f"{path}/allitems")
    assert (page["total"], page["page"], page["itemsPerPage"]) == (3, 1, 3)
    # by order, then by number as a number
    assert [(line["itemType"], line["itemNumber"]) for line in page["items"]] == [
        ("otherItem", "11"), ("adaptor", "9"), ("hoseAssembly", "10"),
    ]  # fmt: skip
    other, second, third = page["items"]
    assert (other["itemId"], other["orgPartNumber"], other["brand"], other["comments"]) == (clamp, "OWN-1", "Any", "c")
    assert (third["quantity"], third["partNumber"], third["revision"], third["status"], third["description"]) == (
        2, assembly["partNumber"], "C", "under editing", "By hand",
    )  # fmt: skip
    assert third["item"] == shop.admin.get(f"/hosekit/{made['_id']}/hoseassemblies")["items"][0]["item"]
    assert third["item"]["cutLength"] == 32.25  # domain.md section 3
    assert (second["item"]["cost"], second["item"]["itemType"]) == (3.5, "adaptor")

    def listed(call: str) -> list[str]:
        return [line["itemNumber"] for line in shop.admin.get(f"{path}/{call}")["items"]]

    assert [listed("hoseassemblies"), listed("adaptors"), listed("otheritems")] == [["10"], ["9"], ["11"]]
    assert listed("allitems?sortBy[0].key=number") == ["9", "10", "11"]
    assert listed("allitems?sortBy[0].key=partNumber&sortBy[0].order=desc") == ["11", "10", "9"]  # OT, HA, AD
    assert listed("allitems?itemType=adaptor&itemType=otherItem") == ["11", "9"]
    assert listed("allitems?page=2&limit=2") == listed("allitems?page=2&itemsPerPage=2") == ["10"]
    assert listed("allitems?limit=1") == ["11"]
    number = assembly["partNumber"]
    for spelled in ("search[partNumber]", "search.partNumber"):
        assert listed(f"allitems?{spelled}={number.lower()}") == ["10"]
    for wrong in ("page=0", "limit=1001", "sortBy[0].key=price", "itemType=hose"):
        shop.admin.get(f"{path}/allitems?{wrong}", 400)


def test_no_role_is_shown_more_of_an_item_than_elsewhere(shop: Shop) -> None:
    mine, other = shop.customer(), shop.customer(name="Secret buyer")
    own = shop.assembly(customerOrgId=mine)["_id"]
    theirs = shop.assembly(customerOrgId=other, comments="not for others")["_id"]
    shop.admin.post(f"/hoseassembly/{own}/customers/update", {"customers": [{"customerOrgId": other}]})
    made = kit(
        shop, customerOrgId=mine, hoseAssemblies=[{"item": own}, {"item": theirs}],
        adaptors=[{"item": adaptor(shop, cost=3.5)}],
    )["_id"]  # fmt: skip
    me, them = shop.customer_key(mine, other)
    answer = me.send("GET", f"/hosekit/{made}/allitems")
    first, second, third = answer.json()["items"]
    assert (first["item"]["_id"], "customers" in first["item"]) == (own, False)
    assert "item" not in second  # another customer's assembly: what it is, not whose or how
    assert second["partNumber"]
    assert "cost" not in third["item"]
    assert "Secret buyer" not in answer.text
    assert "not for others" not in answer.text
    assert "cost" not in shop.as_("regular").get(f"/hosekit/{made}/adaptors")["items"][0]["item"]
    them.get(f"/hosekit/{made}/allitems", 404)


def test_a_line_whose_item_is_gone_is_still_listed(shop: Shop) -> None:
    assembly = shop.assembly()["_id"]
    made = kit(shop, hoseAssemblies=[{"item": assembly}])["_id"]
    shop.admin.post(f"/hoseassembly/{assembly}/delete")
    (line,) = shop.admin.get(f"/hosekit/{made}/hoseassemblies")["items"]
    assert (line["itemId"], line["item"]["deleted"]) == (assembly, True)
    shop.admin.post(f"/hosekit/{made}/item/{assembly}/delete")

"""The catalogue: two levels, the organization's properties, its own items, and two documents behind one ETag."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest
from hose_shop import SPEC, Shop

from brassleaf.catalog.models import ITEMS
from brassleaf.catalog.service import Article
from brassleaf.store.port import Stored


def shared_hose(shop: Shop, number: str, **fields: Any) -> str:
    return shop.keep_item("hose", number, "Book", {"size": "-08", "hoseDash": 8, **fields}, shared=True)


def numbers(shop: Shop, query: str, path: str = "/organization/hoses") -> list[str]:
    return [item["partNumber"] for item in shop.admin.get(f"{path}?itemsPerPage=1000&{query}")["items"]]


# -- two levels -------------------------------------------------------------------------------------------------------


def test_the_organization_s_properties_lie_over_the_shared_item(own_shop: Shop, shop: Shop) -> None:
    hose = shared_hose(
        own_shop, f"BOOK-{own_shop.number}", description="shared", crimpSpecs=[{**SPEC, "dieSize": "book"}]
    )
    assert own_shop.admin.get(f"/hose/{hose}")["custom"] is False
    path = f"/organization/hose/{hose}/update"
    said = own_shop.admin.post(
        path, {"params": {"orgPartNumber": "MY-1", "cost": 2, "crimpSpecs": [{**SPEC, "dieSize": "own"}]}}
    )
    assert (said["item"], said["orgPartNumber"], said["cost"], said["available"]) == (hose, "MY-1", 2, True)
    found = own_shop.admin.get(f"/hose/{hose}")
    assert (found["orgPartNumber"], found["cost"], found["description"]) == ("MY-1", 2, "shared")
    assert [(spec["dieSize"], spec["source"]) for spec in found["crimpSpecs"]] == [
        ("own", "organization"),
        ("book", "book"),
    ]
    own_shop.admin.post(path, {"cost": None, "crimpSpecs": None})
    again = own_shop.admin.get(f"/hose/{hose}")
    assert "cost" not in again
    assert again["orgPartNumber"] == "MY-1"
    assert [spec["source"] for spec in again["crimpSpecs"]] == ["book"]
    # nobody else sees what one organization says
    assert "orgPartNumber" not in shop.admin.get(f"/hose/{hose}")


def test_own_crimp_specifications_go_before_the_book_s(own_shop: Shop) -> None:
    hose = shared_hose(own_shop, f"PAIR-{own_shop.number}", crimpSpecs=[{**SPEC, "dieSize": "book"}])
    assert own_shop.assembly(hose=hose)["hosePartNumber"] == f"PAIR-{own_shop.number}"
    own_shop.admin.post(f"/organization/hose/{hose}/update", {"crimpSpecs": [{**SPEC, "dieSize": "own"}]})
    id_ = own_shop.assembly(hose=hose)["_id"]
    assert own_shop.admin.get(f"/hoseassembly/{id_}")["crimpSpecs"]["end1"]["crimpSpec"]["dieSize"] == "own"
    specs = own_shop.admin.get(f"/hose/{hose}/crimpspecs?couplingSeries=pc&ferrulePartNumber=8pc2f")
    assert [spec["dieSize"] for spec in specs] == ["own", "book"]
    assert own_shop.admin.get(f"/hose/{hose}/crimpspecs?couplingSeries=GS") == []
    own_shop.admin.get(f"/hose/{'f' * 24}/crimpspecs", 404)


def test_a_shared_item_keeps_its_own_fields(own_shop: Shop) -> None:
    hose = shared_hose(own_shop, f"FIXED-{own_shop.number}")
    refused = own_shop.admin.refused(f"/organization/hose/{hose}/update", {"size": "-12", "cost": 1, "partNumber": "X"})
    assert set(refused) == {"size", "partNumber"}
    assert "cost" not in own_shop.admin.get(f"/hose/{hose}")


def test_a_wrong_crimp_specification_of_an_own_hose_can_be_taken_back(own_shop: Shop) -> None:
    path = f"/organization/hose/{own_shop.hose}/update"
    said = own_shop.admin.post(path, {"crimpSpecs": [{**SPEC, "dieSize": "mended"}]})
    assert [(spec["dieSize"], spec["source"]) for spec in said["crimpSpecs"]] == [("mended", "organization")]
    assert [spec["dieSize"] for spec in own_shop.admin.get(f"/hose/{own_shop.hose}/crimpspecs")] == ["mended"]
    own_shop.admin.post(path, {"crimpSpecs": []})
    assert own_shop.admin.get(f"/hose/{own_shop.hose}/crimpspecs") == []
    assert "end1" in own_shop.admin.refused("/hoseassemblies/create", own_shop.body())


# -- own items --------------------------------------------------------------------------------------------------------


def test_own_items_are_created_changed_and_listed(own_shop: Shop) -> None:
    shop = own_shop
    made = shop.admin.post("/hoses/create", {"partNumber": "OWN-1", "brand": "Ours", "size": "3/4"}, 201)
    assert (made["hoseDash"], made["custom"], made["organization"]) == (12, True, shop.organization.id)
    path = f"/organization/hose/{made['_id']}/update"
    shop.admin.post(path, {"size": "DN25", "description": "one inch", "cost": 4, "orgPartNumber": "N-9"})
    found = shop.admin.get(f"/hose/{made['_id']}")
    assert (found["size"], found["hoseDash"], found["description"], found["cost"]) == ("DN25", 16, "one inch", 4)
    for name in ("partNumber", "brand", "size"):
        assert list(shop.admin.refused(path, {name: None})) == [name]
    end = f"/organization/crimpfitting/{shop.end1}/update"
    assert list(shop.admin.refused(end, {"hoseSize": None})) == ["hoseSize"]
    assert numbers(shop, "search[partNumber]=OWN", "/organization/customhoses") == ["OWN-1"]
    shared = shared_hose(shop, f"NOT-OWN-{shop.number}")
    assert f"NOT-OWN-{shop.number}" in numbers(shop, "")
    assert f"NOT-OWN-{shop.number}" not in numbers(shop, "", "/organization/customhoses")
    assert shop.admin.get(f"/hose/{shared}")["custom"] is False


def test_a_number_of_a_brand_is_taken_once_whatever_its_case(own_shop: Shop) -> None:
    shop = own_shop
    shop.admin.post("/hoses/create", {"partNumber": "Straße-1", "brand": "Ours", "size": "-08"}, 201)
    again = {"partNumber": "STRASSE-1", "brand": "OURS", "size": "-12"}
    assert list(shop.admin.refused("/hoses/create", again)) == ["partNumber"]
    other = shop.admin.post("/hoses/create", {**again, "brand": "Theirs"}, 201)["_id"]
    assert list(shop.admin.refused(f"/organization/hose/{other}/update", {"brand": "ours", "cost": 5})) == [
        "partNumber"
    ]
    assert "cost" not in shop.admin.get(f"/hose/{other}")
    # a bar makes no clash, another type neither, and the shared catalogue's numbers are free
    shop.admin.post("/hoses/create", {"partNumber": "b|c", "brand": "a", "size": "-08"}, 201)
    shop.admin.post("/hoses/create", {"partNumber": "c", "brand": "a|b", "size": "-08"}, 201)
    shop.admin.post("/crimpfittings/create", {"partNumber": "b|c", "brand": "a", "hoseSize": "-08"}, 201)
    shared_hose(shop, f"SAME-{shop.number}")
    shop.admin.post("/hoses/create", {"partNumber": f"SAME-{shop.number}", "brand": "Book", "size": "-08"}, 201)


def test_what_is_missing_or_malformed_is_named(shop: Shop) -> None:
    assert set(shop.admin.refused("/hoses/create", {})) == {"partNumber", "brand", "size"}
    assert set(shop.admin.refused("/crimpfittings/create", {"brand": ""})) == {"partNumber", "brand", "hoseSize"}
    bad = {
        "partNumber": "X",
        "brand": "Y",
        "size": "-08",
        "workingPressure": {"value": -1, "unit": "ell"},
        "crimpSpecs": [{}],
    }
    assert set(shop.admin.refused("/hoses/create", bad)) == {
        "workingPressure.value", "workingPressure.unit", "crimpSpecs[0].couplingSeries"
    }  # fmt: skip
    path = f"/organization/hose/{shop.hose}/update"
    assert set(shop.admin.refused(path, {"cost": -1, "unitOfMeasure": "ell", "listPriceCurrency": "EURO"})) == {
        "cost", "unitOfMeasure", "listPriceCurrency"
    }  # fmt: skip
    shop.admin.get(f"/hose/{shop.end1}", 404)
    shop.admin.get("/hose/123", 400)


@pytest.mark.parametrize("size", ["-8", "8", "#8", "-08", "1/2", '1/2"', "0.5 in", "DN12", "DN 13", "12.7 mm"])
def test_sizes_are_read_however_they_are_spelled(shop: Shop, size: str) -> None:
    hose = shop.make_hose(f"SIZE {size}", size=size)
    assert shop.admin.get(f"/hose/{hose}")["hoseDash"] == 8
    assert shop.assembly(hose=hose)["cutLength"] == 32.25
    # the sizes of fittings may be asked for in the hose's own spelling
    found = shop.admin.post("/crimpfittings/sizes", {"hoseSize": size, "couplingSeries": "PC", "style": "JIC 37"})
    assert "-08" in found["dashSizes"]


def test_r5_hose_takes_the_dash_of_the_tube(shop: Shop) -> None:
    for size, dash in (("13/32", 8), ("-8", 8), ("1/2", 10), ("7/8", 16)):
        hose = shop.make_hose(f"R5 {size}", size=size, saeSpec="SAE 100R5", crimpSpecs=[])
        assert shop.admin.get(f"/hose/{hose}")["hoseDash"] == dash
    changed = shop.admin.post("/hoses/create", {"partNumber": "R5 LATER", "brand": "Gates", "size": "1/2"}, 201)
    shop.admin.post(f"/organization/hose/{changed['_id']}/update", {"saeSpec": "SAE 100R5"})
    assert shop.admin.get(f"/hose/{changed['_id']}")["hoseDash"] == 10


# -- costs ------------------------------------------------------------------------------------------------------------


def test_costs_are_neither_shown_to_nor_taken_from_who_may_not_see_them(shop: Shop) -> None:
    regular, restricted = shop.as_("regular"), shop.as_("restricted")
    path = f"/organization/hose/{shop.hose}/update"
    message = regular.post(path, {"cost": 1, "orgPartNumber": "SNEAKED"}, 403)["message"]
    assert "cost" in message
    regular.post(path, {"costCurrency": None}, 403)
    assert "cost" not in regular.post(path, {"priority": "1"})
    restricted.post(path, {"priority": "2"}, 403)
    found = shop.admin.get(f"/hose/{shop.hose}")
    assert (found["cost"], found["priority"]) == (3.111, "1")
    assert "orgPartNumber" not in found
    for client in (regular, restricted, *shop.customer_key(None)):
        assert "cost" not in client.get(f"/hose/{shop.hose}")
        assert all("cost" not in item for item in client.get("/organization/hoses?itemsPerPage=1000")["items"])


# -- lists ------------------------------------------------------------------------------------------------------------


def test_search_in_the_organization_s_own_numbers(own_shop: Shop) -> None:
    hose = shared_hose(own_shop, f"QUIET-{own_shop.number}")
    own_shop.admin.post(f"/organization/hose/{hose}/update", {"orgPartNumber": "Näs-77"})
    for spelled in ("search.orgPartNumber=näs", "search[orgPartNumber]=S-77"):
        assert numbers(own_shop, spelled) == [f"QUIET-{own_shop.number}"]
    assert numbers(own_shop, "search.orgPartNumber=none") == []
    assert numbers(own_shop, "search.orgPartNumber=77&search.brand=Gates") == []
    assert numbers(own_shop, "search.size=-08&brand=gates&sortBy[0].key=partNumber") == ["2SN-08"]


def test_what_is_switched_off_leaves_the_lists(own_shop: Shop) -> None:
    name = f"OFF-{own_shop.number}"
    hose = shared_hose(own_shop, name, size="-64")
    assert "-64" in own_shop.admin.get("/hosesizes")
    own_shop.admin.post(f"/organization/hose/{hose}/update", {"available": False})
    (anyone,) = own_shop.customer_key(None)
    assert name not in numbers(own_shop, "")
    assert numbers(own_shop, "unavailable=true") == [name]
    assert name not in [item["partNumber"] for item in anyone.get("/organization/hoses?itemsPerPage=1000")["items"]]
    assert name not in [item["partNumber"] for item in anyone.get("/organization/hoses?unavailable=true")["items"]]
    assert own_shop.admin.get(f"/hose/{hose}")["available"] is False
    own_shop.admin.post(f"/organization/hose/{hose}/update", {"available": None})
    assert name in numbers(own_shop, "")


def test_sizes_come_in_numeric_order(own_shop: Shop) -> None:
    for size in ("-16", "-04", '1-1/4"', "-12", "odd"):
        own_shop.make_hose(f"ORDER {size}", size=size, brand="Order", series="T", crimpSpecs=[])
    assert own_shop.admin.post("/hoses/sizes", {"brand": "order"}) == ["-04", "-12", "-16", '1-1/4"', "odd"]
    assert own_shop.admin.get("/hosesizes?brand=Order") == ["-04", "-12", "-16", '1-1/4"', "odd"]
    assert own_shop.admin.post("/hoses/sizes", {"brand": "Order", "series": "t", "partNumber": "order -16"}) == ["-16"]


def test_pick_lists_of_ends(own_shop: Shop) -> None:
    shop = own_shop
    for number, fields in enumerate(
        (
            {"dashSize": "M22x1.5", "style": "DKOL", "gender": "female", "shape": "135"},
            {"dashSize": "M8x1", "style": "DKOL", "gender": "female", "shape": "45"},
            {"dashSize": "-12", "style": "DKOL", "gender": "male", "shape": "90"},
        )
    ):
        shop.make_end(f"PICK-{number}", 10, brand="Pick", hoseSize="-06", series="PK", **fields)
    assert shop.admin.get("/endsizes?style=dkol") == ["-12", "M8x1", "M22x1.5"]
    assert shop.admin.get("/endsizes?hoseSize=3/8&brand=Pick&gender=female") == ["M8x1", "M22x1.5"]
    assert shop.admin.get("/shapes?style=DKOL") == ["45", "90", "135"]
    assert shop.admin.get("/genders?style=DKOL") == ["female", "male"]
    assert shop.admin.get("/styles?brand=Pick") == ["DKOL"]
    assert shop.admin.get("/styles?size=-12&brand=pick") == ["DKOL"]
    assert shop.admin.get("/styles?brand=nobody") == []
    assert shop.admin.get("/shapes?style=DKO-L&brand=Pick") == ["45", "90", "135"]  # another spelling of DKOL


def test_pick_lists_are_the_published_tables_and_what_the_catalogue_has_beyond_them(own_shop: Shop) -> None:
    name = f"Odd {own_shop.number}"
    own_shop.make_end(f"ODD-{own_shop.number}", 10, brand="Odd", hoseSize="-06", series="PK", style=name, dashSize="x")
    own_shop.make_end(f"OLD-{own_shop.number}", 10, brand="Odd", hoseSize="-06", series="PK", style="jic 37°")
    styles = own_shop.admin.get("/styles")
    assert "jic 37°" not in styles  # it is found as JIC 37
    assert styles[:4] == ["JIC 37", "ORFS", "ORB", "SAE 45"]
    assert styles.count("JIC 37") == 1
    assert name in styles[-5:]
    assert own_shop.admin.get("/styles?brand=Odd") == ["jic 37°", name]
    assert own_shop.admin.post("/crimpfittings/sizes", {"style": "JIC 37", "brand": "Odd"})["hoseSizes"] == ["-06"]
    assert own_shop.admin.get("/genders")[:2] == ["female", "male"]
    assert own_shop.admin.get("/shapes")[:3] == ["straight", "22.5", "30"]
    assert own_shop.admin.get("/hosesizes")[:6] == ["-02", "-03", "-04", "-05", "-06", "-08"]
    sizes = own_shop.admin.get("/endsizes")
    assert sizes.index("-16") < sizes.index("M14x1.5") < sizes.index("x")


# -- what goes with a hose --------------------------------------------------------------------------------------------


def test_coupling_series_and_sizes_for_a_hose(own_shop: Shop) -> None:
    shop = own_shop
    shop.make_end("8GS-8FJX", 10, series="GS")
    shop.make_end("8PC-PARKER", 10, brand="Parker", dashSize="-10")
    shop.make_end("6PC-6FJX", 10, hoseSize="-06", dashSize="-06")
    assert {"GS", "PC"} <= set(shop.admin.get("/organization/couplingseries"))
    assert shop.admin.get(f"/organization/couplingseries?hoseId={shop.hose}") == ["PC"]
    assert shop.admin.get(f"/organization/couplingseries?hoseId={shop.hose}&brand=Parker") == []
    assert shop.admin.post("/crimpfittings/sizes", {"hoseId": shop.hose}) == {
        "hoseSizes": ["-08"],
        "dashSizes": ["-08"],
    }
    bare = shop.make_hose("BARE-08", crimpSpecs=[])
    assert shop.admin.get(f"/organization/couplingseries?hoseId={bare}") == []
    assert shop.admin.post("/crimpfittings/sizes", {"hoseId": bare}) == {"hoseSizes": [], "dashSizes": []}
    shop.admin.get(f"/organization/couplingseries?hoseId={'f' * 24}", 404)
    shop.admin.get("/organization/couplingseries?hoseId=x", 400)


def test_no_fitting_goes_with_a_hose_of_unknown_size(own_shop: Shop) -> None:
    odd = own_shop.make_hose("ODD", size="odd")
    own_shop.make_end("ODD-END", 10, hoseSize="odd", dashSize="-08")
    assert own_shop.admin.post("/crimpfittings/sizes", {"hoseId": odd}) == {"hoseSizes": [], "dashSizes": []}


# -- two documents, one state -----------------------------------------------------------------------------------------


def at_once(shop: Shop, path: str, bodies: list[Any], **headers: str) -> list[int]:
    async def work() -> list[int]:
        transport = httpx.ASGITransport(shop.served.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://server/api/v1") as client:
            head = {**shop.admin.person.headers, **{name.replace("_", "-"): text for name, text in headers.items()}}
            found = await asyncio.gather(*(client.post(path, json=body, headers=head) for body in bodies))
            return sorted(response.status_code for response in found)

    return shop.served.run(work())


def test_the_tag_is_that_of_both_documents(own_shop: Shop) -> None:
    shop = own_shop
    hose = shared_hose(shop, f"TAGGED-{shop.number}")
    first = shop.admin.send("GET", f"/hose/{hose}").headers["ETag"]
    path = f"/organization/hose/{hose}/update"
    second = shop.admin.send("POST", path, {"priority": "1"}, If_Match=first).headers["ETag"]
    assert second == shop.admin.send("GET", f"/hose/{hose}").headers["ETag"] != first
    shop.admin.send("POST", path, {"priority": "2"}, 412, If_Match=first)
    shop.admin.send("POST", path, {"priority": "3"}, If_Match=f'"x", {second}')
    shop.admin.send("POST", path, {"priority": "4"}, If_Match="*")
    assert shop.admin.get(f"/hose/{hose}")["priority"] == "4"
    assert shop.admin.send("GET", f"/hose/{shop.hose}/crimpspecs").headers["ETag"]


@pytest.mark.parametrize("kind", ["own", "shared", "first"])
def test_of_many_updates_of_one_state_one_wins_whole(own_shop: Shop, kind: str) -> None:
    """Some set a property, some the item's own field: both or neither, and only one caller's."""
    shop = own_shop
    hose = shop.hose if kind == "own" else shared_hose(shop, f"RACE-{kind}-{shop.number}")
    path = f"/organization/hose/{hose}/update"
    if kind == "shared":
        shop.admin.post(path, {"priority": "0"})
    tag = shop.admin.send("GET", f"/hose/{hose}").headers["ETag"]
    bodies: list[dict[str, str]] = [{"priority": f"writer {n}", "orgPartNumber": f"writer {n}"} for n in range(8)]
    if kind == "own":
        bodies = [{**body, **({"description": body["priority"]} if n % 2 else {})} for n, body in enumerate(bodies)]
    assert at_once(shop, path, bodies, If_Match=tag) == [200] + [412] * 7
    found = shop.admin.get(f"/hose/{hose}")
    assert found["priority"] == found["orgPartNumber"]
    if kind == "own":
        assert found.get("description") in (None, found["priority"])


def test_updates_without_a_state_all_count(own_shop: Shop) -> None:
    hose = shared_hose(own_shop, f"ALL-{own_shop.number}")
    bodies = [{"priority": "1"}, {"orgPartNumber": "N"}, {"listPrice": 7}, {"unitOfMeasure": "m"}, {"cost": 1}]
    assert at_once(own_shop, f"/organization/hose/{hose}/update", bodies) == [200] * 5
    found = own_shop.admin.get(f"/hose/{hose}")
    assert {name: found[name] for body in bodies for name in body} == {k: v for body in bodies for k, v in body.items()}


def test_one_s_own_figure_is_no_sample_any_more(own_shop: Shop) -> None:
    hose = shared_hose(own_shop, f"DEMO-{own_shop.number}")
    own_shop.say(hose, "hose", cost=1, listPrice=2, sampleData=["cost", "listPrice"], source="made up")
    path = f"/organization/hose/{hose}/update"
    assert own_shop.admin.post(path, {"listPrice": 3})["sampleData"] == ["cost"]
    assert "sampleData" not in own_shop.admin.post(path, {"cost": 2})


def test_deleted_items_are_not_found(own_shop: Shop) -> None:
    own_shop.change(ITEMS, own_shop.hose, deleted=True)
    own_shop.admin.get(f"/hose/{own_shop.hose}", 404)
    own_shop.admin.post(f"/organization/hose/{own_shop.hose}/update", {"cost": 1}, 404)
    assert numbers(own_shop, "") == [name for name in numbers(own_shop, "") if name != "2SN-08"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"organization": "1" * 24},
        {"crimpSpecs": [{"couplingSeries": "A", "notes": '{"couplingSeries":'}, {"couplingSeries": "B"}]},
        {"crimpSpecs": [{"notes": "first", "couplingSeries": "A"}]},
        {"crimpSpecs": []},
        {"description": '"crimpSpecs" "organization"'},
    ],
)
def test_what_passes_through_unread_is_the_document(fields: dict[str, Any]) -> None:
    item = {"_id": "2" * 24, "partNumber": "P", **fields}
    article = Article(Stored("2" * 24, 1, raw=orjson.dumps(item)), None)
    assert orjson.loads(article.json) == article.document

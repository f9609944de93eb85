"""Price lists: create, copy, change, delete; their items; who sees what."""

import re

import pytest
from price_shop import Shop

from brassleaf.pricing.models import PRICE_LIST_ITEMS
from support.world import World

UNKNOWN = "f" * 24
DEFAULTS = {
    "defaultCurrency": "USD",
    "listPricing": True,
    "defaultMarginPercentMaterials": 30,
    "defaultMarginPercentLabour": 40,
    "defaultDiscountPercentMaterials": 5,
    "defaultItemPricing": [
        {"itemType": "hose", "enabled": True, "listPricing": False, "defaultMarginPercent": 35},
        {"itemType": "ferrule", "defaultDiscountPercent": 12.5},
    ],
}
BREAKS = [{"quantity": 10, "price": 5.4}, {"quantity": 50, "discountPercent": 12.5}]


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


def test_a_list_is_kept_as_it_was_sent_under_a_number_of_its_own(shop: Shop) -> None:
    first, second = shop.price_list("Fleet", **DEFAULTS), shop.price_list("Walk-in")
    assert (first["priceListId"], second["priceListId"]) == ("PL-0001", "PL-0002")
    assert {name: first[name] for name in DEFAULTS} == DEFAULTS
    assert first["deleted"] is False
    assert shop.get(f"/pricelist/{first['_id']}") == first
    shop.post(f"/pricelist/{second['_id']}/delete")
    assert shop.price_list("Walk-in")["priceListId"] == "PL-0003"
    assert [entry["priceListId"] for entry in shop.get("/pricelists")["items"]] == ["PL-0001", "PL-0003"]
    assert shop.get("/pricelists?search[priceListId]=0003")["total"] == 1
    assert shop.get("/pricelistnames") == [
        {"_id": first["_id"], "priceListId": "PL-0001", "name": "Fleet"},
        {"_id": shop.get("/pricelists")["items"][1]["_id"], "priceListId": "PL-0003", "name": "Walk-in"},
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": None}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "FLEET "}, "name"),
        ({"name": "x", "defaultCurrency": "dollars"}, "defaultCurrency"),
        ({"name": "x", "defaultCurrency": "CHF"}, "defaultCurrency"),  # without a rate
        ({"name": "x", "defaultMarginPercentMaterials": 100}, "defaultMarginPercentMaterials"),
        ({"name": "x", "defaultDiscountPercentMaterials": 101}, "defaultDiscountPercentMaterials"),
        (
            {"name": "x", "defaultItemPricing": [{"defaultMarginPercent": "7"}]},
            "defaultItemPricing[0].defaultMarginPercent",
        ),
        ({"name": "x", "listPriceId": "x"}, "listPriceId"),
    ],
)
def test_what_cannot_be_a_list_is_refused(shop: Shop, body: dict[str, object], field: str) -> None:
    shop.price_list("Fleet")
    response = shop.ask("POST", "/pricelists/create", body)
    assert response.status_code == 400, response.text
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert shop.get("/pricelists")["total"] == 1


def test_a_copy_has_defaults_and_items_and_goes_its_own_way(shop: Shop) -> None:
    source = shop.price_list("Fleet", **DEFAULTS)
    shop.listed(source["_id"], shop.hose, listPrice=9, unitOfMeasure="ft", quantityBreaks=BREAKS)
    shop.listed(source["_id"], shop.fitting, listPrice=7, enabled=False)
    body = {"listPriceId": source["_id"], "defaultDiscountPercentMaterials": None, "defaultCurrency": "EUR"}
    copy = shop.price_list("Copy", **body)
    kept = {name: value for name, value in DEFAULTS.items() if name not in body}
    assert {name: copy.get(name) for name in DEFAULTS} == {
        **kept, "defaultCurrency": "EUR", "defaultDiscountPercentMaterials": None,
    }  # fmt: skip
    items = shop.get(f"/pricelist/{copy['_id']}?items=true")
    assert items["itemsTotal"] == len(items["items"]) == 2
    hose = next(entry for entry in items["items"] if entry["item"] == shop.hose)
    assert (hose["listPrice"], hose["quantityBreaks"], hose["recordSource"]) == (9, BREAKS, "copy")
    assert (hose["brand"], hose["partNumber"]) == shop.article(shop.hose)
    shop.listed(copy["_id"], shop.hose, listPrice=1)
    assert shop.get(f"/pricelist/{source['_id']}/item/{shop.hose}")["listPrice"] == 9
    response = shop.ask("POST", "/pricelists/create", {"name": "Other", "listPriceId": UNKNOWN})
    assert response.status_code == 404
    assert response.json()["errors"][0]["field"] == "listPriceId"
    before = shop.world.dump(shop.organization)
    assert shop.ask("POST", "/pricelists/create", {"name": "fleet", "listPriceId": source["_id"]}).status_code == 400
    assert shop.world.dump(shop.organization) == before


def test_updates_leave_replace_and_clear(shop: Shop) -> None:
    made = shop.price_list("Fleet", **DEFAULTS)
    path = f"/pricelist/{made['_id']}"
    changed = shop.post(
        f"{path}/update", {"params": {"listPricing": None, "defaultItemPricing": [{"itemType": "wrap"}]}}
    )
    assert "listPricing" not in changed
    assert changed["defaultItemPricing"] == [{"itemType": "wrap"}]
    assert changed["defaultCurrency"] == "USD"
    assert shop.post(f"{path}/update", {"name": "FLEET"})["name"] == "FLEET"  # its own name is not taken
    shop.price_list("Other")
    for name in ("other", None, ""):
        response = shop.ask("POST", f"{path}/update", {"name": name})
        assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "name")
    assert shop.ask("POST", f"/pricelist/{UNKNOWN}/update", {}).status_code == 404


def test_a_deleted_list_takes_its_items_along_and_gives_its_name_free(shop: Shop) -> None:
    made = shop.price_list("Fleet")
    path = f"/pricelist/{made['_id']}"
    shop.listed(made["_id"], shop.hose, listPrice=9)
    shop.post(f"{path}/delete")
    for asked in (path, f"{path}/item/{shop.hose}"):
        assert shop.ask("GET", asked).status_code == 404
    assert shop.ask("POST", f"{path}/delete").status_code == 404
    assert shop.ask("POST", f"{path}/item/{shop.hose}/update", {"listPrice": 1}).status_code == 404
    items = [entry for entry in shop.world.dump(shop.organization) if entry.collection == "priceListItems"]
    assert [entry.document["deleted"] for entry in items] == [True]
    assert items[0].document["deletedBy"]
    shop.price_list("fleet")
    gone = shop.get("/pricelists?updatedSince=1970-01-01T00:00:00Z")["items"]
    assert [entry["_id"] for entry in gone if entry["deleted"]] == [made["_id"]]


def test_a_delete_that_was_cut_off_is_completed_by_another(shop: Shop) -> None:
    made = shop.price_list("Fleet")
    shop.listed(made["_id"], shop.hose, listPrice=9)
    items = [entry.document for entry in shop.world.dump(shop.organization) if entry.collection == "priceListItems"]
    shop.post(f"/pricelist/{made['_id']}/delete")
    shop.world.change(PRICE_LIST_ITEMS, shop.organization.id, items[0]["_id"], deleted=False)
    assert shop.ask("POST", f"/pricelist/{made['_id']}/delete").status_code == 404
    after = [entry.document for entry in shop.world.dump(shop.organization) if entry.collection == "priceListItems"]
    assert [entry["deleted"] for entry in after] == [True]


def test_an_item_is_said_changed_and_taken_out(shop: Shop) -> None:
    path = f"/pricelist/{shop.price_list('Fleet')['_id']}/item/{shop.hose}"
    assert shop.ask("GET", path).status_code == 404
    assert shop.ask("POST", f"{path}/delete").status_code == 404
    assert shop.ask("POST", f"{path}/update", {}, headers={"If-Match": '"7"'}).status_code == 412
    made = shop.post(f"{path}/update", {"listPrice": 9.5, "unitOfMeasure": "ft", "quantityBreaks": BREAKS})
    assert (made["itemType"], made["enabled"], made["recordSource"]) == ("hose", True, "api")
    changed = shop.post(f"{path}/update", {"quantityBreaks": [], "currency": "EUR"})
    assert "quantityBreaks" not in changed
    assert (changed["listPrice"], changed["currency"], changed["created"]) == (9.5, "EUR", made["created"])
    assert shop.get(path) == changed
    shop.post(f"{path}/delete")
    assert shop.ask("GET", path).status_code == 404
    again = shop.post(f"{path}/update", {"listPrice": 3})
    assert (again["listPrice"], again["_id"]) == (3, made["_id"])
    assert "currency" not in again
    other = path.replace(shop.hose, UNKNOWN)
    assert shop.ask("POST", f"{other}/update", {"listPrice": 3}).status_code == 404


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (
            {"quantityBreaks": [{"quantity": 10, "price": 1}, {"quantity": 10, "price": 2}]},
            ["quantityBreaks[1].quantity"],
        ),
        (
            {"quantityBreaks": [{"quantity": 10, "price": 1}, {"quantity": 9, "price": 2}]},
            ["quantityBreaks[1].quantity"],
        ),
        ({"quantityBreaks": [{"quantity": 1}]}, ["quantityBreaks[0]"]),
        ({"quantityBreaks": [{"quantity": 1, "price": 1, "discountPercent": 1}]}, ["quantityBreaks[0]"]),
        ({"quantityBreaks": [{"quantity": 0, "price": 1}]}, ["quantityBreaks[0].quantity"]),
        ({"quantityBreaks": [{"price": 1}]}, ["quantityBreaks[0].quantity"]),
        ({"quantityBreaks": [{"quantity": 1, "price": -1}]}, ["quantityBreaks[0].price"]),
        ({"quantityBreaks": [{"quantity": 1, "discountPercent": 101}]}, ["quantityBreaks[0].discountPercent"]),
        ({"quantityBreaks": [{"quantity": n + 1, "price": 1} for n in range(101)]}, ["quantityBreaks"]),
        ({"unitOfMeasure": "each"}, ["unitOfMeasure"]),
        ({"unitOfMeasure": "dozen"}, ["unitOfMeasure"]),
        ({"currency": "JPY"}, ["currency"]),
        ({"listPrice": "9"}, ["listPrice"]),
    ],
)
def test_prices_that_could_never_be_used_are_refused(shop: Shop, body: dict[str, object], fields: list[str]) -> None:
    path = f"/pricelist/{shop.price_list('Fleet')['_id']}/item/{shop.hose}"
    response = shop.ask("POST", f"{path}/update", body)
    assert response.status_code == 400, response.text
    assert [error["field"] for error in response.json()["errors"]] == fields
    assert shop.ask("GET", path).status_code == 404


def test_items_come_page_by_page(shop: Shop) -> None:
    made = shop.price_list("Fleet")
    for item in (shop.hose, shop.fitting):
        shop.listed(made["_id"], item, listPrice=9)
    path = f"/pricelist/{made['_id']}"
    pages = [shop.get(f"{path}?items=true&itemsPerPage=1&page={page}") for page in (1, 2, 3)]
    assert [len(page["items"]) for page in pages] == [1, 1, 0]
    assert {page["items"][0]["item"] for page in pages[:2]} == {shop.hose, shop.fitting}
    assert [(page["itemsTotal"], page["page"], page["itemsPerPage"]) for page in pages] == [
        (2, n, 1) for n in (1, 2, 3)
    ]
    assert "items" not in shop.get(path)
    for query in ("page=0", "itemsPerPage=1001", "items=perhaps"):
        assert shop.ask("GET", f"{path}?items=true&{query}").status_code == 400


def test_a_mirror_follows_the_prices_of_a_list(shop: Shop) -> None:
    """A changed price leaves the price list itself as it is: its items are a list of their own to follow."""
    made, other = shop.price_list("Fleet"), shop.price_list("Walk-in")
    bare = shop.post("/otheritems/create", {"partNumber": "W1"})["_id"]  # an own item may have no brand
    for item in (shop.hose, shop.fitting, bare):
        shop.listed(made["_id"], item, listPrice=9)
    shop.listed(other["_id"], shop.hose, listPrice=5)
    path = f"/pricelist/{made['_id']}"
    known = shop.get(f"{path}/items?updatedSince=1970-01-01&after=")
    assert [row["item"] for row in known["items"]] == [shop.hose, shop.fitting, bare]
    assert (known["items"][0]["brand"], known["items"][0]["partNumber"]) == shop.article(shop.hose)
    assert known["items"][2]["partNumber"] == "W1"
    assert [row["_id"] for row in shop.get(f"{path}/items")["items"]] == [row["_id"] for row in known["items"]]
    assert [row["item"] for row in shop.get(f"{path}/items?itemType=hose&itemType=wrap")["items"]] == [shop.hose]
    assert [row["item"] for row in shop.get(f"{path}/items?item={bare}&item={UNKNOWN}")["items"]] == [bare]
    sheet = shop.get(path)
    shop.listed(made["_id"], shop.fitting, listPrice=8.5)
    shop.post(f"{path}/item/{bare}/delete")
    assert shop.get(path) == sheet
    since = shop.get(f"{path}/item/{shop.fitting}")["lastModified"]
    news = shop.get(f"{path}/items?updatedSince={since}&after=")
    assert [(row["item"], row["listPrice"], row["deleted"]) for row in news["items"]] == [
        (shop.fitting, 8.5, False), (bare, 9, True),
    ]  # fmt: skip
    assert news["updatedSince"] < since  # the stamp to send the next time
    shop.post(f"{path}/delete")
    for gone in (path, path.replace(made["_id"], UNKNOWN)):
        assert shop.ask("GET", f"{gone}/items?includeDeleted=true").status_code == 404
    assert shop.ask("GET", f"/pricelist/{other['_id']}/items?item=hose").json()["errors"][0]["field"] == "item"


def test_margins_are_for_admins(shop: Shop) -> None:
    made = shop.price_list("Fleet", **DEFAULTS)
    for who in ("regular", "restricted"):
        for path in (f"/pricelist/{made['_id']}", f"/pricelist/{made['_id']}?items=true", "/pricelists"):
            response = shop.ask("GET", path, who=who)
            assert response.status_code == 200
            assert not re.search("margin", response.text, re.IGNORECASE)
        assert shop.ask("POST", "/pricelists/create", {"name": "x"}, who=who).status_code == 403
    assert shop.ask("GET", "/pricelists", who="customer").status_code == 403


def _refused(shop: Shop, path: str, body: object) -> list[str]:
    response = shop.ask("POST", path, body)
    assert response.status_code == 400, response.text
    return [error["field"] for error in response.json()["errors"]]


def test_the_default_price_list_of_the_organization_is_one_that_is_there(shop: Shop, world: World) -> None:
    trade = shop.price_list("Trade")
    for wrong in ("garbage", trade["priceListId"], "Trade", UNKNOWN, world.b.standing["priceList"]):
        assert _refused(shop, "/organization/update", {"defaultPriceList": wrong}) == ["defaultPriceList"]
    shop.post("/organization/update", {"defaultPriceList": trade["_id"].upper()})
    assert shop.get("/organization")["defaultPriceList"] == trade["_id"]
    shop.post(f"/pricelist/{shop.price_list('Other')['_id']}/delete")
    assert shop.get("/organization")["defaultPriceList"] == trade["_id"]
    shop.post(f"/pricelist/{trade['_id']}/delete")
    assert shop.get("/organization").get("defaultPriceList") is None


def test_a_customer_whose_price_list_is_gone_can_be_sent_back_as_it_was_read(shop: Shop) -> None:
    trade = shop.price_list("Trade")["_id"]
    path = f"/customer/{shop.customer(name='Old', priceList=trade)}"
    shop.post(f"/pricelist/{trade}/delete")
    assert shop.post(f"{path}/update", {**shop.get(path), "city": "Ulm"})["city"] == "Ulm"
    other = shop.customer(name="New")
    assert _refused(shop, f"/customer/{other}/update", {"priceList": trade}) == ["priceList"]

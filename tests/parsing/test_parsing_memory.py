"""What a parse remembers is never out of date: whatever is written, by whomever, the very next parse knows."""

from typing import Any

from hose_shop import Client, Shop

from brassleaf.catalog.models import ITEMS
from brassleaf.organizations.models import ORGANIZATIONS
from brassleaf.store.sqlite import SqliteStore

EXAMPLE = "1/2 2SN x 36 in, 8FJX x 8MJ"


def parse(client: Client, text: str = EXAMPLE, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.post("/hoseassemblies/parse", {"text": text, **more})
    return found


def candidates(found: dict[str, Any], role: str) -> list[str]:
    return [one["item"] for one in found["candidates"][role]]


# -- one process ------------------------------------------------------------------------------------------------------


def test_what_was_just_made_is_found_and_what_was_just_deleted_is_not(own_shop: Shop) -> None:
    shop = own_shop
    assert candidates(parse(shop.admin), "hose") == [shop.hose]
    hose = shop.make_hose("0-FIRST")
    assert set(candidates(parse(shop.admin), "hose")) == {shop.hose, hose}
    end = shop.make_end("0-8FJX", 38.1, style="JIC 37", dashSize="-08", gender="female")
    assert set(candidates(parse(shop.admin), "end1")) == {shop.end1, end}
    shop.change(ITEMS, hose, deleted=True)
    shop.change(ITEMS, end, deleted=True)
    found = parse(shop.admin)
    assert (candidates(found, "hose"), candidates(found, "end1")) == ([shop.hose], [shop.end1])


def test_what_was_just_switched_off_or_on_is_seen(own_shop: Shop) -> None:
    shop, path = own_shop, f"/organization/crimpfitting/{own_shop.end1}/update"
    for available in (True, False, True):
        shop.admin.post(path, {"available": available})
        assert (shop.end1 in candidates(parse(shop.admin), "end1")) is available


def test_a_number_that_was_just_given_is_read(own_shop: Shop) -> None:
    shop, text = own_shop, "1/2 2SN x 36 in, QQ-4712 x 8MJ"
    assert parse(shop.admin, text)["result"]["end1"] != shop.end1
    shop.admin.post(f"/organization/crimpfitting/{shop.end1}/update", {"orgPartNumber": "QQ-4712"})
    assert parse(shop.admin, text)["result"]["end1"] == shop.end1


def test_prices_ferrules_and_settings_are_those_of_now(own_shop: Shop) -> None:
    shop = own_shop
    assert parse(shop.admin)["price"]["netPrice"] == 42.10  # domain.md section 9
    # 32.25 in of hose at 10.00 for a foot are 26.875, which at 6.40 were 17.20
    shop.admin.post(f"/organization/hose/{shop.hose}/update", {"listPrice": 10})
    assert parse(shop.admin)["price"]["netPrice"] == 51.78
    shop.change(ITEMS, shop.ferrule, deleted=True)
    assert "ferrule1" not in parse(shop.admin)["result"]
    assert parse(shop.admin, "1/2 2SN x 36 8FJX 8MJ")["result"]["lengthUnit"] == "in"
    shop.change(ORGANIZATIONS, shop.organization.id, defaultLengthUnit="mm")
    assert parse(shop.admin, "1/2 2SN x 36 8FJX 8MJ")["result"]["lengthUnit"] == "mm"


def test_the_shared_catalogue_is_that_of_now_for_every_organization(own_shop: Shop, shop: Shop) -> None:
    text = "2-1/2 R4 x 36 in"
    assert [candidates(parse(one.admin, text), "hose") for one in (own_shop, shop)] == [[], []]
    hose = own_shop.keep_item(
        "hose", "SUCTION-40", "Maker", {"size": "-40", "hoseDash": 40, "spec": "SAE 100R4"}, shared=True
    )
    assert [candidates(parse(one.admin, text), "hose") for one in (own_shop, shop)] == [[hose], [hose]]


def test_what_one_organization_has_is_not_remembered_for_another(own_shop: Shop, shop: Shop) -> None:
    hose = own_shop.make_hose("0-OWN")
    for _ in range(2):
        assert hose in candidates(parse(own_shop.admin), "hose")
        assert hose not in candidates(parse(shop.admin), "hose")


def test_makers_and_constructions_that_are_asked_for_are_kept_apart(own_shop: Shop) -> None:
    shop = own_shop
    other = shop.make_hose("8G2-ES", brand="Other", crimpSpecs=[])
    texts = [EXAMPLE, f"{EXAMPLE} Other", EXAMPLE.replace("2SN", "2 wire"), EXAMPLE.replace("2SN", "")]
    texts += [text.replace("2SN", "8G2-ES") for text in texts[:2]]

    asked = [(text, brand) for text in texts for brand in (None, "Gates", "Other")]

    def answers(*, cold: bool) -> list[dict[str, Any]]:
        found = []
        for number, (text, brand) in enumerate(asked):
            if cold:  # the first after a write, which shows in no answer
                shop.admin.post(f"/organization/hose/{other}/update", {"cost": number})
            found.append(parse(shop.admin, text, brand=brand))
        return found

    cold = answers(cold=True)
    assert answers(cold=False) == answers(cold=False) == cold
    assert len({str(one["candidates"]) for one in cold}) > len(texts)


# -- several processes ------------------------------------------------------------------------------------------------


def test_what_another_process_writes_is_seen_at_once(own_shop: Shop) -> None:
    shop = own_shop
    before = parse(shop.admin)

    async def replaced(store: SqliteStore) -> str:
        items = store.repository(ITEMS, shop.organization.id)
        hose = await items.get(shop.hose)
        assert hose is not None
        made = await items.insert({**hose.document, "_id": "e" * 24, "partNumber": "0-ELSEWHERE"})
        await items.replace(hose, {**hose.document, "deleted": True})
        return made.id

    made = shop.elsewhere(replaced)
    after = parse(shop.admin)
    assert (candidates(before, "hose"), candidates(after, "hose")) == ([shop.hose], [made])

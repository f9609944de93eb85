"""Customers, price lists, imports and the audit trail over HTTP on a server that speaks MongoDB's wire protocol."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from brassleaf.operations.founding import found
from support.examples import workbook_of
from support.served import serving

API = "/api/v1"


@pytest.fixture
def shop(tmp_path: Path, wire: Any) -> Iterator[httpx.Client]:
    """An admin's client of a fresh shop on a database of its own."""
    with wire.database() as name:
        address, question, options = wire.url.partition("?")
        store = f"{address.rstrip('/')}/{name}{question}{options}"
        with serving(tmp_path, store=store, mongo_standalone=wire.standalone) as made, made.client() as client:
            founded = made.run(found(made.store, "Mongo shop", "boss@shop.example", {}))
            sent = {"grantType": "password", "email": "boss@shop.example", "password": founded.password}
            token = client.post("/security/v1/token", json=sent)
            assert token.status_code == 200, token.text
            client.headers["Authorization"] = f"Bearer {token.json()['securityToken']}"
            yield client


def _post(client: httpx.Client, path: str, **body: Any) -> Any:
    response = client.post(f"{API}{path}", json=body)
    assert response.status_code in (200, 201), response.text
    return response.json()


def _get(client: httpx.Client, path: str) -> Any:
    response = client.get(f"{API}{path}")
    assert response.status_code == 200, response.text
    return response.json()


def _import(client: httpx.Client, rows: list[tuple[Any, ...]]) -> dict[str, int]:
    content = workbook_of("Customer items", rows)
    answer = client.post(
        f"{API}/customers/items/import", files={"file": ("i.xlsx", content, "application/octet-stream")}
    )
    assert answer.status_code == 200, answer.text
    return {name: answer.json()[name] for name in ("created", "updated", "unchanged", "failed")}


def test_a_shop_on_mongodb(shop: httpx.Client) -> None:
    price_list = _post(shop, "/pricelists/create", name="Fleet", defaultCurrency="USD")
    made = [
        _post(shop, "/customers/create", name=name, erpId=f"M-{place}", city=city, priceList=price_list["_id"])
        for place, (name, city) in enumerate([("Acme", "Leeds"), ("Bolt", "Hull"), ("Zeta", "LEEDS")])
    ]
    assert [entry["name"] for entry in _get(shop, "/customers?search[name]=O")["items"]] == ["Bolt"]
    assert _get(shop, "/customers?itemsPerPage=1&page=3")["items"][0]["_id"] == made[2]["_id"]
    assert shop.post(f"{API}/customers/create", json={"erpId": "m-1"}).status_code == 400
    changed = _post(shop, f"/customer/{made[0]['_id']}/update", comments="new")
    since = made[2]["lastModified"]
    assert made[0]["_id"] in [entry["_id"] for entry in _get(shop, f"/customers?updatedSince={since}")["items"]]

    spec = {"couplingSeries": "S", "couplingSeriesBrand": "Own", "crimpDiam": {"value": 28, "unit": "mm"}}
    pressure = {"value": 250, "unit": "bar"}
    same = {"brand": "Own", "workingPressure": pressure}
    hose = _post(shop, "/hoses/create", partNumber="H-8", size="-8", crimpSpecs=[spec], **same)
    head = ("Customer", "Brand", "Part number", "Net price", "Net price currency", "Net price unit of measure")
    rows = [head, ("Acme", "own", "H-8", 3, "USD", "ft"), ("M-1", "Own", "h-8", 4, "USD", "ft")]
    assert _import(shop, rows) == {"created": 2, "updated": 0, "unchanged": 0, "failed": 0}
    rows = [head, ("Acme", "own", "H-8", 3, "USD", "ft"), ("M-1", "Own", "H-8", 5, "USD", "ft")]
    assert _import(shop, rows) == {"created": 0, "updated": 1, "unchanged": 1, "failed": 0}
    (agreed,) = _get(shop, f"/customer/{made[1]['_id']}/items")["items"]
    assert (agreed["netPrice"], agreed["item"], agreed["recordSource"]) == (5, hose["_id"], "import")

    ends = {"hoseSize": "-8", "dashSize": "-8", "series": "S", "cutOffmm": 20, "overallLengthmm": 50}
    end = _post(shop, "/crimpfittings/create", partNumber="F-8", **ends, **same)["_id"]
    asked = {"hoseId": hose["_id"], "end1Id": end, "end2Id": end, "length": 24, "lengthUnit": "in", "quantity": 1}
    priced = _post(shop, "/hoseassembly/price", customerOrgId=made[1]["_id"], **asked)
    assert next(line["unitPrice"] for line in priced["items"] if line["item"] == hose["_id"]) == 5

    actions = [(entry["action"], entry["revision"]) for entry in _get(shop, f"/audit/{agreed['_id']}")["items"]]
    assert actions == [("changed", 2), ("created", 1)]
    (update, _) = _get(shop, f"/audit/{changed['_id']}")["items"]
    assert update["after"] == {"comments": "new"}
    assert _post(shop, f"/customer/{made[1]['_id']}/delete")["success"] is True
    assert _get(shop, "/customers")["total"] == 2
    assert [entry["name"] for entry in _get(shop, "/pricelists")["items"]] == ["Fleet"]

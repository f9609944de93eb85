"""A hose shop with the figures of domain.md's worked examples, behind the real server; a new one for each test.

Hose -08 at 6.40/ft and 0.30 lb/ft, ends with cut-offs of 1.50 and 2.25 in at 7.85 and 0.22 lb, ferrules at 2.10 and
0.08 lb, labour 5.00: 36 in overall make 32.25 in of hose (section 3), 42.10 (section 9) and 1.40625 lb (section 7).
"""

import asyncio
import io
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import openpyxl
import pytest
from pypdf import PdfReader

from brassleaf.app import COLLECTIONS
from brassleaf.catalog.crimpfittings.models import CRIMP_FITTING
from brassleaf.catalog.hoses.models import HOSE
from brassleaf.catalog.kinds import Kind
from brassleaf.catalog.models import ITEM_PROPERTIES, ITEMS
from brassleaf.catalog.registry import KINDS
from brassleaf.catalog.service import properties_id
from brassleaf.customers.items.models import CUSTOMER_ITEMS, pair_id
from brassleaf.pricing.models import PRICE_LIST_ITEMS, PRICE_LISTS
from brassleaf.security.caller import Caller
from brassleaf.store.collections import SHARED, Collection
from brassleaf.store.records import new_document
from brassleaf.store.sqlite import SqliteStore
from support.served import Served
from support.world import Organization, Person, World

T = TypeVar("T")
COSTS = {"hose": 3.111, "end1": 4.222, "end2": 4.222, "ferrule1": 0.777, "ferrule2": 0.777}
SPEC = {
    "couplingSeries": "PC",
    "couplingSeriesBrand": "Gates",
    "ferruleBrand": "Gates",
    "ferrulePartNumber": "8PC2F",
    "dieSize": "P32/45",
    "insertLength": {"value": 38, "unit": "mm"},
    "crimpDiam": {"value": 31.62, "unit": "mm", "tolerance": 0.15},
}
HOSE_PRICES = {"listPrice": 6.4, "unitOfMeasure": "ft", "cost": COSTS["hose"]}
END_PRICES = {"listPrice": 7.85, "cost": COSTS["end1"]}
WRAP = {"size": "25", "innerDiammm": 25, "weightPerLength": {"value": 0.1, "unit": "lb/ft"}}
_numbers = itertools.count(1)


def _hose(number: str, **fields: Any) -> dict[str, Any]:
    return {
        "partNumber": number,
        "brand": "Gates",
        "size": "-08",
        "spec": "EN 853 2SN",
        "outerDiammm": 22.1,
        "workingPressure": {"value": 4000, "unit": "psi"},
        "weightPerLength": {"value": 0.3, "unit": "lb/ft"},
        "crimpSpecs": [SPEC],
        **fields,
    }


def _end(number: str, cut_off: float | None, **fields: Any) -> dict[str, Any]:
    return {
        "partNumber": number,
        "brand": "Gates",
        "hoseSize": "-08",
        "series": "PC",
        "shape": "straight",
        "cutOffmm": cut_off,
        "weightLbs": 0.22,
        "workingPressure": {"value": 3000, "unit": "psi"},
        **fields,
    }


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


@dataclass(frozen=True, slots=True)
class Client:
    """One person's requests; every answer is checked against its declared model by the world's client."""

    world: World
    person: Person
    more: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> httpx.Response:
        options: dict[str, Any] = {} if method == "GET" else {"json": {} if body is None else body}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.world.client.request(
            method, "/api/v1" + path, headers={**self.person.headers, **self.more, **named}, **options
        )
        assert response.status_code == status, f"{method} {path} {body}: {response.status_code} {response.text[:2000]}"
        return response

    def get(self, path: str, status: int = 200, **headers: str) -> Any:
        return self.send("GET", path, None, status, **headers).json()

    def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        return self.send("POST", path, body, status, **headers).json()

    def refused(self, path: str, body: Any = None, status: int = 400, **headers: str) -> dict[str, list[str]]:
        """The refusal of a POST: its messages by field."""
        found: dict[str, list[str]] = {}
        for error in self.post(path, body, status, **headers)["errors"]:
            found.setdefault(error["field"], []).append(error["message"])
        return found

    def pdf(self, path: str, body: Any = None) -> str:
        content = self.send("POST", path, body).content
        return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)

    def sheet(self, path: str, body: Any) -> list[dict[str, Any]]:
        """The rows of a workbook by their headers."""
        workbook = openpyxl.load_workbook(io.BytesIO(self.send("POST", path, body).content))
        assert workbook.active is not None
        head, *rows = list(workbook.active.iter_rows(values_only=True))
        return [dict(zip(head, row, strict=True)) for row in rows]


class Shop:
    """One organization with a hose, two ends, a ferrule and a wrap."""

    def __init__(self, world: World, **settings: Any) -> None:
        self.world = world
        self.served: Served = world.served
        self.number = next(_numbers)
        fields = {
            "name": f"Shop {self.number}",
            "labourPrice": 5,
            "labourCost": 1.999,
            "currencies": [{"code": "CAD", "rate": 1.35}, {"code": "JPY", "rate": 150}],
            **settings,
        }
        stored = self.served.run(self.served.parts.organizations.create(fields, "founder"))
        self.organization = Organization(stored.id, f"Shop{self.number}")
        self.admin = self.as_("admin")
        self.hose, self.end1, self.end2, self.bent1, self.bent2 = self.served.run(self._stocked())
        self.ferrule = self.keep_item(
            "ferrule", "8PC2F", "Gates", {"size": "-08", "hoseDash": 8, "weightLbs": 0.08}, listPrice=2.1, cost=0.777
        )
        self.wrap = self.keep_item("wrap", "SG-25", "Guard", WRAP, listPrice=1)

    async def _stocked(self) -> list[str]:
        """Hose and ends by the catalogue's own service, all at once: over HTTP it would take four times as long."""
        catalogue = self.served.parts.catalogue
        caller = Caller(self.organization.id, "admin", "user", "0" * 24, "test", "test")

        async def made(kind: Kind, body: dict[str, Any], prices: dict[str, Any]) -> str:
            item = (await catalogue.create(caller, kind, kind.create.model_validate(body))).item.id
            await catalogue.update(caller, kind, item, prices, None)
            return str(item)

        us = {"style": "JIC 37", "dashSize": "-08"}
        ends = (
            _end("8PC-8FJX", 38.1, **us, gender="female", swivel="swivel"),
            _end("8PC-8MJ", 57.15, **us, gender="male"),
            _end("8PC-8FJX90", 38.1, shape="90", style="JIC 37", gender="female"),
            _end("8PC-8FJX45", 57.15, shape="45", style="JIC 37", gender="female"),
        )
        return list(
            await asyncio.gather(
                made(HOSE, _hose("2SN-08"), HOSE_PRICES), *(made(CRIMP_FITTING, end, END_PRICES) for end in ends)
            )
        )

    # -- who ------------------------------------------------------------------------------------------------------

    def as_(self, role: Any) -> Client:
        return Client(self.world, self.world.user(self.organization, role))

    def customer_key(self, *customers: str | None) -> list[Client]:
        """One customer key, acting for each of these customers."""
        key = self.world.key(self.organization, "customer")
        return [Client(self.world, key, {"apiCustomerId": one} if one else {}) for one in customers]

    def customer(self, **fields: Any) -> str:
        made = self.admin.post("/customers/create", {"name": f"Customer {next(_numbers)}", **fields}, 201)
        return str(made["_id"])

    # -- what is there ----------------------------------------------------------------------------------------------

    def make_hose(self, number: str, **fields: Any) -> str:
        made = self.admin.post("/hoses/create", _hose(number, **fields), 201)
        self.admin.post(f"/organization/hose/{made['_id']}/update", HOSE_PRICES)
        return str(made["_id"])

    def make_end(self, number: str, cut_off: float | None, **fields: Any) -> str:
        made = self.admin.post("/crimpfittings/create", _end(number, cut_off, **fields), 201)
        self.admin.post(f"/organization/crimpfitting/{made['_id']}/update", END_PRICES)
        return str(made["_id"])

    def keep(
        self, collection: Collection, fields: dict[str, Any], id_: str | None = None, *, shared: bool = False
    ) -> str:
        """A document straight into the store."""
        document = {**new_document(fields, "test"), **fields, **({"_id": id_} if id_ else {})}
        repository = self.served.store.repository(collection, SHARED if shared else self.organization.id)
        return self.served.run(repository.insert(document)).id

    def keep_item(
        self, item_type: str, number: str, brand: str, fields: dict[str, Any], *, shared: bool = False, **said: Any
    ) -> str:
        """An item of a kind that has no endpoint yet, or of the shared catalogue."""
        own = {} if shared else {"organization": self.organization.id}
        needed = {*KINDS[item_type].required} - {"partNumber", "brand"}
        assert not shared or needed <= fields.keys(), "other tests meet it in their lists"
        item = self.keep(
            ITEMS, {"itemType": item_type, "partNumber": number, "brand": brand, **own, **fields}, shared=shared
        )
        if said:
            self.say(item, item_type, **said)
        return item

    def say(self, item: str, item_type: str, **said: Any) -> None:
        id_ = properties_id(self.organization.id, item)
        self.keep(ITEM_PROPERTIES, {"item": item, "itemType": item_type, "available": True, **said}, id_)

    def change(self, collection: Collection, id_: str, **fields: Any) -> None:
        """A document changed straight in the store."""
        self.world.change(collection, self.organization.id, id_, **fields)

    def elsewhere(self, work: Callable[[SqliteStore], Awaitable[T]]) -> T:
        """What work makes with a store of its own on the same file, as another worker process has one."""

        async def run() -> T:
            store = SqliteStore(self.served.settings.embedded_file)
            await store.open(COLLECTIONS)
            try:
                return await work(store)
            finally:
                await store.close()

        return asyncio.run(run())

    def price_list(self, items: dict[str, dict[str, Any]], **fields: Any) -> str:
        listed = self.keep(PRICE_LISTS, {"name": f"List {next(_numbers)}", **fields})
        for item, said in items.items():
            self.keep(PRICE_LIST_ITEMS, {"priceList": listed, "item": item, **said}, pair_id(listed, item))
        return listed

    def agree(self, customer: str, item: str, **said: Any) -> None:
        self.keep(CUSTOMER_ITEMS, {"customer": customer, "item": item, **said}, pair_id(customer, item))

    # -- what is made -------------------------------------------------------------------------------------------------

    def body(self, **fields: Any) -> dict[str, Any]:
        """A new assembly of the worked example."""
        made = {
            "partNumber": f"HA-{next(_numbers)}",
            "hose": self.hose,
            "end1": self.end1,
            "end2": self.end2,
            "length": 36,
            "lengthUnit": "in",
            **fields,
        }
        return {name: value for name, value in made.items() if value is not ...}

    def assembly(self, **fields: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.admin.post("/hoseassemblies/create", {"params": self.body(**fields)})
        return found

    def form(self, **fields: Any) -> dict[str, Any]:
        """The price form of the worked example."""
        made = {
            "hoseId": self.hose,
            "end1Id": self.end1,
            "end2Id": self.end2,
            "length": 36,
            "lengthUnit": {"unit": "inch"},
            **fields,
        }
        return {name: value for name, value in made.items() if value is not ...}

    def price(self, **fields: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.admin.post("/hoseassembly/price", {"params": self.form(**fields)})
        return found


@pytest.fixture(scope="session")
def shop(world: World) -> Shop:
    """A shop with the usual settings, shared by tests that leave its catalogue as it is (their own parts aside)."""
    return Shop(world)


@pytest.fixture
def own_shop(world: World) -> Shop:
    """A shop whose catalogue a test may change."""
    return Shop(world)

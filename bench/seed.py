"""The data that is measured: the demo shop and 100,000 customers, made once and kept under .cache/bench."""

import asyncio
import hashlib
import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from brassleaf.app import COLLECTIONS
from brassleaf.assemblies.models import NewAssembly
from brassleaf.assemblies.service import AssemblyService
from brassleaf.catalog.models import ITEMS
from brassleaf.catalog.service import Catalogue
from brassleaf.customers.models import CUSTOMERS, CustomerChange
from brassleaf.demo.rows import BRAND
from brassleaf.demo.shop import load_copies, load_shop
from brassleaf.operations.founding import found
from brassleaf.operations.people import Users
from brassleaf.organizations.sequences import Sequences
from brassleaf.organizations.service import OrganizationService
from brassleaf.pricing.models import PRICE_LISTS
from brassleaf.pricing.service import Prices
from brassleaf.security.caller import Caller
from brassleaf.store.collections import SHARED
from brassleaf.store.port import Store, Stored
from brassleaf.store.query import Query, equal
from brassleaf.store.records import new_document
from brassleaf.store.sqlite import SqliteStore
from brassleaf.store.sqlite_schema import fingerprint

CUSTOMER_COUNT = 100_000
PRICE_LIST_COUNT = 1_000
ITEM_COUNT = 100_000
#: A folder and what one must know of it.
Data = tuple[Path, dict[str, Any]]
CACHE = Path(__file__).parent.parent / ".cache" / "bench"
DATABASE = "brassleaf.sqlite"
FACTS = "facts.json"

#: A term of which about ten customers have one in their name, one that one in nine has, and one of two letters.
RARE = "zephyrine"
FREQUENT = "hydraulic"
SHORT = "yz"
RARE_HITS = 10
#: As RARE, each with as many hits: what was counted for one term is not known for the next.
RARE_TERMS = [
    RARE,
    "quillon",
    "wexcombe",
    "ostrava",
    "pemmican",
    "ullswater",
    "farrago",
    "jubilant",
    "knurled",
    "vexil",
]

_FIRST = ["North", "South", "East", "West", "Grand", "Upper", "Lower", "Great", "New", "Old", "Royal", "Iron", "Stone"]
_PLACE = ["field", "haven", "ridge", "port", "wood", "ford", "bridge", "mill", "brook", "dale", "moor", "cliff", "hill"]
_TRADE = [
    "Hydraulic Supply", "Mining", "Plant Hire", "Forestry", "Agricultural Machines", "Quarries", "Fluid Power",
    "Marine Service", "Earthworks",
]  # fmt: skip
_FORM = ["Ltd", "GmbH", "Inc", "Pty", "AB", "SARL", "LLC", "BV"]
_STREETS = ["Foundry Lane", "Harbour Road", "Industrial Way", "Mill Street", "Station Road", "Quarry Hill"]
_CITIES = ["Duluth", "Eugene", "Sudbury", "Göteborg", "Bilbao", "Łódź", "Perth", "Hamburg", "Leeds", "Lyon"]
_COMMENTS = [
    "Call the workshop before delivery; gate closes at four.",
    "Orders in the morning ship the same day. Prefers crimp data on every sheet.",
    "Asks for test certificates with every assembly above 350 bar.",
    "",
]
_START = datetime(2023, 1, 1, tzinfo=UTC)


def customer(number: int, chance: random.Random) -> dict[str, Any]:
    """One customer: some 25 fields of its own and the audit fields."""
    place = chance.choice(_FIRST) + chance.choice(_PLACE)
    name = f"{place} {chance.choice(_TRADE)} {chance.choice(_FORM)} {number:06}"
    if number % (CUSTOMER_COUNT // RARE_HITS) < len(RARE_TERMS):
        name = f"{RARE_TERMS[number % (CUSTOMER_COUNT // RARE_HITS)].title()} {name}"
    elif chance.random() < 0.02:
        name = f"Ayz {name}"
    domain = f"{place.lower()}{number}.example.com"
    moment = (_START + timedelta(seconds=chance.randrange(10**8))).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    fields = {
        "name": name,
        "domain": domain,
        "erpId": f"ERP-{number:07}",
        "address1": f"{1 + number % 900} {chance.choice(_STREETS)}",
        "address2": f"Unit {1 + number % 40}",
        "city": chance.choice(_CITIES),
        "region": "Minnesota",
        "postalCode": f"{number % 100_000:05}",
        "country": "United States",
        "phoneNumber": f"+1 218-555-{number % 10_000:04}",
        "email": f"purchasing@{domain}",
        "website": f"https://{domain}",
        "comments": chance.choice(_COMMENTS),
        "defaultLengthUnit": "in",
        "defaultLengthUnitBillOfMaterials": "ft",
        "defaultPressureUnit": "psi",
        "defaultCurrency": "USD",
        "defaultTaxCode": "US-MN",
        "contactCustomerForResale": False,
        "listPricing": chance.random() < 0.7,
        "defaultMarginPercentMaterials": chance.randrange(200, 400) / 10,
        "defaultMarginPercentLabour": chance.randrange(300, 600) / 10,
        "defaultDiscountPercentHoses": chance.randrange(200) / 10,
        "defaultDiscountPercentCrimpFittings": chance.randrange(150) / 10,
        "defaultItemPricing": [
            {"itemType": "adaptor", "enabled": True, "defaultMarginPercent": 32.5, "defaultDiscountPercent": 4}
        ],
    }
    return {
        "_id": hashlib.sha256(f"bench|{number}".encode()).hexdigest()[:24],
        **{field: value for field, value in fields.items() if value != ""},
        "created": moment,
        "createdBy": "bench",
        "lastModified": moment,
        "lastModifiedBy": "bench",
        "deleted": False,
    }


def customers() -> Iterator[list[dict[str, Any]]]:
    """All of them, in batches; the same on every machine."""
    chance = random.Random(20_260_101)
    for start in range(0, CUSTOMER_COUNT, 5_000):
        yield [customer(number, chance) for number in range(start, start + 5_000)]


async def demo_items(store: Store) -> list[Stored]:
    """The items of the demo shop."""
    stream = store.repository(ITEMS, SHARED).stream(Query(equal("brand", BRAND)))
    return [entry async for batch in stream for entry in batch]


async def _make(path: Path) -> dict[str, Any]:
    store = SqliteStore(path)
    await store.open(COLLECTIONS)
    try:
        founder = await found(
            store, "Bench Shop", "admin@bench.example.com", {"labourPrice": 9.5, "labourCost": 4, "proofTestPrice": 6}
        )
        organization = founder.organization_id
        _, password = await Users(store, organization, "bench").create(
            "regular@bench.example.com", "regular", "Regular", None
        )
        await load_shop(store, organization)
        items = {str(entry["partNumber"]): entry.id for entry in await demo_items(store)}
        repository = store.repository(CUSTOMERS, organization)
        for batch in customers():
            await repository.insert_many(batch)
        price_lists = [
            new_document(
                {
                    "name": f"Price list {number:04}",
                    "priceListId": f"PB-{number:04}",
                    "defaultCurrency": "USD",
                    "listPricing": True,
                    "defaultMarginPercentMaterials": 30 + number % 7,
                    "defaultDiscountPercentMaterials": number % 9,
                },
                "bench",
            )
            for number in range(PRICE_LIST_COUNT)
        ]
        await store.repository(PRICE_LISTS, organization).insert_many(price_lists)
        buyer = batch[0]["_id"]
        CustomerChange.model_validate({name: value for name, value in batch[0].items() if name != "_id"})
        parts = {
            "hose": items["BL-2SN-08"],
            "end1": items["BC-08-FJX-08"],
            "end2": items["BC-08-FJX-08"],
            "ferrule1": items["BF-BC2-08"],
            "ferrule2": items["BF-BC2-08"],
        }
        catalogue, organizations = Catalogue(store), OrganizationService(store, PRICE_LISTS)
        assemblies = AssemblyService(
            store,
            catalogue,
            organizations,
            Prices(store),
            Sequences(store, organizations, {}),
        )
        caller = Caller(organization, "admin", "key", "0" * 24, "bench", "bench")
        wanted = {**parts, "partNumber": "BENCH-1", "length": 36, "lengthUnit": "in", "customerOrgId": buyer}
        stored = await assemblies.create(caller, NewAssembly.model_validate(wanted))
        return {
            "organization": organization,
            "key": founder.key,
            "keyName": founder.key_name,
            "email": "regular@bench.example.com",
            "password": password,
            "customer": buyer,
            "parts": parts,
            "assembly": stored.id,
        }
    finally:
        await store.close()


async def _make_catalogue(path: Path) -> dict[str, Any]:
    store = SqliteStore(path)
    await store.open(COLLECTIONS)
    try:
        founder = await found(store, "Bench Catalogue", "admin@bench.example.com")
        await load_shop(store, founder.organization_id)
        await load_copies(store, ITEM_COUNT, lambda *_: None)
        return {"organization": founder.organization_id, "key": founder.key, "keyName": founder.key_name}
    finally:
        await store.close()


def _version() -> str:
    """Changes with this file and with the declarations of what is stored."""
    text = Path(__file__).read_text("utf-8") + "".join(fingerprint(each) for each in COLLECTIONS)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def kept(name: str, said: str, make: Callable[[Path], Coroutine[Any, Any, dict[str, Any]]]) -> Data:
    """The folder of that name with what `make` puts into its database, and what that says one must know of it."""
    folder = CACHE / name / _version()
    facts = folder / FACTS
    if not facts.exists():
        if folder.parent.exists():
            shutil.rmtree(folder.parent)
        folder.mkdir(parents=True)
        print(f"Making {said} in {folder} (once) …", flush=True)
        found_facts = asyncio.run(make(folder / DATABASE))
        with closing(sqlite3.connect(folder / DATABASE)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        facts.write_text(json.dumps(found_facts), "utf-8")
    return folder, json.loads(facts.read_text("utf-8"))


def seeded() -> Data:
    """The folder with the data and what one must know of it; made where it is not there yet."""
    return kept("customers", f"{CUSTOMER_COUNT:,} customers", _make)


def seeded_catalogue() -> Data:
    """The same for the catalogue: the demo shop and items of invented brands."""
    return kept("catalogue", f"{ITEM_COUNT:,} items", _make_catalogue)

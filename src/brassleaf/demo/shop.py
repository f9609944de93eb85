"""Loads the demo shop: the shared catalogue, from CSV files and small tables, one organization's prices and customers.

Every document has an id that follows from what it is, so that a second load adds nothing and changes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from brassleaf.catalog.crimpfittings.models import CRIMP_FITTING, NewCrimpFitting
from brassleaf.catalog.hoses.models import HOSE, NewHose
from brassleaf.catalog.models import ITEM_PROPERTIES, ITEMS, CrimpSpec, PropertiesChange
from brassleaf.catalog.service import properties_id
from brassleaf.customers.items.models import pair_id
from brassleaf.customers.models import CUSTOMERS, CustomerChange
from brassleaf.demo import families, fittings, others
from brassleaf.demo.rows import BRAND, BY, Row, checked, lasting, number, rows
from brassleaf.demo.scale import copies
from brassleaf.operations.founding import found
from brassleaf.operations.people import Keys, Users, loopback
from brassleaf.pricing.models import PRICE_LIST_ITEMS, PRICE_LISTS
from brassleaf.security.principals import USERS
from brassleaf.store.collections import SHARED, Collection, Document
from brassleaf.store.port import Store, Stored
from brassleaf.store.query import Query, equal
from brassleaf.store.records import new_document
from brassleaf.trade.sizes import parse_hose_size

EMAIL = "demo@example.com"
KEY = "demo-tour"

#: What the demo shop charges and how it counts foreign money: all of it samples.
_SHOP: dict[str, Any] = {
    "labourPrice": 9.5,
    "labourCost": 4,
    "proofTestPrice": 6,
    "proofTestCost": 2.5,
    "burstTestPrice": 45,
    "burstTestCost": 25,
    "wrapPrice": 3.5,
    "wrapCost": 1.5,
    "currencies": [
        {"code": "EUR", "rate": 0.92},
        {"code": "GBP", "rate": 0.79},
        {"code": "CAD", "rate": 1.37},
        {"code": "AUD", "rate": 1.52},
        {"code": "SEK", "rate": 10.5},
    ],
}
_PRICE_LIST = "Demo fleet list"
_FILES = {"hose": "hoses", "crimpFitting": "crimpfittings", "ferrule": "ferrules", "wrap": "wraps"}
#: Columns that become another field, for the list of sample figures.
_RENAMED = {
    "weightKgPerM": "weightPerLength",
    "insertLengthmm": "insertLength",
    "crimpDiammm": "crimpDiam",
    "crimpTolerancemm": "crimpDiam",
    "tolerancePlusmm": "crimpDiam",
    "toleranceMinusmm": "crimpDiam",
    "crimpStretchPerEndmm": "crimpStretchPerEnd",
    "skiveExternalmm": "skiveExternal",
    "skiveInternalmm": "skiveInternal",
}
_NUMBERS = frozenset(
    {
        "innerDiammm", "outerDiammm", "minBendRadiusmm", "minTemperatureC", "maxTemperatureC", "cutOffmm",
        "overallLengthmm", "dropLengthmm", "weightLbs", "diametermm", "lengthmm",
    }
)  # fmt: skip

Ids = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Shop:
    """The demo shop's organization, and the credentials of this start."""

    organization: str
    email: str
    password: str
    key_name: str
    key: str


async def open_shop(store: Store) -> Shop:
    """The demo shop, made and loaded where it is not there yet; password and tour key are new each time."""
    there = await store.find(USERS, "email", EMAIL)
    if there is None or not there[1]["passwordHash"]:
        organization = (await found(store, "Brassleaf Demo Shop", EMAIL, _SHOP)).organization_id
    else:
        organization = there[0]
    await load_shop(store, organization)
    keys = Keys(store, organization, BY)
    for old in await keys.all():
        if old["name"] == KEY:
            await keys.delete(old.id)
    _, secret = await keys.create(KEY, "admin", loopback())
    _, password = await Users(store, organization, BY).set_password(EMAIL, None)
    return Shop(organization, EMAIL, password, KEY, secret)


async def load_shop(store: Store, organization: str) -> int:
    """Load what is missing; gives back how many documents that were."""
    items = list(catalogue())
    added = await _add(store, ITEMS, SHARED, items)
    ids = await _item_ids(store)
    prices = list(_prices(organization, items, ids))
    added += await _add(store, ITEM_PROPERTIES, organization, prices)
    named = {"name": _PRICE_LIST, "priceListId": "PL-0001"}
    price_list = lasting(f"{organization}|priceList", **named, defaultCurrency="USD", listPricing=True)
    added += await _add(store, PRICE_LISTS, organization, [price_list])
    added += await _add(store, PRICE_LIST_ITEMS, organization, list(_listed(str(price_list["_id"]), prices)))
    return added + await _add(store, CUSTOMERS, organization, list(_customers(organization)))


async def load_copies(store: Store, count: int, step: Callable[[int, int | None], None]) -> int:
    """Load what is missing of `count` more items, of invented brands; gives back how many that were.

    `step` is told after every batch how many of how many are there.
    """
    added = done = 0
    for batch in copies(list(catalogue()), count):
        added += await _add(store, ITEMS, SHARED, batch)
        done += len(batch)
        step(done, count)
    return added


async def _add(store: Store, collection: Collection, organization: str, documents: Sequence[Document]) -> int:
    repository = store.repository(collection, organization)
    there = await repository.get_many([str(document["_id"]) for document in documents])
    missing = [document for document in documents if document["_id"] not in there]
    # one that somebody made meanwhile, or keeps under another id, stays as it is
    return sum(isinstance(entry, Stored) for entry in await repository.insert_many(missing))


async def _item_ids(store: Store) -> Ids:
    stream = store.repository(ITEMS, SHARED).stream(Query(equal("brand", BRAND)))
    return {(str(entry["itemType"]), str(entry["partNumber"])): entry.id async for batch in stream for entry in batch}


def _samples(row: Row) -> list[str]:
    names = [_RENAMED.get(name, name) for name in row["sampleFields"].split(";") if name]
    return list(dict.fromkeys(names))


# -- the catalogue ----------------------------------------------------------------------------------------------------


def catalogue() -> Iterator[Document]:
    """Every item of the demo's catalogue: those of the files, then those of the tables."""
    known = set[str]()
    for item_type in _FILES:
        for item in _items(item_type):
            known.add(item["partNumber"])
            yield item
    made = (families.hoses(), families.ferrules(known), fittings.fittings(known), fittings.adaptors())
    for item in (*(item for part in made for item in part), *others.wraps(), *others.other_items()):
        yield lasting(f"{item['itemType']}|{item['partNumber']}", **item)


def _items(item_type: str) -> Iterator[Document]:
    specs: dict[str, list[Document]] = defaultdict(list)
    if item_type == "hose":
        for row in rows("crimpspecs"):
            specs[row["hosePartNumber"]].append(_crimp_spec(row))
    for row in rows(_FILES[item_type]):
        fields = _item(row)
        size: int | None = None
        if item_type == "hose":
            fields["crimpSpecs"] = specs[row["partNumber"]]
            fields = checked(NewHose, fields)
            size = HOSE.size_of(fields)
        elif item_type == "crimpFitting":
            fields = checked(NewCrimpFitting, fields)
            size = CRIMP_FITTING.size_of(fields)
        elif item_type == "ferrule":
            size = parse_hose_size(row["size"])
        dash = {} if size is None else {"hoseDash": size}
        yield lasting(f"{item_type}|{row['partNumber']}", **fields, **dash, itemType=item_type)


def _item(row: Row) -> Document:
    """A row as the catalogue keeps it: numbers as numbers, figures with a unit together with it, no blanks."""
    fields: Document = {"source": _source(row), "sampleData": _samples(row)}
    for name, text in row.items():
        if not text or name in {"source", "sampleFields", "outerDiamKind", "pressureSource", "weightIsSample"}:
            continue
        if name in {"workingPressure", "burstPressure"}:
            fields[name] = {"value": number(text), "unit": row[name + "Unit"]}
        elif name == "weightKgPerM":
            fields["weightPerLength"] = {"value": number(text), "unit": "kg/m"}
        elif not name.endswith("PressureUnit"):
            fields[name] = number(text) if name in _NUMBERS else text
    return fields


def _source(row: Row) -> str:
    parts = [row["source"]]
    if row.get("outerDiamKind"):
        parts.append(f"outside diameter: {row['outerDiamKind']}")
    if row.get("pressureSource"):
        parts.append(f"working pressure: {row['pressureSource']}")
    return "; ".join(parts)


def _crimp_spec(row: Row) -> Document:
    names = ("couplingSeries", "couplingSeriesBrand", "ferruleBrand", "ferrulePartNumber", "dieSize", "spacerRing")
    found: Document = {name: row[name] for name in (*names, "notes") if row[name]}
    for column in ("insertLengthmm", "crimpStretchPerEndmm", "skiveExternalmm", "skiveInternalmm"):
        if row[column]:
            found[_RENAMED[column]] = {"value": number(row[column]), "unit": "mm"}
    found["crimpDiam"] = {
        "value": number(row["crimpDiammm"]),
        "unit": "mm",
        "tolerance": number(row["crimpTolerancemm"]),
        "tolerancePlus": number(row["tolerancePlusmm"]),
        "toleranceMinus": number(row["toleranceMinusmm"]),
    }
    return checked(CrimpSpec, {**found, "sampleData": _samples(row)})


# -- the organization's own -------------------------------------------------------------------------------------------


def _prices(organization: str, items: Sequence[Document], ids: Ids) -> Iterator[Document]:
    """What the shop charges: by the file where that has the item, else by its size."""
    listed = {(row["itemType"], row["partNumber"]): row for row in rows("prices")}
    for item in items:
        key = str(item["itemType"]), str(item["partNumber"])
        if key not in ids:
            continue
        if (row := listed.get(key)) is not None:
            cost, list_price, unit = number(row["cost"]), number(row["listPrice"]), row["unitOfMeasure"]
        else:
            cost, list_price = families.prices(item)
            unit = "ft" if key[0] in {"hose", "wrap"} else "ea"
        said = PropertiesChange(
            available=True,
            cost=cost,
            costCurrency="USD",
            unitOfMeasure=unit,
            listPrice=list_price,
            listPriceCurrency="USD",
            listPriceUnitOfMeasure=unit,
        ).model_dump(exclude_unset=True)
        marks = {"sampleData": ["cost", "listPrice"], "source": "[X] fictitious"}
        made = new_document({"item": ids[key], "itemType": key[0], **said, **marks}, BY)
        yield {**made, "_id": properties_id(organization, ids[key])}


def _listed(price_list: str, prices: Sequence[Document]) -> Iterator[Document]:
    """What the fleet list says of hoses: six per cent below list."""
    for said in prices:
        if said["itemType"] == "hose":
            fields = {
                "priceList": price_list,
                "item": said["item"],
                "itemType": said["itemType"],
                "listPrice": round(said["listPrice"] * 0.94, 2),
                "currency": said["listPriceCurrency"],
                "unitOfMeasure": said["unitOfMeasure"],
                "enabled": True,
            }
            yield {**new_document(fields, BY), "_id": pair_id(price_list, str(said["item"]))}


def _customers(organization: str) -> Iterator[Document]:
    for row in rows("customers"):
        fields: Document = {}
        for name, text in row.items():
            if text and name in CustomerChange.model_fields:
                fields[name] = text == "true" if name == "listPricing" else number(text) if "Percent" in name else text
        made = checked(CustomerChange, fields)
        marks = {"sampleData": _samples(row), "source": row["source"]}
        yield lasting(f"{organization}|customer|{row['erpId']}", **made, **marks)

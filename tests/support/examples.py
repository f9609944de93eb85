"""What has to be known of each route to make a good request: the one table to extend when an endpoint is added.

`MAKERS` names the create route of each kind of document; `PATH` says of which kind the id in a path is; `EXAMPLES`
gives a good body to every route that takes one. Whatever else a body may hold (texts, costs) is filled in from its
schema, so an example says only what the schema cannot: references, units, numbers that belong together. List and
object fields are filled where the example gives at least an empty entry.
"""

import base64
import io
import urllib.parse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook

from brassleaf.imports.jobs import IMPORTS
from support.filling import COST

if TYPE_CHECKING:
    from support.world import Given


@dataclass(frozen=True, slots=True)
class Maker:
    """How a document is made: its create route, a body, and POSTs that follow, with `{id}` in their path.

    `id` finds the new document's id in the answer. `belongs` says that such a document belongs to the customer that its
    body names: other customers must not see it.
    """

    route: str
    body: Callable[["Given"], Any]
    then: tuple[tuple[str, Any], ...] = ()
    belongs: bool = False
    id: Callable[[Any], str] = lambda made: str(made["_id"])


@dataclass(frozen=True, slots=True)
class Example:
    """A good request: `body` or a function that gives one; `path` where its ids are not simply those of `PATH`.

    `variants` are fields that change the body into other good ones: another format, another switch. `content` is the
    file (or a function that gives one) of an endpoint that takes no JSON.
    """

    body: Any = None
    path: Callable[["Given"], Mapping[str, str]] | None = None
    query: str | Callable[["Given"], str] = ""
    fill: bool = True
    variants: tuple[Mapping[str, Any], ...] = ()
    content: Any = None


ORGANIZATION: dict[str, Any] = {
    "currencies": [{"code": "EUR", "rate": 0.9}],
    "labourPrice": 12.5,
    "listPricing": True,
}

_CRIMP_SPEC = {
    "couplingSeries": "TestSeries",
    "couplingSeriesBrand": "TestBrand",
    "ferruleBrand": None,
    "ferrulePartNumber": None,
    "crimpDiam": {"value": 25.4, "unit": "mm", "tolerance": 0.2},
}


def _customer(given: "Given") -> Any:
    return {
        "erpId": given.text("ERP"),
        "country": {},
        "defaultLengthUnitBillOfMaterials": "mm",
        "defaultDiscountPercentHoses": 5,
        "defaultItemPricing": [{"itemType": "hose", "defaultDiscountPercent": 3}],
    }


def _hose(given: "Given") -> Any:
    return {
        "partNumber": given.text("H"),
        "brand": "TestBrand",
        "size": "-8",
        "DN": "12",
        "nominalHoseSize": "1/2",
        "innerDiamInch": "1/2",
        "outerDiammm": 22.0,
        "workingPressure": {"value": 4000, "unit": "psi"},
        "weightPerLength": {"value": 0.5, "unit": "kg/m"},
        "crimpSpecs": [_CRIMP_SPEC],
    }


def _crimp_fitting(given: "Given") -> Any:
    return {
        "partNumber": given.text("F"),
        "brand": "TestBrand",
        "hoseSize": "-8",
        "dashSize": "-8",
        "series": "TestSeries",
        "style": "JIC 37",
        "gender": "female",
        "shape": "straight",
        "cutOffmm": 20.0,
        "overallLengthmm": 50.0,
        "workingPressure": {"value": 4000, "unit": "psi"},
    }


def _ferrule(given: "Given") -> Any:
    return {"partNumber": given.text("R"), "brand": "TestBrand", "size": "-8", "series": "TestSeries", "weightLbs": 0.1}


def _wrap(given: "Given") -> Any:
    return {
        "partNumber": given.text("W"),
        "brand": "TestBrand",
        "size": "25",
        "wrapType": "spring guard",
        "colour": "silver",
        "innerDiammm": 25,
        "weightPerLength": {"value": 0.3, "unit": "kg/m"},
    }


def _adaptor(given: "Given") -> Any:
    return {
        "partNumber": given.text("D"),
        "brand": "TestBrand",
        "shape": "straight",
        "material": "steel",
        "crossReference": 4711,
        "ends": [
            {"style": "JIC 37", "gender": "male", "dashSize": "-8", "swivel": None, "bulkhead": None, "thread": None},
            {"style": "ORFS", "gender": "female", "dashSize": "-8", "swivel": "swivel"},
        ],
        "workingPressure": {"value": 5000, "unit": "psi"},
    }


def _other_item(given: "Given") -> Any:
    return {"partNumber": given.text("O"), "brand": "TestBrand", "itemType": "bearing", "weightLbs": 0.4}


def _changed(kind: str) -> Callable[["Given"], Any]:
    """With `itemId`: an own item that is changed instead of a new one made."""
    return lambda given: {**MAKERS[kind].body(given), "itemId": given.id(kind)}


def _standing_pending(given: "Given") -> Mapping[str, str]:
    """A hose with a cost of which little is known yet."""
    body = {"partNumber": given.text("H"), "brand": "TestBrand", "size": "-8"}
    made = given.world.post(given.organization, "/api/v1/hoses/create", body)
    given.world.post(given.organization, f"/api/v1/organization/item/{made['_id']}/update", {"cost": COST})
    return {}


def _standing_brand(given: "Given") -> Mapping[str, str]:
    """The standing brand with all that can be said of it."""
    headers = given.organization.admin.headers
    found = given.world.client.get("/api/v1/brands?search[name]=TestBrand", headers=headers).json()["items"]
    said = {"costDiscount": COST, "priceMarkup": COST, "comments": f"{given.organization.marker} comments"}
    given.world.post(given.organization, f"/api/v1/brand/{found[0]['_id']}/update", said)
    return {}


def _crossed(given: "Given") -> str:
    """The part number of an adaptor that has an equivalent."""
    given.id("adaptor")
    headers = given.organization.admin.headers
    other = given.world.client.get(f"/api/v1/adaptor/{given.new('adaptor')}", headers=headers).json()
    return f"partNumber={other['partNumber']}"


def _branded(given: "Given") -> Mapping[str, str]:
    """A brand of which there is an item."""
    brand = given.text("B")
    body = {"partNumber": given.text("H"), "brand": brand, "size": "-8"}
    given.world.post(given.organization, "/api/v1/hoses/create", body)
    headers = given.organization.admin.headers
    found = given.world.client.get(f"/api/v1/brands?search[name]={brand}", headers=headers).json()["items"]
    return {"brandId": found[0]["_id"]}


def _unused_brand(given: "Given") -> Mapping[str, str]:
    """A brand that was said something of, and whose only item is gone."""
    brand, world, organization = given.text("B"), given.world, given.organization
    item = world.post(organization, "/api/v1/otheritems/create", {"partNumber": given.text("O"), "brand": brand})
    headers = organization.admin.headers
    found = world.client.get(f"/api/v1/brands?search[name]={brand}", headers=headers).json()["items"]
    world.post(organization, f"/api/v1/brand/{found[0]['_id']}/update", {"supplier": "test"})
    world.post(organization, f"/api/v1/otheritems/{item['_id']}/delete")
    return {"brandId": found[0]["_id"]}


def _components_workbook(given: "Given") -> bytes:
    """A workbook with a new hose and what is said of it."""
    rows = [
        ("Part number", "Brand", "Size", "Working pressure", "Working pressure unit", "Cost", "List price"),
        (given.text("H"), "TestBrand", "-8", 4000, "psi", COST, 20.5),
    ]
    return workbook_of("Hoses", rows)


def _assembly(given: "Given") -> Any:
    return {
        "partNumber": given.text("A"),
        "hose": given.id("hose"),
        "end1": given.id("crimpFitting"),
        "end2": given.id("crimpFitting"),
        "length": 24,
        "customerOrgId": given.id("customer"),
        "proofTest": True,
    }


def _released(given: "Given") -> Mapping[str, str]:
    """A released assembly."""
    id_ = given.new("hoseAssembly")
    given.world.post(given.organization, f"/api/v1/hoseassembly/{id_}/release")
    return {"hoseAssemblyId": id_}


def _opened_again(given: "Given") -> Mapping[str, str]:
    """The second version of an assembly."""
    path = "/api/v1/hoseassembly/{hoseAssemblyId}/newversion".format(**_released(given))
    return {"hoseAssemblyId": given.world.post(given.organization, path)["newVersionId"]}


def _of_parker(given: "Given") -> Mapping[str, str]:
    """An assembly of Parker parts."""
    parts = {}
    for role, route, body in (("hose", "hoses", _hose(given)), ("end1", "crimpfittings", _crimp_fitting(given))):
        spec = {**_CRIMP_SPEC, "couplingSeriesBrand": "Parker"}
        parker = {**body, "brand": "Parker", **({"crimpSpecs": [spec]} if role == "hose" else {})}
        parts[role] = given.world.post(given.organization, f"/api/v1/{route}/create", parker)["_id"]
    body = {**_assembly(given), **parts, "end2": parts["end1"]}
    return {"hoseAssemblyId": given.world.post(given.organization, "/api/v1/hoseassemblies/create", body)["_id"]}


def _assembly_workbook(given: "Given") -> bytes:
    """A workbook with a new assembly."""
    headers = given.organization.admin.headers
    hose = given.world.client.get(f"/api/v1/hose/{given.id('hose')}", headers=headers).json()
    end = given.world.client.get(f"/api/v1/crimpfitting/{given.id('crimpFitting')}", headers=headers).json()
    rows = [
        ("Part number", "Hose", "End 1", "End 2", "Length", "Length unit"),
        (given.text("A"), hose["partNumber"], end["partNumber"], end["partNumber"], 24, "in"),
    ]
    return workbook_of("Hose assemblies", rows)


def _kit_head(given: "Given") -> Any:
    return {"partNumber": given.text("K"), "customerOrgId": given.id("customer"), "status": None}


def _kit(given: "Given") -> Any:
    return {
        **_kit_head(given),
        "hoseAssemblies": [{"item": given.id("hoseAssembly"), "quantity": 2}],
        "adaptors": [{"item": given.id("adaptor")}],
        "otherItems": [{"item": given.id("otherItem")}],
    }


def _kit_with(kind: str) -> Callable[["Given"], Mapping[str, str]]:
    """A kit that has the standing item of a kind."""
    return lambda given: {"hoseKitId": given.new("hoseKit"), "itemId": given.id(kind)}


def _kit_line(kind: str) -> Callable[["Given"], Any]:
    """The line of a kit's standing item of a kind."""
    return lambda given: {"itemId": given.id(kind), "itemNumber": "10", "quantity": 3}


def _releasable_kit(given: "Given") -> Mapping[str, str]:
    """A kit whose assembly is released."""
    line = {"item": _released(given)["hoseAssemblyId"]}
    sent = {**_kit(given), "hoseAssemblies": [line]}
    return {"hoseKitId": given.world.post(given.organization, "/api/v1/hosekits/create", sent)["_id"]}


def _released_kit(given: "Given") -> Mapping[str, str]:
    """A released kit."""
    path = _releasable_kit(given)
    given.world.post(given.organization, "/api/v1/hosekit/{hoseKitId}/release".format(**path))
    return path


def _kit_opened_again(given: "Given") -> Mapping[str, str]:
    """The second version of a kit."""
    path = "/api/v1/hosekit/{hoseKitId}/newversion".format(**_released_kit(given))
    return {"hoseKitId": given.world.post(given.organization, path)["newVersionId"]}


def _kit_of_parker(given: "Given") -> Mapping[str, str]:
    """A kit with an assembly of Parker parts."""
    line = {"item": _of_parker(given)["hoseAssemblyId"]}
    sent = {**_kit(given), "hoseAssemblies": [line]}
    return {"hoseKitId": given.world.post(given.organization, "/api/v1/hosekits/create", sent)["_id"]}


def _priced(given: "Given") -> Any:
    return {
        "hoseId": given.id("hose"),
        "end1Id": given.id("crimpFitting"),
        "end2Id": given.id("crimpFitting"),
        "length": 24,
        "lengthUnit": {"unit": "in"},
        "customerOrgId": given.id("customer"),
        "quantity": 3,
        "proofTest": True,
    }


def _described(given: "Given") -> str:
    """A text that names the standing hose and fitting by their numbers."""
    headers = given.organization.admin.headers
    paths = (f"/api/v1/hose/{given.id('hose')}", f"/api/v1/crimpfitting/{given.id('crimpFitting')}")
    hose, end = (given.world.client.get(path, headers=headers).json()["partNumber"] for path in paths)
    return f"{hose} x 24 in, {end} both ends"


def _organization(given: "Given") -> Any:
    return {
        "currencies": [{"code": "EUR", "rate": 0.9}],
        "defaultItemPricing": [{"itemType": "hose"}],
        "defaultPriceList": None,
    }


def _api_key(given: "Given") -> Any:
    return {
        "name": given.text("K"),
        "scopes": "read,write",
        "keyType": "customer",
        "approvedIpAddresses": [{"ipAddress": "127.0.0.1"}],
        "expires": None,
    }


def _invitation(given: "Given") -> Any:
    return {"emailAddresses": [{"email": f"{given.text('u')}@example.com", "password": None}]}


def _named(given: "Given") -> Any:
    return {"name": given.text("N")}


def _with_erp_id(given: "Given") -> Any:
    return {**_named(given), "erpId": given.text("ERP")}


#: A PNG of one pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def _with_picture(given: "Given") -> Mapping[str, str]:
    """A customer that has a picture."""
    customer = given.new("customer")
    given.world.upload(given.organization, customer, PNG)
    return {"belongsToId": customer}


def _price_list(given: "Given") -> Any:
    return {
        "name": given.text("PL"),
        "defaultItemPricing": [{"itemType": "hose", "defaultDiscountPercent": 3}],
    }


_BREAKS = [{"quantity": 10, "price": 20.5}, {"quantity": 50, "discountPercent": 25}]
_LISTED = {"listPrice": 22.5, "unitOfMeasure": "ft", "quantityBreaks": _BREAKS}


def _listed(given: "Given") -> Mapping[str, str]:
    """A price list with a price for a hose."""
    path = {"priceListId": given.new("priceList"), "itemId": given.id("hose")}
    given.world.post(given.organization, "/api/v1/pricelist/{priceListId}/item/{itemId}/update".format(**path), _LISTED)
    return path


def _standing_listed(given: "Given") -> Mapping[str, str]:
    """The standing price list with a price for the standing hose, set once."""
    path = {"priceListId": given.id("priceList"), "itemId": given.id("hose")}
    one = "/api/v1/pricelist/{priceListId}/item/{itemId}".format(**path)
    if given.world.client.get(one, headers=given.organization.admin.headers).status_code == 404:
        given.world.post(given.organization, f"{one}/update", _LISTED)
    return path


def _listed_workbook(given: "Given") -> bytes:
    """A workbook with a price for a hose in a price list."""
    headers = given.organization.admin.headers
    item = given.world.client.get(f"/api/v1/hose/{given.id('hose')}", headers=headers).json()
    price_list = given.world.client.get(f"/api/v1/pricelist/{given.new('priceList')}", headers=headers).json()
    rows = [
        ("Price list", "Brand", "Part number", "List price", "Unit of measure", "Quantity breaks"),
        (price_list["name"], item["brand"], item["partNumber"], 20.5, "ft", "10: 19.5; 50: 5 %"),
    ]
    return workbook_of("Price lists", rows)


_AGREED = {
    "price": 20.5,
    "discount": 0.1,
    "startDate": "2026-01-31",
    "endDate": "2036-01-31T12:00:00+01:00",
    "unitOfMeasure": "ft",
    "netPriceUnitOfMeasure": "ft",
    "itemType": None,
}


_COSTLY = {**_AGREED, "cost": COST, "costCurrency": "USD"}


def _agreed(given: "Given") -> Mapping[str, str]:
    """A customer with which something is agreed for a hose."""
    path = {"customerId": given.new("customer"), "itemId": given.id("hose")}
    given.world.post(given.organization, "/api/v1/customer/{customerId}/item/{itemId}/update".format(**path), _COSTLY)
    return path


def _located(given: "Given") -> Mapping[str, str]:
    """A customer with a location."""
    customer = given.new("customer")
    body = {"description": given.text("L")}
    made = given.world.post(given.organization, f"/api/v1/customer/{customer}/location/new/update", body)
    return {"customerId": customer, "locationId": made["_id"]}


def _standing_agreed(given: "Given") -> Mapping[str, str]:
    """The standing customer with what is agreed for the standing hose, in full, and a location; set once."""
    customer = given.id("customer")
    marker = given.organization.marker
    items = f"/api/v1/customer/{customer}/items"
    if not given.world.client.get(items, headers=given.organization.admin.headers).json()["total"]:
        agreed = {**_AGREED, "cost": COST, "costCurrency": "USD", "notes": f"{marker} notes"}
        given.world.post(given.organization, f"/api/v1/customer/{customer}/item/{given.id('hose')}/update", agreed)
        location = {"description": f"{marker} location", "city": f"{marker} city"}
        given.world.post(given.organization, f"/api/v1/customer/{customer}/location/new/update", location)
    return {"customerId": customer}


def _agreed_workbook(given: "Given") -> bytes:
    """A workbook with a price for a hose and a new customer."""
    hose = f"/api/v1/hose/{given.id('hose')}"
    item = given.world.client.get(hose, headers=given.organization.admin.headers).json()
    rows = [
        ("Customer", "Brand", "Part number", "Net price", "Cost"),
        (given.new("customer"), item["brand"], item["partNumber"], 20.5, COST),
    ]
    return workbook_of("Customer items", rows)


def workbook_of(title: str, rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook with one sheet."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = title
    for row in rows:
        page.append(list(row))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _customer_batch(given: "Given") -> Any:
    customer = _customer(given)
    return {"items": [{"operation": "upsert", "erpId": customer["erpId"], "customer": customer}]}


def _job(state: str) -> Callable[["Given"], Mapping[str, str]]:
    """An import that ran beside its request, as its worker would have kept it."""

    def make(given: "Given") -> Mapping[str, str]:
        progress = {"done": 1, "rows": 1, "created": 1, "updated": 0, "unchanged": 0, "failed": 0}
        fields = {
            "type": "customer-items",
            "fileName": f"{given.organization.marker}.xlsx",
            "state": state,
            "dryRun": False,
            "progress": progress,
            "callerId": given.organization.admin.id,
            "hasErrorsFile": state == "done",
        }
        job = given.world.keep(IMPORTS, given.organization.id, fields).id
        path: Path = given.world.served.parts.imports.jobs._path(given.organization.id, job)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(workbook_of("Customer items", [("Customer", "Errors")]))
        return {"jobId": job}

    return make


_PROPERTIES = {
    "available": True,
    "unitOfMeasure": "ft",
    "listPrice": 25.5,
    "listPriceUnitOfMeasure": "ft",
}

_COST = {"cost": COST, "listPrice": 25.5, "orgPartNumber": "{marker} own number"}
MAKERS: dict[str, Maker] = {
    "customer": Maker("POST /api/v1/customers/create", _customer),
    "hose": Maker(
        "POST /api/v1/hoses/create",
        _hose,
        (("/api/v1/organization/hose/{id}/update", {**_COST, "unitOfMeasure": "ft"}),),
    ),
    "crimpFitting": Maker(
        "POST /api/v1/crimpfittings/create",
        _crimp_fitting,
        (("/api/v1/organization/crimpfitting/{id}/update", {**_COST, "unitOfMeasure": "ea"}),),
    ),
    "ferrule": Maker(
        "POST /api/v1/ferrules/create",
        _ferrule,
        (("/api/v1/organization/ferrule/{id}/update", {**_COST, "unitOfMeasure": "ea"}),),
    ),
    "wrap": Maker(
        "POST /api/v1/wraps/create",
        _wrap,
        (("/api/v1/organization/wrap/{id}/update", {**_COST, "unitOfMeasure": "ft"}),),
    ),
    "adaptor": Maker(
        "POST /api/v1/adaptors/create",
        _adaptor,
        (("/api/v1/organization/adaptor/{id}/update", {**_COST, "unitOfMeasure": "ea"}),),
    ),
    "otherItem": Maker(
        "POST /api/v1/otheritems/create",
        _other_item,
        (("/api/v1/organization/otheritem/{id}/update", {**_COST, "unitOfMeasure": "ea"}),),
    ),
    "hoseAssembly": Maker("POST /api/v1/hoseassemblies/create", _assembly, belongs=True),
    "hoseKit": Maker("POST /api/v1/hosekits/create", _kit, belongs=True),
    "priceList": Maker("POST /api/v1/pricelists/create", _price_list),
    "apiKey": Maker("POST /api/v1/organization/apikeys", _api_key),
    "user": Maker("POST /api/v1/organization/users/invite", _invitation, id=lambda made: str(made["users"][0]["_id"])),
}

PATH: dict[str, str] = {
    "customerId": "customer",
    "hoseId": "hose",
    "crimpfittingId": "crimpFitting",
    "ferruleId": "ferrule",
    "wrapId": "wrap",
    "adaptorId": "adaptor",
    "otherItemId": "otherItem",
    "hoseAssemblyId": "hoseAssembly",
    "hoseKitId": "hoseKit",
    "apiKeyId": "apiKey",
    "userId": "user",
    "belongsToId": "customer",
    "priceListId": "priceList",
    "itemId": "hose",
    # what follows is always made by the `path` of an example
    "brandId": "hose",
    "locationId": "customer",
    "jobId": "customer",
    "recordId": "customer",
}

EXAMPLES: dict[str, Example] = {
    "POST /api/v1/organization/update": Example(_organization),
    "POST /api/v1/organization/currencies/update": Example({"code": "GBP", "rate": 0.8, "available": 1, "deleted": 0}),
    "POST /api/v1/organization/acceptterms": Example({"accepted": True, "version": 1}),
    "POST /api/v1/organization/productgroups/update": Example(_named),
    "POST /api/v1/organization/suppliers/update": Example(_with_erp_id),
    "POST /api/v1/organization/locations/update": Example(lambda given: {"erpId": given.text("ERP")}),
    "POST /api/v1/organization/apikeys": Example(_api_key),
    "POST /api/v1/organization/apikeys/{apiKeyId}/update": Example(_api_key),
    "POST /api/v1/organization/users/invite": Example(_invitation),
    "POST /api/v1/organization/user/{userId}/update": Example(
        lambda given: {"role": "regular", "customerOrgId": given.id("customer")}
    ),
    "POST /api/v1/users/update": Example(lambda given: {"name": given.text("name")}, fill=False),
    "GET /api/v1/image/{belongsToId}": Example(path=_with_picture),
    "POST /api/v1/image/{belongsToId}/upload": Example(content=PNG),
    "POST /api/v1/image/{belongsToId}/delete": Example(path=_with_picture),
    "POST /api/v1/customers/create": Example(_customer),
    "POST /api/v1/customers/batch": Example(_customer_batch),
    "POST /api/v1/customer/{customerId}/update": Example(_customer),
    "POST /api/v1/customers/export": Example(
        lambda given: {"customers": [given.id("customer")], "selectAll": True, "search": None}
    ),
    "POST /api/v1/pricelists/create": Example(
        lambda given: {**_price_list(given), "listPriceId": given.id("priceList")}
    ),
    "POST /api/v1/pricelist/{priceListId}/update": Example(_price_list),
    "GET /api/v1/pricelist/{priceListId}/items": Example(path=_standing_listed),
    "GET /api/v1/pricelist/{priceListId}/item/{itemId}": Example(path=_standing_listed),
    "POST /api/v1/pricelist/{priceListId}/item/{itemId}/update": Example(_LISTED, path=_listed, fill=False),
    "POST /api/v1/pricelist/{priceListId}/item/{itemId}/delete": Example(path=_listed),
    "POST /api/v1/pricelists/import": Example(content=_listed_workbook),
    "POST /api/v1/pricelists/export": Example(
        lambda given: {"priceLists": [given.id("priceList")], "selectAll": True}, variants=({"selectAll": False},)
    ),
    "GET /api/v1/customer/{customerId}/items": Example(path=_standing_agreed),
    "GET /api/v1/customer/{customerId}/item/{itemId}": Example(path=_agreed),
    "GET /api/v1/customer/{customerId}/location/{locationId}": Example(path=_located),
    "POST /api/v1/customer/{customerId}/item/{itemId}/update": Example(
        lambda given: {**_AGREED, "orgPartNumber": given.text("O")}, path=_agreed
    ),
    "POST /api/v1/customer/{customerId}/item/{itemId}/delete": Example(path=_agreed),
    "POST /api/v1/customers/items/import": Example(content=_agreed_workbook),
    "POST /api/v1/customer/{customerId}/items/export": Example(
        lambda given: {"customerItems": [given.id("hose")], "selectAll": True},
        path=_standing_agreed,
        variants=({"selectAll": False}, {"customerItems": None}),
    ),
    "GET /api/v1/customer/{customerId}/locations": Example(path=_standing_agreed),
    "POST /api/v1/customer/{customerId}/location/{locationId}/update": Example(
        lambda given: {"description": given.text("L")}, path=_located
    ),
    "POST /api/v1/customer/{customerId}/location/{locationId}/delete": Example(path=_located),
    "GET /api/v1/imports/{jobId}": Example(path=_job("done")),
    "GET /api/v1/imports/{jobId}/events": Example(path=_job("done")),
    "GET /api/v1/imports/{jobId}/errorsfile": Example(path=_job("done")),
    "POST /api/v1/imports/{jobId}/cancel": Example(path=_job("running")),
    "POST /api/v1/hoses/create": Example(_hose),
    "POST /api/v1/hoses/sizes": Example({}, fill=False),
    "POST /api/v1/organization/hose/{hoseId}/update": Example(
        lambda given: {**_hose(given), **_PROPERTIES, "crimpSpecs": [_CRIMP_SPEC]}
    ),
    "POST /api/v1/crimpfittings/create": Example(_crimp_fitting),
    "POST /api/v1/crimpfittings/sizes": Example(lambda given: {"hoseId": given.id("hose")}, fill=False),
    "POST /api/v1/organization/crimpfitting/{crimpfittingId}/update": Example(
        lambda given: {**_crimp_fitting(given), **_PROPERTIES}
    ),
    "POST /api/v1/ferrules/create": Example(_ferrule),
    "POST /api/v1/organization/ferrule/{ferruleId}/update": Example(lambda given: {**_ferrule(given), **_PROPERTIES}),
    "POST /api/v1/wraps/create": Example(_wrap),
    "POST /api/v1/organization/wrap/{wrapId}/update": Example(lambda given: {**_wrap(given), **_PROPERTIES}),
    "POST /api/v1/adaptors/create": Example(_adaptor),
    "POST /api/v1/organization/adaptor/{adaptorId}/update": Example(lambda given: {**_adaptor(given), **_PROPERTIES}),
    "POST /api/v1/otheritems/create": Example(_changed("otherItem")),
    "POST /api/v1/otheritems/{itemId}/update": Example(
        _other_item, path=lambda given: {"itemId": given.new("otherItem")}
    ),
    "POST /api/v1/otheritems/{itemId}/delete": Example(path=lambda given: {"itemId": given.new("otherItem")}),
    "POST /api/v1/organization/otheritem/{otherItemId}/update": Example(
        lambda given: {**_other_item(given), **_PROPERTIES}
    ),
    "GET /api/v1/adaptors/cross": Example(query=_crossed),
    "GET /api/v1/brands": Example(path=_standing_brand),
    "GET /api/v1/organization/pendingitems": Example(path=_standing_pending),
    "GET /api/v1/organization/ferrule": Example(query="brand=TestBrand"),
    "GET /api/v1/hose/{hoseId}/fits": Example(
        path=lambda given: {"hoseId": given.id("hose")},
        query=lambda given: f"fittingId={given.id('crimpFitting')}&ferruleId={given.id('ferrule')}",
    ),
    "GET /api/v1/organization/crimpfittingswithferrules": Example(query=lambda given: f"hoseId={given.id('hose')}"),
    "POST /api/v1/organization/item/{itemId}/update": Example({**_PROPERTIES, "crimpSpecs": [_CRIMP_SPEC]}),
    "POST /api/v1/brand/{brandId}/update": Example(lambda given: {"name": given.text("B")}, path=_branded),
    "POST /api/v1/brand/{brandId}/delete": Example(path=_unused_brand),
    "POST /api/v1/brands/export": Example(
        lambda given: {"brands": [_branded(given)["brandId"]], "selectAll": True, "search": None},
        variants=({"selectAll": False},),
    ),
    "POST /api/v1/components/exceltemplate": Example({"componentType": "adaptor"}),
    "POST /api/v1/components/export": Example(
        lambda given: {
            "components": [given.id("hose")],
            "componentType": "hose",
            "selectAll": True,
            "search": None,
        },
        variants=({"selectAll": False}, {"components": [None]}),
    ),
    "POST /api/v1/components/import": Example(content=_components_workbook, query="componentType=hose"),
    "POST /api/v1/hoseassemblies/create": Example(_assembly),
    "GET /api/v1/hoseassemblies/parse": Example(
        query=lambda given: urllib.parse.urlencode({"text": _described(given)})
    ),
    "POST /api/v1/hoseassemblies/parse": Example(
        lambda given: {"text": _described(given), "customerOrgId": given.id("customer")},
        variants=({"customerOrgId": None},),
    ),
    "POST /api/v1/hoseassemblies/parsefeedback": Example(
        lambda given: {
            "text": "1/2 hose x 36 in JIC both ends",
            "parseId": None,
            "accepted": False,
            "corrected": {"hose": given.id("hose"), "end1": given.id("crimpFitting")},
        }
    ),
    "POST /api/v1/hoseassemblies/checkexisting": Example({"partNumber": "A-1"}, fill=False),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/update": Example(_assembly),
    "POST /api/v1/hoseassembly/price": Example(_priced, variants=({"customerOrgId": None}, {"lengthUnit": "mm"})),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/price": Example(
        lambda given: {"customerOrgId": given.id("customer"), "quantity": 3}, variants=({"customerOrgId": None},)
    ),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/datasheet": Example(
        {"showPricing": True, "showCrimpSpecs": True}, variants=({"paper": "a4"},)
    ),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/cutsheet": Example({"paper": "a4"}),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/label": Example(
        {"numCopies": 2, "labelSize": "2x3", "dpi": 203, "serialNumberStart": 1}, variants=({"format": "zpl"},)
    ),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/getmarkenfile": Example({"quantity": 2}),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/getparkerptsfile": Example({"quantity": 2}, path=_of_parker),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/getBillOfMaterials": Example(
        {"format": "excel"}, variants=({"format": "pdf"},)
    ),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/unrelease": Example(path=_released),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/obsolete": Example(path=_released),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/newversion": Example(path=_released),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/revise": Example({"revision": "B"}, path=_released, fill=False),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/rollback": Example(path=_opened_again),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/saveas": Example(
        lambda given: {"partNumber": given.text("A"), "customerOrgId": given.id("customer")}
    ),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/customers/update": Example(
        lambda given: {"customers": [{"customerOrgId": given.id("customer")}]}
    ),
    "POST /api/v1/hoseassembly/{hoseAssemblyId}/customers/delete": Example(
        lambda given: {"customers": [given.id("customer")], "customerOrgId": given.id("customer")}
    ),
    "POST /api/v1/hoseassemblies/import": Example(content=_assembly_workbook),
    "POST /api/v1/hoseassemblies/export": Example(
        lambda given: {"hoseAssemblies": [given.id("hoseAssembly")], "selectAll": True, "search": None},
        variants=({"selectAll": False},),
    ),
    "POST /api/v1/hosekits/create": Example(_kit),
    "POST /api/v1/hosekits/export": Example(
        lambda given: {"hoseKits": [given.id("hoseKit")], "selectAll": True, "search": None},
        variants=({"selectAll": False},),
    ),
    "POST /api/v1/hosekits/checkexisting": Example({"partNumber": "K-1"}, fill=False),
    "POST /api/v1/hosekit/{hoseKitId}/update": Example(_kit_head),
    "GET /api/v1/hosekit/{hoseKitId}/allitems": Example(query="itemType=hoseAssembly&itemType=adaptor"),
    "POST /api/v1/hosekit/{hoseKitId}/addhoseassembly": Example(lambda given: {"itemId": given.new("hoseAssembly")}),
    "POST /api/v1/hosekit/{hoseKitId}/addadaptor": Example(lambda given: {"itemId": given.new("adaptor")}),
    "POST /api/v1/hosekit/{hoseKitId}/addotheritem": Example(lambda given: {"itemId": given.new("otherItem")}),
    "POST /api/v1/hosekit/{hoseKitId}/hoseassembly/{itemId}/update": Example(
        _kit_line("hoseAssembly"), path=_kit_with("hoseAssembly")
    ),
    "POST /api/v1/hosekit/{hoseKitId}/adaptor/{itemId}/update": Example(
        _kit_line("adaptor"), path=_kit_with("adaptor")
    ),
    "POST /api/v1/hosekit/{hoseKitId}/otheritem/{itemId}/update": Example(
        _kit_line("otherItem"), path=_kit_with("otherItem")
    ),
    "POST /api/v1/hosekit/{hoseKitId}/item/{itemId}/delete": Example(path=_kit_with("adaptor")),
    "POST /api/v1/hosekit/{hoseKitId}/getHoseKitDataSheet": Example(
        {"includePrice": True, "includeHoseAssemblies": True}, variants=({"paper": "a4"},)
    ),
    "POST /api/v1/hosekit/{hoseKitId}/getBillOfMaterials": Example({"format": "excel"}, variants=({"format": "pdf"},)),
    "POST /api/v1/hosekit/{hoseKitId}/labels": Example(
        {"numCopies": 2, "labelSize": "2x3", "dpi": 203, "serialNumberStart": 1, "numHoseAssemblies": None},
        variants=({"format": "zpl"},),
    ),
    "POST /api/v1/hosekit/{hoseKitId}/getmarkenfile": Example({"quantity": 2}),
    "POST /api/v1/hosekit/{hoseKitId}/getparkerptsfile": Example({"quantity": 2}, path=_kit_of_parker),
    "POST /api/v1/hosekit/{hoseKitId}/price": Example(
        lambda given: {"customerOrgId": given.id("customer"), "quantity": 3, "explain": True},
        variants=({"customerOrgId": None},),
    ),
    "POST /api/v1/hosekit/{hoseKitId}/release": Example(path=_releasable_kit),
    "POST /api/v1/hosekit/{hoseKitId}/newversion": Example(path=_released_kit),
    "POST /api/v1/hosekit/{hoseKitId}/revise": Example({"revision": "B"}, path=_released_kit, fill=False),
    "POST /api/v1/hosekit/{hoseKitId}/rollback": Example(path=_kit_opened_again),
}

#: Query parameters whose text is part of the answer, so that it is no sign of a leak there.
ECHOED: dict[str, frozenset[str]] = {"GET /api/v1/hoseassemblies/parse": frozenset({"text", "lengthUnit"})}

#: Body fields whose id is kept without a look at what it names, each with the reason. Nothing is ever shown of it.
UNCHECKED: dict[str, str] = {}

"""The OpenAPI document against the documented wire contract, with the project's own checker."""

import contextlib
import importlib.util
import io
import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from support.routes import document

ROOT = Path(__file__).parent.parent.parent
CHECKER = ROOT.parent / "shared" / "tools" / "contract_check.py"

#: Every endpoint of the contract that this version serves, in the contract's spelling. It is held to all of it.
SERVED = (
    "GET /customers",
    "GET /customernamess",
    "POST /customers/create",
    "GET /customer/{customerId}",
    "POST /customer/{customerId}/update",
    "POST /customer/{customerId}/delete",
    "POST /customers/exceltemplate",
    "POST /customers/export",
    "POST /hoses/sizes",
    "POST /hoses/create",
    "GET /hose/{hoseId}",
    "GET /hose/{hoseId}/crimpspecs",
    "POST /organization/hose/{hoseId}/update",
    "GET /organization/hoses",
    "GET /organization/customhoses",
    "POST /crimpfittings/sizes",
    "POST /crimpfittings/create",
    "GET /crimpfitting/{crimpfittingId}",
    "POST /organization/crimpfitting/{crimpfittingId}/update",
    "GET /organization/couplingseries",
    "GET /organization/crimpfittings",
    "GET /organization/customcrimpfittings",
    "POST /hoseassemblies/checkexisting",
    "POST /hoseassemblies/create",
    "GET /hoseassemblies",
    "GET /hoseassembly/{hoseAssemblyId}",
    "POST /hoseassembly/{hoseAssemblyId}/update",
    "POST /hoseassembly/{hoseAssemblyId}/delete",
    "POST /hoseassembly/price",
    "POST /hoseassembly/{hoseAssemblyId}/price",
    "POST /hoseassembly/{hoseAssemblyId}/datasheet",
    "POST /hoseassembly/{hoseAssemblyId}/label",
    "POST /hoseassembly/{hoseAssemblyId}/getmarkenfile",
    "POST /hoseassembly/{hoseAssemblyId}/getparkerptsfile",
    "POST /hoseassembly/{hoseAssemblyId}/getBillOfMaterials",
    "POST /hoseassembly/{hoseAssemblyId}/release",
    "POST /hoseassembly/{hoseAssemblyId}/unrelease",
    "POST /hoseassembly/{hoseAssemblyId}/obsolete",
    "POST /hoseassembly/{hoseAssemblyId}/newversion",
    "POST /hoseassembly/{hoseAssemblyId}/revise",
    "POST /hoseassembly/{hoseAssemblyId}/rollback",
    "POST /hoseassembly/{hoseAssemblyId}/saveas",
    "POST /hoseassembly/{hoseAssemblyId}/customers/update",
    "POST /hoseassembly/{hoseAssemblyId}/customers/delete",
    "POST /hoseassemblies/import",
    "POST /hoseassemblies/exceltemplate",
    "POST /hoseassemblies/export",
    "GET /hoseassemblies/parse",
    "POST /hoseassemblies/parsefeedback",
    "POST /hosekits/checkexisting",
    "POST /hosekits/create",
    "GET /hosekits",
    "GET /hosekit/{hoseKitId}",
    "POST /hosekit/{hoseKitId}/update",
    "POST /hosekit/{hoseKitId}/delete",
    "POST /hosekit/{hoseKitId}/addhoseassembly",
    "POST /hosekit/{hoseKitId}/addadaptor",
    "POST /hosekit/{hoseKitId}/addotheritem",
    "GET /hosekit/{hoseKitId}/hoseassemblies",
    "GET /hosekit/{hoseKitId}/adaptors",
    "GET /hosekit/{hoseKitId}/otheritems",
    "GET /hosekit/{hoseKitId}/allitems",
    "POST /hosekit/{hoseKitId}/item/{itemId}/delete",
    "POST /hosekit/{hoseKitId}/hoseassembly/{itemId}/update",
    "POST /hosekit/{hoseKitId}/adaptor/{itemId}/update",
    "POST /hosekit/{hoseKitId}/otheritem/{itemId}/update",
    "POST /hosekits/export",
    "POST /hosekit/{hoseKitId}/getHoseKitDataSheet",
    "POST /hosekit/{hoseKitId}/getBillOfMaterials",
    "POST /hosekit/{hoseKitId}/labels",
    "POST /hosekit/{hoseKitId}/getmarkenfile",
    "POST /hosekit/{hoseKitId}/getparkerptsfile",
    "POST /hosekit/{hoseKitId}/price",
    "POST /hosekit/{hoseKitId}/release",
    "POST /hosekit/{hoseKitId}/newversion",
    "POST /hosekit/{hoseKitId}/rollback",
    "POST /hosekit/{hoseKitId}/revise",
    "GET /organization",
    "GET /organization/defaults",
    "GET /user",
    "GET /hosesizes",
    "GET /endsizes",
    "GET /genders",
    "GET /styles",
    "GET /shapes",
    "GET /customer/{customerId}/items",
    "POST /customer/{customerId}/item/{itemId}/update",
    "POST /customer/{customerId}/item/{itemId}/delete",
    "POST /customers/items/import",
    "POST /customers/items/exceltemplate",
    "POST /customer/{customerId}/items/export",
    "GET /customer/{customerId}/locations",
    "POST /customer/{customerId}/location/{locationId}/update",
    "POST /customer/{customerId}/location/{locationId}/delete",
    "GET /image/{belongsToId}",
    "POST /organization/update",
    "GET /organization/currencies",
    "POST /organization/currencies/update",
    "GET /organization/subscription",
    "GET /organization/erpname",
    "GET /organization/usebetafeatures",
    "POST /organization/acceptterms",
    "GET /organization/hasacceptedterms",
    "POST /organization/productgroups/update",
    "POST /organization/suppliers/update",
    "POST /organization/locations/update",
    "GET /organization/productgroups",
    "GET /organization/suppliers",
    "GET /organization/locations",
    "GET /organization/apikeys",
    "POST /organization/apikeys",
    "POST /organization/apikeys/{apiKeyId}/update",
    "POST /organization/apikeys/{apiKeyId}/delete",
    "GET /organization/nextpartnumber",
    "GET /organization/revisiondelimiter",
    "GET /organization/api/history",
    "GET /pricelists",
    "GET /pricelistnames",
    "POST /pricelists/create",
    "GET /pricelist/{priceListId}",
    "POST /pricelist/{priceListId}/update",
    "POST /pricelist/{priceListId}/delete",
    "POST /pricelists/import",
    "POST /pricelists/exceltemplate",
    "POST /pricelists/export",
    "POST /users/update",
    "POST /user/resetpassword",
    "GET /organization/userroles",
    "GET /organization/userrolesandsubscription",
    "GET /organization/roles",
    "POST /organization/users/invite",
    "POST /organization/user/{userId}/delete",
    "POST /organization/user/{userId}/remind",
    "GET /organization/users",
    "GET /adaptors/cross",
    "GET /adaptors/search",
    "GET /adaptor/{adaptorId}",
    "GET /adaptors/configuration",
    "POST /adaptors/create",
    "GET /organization/adaptors",
    "GET /organization/customadaptors",
    "POST /organization/adaptor/{adaptorId}/update",
    "GET /brands",
    "GET /hosebrands",
    "GET /adaptorbrands",
    "GET /wrapbrands",
    "GET /otheritembrands",
    "GET /brandnames",
    "POST /brand/{brandId}/delete",
    "POST /brand/{brandId}/update",
    "POST /brands/export",
    "GET /organization/defaultbrand",
    "GET /organization/defaultadaptorbrand",
    "POST /components/import",
    "POST /components/exceltemplate",
    "POST /components/export",
    "GET /organization/components",
    "GET /organization/couplingseriesdetails",
    "GET /organization/crimpfittingswithferrules",
    "POST /ferrules/create",
    "GET /ferrule/{ferruleId}",
    "GET /organization/ferrule",
    "POST /organization/ferrule/{ferruleId}/update",
    "GET /organization/ferrules",
    "GET /organization/customferrules",
    "GET /organization/hasparker",
    "GET /item/{itemId}",
    "GET /organization/items",
    "GET /organization/itemtypes",
    "GET /organization/pendingitems",
    "POST /organization/item/{itemId}/update",
    "POST /otheritems/create",
    "POST /otheritems/{itemId}/delete",
    "POST /otheritems/{itemId}/update",
    "GET /otheritem/{otherItemId}",
    "POST /organization/otheritem/{otherItemId}/update",
    "GET /organization/customotheritems",
    "POST /wraps/create",
    "GET /wrap/{wrapId}",
    "GET /organization/wrapstyles",
    "GET /organization/wrapcoverage",
    "POST /organization/wrap/{wrapId}/update",
    "GET /organization/wraps",
    "GET /organization/customwraps",
)


@pytest.fixture(scope="module")
def gaps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the checker finds missing, by endpoint."""
    if not CHECKER.exists():
        pytest.skip(f"the contract is not beside the checkout: {CHECKER}")
    spec = importlib.util.spec_from_file_location("contract_check", CHECKER)
    assert spec is not None
    assert spec.loader is not None
    checker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checker)
    file = tmp_path_factory.mktemp("contract") / "openapi.json"
    file.write_text(json.dumps(document()))
    said, given = io.StringIO(), sys.argv
    sys.argv = ["contract_check", str(file), "--verbose"]
    try:
        with contextlib.redirect_stdout(said):
            checker.main()
    finally:
        sys.argv = given
    found: dict[str, list[str]] = {}
    for line in said.getvalue().splitlines():
        _, _, rest = line.strip().partition("  ")
        endpoint, colon, problem = rest.partition(": ")
        if colon and endpoint.split(" ")[0] in ("GET", "POST"):
            found.setdefault(checker.norm(endpoint), []).append(problem)
    assert found, "the checker said nothing that can be read"
    return found


@pytest.mark.parametrize("endpoint", SERVED)
def test_a_served_endpoint_meets_the_contract(gaps: dict[str, list[str]], endpoint: str) -> None:
    assert gaps.get(re.sub(r"\{[^}]*\}", "{}", endpoint), []) == []


def test_everything_that_is_served_is_held_to_the_contract(gaps: dict[str, list[str]]) -> None:
    """An endpoint of the contract that is served, but not in the table, would be held to nothing."""
    table = {re.sub(r"\{[^}]*\}", "{}", endpoint) for endpoint in SERVED}
    served = {
        f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path.removeprefix('/api/v1'))}"
        for path, operations in document()["paths"].items()
        for method in operations
    }
    documented = {
        re.sub(r"\{[^}]*\}", "{}", endpoint["id"])
        for file in (CHECKER.parent.parent / "contract").glob("*.yaml")
        for endpoint in yaml.safe_load(file.read_text())["endpoints"]
    }
    assert (served & documented) - table == set(), "add these to SERVED"

"""The tour of the demo shop: requests to paste into a shell, in an order that tells a story."""

from dataclasses import dataclass

from brassleaf.catalog.models import ITEMS
from brassleaf.customers.models import CUSTOMERS
from brassleaf.demo.rows import BRAND
from brassleaf.demo.shop import Shop
from brassleaf.store.collections import SHARED
from brassleaf.store.port import Repository, Store
from brassleaf.store.query import Query, both, equal

_HOSE, _END, _CUSTOMER = "BL-2SN-08", "BC-08-FJX-08", "DEMO-1001"

_TOUR = """\
The demo shop is ready at {address} (documentation: {address}/docs).

  e-mail    {email}
  password  {password}
  API key   {key}  (name {key_name}; used from this machine, until the next start)

A tour: paste these into another shell, one after the other.

echo "== 1. a security token, good for one hour"
TOKEN=$(curl -s {address}/security/v1/token -H 'Content-Type: application/json' \\
  -d '{{"grantType": "client_credentials", "name": "{key_name}", "apiKey": "{key}"}}' \\
  | sed 's/.*"securityToken":"\\([^"]*\\)".*/\\1/')

echo "== 2. two-wire half-inch hoses"
curl -s '{address}/api/v1/organization/hoses?search.partNumber=2SN-08' -H "Authorization: Bearer $TOKEN"; echo

echo "== 3. the coupling series with a crimp specification for hose {hose_number}, and its fittings"
curl -s '{address}/api/v1/organization/couplingseries?hoseId={hose}' -H "Authorization: Bearer $TOKEN"; echo
curl -s '{address}/api/v1/organization/crimpfittings?search[series]=BC&search[hoseSize]=-08&itemsPerPage=3' \\
  -g -H "Authorization: Bearer $TOKEN"; echo

echo "== 4. a hose assembly, 36 inches long"
ASSEMBLY=$(curl -s {address}/api/v1/hoseassemblies/create -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' -d '{{"params": {{"partNumber": "TOUR-'$(date +%s)'", "hose": "{hose}",
    "end1": "{end}", "end2": "{end}", "length": 36, "lengthUnit": "in", "customerOrgId": "{customer}"}}}}' \\
  | sed 's/.*"_id":"\\([0-9a-f]*\\)".*/\\1/'); echo $ASSEMBLY

echo "== 5. its price for {customer_name}, ten of them"
curl -s {address}/api/v1/hoseassembly/$ASSEMBLY/price -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' -d '{{"customerOrgId": "{customer}", "quantity": 10}}'; echo

echo "== 6. its data sheet"
curl -s {address}/api/v1/hoseassembly/$ASSEMBLY/datasheet -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' -d '{{}}' -o datasheet.pdf

echo "== 7. release it: from now on it is fixed"
curl -s -X POST {address}/api/v1/hoseassembly/$ASSEMBLY/release -H "Authorization: Bearer $TOKEN"; echo

echo "== 8. all assemblies as an Excel sheet"
curl -s {address}/api/v1/hoseassemblies/export -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' -d '{{"hoseAssemblies": [], "selectAll": true}}' -o assemblies.xlsx

Many figures of the demo are samples, not for production; each record names them in sampleData. Stop with Ctrl+C.
"""


@dataclass(frozen=True, slots=True)
class _Found:
    id: str
    name: str


async def tour(store: Store, shop: Shop, address: str) -> str:
    """The tour with this start's key and the ids of this shop."""
    items = store.repository(ITEMS, SHARED)
    hose = await _item(items, "hose", _HOSE)
    end = await _item(items, "crimpFitting", _END)
    page = await store.repository(CUSTOMERS, shop.organization).page(Query(limit=100))
    named = [_Found(entry.id, str(entry["name"])) for entry in page.items if entry["erpId"] == _CUSTOMER]
    customer = named[0] if named else _Found(page.items[0].id, str(page.items[0]["name"]))
    return _TOUR.format(
        address=address,
        email=shop.email,
        password=shop.password,
        key=shop.key,
        key_name=shop.key_name,
        hose=hose.id,
        hose_number=hose.name,
        end=end.id,
        customer=customer.id,
        customer_name=customer.name,
    )


async def _item(items: Repository, item_type: str, part_number: str) -> _Found:
    where = both(equal("itemType", item_type), equal("brand", BRAND), equal("partNumber", part_number))
    page = await items.page(Query(where, limit=1))
    return _Found(page.items[0].id, str(page.items[0]["partNumber"]))

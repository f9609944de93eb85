"""Lists, every one that there is: both dialects, sizes, orders, searches, cursors, following changes."""

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from brassleaf.http.lists import LARGEST_SIZE
from brassleaf.security.rooms import Endpoint
from brassleaf.store.collections import fold
from support.routes import GUARDED, LISTS, PAGED, name_of, operation_of
from support.world import Organization, World

EVERY_LIST = pytest.mark.parametrize("route", PAGED, ids=name_of)
#: What stands for calls with API keys: they are made by making them.
CALLS = "calls"
#: Which kind a list shows, by its path: what to make so that there are several.
KINDS = {
    "/api/v1/organization/users": "user",
    "/api/v1/organization/api/history": CALLS,
    "/api/v1/organization/api-history": CALLS,
    "/api/v1/pricelists": "priceList",
    "/api/v1/customers": "customer",
    "/api/v1/organization/hoses": "hose",
    "/api/v1/organization/customhoses": "hose",
    "/api/v1/organization/crimpfittings": "crimpFitting",
    "/api/v1/organization/customcrimpfittings": "crimpFitting",
    "/api/v1/hoseassemblies": "hoseAssembly",
    "/api/v1/hosekits": "hoseKit",
    "/api/v1/organization/crimpfittingswithferrules": "crimpFitting",
    "/api/v1/organization/ferrules": "ferrule",
    "/api/v1/organization/customferrules": "ferrule",
    "/api/v1/organization/wraps": "wrap",
    "/api/v1/organization/customwraps": "wrap",
    "/api/v1/organization/adaptors": "adaptor",
    "/api/v1/organization/customadaptors": "adaptor",
    "/api/v1/adaptors/search": "adaptor",
    "/api/v1/organization/otheritems": "otherItem",
    "/api/v1/organization/customotheritems": "otherItem",
    "/api/v1/organization/items": "otherItem",
    "/api/v1/organization/components": "adaptor",
}
#: What these lists must be told.
NEEDED = {"/api/v1/organization/crimpfittingswithferrules": "hoseId={hoseId}"}


def _agree(world: World, shop: Organization) -> str:
    path = f"/api/v1/customer/{shop.standing['customer']}/item/{world.make(shop, 'hose')}/update"
    body = {"orgPartNumber": f"{shop.marker} own number {next(world.count)}"}
    return str(world.post(shop, path, body)["_id"])


def _list_price(world: World, shop: Organization) -> str:
    item = world.make(shop, "hose")
    path = f"/api/v1/pricelist/{shop.standing['priceList']}/item/{item}/update"
    return str(world.post(shop, path, {"listPrice": next(world.count), "unitOfMeasure": "ft"})["_id"])


def _locate(world: World, shop: Organization) -> str:
    names = ("description", "erpId", "address1", "city", "region", "postalCode", "country")
    body = {name: f"{shop.marker} {name} {next(world.count)}" for name in names}
    path = f"/api/v1/customer/{shop.standing['customer']}/location/new/update"
    return str(world.post(shop, path, body)["_id"])


def _unfinished(world: World, shop: Organization) -> str:
    """A hose of which little is known yet."""
    body = {"partNumber": f"{shop.marker} {next(world.count)}", "brand": shop.marker, "size": "-8"}
    return str(world.post(shop, "/api/v1/hoses/create", body)["_id"])


def _brand(world: World, shop: Organization) -> str:
    """A brand with an item, of which something is said."""
    name = f"{shop.marker} brand {next(world.count)}"
    world.post(shop, "/api/v1/otheritems/create", {"partNumber": name, "brand": name})
    brands = world.client.get("/api/v1/brands", params={"search.name": name}, headers=shop.admin.headers)
    id_ = brands.json()["items"][0]["_id"]
    world.post(shop, f"/api/v1/brand/{id_}/update", {"supplier": f"{shop.marker} supplier"})
    return str(id_)


def _audited(world: World, shop: Organization) -> str:
    """A change of the standing customer; the id of its entry."""
    customer = shop.standing["customer"]
    world.post(shop, f"/api/v1/customer/{customer}/update", {"comments": f"{shop.marker} {next(world.count)}"})
    newest = world.client.get(f"/api/v1/audit/{customer}?limit=1", headers=shop.admin.headers)
    return str(newest.json()["items"][0]["_id"])


#: Lists of what belongs to something, and how an entry of theirs is made.
PARTS = {
    "/api/v1/customer/{customerId}/items": _agree,
    "/api/v1/customer/{customerId}/locations": _locate,
    "/api/v1/pricelist/{priceListId}/items": _list_price,
    "/api/v1/organization/pendingitems": _unfinished,
    "/api/v1/brands": _brand,
    "/api/v1/audit": _audited,
    "/api/v1/audit/{recordId}": _audited,
}
#: The ids in the paths of these lists.
PLACES: dict[str, str] = {}


DELETES = {
    "customer": "/api/v1/customer/{}/delete",
    "hoseAssembly": "/api/v1/hoseassembly/{}/delete",
    "hoseKit": "/api/v1/hosekit/{}/delete",
    "user": "/api/v1/organization/user/{}/delete",
    "priceList": "/api/v1/pricelist/{}/delete",
    "otherItem": "/api/v1/otheritems/{}/delete",
}


@pytest.fixture(scope="module")
def shop(world: World) -> Organization:
    """An organization with more than a page of each kind, and with nothing else."""
    made = world.another("Charlie")
    for kind in sorted(set(KINDS.values())):
        for _ in range(12):
            if kind == CALLS:
                world.client.get("/api/v1/user", headers=made.people["key admin"].headers)
            else:
                world.make(made, kind)
    time.sleep(1.5)  # the history of calls is written beside them
    PLACES.update({f"{kind}Id": id_ for kind, id_ in made.standing.items()})
    PLACES["recordId"] = made.standing["customer"]
    for make in PARTS.values():
        for _ in range(12):
            make(world, made)
    return made


@pytest.fixture
def reader(world: World, shop: Organization) -> Iterator[httpx.Client]:
    """Its reader."""
    with world.served.client(headers=shop.admin.headers) as made:
        yield made


def _get(client: httpx.Client, route: Endpoint, query: str = "", **params: Any) -> httpx.Response:
    path = route.path_format.format(**PLACES)
    if needed := NEEDED.get(route.path_format):
        query = "&".join(part for part in (query, needed.format(**PLACES)) if part)
    query = "&".join(part for part in (query, str(httpx.QueryParams(params)) if params else "") if part)
    return client.get(path + (f"?{query}" if query else ""))


def _said(row: Any, name: str) -> Any:
    """What a row says where a search looks: of an adaptor's size at its ends, of a hose's colour at the hose's own."""
    if name == "dashSize" and "ends" in row:
        return row["ends"][0].get("dashSize")
    return row.get("colourHose") if name == "colour" and "colourHose" in row else row.get(name)


def _ids(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [entry["_id"] for entry in response.json()["items"]]


def test_every_list_is_known_here() -> None:
    unknown = [name_of(route) for route in PAGED if route.path_format not in {**KINDS, **PARTS}]
    assert unknown == [], "add these lists to KINDS in tests/http/test_http_lists.py with the kind that they show"


@EVERY_LIST
def test_pages_and_sizes_in_every_spelling(reader: httpx.Client, route: Endpoint) -> None:
    listing = route.policy.listing
    assert listing is not None
    whole = _get(reader, route, "itemsPerPage=1000").json()
    assert whole["total"] == len(whole["items"]) > 10
    assert (whole["page"], whole["itemsPerPage"]) == (1, 1000)
    ids = [entry["_id"] for entry in whole["items"]]
    assert len(set(ids)) == len(ids)
    default = _get(reader, route).json()
    assert (default["page"], default["itemsPerPage"], default["total"]) == (1, 10, len(ids))
    assert [entry["_id"] for entry in default["items"]] == ids[:10]
    for name in listing.size_names:
        pages = [_ids(_get(reader, route, f"{name}=5&page={page}")) for page in range(1, len(ids) // 5 + 3)]
        assert [id_ for page in pages for id_ in page] == ids
        assert pages[-1] == []
    assert _ids(_get(reader, route, "page=&itemsPerPage=")) == ids[:10]
    assert _ids(_get(reader, route, "page=1&page=2&itemsPerPage=5")) == ids[5:10]


UNUSABLE = (
    "page=0",
    "page=-1",
    "page=x",
    "page=1.0",
    "page=1e3",
    "page=%2B1",
    "page= 1",
    "page=99999999999",
    "page=٣",
    "itemsPerPage=0",
    "itemsPerPage=1001",
    "limit=1001",
    "limit=-5",
    "limit=ten",
    "limit=0x10",
    "limit=[]",
    "includeDeleted=perhaps",
    "updatedSince=yesterday",
    "updatedSince=",
    "updatedSince=2026-13-01",
    "updatedSince=0",
    "sortBy[0].key=nothing",
    "sortBy[0].order=up",
    "sortBy[0].key=_id",
    "sortBy[0].key=passwordHash",
    "sortBy[0][key]=$where",
    "search.nothing=x",
    "search[nothing]=x",
    "search[name][$ne]=x",
    "search.=x",
    "search[]=x",
    "search=x",
    "sortBy=name",
    "sortBy[0]=name",
    "sortBy[x].key=name",
    "sortBy[10].key=name",
    "after=x",
    "after=====",
)


@EVERY_LIST
def test_what_cannot_be_used_is_refused_by_name(reader: httpx.Client, route: Endpoint) -> None:
    for query in UNUSABLE:
        response = _get(reader, route, query)
        assert response.status_code == 400, f"{query}: {response.text}"
        given = next(iter(httpx.QueryParams(query).keys()))
        found = [error["field"] for error in response.json()["errors"]]
        assert found, response.text
        assert found[0].replace("[key]", ".key") in (given, given.replace("[key]", ".key")), query


@EVERY_LIST
def test_every_wrong_parameter_is_named_at_once(reader: httpx.Client, route: Endpoint) -> None:
    response = _get(reader, route, "page=0&limit=0&search.zz=1&sortBy[0].key=zz&after=zz&includeDeleted=zz")
    fields = {error["field"] for error in response.json()["errors"]}
    assert fields == {"page", "limit", "search.zz", "sortBy[0].key", "after", "includeDeleted"}


@pytest.mark.parametrize("route", [route for route in GUARDED if route not in PAGED], ids=name_of)
def test_parameters_of_what_is_no_page_are_named_or_refused(world: World, admin: httpx.Client, route: Endpoint) -> None:
    """A parameter that is passed over in silence is taken for obeyed: `includeDeleted`, a misspelt `dryRun`."""
    call = world.call(route)
    response = call.send(admin, url=call.asking("zz=1&updatedSince=2026-01-01"))
    assert response.status_code < 300, response.text
    known = {entry["name"] for entry in operation_of(route).get("parameters", [])}
    assert set(response.headers["x-unknown-fields"].split(", ")) == {"zz", "updatedSince"} - known
    if route.policy.listing is None:
        call = world.call(route)
        refused = call.send(admin, url=call.asking("search.name=zz&sortBy[0].key=zz"))
        assert refused.status_code == 400
        fields = [error["field"] for error in refused.json()["errors"]]
        assert fields == [name for name in ("search.name", "sortBy[0].key") if name not in known]


@EVERY_LIST
def test_unknown_parameters_are_ignored_and_named(reader: httpx.Client, route: Endpoint) -> None:
    plain = _get(reader, route)
    response = _get(reader, route, "itemPerPage=3&pages=2&Page=5&$where=1&na%0Ame=x&%C3%A9=1&filter[a]=1")
    assert response.content == plain.content
    named = response.headers["x-unknown-fields"].split(", ")
    assert named == ["itemPerPage", "pages", "Page", "$where", "na%0Ame", "%C3%A9", "filter[a]"]
    assert "x-unknown-fields" not in plain.headers


@EVERY_LIST
def test_both_spellings_of_a_search_are_one(reader: httpx.Client, route: Endpoint) -> None:
    listing = route.policy.listing
    assert listing is not None
    for name in listing.search:
        rows = _get(reader, route, "itemsPerPage=1000").json()["items"]
        told = [row for row in rows if _said(row, name)]
        if not told:
            continue
        value = str(_said(told[-1], name))
        term = value[1:-1] or value
        expected = {row["_id"] for row in told if term.lower() in str(_said(row, name)).lower()}
        for spelling, spelled in (
            (f"search.{name}", term),
            (f"search.{name}", f"  {term.lower()} "),
            (f"search[{name}]", term.upper()),
        ):
            response = _get(reader, route, **{spelling: spelled, "itemsPerPage": 1000})
            assert set(_ids(response)) == expected, f"{spelling}={spelled}"
            assert response.json()["total"] == len(expected)
        assert _ids(_get(reader, route, **{f"search.{name}": "no such term"})) == []
        blank = _get(reader, route, **{f"search.{name}": "", "itemsPerPage": 1000})
        assert blank.json()["total"] == len(rows)


TERMS = (
    ".*",
    "%",
    "_",
    "a%",
    "\\",
    "[a-z]",
    "^",
    "$",
    "'",
    "' OR '1'='1",
    '"; DROP TABLE customers; --',
    "*",
    "?",
    '{"$ne": null}',
    "$gt",
    "{$where: 1}",
    "(",
    ")",
    "NEAR(",
    '"',
    "-",
    "AND",
    "x OR y",
    "f_name:x",
    "\u0130",
    "ß",
)


@EVERY_LIST
def test_a_term_is_never_a_pattern(reader: httpx.Client, route: Endpoint) -> None:
    listing = route.policy.listing
    assert listing is not None
    # each term on every third field: on one of them at least
    step = min(3, len(listing.search))
    for index, name in enumerate(listing.search):
        for term in TERMS[index % step :: step]:
            response = _get(reader, route, **{f"search.{name}": term, "itemsPerPage": 1000})
            assert response.status_code == 200, response.text
            for row in response.json()["items"]:
                assert fold(term) in fold(str(_said(row, name) or "")), f"{name} = {row.get(name)!r} found by {term!r}"


@EVERY_LIST
def test_terms_have_bounds(reader: httpx.Client, route: Endpoint) -> None:
    listing = route.policy.listing
    assert listing is not None
    for name in listing.search:
        assert _get(reader, route, **{f"search.{name}": "x" * 500}).status_code == 200
        for term in ("x" * 501, "x" * 10_000, "a\x00b", "a\nb", "\x7f"):
            response = _get(reader, route, **{f"search.{name}": term})
            assert response.status_code == 400, f"{name}: {term[:20]!r}"
            assert response.json()["errors"][0]["field"] == f"search.{name}"
    for filter_ in listing.filters:
        assert _get(reader, route, **{filter_.name: "a\x00b"}).status_code == 400
        assert _get(reader, route, **{filter_.name: "x" * 10_000}).status_code in (200, 400)


@EVERY_LIST
def test_filters_are_exact_and_repeated_ones_mean_any(reader: httpx.Client, route: Endpoint) -> None:
    listing = route.policy.listing
    assert listing is not None
    rows = _get(reader, route, "itemsPerPage=1000").json()["items"]
    for filter_ in listing.filters:
        field = filter_.field or filter_.name
        values = sorted({str(row[field]) for row in rows if row.get(field) is not None})
        if not values:
            continue
        query = "&".join(f"{filter_.name}={value}" for value in values[:2])
        expected = {row["_id"] for row in rows if str(row.get(field)) in values[:2]}
        for spelled in (query, query.replace("=", "[]=")):
            assert set(_ids(_get(reader, route, spelled + "&itemsPerPage=1000"))) == expected
        response = _get(reader, route, **{filter_.name: "f" * 24})
        assert _ids(response) == []


@EVERY_LIST
def test_orders_in_every_spelling(reader: httpx.Client, route: Endpoint) -> None:
    listing = route.policy.listing
    assert listing is not None
    for key in listing.sort_names:
        up = _get(reader, route, f"sortBy[0].key={key}&itemsPerPage=1000")
        down = _get(reader, route, f"sortBy[0].key={key}&sortBy[0].order=desc&itemsPerPage=1000")
        assert _ids(up) == list(reversed(_ids(down)))
        spellings = (
            f"sortBy[0][key]={key}&sortBy[0][order]=asc",
            f"sortBy[0].key={key}&sortBy[0].order=ASC",
            f"sortBy[0].key={key}&sortBy[0].order=ascending",
            f"sortBy%5B0%5D.key={key}&sortBy%5B0%5D%5Border%5D=",
            f"sortBy[3].key={key}",
            f"sortBy[0].key={key}&sortBy[1].key={key}&sortBy[1].order=desc",
        )
        for spelled in spellings if key == listing.sort_names[0] else spellings[:1]:
            assert _ids(_get(reader, route, spelled + "&itemsPerPage=1000")) == _ids(up), spelled
        values = [str(row.get(key) or "").casefold() for row in up.json()["items"]]
        assert values == sorted(values), key


@EVERY_LIST
def test_a_cursor_reads_everything_once_in_order(reader: httpx.Client, route: Endpoint) -> None:
    listing = route.policy.listing
    assert listing is not None
    for order in ("", *(f"&sortBy[0].key={key}&sortBy[0].order=desc" for key in listing.sort_names[:3])):
        expected = _ids(_get(reader, route, "itemsPerPage=1000" + order))
        found: list[str] = []
        cursor = ""
        for _ in range(len(expected)):
            answer = _get(reader, route, f"itemsPerPage=7&after={cursor}" + order).json()
            assert answer["total"] == len(expected)
            found += [entry["_id"] for entry in answer["items"]]
            if "next" not in answer:
                break
            cursor = answer["next"]
        assert found == expected


@EVERY_LIST
def test_a_cursor_that_was_changed_is_refused(reader: httpx.Client, route: Endpoint) -> None:
    cursor = _get(reader, route, "itemsPerPage=2&after=").json()["next"]
    inside = json.loads(base64.urlsafe_b64decode(cursor + "=="))

    def written(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    changed = [
        cursor[:-3],
        cursor[1:],
        cursor + "AAAA",
        "AAAA",
        "null",
        "e30",
        "W10",
        written({"a": 1}),
        written([inside[0]]),
        written(inside[:2]),
        written([inside[0], None, None]),
        written([inside[0], {"$gt": ""}, "x"]),
        written([inside[0], [1], "x"]),
        written([inside[0], True, False][:2]),
        written(["00000000", *inside[1:]]),
        written([*inside, "more"]),
        written([inside[0], 5, 5]),
        written([inside[0], "x" * 5000, "x"]),
        "é",
        "%00",
        "A" * 9000,
    ]
    for text in changed:
        response = _get(reader, route, after=text)
        # a position is a position: one that names no document of the list still lies somewhere in its order
        assert response.status_code == 400 or (response.status_code == 200 and len(text) > 20), (
            f"{text}: {response.text}"
        )
        if response.status_code == 400:
            assert response.json()["errors"][0]["field"] == "after"


@EVERY_LIST
def test_a_cursor_of_another_order_or_list_is_refused(reader: httpx.Client, route: Endpoint) -> None:
    cursor = _get(reader, route, "itemsPerPage=2&after=").json()["next"]
    for order in ("sortBy[0].key=created", "sortBy[0].key=created&sortBy[0].order=desc", "sortBy[0].order=desc"):
        if not (route.policy.listing and route.policy.listing.newest_first and "desc" in order):  # that is its order
            assert _get(reader, route, f"{order}&after={cursor}").status_code == 400
    for other in PAGED:
        assert other.policy.listing
        assert route.policy.listing
        if other.policy.listing.collection is not route.policy.listing.collection:
            assert _get(reader, other, f"after={cursor}").status_code == 400


@EVERY_LIST
def test_changes_are_followed_deleted_documents_too(
    world: World, shop: Organization, reader: httpx.Client, route: Endpoint
) -> None:
    kind = KINDS.get(route.path_format, "")
    if kind == CALLS:
        return  # what was called is neither changed nor deleted
    delete = DELETES.get(kind)
    made = world.make(shop, kind) if kind else PARTS[route.path_format](world, shop)
    since = _row(reader, route, made)["lastModified"]
    later = _get(reader, route, updatedSince=since, itemsPerPage=1000)
    assert made in _ids(later)
    for spelled in (since.replace("Z", "+00:00"), since.replace("Z", " 00:00"), since.replace("Z", "")):
        assert _ids(_get(reader, route, f"itemsPerPage=1000&updatedSince={spelled}")) == _ids(later), spelled
    assert _ids(_get(reader, route, updatedSince="2999-01-01T00:00:00Z")) == []
    assert made in _ids(_get(reader, route, updatedSince="1970-01-01", itemsPerPage=1000))
    if delete is None:
        return
    world.post(shop, delete.format(made))
    assert made not in _ids(_get(reader, route, itemsPerPage=1000))
    for query in ({"updatedSince": since}, {"includeDeleted": "true"}, {"includeDeleted": "1"}):
        rows = {row["_id"]: row for row in _get(reader, route, **query, itemsPerPage=1000).json()["items"]}
        assert rows[made]["deleted"] is True
        assert rows[made]["deletedDate"].endswith("Z")
        assert rows[made]["deletedBy"]
    for query in ({"includeDeleted": "false"}, {"includeDeleted": "0"}, {"includeDeleted": ""}):
        assert made not in _ids(_get(reader, route, **query, itemsPerPage=1000))


def _row(client: httpx.Client, route: Endpoint, id_: str) -> Any:
    rows = _get(client, route, itemsPerPage=1000).json()["items"]
    return next(row for row in rows if row["_id"] == id_)


@pytest.mark.parametrize("route", LISTS, ids=name_of)
@pytest.mark.parametrize(
    "query",
    ["%", "%zz", "a=%ff", "%ff=1", "a=%c3", "a=%ed%a0%80", "&".join(f"a{n}=1" for n in range(300)), "a=%C0%80"],
)
def test_a_query_that_cannot_be_read(reader: httpx.Client, route: Endpoint, query: str) -> None:
    response = reader.get(httpx.URL(route.path_format.format(**PLACES)).copy_with(query=query.encode()))
    assert response.status_code in (200, 400), response.text
    if "%ff" in query or "%c3" in query or "%ed" in query or "%C0" in query or query.count("&") > 200:
        assert response.status_code == 400


@EVERY_LIST
def test_what_a_list_understands_is_documented(route: Endpoint) -> None:
    listing = route.policy.listing
    assert listing is not None
    declared = {parameter["name"]: parameter for parameter in operation_of(route)["parameters"]}
    for name in (*listing.size_names, "page", "updatedSince", "includeDeleted", "after", *listing.flags):
        assert name in declared
    for name in listing.search:
        assert f"search[{name}]" in declared or f"search.{name}" in declared
    assert declared["limit"]["schema"]["maximum"] == LARGEST_SIZE
    assert set(declared["sortBy[0].key"]["schema"]["enum"]) == set(listing.sort_names)
    for name in (*listing.sort_names, *listing.search, *(filter_.field or filter_.name for filter_ in listing.filters)):
        if name not in ("orgPartNumber", "available"):  # looked up in the organization's properties of items
            assert listing.collection.field(name)

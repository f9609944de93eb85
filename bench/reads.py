"""Lists, one document, routing, prices, data sheets: each against something simple on the same core in the same run."""

import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson

from bench.routes import FIRST, LAST
from bench.tools import Figure, Load, Server, compared, in_turns, send, serving

API = "/api/v1"
PAGE = f"{API}/customers?itemsPerPage=50"
PRICE_LISTS = f"{API}/pricelists?itemsPerPage=50"
ALL_ROUTES = 236


def page(data: Path, facts: Mapping[str, Any]) -> list[Figure]:
    """Targets 1 and 2: a page of customers, one document."""
    with ExitStack() as stack:
        ours = stack.enter_context(serving("brassleaf", "--data", data))
        logging = stack.enter_context(serving("brassleaf", "--data", data, "--log", "json"))
        token, logged = ours.token(facts), logging.token(facts)
        regular = ours.token(facts, "regular")
        content = ours.call("GET", PAGE, token=token)
        assert len(orjson.loads(content)["items"]) == 50
        kept = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "page.json"
        kept.write_bytes(content)
        listed = ours.call("GET", PRICE_LISTS, token=token)
        assert len(orjson.loads(listed)["items"]) == 50
        kept_lists = kept.with_name("pricelists.json")
        kept_lists.write_bytes(listed)
        bare_lists = stack.enter_context(serving("bare", "--page", kept_lists))
        bare = stack.enter_context(serving("bare", "--page", kept))
        twin = stack.enter_context(serving("twin", "--data", data, "--organization", facts["organization"]))
        theirs = orjson.loads(twin.call("GET", "/customers?itemsPerPage=50"))
        assert [entry["_id"] for entry in theirs["items"]] == [
            entry["_id"] for entry in orjson.loads(content)["items"]
        ], "the twin answers something else"
        lists = in_turns(
            {
                "ours": Load(ours, PAGE, token=token),
                "regular": Load(ours, PAGE, token=regular),
                "logged": Load(logging, PAGE, token=logged),
                "bare": Load(bare, "/page"),
                "twin": Load(twin, "/customers?itemsPerPage=50"),
            }
        )
        price_lists = in_turns(
            {
                "ours": Load(ours, PRICE_LISTS, token=token),
                "regular": Load(ours, PRICE_LISTS, token=regular),
                "bare": Load(bare_lists, "/page"),
            }
        )
        customer, assembly = f"{API}/customer/{facts['customer']}", f"{API}/hoseassembly/{facts['assembly']}"
        ones = in_turns(
            {
                "customer": Load(ours, customer, token=token),
                "regular": Load(ours, customer, token=regular),
                "logged": Load(logging, customer, token=logged),
                "assembly": Load(ours, assembly, token=token),
                "ping": Load(bare, "/ping"),
            }
        )
    size = f"{len(content) / 1000:.0f} kB"
    whole, bytes_, twins = lists["ours"], lists["bare"], lists["twin"]
    return [
        compared("1a page of 50 of 100,000 customers, admin / same bytes from a bare route", whole, bytes_, 0.5,
                 note=f"{size}; {whole} against {bytes_}"),
        compared("1b the same / plain FastAPI with response_model", whole, twins, 3.0),
        compared("1c the same with the JSON log / bare route", lists["logged"], bytes_),
        compared("1d the same for a role without costs / bare route", lists["regular"], bytes_),
        compared("1e the same for a role without costs / plain FastAPI with response_model", lists["regular"], twins),
        compared("1f a page of 50 of 1,000 price lists, admin / same bytes from a bare route",
                 price_lists["ours"], price_lists["bare"], 0.5, note=f"{len(listed) / 1000:.0f} kB"),
        compared("1g the same for a role without costs / bare route", price_lists["regular"], price_lists["bare"]),
        compared("2a one customer, admin / bare ping", ones["customer"], ones["ping"], 0.5),
        compared("2b the same with the JSON log / bare ping", ones["logged"], ones["ping"]),
        compared("2c one customer, a role without costs / bare ping", ones["regular"], ones["ping"]),
        compared("2d one hose assembly with components and crimp data / bare ping", ones["assembly"], ones["ping"]),
    ]  # fmt: skip


def routing(data: Path, facts: Mapping[str, Any]) -> list[Figure]:
    """Target 3: the last of 236 routes."""
    with (
        serving("brassleaf", "--data", data, "--routes", ALL_ROUTES) as indexed,
        serving("brassleaf", "--data", data, "--routes", ALL_ROUTES, "--no-index") as plain,
    ):
        token, other = indexed.token(facts), plain.token(facts)
        found = in_turns(
            {
                "first": Load(indexed, API + FIRST, token=token),
                "last": Load(indexed, API + LAST, token=token),
                "plain first": Load(plain, API + FIRST, token=other),
                "plain last": Load(plain, API + LAST, token=other),
            },
            rounds=5,
        )
    return [
        compared(f"3a last of {ALL_ROUTES} routes / first", found["last"], found["first"], 0.7),
        compared("3b the same without the path index", found["plain last"], found["plain first"]),
    ]


def prices(data: Path, facts: Mapping[str, Any]) -> list[Figure]:
    """Target 6: the price of an assembly."""
    asked = {f"{role}Id": id_ for role, id_ in facts["parts"].items()}
    body = {**asked, "length": 36, "lengthUnit": "in", "customerOrgId": facts["customer"], "quantity": 10}
    stored = {"quantity": 10}
    with serving("brassleaf", "--data", data) as ours, serving("bare") as bare:
        token = ours.token(facts)
        found = in_turns(
            {
                "given": Load(ours, f"{API}/hoseassembly/price", "POST", token, body),
                "stored": Load(ours, f"{API}/hoseassembly/{facts['assembly']}/price", "POST", token, stored),
                "ping": Load(bare, "/ping"),
            }
        )
    return [
        compared("6a price of hose, two ends, two ferrules / bare ping", found["given"], found["ping"], 0.2),
        compared("6b price of a stored assembly / bare ping", found["stored"], found["ping"], 0.2),
    ]


def data_sheets(data: Path, facts: Mapping[str, Any]) -> list[Figure]:
    """Target 8: CPU of a warm data sheet."""
    path = f"{API}/hoseassembly/{facts['assembly']}/datasheet"
    with serving("brassleaf", "--data", data) as ours:
        token = ours.token(facts)
        wanted = {"plain": {}, "priced": {"showPricing": True}}
        spent: dict[str, list[float]] = {name: [] for name in wanted}
        for _ in range(20):
            assert ours.call("POST", path, {}, token).startswith(b"%PDF")
        for _ in range(5):
            for name, body in wanted.items():
                spent[name].append(_cpu(ours, path, body, token))
    return [
        Figure("8a warm data sheet over HTTP, CPU of the server", spent["plain"], 15, at_most=True, unit=" ms"),
        Figure("8b the same with prices", spent["priced"], unit=" ms"),
        Figure("8c rendering alone", _rendered(data, facts), unit=" ms"),
    ]


def _cpu(server: Server, path: str, body: dict[str, Any], token: str) -> float:
    before = server.cpu()
    done = send(Load(server, path, "POST", token, body or {"paper": "letter"}, connections=4))
    return (server.cpu() - before) / done["requests"] * 1000


def _rendered(data: Path, facts: Mapping[str, Any]) -> list[float]:
    import asyncio  # noqa: PLC0415

    from brassleaf.app import COLLECTIONS  # noqa: PLC0415
    from brassleaf.assemblies import documents  # noqa: PLC0415
    from brassleaf.assemblies.service import AssemblyService  # noqa: PLC0415
    from brassleaf.catalog.service import Catalogue  # noqa: PLC0415
    from brassleaf.documents import render_datasheet  # noqa: PLC0415
    from brassleaf.organizations.sequences import Sequences  # noqa: PLC0415
    from brassleaf.organizations.service import OrganizationService  # noqa: PLC0415
    from brassleaf.pricing.models import PRICE_LISTS as PRICE_LIST_COLLECTION  # noqa: PLC0415
    from brassleaf.pricing.service import Prices  # noqa: PLC0415
    from brassleaf.security.caller import Caller  # noqa: PLC0415
    from brassleaf.store.sqlite import SqliteStore  # noqa: PLC0415

    async def opened() -> Any:
        store = SqliteStore(data / "brassleaf.sqlite")
        await store.open(COLLECTIONS)
        try:
            organizations = OrganizationService(store, PRICE_LIST_COLLECTION)
            sequences = Sequences(store, organizations, {})
            service = AssemblyService(store, Catalogue(store), organizations, Prices(store), sequences)
            caller = Caller(facts["organization"], "admin", "key", "0" * 24, "bench", "bench")
            stored, built, organization = await service.opened(caller, facts["assembly"])
            return documents.data_sheet(stored.document, built, organization, crimp_data=True, price=None)
        finally:
            await store.close()

    sheet = asyncio.run(opened())
    spent = []
    for number in range(25):
        start = time.process_time()
        render_datasheet(sheet, paper="letter", lengths="in")
        if number >= 5:
            spent.append((time.process_time() - start) * 1000)
    return spent

"""Lists of a catalogue of 100,000 items: filters, searches, and what fits a hose, each against a bare route.

The same list is asked for again and again, as shops and configurators do: its items come from memory while nothing is
written. What a page costs that nobody asked for before is said beside each figure.
"""

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from bench.seed import ITEM_COUNT
from bench.tools import Figure, Load, Server, compared, in_turns, serving
from brassleaf.catalog.crimpfittings.models import CRIMP_FITTING
from brassleaf.catalog.hoses.models import HOSE
from brassleaf.http.lists import Listing

API = "/api/v1"
LISTS: Mapping[str, Listing] = {"hoses": HOSE.listing, "crimpfittings": CRIMP_FITTING.listing}
#: Terms that many items of a list have, one of them of two letters.
TERMS = {
    "hoses": (("partNumber", "2sn"), ("description", "braid"), ("partNumber", "sn")),
    "crimpfittings": (("partNumber", "fjx-08"), ("description", "elbow"), ("partNumber", "jx")),
}
SIZE = 50
ROUNDS = 5


def lists(data: Path, facts: Mapping[str, Any]) -> list[Figure]:
    """A page of 50 for every filter with an index, substring searches, and the fittings of a hose."""
    figures = []
    with serving("brassleaf", "--data", data) as ours:
        token = ours.token(facts)
        for name, listing in LISTS.items():
            indexed = {field.name for field in listing.collection.fields if field.indexed}
            path = f"{API}/organization/{name}"
            for filter_ in listing.filters:
                if (filter_.field or filter_.name) in indexed:
                    value = _common(ours, token, path, filter_.name)
                    query = urlencode({filter_.name: value, "itemsPerPage": SIZE})
                    figures.append(_page(f"9a {name} with {filter_.name}", ours, token, f"{path}?{query}", 0.5))
            for field, term in TERMS[name]:
                query = f"search.{field}={quote(term)}&itemsPerPage={SIZE}"
                figures.append(_page(f"9b {name} with {term!r} in {field}", ours, token, f"{path}?{query}", 0.2))
        figures += _fitting(ours, token)
    return figures


def _common(ours: Server, token: str, path: str, name: str) -> str:
    """A value of a filter that many items of the list have."""
    content = orjson.loads(ours.call("GET", f"{path}?itemsPerPage=1000&page=3", token=token))
    values = Counter(str(entry[name]) for entry in content["items"] if entry.get(name))
    return values.most_common(1)[0][0]


def _page(name: str, ours: Server, token: str, path: str, target: float) -> Figure:
    content = ours.call("GET", path, token=token)
    answer = orjson.loads(content)
    first = _first_time(ours, token, path, answer["total"])
    assert len(answer["items"]) == SIZE, (path, answer["total"])
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "page.json"
        kept.write_bytes(content)
        with serving("bare", "--page", kept) as bare:
            found = in_turns({"ours": Load(ours, path, token=token), "bare": Load(bare, "/page")}, rounds=ROUNDS)
    note = f"{answer['total']:,} hits, {len(content) / 1000:.0f} kB; {found['ours']} against {found['bare']}; {first}"
    return compared(f"{name} / same bytes from a bare route", found["ours"], found["bare"], target, note=note)


def _first_time(ours: Server, token: str, path: str, total: int) -> str:
    """How long pages take that nobody asked for before: what is asked for again comes from memory."""
    spent = []
    for page in range(2, min(12, total // SIZE + 1)):
        start = time.perf_counter()
        ours.call("GET", f"{path}&page={page}", token=token)
        spent.append(time.perf_counter() - start)
    return f"a page for the first time {statistics.median(spent) * 1000:.1f} ms" if spent else "one page"


def _fitting(ours: Server, token: str) -> list[Figure]:
    """What goes with a hose: its crimp specifications, its coupling series, the sizes of fittings, the fittings."""
    hoses = ours.call("GET", f"{API}/organization/hoses?series=2SN&size=-08&itemsPerPage=20", token=token)
    hose = orjson.loads(hoses)["items"][-1]
    (spec,) = hose["crimpSpecs"]
    named = {"series": spec["couplingSeries"], "brand": spec["couplingSeriesBrand"], "hoseSize": hose["size"]}
    asked: dict[str, tuple[str, str, Any]] = {
        "9c fittings of a hose, by series, brand and size": (
            "GET",
            f"{API}/organization/crimpfittings?{urlencode({**named, 'itemsPerPage': SIZE})}",
            None,
        ),
        "9d crimp specifications of a hose": ("GET", f"{API}/hose/{hose['_id']}/crimpspecs", None),
        "9e coupling series of a hose": ("GET", f"{API}/organization/couplingseries?hoseId={hose['_id']}", None),
        "9f sizes of the fittings of a hose": ("POST", f"{API}/crimpfittings/sizes", {"hoseId": hose["_id"]}),
        "9g fittings of a hose with their ferrules": (
            "GET",
            f"{API}/organization/crimpfittingswithferrules?hoseId={hose['_id']}&itemsPerPage={SIZE}",
            None,
        ),
    }
    figures = []
    with serving("bare") as bare:
        for name, (method, path, body) in asked.items():
            content = ours.call(method, path, body, token, expect=(200, 404))
            if b'"status":404' in content[:300]:
                continue  # not served by this source tree
            found = in_turns(
                {"ours": Load(ours, path, method, token, body), "ping": Load(bare, "/ping")}, rounds=ROUNDS
            )
            note = f"{len(content) / 1000:.1f} kB; {found['ours']} against {found['ping']}"
            target = 0.2 if name.startswith(("9c", "9d", "9g")) else None
            figures.append(compared(f"{name}, of {ITEM_COUNT:,} items / bare ping", found["ours"], found["ping"],
                                    target, note=note))  # fmt: skip
    return figures

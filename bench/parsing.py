"""Reading texts as assemblies: how many fields are right, and the time of a parse in a catalogue of 100,000 items."""

import hashlib
import http.client
import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.seed import ITEM_COUNT, Data, demo_items, kept
from bench.tools import ROOT, Figure, Server, serving
from brassleaf.app import COLLECTIONS
from brassleaf.catalog.models import ITEMS
from brassleaf.demo.shop import load_shop
from brassleaf.operations.founding import found
from brassleaf.store.collections import SHARED
from brassleaf.store.sqlite import SqliteStore
from brassleaf.trade.parsing import End, Reading, read

CORPUS = ROOT / "tests" / "parsing"
PARSE = "/api/v1/hoseassemblies/parse"
#: Requests one after the other, of which the median counts.
REQUESTS, ROUNDS = 150, 5


# -- accuracy ---------------------------------------------------------------------------------------------------------


def corpus(part: str) -> list[dict[str, Any]]:
    """The texts of one part of the corpus (tuned, held), each with its fields."""
    return [json.loads(line) for line in (CORPUS / f"corpus_{part}.jsonl").read_text("utf-8").splitlines()]


def stated(reading: Reading) -> dict[str, Any]:
    """The fields that a text states, as the corpus writes them."""
    length = reading.length.value if reading.length else None
    facts = {
        "size": reading.size and reading.size.value,
        "hose": reading.hose and reading.hose.value,
        "hosePart": reading.hose_part,
        "length": length and f"{length.value.normalize():f} {length.unit or ''}".strip(),
        "measure": reading.measured and reading.measured.value,
        "twist": reading.twist.value if reading.twist else None,
        "quantity": reading.quantity and reading.quantity.value,
        "proof": reading.proof_test or None,
        "burst": reading.burst_test or None,
        "wrap": reading.wrap and reading.wrap.value,
        "brand": reading.brand and reading.brand.value,
        **_end("end1", reading.end1),
        **_end("end2", reading.end2),
        **{f"conflict.{conflict.field}": True for conflict in reading.conflicts},
    }
    return {name: value for name, value in facts.items() if value is not None}


def _end(name: str, end: End | None) -> dict[str, Any]:
    if end is None:
        return {}
    facts = {"style": end.style, "gender": end.gender, "size": end.size, "angle": end.angle}
    said = {f"{name}.{field}": fact.value for field, fact in facts.items() if fact is not None}
    return {**said, f"{name}Part": end.part}


def expected(row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a line of the corpus, flat."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{inner}": said for inner, said in value.items()})
        elif isinstance(value, list):
            flat.update({f"{name}.{entry}": True for entry in value})
        elif name != "text":
            flat[name] = value
    return flat


def score(rows: list[dict[str, Any]]) -> tuple[int, int, int]:
    """Right fields, fields in all (what is said and was not meant counts as wrong), and texts that are wholly right."""
    right = total = whole = 0
    for row in rows:
        meant, said = expected(row), stated(read(row["text"]))
        wrong = sum(meant.get(name) != said.get(name) for name in {*meant, *said})
        total += len({*meant, *said})
        right += len({*meant, *said}) - wrong
        whole += not wrong
    return right, total, whole


def _accuracy() -> list[Figure]:
    figures = []
    for name, part, target in (("9a held-out", "held", 95.0), ("9b tuned", "tuned", None)):
        rows = corpus(part)
        right, total, whole = score(rows)
        note = f"{right} of {total} fields; {whole} of {len(rows)} texts wholly right"
        figures.append(Figure(f"{name} texts, fields read right", [100 * right / total], target, unit=" %", note=note))
    return figures


# -- speed ------------------------------------------------------------------------------------------------------------


def _copies(items: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The demo's catalogue under other makers' names, until there are enough."""
    made = len(items)
    for maker in range(1, ITEM_COUNT):
        batch = []
        for item in items[: ITEM_COUNT - made]:
            brand, number = f"Bench Maker {maker:03}", f"{item['partNumber']}-M{maker:03}"
            id_ = hashlib.sha256(f"{brand}|{item['itemType']}|{number}".encode()).hexdigest()[:24]
            specs = [
                {**spec, "couplingSeriesBrand": brand, "ferruleBrand": brand} for spec in item.get("crimpSpecs", [])
            ]
            batch.append({**item, "_id": id_, "brand": brand, "partNumber": number, "crimpSpecs": specs})
        if not batch:
            return
        made += len(batch)
        yield batch


async def _make(path: Path) -> dict[str, Any]:
    store = SqliteStore(path)
    await store.open(COLLECTIONS)
    try:
        founder = await found(store, "Bench Shop", "admin@bench.example.com", {"labourPrice": 9.5, "labourCost": 4})
        await load_shop(store, founder.organization_id)
        repository = store.repository(ITEMS, SHARED)
        for batch in _copies([entry.document for entry in await demo_items(store)]):
            await repository.insert_many(batch)
        assert await repository.count() == ITEM_COUNT
        return {"organization": founder.organization_id, "key": founder.key, "keyName": founder.key_name}
    finally:
        await store.close()


def seeded() -> Data:
    """The folder with the catalogue and what one must know of it; made where it is not there yet."""
    return kept("parsing", f"{ITEM_COUNT:,} items of many makers", _make)


def _median(server: Server, requests: list[tuple[str, str, bytes | None]], token: str) -> float:
    """The median time of requests one after the other on one connection, in seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    spent = []
    try:
        for number in range(REQUESTS):
            method, path, body = requests[number % len(requests)]
            start = time.perf_counter()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            spent.append(time.perf_counter() - start)
            assert answer.status == 200, (path, body, answer.status)
    finally:
        connection.close()
    return statistics.median(spent)


def _cpu(server: Server, work: Callable[[], object]) -> float:
    """CPU of the server for each of the requests that some work sends, in seconds."""
    before = server.cpu()
    work()
    return (server.cpu() - before) / REQUESTS


def _speed(data: Path, facts: Mapping[str, Any]) -> list[Figure]:
    texts = [row["text"] for part in ("tuned", "held") for row in corpus(part)]
    with serving("brassleaf", "--data", data) as ours, serving("bare") as bare:
        token = ours.token(facts)
        answers = [json.loads(ours.call("POST", PARSE, {"text": text}, token)) for text in texts]
        priced = [text for text, answer in zip(texts, answers, strict=True) if answer["price"]]
        kinds = {
            "all texts": texts,
            "texts with a price": priced,
            "texts without": [text for text in texts if text not in priced],
        }
        sent = {
            name: [("POST", PARSE, json.dumps({"text": text}).encode()) for text in some]
            for name, some in kinds.items()
        }
        sent["price alone"] = [("POST", "/api/v1/hoseassembly/price", _price_of(answers))]
        ping: list[tuple[str, str, bytes | None]] = [("GET", "/ping", None)]
        times: dict[str, list[float]] = {name: [] for name in (*sent, "ping")}
        cpu: dict[str, list[float]] = {name: [] for name in (*sent, "ping")}
        for _ in range(ROUNDS):
            cpu["ping"].append(_cpu(bare, lambda: times["ping"].append(_median(bare, ping, ""))))
            for name, requests in sent.items():
                cpu[name].append(_cpu(ours, lambda n=name, r=requests: times[n].append(_median(ours, r, token))))
    figures = []
    for number, name in enumerate(sent):
        ratio = [one / other for one, other in zip(times[name], times["ping"], strict=True)]
        by_cpu = [one / other for one, other in zip(cpu[name], cpu["ping"], strict=True)]
        note = (
            f"{statistics.median(times[name]) * 1000:.2f} ms against {statistics.median(times['ping']) * 1000:.2f} ms"
        )
        if name in kinds:
            note += f"; {len(kinds[name])} texts"
        label = (
            f"9{'cdef'[number]} p50 of a parse, {name}"
            if name in kinds
            else "9f p50 of the price of one of them, alone"
        )
        figures.append(
            Figure(f"{label} / bare ping", ratio, 5.0 if number == 0 else None, at_most=True, note=note, cpu=by_cpu)
        )
    return figures


def _price_of(answers: list[dict[str, Any]]) -> bytes:
    """The request for the price of the first text that has one."""
    result = next(answer["result"] for answer in answers if answer["price"])
    asked = {f"{role}Id": result[role] for role in ("hose", "end1", "end2")}
    return json.dumps({**asked, "length": result["length"], "lengthUnit": result["lengthUnit"]}).encode()


def parsing(data: Path, facts: Mapping[str, Any]) -> list[Figure]:
    """Accuracy on both parts of the corpus, and the time of a parse at 100,000 items."""
    return [*_accuracy(), *_speed(data, facts)]

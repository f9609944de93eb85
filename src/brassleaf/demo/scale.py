"""A catalogue of any size: the demo's items once for every invented brand, the same on every machine."""

from collections.abc import Iterator, Sequence
from typing import Any

from brassleaf.demo.rows import Document, lasting

BATCH = 2000

_FIRST = (
    "Alder", "Beacon", "Cobalt", "Dover", "Elm", "Falcon", "Granite", "Harbour", "Iron", "Juniper", "Keel", "Larch",
    "Mistral", "North", "Onyx", "Pilot", "Quartz", "Ridge", "Summit", "Tundra", "Union", "Vector", "Willow", "Zenith",
)  # fmt: skip
_SECOND = ("flow", "line", "hose", "fit", "power", "tech", "flex", "forge", "works", "seal")
_STAINLESS = "stainless steel"


def brand(number: int) -> tuple[str, str]:
    """The name of an invented brand and the letters that its part numbers begin with."""
    turn, place = divmod(number, len(_FIRST) * len(_SECOND))
    first, second = _FIRST[place % len(_FIRST)], _SECOND[place // len(_FIRST)]
    name, code = f"{first}{second}", f"{first[:2]}{second[:3]}".upper()
    return (f"{name} {turn + 1}", f"{code}{turn + 1}") if turn else (name, code)


def copies(templates: Sequence[Document], count: int) -> Iterator[list[Document]]:
    """`count` items in batches: whole catalogues, brand after brand, the last one in part but of every kind of item."""
    shuffled = sorted(templates, key=lambda item: str(item["_id"]))  # ids are hashes: an order like a shuffled one
    batch: list[Document] = []
    for number in range(count):
        turn, place = divmod(number, len(shuffled))
        batch.append(_copy(shuffled[place], *brand(turn), number))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _copy(template: Document, name: str, code: str, number: int) -> Document:
    """An item as another brand makes it: its own numbers, coupling series, weight, and one brand in six stainless.

    All of its figures are samples: no such brand has published any.
    """
    fields: dict[str, Any] = {field: value for field, value in template.items() if field != "_id"}
    fields["partNumber"] = f"{code}-{template['partNumber']}"
    fields["brand"] = name
    if template["itemType"] in {"crimpFitting", "ferrule"}:
        fields["series"] = _series(code, template["series"])
    if specs := template.get("crimpSpecs"):
        fields["crimpSpecs"] = [_crimp_spec(spec, name, code) for spec in specs]
    if "weightLbs" in template:
        fields["weightLbs"] = round(template["weightLbs"] * (0.9 + number * 7919 % 200 / 1000), 4)
    if sum(code.encode()) % 6 == 0 and template.get("material") == "carbon steel":
        fields["material"] = _STAINLESS
    figures = (name for name, value in template.items() if isinstance(value, int | float | dict))
    fields["sampleData"] = sorted({*template["sampleData"], *figures} - {"hoseDash", "deleted"})
    fields["source"] = f"[X] invented, after {template['brand']} {template['partNumber']}"
    return lasting(f"{template['itemType']}|{fields['partNumber']}", **fields)


def _crimp_spec(spec: Document, name: str, code: str) -> Document:
    return {
        **spec,
        "couplingSeries": _series(code, spec["couplingSeries"]),
        "couplingSeriesBrand": name,
        "ferruleBrand": name,
        "ferrulePartNumber": f"{code}-{spec['ferrulePartNumber']}",
    }


def _series(code: str, series: str) -> str:
    return f"{code}{series[1:]}"

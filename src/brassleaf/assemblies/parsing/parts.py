"""What the reading of texts needs of an item of the catalogue, worked out once for the many texts that may mean it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import orjson

from brassleaf.catalog.service import Article
from brassleaf.store.collections import Document
from brassleaf.trade.length import is_straight
from brassleaf.trade.parsing.keys import constructions, item_key

#: A coupling series and its brand, without case and outer blanks; no brand ("") is any.
Series = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """An item that a text may mean, with what the organization says of it."""

    id: str
    item_type: str
    number: str
    brand: str
    description: str | None
    #: What it is found by where no number names it (`trade.parsing.keys`).
    alike: str | None
    dash: int | None
    #: Whether the organization made it, and whether it has given it a price.
    custom: bool
    priced: bool
    #: Of a hose: the types that it is, and the series that it has a crimp specification for, the organization's first.
    kinds: tuple[str, ...]
    crimped: tuple[Series, ...]
    #: Of a fitting: its style, its series as crimp specifications name it (of its brand, of any), whether it is bent.
    style: str | None
    series: tuple[Series, ...]
    straight: bool
    #: Of a wrap and of a hose: the inside and the outside diameter in millimetres.
    inner: float | None
    outer: float | None


def usable(articles: Iterable[Article]) -> tuple[Part, ...]:
    """Those items that are there and that the organization has not switched off."""
    return tuple(
        _part(one.item.raw, None if one.properties is None else one.properties.raw)
        for one in articles
        if not one.item["deleted"] and (one.properties is None or one.properties["available"] is not False)
    )


@lru_cache(maxsize=4096)
def _part(item_json: bytes, said_json: bytes | None) -> Part:
    """The part of both documents, worked out once for the same two."""
    item: Document = orjson.loads(item_json)
    said: Document = {} if said_json is None else orjson.loads(said_json)
    specs = [*(said.get("crimpSpecs") or []), *(item.get("crimpSpecs") or [])]
    series, brand = _plain(item.get("series")), _plain(item.get("brand"))
    return Part(
        id=item["_id"],
        item_type=item["itemType"],
        number=str(item["partNumber"]),
        brand=str(item.get("brand")),
        description=item.get("description"),
        alike=item_key(item),
        dash=item.get("hoseDash"),
        custom=item.get("organization") is not None,
        priced=said.get("listPrice") is not None,
        kinds=tuple(constructions(item)),
        crimped=tuple((_plain(spec["couplingSeries"]), _plain(spec.get("couplingSeriesBrand"))) for spec in specs),
        style=item.get("style"),
        series=((series, brand), (series, "")),
        straight=is_straight(item.get("shape")),
        inner=item.get("innerDiammm"),
        outer=item.get("outerDiammm"),
    )


def _plain(name: object) -> str:
    """A series or brand as matching compares it: without case and outer blanks."""
    return str(name or "").strip().casefold()

"""Fittings beside the hoses that take them: coupling series in detail, and fittings with how and with which ferrule."""

from typing import Any

import orjson
from pydantic import Field, create_model

from brassleaf.catalog.crimpfittings.models import CRIMP_FITTING
from brassleaf.catalog.crimpfittings.service import FITTINGS, NOTHING, series_of
from brassleaf.catalog.facts import fitting_facts, hose_facts, stored_spec
from brassleaf.catalog.ferrules.models import FERRULE
from brassleaf.catalog.hoses.models import HOSE
from brassleaf.catalog.models import ITEM_PROPERTIES, ShownCrimpSpec
from brassleaf.catalog.service import Article, Catalogue, shown
from brassleaf.http.answers import without
from brassleaf.http.models import PageOf, Shown
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Page
from brassleaf.store.query import Linked, Or, Query, Sort, Where, both, equal
from brassleaf.store.remembered import Memory
from brassleaf.trade.matching import crimp_specs_for, match

_FITTING: Any = CRIMP_FITTING.view.full
_FERRULE: Any = FERRULE.view.full
WithFerrules = create_model(
    "CrimpFittingWithFerrules",
    __base__=_FITTING,
    __doc__="A fitting that may be crimped to a hose, how, and with which ferrules.",
    ferrules=(list[_FERRULE], ...),
    crimpSpec=(ShownCrimpSpec, ...),
)
WithFerrulesPage: Any = PageOf.__class_getitem__(WithFerrules)


class SeriesHose(Shown):
    """A hose that takes a coupling series."""

    id: str = Field(alias="_id")
    partNumber: str
    brand: str
    size: str


class SeriesDetails(Shown):
    """A coupling series of a brand."""

    couplingSeries: str
    couplingSeriesBrand: str
    ferruleBrand: str | None = None
    hoseSizes: list[str]
    fittings: int = Field(description="How many fittings of the series can be used.")
    hoses: list[SeriesHose] = Field(description="The hoses with a crimp specification for it.")


async def fittings_with_ferrules(
    catalogue: Catalogue, caller: Caller, hose_id: str, query: Query
) -> tuple[list[bytes], Page]:
    """One page of the fittings that may be crimped to a hose, as they are answered, as JSON."""
    memory = catalogue.memory(caller.organization)
    hose = (await memory.recall(("hose", hose_id), lambda: catalogue.get(caller, hose_id, HOSE))).document
    dash = hose.get("hoseDash")
    narrowed = both(query.where, NOTHING if dash is None else equal("hoseDash", dash), series_of(hose))
    asked = Query(narrowed, query.sort, query.skip, query.limit, query.after, query.with_deleted)
    articles, page = await catalogue.page(caller, CRIMP_FITTING, asked)

    seen = (caller.sees_cost, caller.is_customer)
    rows: list[bytes] = []
    for article in articles:
        key = ("with ferrules", hose_id, article.item.id, *seen)
        made = memory.get(key)
        if made is None:
            made = await _with_ferrules(catalogue, caller, memory, hose, article)
            memory.keep(key, made)
        rows.append(made)
    return rows, page


async def _with_ferrules(
    catalogue: Catalogue, caller: Caller, memory: Memory, hose: Document, article: Article
) -> bytes:
    facts = hose_facts(hose)
    spec = stored_spec(hose, facts, match(facts, fitting_facts(article.item.document)).crimp_spec) or {}
    ferrules: list[Article] = []
    if not article.item["onePiece"] and spec.get("ferrulePartNumber"):
        number, brand = spec.get("ferrulePartNumber"), spec.get("ferruleBrand") or spec.get("couplingSeriesBrand")
        key = ("ferrules", number, brand, caller.is_customer)
        ferrules = await memory.recall(key, lambda: catalogue.chosen(caller, FERRULE, number, brand))
    row = without(shown(article), CRIMP_FITTING.view.hidden_from(caller))
    hidden = FERRULE.view.hidden_from(caller)
    return orjson.dumps(
        {**row, "ferrules": [without(shown(ferrule), hidden) for ferrule in ferrules], "crimpSpec": spec}
    )


async def series_details(
    catalogue: Catalogue, caller: Caller, brand: str | None, hose_id: str | None
) -> list[Document]:
    """A `SeriesDetails` for each series and brand of fittings, by name."""
    where: Where = both(FITTINGS, equal("brand", brand) if brand else None)
    if hose_id:
        where = both(where, series_of((await catalogue.get(caller, hose_id, HOSE)).document))
    found: list[Document] = []
    for series in await catalogue.values(caller, "series", where):
        for of_brand in await catalogue.values(caller, "brand", both(where, equal("series", series))):
            narrowed = both(where, equal("series", series), equal("brand", of_brand))
            found.append(await _details(catalogue, caller, series, of_brand, narrowed))
    return found


async def _details(catalogue: Catalogue, caller: Caller, series: str, brand: str, where: Where) -> Document:
    crimped = equal("crimpedSeries", series)
    taking = both(equal("itemType", "hose"), Or((crimped, Linked(ITEM_PROPERTIES, "item", crimped))))
    hoses: list[Document] = []
    ferrule_brands: list[str] = []
    async for batch in catalogue.articles(caller, taking, sort=(Sort("partNumber"),)):
        for article in batch:
            specs = crimp_specs_for(hose_facts(article.document), series, brand)
            ferrule_brands += [spec.ferrule_brand for spec in specs if spec.ferrule_brand]
            if specs:
                hoses.append({name: article.item[name] for name in ("_id", "partNumber", "brand", "size")})
    return {
        "couplingSeries": series,
        "couplingSeriesBrand": brand,
        "ferruleBrand": ferrule_brands[0] if ferrule_brands else None,
        "hoseSizes": await catalogue.values(caller, "hoseSize", where),
        "fittings": await catalogue.count(caller, where),
        "hoses": hoses,
    }

"""Fittings beside the hoses that take them: coupling series in detail, and fittings with how and with which ferrule."""

from typing import Any

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
) -> tuple[list[Document], Page]:
    """One page of the fittings that may be crimped to a hose, as they are answered."""
    hose = (await catalogue.get(caller, hose_id, HOSE)).document
    dash = hose.get("hoseDash")
    narrowed = both(query.where, NOTHING if dash is None else equal("hoseDash", dash), series_of(hose))
    asked = Query(narrowed, query.sort, query.skip, query.limit, query.after, query.with_deleted)
    articles, page = await catalogue.page(caller, CRIMP_FITTING, asked)
    facts = hose_facts(hose)
    hidden, hidden_ferrule = CRIMP_FITTING.view.hidden_from(caller), FERRULE.view.hidden_from(caller)
    known: dict[tuple[str | None, str | None], list[Article]] = {}
    rows: list[Document] = []
    for article in articles:
        spec = stored_spec(hose, facts, match(facts, fitting_facts(article.item.document)).crimp_spec) or {}
        ferrules: list[Article] = []
        if not article.item["onePiece"] and spec.get("ferrulePartNumber"):
            key = (spec.get("ferrulePartNumber"), spec.get("ferruleBrand") or spec.get("couplingSeriesBrand"))
            if key not in known:
                known[key] = await catalogue.chosen(caller, FERRULE, *key)
            ferrules = known[key]
        row = without(shown(article), hidden)
        shown_ferrules = [without(shown(ferrule), hidden_ferrule) for ferrule in ferrules]
        rows.append({**row, "ferrules": shown_ferrules, "crimpSpec": spec})
    return rows, page


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

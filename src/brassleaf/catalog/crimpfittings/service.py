"""Which fittings go with a hose, asked of the whole catalogue."""

from brassleaf.catalog.conditions import of_field
from brassleaf.catalog.crimpfittings.models import FittingSizes
from brassleaf.catalog.hoses.models import HOSE
from brassleaf.catalog.service import Catalogue
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.query import Or, Where, both, equal

FITTINGS: Where = equal("itemType", "crimpFitting")
NOTHING: Where = Or()


async def fitting_conditions(catalogue: Catalogue, caller: Caller, sent: FittingSizes) -> Where:
    """The condition for a partly chosen fitting."""
    named = sent.model_dump(exclude_none=True, exclude={"hoseId", "couplingSeries"})
    parts: list[Where] = [of_field(name, value) for name, value in named.items()]
    if sent.couplingSeries:
        parts.append(equal("series", sent.couplingSeries))
    if sent.hoseId:
        hose = (await catalogue.get(caller, sent.hoseId, HOSE)).document
        dash = hose.get("hoseDash")
        # of a hose whose size is not known, no fitting is known to fit
        parts += [NOTHING if dash is None else equal("hoseDash", dash), series_of(hose)]
    return both(FITTINGS, *parts)


def series_of(hose: Document) -> Where:
    """The condition that a fitting's series and brand are among those that a hose has a crimp specification for."""
    pairs = {(spec["couplingSeries"], spec.get("couplingSeriesBrand")) for spec in hose.get("crimpSpecs", [])}
    return Or(
        tuple(
            both(equal("series", series), equal("brand", brand) if brand else None)
            for series, brand in sorted(pairs, key=lambda pair: (pair[0], pair[1] or ""))
        )
    )


async def coupling_series(catalogue: Catalogue, caller: Caller, brand: str | None, hose_id: str | None) -> list[str]:
    """The names of coupling series, sorted."""
    parts: list[Where] = [FITTINGS]
    if brand:
        parts.append(equal("brand", brand))
    if hose_id:
        parts.append(series_of((await catalogue.get(caller, hose_id, HOSE)).document))
    return await catalogue.values(caller, "series", both(*parts))

"""What may be crimped to a hose, and why something may not: the rule of matching, asked of catalogue items."""

from typing import Literal

from pydantic import Field

from brassleaf.catalog.crimpfittings.models import CRIMP_FITTING
from brassleaf.catalog.facts import ferrule_facts, fitting_facts, hose_facts, stored_spec
from brassleaf.catalog.ferrules.models import FERRULE
from brassleaf.catalog.hoses.models import HOSE
from brassleaf.catalog.models import ShownCrimpSpec
from brassleaf.catalog.service import Catalogue
from brassleaf.http.models import Shown
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document
from brassleaf.store.port import Stored
from brassleaf.trade.matching import match


class FitReason(Shown):
    """Why a fitting may not be crimped to a hose."""

    code: str
    message: str


class Fit(Shown):
    """Whether a fitting may be crimped to a hose."""

    fits: bool
    reasons: list[FitReason] = Field(description="Every reason why not; none where it fits.")
    crimpSpec: ShownCrimpSpec | None = Field(None, description="How it is crimped, the organization's own words first.")
    source: Literal["organization", "book"] | None = None


async def fit(
    catalogue: Catalogue, caller: Caller, hose_id: str, fitting_id: str, ferrule_id: str | None
) -> tuple[Document, list[Stored | None]]:
    """A `Fit` and the documents that it follows from. Raises NotFound for an item that is not there."""
    hose = await catalogue.get(caller, hose_id, HOSE)
    fitting = await catalogue.get(caller, fitting_id, CRIMP_FITTING)
    ferrule = await catalogue.get(caller, ferrule_id, FERRULE) if ferrule_id else None
    document = hose.document
    facts = hose_facts(document)
    around = ferrule_facts(ferrule.document if ferrule else None)
    found = match(facts, fitting_facts(fitting.document), around)
    reasons = [{"code": reason.code, "message": reason.sentence} for reason in found.reasons]
    shown = {
        "fits": found.fits,
        "reasons": reasons,
        "crimpSpec": stored_spec(document, facts, found.crimp_spec),
        "source": found.source,
    }
    return shown, [hose.item, hose.properties, fitting.item, ferrule.item if ferrule else None]

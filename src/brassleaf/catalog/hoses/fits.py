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


async def fit(catalogue: Catalogue, caller: Caller, hose: str, fitting: str, ferrule: str | None) -> Document:
    """A `Fit`. Raises NotFound for a hose, fitting or ferrule that is not there."""
    document = (await catalogue.get(caller, hose, HOSE)).document
    end = (await catalogue.get(caller, fitting, CRIMP_FITTING)).document
    around = (await catalogue.get(caller, ferrule, FERRULE)).document if ferrule else None
    facts = hose_facts(document)
    found = match(facts, fitting_facts(end), ferrule_facts(around))
    reasons = [{"code": reason.code, "message": reason.sentence} for reason in found.reasons]
    return {
        "fits": found.fits,
        "reasons": reasons,
        "crimpSpec": stored_spec(document, facts, found.crimp_spec),
        "source": found.source,
    }

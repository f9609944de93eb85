"""The endpoints of hoses."""

from typing import Annotated

from fastapi import Body, Query
from starlette.responses import Response

from brassleaf.catalog.hoses.fits import Fit, fit
from brassleaf.catalog.hoses.models import HOSE, HoseSizes
from brassleaf.catalog.models import ShownCrimpSpec
from brassleaf.catalog.router import item_endpoints
from brassleaf.catalog.service import Catalogue
from brassleaf.http import answers
from brassleaf.http.fields import Id, OptionalId, Text
from brassleaf.security.roles import EVERYONE
from brassleaf.security.rooms import CallerOf, House, Room
from brassleaf.store.query import Contains, Where, both, equal
from brassleaf.store.records import tag


def room(house: House, catalogue: Catalogue) -> Room:
    """Hoses: sizes, create, one with its crimp specifications, the organization's properties and lists."""
    room = Room(house, "Hose")

    @room.post("/hoses/sizes", allow=EVERYONE, answers=list[str], writes=False)
    async def hose_sizes(caller: CallerOf, sent: Annotated[HoseSizes | None, Body()] = None) -> Response:
        """The sizes in which a kind of hose comes, in numeric order."""
        named = (sent or HoseSizes()).model_dump(exclude_none=True)
        where: Where = both(equal("itemType", "hose"), *(equal(name, value) for name, value in named.items()))
        return answers.json_answer(await catalogue.values(caller, "size", where))

    @room.get("/hose/{hoseId}/crimpspecs", allow=EVERYONE, answers=list[ShownCrimpSpec])
    async def hose_crimp_specs(
        caller: CallerOf,
        hoseId: Id,
        couplingSeries: Annotated[Text | None, Query()] = None,
        couplingSeriesBrand: Annotated[Text | None, Query()] = None,
        ferruleBrand: Annotated[Text | None, Query()] = None,
        ferrulePartNumber: Annotated[Text | None, Query()] = None,
    ) -> Response:
        """How fittings are crimped to this hose: the organization's specifications first, then the book's."""
        article = await catalogue.get(caller, hoseId, HOSE)
        asked = {
            "couplingSeries": couplingSeries,
            "couplingSeriesBrand": couplingSeriesBrand,
            "ferruleBrand": ferruleBrand,
            "ferrulePartNumber": ferrulePartNumber,
        }
        wanted = {name: value.casefold() for name, value in asked.items() if value}
        specs = article.document.get("crimpSpecs", [])
        found = [
            spec
            for spec in specs
            if all(str(spec.get(name) or "").casefold() == value for name, value in wanted.items())
        ]
        return answers.json_answer(found, headers={"ETag": f'"{tag(article.item, article.properties)}"'})

    @room.get("/hose/{hoseId}/fits", allow=EVERYONE, answers=Fit)
    async def get_hose_fits(
        caller: CallerOf,
        hoseId: Id,
        fittingId: Annotated[Id, Query()],
        ferruleId: Annotated[OptionalId, Query()] = None,
    ) -> Response:
        """Whether a crimp fitting (with a ferrule) may be crimped to this hose, and how; if not, every reason why."""
        shown, stored = await fit(catalogue, caller, hoseId, fittingId, ferruleId)
        return answers.tagged(shown, *stored)

    @room.get("/organization/hasparker", allow=EVERYONE, answers=bool)
    async def get_organization_has_parker(caller: CallerOf) -> Response:
        """Whether the organization can use a hose of Parker, so that a file for Parker's machines is of use."""
        where = both(equal("itemType", "hose"), Contains("brand", "parker"))
        return answers.json_answer(await catalogue.any(caller, where))

    item_endpoints(room, HOSE, catalogue)
    return room

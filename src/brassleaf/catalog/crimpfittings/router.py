"""The endpoints of crimp fittings."""

from typing import Annotated

from fastapi import Body, Query
from starlette.responses import Response

from brassleaf.catalog.crimpfittings.models import CRIMP_FITTING, CrimpFittingPage, FittingSizes, SizesAnswer
from brassleaf.catalog.crimpfittings.service import coupling_series, fitting_conditions
from brassleaf.catalog.router import Paths, item_endpoints
from brassleaf.catalog.service import Catalogue
from brassleaf.http import answers
from brassleaf.http.fields import OptionalId, Text
from brassleaf.security.roles import EVERYONE
from brassleaf.security.rooms import CallerOf, House, Room

PATHS = Paths(one="crimpfitting", many="crimpfittings", custom="customcrimpfittings", id_name="crimpfittingId")


def room(house: House, catalogue: Catalogue) -> Room:
    """Crimp fittings: sizes, create, one, the organization's properties and lists, coupling series."""
    room = Room(house, "Crimp fitting")

    @room.post("/crimpfittings/sizes", allow=EVERYONE, answers=SizesAnswer, writes=False)
    async def crimp_fitting_sizes(caller: CallerOf, sent: Annotated[FittingSizes | None, Body()] = None) -> Response:
        """The sizes of a partly chosen fitting; with `hoseId`, of those that may be crimped to that hose."""
        where = await fitting_conditions(catalogue, caller, sent or FittingSizes())
        hose_sizes = await catalogue.values(caller, "hoseSize", where)
        return answers.json_answer(
            {"hoseSizes": hose_sizes, "dashSizes": await catalogue.values(caller, "dashSize", where)}
        )

    @room.get("/organization/couplingseries", allow=EVERYONE, answers=list[str])
    async def organization_coupling_series(
        caller: CallerOf,
        brand: Annotated[Text | None, Query()] = None,
        hoseId: Annotated[OptionalId, Query()] = None,
    ) -> Response:
        """The coupling series that the organization can use; with `hoseId`, those with a crimp specification for it."""
        return answers.json_answer(await coupling_series(catalogue, caller, brand, hoseId))

    item_endpoints(room, CRIMP_FITTING, PATHS, catalogue, CrimpFittingPage)
    return room

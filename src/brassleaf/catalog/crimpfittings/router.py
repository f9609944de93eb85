"""The endpoints of crimp fittings."""

import re
from dataclasses import replace
from typing import Annotated

from fastapi import Body, Query
from starlette.responses import Response

from brassleaf.catalog.crimpfittings.models import CRIMP_FITTING, FittingSizes, SizesAnswer
from brassleaf.catalog.crimpfittings.service import coupling_series, fitting_conditions
from brassleaf.catalog.crimpfittings.withhose import (
    SeriesDetails,
    WithFerrulesPage,
    fittings_with_ferrules,
    series_details,
)
from brassleaf.catalog.router import item_endpoints
from brassleaf.catalog.service import Catalogue
from brassleaf.http import answers
from brassleaf.http.fields import Id, OptionalId, Text
from brassleaf.http.lists import ListQuery
from brassleaf.security.roles import EVERYONE
from brassleaf.security.rooms import CallerOf, House, Room, asked

#: A list of fittings that takes `hoseId` beside what such lists take.
WITH_HOSE = replace(CRIMP_FITTING.listing, apart=re.compile("hoseId"))


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

    @room.get("/organization/couplingseriesdetails", allow=EVERYONE, answers=list[SeriesDetails])
    async def organization_coupling_series_details(
        caller: CallerOf,
        brand: Annotated[Text | None, Query()] = None,
        hoseId: Annotated[OptionalId, Query()] = None,
    ) -> Response:
        """The coupling series that the organization can use, by brand: sizes, fittings, the hoses that take them."""
        return answers.json_answer(await series_details(catalogue, caller, brand, hoseId))

    @room.get(
        "/organization/crimpfittingswithferrules",
        allow=EVERYONE,
        answers=WithFerrulesPage,
        listing=WITH_HOSE,
        operation="getOrganizationCrimpFittingsWithFerrules",
    )
    async def with_ferrules(
        caller: CallerOf, query: Annotated[ListQuery, asked(WITH_HOSE)], hoseId: Annotated[Id, Query()]
    ) -> Response:
        """Page through the fittings that may be crimped to a hose, each with how, and with the ferrules for it.

        A fitting in one piece has no ferrules.
        """
        rows, page = await fittings_with_ferrules(catalogue, caller, hoseId, query.query)
        return answers.page_of_rows(rows, page, query, WITH_HOSE.collection)

    item_endpoints(room, CRIMP_FITTING, catalogue)
    return room

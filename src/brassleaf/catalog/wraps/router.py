"""The endpoints of wraps."""

from starlette.responses import Response

from brassleaf.catalog.router import item_endpoints
from brassleaf.catalog.service import Catalogue
from brassleaf.catalog.wraps.models import COVERAGES, WRAP, WrapCoverage, WrapStyle
from brassleaf.http import answers
from brassleaf.security.roles import EVERYONE
from brassleaf.security.rooms import CallerOf, House, Room
from brassleaf.store.collections import Document, fold
from brassleaf.store.query import both, equal


def room(house: House, catalogue: Catalogue) -> Room:
    """Wraps: styles and coverages for a configurator, create, one, properties and lists."""
    room = Room(house, "Wrap")

    @room.get("/organization/wrapstyles", allow=EVERYONE, answers=list[WrapStyle])
    async def get_organization_wrap_styles(caller: CallerOf) -> Response:
        """The types and colours of the wraps that the organization can use, each once, sorted."""
        wraps = equal("itemType", WRAP.item_type)
        found: list[Document] = []
        for kind in await catalogue.values(caller, "wrapType", wraps):
            of_type = both(wraps, equal("wrapType", kind))
            items = await catalogue.examples(caller, "colour", of_type)
            items = items or await catalogue.examples(caller, "wrapType", of_type)
            found += [{name: item[name] for name in WrapStyle.model_fields if item.get(name)} for item in items]
        found.sort(key=lambda style: (fold(style["wrapType"]), fold(style.get("colour", ""))))
        return answers.json_answer(found)

    @room.get("/organization/wrapcoverage", allow=EVERYONE, answers=list[WrapCoverage])
    async def get_organization_wrap_coverage(caller: CallerOf) -> Response:  # noqa: ARG001 - alike for all
        """How a wrap may cover a hose: all of it, from an end, both ends, or from here to there."""
        return answers.json_answer([{"coverageType": kind} for kind in COVERAGES])

    item_endpoints(room, WRAP, catalogue)
    return room

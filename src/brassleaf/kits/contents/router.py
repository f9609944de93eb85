"""The endpoints of the lines of hose kits."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import Depends, Query
from starlette.responses import Response

from brassleaf.http import answers
from brassleaf.http.answers import Done
from brassleaf.http.fields import Id
from brassleaf.http.lists import DEEPEST, LARGEST_SIZE, LONGEST_TERM
from brassleaf.kits.contents.models import AddedLine, ChangedLine, LineType, ListedLines
from brassleaf.kits.contents.service import KitContents, LinesAsked
from brassleaf.kits.lines import noun
from brassleaf.kits.models import LINES, HoseKit
from brassleaf.security.caller import Caller
from brassleaf.security.roles import EVERYONE, STAFF
from brassleaf.security.rooms import CallerOf, House, IfMatch, Room

#: How the operations of a list of lines are called.
_NAMES = {"hoseAssemblies": "HoseAssembly", "adaptors": "Adaptor", "otherItems": "OtherItem"}


async def _asked(
    *,
    page: Annotated[int | None, Query(ge=1, le=DEEPEST)] = None,
    limit: Annotated[int | None, Query(ge=1, le=LARGEST_SIZE, description="Without it and `page`, all lines.")] = None,
    items_per_page: Annotated[int | None, Query(alias="itemsPerPage", ge=1, le=LARGEST_SIZE)] = None,
    key: Annotated[Literal["order", "number", "partNumber"], Query(alias="sortBy[0].key")] = "order",
    direction: Annotated[Literal["asc", "desc"], Query(alias="sortBy[0].order")] = "asc",
    bracketed: Annotated[str, Query(alias="search[partNumber]", max_length=LONGEST_TERM)] = "",
    dotted: Annotated[str, Query(alias="search.partNumber", max_length=LONGEST_TERM)] = "",
) -> LinesAsked:
    return LinesAsked(page, items_per_page or limit, key, direction == "desc", bracketed or dotted)


_Asked = Annotated[LinesAsked, Depends(_asked)]


def room(house: House, contents: KitContents) -> Room:
    """Lines: lists, add, change, take off."""
    room = Room(house, "Hose kit")

    @room.get("/hosekit/{hoseKitId}/allitems", allow=EVERYONE, answers=ListedLines)
    async def get_all_items_of_hose_kit(
        caller: CallerOf,
        hoseKitId: Id,
        asked: _Asked,
        types: Annotated[list[LineType], Query(alias="itemType")] = [],  # noqa: B006  read only
    ) -> Response:
        """All lines of a hose kit with their items, by their order."""
        return await _listed(contents, caller, hoseKitId, asked, tuple(types))

    for kind in LINES:
        _lines(room, contents, kind)

    @room.post("/hosekit/{hoseKitId}/item/{itemId}/delete", allow=STAFF, answers=Done)
    async def delete_item_of_hose_kit(caller: CallerOf, hoseKitId: Id, itemId: Id, expected: IfMatch) -> Response:
        """Take a line off a hose kit under editing: that of an item of any type, or the line of this id."""
        await contents.take_off(caller, hoseKitId, itemId, expected)
        return answers.done("The line was taken off the hose kit.")

    return room


def _lines(room: Room, contents: KitContents, kind: str) -> None:
    """The endpoints of one list of lines."""
    name, what = _NAMES[kind], noun(kind)
    path = "/hosekit/{hoseKitId}"

    @room.get(
        f"{path}/{kind.lower()}",
        allow=EVERYONE,
        answers=ListedLines,
        operation=f"getHoseKitId{kind[0].upper()}{kind[1:]}",
        description=f"The lines of a hose kit that are of the kind {what}, with their items.",
    )
    async def list_lines(caller: CallerOf, hoseKitId: Id, asked: _Asked) -> Response:
        return await _listed(contents, caller, hoseKitId, asked, (LINES[kind],))

    @room.post(
        f"{path}/add{name.lower()}",
        allow=STAFF,
        answers=HoseKit,
        operation=f"postHoseKitIdAdd{name}",
        description=f"Put an item of the kind {what} on a hose kit under editing; it may stand there once.",
    )
    async def add_line(caller: CallerOf, hoseKitId: Id, sent: AddedLine, expected: IfMatch) -> Response:
        return answers.one(await contents.add(caller, hoseKitId, kind, sent, expected))

    @room.post(
        f"{path}/{name.lower()}/{{itemId}}/update",
        allow=STAFF,
        answers=HoseKit,
        operation=f"postHoseKitId{name}ItemIdUpdate",
        description=f"Change the line of an item of the kind {what} on a hose kit under editing.",
    )
    async def update_line(
        caller: CallerOf, hoseKitId: Id, itemId: Id, sent: ChangedLine, expected: IfMatch
    ) -> Response:
        return answers.one(await contents.update(caller, hoseKitId, kind, itemId, sent, expected))


async def _listed(
    contents: KitContents, caller: Caller, id_: str, asked: LinesAsked, types: tuple[str, ...]
) -> Response:
    return answers.summed_up(await contents.listed(caller, id_, replace(asked, types=types)))

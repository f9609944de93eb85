"""The endpoint of the history, under both of its documented addresses."""

from typing import Annotated

from starlette.responses import Response

from brassleaf.http import answers
from brassleaf.http.lists import Filter, Listing, ListQuery
from brassleaf.organizations.history.models import API_HISTORY, CallPage
from brassleaf.organizations.history.service import History
from brassleaf.security.roles import ADMIN
from brassleaf.security.rooms import CallerOf, House, Room, asked

LIST = Listing(
    API_HISTORY,
    search=("apiKey", "path", "status"),
    filters=(Filter("status"),),
    bracketed=True,
    newest_first=True,
    between="created",
)


def room(house: House, history: History) -> Room:
    """The history of calls with API keys."""
    room = Room(house, "Organization")

    async def list_calls(caller: CallerOf, query: Annotated[ListQuery, asked(LIST)]) -> Response:
        """Page through the calls that programs made with API keys, newest first."""
        page, documents = await history.page(caller, query)
        return answers.page_of(documents, page, query, API_HISTORY)

    spellings = (
        ("/organization/api/history", "getOrganizationApiHistory"),
        ("/organization/api-history", "getOrganizationApiHistoryHyphenated"),
    )
    for path, operation in spellings:
        room.get(path, allow=ADMIN, answers=CallPage, listing=LIST, operation=operation)(list_calls)
    return room

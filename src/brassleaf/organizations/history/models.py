"""What is kept and shown of a call made with an API key."""

from typing import Annotated

from pydantic import Field

from brassleaf.http.models import PageOf, Shown
from brassleaf.store.collections import Collection
from brassleaf.store.collections import Field as Queried

#: Searched by an admin now and then and written all the time: no substring indexes.
API_HISTORY = Collection("apiHistory", (Queried("apiKey"), Queried("path"), Queried("status")), trail=False)


class Call(Shown):
    """A call made with an API key."""

    id: Annotated[str, Field(alias="_id")]
    apiKeyId: str
    apiKeyName: str
    method: str
    path: str
    status: int
    ipAddress: str | None = None
    created: str


CallPage = PageOf[Call]

"""Tells the history of the requests that came with an API key."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.types import Scope

from brassleaf.http.addresses import client_address
from brassleaf.organizations.history.service import History
from brassleaf.security.caller import Caller
from brassleaf.settings import Network


def recorder(history: History, proxies: Sequence[Network]) -> Callable[[Scope, int], None]:
    """What the kernel calls for each request whose caller is known. It runs inside of the request: no I/O."""

    def answered(scope: Scope, status: int) -> None:
        caller: Caller = scope["state"]["caller"]
        if caller.kind != "key":
            return
        if proxies:
            address = str(client_address(Request(scope), proxies) or "") or None
        else:
            peer = scope.get("client")
            address = peer[0] if peer else None
        history.note(caller, scope["method"], scope["path"], status, address)

    return answered

"""Failed sign-ins: after some from one address the next has to wait."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_network

from brassleaf.errors import NotSignedIn, Refused, TooMany
from brassleaf.http.addresses import Address

WINDOW = 300.0
#: So many attempts of one address wait until others of it have ended; more are refused.
WAITING = 200
_REMEMBERED = 10_000


def source(address: Address | None) -> str:
    """What failures are counted by: an IPv4 address, or an IPv6 /64, since whoever has one of it has them all."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or "unknown")


@dataclass(slots=True)
class _UnderWay:
    """The attempts of one address of which nobody knows yet whether they fail, and those that wait for them."""

    here: int = 0
    running: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Attempts:
    """Counts failures by address over five minutes, in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._under_way: dict[str, _UnderWay] = {}

    def check(self, who: str) -> None:
        """Raise TooMany where too many attempts have failed."""
        failures = self._recent(who)
        if len(failures) >= self._most:
            wait = int(failures[0] + WINDOW - time.monotonic()) + 1
            raise TooMany(f"Too many failed attempts. Try again in {wait} seconds.", wait)

    @asynccontextmanager
    async def counted(self, who: str) -> AsyncIterator[None]:
        """Check, then count a refusal of what is done inside as a failure. Raises TooMany.

        What is under way counts as a failure until it is known to be none: attempts in parallel get no more tries
        than one after the other. Those that would be too many wait, so that no honest one among them is refused.
        """
        under_way = self._under_way.setdefault(who, _UnderWay())
        under_way.here += 1
        try:
            await self._admitted(who, under_way)
            under_way.running += 1
            try:
                yield
            except (Refused, NotSignedIn):
                self.failed(who)
                raise
            finally:
                under_way.running -= 1
        finally:
            under_way.here -= 1
            self._wake(who, under_way)
            if not under_way.here:
                del self._under_way[who]

    async def _admitted(self, who: str, under_way: _UnderWay) -> None:
        self.check(who)
        while under_way.running + len(self._recent(who)) >= self._most:
            if len(under_way.waiting) >= WAITING:
                raise TooMany("Too many attempts at once. Try again in a second.", 1)
            turn = asyncio.get_running_loop().create_future()
            under_way.waiting.append(turn)
            await turn
            self.check(who)

    def _wake(self, who: str, under_way: _UnderWay) -> None:
        """Let as many go on as there may be more, or all to be refused."""
        left = self._most - len(self._recent(who))
        wake = left - under_way.running if left > 0 else len(under_way.waiting)
        while wake > 0 and under_way.waiting:
            turn = under_way.waiting.popleft()
            if not turn.done():  # one who went away is passed over
                turn.set_result(None)
                wake -= 1

    def failed(self, who: str) -> None:
        """Note a failure."""
        failures = self._recent(who)
        failures.append(time.monotonic())
        self._failures[who] = failures
        self._failures.move_to_end(who)
        while len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)

    def _recent(self, who: str) -> deque[float]:
        failures = self._failures.get(who, deque(maxlen=self._most))
        while failures and failures[0] < time.monotonic() - WINDOW:
            failures.popleft()
        return failures

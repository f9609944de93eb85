"""Failed sign-ins: after some from one address the next has to wait."""

import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_network

from brassleaf.errors import NotSignedIn, Refused, TooMany
from brassleaf.http.addresses import Address

WINDOW = 300.0
_REMEMBERED = 10_000


def source(address: Address | None) -> str:
    """What failures are counted by: an IPv4 address, or an IPv6 /64, since whoever has one of it has them all."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or "unknown")


class Attempts:
    """Counts failures by address over five minutes, in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, who: str) -> None:
        """Raise TooMany where too many attempts have failed."""
        failures = self._recent(who)
        if len(failures) >= self._most:
            wait = int(failures[0] + WINDOW - time.monotonic()) + 1
            raise TooMany(f"Too many failed attempts. Try again in {wait} seconds.", wait)

    @contextmanager
    def counted(self, who: str) -> Iterator[None]:
        """Check, then count a refusal of what is done inside as a failure."""
        self.check(who)
        try:
            yield
        except (Refused, NotSignedIn):
            self.failed(who)
            raise

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

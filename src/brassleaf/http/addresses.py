"""Network addresses: which one a request came from, and whether it is a trusted one."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import Request

from brassleaf.settings import Network

Address = IPv4Address | IPv6Address
LOOPBACK = ("127.0.0.0/8", "::1/128")


def parse_network(text: str) -> Network:
    """An address or a network in CIDR notation, IPv4 or IPv6. Raises ValueError with a sentence."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError("Give an IPv4 or IPv6 address, or a network such as 192.0.2.0/24.") from None


def parse_address(text: str) -> Address | None:
    """An address; IPv4 that came in as IPv6 (::ffff:a.b.c.d) is read as IPv4; None for anything else."""
    try:
        found = ip_address(text.strip().strip("[]").split("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def is_in(address: Address | None, networks: Iterable[Network]) -> bool:
    """Whether an address lies in one of the networks; an unknown one lies in none."""
    return address is not None and any(address.version == net.version and address in net for net in networks)


def client_address(request: Request, proxies: Sequence[Network]) -> Address | None:
    """The address of the client: the peer's own, or what trusted proxies say of whom they speak for.

    X-Forwarded-For is read from the right, where the nearest proxy writes; the first address that is not itself a
    trusted proxy is the client. Without a configured proxy the header is not looked at.
    """
    peer = parse_address(request.client.host) if request.client else None
    if not proxies or not is_in(peer, proxies):
        return peer
    hops = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    for hop in reversed(hops):
        address = parse_address(hop)
        if address is None:
            return peer
        if not is_in(address, proxies):
            return address
        peer = address
    return peer

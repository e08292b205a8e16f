"""Addresses that nothing is followed to, whatever name leads there.

Private networks are allowed: registries live there. What is refused is this machine, its link, and
what clouds answer to whoever asks from inside (credentials of the node, user data).
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_REFUSED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("unspecified", ("0.0.0.0/8", "::/128")),  # Linux connects 0.0.0.0 and :: to itself
    ("loopback", ("127.0.0.0/8", "::1/128")),
    ("link-local", ("169.254.0.0/16", "fe80::/10")),
    ("multicast", ("224.0.0.0/4", "ff00::/8")),
    ("reserved", ("240.0.0.0/4",)),
    # Metadata services that are not link-local: Amazon's and Google's by IPv6, Azure's WireServer,
    # Alibaba's, Oracle's first one.
    (
        "metadata service",
        ("fd00:ec2::/32", "fd20:ce::/64", "168.63.129.16", "100.100.100.200", "192.0.0.192"),
    ),
)
_NETWORKS = tuple(
    (word, ip_network(network)) for word, networks in _REFUSED for network in networks
)
_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host name is; None for a name. Brackets are taken off."""
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def refusal(host: str) -> str | None:
    """Why a host is not connected to as it is; None where it may be, and for names."""
    address = literal(host)
    if address is None:
        # The system takes 2130706433 and 127.1 for addresses, too.
        return "an unusual spelling" if host.replace(".", "").isdigit() else None
    for one in _meant(address):
        for word, network in _NETWORKS:
            if one in network:
                return word
    return None


def _meant(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """The address, and the IPv4 address that a gateway would take from inside it."""
    yield address
    if isinstance(address, IPv4Address):
        return
    embedded = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
    yield from (one for one in embedded if one is not None)
    if address in _NAT64 or address in _COMPATIBLE:
        yield IPv4Address(int(address) & 0xFFFFFFFF)

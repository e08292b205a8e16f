"""Where replicas listen: EndpointSlices may not have addresses of loopback."""

import fcntl
import socket
import struct
from typing import cast

_SIOCGIFADDR = 0x8915  # linux/sockios.h: the IPv4 address of an interface
_NAME_BYTES = 15  # IFNAMSIZ less the closing zero


def own_address() -> str:
    """An IPv4 address of this machine other than loopback's. Raises LookupError."""
    for _, name in socket.if_nameindex():
        address = _address(name)
        if address is not None and not address.startswith("127."):
            return address
    raise LookupError("this machine has no address but loopback's")


def _address(interface: str) -> str | None:
    request = struct.pack("256s", interface.encode()[:_NAME_BYTES])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, request)
        except OSError:  # it has none
            return None
    return socket.inet_ntoa(answer[20:24])


def free_port(host: str) -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return cast(int, probe.getsockname()[1])

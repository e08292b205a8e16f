"""Where processes of this machine are reached from a Service: never at an address of loopback."""

import fcntl
import socket
import struct

_SIOCGIFADDR = 0x8915  # linux/sockios.h: asks for the IPv4 address of an interface
_REQUEST = struct.Struct("16s24x")  # struct ifreq
_ADDRESS = slice(20, 24)  # in the answer, behind the name, the family and the port


def own_address() -> str:
    """An IPv4 address of this machine other than loopback's. Raises LookupError.

    The API server refuses addresses of loopback in EndpointSlices.
    """
    for _, interface in socket.if_nameindex():
        address = _address(interface)
        if address is not None and not address.startswith("127."):
            return address
    raise LookupError("this machine has no address but loopback's")


def _address(interface: str) -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            answer = fcntl.ioctl(probe, _SIOCGIFADDR, _REQUEST.pack(interface.encode()))
        except OSError:  # it has none
            return None
    return socket.inet_ntoa(answer[_ADDRESS])

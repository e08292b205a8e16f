"""Free ports on loopback."""

import random
import socket

LOOPBACK = "127.0.0.1"

# Below the range that Linux takes for outgoing connections (net.ipv4.ip_local_port_range): a port
# found free here is not gone when its service gets to listening.
_RANGE = range(20_000, 32_000)
_TRIES = 200


def loopback_socket(port: int = 0) -> socket.socket:
    """A bound socket on a loopback port, 0 for a free one; the caller listens and closes.

    Raises OSError where the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError:
        listener.close()
        raise
    return listener


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on. Raises OSError where there are not enough."""
    found: list[int] = []
    for port in random.sample(_RANGE, _TRIES):
        if len(found) == count:
            return found
        if _is_free(port):
            found.append(port)
    raise OSError(f"no {count} free ports between {_RANGE.start} and {_RANGE.stop}")


def _is_free(port: int) -> bool:
    try:
        loopback_socket(port).close()
    except OSError:
        return False
    return True

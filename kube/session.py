"""The HTTP session's sockets."""

import socket

import aiohttp
from aiohttp.connector import AddrInfoType
from kubernetes.aio.client.rest import RESTClientObject

_KEEPALIVE = (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
"""A peer that went away without a word is noticed after half a minute, as client-go does with
HTTP/2 pings; the system's default is two hours. Not every system has all three."""


class RestClient(RESTClientObject):
    """A session whose connections notice that the other side is gone."""

    def _create_connector(self) -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector(
            limit=self.maxsize, ssl=self.ssl_context, socket_factory=watched_socket
        )


def watched_socket(info: AddrInfoType) -> socket.socket:
    """A socket on which TCP keep-alive probes run."""
    family, kind, protocol, _, _ = info
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return made

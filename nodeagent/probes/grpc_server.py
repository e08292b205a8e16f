"""Calls that google.golang.org/grpc serves, unary and streaming.

Two probes a call, on instructions that the kernel emulates. See grpc_server.bpf.c.
"""

from struct import Struct
from typing import NamedTuple

from nodeagent.probes.probe import Descriptor, Field, Hook, Probe
from nodeagent.probes.record import Head, Record

_GRPC = "google.golang.org/grpc"
_TRANSPORT = f"{_GRPC}/internal/transport"
_STREAM = (f"{_TRANSPORT}.Stream",)
_READ = 112  # bytes of the stream that are read at once, less what a string takes

# struct grpc_server: status, port.
_FACTS = Struct("=IHxx")


class ServedCall(NamedTuple):
    """A call that has ended.

    `status` is gRPC's number. `method` is as in the request, `/shop.Stock/Get`. `peer` is an IP
    address in hexadecimal digits, or empty.
    """

    head: Head
    status: int
    method: str
    peer: str
    port: int


def read(record: Record) -> ServedCall:
    """The call that a record tells of. Raises struct.error when it is shorter than any."""
    status, port = _FACTS.unpack_from(record.facts)
    method, peer, *_ = record.texts
    return ServedCall(record.head, status, method, peer, port)


def _writers(name: str) -> tuple[str, ...]:
    """Where a status is written: a method of each transport, exported until 1.68."""
    transports = ("http2Server", "serverHandlerTransport")
    return tuple(f"{_TRANSPORT}.(*{transport}).{name}" for transport in transports)


STATUS_FIELDS = (
    Field("grpc_status_message", (f"{_GRPC}/internal/status.Status",), "s"),
    Field("grpc_status_code", ("google.golang.org/genproto/googleapis/rpc/status.Status",), "Code"),
    Field("tcp_ip", ("net.TCPAddr",), "IP", required=False),
    Field("tcp_port", ("net.TCPAddr",), "Port", required=False),
)
"""What is read of a status, and of whom one is connected with."""

GRPC_SERVER = Probe(
    name="google.golang.org/grpc server",
    source="grpc_server.bpf.c",
    hooks=(
        Hook((f"{_GRPC}.(*Server).handleStream",), "grpc_server_start"),
        Hook((*_writers("writeStatus"), *_writers("WriteStatus")), "grpc_server_end"),
    ),
    fields=(
        Field("grpc_stream_context", _STREAM, "ctx", before=_READ),
        Field("grpc_stream_method", _STREAM, "method", before=_READ),
        Field("grpc_stream_transport", (f"{_TRANSPORT}.ServerStream",), "st", required=False),
        Field("grpc_peer_address", (f"{_GRPC}/peer.Peer",), "Addr"),
        *STATUS_FIELDS,
    ),
    facts=_FACTS,
    read=read,
    headers=f"{_GRPC}/metadata.MD",
    descriptors=(
        Descriptor("grpc_transport", f"{_TRANSPORT}.ServerTransport"),
        Descriptor("grpc_web_transport", f"*{_TRANSPORT}.serverHandlerTransport"),
        Descriptor("grpc_metadata_key", f"{_GRPC}/metadata.mdIncomingKey"),
        Descriptor("grpc_metadata", f"{_GRPC}/metadata.MD"),
        Descriptor("grpc_peer_key", f"{_GRPC}/peer.peerKey"),
        Descriptor("grpc_peer", f"*{_GRPC}/peer.Peer"),
    ),
)

"""Calls that are made with google.golang.org/grpc, unary and streaming.

Two probes an attempt, on instructions that the kernel emulates. See grpc_client.bpf.c.
"""

from struct import Struct
from typing import NamedTuple

from nodeagent.probes.grpc_server import STATUS_FIELDS
from nodeagent.probes.probe import Descriptor, Field, Hook, Probe
from nodeagent.probes.record import Head, Record

_GRPC = "google.golang.org/grpc"
_TRANSPORT = f"{_GRPC}/internal/transport"
_ATTEMPT = (f"{_GRPC}.csAttempt",)
_CALL = (f"{_GRPC}.clientStream",)

# struct grpc_client: status, port.
_FACTS = Struct("=IHxx")


class MadeCall(NamedTuple):
    """An attempt to make a call, which has ended.

    `status` is gRPC's number. `method` is as in the request, `/shop.Stock/Get`; `target` what the
    program named the server, `dns:///shop:80`. `peer` is who was chosen of it, an IP address in
    hexadecimal digits; empty where nobody was.
    """

    head: Head
    status: int
    method: str
    target: str
    peer: str
    port: int


def read(record: Record) -> MadeCall:
    """The call that a record tells of. Raises struct.error when it is shorter than any."""
    status, port = _FACTS.unpack_from(record.facts)
    method, target, peer, *_ = record.texts
    return MadeCall(record.head, status, method, target, peer, port)


GRPC_CLIENT = Probe(
    name="google.golang.org/grpc client",
    source="grpc_client.bpf.c",
    hooks=(
        Hook((f"{_GRPC}.(*csAttempt).getTransport",), "grpc_client_start"),
        Hook((f"{_GRPC}.(*csAttempt).finish",), "grpc_client_end"),
    ),
    fields=(
        Field("grpc_attempt_context", _ATTEMPT, "ctx"),
        Field("grpc_attempt_stream", _ATTEMPT, "cs"),
        Field("grpc_attempt_transport", _ATTEMPT, "transport", earlier="t"),
        Field("grpc_attempt_received", _ATTEMPT, "transportStream", earlier="s"),
        Field("grpc_call_head", _CALL, "callHdr"),
        Field("grpc_call_connection", _CALL, "cc"),
        Field("grpc_head_method", (f"{_TRANSPORT}.CallHdr",), "Method"),
        Field("grpc_connection_target", (f"{_GRPC}.ClientConn",), "target"),
        Field("grpc_transport_remote", (f"{_TRANSPORT}.http2Client",), "remoteAddr"),
        Field(
            "grpc_received_status",
            (f"{_TRANSPORT}.ClientStream", f"{_TRANSPORT}.Stream"),
            "status",
        ),
        Field("grpc_error_status", (f"{_GRPC}/internal/status.Error",), "s"),
        Field("grpc_sent_metadata", (f"{_GRPC}/metadata.rawMD",), "md", required=False),
        *STATUS_FIELDS,
    ),
    facts=_FACTS,
    read=read,
    headers=f"{_GRPC}/metadata.MD",
    descriptors=(
        Descriptor("error_type", "error"),
        Descriptor("grpc_error", f"*{_GRPC}/internal/status.Error"),
        Descriptor("grpc_sent_key", f"{_GRPC}/metadata.mdOutgoingKey"),
        Descriptor("grpc_sent", f"{_GRPC}/metadata.rawMD"),
        Descriptor("grpc_end", "*errors.errorString"),
    ),
)

import struct

from nodeagent.probes import grpc_client, grpc_server
from nodeagent.probes.grpc_client import MadeCall
from nodeagent.probes.grpc_server import ServedCall
from nodeagent.probes.record import Head, Record

_HEAD = Head(start=5, end=9, trace_id=1, span_id=2, parent_id=3, remote=False, process=42)
_FACTS = struct.Struct("=IH10x")


def _record(status: int, *texts: str) -> Record:
    return Record(_HEAD, _FACTS.pack(status, 80), (*texts, *[""] * (6 - len(texts))))


def test_a_served_call_is_read() -> None:
    """All that the kernel's side has written comes out as it was."""
    assert grpc_server.read(_record(5, "/shop.Stock/Get", "0a000009")) == ServedCall(
        head=_HEAD, status=5, method="/shop.Stock/Get", peer="0a000009", port=80
    )


def test_a_made_call_is_read() -> None:
    """All that the kernel's side has written comes out as it was."""
    record = _record(14, "/shop.Stock/Get", "dns:///stock:80", "0a000007")

    assert grpc_client.read(record) == MadeCall(
        head=_HEAD,
        status=14,
        method="/shop.Stock/Get",
        target="dns:///stock:80",
        peer="0a000007",
        port=80,
    )

import struct

from nodeagent.probes.http_client import SentRequest, read
from nodeagent.probes.record import Head, Record

_TEXTS = ("GET", "https", "shop:80", "/items/7", "*net.OpError")
_FACTS = struct.Struct("=I4B8x")
_HEAD = Head(start=5, end=9, trace_id=1, span_id=2, parent_id=3, remote=False, process=42)


def test_a_record_is_read() -> None:
    """All that the kernel's side has written comes out as it was."""
    record = Record(_HEAD, _FACTS.pack(404, 1, 0, 2, 1), (*_TEXTS, ""))

    assert read(record) == SentRequest(
        head=_HEAD,
        status=404,
        version=(1, 0),
        resent=2,
        escaped=True,
        method="GET",
        scheme="https",
        host="shop:80",
        path="/items/7",
        error="*net.OpError",
    )

import struct

import pytest

from nodeagent.probes.http_server import Ended, ServedRequest, read
from nodeagent.probes.record import Head, Record

_TEXTS = ("GET", "/items/7", "shop:80", "10.0.0.9:5", "GET /items/{id}")
_FACTS = struct.Struct("=I4B8x")
_HEAD = Head(start=5, end=9, trace_id=1, span_id=2, parent_id=3, remote=False, process=42)


def _record(texts: tuple[str, ...] = _TEXTS, **changes: int) -> Record:
    facts = {"status": 404, "major": 1, "minor": 1, "over_tls": 0, "ended": 0} | changes
    return Record(_HEAD, _FACTS.pack(*facts.values()), (*texts, ""))


def test_a_record_is_read() -> None:
    """All that the kernel's side has written comes out as it was."""
    assert read(_record()) == ServedRequest(
        head=_HEAD,
        status=404,
        ended=Ended.ANSWERED,
        over_tls=False,
        version=(1, 1),
        method="GET",
        path="/items/7",
        host="shop:80",
        peer="10.0.0.9:5",
        route="GET /items/{id}",
    )
    assert read(_record(over_tls=1)).over_tls


@pytest.mark.parametrize("ended", list(Ended))
def test_how_a_request_ended_is_told(ended: Ended) -> None:
    """By the numbers that the C text gives."""
    assert read(_record(ended=ended)).ended is ended

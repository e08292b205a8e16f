import struct

import pytest

from nodeagent.probes.http_server import Ended, ServedRequest, read
from nodeagent.probes.record import Head, Record

_TEXTS = ("GET", "/items/7", "shop:80", "10.0.0.9:5", "GET /items/{id}")
_FACTS = struct.Struct("=I4BxB6x")
_HEAD = Head(start=5, end=9, trace_id=1, span_id=2, parent_id=3, remote=False, process=42)


def _record(texts: tuple[str, ...] = _TEXTS, **changes: int) -> Record:
    facts = {"status": 404, "major": 1, "minor": 1, "over_tls": 0, "ended": 0, "router": 0}
    facts |= changes
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


def test_method_and_path_come_as_one_text_where_they_stand_together() -> None:
    """As in the request's line; a path may have spaces, as it is decoded."""
    whole = read(_record(("GET /a b", "", *_TEXTS[2:])))

    assert (whole.method, whole.path, whole.host) == ("GET", "/a b", "shop:80")


@pytest.mark.parametrize(("method", "path"), [("CONNECT", ""), ("", ""), ("GET", "/a b")])
def test_method_and_path_apart_stay_as_they_are(method: str, path: str) -> None:
    """A CONNECT has no path; escaped paths and those of HTTP/2 stand elsewhere."""
    apart = read(_record((method, path, *_TEXTS[2:])))

    assert (apart.method, apart.path) == (method, path)


def test_a_route_is_the_routers() -> None:
    """One of routers within each other is made one."""
    texts = (*_TEXTS[:4], "/shop/*/{id}")

    assert read(_record(texts, router=2)).route == "/shop/{id}"
    assert read(_record(texts, router=1)).route == "/shop/*/{id}"

import struct

import pytest

from nodeagent.probes.http_server import HTTP_SERVER, Ended, ServedRequest, read

_TEXTS = ("GET", "/items/7", "shop:80", "10.0.0.9:5", "GET /items/{id}")
_HEAD = struct.Struct("=3Q 16s 8s 8s 2B6x 2I 5H 4B 2x")


def _record(texts: tuple[bytes, ...], **changes: object) -> bytes:
    facts: dict[str, object] = {
        "kind": 1,
        "start": 5,
        "end": 9,
        "trace_id": bytes(range(16)),
        "span_id": bytes(range(8)),
        "parent_id": bytes(8),
        "flags": 1,
        "remote": 0,
        "process": 42,
        "status": 404,
    }
    ends: dict[str, object] = {"major": 1, "minor": 1, "over_tls": 0, "ended": 0}
    assert set(changes) <= {*facts, *ends}
    head = [changes.get(name, value) for name, value in facts.items()]
    tail = [changes.get(name, value) for name, value in ends.items()]
    return _HEAD.pack(*head, *map(len, texts), *tail) + b"".join(texts)


def test_a_record_is_read() -> None:
    """All that the kernel's side has written comes out as it was."""
    record = _record(tuple(text.encode() for text in _TEXTS), parent_id=b"\0" * 7 + b"\7")

    assert read(record) == ServedRequest(
        start=5,
        end=9,
        trace_id=int.from_bytes(range(16)),
        span_id=int.from_bytes(range(8)),
        parent_id=7,
        process=42,
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


def test_texts_may_be_empty_or_broken() -> None:
    """A text that was not readable is empty; bytes that are no UTF-8 do not stop the rest."""
    seen = read(_record((b"GET", b"/\xff\xc3", b"", b"", b"/\xe2\x82"), over_tls=1))

    assert (seen.method, seen.path, seen.host, seen.peer) == ("GET", "/\ufffd\ufffd", "", "")
    assert seen.route.startswith("/")
    assert seen.over_tls


@pytest.mark.parametrize("ended", list(Ended))
def test_how_a_request_ended_is_told(ended: Ended) -> None:
    """By the numbers that the C text gives."""
    assert read(_record((b"",) * 5, ended=ended)).ended is ended


def test_a_record_that_is_too_short_is_refused() -> None:
    """Half a record is none."""
    with pytest.raises(struct.error):
        read(_record((b"",) * 5)[:-8])


def test_the_layout_is_that_of_the_probe() -> None:
    """The size that the C text is checked against when it is compiled."""
    assert HTTP_SERVER.record.size == _HEAD.size

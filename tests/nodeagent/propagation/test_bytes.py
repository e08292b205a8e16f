"""What a traced program sends is what it sends untraced, but for the one line."""

from pathlib import Path

import pytest

from nodeagent.propagation.way import Way
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.propagation.callers import Caller, running
from tests.nodeagent.propagation.recorder import LINE, Recorder
from tests.nodeagent.tracing.collecting import traceparent

_HEAD = "GET /inner HTTP/1.1\r\nHost: inner\r\nAccept: */*\r\n\r\n"
_YAMUX = "\x00\x01\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00"


def _both(
    caller: Caller, untraced: Caller, recorder: Recorder, **order: object
) -> tuple[bytes, bytes]:
    """What came from the traced caller, and what from the other, for the same order."""
    url = recorder.url + str(order.pop("path", "/"))
    sent = []
    for one in (caller, untraced):
        answers = one.send(url, **order)
        assert all(answer[:3] in {"200", "101"} for answer in answers), answers
        sent.append(recorder.received())
    return sent[0], sent[1]


@pytest.mark.parametrize(
    "order",
    [
        pytest.param({}, id="get"),
        pytest.param({"Count": 5}, id="keep-alive"),
        pytest.param({"Count": 5, "Close": True}, id="new-connections"),
        pytest.param({"Method": "DELETE", "path": "/items/1?a=b%20c"}, id="query"),
        pytest.param({"Method": "PURGE"}, id="own-method"),
        pytest.param({"Method": "POST", "Body": _HEAD * 3, "Count": 3}, id="body-like-heads"),
        pytest.param({"Method": "POST", "Body": "traceparent: x\r\n\r\n"}, id="body-like-header"),
        pytest.param({"Method": "PUT", "Size": 3900, "Count": 3}, id="body-fills-the-buffer"),
        pytest.param({"Method": "PUT", "Size": 3_000_000, "Count": 2}, id="body-of-megabytes"),
        pytest.param(
            {"Method": "POST", "Size": 300_000, "Chunked": True, "Count": 3}, id="chunked"
        ),
        pytest.param(
            {"Method": "POST", "Size": 9, "Headers": {"Expect": ["100-continue"]}}, id="expect"
        ),
        pytest.param({"Headers": {f"X-{n}": ["v" * 90] for n in range(30)}}, id="head-of-3k"),
        pytest.param({"Headers": {f"X-{n}": ["v" * 990] for n in range(30)}}, id="head-of-30k"),
        pytest.param({"Headers": {f"X-{n}": ["v"] for n in range(100)}}, id="many-headers"),
        pytest.param({"path": "/" + "p" * 3500}, id="long-path"),
        pytest.param({"Headers": {"Tracestate": ["a=b"]}}, id="tracestate"),
        pytest.param({"Headers": {"X": ["traceparent: 1"]}}, id="value-like-header"),
        pytest.param({"Headers": {"X-Traceparent": ["1"]}}, id="name-like-header"),
        pytest.param(
            {
                "Headers": {"Connection": ["Upgrade"], "Upgrade": ["x"]},
                "Pieces": [_HEAD, _HEAD * 2, _YAMUX],
            },
            id="upgrade",
        ),
    ],
)
def test_one_line_is_put_in(
    way: Way, caller: Caller, untraced: Caller, recorder: Recorder, order: dict[str, object]
) -> None:
    """Behind the first lines of every request's head, and nothing else is changed."""
    traced, plain = _both(caller, untraced, recorder, **order)

    lines = LINE.findall(traced)
    assert len(lines) == order.get("Count", 1)
    assert len(set(lines)) == len(lines)
    assert LINE.sub(b"", traced) == plain
    first = {"sk-msg": b" HTTP/1.1\r\n", "write": b"\r\n"}[way.name]
    assert all(before.endswith(first) for before in LINE.split(traced)[:-1:4])


@pytest.mark.parametrize("size", [1000, 8000, 16_000, 60_000, 250_000])
def test_larger_buffers(caller: Caller, untraced: Caller, recorder: Recorder, size: int) -> None:
    """However much comes with the head at once, the bytes are right; a head alone has its line."""
    order = {"Method": "PUT", "Size": size, "Buffer": 1 << 18, "Count": 3}
    traced, plain = _both(caller, untraced, recorder, **order)

    assert len(LINE.findall(traced)) == 3 or size > 8000
    assert LINE.sub(b"", traced) == plain


@pytest.mark.parametrize(
    "order",
    [
        pytest.param({"Headers": {"Traceparent": [traceparent()]}}, id="traceparent"),
        pytest.param({"Headers": {"traceparent": [traceparent()]}}, id="small-letters"),
        pytest.param({"Headers": {"TRACEPARENT": ["nonsense"]}}, id="nonsense"),
        pytest.param({"Headers": {"TraceParent": []}}, id="no-value"),
        pytest.param(
            {
                "Headers": {f"A-{n}": ["v" * 990] for n in range(30)}
                | {"traceparent": [traceparent()]},
            },
            id="in-a-later-segment",
        ),
        pytest.param({"Headers": {f"X-{n}": ["v"] for n in range(2000)}}, id="too-many-headers"),
    ],
)
def test_nothing_is_put_in(
    caller: Caller, untraced: Caller, recorder: Recorder, order: dict[str, object]
) -> None:
    """No second header, and none where it cannot be told for certain that it belongs there."""
    traced, plain = _both(caller, untraced, recorder, **order)

    assert traced == plain


@pytest.mark.parametrize(
    ("order", "by"),
    [
        pytest.param({"path": "/" + "p" * 5000}, "write", id="longer-path"),
        pytest.param({"path": "/" + "p" * 3980}, "sk-msg", id="full-buffer"),
        pytest.param({"Method": "M-SEARCH"}, "write", id="odd-method"),
    ],
)
def test_one_way_knows_what_the_other_does_not(
    way: Way,
    caller: Caller,
    untraced: Caller,
    recorder: Recorder,
    order: dict[str, object],
    by: str,
) -> None:
    """Who writes where the program does knows any head; who sees what is sent needs no room."""
    traced, plain = _both(caller, untraced, recorder, **order)

    assert len(LINE.findall(traced)) == (way.name == by)
    assert LINE.sub(b"", traced) == plain


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([_HEAD], id="a-head"),
        pytest.param([_HEAD, _HEAD * 100], id="many-heads"),
        pytest.param([_YAMUX, _YAMUX + _HEAD], id="frames"),
        pytest.param(["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], id="http2-preface"),
        pytest.param(["x" * 300_000], id="much"),
    ],
)
def test_other_protocols_are_left_alone(
    caller: Caller, recorder: Recorder, pieces: list[str]
) -> None:
    """What is not sent by net/http for a span is not HTTP to us, whatever it looks like."""
    assert caller.send(Address=recorder.address, Pieces=pieces) == ["done"]

    sent = "".join(pieces).encode()
    assert recorder.received(len(sent)) == sent


def test_files_are_sent_as_they_are(caller: Caller, recorder: Recorder, tmp_path: Path) -> None:
    """What the kernel itself copies to the socket comes behind the head."""
    content = bytes(range(256)) * 4000
    (tmp_path / "body").write_bytes(content)

    caller.send(recorder.url, Method="PUT", File=str(tmp_path / "body"), Count=3)

    received = recorder.received()
    assert len(LINE.findall(received)) == 3
    assert received.count(content) == 3


def test_connections_of_before(way: Way, tracer: Tracer, program: Path, recorder: Recorder) -> None:
    """What a socket sends has a header on connections that began since; written it is on all."""
    with running(program) as caller:
        caller.send(recorder.url)
        tracer.trace(Process(caller.pid))
        recorder.received()
        caller.send(recorder.url, Count=3)
        assert len(LINE.findall(recorder.received())) == {"sk-msg": 0, "write": 3}[way.name]

        caller.send(recorder.url, Close=True)
        caller.send(recorder.url)
        assert LINE.search(recorder.received())
        tracer.forget(caller.pid)


def test_every_tool_chain(tracer: Tracer, any_program: Path, recorder: Recorder) -> None:
    """Where each version of Go keeps connections and headers."""
    with running(any_program) as caller:
        tracer.trace(Process(caller.pid))
        caller.send(recorder.url, Count=7, Headers={f"X-{n}": ["v"] for n in range(12)})
        headers = {f"X-{n}": ["v"] for n in range(12)} | {"traceparent": [traceparent()]}
        assert len(LINE.findall(recorder.received())) == 7

        caller.send(recorder.url, Count=7, Headers=headers)
        assert not LINE.search(recorder.received())
        tracer.forget(caller.pid)

from collections.abc import Sequence
from typing import Any

import pytest

from nodeagent.probes.http_client import SentRequest
from nodeagent.probes.http_server import ServedRequest
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.tracing.collecting import PARENT, TRACE, everything, traceparent
from tests.nodeagent.tracing.servers import Server

# A prime number of requests to handlers that send one each: how, method, path, status.
_WORKLOAD = (
    *(("context", "GET", f"/items/{number}", 200) for number in range(5)),
    *(("plain", "GET", f"/status/{code}", code) for code in (201, 204, 404, 500)),
    *(("value", "POST", f"/status/{code}", code) for code in (200, 503)),
    *(("deadline", "PUT", f"/items/{number}", 200) for number in range(4)),
    *(("limited", "DELETE", f"/status/{code}", code) for code in (202, 418)),
    *(("goroutine", "GET", f"/items/{number}", 200) for number in range(2)),
    ("deep", "GET", "/items/2", 200),  # fifty contexts below the request's
    *(("detached", "GET", f"/items/{number}", 200) for number in range(3)),
)


def _base(server: Server, scheme: str) -> str:
    return f"{scheme}://{server.secure if scheme == 'https' else server.address}"


def _call(server: Server, way: str, url: str, method: str = "GET") -> str:
    return server.get(f"/call/{way}?to={url}", method=method)


def _sent(found: Sequence[Any]) -> list[SentRequest]:
    return [one for one in found if isinstance(one, SentRequest)]


def _callers(found: Sequence[Any]) -> list[ServedRequest]:
    return [
        one for one in found if isinstance(one, ServedRequest) and one.path.startswith("/call/")
    ]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_each_request_is_seen_once_below_the_one_that_it_was_sent_for(
    tracer: Tracer, any_server: Server, scheme: str
) -> None:
    """23 requests are 23 spans of servers and 23 of clients, with method, status and parent."""
    base = _base(any_server, scheme)
    works = [work for work in _WORKLOAD if scheme == "http" or work[0] != "plain"]
    works += [("context", "GET", "/silent", 200)] * (23 - len(works))
    for way, method, path, status in works:
        assert _call(any_server, way, base + path, method) == str(status)

    found = everything(tracer, any_server)

    sent, callers = _sent(found), _callers(found)
    assert [(one.method, one.path, one.status) for one in sent] == [work[1:] for work in works]
    assert [one.path for one in callers] == [f"/call/{work[0]}" for work in works]
    version = (2, 0) if scheme == "https" else (1, 1)
    assert {(one.scheme, one.version, one.error) for one in sent} == {(scheme, version, "")}
    assert {f"{one.scheme}://{one.host}" for one in sent} == {base}
    for (way, *_), one, caller in zip(works, sent, callers, strict=True):
        if way == "detached":
            assert one.head.parent_id == 0
            assert one.head.trace_id != caller.head.trace_id
        else:
            assert one.head.parent_id == caller.head.span_id
            assert one.head.trace_id == caller.head.trace_id
        assert not one.head.remote
        assert caller.head.start < one.head.start < one.head.end < caller.head.end
    assert len({one.head.span_id for one in sent} - {0}) == 23


def test_requests_of_many_goroutines_have_one_parent(tracer: Tracer, any_server: Server) -> None:
    """What fans out with a context belongs to the request that the context is of."""
    for _ in range(5):
        assert _call(any_server, "fan", f"{_base(any_server, 'http')}/items/1") == "200 200"

    found = everything(tracer, any_server)

    callers = [caller.head.span_id for caller in _callers(found)]
    assert [one.head.parent_id for one in _sent(found)] == [id_ for id_ in callers for _ in "ab"]


def test_redirects_are_requests_of_their_own(tracer: Tracer, any_server: Server) -> None:
    """Each has its status, and says how many there were before it."""
    base = _base(any_server, "http")
    url = f"{base}/redirect?to={base}/redirect?to={base}/status/418"

    assert _call(any_server, "context", url) == "418"

    sent = _sent(everything(tracer, any_server))
    assert [(one.path, one.status, one.resent) for one in sent] == [
        ("/redirect", 302, 0),
        ("/redirect", 302, 1),
        ("/status/418", 418, 2),
    ]


def test_failures_have_the_type_of_what_is_returned(tracer: Tracer, any_server: Server) -> None:
    """Nobody listens; the context's time is over; the connection is closed without an answer."""
    base = _base(any_server, "http")

    assert _call(any_server, "context", "http://127.0.0.1:1/items") == "failed"
    assert _call(any_server, "late", f"{base}/wait") == "failed"
    assert _call(any_server, "context", f"{base}/fail") == "failed"

    sent = _sent(everything(tracer, any_server))
    assert [(one.path, one.status) for one in sent] == [("/items", 0), ("/wait", 0), ("/fail", 0)]
    refused, late, closed = (one.error for one in sent)
    assert (refused, late) == ("*net.OpError", "context.deadlineExceededError")
    assert closed in {"*errors.errorString", "http.transportReadFromServerError", "*net.OpError"}


def test_what_the_program_traces_itself_is_left_to_it(tracer: Tracer, server: Server) -> None:
    """A request with a traceparent has a span already, unless it only passes it on."""
    url, value = f"{_base(server, 'http')}/items/1", traceparent()

    server.get(f"/call/context?to={url}&traceparent={value}")
    server.get(f"/call/plain?to={url}")
    server.get(f"/call/context?to={url}&traceparent={value}", {"traceparent": value})

    found = everything(tracer, server)
    parents = [one.head.parent_id for one in _sent(found)]
    assert parents == [caller.head.span_id for caller in _callers(found)[1:]]
    theirs = [
        one.head
        for one in found
        if isinstance(one, ServedRequest) and one.path == "/items/1" and one.head.remote
    ]
    assert {(TRACE, PARENT)} == {(head.trace_id, head.parent_id) for head in theirs}


def test_addresses_are_as_they_were_sent(tracer: Tracer, server: Server) -> None:
    """A path that can be written in several ways is the one that was sent."""
    base = _base(server, "http")
    for path in ("/a%252Fb", "/a%2520b"):
        _call(server, "context", base + path)

    sent = _sent(everything(tracer, server))
    assert [(one.path, one.escaped) for one in sent] == [("/a%2Fb", True), ("/a b", False)]


def test_calls_of_what_is_not_sampled_are_not_recorded(tracer: Tracer, server: Server) -> None:
    """A trace is recorded as a whole or not at all."""
    url = f"{_base(server, 'http')}/items/1"
    tracer.trace(Process(server.pid), 0)

    server.get(f"/call/context?to={url}", {"traceparent": traceparent(sampled=False)})
    server.get(f"/call/detached?to={url}", {"traceparent": traceparent()})
    server.get(f"/call/fan?to={url}", {"traceparent": traceparent()})

    found = everything(tracer, server)
    assert [one.head.trace_id for one in _sent(found)] == [TRACE, TRACE]

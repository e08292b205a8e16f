from collections.abc import Iterator
from typing import NamedTuple

import pytest

from nodeagent.probes.api import ApiSpan, StatusCode
from nodeagent.probes.http_server import ServedRequest
from nodeagent.probes.record import Head
from nodeagent.probes.sql import DatabaseCall
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary.conftest import required, shown
from tests.nodeagent.tracing.apis import CASES, EVERYDAY, Api, built
from tests.nodeagent.tracing.collecting import everything, traceparent
from tests.nodeagent.tracing.servers import Server, running

# Paths, and the spans that the program makes of each, in the order of their begin.
_NEST = ("outer", "first", "second")
_WORKLOAD = (
    *[("/nest", _NEST)] * 5,
    *[("/describe", ("renamed",))] * 3,
    *[("/elsewhere", ("handed on", "elsewhere"))] * 2,
    ("/many", ("n" * 127,)),
)


class _Seen(NamedTuple):
    """By their begin: requests, the program's own spans, calls of the database."""

    requests: list[ServedRequest]
    spans: list[ApiSpan]
    calls: list[DatabaseCall]


def _seen(tracer: Tracer, server: Server) -> _Seen:
    found = sorted(everything(tracer, server), key=lambda one: one.head.start)
    return _Seen(
        [one for one in found if isinstance(one, ServedRequest)],
        [one for one in found if isinstance(one, ApiSpan)],
        [one for one in found if isinstance(one, DatabaseCall)],
    )


@pytest.fixture(name="api", scope="module", params=CASES, ids=str)
def fixture_api(request: pytest.FixtureRequest) -> Api:
    """Each version; the newest one where not all are required."""
    api: Api = request.param
    if api not in EVERYDAY and not required():
        pytest.skip("built with SPANHOOK_REQUIRE_GO=1 only")
    return api


@pytest.fixture(name="making")
def fixture_making(tracer: Tracer, api: Api, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A running server that makes spans of its own, traced."""
    with shown(request) as say:
        program = built(api, say)
    with running(program) as server:
        tracer.trace(Process(server.pid))
        yield server
        tracer.forget(server.pid)


def _below(head: Head) -> tuple[int, int]:
    return head.trace_id, head.parent_id


def _at(head: Head) -> tuple[int, int]:
    return head.trace_id, head.span_id


def test_each_span_is_seen_once(tracer: Tracer, making: Server) -> None:
    """23 spans that the program makes are 23 spans, by its own tracer."""
    for path, _ in _WORKLOAD:
        making.get(path)

    seen = _seen(tracer, making)

    names = [name for _, names in _WORKLOAD for name in names]
    assert len(names) == 23
    assert [span.name for span in seen.spans] == names
    assert {span.tracer for span in seen.spans} == {"shop/basket"}
    assert len(seen.requests) == len(_WORKLOAD)
    assert all(span.head.start < span.head.end for span in seen.spans)


def test_automatic_and_own_spans_are_one_trace(tracer: Tracer, making: Server) -> None:
    """Own spans are below the request and each other, calls of a database below own spans."""
    making.get("/nest")

    [request], [outer, first, second], [one, other] = _seen(tracer, making)

    assert _below(outer.head) == _at(request.head)
    assert {_below(first.head), _below(second.head)} == {_at(outer.head)}
    assert _below(one.head) == _at(first.head)
    assert _below(other.head) == _at(second.head)
    assert not any(span.head.remote for span in (outer, first, second))


def test_what_is_told_of_a_span_is_kept(tracer: Tracer, making: Server) -> None:
    """Attributes from its begin to its end, a new name, its status and its error; no lists."""
    making.get("/describe")

    [span] = _seen(tracer, making).spans

    assert span.attributes == {
        "given": "at the start",
        "items": -7,
        "paid": True,
        "price": 2.5,
        "by": "the context",
    }
    assert (span.status, span.description) == (StatusCode.ERROR, "it failed")
    assert span.error == "*errors.errorString"
    assert span.head.start < span.error_at < span.head.end
    assert span.dropped == 1


def test_goroutines_are_crossed(tracer: Tracer, making: Server) -> None:
    """A span is below that of its context, and ends wherever it is ended."""
    making.get("/elsewhere")

    [request], [handed_on, elsewhere], _ = _seen(tracer, making)

    assert _below(handed_on.head) == _at(request.head)
    assert _below(elsewhere.head) == _at(handed_on.head)
    assert elsewhere.head.end < handed_on.head.end


def test_what_there_is_no_room_for_is_counted(tracer: Tracer, making: Server) -> None:
    """Names, keys and values are cut, and attributes left out; the span is there."""
    making.get("/many")

    [span] = _seen(tracer, making).spans

    assert span.name == "n" * 127
    assert len(span.attributes) + span.dropped == 40
    assert span.attributes["key.00"] == "v" * 127
    assert span.status is StatusCode.OK


def test_spans_that_never_end_are_not_seen(tracer: Tracer, making: Server) -> None:
    """And those that do are."""
    making.get("/forget")
    making.get("/elsewhere")

    assert [span.name for span in _seen(tracer, making).spans] == ["handed on", "elsewhere"]


def test_a_trace_that_is_not_sampled_has_none(tracer: Tracer, making: Server) -> None:
    """The decision is the one of the request."""
    making.get("/nest", {"traceparent": traceparent(sampled=False)})
    making.get("/elsewhere")

    seen = _seen(tracer, making)

    assert len(seen.requests) == 1
    assert [span.name for span in seen.spans] == ["handed on", "elsewhere"]
    assert not seen.calls


def test_a_program_with_an_sdk_is_left_alone(tracer: Tracer, making: Server) -> None:
    """Its spans are its own; calls are below the request."""
    making.get("/delegate")

    [request], spans, calls = _seen(tracer, making)

    assert not spans
    assert [_below(call.head) for call in calls] == [_at(request.head)] * 2

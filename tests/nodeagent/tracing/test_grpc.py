from collections.abc import Iterator

import pytest

from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary.conftest import required, shown
from tests.nodeagent.tracing.collecting import PARENT, TRACE, traceparent
from tests.nodeagent.tracing.rpcs import CASES, EVERYDAY, Caller, Rpc, built, calling

_SERVICE = "/shop.Stock/"
_WITHOUT_WEB = ("1.19", "1.23.9")  # net/http speaks HTTP/2 without TLS since Go 1.24

# A prime number of calls: method, what the handler does, the status that it ends with, and the one
# that the caller ends with.
_WORKLOAD = (
    *(("Get", f"item-{number}", 0, 0) for number in range(7)),
    *(("Get", f"code:{code}", code, code) for code in (1, 5, 14, 16)),
    ("Get", "plain", 2, 2),
    ("Get", "panic", 13, 13),
    ("Get", "cancel", 1, 1),
    ("Get", "late", 1, 4),
    ("Nothing", "ok", 12, 12),
    ("List", "ok", 0, 0),
    ("List", "code:7", 7, 7),
    ("Put", "ok", 0, 0),
    ("Put", "code:3", 3, 3),
    ("Chat", "ok", 0, 0),
    ("Chat", "cancel", 1, 1),
    ("Chat", "late", 1, 4),
)


@pytest.fixture(name="rpc", scope="module", params=CASES, ids=str)
def fixture_rpc(request: pytest.FixtureRequest) -> Rpc:
    """Each version; one of them where not all are required."""
    rpc: Rpc = request.param
    if rpc not in EVERYDAY and not required():
        pytest.skip("built with SPANHOOK_REQUIRE_GO=1 only")
    return rpc


@pytest.fixture(name="caller")
def fixture_caller(tracer: Tracer, rpc: Rpc, request: pytest.FixtureRequest) -> Iterator[Caller]:
    """The running program, which is traced."""
    with shown(request) as say:
        program = built(rpc, say)
    with calling(program, tracer) as caller:
        yield caller


def test_each_call_is_seen_once_by_either_side(caller: Caller) -> None:
    """23 calls are 23 served and 23 made ones, in order, with method, status and parent."""
    for number, (method, what, *_) in enumerate(_WORKLOAD):
        caller.call(method, what, traceparent() if number % 2 else "")

    served, made = caller.seen(23, 23)

    methods = [_SERVICE + method for method, *_ in _WORKLOAD]
    assert [(method, row[2]) for method, row in zip(methods, _WORKLOAD, strict=True)] == [
        (one.method, one.status) for one in served
    ]
    assert [(method, row[3]) for method, row in zip(methods, _WORKLOAD, strict=True)] == [
        (one.method, one.status) for one in made
    ]
    parents = [PARENT if number % 2 else 0 for number in range(23)]
    assert parents == [one.head.parent_id for one in served]
    assert {(PARENT, TRACE, True)} == {
        (one.head.parent_id, one.head.trace_id, one.head.remote)
        for one in served
        if one.head.parent_id
    }
    assert {0} == {one.head.parent_id for one in made}
    assert {caller.pid} == {one.head.process for one in served}
    assert {caller.pid} == {one.head.process for one in made}


def test_ids_are_unique_and_times_in_order(caller: Caller) -> None:
    """A call is served while it is made, and ends before the next one begins."""
    for method in ("Get", "List", "Put", "Chat") * 5:
        caller.call(method, "ok")

    served, made = caller.seen(20, 20)

    heads = [*(one.head for one in served), *(one.head for one in made)]
    assert len({one.span_id for one in heads} - {0}) == 40
    assert len({one.trace_id for one in heads} - {0}) == 40
    times = [
        time
        for outer, inner in zip(made, served, strict=True)
        for time in (outer.head.start, inner.head.start, inner.head.end, outer.head.end)
    ]
    assert sorted(times) == times


def test_who_was_called_and_who_called_is_known(caller: Caller) -> None:
    """The target as the program has it; addresses of both ends."""
    caller.call("Get", "ok")

    [served], [made] = caller.seen(1, 1)

    port = int(caller.address.rpartition(":")[2])
    assert (made.target, made.peer, made.port) == (
        f"passthrough:///{caller.address}",
        "7f000001",
        port,
    )
    assert served.peer == "7f000001"
    assert served.port not in {0, port}


@pytest.mark.parametrize("what", ["relay", "fork"])
def test_a_call_of_a_handler_belongs_to_what_it_serves(caller: Caller, what: str) -> None:
    """On the handler's goroutine or another: the context tells."""
    caller.call("Get", f"{what}:ok", traceparent())

    (outer, _), (_, call) = caller.seen(2, 2)

    assert call.head.parent_id == outer.head.span_id
    assert (call.head.trace_id, call.head.remote) == (TRACE, False)


def test_a_caller_that_does_not_sample_is_heeded(caller: Caller) -> None:
    """Neither the call is recorded nor what belongs to it."""
    caller.call("Get", "fork:ok", traceparent(sampled=False))
    caller.call("Get", "ok", traceparent())

    served, made = caller.seen(2, 2)

    # What is called in turn has no parent that it is told of: it begins a trace.
    assert [one.head.parent_id for one in served] == [0, PARENT]
    assert len(made) == 2


@pytest.mark.parametrize("method", ["Get", "Chat"])
def test_each_attempt_is_a_span(caller: Caller, method: str) -> None:
    """Where a policy has a call made again, as OpenTelemetry's own instrumentation has it."""
    caller.call(method, "code:14", to="again")

    served, made = caller.seen(3, 3)

    assert [one.status for one in served] == [14] * 3
    assert [one.status for one in made] == [14] * 3


def test_calls_that_the_program_traces_itself_are_left_to_it(caller: Caller) -> None:
    """Who writes a traceparent has a span for it."""
    for method in ("Get", "Chat"):
        caller.call(method, "ok", f"own={traceparent()}")

    served, made = caller.seen(2, 0)

    assert [one.head.parent_id for one in served] == [PARENT] * 2
    assert made == []


def test_a_lost_connection_ends_a_call(tracer: Tracer, caller: Caller, rpc: Rpc) -> None:
    """Nobody is there to be told a status, but it is written."""
    replaced = tracer.counters()["replaced"]
    for _ in range(5):
        caller.call("Get", "lose")

    served, made = caller.seen(5, 5)

    assert [one.status for one in served] == [2 if rpc.grpc == "1.58.3" else 14] * 5
    assert [one.status for one in made] == [1] * 5
    assert tracer.counters()["replaced"] == replaced


def test_a_call_of_nobody_is_seen(caller: Caller) -> None:
    """There is no stream that could end; the attempt did."""
    assert caller.call("Get", "ok", to="nobody") == "Unavailable"

    served, [made] = caller.seen(0, 1)

    assert served == []
    assert (made.status, made.peer) == (14, "")


@pytest.mark.parametrize("method", ["Get", "Chat"])
def test_a_call_through_net_http_belongs_to_its_request(
    caller: Caller, rpc: Rpc, method: str
) -> None:
    """The request has the caller's trace, the call the request as its parent."""
    if rpc.case.version in _WITHOUT_WEB:
        pytest.skip(f"no HTTP/2 without TLS in net/http of Go {rpc.case.version}")
    caller.call(method, "code:5", traceparent(), to="web")

    [served], [made] = caller.seen(1, 1)

    [request] = caller.requests()
    assert (request.path, request.head.parent_id) == (_SERVICE + method, PARENT)
    assert (served.head.parent_id, served.head.remote) == (request.head.span_id, False)
    assert served.head.trace_id == TRACE
    assert (served.method, served.status, made.status) == (_SERVICE + method, 5, 5)

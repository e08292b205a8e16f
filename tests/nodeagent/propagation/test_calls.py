"""Calls of gRPC whose traces are written into the frames that ask for them.

Where this kernel refuses to write, `test_written_grpc` shows what would have been.
"""

from collections.abc import Iterator

import pytest

from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary.conftest import required, shown
from tests.nodeagent.tracing.collecting import PARENT, traceparent
from tests.nodeagent.tracing.rpcs import CASES, EVERYDAY, Caller, Rpc, built, calling

_CALLS = 1000


@pytest.fixture(name="caller", params=CASES, ids=str)
def fixture_caller(writer: Tracer, request: pytest.FixtureRequest) -> Iterator[Caller]:
    """A program that calls itself, traced; of each version, for each test a new one."""
    rpc: Rpc = request.param
    if rpc not in EVERYDAY and not required():
        pytest.skip("built with SPANHOOK_REQUIRE_GO=1 only")
    with shown(request) as say:
        program = built(rpc, say)
    with calling(program, writer) as caller:
        yield caller


@pytest.mark.parametrize("method", ["Get", "List", "Put", "Chat"])
def test_who_is_called_goes_on_with_the_trace(caller: Caller, method: str) -> None:
    """Each call that is served is below the one that was made, in its trace."""
    answers = {caller.call(method, f"item-{number}") for number in range(23)}
    served, made = caller.seen(23, 23)

    assert answers == {"OK"}
    assert [one.head.parent_id for one in served] == [one.head.span_id for one in made]
    assert [one.head.trace_id for one in served] == [one.head.trace_id for one in made]
    assert all(one.head.remote for one in served)


def test_every_one_of_a_thousand(caller: Caller) -> None:
    """On one connection, whose table of headers stays what both sides take it for."""
    answers = {caller.call("Get", f"item-{number}") for number in range(_CALLS)}
    served, made = caller.seen(_CALLS, _CALLS)

    assert answers == {"OK"}
    assert [one.head.parent_id for one in served] == [one.head.span_id for one in made]


@pytest.mark.parametrize("what", ["relay:x", "fork:x"])
def test_calls_within_calls(caller: Caller, what: str) -> None:
    """A trace goes on through a handler that calls somebody itself."""
    assert caller.call("Get", what) == "OK"
    served, made = caller.seen(2, 2)

    assert {one.head.parent_id for one in served} == {one.head.span_id for one in made}
    assert made[1].head.parent_id == served[0].head.span_id
    assert len({one.head.trace_id for one in made} | {one.head.trace_id for one in served}) == 1


def test_a_traceparent_of_the_program_stays(caller: Caller) -> None:
    """What the program says itself is what counts, and there is no other."""
    for parent in (traceparent(), f"own={traceparent()}"):
        assert caller.call("Get", "item", parent) == "OK"
    served, _ = caller.seen(2, 0)

    assert [one.head.parent_id for one in served] == [PARENT, PARENT]


def test_long_lists_arrive(caller: Caller) -> None:
    """A call whose list of headers is nearly what the server takes is answered as ever."""
    for length in (7000, 8000):
        assert caller.call("N" * length, "item") == "Unimplemented"

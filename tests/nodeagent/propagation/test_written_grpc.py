"""What would be written into the header frames of gRPC calls, where the kernel lets us."""

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

import pytest

from nodeagent.kernel.ringbuffer import RingBuffer
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary.conftest import required, shown
from tests.nodeagent.tracing.collecting import traceparent
from tests.nodeagent.tracing.rpcs import CASES, EVERYDAY, Caller, Rpc, built, calling

_TOLD = Struct("=5Q9s69s2x")  # struct told_frame
_BLOCK = 69
_HEAD = Struct(">HBBBI")  # of a frame: length in three bytes, type, flags, stream
_HEADERS, _END_HEADERS = 1, 4


class Told(NamedTuple):
    """A header as HPACK has it, the frame that it would end, and the buffer that it stands in."""

    data: int
    size: int
    used: int
    frame: int
    length: int
    head: bytes
    block: bytes


class Telling:
    """A caller, and what would have been written for its calls."""

    def __init__(self, caller: Caller, told: RingBuffer) -> None:
        self.caller = caller
        self._told = told

    def told(self) -> list[Told]:
        """What would have been written since it was asked last."""
        return [Told(*_TOLD.unpack(record)) for record in self._told.records()]


@pytest.fixture(name="telling", params=CASES, ids=str)
def fixture_telling(teller: Tracer, request: pytest.FixtureRequest) -> Iterator[Telling]:
    """A caller of each version, traced, for each test a new one."""
    rpc: Rpc = request.param
    if rpc not in EVERYDAY and not required():
        pytest.skip("built with SPANHOOK_REQUIRE_GO=1 only")
    with shown(request) as say:
        program = built(rpc, say)
    told = RingBuffer(teller._loaded.maps["told_frames"], 4096)
    with calling(program, teller) as caller:
        telling = Telling(caller, told)
        telling.told()  # of callers before
        yield telling
    told.close()


def _header(span_id: int, trace_id: int) -> bytes:
    """RFC 7541, 6.2.2: a literal that is not indexed, whose name is new."""
    value = f"00-{trace_id:032x}-{span_id:016x}-01".encode()
    return b"\x00\x0btraceparent" + bytes([len(value)]) + value


@pytest.mark.parametrize("method", ["Get", "List", "Put", "Chat"])
def test_it_is_written_behind_the_other_fields(telling: Telling, method: str) -> None:
    """One header for each call, that of the call's own span, where the block's buffer is free."""
    for number in range(7):
        telling.caller.call(method, f"item-{number}")
    told = telling.told()

    _, made = telling.caller.seen(7, 7)
    assert [one.block for one in told] == [
        _header(one.head.span_id, one.head.trace_id) for one in made
    ]
    assert [_HEAD.unpack(one.head)[4] for one in told] == list(range(1, 15, 2))
    for one in told:
        high, low, kind, flags, _ = _HEAD.unpack(one.head)
        assert (kind, flags) == (_HEADERS, _END_HEADERS)
        assert high << 8 | low == one.length
        assert one.frame + len(one.head) + one.length - _BLOCK == one.data + one.used
        assert one.used + _BLOCK <= one.size


@pytest.mark.parametrize("what", ["relay:x", "fork:x"])
def test_calls_within_calls_have_their_own(telling: Telling, what: str) -> None:
    """A handler's call is told from the call that it serves, on whatever goroutine it is made."""
    telling.caller.call("Get", what)
    told = telling.told()

    _, made = telling.caller.seen(2, 2)
    assert [one.block for one in told] == [
        _header(one.head.span_id, one.head.trace_id) for one in made
    ]


@pytest.mark.parametrize("parent", [traceparent(), f"own={traceparent()}"])
def test_there_is_no_second_one(telling: Telling, parent: str) -> None:
    """A call that has a traceparent of the program's own is left as it is."""
    telling.caller.call("Get", "item", parent)

    assert telling.told() == []


def test_calls_to_nobody_leave_nothing(telling: Telling) -> None:
    """A call that has no connection has no frame, and the next one has its own header."""
    telling.caller.call("Get", "item", to="nobody")
    telling.caller.call("Get", "item")

    assert len(telling.told()) == 1


@pytest.mark.parametrize(("length", "count"), [(7000, 1), (8000, 0)])
def test_lists_stay_within_what_peers_take(telling: Telling, length: int, count: int) -> None:
    """The header counts as a field of the list, of which a peer that says nothing takes 8 KB."""
    telling.caller.call("N" * length, "item")

    assert len(telling.told()) == count

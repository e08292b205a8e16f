"""What would be written into a program's buffer, where the kernel lets us.

The kernels of most machines that these tests run on do not: there the same program tells what it
would write, and the bytes that were sent show whether it belongs there.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from struct import Struct
from typing import NamedTuple

import pytest

from nodeagent.kernel.ringbuffer import RingBuffer
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.propagation.callers import Caller, running
from tests.nodeagent.propagation.recorder import LINE, Recorder
from tests.nodeagent.tracing.collecting import traceparent

_TOLD = Struct("=5Q70s2x")  # struct told_write
_BUFFER = 4096  # of a bufio.Writer
_LINE = 70
_FIRST = {b"Host", b"User-Agent", b"Content-Length", b"Transfer-Encoding"}
"""Headers that net/http writes in front of those that the program set."""


class Told(NamedTuple):
    """A line, where it would go, and the buffer: its place, size and how much of it is used."""

    header: int
    address: int
    data: int
    length: int
    used: int
    line: bytes


class Telling:
    """A caller, and what would have been written for its requests."""

    def __init__(self, caller: Caller, told: RingBuffer) -> None:
        self._caller = caller
        self._told = told

    def sent(self, recorder: Recorder, order: Mapping[str, object]) -> tuple[bytes, list[Told]]:
        """What was sent for an order, and what would have been written."""
        rest = {name: value for name, value in order.items() if name != "path"}
        self._caller.send(f"{recorder.url}{order.get('path', '/')}", **rest)
        told = [Told(*_TOLD.unpack(record)) for record in self._told.records()]
        return recorder.received(), told


@pytest.fixture(name="telling", scope="module")
def fixture_telling(teller: Tracer, any_program: Path) -> Iterator[Telling]:
    """A caller of each version, traced."""
    told = RingBuffer(teller._loaded.maps["told_writes"], 4096)
    with running(any_program) as caller:
        teller.trace(Process(caller.pid))
        yield Telling(caller, told)
        teller.forget(caller.pid)
    told.close()


def _is_between(received: bytes, used: int) -> bool:
    """Whether so many bytes are a head's first lines, all of them whole, and others follow."""
    before, behind = received[:used], received[used:]
    names = {line.partition(b":")[0] for line in before.split(b"\r\n")[1:-1]}
    follows = behind.partition(b":")[0]
    return (
        before.endswith(b"\r\n") and b"Host" in names and names <= _FIRST and follows not in _FIRST
    )


@pytest.mark.parametrize(
    "order",
    [
        pytest.param({"Count": 7}, id="get"),
        pytest.param({"Method": "POST", "Size": 100_000, "Count": 2}, id="body"),
        pytest.param({"Method": "POST", "Size": 9000, "Chunked": True}, id="chunked"),
        pytest.param({"Headers": {f"X-{n}": ["v" * 99] for n in range(9)}}, id="headers"),
        pytest.param({"Headers": {f"X-{n}": ["v" * 990] for n in range(30)}}, id="long-head"),
        pytest.param({"path": "/" + "p" * 3900}, id="long-path"),
    ],
)
def test_it_is_written_where_the_buffer_is_free(
    telling: Telling, recorder: Recorder, order: dict[str, object]
) -> None:
    """Right behind what the program has written so far, a line that makes a valid head."""
    received, told = telling.sent(recorder, order)

    assert len(told) == order.get("Count", 1)
    assert not LINE.search(received)  # nothing was written
    for one in told:
        assert one.address == one.data + one.used
        assert one.length == _BUFFER
        assert one.used + _LINE <= one.length
        assert LINE.fullmatch(one.line)
        assert _is_between(received, one.used)
    assert len({one.line for one in told}) == len(told)


@pytest.mark.parametrize(
    "order",
    [
        pytest.param({"Headers": {"Traceparent": [traceparent()]}}, id="traceparent"),
        pytest.param({"Headers": {"traceparent": [traceparent()]}}, id="small-letters"),
        pytest.param({"path": "/" + "p" * 3970}, id="no-room"),
    ],
)
def test_it_is_not_written(telling: Telling, recorder: Recorder, order: dict[str, object]) -> None:
    """No second header, and never more than there is room for."""
    received, told = telling.sent(recorder, order)

    assert received
    assert told == []

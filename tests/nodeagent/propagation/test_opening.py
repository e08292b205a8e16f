from pathlib import Path
from typing import cast

import pytest

from nodeagent.kernel.errors import CompilerError
from nodeagent.propagation.paths import Paths, State, choose
from nodeagent.propagation.way import SK_MSG, Way
from nodeagent.tracing.opening import Opening
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.machine import require_tracing
from tests.nodeagent.propagation.callers import running
from tests.nodeagent.propagation.recorder import LINE, Recorder

_TRACER = cast("Tracer", object())


def _all_open(wish: str) -> Paths:
    return choose(wish, lambda _: "")


def test_it_traces_without_a_way_that_fails() -> None:
    """What the kernel refuses when it sees the whole is left out, and says so in one line."""

    def make(way: Way | None) -> Tracer:
        if way is not None:
            raise CompilerError("Failed to load\nmore of it")
        return _TRACER

    opening = Opening("auto", make, _all_open)
    assert opening.paths == Paths("auto")
    assert opening() is _TRACER

    states = {path.way: (path.state, path.why) for path in opening.paths.states}
    assert states["write"] == (State.UNAVAILABLE, "Failed to load")
    assert opening.paths.way is None


def test_nothing_is_tried_that_is_off() -> None:
    """Without a way a tracer is what it was, and fails as it did."""
    tried: list[Way | None] = []

    def make(way: Way | None) -> Tracer:
        tried.append(way)
        raise CompilerError("no bcc")

    with pytest.raises(CompilerError, match="no bcc"):
        Opening("off", make, _all_open)()
    with pytest.raises(CompilerError, match="no bcc"):
        Opening("sk-msg", make, _all_open)()

    assert tried == [None, SK_MSG, None]


def test_connections_outlive_the_tracer(program: Path, recorder: Recorder) -> None:
    """A connection that was seen goes on when nobody looks at it any more."""
    require_tracing()
    opening = Opening("sk-msg")
    tracer = opening()
    try:
        with running(program) as caller:
            tracer.trace(Process(caller.pid))
            caller.send(recorder.url)
            assert LINE.search(recorder.received())
            tracer.close()
            answers = caller.send(recorder.url, Count=5, Method="POST", Size=100_000)
    finally:
        tracer.close()
    received = recorder.received()

    assert opening.paths.way is SK_MSG
    assert {answer[:3] for answer in answers} == {"200"}
    assert received.count(b"POST / HTTP/1.1\r\nHost: ") == 5
    assert not LINE.search(received)

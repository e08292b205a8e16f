from dataclasses import replace
from pathlib import Path

from nodeagent.probes.program import Limits
from nodeagent.propagation.paths import Paths, State, choose
from nodeagent.propagation.way import SK_MSG
from nodeagent.tracing.opening import Opening
from nodeagent.tracing.process import Process
from tests.nodeagent.machine import require_tracing
from tests.nodeagent.propagation.callers import running
from tests.nodeagent.propagation.recorder import LINE, Recorder


def test_it_traces_without_a_way_that_fails(program: Path) -> None:
    """What the kernel refuses when it sees the whole is left out, and says so."""
    require_tracing()
    broken = replace(SK_MSG, members={}, defines={"MAX_SOCKETS": 1})

    def chosen(wish: str) -> Paths:
        return replace(choose(wish, lambda _: ""), way=broken)

    opening = Opening("sk-msg", Limits(events=1 << 16), chosen)
    assert opening.paths == Paths("sk-msg")
    tracer = opening()
    try:
        with running(program) as caller:
            assert tracer.trace(Process(caller.pid)).uprobes
    finally:
        tracer.close()

    states = {path.way: path for path in opening.paths.states}
    assert states["sk-msg"].state is State.UNAVAILABLE
    assert "Failed to compile" in states["sk-msg"].why


def test_it_passes_on_as_it_is_told(program: Path, recorder: Recorder) -> None:
    """By the way that is asked for."""
    require_tracing()
    opening = Opening("sk-msg")
    tracer = opening()
    try:
        with running(program) as caller:
            tracer.trace(Process(caller.pid))
            caller.send(recorder.url)
            received = recorder.received()
    finally:
        tracer.close()

    assert opening.paths.way is SK_MSG
    assert LINE.search(received)

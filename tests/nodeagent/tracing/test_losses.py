from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nodeagent.probes.http_server import ServedRequest
from nodeagent.probes.program import Limits
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.machine import require_tracing
from tests.nodeagent.tracing.collecting import gathered
from tests.nodeagent.tracing.servers import read, running
from tests.waiting import until


def test_losses_are_counted_to_the_span(program: Path) -> None:
    """What has no room in the ring buffer is counted: what is seen and what is lost are all."""
    require_tracing()
    tracer = Tracer(limits=Limits(events=4096))
    try:
        with running(program) as server:
            tracer.trace(Process(server.pid))
            connection = server.connect()
            for _ in range(100):
                connection.request("GET", "/items/1")
                read(connection.getresponse())
            connection.close()
            seen = list(tracer.events())

            lost = tracer.counters()["lost"]
            assert 0 < lost < 100
            assert len(seen) + lost == 100
    finally:
        tracer.close()


def test_the_ring_buffer_goes_round(program: Path) -> None:
    """Many times its size passes through the buffer without loss when it is read in time."""
    require_tracing()
    tracer = Tracer(limits=Limits(events=4096))
    seen: list[ServedRequest] = []
    try:
        with running(program) as server:
            tracer.trace(Process(server.pid))
            connection = server.connect()
            for number in range(500):
                connection.request("GET", f"/items/{number}")
                read(connection.getresponse())
                seen.extend(event.value for event in tracer.events())
            connection.close()
            assert [f"/items/{number}" for number in range(500)] == [one.path for one in seen]
            assert tracer.counters()["lost"] == 0
    finally:
        tracer.close()


def test_an_end_without_a_begin_is_counted(program: Path) -> None:
    """A request that was under way before its process was traced has no span, and is told of."""
    require_tracing()
    tracer = Tracer()
    try:
        with running(program) as server, ThreadPoolExecutor(1) as other:
            waiting = other.submit(server.get, "/wait")
            until(lambda: server.get("/waiting") == "1", "the request to wait")
            tracer.trace(Process(server.pid))
            server.get("/open?count=1")
            waiting.result()

            until(lambda: tracer.counters()["unbegun"] == 1, "its end")
            assert "/wait" not in {one.path for one in gathered(tracer, server)}
    finally:
        tracer.close()

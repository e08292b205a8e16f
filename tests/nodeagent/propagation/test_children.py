"""Who is called goes on with the caller's trace, below the caller's own span."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodeagent.probes.http_client import SentRequest
from nodeagent.probes.http_server import ServedRequest
from nodeagent.propagation.way import WRITE, Way
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary.conftest import shown
from tests.nodeagent.propagation.callers import Caller, running
from tests.nodeagent.propagation.conftest import CASES
from tests.nodeagent.tracing import servers
from tests.nodeagent.tracing.collecting import PARENT, everything, gathered, traceparent
from tests.nodeagent.tracing.servers import Server

_REQUESTS = 1000


@pytest.fixture(name="server")
def fixture_server(tracer: Tracer, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that is traced, too."""
    with shown(request) as say:
        program = servers.built(CASES[0], say)
    with servers.running(program) as server:
        tracer.trace(Process(server.pid))
        gathered(tracer, server)  # what other tests left
        yield server
        tracer.forget(server.pid)


def test_every_one_of_a_thousand(tracer: Tracer, caller: Caller, server: Server) -> None:
    """Over connections that are kept alive, twenty at once: each below its own span."""
    url = f"http://{server.address}/items/{{}}"
    answers = caller.send(url, Count=_REQUESTS, Concurrent=20)
    found = everything(tracer, server)

    assert Counter(answer[:3] for answer in answers) == {"200": _REQUESTS}
    assert len(set(answers)) == _REQUESTS  # each has the digest of its own number
    sent = {one.head.span_id: one for one in found if isinstance(one, SentRequest)}
    served = [one for one in found if not isinstance(one, SentRequest)]
    assert len(sent) == len(served) == _REQUESTS
    assert len({one.head.parent_id for one in served}) == _REQUESTS
    for one in served:
        above = sent[one.head.parent_id]
        assert (above.head.trace_id, above.path) == (one.head.trace_id, one.path)
        assert one.head.remote
        assert above.head.start <= one.head.start
        assert one.head.end <= above.head.end


def test_what_is_not_sampled_is_not_sampled_there(
    tracer: Tracer, program: Path, server: Server
) -> None:
    """The decision is passed on with the trace."""
    with running(program) as caller:
        tracer.trace(Process(caller.pid), 0)
        caller.send(f"http://{server.address}/items/{{}}", Count=7)
        tracer.forget(caller.pid)

    assert gathered(tracer, server) == []


def test_a_traceparent_of_the_program_stays(tracer: Tracer, caller: Caller, server: Server) -> None:
    """What the program says itself is what counts."""
    caller.send(f"http://{server.address}/items/1", Headers={"Traceparent": [traceparent()]})

    assert [one.head.parent_id for one in gathered(tracer, server)] == [PARENT]


@pytest.mark.parametrize(("old", "version"), [(True, (1, 1)), (False, (2, 0))])
def test_what_is_encrypted(
    way: Way, tracer: Tracer, caller: Caller, server: Server, old: bool, version: tuple[int, int]
) -> None:
    """Over TLS requests arrive as they were sent; with HTTP/1.1 what was written is among it."""
    url = f"https://{server.secure}/items/{{}}"
    answers = caller.send(url, Count=50, Concurrent=5, Old=old)
    found = everything(tracer, server)
    sent = {one.head.span_id for one in found if isinstance(one, SentRequest)}
    served = [one for one in found if isinstance(one, ServedRequest)]
    is_told = way is WRITE and version == (1, 1)

    assert {answer[:3] for answer in answers} == {"200"}
    assert len(set(answers)) == 50
    assert [one.version for one in served] == [version] * 50
    assert {one.head.parent_id for one in served} == (sent if is_told else {0})
    assert len(sent) == 50

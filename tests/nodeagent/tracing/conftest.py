"""Servers, and a tracer that all tests of a module share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary.builds import Case
from tests.nodeagent.binary.conftest import required, shown
from tests.nodeagent.machine import require_tracing
from tests.nodeagent.tracing.servers import CASES, EVERYDAY, Server, built, running


@pytest.fixture(name="tracer", scope="module")
def fixture_tracer() -> Iterator[Tracer]:
    """A tracer that traces nothing yet."""
    require_tracing()
    tracer = Tracer()
    yield tracer
    tracer.close()


@pytest.fixture(name="program", scope="session")
def fixture_program(request: pytest.FixtureRequest) -> Path:
    """The server's executable, built by the newest tool chain."""
    with shown(request) as say:
        return built(CASES[0], say)


@pytest.fixture(name="case", scope="session", params=CASES, ids=str)
def fixture_case(request: pytest.FixtureRequest) -> Case:
    """Each version and variant; a few of them where not all are required."""
    case: Case = request.param
    if case not in EVERYDAY and not required():
        pytest.skip("built with SPANHOOK_REQUIRE_GO=1 only")
    return case


@pytest.fixture(name="any_program", scope="session")
def fixture_any_program(case: Case, request: pytest.FixtureRequest) -> Path:
    """The server's executable, by each version and variant."""
    with shown(request) as say:
        return built(case, say)


@pytest.fixture(name="server")
def fixture_server(tracer: Tracer, program: Path) -> Iterator[Server]:
    """A running server that is traced."""
    with running(program) as server:
        tracer.trace(Process(server.pid))
        yield server
        tracer.forget(server.pid)


@pytest.fixture(name="any_server")
def fixture_any_server(tracer: Tracer, any_program: Path) -> Iterator[Server]:
    """A running server that is traced, of each version and variant."""
    with running(any_program) as server:
        tracer.trace(Process(server.pid))
        yield server
        tracer.forget(server.pid)

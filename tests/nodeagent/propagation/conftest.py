"""Callers that are traced, and what they send."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nodeagent.propagation.way import SK_MSG, WRITE
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary.builds import Case
from tests.nodeagent.binary.conftest import required, shown
from tests.nodeagent.binary.toolchains import NEWEST
from tests.nodeagent.machine import require_tracing
from tests.nodeagent.propagation.callers import Caller, built, running
from tests.nodeagent.propagation.recorder import Recorder, recording

CASES = (
    Case(NEWEST, "stripped"),
    Case("1.19", "stripped"),  # maps as they were before 1.24
    Case(NEWEST, "pie"),
    *(Case(version, "stripped") for version in ("1.23.9", "1.24.11", "1.25.5", "1.26.6")),
)
_EVERYDAY = CASES[:2]


@pytest.fixture(name="tracer", scope="session")
def fixture_tracer() -> Iterator[Tracer]:
    """A tracer that puts the header into what sockets send."""
    require_tracing()
    tracer = Tracer(way=SK_MSG)
    yield tracer
    tracer.close()


@pytest.fixture(name="teller", scope="session")
def fixture_teller() -> Iterator[Tracer]:
    """A tracer whose programs tell instead of writing."""
    require_tracing()
    way = replace(WRITE, defines={"WRITES_ARE_TOLD": 1}, maps=("told_writes", "told_frames"))
    tracer = Tracer(way=way)
    yield tracer
    tracer.close()


@pytest.fixture(name="program", scope="session")
def fixture_program(request: pytest.FixtureRequest) -> Path:
    """The caller's executable, built by the newest tool chain."""
    with shown(request) as say:
        return built(CASES[0], say)


@pytest.fixture(name="any_program", scope="session", params=CASES, ids=str)
def fixture_any_program(request: pytest.FixtureRequest) -> Path:
    """The caller's executable by several tool chains."""
    case: Case = request.param
    if case not in _EVERYDAY and not required():
        pytest.skip("built with SPANHOOK_REQUIRE_GO=1 only")
    with shown(request) as say:
        return built(case, say)


@pytest.fixture(name="recorder", scope="session")
def fixture_recorder() -> Iterator[Recorder]:
    """A server that keeps what it receives."""
    with recording() as recorder:
        yield recorder


@pytest.fixture(name="caller", scope="session")
def fixture_caller(tracer: Tracer, program: Path) -> Iterator[Caller]:
    """A caller that is traced."""
    with running(program) as caller:
        tracer.trace(Process(caller.pid))
        yield caller
        tracer.forget(caller.pid)


@pytest.fixture(name="untraced", scope="session")
def fixture_untraced(program: Path) -> Iterator[Caller]:
    """A caller that is left alone."""
    with running(program) as caller:
        yield caller

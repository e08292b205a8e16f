"""Callers that are traced, and what they send."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from nodeagent.propagation.trying import refusal
from nodeagent.propagation.way import SK_MSG, WRITE, Way
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
_WRITES = "bpf_probe_write_user"


@pytest.fixture(name="way", scope="session", params=(SK_MSG, WRITE), ids=lambda way: way.name)
def fixture_way(request: pytest.FixtureRequest) -> Way:
    """Each way by which a header gets into a request."""
    require_tracing()
    way: Way = request.param
    return way


@pytest.fixture(name="tracer", scope="session")
def fixture_tracer(way: Way) -> Iterator[Tracer]:
    """A tracer that puts the header in."""
    with _tracing(way) as tracer:
        yield tracer


@pytest.fixture(name="writer", scope="session")
def fixture_writer() -> Iterator[Tracer]:
    """A tracer that writes the header into the program's own buffers."""
    require_tracing()
    with _tracing(WRITE) as tracer:
        yield tracer


@contextmanager
def _tracing(way: Way) -> Iterator[Tracer]:
    if way is WRITE and _WRITES in (why := refusal(way)):
        # Whoever locks a kernel down has a reason; where it would go is tested all the same.
        pytest.skip(f"this kernel refuses to write: {why}")
    tracer = Tracer(way=way)
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

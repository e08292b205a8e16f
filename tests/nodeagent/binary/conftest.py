"""Go programs that tests share: built once, kept in the per-user cache."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from nodeagent.binary.program import GoProgram, read
from tests.cluster.binaries.progress import Progress
from tests.nodeagent.binary.builds import CASES, Case, Told, built, told
from tests.nodeagent.binary.toolchains import NEWEST, UnavailableError


def required(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether every version has to be there; else a few are built, and what lacks is skipped."""
    return environ.get("SPANHOOK_REQUIRE_GO") == "1"


def give_up(error: UnavailableError) -> NoReturn:
    """Skip the test that needs a program; fail it where every version is required."""
    if required():
        pytest.fail(str(error), pytrace=False)
    pytest.skip(str(error))


@contextmanager
def shown(request: pytest.FixtureRequest) -> Iterator[Callable[[str], None]]:
    """Progress that is seen while tests run; gives up where something cannot be had."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    try:
        if capture is None:
            yield Progress().say
        else:
            with capture.global_and_fixture_disabled():
                yield Progress().say
    except UnavailableError as error:
        give_up(error)


@pytest.fixture(
    name="case", scope="session", params=[c for c in CASES if c.everyday or required()], ids=str
)
def fixture_case(request: pytest.FixtureRequest) -> Case:
    """Each version and variant; a few of them where not all are required."""
    case: Case = request.param
    return case


@pytest.fixture(name="file", scope="session")
def fixture_file(case: Case, request: pytest.FixtureRequest) -> Path:
    """The program of a version and variant."""
    with shown(request) as say:
        return built(case, say)


@pytest.fixture(name="program", scope="session")
def fixture_program(file: Path) -> GoProgram:
    """The same, read."""
    return read(file)


@pytest.fixture(name="unstripped", scope="session")
def fixture_unstripped(case: Case, request: pytest.FixtureRequest) -> Path:
    """The same with symbols and debug information: nothing else changes when they go."""
    variant = "plain" if case.variant == "stripped" else case.variant
    with shown(request) as say:
        return built(Case(case.version, variant), say)


@pytest.fixture(name="truth", scope="session")
def fixture_truth(unstripped: Path, request: pytest.FixtureRequest) -> Told:
    """What Go's own readers say of it."""
    with shown(request) as say:
        return told(unstripped, say)


@pytest.fixture(name="newest", scope="session")
def fixture_newest(request: pytest.FixtureRequest) -> Path:
    """One plain program, for what does not depend on versions."""
    with shown(request) as say:
        return built(Case(NEWEST, "stripped"), say)

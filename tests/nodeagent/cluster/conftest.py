"""A Go program that is traced."""

from pathlib import Path

import pytest

from tests.nodeagent.binary.conftest import shown
from tests.nodeagent.tracing.servers import CASES, built


@pytest.fixture(name="program", scope="session")
def fixture_program(request: pytest.FixtureRequest) -> Path:
    """The server's executable, built by the newest tool chain."""
    with shown(request) as say:
        return built(CASES[0], say)

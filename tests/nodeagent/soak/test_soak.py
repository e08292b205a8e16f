from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.nodeagent import programs
from bench.nodeagent.programs import Tally
from bench.nodeagent.soak import Soaked, soaked
from tests.nodeagent.binary.conftest import shown
from tests.nodeagent.machine import require_tracing

_OUTCOME = {"marked": 70, "unmarked": 30, "inner": 5, "wrong": 0, "complaints": None}
_GOOD = Soaked(
    outcome=_OUTCOME,
    tally=Tally(spans=108, server=103, marked=69, again=0, same_id=0),
    counts={"dropped": 2},
    losses=2,
    resident=(1, 1),
    complaints="",
    alive=True,
)


@pytest.fixture(name="program", scope="module")
def fixture_program(request: pytest.FixtureRequest) -> Path:
    """The program that is all roles."""
    require_tracing()
    with shown(request) as say:
        return programs.built(say)


def test_a_traced_server_answers_as_ever_and_every_request_is_accounted_for(program: Path) -> None:
    """20,000 requests of all kinds: no wrong answer, each a span or a counted loss."""
    result = soaked(program, 20_000, rate=8_000)

    assert result.faults() == []
    assert result.outcome["requests"] == 20_000
    assert result.tally.spans + result.losses == result.expected > 20_000
    assert result.tally.spans > 0


def test_counted_losses_are_no_fault() -> None:
    """Two spans are missing, two losses are counted."""
    assert _GOOD.faults() == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        pytest.param({"alive": False}, "the server has ended", id="crash"),
        pytest.param({"complaints": "fatal error: x"}, "fatal error: x", id="complaint"),
        pytest.param({"losses": 1}, "2 spans are missing, 1 losses are counted", id="uncounted"),
        pytest.param(
            {"outcome": _OUTCOME | {"wrong": 1, "complaints": ["7 /x: status 500"]}},
            "7 /x: status 500",
            id="wrong answer",
        ),
        pytest.param({"tally": Tally(108, 103, 68, 1, 0)}, "have two spans", id="twice"),
        pytest.param({"tally": Tally(108, 103, 69, 0, 1)}, "the ID of another", id="same id"),
        pytest.param({"tally": Tally(111, 106, 69, 0, 0)}, "more spans than requests", id="more"),
    ],
)
def test_faults_are_said(changed: dict[str, Any], says: str) -> None:
    """Whatever is not as it must be is found."""
    assert says in " / ".join(replace(_GOOD, **changed).faults())

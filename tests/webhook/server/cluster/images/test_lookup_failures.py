"""What registries could not tell is not asked for again at once."""

import math

import pytest

from webhook.model import Absence
from webhook.reasons import Reason
from webhook.server.cluster.lookup_failures import Failures

WHY = Absence(Reason.IMAGE_UNREACHABLE, "it is down")


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture(name="clock")
def fixture_clock() -> Clock:
    """A clock that a test moves."""
    return Clock()


def waits(failures: Failures, clock: Clock, retry_after: float = 0.0) -> float:
    """For how long a failure is remembered, to a hundredth of a second; it is over then."""
    failures.note("a", WHY, retry_after)
    began = clock.now
    while failures.recall("a") is not None:
        clock.now += 0.01 if clock.now - began < 10 else 1
    return round(clock.now - began)


def test_longer_each_time(clock: Clock) -> None:
    """Twice as long, up to five minutes; a success forgives, and so does a long silence."""
    failures = Failures(clock)

    assert [waits(failures, clock) for _ in range(8)] == [5, 10, 20, 40, 80, 160, 300, 300]
    failures.forget("a")
    assert waits(failures, clock) == 5
    assert waits(failures, clock) == 10
    clock.now += 301
    assert waits(failures, clock) == 5


def test_each_question_for_itself(clock: Clock) -> None:
    """What fails for one says nothing of another."""
    failures = Failures(clock)
    failures.note("a", WHY)

    assert failures.recall("a") is WHY
    assert failures.recall("b") is None


@pytest.mark.parametrize(
    ("asked", "waits_"),
    [(60.0, 60), (1.0, 5), (-5.0, 5), (1e9, 3600), (math.inf, 5), (math.nan, 5)],
)
def test_what_a_registry_asks_for(asked: float, waits_: int, clock: Clock) -> None:
    """At least that long, an hour at most, whatever number it names."""
    assert waits(Failures(clock), clock, asked) == pytest.approx(waits_, abs=1)


def test_bounds(clock: Clock) -> None:
    """Two thousand are remembered: then the oldest goes."""
    failures = Failures(clock)
    for number in range(2_010):
        failures.note(number, WHY)

    assert len(failures) == 2_000
    assert failures.recall(9) is None
    assert failures.recall(10) is WHY

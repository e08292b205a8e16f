"""Bytes within an hour."""

import pytest

from inspection.budget import HOUR, HourlyBudget


def test_spent_bytes_come_back_after_an_hour() -> None:
    """What was read counts for an hour and no longer."""
    budget = HourlyBudget(100)

    budget.spend(60, 0)
    budget.spend(30, 120)

    assert [budget.left(now) for now in (0, 120, HOUR - 1, HOUR, HOUR + 120)] == [
        10, 10, 10, 70, 100,
    ]  # fmt: skip


def test_more_than_there_was_leaves_nothing() -> None:
    """A read that went beyond the budget is not forgiven."""
    budget = HourlyBudget(100)

    budget.spend(90, 0)
    budget.spend(60, 90)

    assert budget.left(90) == 0
    assert budget.left(HOUR) == 40


@pytest.mark.parametrize(
    ("spent", "seconds"),
    [
        ((), 0),
        (((50, 0),), 0),
        (((100, 0),), HOUR - 200),
        (((100, 0), (50, 100)), HOUR - 200),
        (((20, 0), (100, 100)), HOUR - 100),
    ],
)
def test_wait(spent: tuple[tuple[int, float], ...], seconds: float) -> None:
    """It says when there will be something to read with."""
    budget = HourlyBudget(100)

    for size, now in spent:
        budget.spend(size, now)

    assert budget.wait(200) == seconds
    assert budget.left(200 + seconds) > 0


def test_minutes_are_bounded() -> None:
    """However often it is spent from, an hour has sixty entries."""
    budget = HourlyBudget(1 << 30)

    for second in range(7200):
        budget.spend(1, second)

    assert len(budget._minutes) <= 60
    assert 3540 <= (1 << 30) - budget.left(7200) <= 3600


def test_none_at_all() -> None:
    """A budget of nothing leaves nothing, and there is nothing to wait for."""
    assert HourlyBudget(0).left(0) == 0
    assert HourlyBudget(0).wait(0) == 0

"""Pulls that are left, and times not to ask."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.limits import Limits
from registry.quota import Quota, retry_after

LIMITS = Limits(reserve=20, stale_seconds=60, longest_retry_after=600)


def noted(remaining: str, now: float = 0.0) -> Quota:
    """A quota that saw a header."""
    quota = Quota(LIMITS)
    quota.note({"ratelimit-remaining": remaining}, now)
    return quota


def test_nothing_known() -> None:
    """Registries that say nothing are asked."""
    quota = Quota(LIMITS)

    assert not quota.is_low()
    assert quota.wait_to_pull(0) == quota.wait(0) == 0


@pytest.mark.parametrize(
    ("remaining", "low"),
    [("76;w=21600", False), ("21", False), ("20;w=21600", True), ("0", True), ("x", False)],
)
def test_reserve(remaining: str, low: bool) -> None:
    """What is left within the reserve is left to others; HEAD requests are not held back."""
    quota = noted(remaining)

    assert quota.is_low() == low
    assert quota.wait_to_pull(10) == (50 if low else 0)
    assert quota.wait(10) == 0


@pytest.mark.parametrize(
    ("remaining", "limit", "low"),
    [
        ("51;w=21600", "100;w=21600", False),
        ("50;w=21600", "100;w=21600", True),
        ("21", "30", False),
        ("20", "30", True),
        ("21", "many", False),
    ],
)
def test_the_background(remaining: str, limit: str, low: bool) -> None:
    """What nobody waits for leaves half of all pulls to others, the reserve at least."""
    quota = Quota(LIMITS)
    quota.note({"ratelimit-remaining": remaining, "ratelimit-limit": limit}, 0)

    assert quota.is_low(is_background=True) == low
    assert quota.wait_to_pull(10, is_background=True) == (50 if low else 0)
    assert quota.wait_to_pull(60, is_background=True) == 0
    assert quota.wait_to_pull(10) == (50 if remaining == "20" else 0)


def test_an_old_number_is_asked_for_again() -> None:
    """A number that is a minute old holds nobody back."""
    quota = noted("3")

    assert quota.is_stale(60)
    assert quota.wait_to_pull(60) == 0


def test_refused() -> None:
    """The time that the registry names is kept to, and bounded."""
    quota = Quota(LIMITS)

    assert quota.refused(30, 100) == 30
    assert quota.wait(110) == quota.wait_to_pull(110) == 20
    assert quota.refused(10**9, 100) == 600
    assert quota.refused(1, 100) == 1
    assert quota.wait(101) == 599


def test_refused_without_a_time() -> None:
    """A registry that names no time is left alone for a minute."""
    assert Quota(LIMITS).refused(None, 0) == 60


@pytest.mark.parametrize(
    ("text", "expected"),
    [("120", 120), (" 5 ", 5), ("-5", None), ("soon", None), ("", None), ("9" * 30, None)],
)
def test_retry_after_seconds(text: str, expected: float | None) -> None:
    """Seconds are a plain number."""
    assert retry_after(text) == expected


def test_retry_after_date() -> None:
    """A date counts from now; one that is over is no time at all."""
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)

    found = retry_after(later)

    assert found is not None
    assert 3000 < found <= 3600
    assert retry_after("Mon, 02 Nov 2020 08:00:00 GMT") == 0
    assert retry_after("Mon, 02 Nov 2020 08:00:00") == 0


@given(st.text(max_size=60))
def test_any_header_is_survived(text: str) -> None:
    """Headers without sense tell nothing."""
    found = retry_after(text)

    assert found is None or found >= 0
    noted(text)

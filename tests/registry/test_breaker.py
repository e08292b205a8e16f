"""The circuit breaker of a host."""

from hypothesis import given
from hypothesis import strategies as st

from registry.breaker import Breaker
from registry.limits import Limits

LIMITS = Limits(failures=3, open_seconds=10, longest_open_seconds=60)


def broken(at: float = 0.0) -> Breaker:
    """A breaker that has just opened."""
    breaker = Breaker(LIMITS)
    for _ in range(LIMITS.failures):
        breaker.begin()
        breaker.failed(at)
    return breaker


def test_closed() -> None:
    """Fewer failures in a row than the limit change nothing."""
    breaker = Breaker(LIMITS)
    for _ in range(10):
        breaker.failed(0)
        breaker.failed(0)
        breaker.succeeded()

    assert breaker.wait(0) == 0


def test_opens() -> None:
    """After the last failure the host is left alone for a while."""
    breaker = broken(at=100)

    assert breaker.wait(101) == 9
    assert breaker.wait(110) == 0


def test_one_probe() -> None:
    """When the time is up one request goes out, and others wait for what becomes of it."""
    breaker = broken()
    breaker.begin()

    assert breaker.wait(11) > 0


def test_closes_after_a_good_probe() -> None:
    """A host that answers is asked as before."""
    breaker = broken()
    breaker.begin()
    breaker.succeeded()

    assert breaker.wait(11) == 0
    breaker.failed(11)
    assert breaker.wait(11) == 0


def test_a_failed_probe_doubles_the_time() -> None:
    """Each failed probe doubles the time, up to a limit."""
    breaker = broken()
    waits = []
    now = 0.0
    for _ in range(5):
        now += breaker.wait(now)
        breaker.begin()
        breaker.failed(now)
        waits.append(breaker.wait(now))

    assert waits == [20, 40, 60, 60, 60]


def test_late_failures_say_nothing_new() -> None:
    """Requests that were on their way when it opened do not lengthen the time."""
    breaker = broken()
    breaker.failed(5)

    assert breaker.wait(5) == 5


def test_an_abandoned_probe_frees_its_place() -> None:
    """When whoever probed went away, the next one may probe."""
    breaker = broken()
    breaker.begin()
    breaker.abandoned()

    assert breaker.wait(10) == 0


@given(st.lists(st.sampled_from(["succeeded", "failed", "abandoned", "begin"]), max_size=200))
def test_the_wait_is_bounded(events: list[str]) -> None:
    """Whatever happens, nobody is told to wait longer than the limit, nor less than nothing."""
    breaker = Breaker(LIMITS)
    for now, event in enumerate(events):
        if event == "failed":
            breaker.failed(now)
        else:
            getattr(breaker, event)()
        assert 0 <= breaker.wait(now) <= LIMITS.longest_open_seconds

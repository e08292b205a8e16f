from kube.backoff import Backoff


def test_waits_double_up_to_the_longest() -> None:
    """Each wait is between half and all of twice the one before, and never above the bound."""
    backoff = Backoff(first=1.0, longest=8.0)

    waits = [backoff.next() for _ in range(6)]

    for wait, whole in zip(waits, (1, 2, 4, 8, 8, 8), strict=True):
        assert whole / 2 <= wait <= whole


def test_waits_are_not_in_step() -> None:
    """Two that start together do not stay together."""
    one, other = Backoff(), Backoff()

    assert [one.next() for _ in range(8)] != [other.next() for _ in range(8)]


def test_it_starts_anew() -> None:
    """After a success the next failure is waited out as the first."""
    backoff = Backoff(first=1.0, longest=60.0)
    for _ in range(5):
        backoff.next()
    backoff.reset()

    assert backoff.next() <= 1.0


def test_a_week_of_tries() -> None:
    """However often it fails, there is a number to wait."""
    backoff = Backoff(first=1.0, longest=30.0)

    assert all(backoff.next() <= 30.0 for _ in range(20_000))


def test_another_bound_for_once() -> None:
    """A caller can wait longer than usual where waiting is all that is left to do."""
    backoff = Backoff(first=1.0, longest=2.0)
    for _ in range(10):
        backoff.next()

    assert 150 <= backoff.next(300.0) <= 300
    assert backoff.next() <= 2.0

from datetime import UTC, datetime, timedelta

from certs.holdings import Time
from tests.kube.playing import Clock as Steady
from webhook.server.cluster.certificate_clock import Clock

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_alone() -> None:
    """Before the API server has said anything, ours is the only clock."""
    clock = Clock(lambda: NOW, Steady())
    clock.hear(None)

    assert (clock.now(), clock.skew) == (Time(NOW, NOW), timedelta())


def test_both() -> None:
    """The API server's time goes on with our steady clock, whatever happens to our own."""
    own, steady = [NOW], Steady()
    clock = Clock(lambda: own[0], steady)
    theirs = NOW + timedelta(days=1)
    clock.hear(theirs)
    steady.now += 60

    assert clock.now() == Time(NOW, theirs + timedelta(minutes=1))

    own[0] = NOW + timedelta(days=400)

    assert clock.now() == Time(theirs + timedelta(minutes=1), own[0])
    assert clock.skew == timedelta(days=399, minutes=-1)

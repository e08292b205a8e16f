from dataclasses import replace
from datetime import timedelta

import pytest

from certs.holdings import Time
from certs.rotation import Move
from tests.certs.looking import (
    ANNOUNCING,
    NOW_TIME,
    STEADY,
    A,
    B,
    look,
    seen,
)
from tests.certs.making import NOW


def test_expired_authority_does_not_wait() -> None:
    """After a long outage nobody believes anything: the next leaf comes as soon as it can."""
    now = A.expires + timedelta(days=100)
    time = Time(now, now)
    first = look(STEADY, seen((A,), (A,), time=time))
    assert first.move is Move.ANNOUNCE
    assert first.write is not None
    assert look(first.write, seen((A,), (A,), time=time)).move is None

    both = (A, first.write.upcoming)
    second = look(first.write, seen(both, both, time=time))

    assert second.move is Move.SWITCH
    assert second.write is not None
    assert second.write.leaf is not None
    assert second.write.leaf.is_valid(now)


def test_next_authority_that_an_outage_outlasted_is_replaced() -> None:
    """An announced authority that is due itself gives way to a newer one."""
    now = B.expires + timedelta(days=1)
    both = (A, B)
    made = look(ANNOUNCING, seen(both, both, time=Time(now, now)))

    assert made.move is Move.ANNOUNCE
    assert made.write is not None
    assert made.write.upcoming not in (None, B)


def test_expired_by_one_clock_waits() -> None:
    """One clock that is a year ahead does not cut the hold short."""
    ahead = Time(NOW, A.expires + timedelta(days=1))
    durable = replace(ANNOUNCING, upcoming=B.create(NOW, timedelta(days=9000)))
    shown = (A, durable.upcoming)

    assert look(durable, seen(shown, shown, time=ahead)).move is not Move.SWITCH
    assert look(durable, seen(shown, shown, time=Time(A.expires, A.expires))).move is Move.SWITCH


@pytest.mark.parametrize("days", [-700, 700], ids=["two years behind", "two years ahead"])
def test_what_a_wrong_clock_makes_is_valid_for_the_right_one(days: int) -> None:
    """The leader's clock is years off, the API server's is not: both take what is made."""
    wrong = NOW + timedelta(days=days)
    time = Time(min(NOW, wrong), max(NOW, wrong))

    made = look(None, seen((), (), serving={}, time=time))

    assert made.write is not None
    assert made.write.leaf is not None
    for moment in (NOW, NOW + timedelta(days=29), wrong, wrong + timedelta(days=29)):
        assert made.write.authority.is_valid(moment)
        assert made.write.leaf.is_valid(moment)


def test_clock_in_the_past_makes_nothing_due() -> None:
    """Certificates from the future are no reason to replace them."""
    past = NOW - timedelta(days=3650)

    assert look(STEADY, seen((A,), (A,), time=Time(past, past))).move is None


def test_renewal_with_a_wrong_clock_does_not_repeat() -> None:
    """What was renewed with a clock that is off is not due at once again, by either clock."""
    time = Time(NOW, NOW + timedelta(days=200))
    made = look(STEADY, seen((A,), (A,), time=time))
    assert made.move is Move.RENEW
    assert made.write is not None

    for again in (time, NOW_TIME, Time(NOW - timedelta(days=900), NOW)):
        assert look(made.write, seen((A,), (A,), time=again)).move is not Move.RENEW

from dataclasses import replace
from datetime import timedelta

import pytest

from certs.holdings import Holdings, Phase, Time
from certs.rotation import Asked, Move
from tests.certs.looking import (
    ADOPTING,
    ANNOUNCING,
    OLD,
    STEADY,
    A,
    B,
    C,
    issued_by,
    look,
    seen,
)
from tests.certs.making import NAMES, NOW, leaf


def test_steady_state_does_nothing() -> None:
    """A fresh authority that every entry shows needs no move, and there is nothing to wait for."""
    made = look(STEADY, seen((A,), (A,)))

    assert (made.phase, made.move, made.bundle, made.waits) == (Phase.STEADY, None, None, "")


def test_first_authority() -> None:
    """An empty Secret where nobody serves anything gets an authority and a leaf for our names."""
    made = look(None, seen((), (), serving={}))

    assert made.move is Move.CREATE
    assert made.write is not None
    assert made.write.leaf is not None
    assert made.write.leaf.covers(NAMES)
    assert made.write.authority.issued(made.write.leaf.certificate)


def test_emptied_secret_waits_for_who_remembers() -> None:
    """While live replicas serve something, they have the hold's time to put it back."""
    views = [seen((A,), (A,), minutes=minute) for minute in (0, 2, 4, 5)]

    assert look(None, *views[:3]).move is None
    assert look(None, *views[:3]).waits == "replicas to put back what they serve"
    assert look(None, *views).move is Move.CREATE


def test_due_authority_is_announced_and_still_signs() -> None:
    """What is due gets a successor, which joins the bundle; the leaf stays."""
    holdings = Holdings(OLD, leaf("old", 0, NAMES, 300))
    made = look(holdings, seen((OLD,), (OLD,), serving=issued_by(OLD)))

    assert made.move is Move.ANNOUNCE
    assert made.write is not None
    assert (made.write.authority, made.write.leaf) == (OLD, holdings.leaf)
    after = look(made.write, seen((OLD,), (OLD,), serving=issued_by(OLD)))
    assert after.bundle == made.write.trusted
    assert len(made.write.trusted) == 2


@pytest.mark.parametrize(
    ("days", "due"),
    [
        pytest.param(243, False, id="a third left"),
        pytest.param(244, True, id="less than a third left"),
    ],
)
def test_authority_is_due_at_two_thirds(days: int, due: bool) -> None:
    """An authority lives for two thirds of its 365 days."""
    now = NOW + timedelta(days=days)
    holdings = Holdings(A, A.issue(NAMES, now))

    made = look(holdings, seen((A,), (A,), time=Time(now, now)))

    assert due == (made.move is Move.ANNOUNCE)


@pytest.mark.parametrize(
    ("days", "due"), [pytest.param(19, False, id="19 days"), pytest.param(20, True, id="20 days")]
)
def test_leaf_is_renewed_at_two_thirds_in_one_step(days: int, due: bool) -> None:
    """A leaf lives for two thirds of its 30 days; its authority stays, so nobody trusts anew."""
    now = NOW + timedelta(days=days)

    made = look(STEADY, seen((A,), (A,), time=Time(now, now)))

    assert due == (made.move is Move.RENEW)
    if made.write is not None:
        assert made.write.trusted == STEADY.trusted
        assert A.issued(made.write.leaf.certificate if made.write.leaf else b"")


def test_switch_waits_until_every_entry_has_shown_both_for_the_hold() -> None:
    """Both authorities in every entry, for five minutes on end; only then the leaf changes."""
    both = (A, B)
    views = [seen(both, both, minutes=minute) for minute in (0, 2, 4, 5)]

    assert look(ANNOUNCING, *views[:3]).move is None
    made = look(ANNOUNCING, *views)

    assert made.move is Move.SWITCH
    assert made.write is not None
    assert (made.write.authority, made.write.upcoming) == (B, None)
    assert made.write.previous == (A.certificate,)
    assert B.issued(made.write.leaf.certificate if made.write.leaf else b"")


def test_bundle_that_was_reset_starts_the_hold_anew() -> None:
    """An entry that lacks one in between, and what was waited before does not count."""
    both = (A, B)
    views = [seen(both, both, minutes=minute) for minute in (0, 2, 4)]
    reset = seen(both, (A,), minutes=4.5)

    assert look(ANNOUNCING, *views, reset).bundle == ANNOUNCING.trusted
    assert look(ANNOUNCING, *views, reset, seen(both, both, minutes=5)).move is None


def test_leader_that_did_not_look_starts_the_hold_anew() -> None:
    """Between two looks that are half a hold apart anything may have happened."""
    both = (A, B)

    assert look(ANNOUNCING, seen(both, both), seen(both, both, minutes=5)).move is None


def test_switch_waits_for_the_configuration() -> None:
    """Where there is no configuration, nobody knows what API servers believe when it comes."""
    made = look(ANNOUNCING, *(seen(minutes=minute) for minute in (0, 2, 4, 6)))

    assert made.move is None
    assert made.waits == "the caBundle to show the next authority"


def test_retirement_waits_for_every_replica() -> None:
    """The old authority goes when each live replica has served a leaf of the new one for long."""
    both = (B, A)
    late = [seen(both, both, serving=issued_by(B, A), minutes=minute) for minute in (0, 2, 4)]
    done = [seen(both, both, serving=issued_by(B, B), minutes=minute) for minute in (6, 8, 10, 11)]

    assert look(ADOPTING, *late).waits.startswith("r1 to serve a leaf of CN=B ")
    assert look(ADOPTING, *late, *done[:3]).move is None
    made = look(ADOPTING, *late, *done)

    assert made.move is Move.RETIRE
    assert made.write == replace(ADOPTING, previous=())


def test_retirement_waits_while_nobody_is_seen() -> None:
    """No live replica at all is no proof that none serves the old leaf."""
    both = (B, A)
    views = [seen(both, both, serving={}, minutes=minute) for minute in (0, 2, 4, 6)]

    assert look(ADOPTING, *views).move is None
    assert "replicas to serve" in look(ADOPTING, *views).waits


def test_bundle_keeps_what_a_live_replica_serves() -> None:
    """An authority that the Secret does not know stays while somebody serves a leaf of it."""
    needed = look(STEADY, seen((C,), (C,), serving=issued_by(A, C)))
    gone = look(STEADY, seen((C, A), (C, A), serving=issued_by(A, A)))

    assert needed.bundle == (A.certificate, C.certificate)
    assert gone.bundle == (A.certificate,)


def test_one_wrong_entry_is_enough() -> None:
    """Both entries have to be right."""
    assert look(STEADY, seen((A,), ())).bundle == (A.certificate,)


def test_no_configuration_is_nothing_to_repair() -> None:
    """Where there is none, there is no bundle to be put in place."""
    assert look(STEADY, seen()).bundle is None


@pytest.mark.parametrize(
    ("asked", "move"),
    [
        pytest.param("authority", Move.ANNOUNCE, id="authority"),
        pytest.param("leaf", Move.RENEW, id="leaf"),
    ],
)
def test_a_person_asks(asked: Asked, move: Move) -> None:
    """A rotation that somebody asks for begins at once, and its request is settled with it."""
    made = look(STEADY, seen((A,), (A,), asked=asked))

    assert (made.move, made.settled) == (move, True)


def test_asking_for_an_authority_while_one_is_changing() -> None:
    """The request waits for the end of the rotation that is under way."""
    both = (B, A)
    made = look(ADOPTING, seen(both, both, serving=issued_by(A), asked="authority"))

    assert (made.move, made.settled) == (None, False)


def test_asking_for_one_thing_does_not_settle_another() -> None:
    """A leaf that is renewed because it is due leaves a request for an authority alone."""
    now = NOW + timedelta(days=25)
    made = look(STEADY, seen((A,), (A,), asked="authority", time=Time(now, now)))

    assert (made.move, made.settled) == (Move.RENEW, False)


@pytest.mark.parametrize(
    "holdings",
    [
        pytest.param(replace(STEADY, leaf=None), id="missing"),
        pytest.param(replace(STEADY, leaf=leaf("A", 0, ("other.example",))), id="other names"),
    ],
)
def test_leaf_that_does_not_do_is_replaced(holdings: Holdings) -> None:
    """A leaf that is missing or for other names is issued anew by the same authority."""
    made = look(holdings, seen((A,), (A,)))

    assert made.move is Move.RENEW
    assert made.write is not None
    assert made.write.leaf is not None
    assert made.write.leaf.covers(NAMES)


def test_leaf_at_its_authoritys_end_is_not_renewed_for_ever() -> None:
    """A leaf that ends with its authority is as good as another one would be."""
    now = A.expires - timedelta(days=2)
    made = look(Holdings(A, A.issue(NAMES, now), B), seen((A, B), (A, B), time=Time(now, now)))

    assert made.move is not Move.RENEW

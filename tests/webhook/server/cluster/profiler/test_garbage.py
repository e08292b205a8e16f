"""Which profiles are kept, with a clock of the test's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webhook.server.cluster.profiler.things import NEW, OLD, platform, profile
from webhook.server.cluster.profiler import garbage
from webhook.server.cluster.profiler.garbage import DAY, Garbage, Verdict
from webhook.server.cluster.profiler.shelf import Held, held

WEEK = 7 * DAY
NOW = 100 * DAY
NOTHING = Verdict()


def aged(days: float, *, used: float | None = None, digest: str = OLD) -> Held:
    """A profile that was learnt, and last used, so many days ago."""
    noted = None if used is None else NOW - used * DAY
    return held(profile(digest, learnt=NOW - days * DAY, last_used=noted))


def look(one: Held, *used: str, keep: float = WEEK, since: float = NOW) -> Verdict:
    """The first look."""
    return Garbage(since).look([one], used, NOW, keep)


def test_used_is_noted_daily() -> None:
    """At the first look, and then once a day."""
    garbage = Garbage(NOW)
    assert garbage.look([aged(30)], {OLD}, NOW, WEEK) == Verdict(note=(OLD,))
    noted = aged(30, used=0)
    assert garbage.look([noted], {OLD}, NOW + DAY - 1, WEEK) == NOTHING
    assert garbage.look([noted], {OLD}, NOW + DAY, WEEK) == Verdict(note=(OLD,))


def test_used_by_one_platforms_digest() -> None:
    """Nodes name the image of their platform, or the index of all."""
    part = f"sha256:{'3' * 64}"
    one = held(profile(OLD, {}, platform(digest=part), learnt=0.0, last_used=NOW - 1))

    assert look(one, part) == NOTHING


def test_unused() -> None:
    """Kept for as long as the settings say after it was last used, or learnt where it never was."""
    assert look(aged(30, used=8.5)) == Verdict(delete=(OLD,))
    assert look(aged(30, used=6)) == NOTHING
    assert look(aged(6.9)) == NOTHING
    assert look(aged(7)) == Verdict(delete=(OLD,))


def test_it_is_noted_at_most_daily() -> None:
    """What was noted yesterday may have been used until we began to look, by then or a day on."""
    hour = DAY / 24
    assert look(aged(30, used=0.9), keep=hour) == NOTHING
    assert look(aged(30, used=0.9), keep=hour, since=NOW - 2 * hour) == Verdict(delete=(OLD,))
    assert look(aged(30, used=2), keep=hour) == Verdict(delete=(OLD,))


def test_seen_to_be_used() -> None:
    """The last look at which it was used counts, whatever is noted."""
    garbage = Garbage(NOW - WEEK)
    one = aged(30, used=7)
    garbage.look([one], {OLD}, NOW - 100, WEEK)

    assert garbage.look([one], (), NOW - 50, 60) == NOTHING
    assert garbage.look([one], (), NOW - 40, 60) == Verdict(delete=(OLD,))


def test_what_is_new_stays() -> None:
    """Learnt, or its tag asked for, within the hour: the pod that wanted it may be on its way."""
    assert look(aged(0.04), keep=0) == NOTHING
    assert look(aged(0.05), keep=0) == Verdict(delete=(OLD,))
    tagged = held(profile(OLD, {"registry.corp/cart:1": NOW - 60}, learnt=0.0))
    assert look(tagged, keep=0) == NOTHING


def test_more_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest unused go first, however long the settings keep them; never what is new."""
    monkeypatch.setattr(garbage, "MOST", 2)
    digests = [f"sha256:{number:064x}" for number in range(6)]
    ages = (2, 5, 3, 0.01, 4, 6)
    shelf = [aged(days, digest=digest) for days, digest in zip(ages, digests, strict=True)]

    verdict = Garbage(NOW).look(shelf, {digests[5]}, NOW, WEEK)

    assert verdict.note == (digests[5],)
    assert verdict.delete == (digests[1], digests[4], digests[2], digests[0])
    assert Garbage(NOW).look(shelf[:2], (), NOW, WEEK) == NOTHING


def test_a_clock_that_was_ahead() -> None:
    """What was learnt or used tomorrow is noted and deleted all the same, by what is believed."""
    ahead = aged(-30, used=-30)
    assert look(ahead, OLD) == Verdict(note=(OLD,))
    assert look(ahead) == Verdict(delete=(OLD,))
    stepping = Garbage(NOW)
    stepping.look([aged(30)], {OLD}, NOW + 30 * DAY, WEEK)
    assert stepping.look([aged(30)], (), NOW, WEEK) == NOTHING
    assert stepping.look([aged(30)], (), NOW + WEEK, WEEK) == Verdict(delete=(OLD,))


def test_others_are_not_touched() -> None:
    """Each profile is judged for itself."""
    both = [aged(30, used=0.1), aged(30, digest=NEW)]

    assert Garbage(NOW).look(both, {OLD}, NOW, WEEK) == Verdict(delete=(NEW,))


def test_what_is_gone_is_forgotten() -> None:
    """Nothing is remembered of profiles that are no more."""
    garbage = Garbage(NOW)
    garbage.look([aged(1)], {OLD}, NOW, WEEK)
    garbage.look([], {OLD}, NOW, WEEK)

    assert garbage._used == {}


@given(
    st.lists(st.tuples(st.booleans(), st.floats(60, 3 * DAY)), min_size=1, max_size=30),
    st.sampled_from((0.0, 3600.0, DAY, WEEK)),
)
def test_never_while_it_is_used(script: list[tuple[bool, float]], keep: float) -> None:
    """Looked at now and then: never deleted within `keep` of its use, noted when it is used."""
    garbage, one, now, last = Garbage(NOW), aged(2), NOW, 0.0
    for is_used, seconds in script:
        now += seconds
        verdict = garbage.look([one], {OLD} if is_used else (), now, keep)
        if is_used:
            last = now
            assert verdict.delete == ()
        if verdict.note:
            one = held(profile(OLD, learnt=NOW - 2 * DAY, last_used=now))
        if verdict.delete:
            assert now - last >= keep
            return
        if is_used:
            assert now - one.last_used <= DAY

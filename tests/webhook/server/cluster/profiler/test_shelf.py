"""What profiles hold, as the watch and our own work tell it."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.webhook.server.cluster.profiler.things import NEW, OLD, platform, profile, seen
from webhook.images.profile import Command, Profile
from webhook.server.cluster.profiler.shelf import Seen, Shelf, held

CART = "registry.corp/cart:1"
KEY = "a" * 64
PART = f"sha256:{'3' * 64}"


def shelf(*profiles: Profile) -> Shelf:
    """A shelf that was told of profiles."""
    made = Shelf()
    made.replaced([seen(one) for one in profiles])
    made.dirty.clear()
    return made


def test_by_every_name() -> None:
    """A profile is found by tag, by digest with any name, and by a platform's digest."""
    one = shelf(profile(OLD, {CART: 50.0}, platform(digest=PART), platform("linux/arm64", OLD)))

    by_tag = one.find(CART)
    assert by_tag is not None
    assert (by_tag[0].digest, by_tag[1]) == (OLD, 50.0)
    assert by_tag[0].platforms == {"linux/amd64", "linux/arm64"}
    for digest in (OLD, PART):
        found = one.find(f"registry.corp/cart@{digest}")
        assert found is not None
        assert (found[0].digest, found[1]) == (OLD, 0.0)
    assert one.find("registry.corp/cart:2") is None
    assert one.find(f"registry.corp/cart@{NEW}") is None


def test_a_tag_that_moved() -> None:
    """The profile to which it was seen to point last counts."""
    one = shelf(profile(OLD, {CART: 50.0}), profile(NEW, {CART: 60.0}))

    found = one.find(CART)

    assert found is not None
    assert (found[0].digest, found[1]) == (NEW, 60.0)
    assert one.has_seen(CART, OLD)
    assert not one.has_seen(CART, PART)
    one.removed(seen(profile(NEW, {CART: 60.0})))
    found = one.find(CART)
    assert found is not None
    assert found[0].digest == OLD


def test_what_we_learnt_counts_at_once() -> None:
    """Until the watch tells as much, and whatever older it tells before."""
    one = shelf(profile(OLD, {CART: 50.0}))
    one.learnt(profile(OLD, {CART: 60.0}, commands=[Command(KEY)]))
    one.changed(seen(profile(OLD, {CART: 50.0}, last_used=70.0)))

    found = one.find(CART)
    assert found is not None
    assert (found[1], found[0].commands, found[0].last_used) == (60.0, {KEY: "decided"}, 70.0)
    one.changed(seen(profile(OLD, {CART: 60.0}, commands=[Command(KEY)])))
    assert one._own == {}


def test_a_clock_that_was_ahead() -> None:
    """A tag that was seen tomorrow is to be asked for now, and what comes then counts."""
    now = 90_000.0
    one = Shelf(clock=lambda: now)
    one.replaced([seen(profile(OLD, {CART: 90_000.0})), seen(profile(NEW, {CART: 50.0}))])
    now = 3_600.0

    found = one.find(CART)
    assert found is not None
    assert (found[0].digest, found[1]) == (NEW, 50.0)
    one.learnt(profile(OLD, {CART: 3_600.0}))
    one.changed(seen(profile(OLD, {CART: 90_000.0})))
    found = one.find(CART)
    assert found is not None
    assert (found[0].digest, found[1]) == (OLD, 3_600.0)


def test_the_look_that_came_further_counts() -> None:
    """A look that failed takes nothing away from one that did not."""
    one = shelf(profile(OLD, commands=[Command(KEY, state="failed")]))
    one.learnt(profile(OLD, commands=[Command(KEY, state="undecided")]))

    found = one.get(OLD)
    assert found is not None
    assert found.commands == {KEY: "undecided"}


def test_a_profile_that_somebody_deletes() -> None:
    """Nothing is known any more, not even what we learnt ourselves."""
    one = shelf(profile(OLD, {CART: 50.0}))
    one.learnt(profile(OLD, {CART: 60.0}))

    one.removed(seen(profile(OLD, {CART: 50.0})))

    assert (one.find(CART), one.get(OLD), len(one), list(one)) == (None, None, 0, [])
    assert one.dirty == {OLD, CART}


def test_a_profile_that_nobody_can_read() -> None:
    """It holds nothing, and the others are told all the same."""
    broken: Any = {"metadata": {"name": OLD.replace(":", "-")}, "spec": 7, "status": []}
    item = msgspec.json.decode(msgspec.json.encode(broken), type=Seen)
    one = Shelf()
    one.replaced([item, seen(profile(NEW))])

    assert [found.digest for found in one] == [NEW]


def test_the_same_again_is_no_news() -> None:
    """A list that tells what is known is no work."""
    one = shelf(profile(OLD, {CART: 50.0}))

    one.replaced([seen(profile(OLD, {CART: 50.0}))])

    assert one.dirty == set()


profiles = st.builds(
    lambda digest, tags, commands: profile(
        f"sha256:{digest * 64}", tags, commands=[Command(key * 64) for key in commands]
    ),
    st.sampled_from("123"),
    st.dictionaries(st.sampled_from((CART, "registry.corp/pay:1")), st.integers(1, 9).map(float)),
    st.sets(st.sampled_from("abc")),
)


@given(
    st.lists(st.tuples(st.sampled_from(("changed", "learnt", "removed", "replaced")), profiles)),
    st.lists(profiles, unique_by=lambda one: one.digest, max_size=3),
)
def test_in_the_end_the_cluster_counts(
    script: list[tuple[str, Profile]], last: list[Profile]
) -> None:
    """Whatever was told and learnt: with everything deleted and told anew only that is known."""
    one, fresh = Shelf(), Shelf()
    for what, item in script:
        if what == "learnt":
            one.learnt(item)
        elif what == "replaced":
            one.replaced([seen(item)])
        else:
            getattr(one, what)(seen(item))
    for found in tuple(one):
        one.removed(seen(profile(found.digest)))
    for made in (one, fresh):
        made.replaced(map(seen, last))

    assert sorted(one, key=lambda found: found.digest) == sorted(
        fresh, key=lambda found: found.digest
    )
    assert (one._tags, one._parts, one._own) == (fresh._tags, fresh._parts, {})


def test_budgets() -> None:
    """Of a command line the largest that was not enough counts, whoever looked with it."""
    small, large = (
        held(profile(OLD, commands=[Command(KEY, state="budget", budget_bytes=size)]))
        for size in (5, 7)
    )

    decided = held(profile(OLD, commands=[Command(KEY)]))
    assert decided.with_(large, 0.0) == large.with_(decided, 0.0) == decided
    assert large.budgets == {KEY: (7, 0.0)}
    assert small.with_(large, 0.0) == large.with_(small, 0.0) == large

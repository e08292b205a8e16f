import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.server.cluster.shares import Shares


def _filled(shares: Shares, *namespaces: str) -> dict[str, int]:
    """What namespaces get that take one after the other, in turns, until none gets any more."""
    held = dict.fromkeys(namespaces, 0)
    while found := [one for one in namespaces if shares.fits(one, 1)]:
        for one in found:
            if shares.fits(one, 1):
                shares.hold(one, 1)
                held[one] += 1
    return held


@pytest.mark.parametrize(("count", "each"), [(1, 2000), (4, 1250), (16, 500)])
def test_who_wants_all_at_the_same_time(count: int, each: int) -> None:
    """Has as much as the others, and leaves a part for who comes later."""
    shares = Shares(10_000)
    held = _filled(shares, *(f"n{n}" for n in range(count)))

    assert set(held.values()) == {each}
    assert shares.fits("late", (10_000 - count * each) // 5)
    assert not shares.fits("late", (10_000 - count * each) // 5 + 1)


def test_who_comes_one_after_the_other() -> None:
    """Has a fifth of what the ones before have left."""
    shares = Shares(10_000)
    held = [_filled(shares, f"n{n}")[f"n{n}"] for n in range(10)]

    assert held == [2000, 1600, 1280, 1024, 819, 655, 524, 419, 335, 268]


def test_what_is_given_back_is_free() -> None:
    """For others, and for who had it."""
    shares = Shares(100)
    shares.hold("shop", 20)
    assert not shares.fits("shop", 1)
    shares.hold("shop", -20)

    assert shares.fits("shop", 20)
    assert shares.fits("other", 20)


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(-9, 40)), max_size=60))
def test_room_is_never_exceeded(steps: list[tuple[str, int]]) -> None:
    """Whoever takes and gives back, in whichever order."""
    shares, held = Shares(100), dict.fromkeys("abcdefgh", 0)
    for name, number in steps:
        change = max(number, -held[name])
        if change <= 0 or shares.fits(name, change):
            shares.hold(name, change)
            held[name] += change

    assert sum(held.values()) < 100

import pytest

from bench.apiserver.figures import Round, Series, Spread, Turns


def series(name: str, *medians: float, api_server: float = 0.0, webhook: float = 0.0) -> Series:
    """A series whose rounds have 400 creations each, all of the round's latency."""
    return Series(name, tuple(Round((one,) * 400, api_server, webhook) for one in medians))


NONE = series("none", 1.0, 2.0, 3.0, api_server=1.0)
LABEL = series("label", 2.0, 3.0, 4.0)
INJECTION = series("injection", 3.0, 4.0, 5.0)
PRODUCT = series("spanhook", 4.0, 5.0, 9.0, api_server=3.0, webhook=0.5)
TURNS = Turns("1 client", NONE, LABEL, INJECTION, PRODUCT)


def test_added_is_the_difference_of_rounds() -> None:
    """Rounds are compared with their neighbours, not medians with medians."""
    assert PRODUCT.added(NONE, 0.5) == Spread(3.0, 3.0, 6.0)
    assert PRODUCT.latency(0.5) == Spread(5.0, 4.0, 9.0)


def test_ratio_is_over_what_the_other_adds() -> None:
    """The base is taken off both."""
    assert TURNS.ratio(LABEL, 0.5) == pytest.approx(3.0)
    assert TURNS.ratio(INJECTION, 0.99) == pytest.approx(1.5)


def test_rare_latencies_are_looked_for_in_many_rounds() -> None:
    """A 99th percentile is of hundreds of creations, and again of their neighbours."""
    slow = Round((1.0,) * 98 + (5.0,) * 2, 0.0, 0.0)
    fast = Round((1.0,) * 100, 0.0, 0.0)
    rounds = Series("a", (slow, fast, fast, fast, slow, slow, slow, slow))
    base = Series("b", (fast,) * 8)

    assert rounds.latency(0.99) == Spread(3.0, 1.0, 5.0)
    assert rounds.added(base, 0.99) == Spread(2.0, 0.0, 4.0)


def test_cpu_is_for_each_creation() -> None:
    """The API server's beyond the base's, the webhook's as it is."""
    assert PRODUCT.added_api_server_cpu(NONE) == pytest.approx(0.005)
    assert PRODUCT.webhook_cpu == pytest.approx(0.00125)

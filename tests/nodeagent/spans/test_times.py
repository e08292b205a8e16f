from collections.abc import Callable, Iterator

from nodeagent.spans.times import monotonic_to_unix


def _clock(times: Iterator[int]) -> Callable[[], int]:
    return lambda: next(times)


def test_the_offset_is_between_the_two_clocks() -> None:
    """A monotonic time plus the offset is the time of day."""
    monotonic = iter(range(1_000, 2_000, 10))

    offset = monotonic_to_unix(_clock(monotonic), lambda: 5_000)

    assert 5_000 - 1_100 <= offset <= 5_000 - 1_000


def test_the_tightest_reading_counts() -> None:
    """A reading that was interrupted does not count when another was not."""
    monotonic = iter([0, 1_000, 2_000, 2_002, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000])
    unix = iter([100_999, 102_001, 103_999, 105_000, 107_000])

    assert monotonic_to_unix(_clock(monotonic), _clock(unix)) == 100_000

"""From the kernel's monotonic clock to the time of day."""

import time
from collections.abc import Callable

_TRIES = 5


def monotonic_to_unix(
    monotonic: Callable[[], int] = time.monotonic_ns, unix: Callable[[], int] = time.time_ns
) -> int:
    """Nanoseconds to add to a monotonic time to have the time of day, as it is now.

    It changes when the clock is set: measure it again every few seconds. The tightest of a few
    readings is taken, so that being interrupted between two clocks does no harm.
    """
    best, offset = None, 0
    for _ in range(_TRIES):
        before = monotonic()
        now = unix()
        after = monotonic()
        if best is None or after - before < best:
            best, offset = after - before, now - (before + after) // 2
    return offset

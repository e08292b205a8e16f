"""Leaves a host alone that fails again and again, and asks once in a while whether it is back.

closed ──failures in a row──▶ open ──time is up──▶ one probe ──success──▶ closed
                                ▲                      │
                                └──failure: twice as long (bounded)
"""

from registry.limits import Limits

_DOUBLINGS = 16  # far beyond any bound on the time, and still a number


class Breaker:
    """The state of one host. Times are those of one monotonic clock, in seconds."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._failures = 0
        self._opened = 0
        self._until = 0.0
        self._probing = False

    def wait(self, now: float) -> float:
        """Seconds until it may be asked again; 0 where it may be asked now."""
        if not self._opened:
            return 0.0
        if self._probing:
            return max(self._until - now, self._limits.open_seconds)
        return max(self._until - now, 0.0)

    def begin(self) -> None:
        """A request goes out: while open, it is the only one."""
        self._probing = bool(self._opened)

    def succeeded(self) -> None:
        """The host answered."""
        self._failures = self._opened = 0
        self._probing = False

    def failed(self, now: float) -> None:
        """The host did not answer, or said that it cannot."""
        self._failures += 1
        if not self._probing and self._failures < self._limits.failures:
            return
        if self._opened and not self._probing:
            return  # asked before it opened: says nothing new
        seconds = self._limits.open_seconds * 2 ** min(self._opened, _DOUBLINGS)
        self._until = now + min(seconds, self._limits.longest_open_seconds)
        self._opened += 1
        self._probing = False

    def abandoned(self) -> None:
        """Whoever asked went away before there was an answer: the next one may probe."""
        self._probing = False

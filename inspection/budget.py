"""Bytes of layers that may be read within any hour, for all images together."""

from collections import deque

HOUR = 3600.0
_MINUTE = 60.0


class HourlyBudget:
    """Counts bytes that were read. They count for an hour from the minute in which they came.

    Times are seconds of any clock that does not go backwards. A size of 0 leaves nothing.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._sum = 0
        self._minutes: deque[tuple[float, int]] = deque()
        """Since when, and how many bytes; at most one for each minute of the hour."""

    def left(self, now: float) -> int:
        """Bytes that may be read now."""
        self._forget(now)
        return max(self._size - self._sum, 0)

    def spent(self, now: float) -> int:
        """Bytes that were read within the hour."""
        self._forget(now)
        return self._sum

    def spend(self, size: int, now: float) -> None:
        """Count what was read; a read that was on its way may go a little beyond the budget."""
        if size <= 0:
            return
        self._forget(now)
        self._sum += size
        if self._minutes and now - self._minutes[-1][0] < _MINUTE:
            since, before = self._minutes[-1]
            self._minutes[-1] = (since, before + size)
        else:
            self._minutes.append((now, size))

    def wait(self, now: float) -> float:
        """Seconds until there is something to read with; 0 when there is, or never will be."""
        if self.left(now) or not self._minutes:
            return 0.0
        beyond = self._sum - self._size
        for since, size in self._minutes:
            beyond -= size
            if beyond < 0:
                return since + HOUR - now
        return 0.0

    def _forget(self, now: float) -> None:
        while self._minutes and self._minutes[0][0] + HOUR <= now:
            self._sum -= self._minutes.popleft()[1]

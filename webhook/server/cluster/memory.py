"""Remembers what was said, for a while and within bounds."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

_MOST = 10_000


class Memory:
    """What was seen within the last `seconds`, at most 10,000 things: then the oldest goes."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._seen: OrderedDict[Hashable, float] = OrderedDict()

    def is_new(self, thing: Hashable) -> bool:
        """Whether it was not seen lately; from now on it was."""
        now = self._clock()
        then = self._seen.get(thing)
        if then is not None and now - then < self._seconds:
            return False
        self._seen[thing] = now
        self._seen.move_to_end(thing)
        if len(self._seen) > _MOST:
            self._seen.popitem(last=False)
        return True

    def forget(self, thing: Hashable) -> None:
        """As if it had never been seen."""
        self._seen.pop(thing, None)

"""Whether the threads are alive: each says so now and then, and until when it will say so again."""

import time
from collections.abc import Callable

_WITHIN = 60.0


class Heartbeats:
    """For any thread. Who never began is not missed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def beat(self, name: str, within: float = _WITHIN) -> None:
        """A thread is alive; it will say so again within so many seconds."""
        self._until[name] = self._clock() + within

    def late(self) -> dict[str, float]:
        """The threads that should have said something, and since how many seconds."""
        now = self._clock()
        return {name: now - until for name, until in list(self._until.items()) if until < now}

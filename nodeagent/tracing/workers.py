"""Threads that may be kept waiting for ever, as by a file whose server is gone.

The kernel lets nobody end such a wait. Where all threads are in one another thread is begun, so
many in all; the ones that come back end where there are enough.
"""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from nodeagent.tracing.turns import Turns

T = TypeVar("T")

_MOST = 8
_PATIENCE = 30.0
"""Seconds. Reading and probing a large file takes some; none is known that takes half a minute."""
_CLOSING = 10.0


class Workers(Generic[T]):
    """Threads that do what waits, in turn. `work` never raises; `clock` says the time, seconds."""

    def __init__(
        self,
        name: str,
        turns: Turns[T],
        work: Callable[[T], object],
        threads: int = 2,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """So many `threads` of this name, and up to eight where all of them are stuck."""
        self._name = name
        self._turns = turns
        self._work = work
        self._threads = threads
        self._clock = clock
        self._lock = threading.Lock()
        self._since: dict[threading.Thread, float | None] = {}
        """The threads, and since when each is at its item; None while it waits for one."""
        with self._lock:
            for _ in range(threads):
                self._begin()

    @property
    def stuck(self) -> int:
        """How many threads have been at one item for more than half a minute."""
        with self._lock:
            return self._stuck()

    def look(self) -> None:
        """Begin another thread where all are stuck; to be asked now and then, by any thread."""
        with self._lock:
            if self._stuck() == len(self._since) < _MOST:
                self._begin()

    def close(self) -> None:
        """Wait until none works, ten seconds at most: those that are stuck are left."""
        self._turns.close()
        until = time.monotonic() + _CLOSING
        for thread in list(self._since):
            thread.join(max(0.0, until - time.monotonic()))

    def _begin(self) -> None:
        # A daemon: an interpreter that ends must not wait for it.
        thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._since[thread] = None
        thread.start()

    def _run(self) -> None:
        ourselves = threading.current_thread()
        while (turn := self._turns.get()) is not None:
            owner, item = turn
            with self._lock:
                self._since[ourselves] = self._clock()
            self._work(item)
            self._turns.done(owner)
            with self._lock:
                self._since[ourselves] = None
                if len(self._since) - self._stuck() > self._threads:
                    del self._since[ourselves]
                    return

    def _stuck(self) -> int:
        late = self._clock() - _PATIENCE
        return sum(since is not None and since < late for since in self._since.values())

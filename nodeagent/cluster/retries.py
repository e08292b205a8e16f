"""Processes that are asked for again, later each time: what the kernel had no room for, it may."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from nodeagent.tracing.follower import Outcome
from nodeagent.tracing.process import Life

_FIRST, _LONGEST = 10.0, 600.0
_DOUBLINGS = 6  # 10 s, 20 s, 40 s... 640 s
_NEVER = float("inf")


@dataclass(slots=True)
class _Failed:
    life: Life
    tries: int = 0
    due: float = _NEVER


class Retries:
    """Those that failed, until they are traced or end. Safe for use by several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: dict[int, _Failed] = {}
        self._lock = threading.Lock()
        self.count = 0
        """How often any was asked for again."""

    def __len__(self) -> int:
        return len(self._failed)

    def told(self, outcome: Outcome) -> int:
        """What came of a process; returns how often that failed now which may go another time.

        It is due after 10 s, then after twice as long each time, up to 10 minutes.
        """
        pid, life = outcome.wanted.process.pid, outcome.wanted.life
        with self._lock:
            if not outcome.may_pass:
                self._failed.pop(pid, None)
                return 0
            failed = self._failed.get(pid)
            if failed is None or failed.life != life:
                failed = self._failed[pid] = _Failed(life)
            self._delay(failed)
            return failed.tries

    def postpone(self, pid: int) -> None:
        """It was due and could not be asked for: nothing will be told, so it is due later again."""
        with self._lock:
            failed = self._failed.get(pid)
            if failed is not None and failed.due == _NEVER:
                self._delay(failed)

    def due(self) -> list[tuple[int, Life]]:
        """The processes that are to be asked for now, each once: `told` or `postpone` follows."""
        if not self._failed:
            return []
        now = self._clock()
        with self._lock:
            due = {pid: one for pid, one in self._failed.items() if one.due <= now}
            for one in due.values():
                one.due = _NEVER
            self.count += len(due)
        return [(pid, one.life) for pid, one in due.items()]

    def forget(self, pid: int) -> None:
        """It ended, or is left."""
        if self._failed:
            with self._lock:
                self._failed.pop(pid, None)

    def _delay(self, failed: _Failed) -> None:
        failed.due = self._clock() + min(_FIRST * 2 ** min(failed.tries, _DOUBLINGS), _LONGEST)
        failed.tries += 1

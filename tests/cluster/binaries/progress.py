"""Says on the standard error what takes long, how long it usually takes, and that it goes on."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_EVERY = 30  # seconds


@dataclass(frozen=True, slots=True)
class Progress:
    """Where progress is written: `sys.stderr` as it is at that moment."""

    every: float = _EVERY

    def say(self, text: str) -> None:
        """Write one line."""
        sys.stderr.write(f"spanhook: {text}\n")
        sys.stderr.flush()

    @contextmanager
    def step(self, what: str, seconds: int) -> Iterator[None]:
        """Say what begins and how long it may take, then now and then how long it has taken."""
        self.say(f"{what}: once, about {_duration(seconds)} on two idle cores")
        began, done = time.monotonic(), threading.Event()

        def remind() -> None:
            while not done.wait(self.every):
                self.say(f"{what}: {_duration(time.monotonic() - began)} so far")

        reminder = threading.Thread(target=remind, daemon=True)
        reminder.start()
        try:
            yield
        finally:
            done.set()
            reminder.join()
        self.say(f"{what}: done after {_duration(time.monotonic() - began)}")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"

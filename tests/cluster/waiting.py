"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_INTERVAL = 0.02


def until(condition: Callable[[], T | None], what: str, seconds: float = 30) -> T:
    """Ask until the answer is true, and return it. Raises TimeoutError, which says `what`."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s; last: {answer!r}")
        time.sleep(_INTERVAL)
    return answer

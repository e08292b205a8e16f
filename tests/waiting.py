"""Waiting for a condition, never for a time."""

import asyncio
import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_INTERVAL = 0.02
_PATIENCE = float(os.environ.get("SPANHOOK_PATIENCE", "1"))
"""How many times as long as elsewhere may be waited, where a machine is emulated."""


def until(condition: Callable[[], T | None], what: str, seconds: float = 30) -> T:
    """Ask until the answer is true, and return it. Raises TimeoutError, which says `what`."""
    deadline = time.monotonic() + seconds * _PATIENCE
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise _late(what, seconds, answer)
        time.sleep(_INTERVAL)
    return answer


async def eventually(condition: Callable[[], T | None], what: str, seconds: float = 30) -> T:
    """As `until`, for who shares an event loop with what is to come true."""
    deadline = time.monotonic() + seconds * _PATIENCE
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise _late(what, seconds, answer)
        await asyncio.sleep(_INTERVAL)
    return answer


def _late(what: str, seconds: float, answer: object) -> TimeoutError:
    return TimeoutError(f"{what}: not within {seconds:.0f} s; last: {answer!r}")

"""What one look at a container may cost: bytes of programs that are searched, and time.

Node.js' own version stands 17 to 51 MiB from the begin of its program (Node.js 6 to 26), so a look
at one of them has to get as far. Containers may run any number of files of any size.
"""

import time
from collections.abc import Callable
from typing import BinaryIO

from nodeagent.binary.source import Source

_BYTES = 128 << 20
_SECONDS = 2.0


class Spent(Exception):  # noqa: N818 - a limit, no error
    """The budget is spent."""


class Budget:
    """So many bytes and seconds from now on, `clock` saying the time; then `is_spent` for good."""

    def __init__(
        self,
        size: int = _BYTES,
        seconds: float = _SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._left = size
        self._clock = clock
        self._until = clock() + seconds
        self.is_spent = False
        """Whether anything was left out for it."""

    def take(self, size: int) -> None:
        """Have these bytes read. Raises Spent, and nothing is to be read any more."""
        if self.is_spent or size > self._left or self._clock() >= self._until:
            self.is_spent = True
            raise Spent
        self._left -= size


class Rationed(Source):
    """A file whose reads are paid from a budget. They raise Spent, too."""

    def __init__(self, file: BinaryIO, budget: Budget) -> None:
        super().__init__(file)
        self._budget = budget

    def _some(self, offset: int, size: int) -> bytes:
        self._budget.take(min(size, self.size - offset))
        return super()._some(offset, size)

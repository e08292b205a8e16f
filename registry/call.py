"""One read from start to end: until when it may last, and what it spends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from registry.errors import TimedOut
from registry.spent import Meter


class Call:
    """The deadline is a time of the event loop's clock; it holds for everything that is awaited.

    `is_background`: nobody waits for it, so that it leaves half of a registry's pulls to others.
    """

    def __init__(self, deadline: float, *, is_background: bool = False) -> None:
        self.deadline = deadline
        self.is_background = is_background
        self.began = asyncio.get_running_loop().time()
        self.meter = Meter()
        self.followers: set[Call] = set()
        """What this read waits for: those get at least the time that it has."""
        self._timeout: asyncio.Timeout | None = None

    @property
    def now(self) -> float:
        """The time of the event loop's clock."""
        return asyncio.get_running_loop().time()

    def part(self, divisor: int) -> "Call":
        """A read that gets a share of the time that is left, and spends on this one's account."""
        deadline = self.now + (self.deadline - self.now) / divisor
        part = Call(deadline, is_background=self.is_background)
        part.meter = self.meter
        return part

    def serve(self, other: "Call") -> None:
        """Be the read that another one waits for, too."""
        self.is_background = self.is_background and other.is_background
        self.extend(other.deadline)

    def extend(self, deadline: float) -> None:
        """Allow more time: somebody who can wait longer wants the same."""
        self.deadline = max(self.deadline, deadline)
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(self.deadline)
        for follower in self.followers:
            follower.extend(deadline)

    def was_kept_waiting(self, since: float) -> bool:
        """Whether the time is up and most of it was spent after `since`: on whoever was asked then.

        A host that was asked when the time was nearly up is not to blame.
        """
        return self.now >= self.deadline and self.now - since >= (self.deadline - self.began) / 2

    @asynccontextmanager
    async def limited(self, what: str) -> AsyncIterator[None]:
        """Raises TimedOut, with `what` in its text, in the block when the time is up."""
        try:
            async with asyncio.timeout_at(self.deadline) as self._timeout:
                yield
        except TimeoutError:
            seconds = self.deadline - self.began
            raise TimedOut(f"{what}: no answer within {seconds:.1f} s") from None
        finally:
            self._timeout = None

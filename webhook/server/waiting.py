"""Reviews that wait for what their images are: bounded in time, in number and in memory.

the first answer misses                 the answer that is sent
--------------------------------------  ------------------------------------------------------
nothing, or nobody is there to ask      the first one, without an await
an image, and there is room to wait     made anew, with what came before the deadline
an image, but no time or room is left   made anew, with what is there; the rest is asked for
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from time import monotonic

from webhook.model import Absence, Image
from webhook.reasons import Reason
from webhook.review import Review
from webhook.server.limits import Limits
from webhook.server.reviewer import Answer, Reviewer

_MARGIN = 0.5
"""Seconds of the API server's timeout that are left for the way, the answer and a busy machine."""
_ANSWER = 0.001
"""Seconds that making an answer takes. Those who wait together would all be answered at the same
moment, one after the other: each that comes waits so much less than the one before it."""
_FADES = 0.95
"""Answers on a busy machine come later than meant: by as much those that follow wait less, and by
this factor less of that with each that is in time."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a wait: images by canonical reference, and why the others are not there."""

    images: Mapping[str, Image] = field(default_factory=dict)
    absent: Mapping[str, Absence] = field(default_factory=dict)


Fetch = Callable[[Review, Collection[str], float], Awaitable[Found]]
"""Finds images by canonical reference until a time of the event loop's clock, which may be now."""


class Waiting:
    """Has missing images fetched, and reviews answered anew."""

    def __init__(
        self,
        reviewer: Reviewer,
        fetch: Fetch,
        limits: Limits,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._reviewer = reviewer
        self._fetch = fetch
        self._limits = limits
        self._clock = clock
        self._lag = 0.0
        self.waiting = 0
        self.held_bytes = 0

    async def __call__(self, first: Answer, size: int, query: bytes) -> Answer:
        """The answer to a review of `size` bytes whose first answer misses images."""
        if first.review is None or not self._reviewer.settings.image_inspection.enabled:
            return first
        # The event loop's own clock stands still while it is busy.
        began, seconds = self._clock(), self._seconds(size, query)
        until = asyncio.get_running_loop().time() + seconds
        self.waiting += 1
        self.held_bytes += size
        try:
            found = await self._fetch(first.review, first.missing, until)
        except Exception as failure:  # noqa: BLE001  # the first answer is a good one
            return Answer(first.status, first.body, first.review, first.outcome, failure)
        finally:
            self.waiting -= 1
            self.held_bytes -= size
        answer = self._reviewer.again(first.review, found.images, found.absent)
        self._lag = max(self._clock() - began - seconds, self._lag * _FADES)
        return answer

    def _seconds(self, size: int, query: bytes) -> float:
        """How long a review may wait."""
        limits = self._limits
        if self.held_bytes + size > limits.waiting_bytes or self.waiting >= limits.waiting:
            return 0.0
        wanted = self._reviewer.settings.image_inspection.deadline
        seconds = max(0.0, min(wanted, asked(query) - _MARGIN))
        return seconds - min(self._lag + self.waiting * _ANSWER, seconds / 4)


def pending(references: Collection[str], why: str) -> dict[str, Absence]:
    """All of them not there yet, and why."""
    absence = Absence(Reason.IMAGE_PENDING, why)
    return dict.fromkeys(references, absence)


# Go's time.Duration as text, in which the API server says its timeout: 3s, 1m30s, 500ms.
_DURATION = re.compile(rb"(?:^|&)timeout=((?:[0-9]{1,6}(?:\.[0-9]{1,9})?(?:ms|s|m|h))+)(?:&|$)")
_PART = re.compile(rb"([0-9.]+)(ms|s|m|h)")
_UNITS = {b"ms": 0.001, b"s": 1.0, b"m": 60.0, b"h": 3600.0}
_LONGEST = 30.0
"""The longest timeout that a webhook's configuration may have."""


def asked(query: bytes) -> float:
    """The seconds that the API server waits for us; the longest there are where it does not say."""
    found = _DURATION.search(query)
    if found is None:
        return _LONGEST
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(found[1]))

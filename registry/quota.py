"""How often a registry lets us pull, as it says itself.

Docker Hub counts the manifests that are got, not those that are asked for with HEAD, and says with
each answer how many are left (`ratelimit-remaining: 76;w=21600`) of how many (`ratelimit-limit`).
Nodes behind the same address share that number, so the last ones are left to them; and what is
read in the background leaves half of all to nodes, and to reads that somebody waits for.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from registry.limits import Limits

_NUMBER = re.compile(r"\s*(\d{1,9})\s*(?:;|$)")
_SECONDS = re.compile(r"\s*(\d{1,9})\s*")
_USUAL_WAIT = 60.0


class Quota:
    """What is known of one registry and credential. Times are of one monotonic clock."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._remaining = math.inf
        self._limit = 0
        self._seen = -math.inf
        self._until = -math.inf

    def wait(self, now: float) -> float:
        """Seconds for which the registry said not to ask at all; 0 where it may be asked."""
        return max(self._until - now, 0.0)

    def wait_to_pull(self, now: float, *, is_background: bool = False) -> float:
        """Seconds until a manifest may be got: what is left to others stays untouched meanwhile."""
        if not self.is_low(is_background=is_background) or self.is_stale(now):
            return self.wait(now)
        return max(self._seen + self._limits.stale_seconds - now, self.wait(now))

    def is_low(self, *, is_background: bool = False) -> bool:
        """Whether the last known number of remaining pulls is within what is left to others."""
        half = self._limit / 2 if is_background else 0
        return self._remaining <= max(self._limits.reserve, half)

    def is_stale(self, now: float) -> bool:
        """Whether that number is too old to go by."""
        return now - self._seen >= self._limits.stale_seconds

    def note(self, headers: Mapping[str, str], now: float) -> None:
        """Take the numbers from an answer's headers."""
        if match := _NUMBER.match(headers.get("ratelimit-remaining", "")):
            self._remaining, self._seen = int(match[1]), now
        if match := _NUMBER.match(headers.get("ratelimit-limit", "")):
            self._limit = int(match[1])

    def refused(self, asked: float | None, now: float) -> float:
        """The registry said "not now": the seconds to wait, which are kept to from here on."""
        seconds = min(_USUAL_WAIT if asked is None else asked, self._limits.longest_retry_after)
        self._until = max(self._until, now + seconds)
        return seconds


def retry_after(text: str) -> float | None:
    """The seconds of a Retry-After header: a number, or a date; None where it is neither."""
    if match := _SECONDS.fullmatch(text):
        return float(match[1])
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max((date - datetime.now(UTC)).total_seconds(), 0.0)

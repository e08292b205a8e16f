"""How long to wait before the next try: longer each time, and never in step with others."""

import random


class Backoff:
    """Doubles from `first` to `longest` seconds, each time with a random part.

    Without the random part, all who lost the API server together would come back together.
    """

    def __init__(self, first: float = 0.5, longest: float = 30.0) -> None:
        self._first = first
        self._longest = longest
        self._tries = 0

    def next(self, longest: float | None = None) -> float:
        """Seconds to wait now; `longest` stands in for the usual bound this once."""
        bound = self._longest if longest is None else longest
        # The exponent is bounded too: a float has no room for 2 to the power of a week's tries.
        whole = min(bound, self._first * 2.0 ** min(self._tries, 32))
        self._tries += 1
        return whole * random.uniform(0.5, 1.0)  # noqa: S311  # guards nothing

    def reset(self) -> None:
        """Start anew: it works again."""
        self._tries = 0

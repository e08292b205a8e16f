"""When something was seen, as others' clocks had it.

A clock that was ahead for a while left times behind that are yet to come. Were they believed, a tag
would point for ever to what it named then, whatever anybody sees later.
"""

from typing import Final

SKEW: Final = 300.0
"""Seconds that others' clocks may be ahead."""


def believed(seen: float, now: float) -> float:
    """The time at which it was seen, 0 for one that is yet to come. Seconds since 1970."""
    return seen if seen <= now + SKEW else 0.0

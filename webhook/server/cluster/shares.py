"""Room that namespaces share, so that one of them cannot take what the others will need.

A namespace may hold a quarter of what is left free, which grows smaller with all that is taken:

    namespaces that want all they can get    each has at most    left for the next one
    ---------------------------------------  ------------------  ---------------------
    1                                        20 % of the room    20 % of 80 %
    4, at the same time                      12.5 %              20 % of 50 %
    10, one after the other                  20 % … 2.7 %        20 % of 11 %

It is how switches share a buffer among ports (Choudhury and Hahne, "Dynamic queue length thresholds
for shared-memory packet switches", 1998): there is always room for who comes late, nobody has to
give anything back, and while most of it is free nobody notices.
"""

from collections import Counter

_PART = 4


class Shares:
    """How much of the room each namespace holds."""

    def __init__(self, room: int) -> None:
        self._held: Counter[str] = Counter()
        self._free = room

    def fits(self, namespace: str, more: int) -> bool:
        """Whether a namespace may have so many more."""
        return _PART * (self._held[namespace] + more) <= self._free - more

    def hold(self, namespace: str, number: int) -> None:
        """A namespace holds so many more, or fewer, than before."""
        self._free -= number
        self._held[namespace] += number
        if not self._held[namespace]:
            del self._held[namespace]

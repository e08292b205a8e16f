"""What the Secret holds, and what time it is: the values that rotation is about."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from certs.authority import Authority, Leaf, Pair


class Phase(StrEnum):
    """Where a rotation is."""

    EMPTY = "empty"
    STEADY = "steady"
    ANNOUNCING = "announcing"
    ADOPTING = "adopting"


@dataclass(frozen=True, slots=True)
class Time:
    """What time it is, as far as the clocks that were asked agree."""

    earliest: datetime
    latest: datetime

    def after(self, pair: Pair) -> bool:
        """Whether the pair has expired, whichever clock is right."""
        return pair.expires <= self.earliest


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the Secret holds. `previous` are certificates (normalised PEM), not to be used again.

    `leaf` is one that `authority` issued, or None where there is none that could be used.
    """

    authority: Authority
    leaf: Leaf | None
    upcoming: Authority | None = None
    previous: tuple[bytes, ...] = ()

    @property
    def phase(self) -> Phase:
        """Where the rotation is."""
        if self.upcoming is not None:
            return Phase.ANNOUNCING
        return Phase.ADOPTING if self.previous else Phase.STEADY

    @property
    def trusted(self) -> tuple[bytes, ...]:
        """What clients have to trust."""
        upcoming = () if self.upcoming is None else (self.upcoming.certificate,)
        return (self.authority.certificate, *upcoming, *self.previous)

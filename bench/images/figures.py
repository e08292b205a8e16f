"""What was measured of images, as values. Times in seconds, sizes in bytes."""

from dataclasses import dataclass
from statistics import median

from tests.registry.measure import Timed
from tests.webhook.images.labelled.accuracy import Figures

LATE = 0.05
"""Seconds beyond its deadline in which a look-up has to give up."""


@dataclass(frozen=True, slots=True)
class Told:
    """One way of telling an image's language, with the recall that it should reach.

    `others` images are none of ours.
    """

    name: str
    languages: tuple[Figures, ...]
    others: int
    recall: float

    @property
    def wrong(self) -> int:
        """Images that would get an agent of a language that they are not."""
        return sum(one.injected - one.right for one in self.languages)

    @property
    def lowest_recall(self) -> float:
        """The worst language's: a common one must not hide a rare one."""
        return min(one.recall for one in self.languages)


@dataclass(frozen=True, slots=True)
class Lookups:
    """Look-ups of unknown images. `deadline`: what each was given."""

    name: str
    deadline: float
    each: tuple[Timed, ...]

    @property
    def seconds(self) -> list[float]:
        """How long each took."""
        return [one.seconds for one in self.each]

    @property
    def median(self) -> float:
        """The median of their times."""
        return median(self.seconds)

    @property
    def requests(self) -> int:
        """The most that one of them sent."""
        return max(one.spent.requests for one in self.each)

    @property
    def bytes(self) -> int:
        """The most that one of them received."""
        return max(one.spent.bytes for one in self.each)

    @property
    def failed(self) -> int:
        """How many came back without the image."""
        return sum(not one.found for one in self.each)

    @property
    def late(self) -> int:
        """How many took longer than their deadline and what it takes to give up."""
        return sum(one > self.deadline + LATE for one in self.seconds)


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory that so many profiles take."""

    profiles: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a run."""

    machine: str
    told: tuple[Told, ...]
    alone: Lookups
    together: Lookups
    memory: Memory

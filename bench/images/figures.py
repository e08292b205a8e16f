"""What was measured of images, as values. Times in seconds, sizes in bytes."""

from dataclasses import dataclass
from statistics import median

from tests.inspection.measure import Measured
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
        """How many took longer than their deadline and a little for giving up."""
        return sum(one > self.deadline + LATE for one in self.seconds)


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory that so many profiles take."""

    profiles: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Looks:
    """Looks into the layers of images whose configuration decides nothing.

    `enough`: the share of an image's bytes that a look should need at most, 0 to 1.
    """

    each: tuple[Measured, ...]
    enough: float

    @property
    def wrong(self) -> int:
        """Those that said an image is what it is not."""
        said = [(one.case.language, one.look.commands[0]) for one in self.each]
        return sum(told.state == "decided" and told.language != truth for truth, told in said)

    @property
    def tellable(self) -> int:
        """Images whose files tell what they are."""
        return sum(one.case.language is not None for one in self.each)

    @property
    def decided(self) -> int:
        """Those that told the truth, however much they read."""
        return sum(one.is_decided for one in self.each)

    @property
    def within(self) -> float:
        """The share of all images that was decided by few enough bytes, 0 to 1."""
        return sum(one.is_decided and one.share <= self.enough for one in self.each) / len(
            self.each
        )


@dataclass(frozen=True, slots=True)
class Pods:
    """Pods of as many images, many at a time, within a deadline; and all requests for them."""

    name: str
    lookups: Lookups
    requests: int


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a run: `cold` pods whose images nobody has seen, and `warm` ones after them.

    `teams` are images as teams build them, `public` after well-known ones.
    """

    machine: str
    told: tuple[Told, ...]
    teams: Looks
    public: Looks
    alone: Lookups
    cold: Pods
    warm: Pods
    memory: Memory

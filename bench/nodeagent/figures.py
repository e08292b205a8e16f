"""What was measured of the node agent, as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Server:
    """A server's rounds, each beside the round of the same number of every other one.

    `cpu` is processor time a request, in seconds, `rates` are requests a second.
    """

    name: str
    cpu: Sequence[float]
    rates: Sequence[float]

    def added_to(self, other: "Server") -> float:
        """Processor time a request beyond the other's, in seconds."""
        return median(ours - theirs for ours, theirs in zip(self.cpu, other.cpu, strict=True))

    def ratio_to(self, other: "Server") -> float:
        """Throughput over the other's."""
        return median(ours / theirs for ours, theirs in zip(self.rates, other.rates, strict=True))


@dataclass(frozen=True, slots=True)
class Requests:
    """Servers under the same requests; the first one is not traced."""

    name: str
    servers: Sequence[Server]


@dataclass(frozen=True, slots=True)
class Pace:
    """An agent on a core of its own while requests come at a steady rate.

    `spans` came, `losses` are those that the agent counted;
    `cpu` is its processor time in seconds, `resident` its memory in bytes.
    """

    rate: int
    ratio: float
    seconds: float
    requests: int
    spans: int
    losses: int
    cpu: float
    resident: int

    @property
    def missing(self) -> int:
        """Spans that did not come, where all of them should."""
        return self.requests - self.spans

    @property
    def cpu_per_span(self) -> float:
        """The agent's processor time a span, in seconds."""
        return self.cpu / self.spans


@dataclass(frozen=True, slots=True)
class Growth:
    """The agent's memory in bytes: with so many binaries, and when processes came and went."""

    binaries: int
    with_binaries: int
    processes: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Attaching:
    """Seconds until a process is traced, from when it is asked for: the median of several."""

    unknown: float
    known: float


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a run."""

    machine: str
    requests: Sequence[Requests]
    paces: Sequence[Pace]
    growth: Growth
    attaching: Attaching

"""What was measured, as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class InProcess:
    """From the bytes of a review to the bytes of its answer; times in seconds."""

    name: str
    body_bytes: int
    answer_bytes: int
    latencies: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class OverTls:
    """Rounds of load on one server; `cpu_seconds` is the server's, of all rounds."""

    connections: int
    rates: tuple[float, ...]
    latencies: tuple[float, ...]
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Reviews per second, the median of the rounds."""
        return median(self.rates)

    @property
    def cpu_per_review(self) -> float:
        """Processor seconds per review."""
        return self.cpu_seconds / len(self.latencies)


@dataclass(frozen=True, slots=True)
class Server:
    """A server's figures: seconds from start to ready, resident bytes, load by connections."""

    name: str
    ready_seconds: float
    idle_bytes: int
    loaded_bytes: int
    load: tuple[OverTls, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a run; `product` and `floor` were loaded in turns."""

    machine: str
    body_bytes: int
    in_process: tuple[InProcess, ...]
    product: Server
    floor: Server

    @property
    def ratios(self) -> dict[int, float]:
        """The product's rate over the floor's, by number of connections."""
        pairs = zip(self.product.load, self.floor.load, strict=True)
        return {ours.connections: ours.rate / theirs.rate for ours, theirs in pairs}


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

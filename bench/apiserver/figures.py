"""What was measured of creations, as values. Times in seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from bench.figures import quantile

_BEYOND = 4
"""So many values of a block lie beyond its quantile."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of the blocks of rounds, and the quartiles around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of one value for each block."""
        return cls(median(values), quantile(values, 0.25), quantile(values, 0.75))


@dataclass(frozen=True, slots=True)
class Round:
    """One round of creations: latencies, and processor time of API server and webhook."""

    latencies: tuple[float, ...]
    api_server_cpu: float
    webhook_cpu: float


@dataclass(frozen=True, slots=True)
class Series:
    """The rounds of one variant, each beside the round of the same number of the others."""

    name: str
    rounds: tuple[Round, ...]

    def latency(self, share: float) -> Spread:
        """A quantile of the creations' latencies."""
        return Spread.of([quantile(one, share) for one in _blocks(self, share)])

    def added(self, base: "Series", share: float) -> Spread:
        """By how much a quantile lies above that of `base` at the same time."""
        pairs = zip(_blocks(self, share), _blocks(base, share), strict=True)
        return Spread.of([quantile(a, share) - quantile(b, share) for a, b in pairs])

    def added_api_server_cpu(self, base: "Series") -> float:
        """Processor time of the API server for each creation, beyond that of `base`."""
        return _per_creation(self, "api_server_cpu") - _per_creation(base, "api_server_cpu")

    @property
    def webhook_cpu(self) -> float:
        """Processor time of the webhook for each creation."""
        return _per_creation(self, "webhook_cpu")


@dataclass(frozen=True, slots=True)
class Turns:
    """Variants that took turns under one kind of load; see `bench.apiserver.webhooks.Variants`."""

    load: str
    none: Series
    label: Series
    injection: Series
    product: Series

    @property
    def webhooks(self) -> tuple[Series, ...]:
        """All but none."""
        return (self.label, self.injection, self.product)

    def ratio(self, floor: Series, share: float) -> float:
        """What the product adds over what `floor` adds."""
        ours, theirs = self.product.added(self.none, share), floor.added(self.none, share)
        return ours.median / theirs.median


@dataclass(frozen=True, slots=True)
class Step:
    """One replica with so many opted-in namespaces and watched objects; seconds and bytes.

    `added`: to the median of a creation, by number of clients.
    """

    namespaces: int
    objects: int
    ready_seconds: float
    ready_bytes: int
    loaded_bytes: int
    added: tuple[Spread, ...]


@dataclass(frozen=True, slots=True)
class Quiet:
    """Creations where nothing is opted in, and how often the webhook was called for them."""

    creations: int
    calls: int


@dataclass(frozen=True, slots=True)
class Report:
    """All figures: by number of clients, at one client by pod, by what is watched."""

    machine: str
    kubernetes: str
    quiet: Quiet
    clients: tuple[Turns, ...]
    pods: tuple[Turns, ...]
    steps: tuple[Step, ...]


def _per_creation(series: Series, cpu: str) -> float:
    creations = sum(len(one.latencies) for one in series.rounds)
    return sum(float(getattr(one, cpu)) for one in series.rounds) / creations


def _blocks(series: Series, share: float) -> list[tuple[float, ...]]:
    """Latencies of neighbouring rounds, so many together that the quantile says something.

    Rounds are short, so that what the machine does besides hits all variants alike; of 50
    creations, a 99th percentile is nothing but the slowest.
    """
    rounds = series.rounds
    size = ceil(_BEYOND / (1 - share) / len(rounds[0].latencies))
    starts = range(0, max(1, len(rounds) - size + 1), size)
    return [
        tuple(latency for one in rounds[start : start + size] for latency in one.latencies)
        for start in starts
    ]

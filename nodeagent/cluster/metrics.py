"""What the node agent counts, in the Prometheus text format. Read when it is asked for."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from nodeagent.cluster.endpoint import Answer

PREFIX = "spanhook_node_agent_"

Sample = tuple[tuple[str, ...], float]
"""Values of a metric's labels, and its own."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric: its name without the prefix (a counter's without `_total`), and how it is read."""

    name: str
    help: str
    read: Callable[[], Iterable[Sample]]
    labels: tuple[str, ...] = ()
    counts: bool = False


def value(read: Callable[[], float]) -> Callable[[], Iterable[Sample]]:
    """For a metric without labels."""
    return lambda: (((), read()),)


@dataclass(slots=True, eq=False)
class Measures(Collector):
    """All metrics; any room may add its own, for instance the state of a way of propagation."""

    measures: list[Measure] = field(default_factory=list)

    def add(self, *measures: Measure) -> None:
        """Have more of them read from now on."""
        self.measures += measures

    def collect(self) -> Iterator[Metric]:
        """As the client library asks for them."""
        for one in self.measures:
            kind = CounterMetricFamily if one.counts else GaugeMetricFamily
            family = kind(PREFIX + one.name, one.help, labels=one.labels)
            for labels, number in one.read():
                family.add_metric(list(labels), number)
            yield family

    def page(self) -> Callable[[], Answer]:
        """What answers /metrics."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        ProcessCollector(registry=registry)
        return lambda: Answer(generate_latest(registry), CONTENT_TYPE_LATEST)

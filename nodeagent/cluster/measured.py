"""The node agent's own metrics."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from nodeagent.cluster.discovery import Discovery
from nodeagent.cluster.metrics import Measure, Sample, value
from nodeagent.cluster.observer import Observer
from nodeagent.cluster.tracing import Tracing
from nodeagent.probes.program import COUNTERS
from nodeagent.propagation.paths import Paths
from nodeagent.tracing.follower import Follower
from nodeagent.tracing.tally import Tally
from nodeagent.tracing.tracer import Tracer
from webhook.settings import VERSION

_NOTHING = Tally()


class Watched(Protocol):
    """What is asked of a watch."""

    synced: bool


def of_propagation(paths: Callable[[], Paths]) -> Measure:
    """How traces are passed on to who is called."""
    says = "1 for the state of a way by which traces are passed on: on, off, unavailable."
    return Measure("propagation", says, lambda: paths().samples(), ("path", "state"))


def of_tracing(tracing: Tracing) -> tuple[Measure, ...]:
    """Spans, processes, binaries, and what the kernel's side counts."""

    def tally() -> Tally:
        return tracing.follower.tally if tracing.follower is not None else _NOTHING

    def spans() -> Iterable[Sample]:
        counted = tracing.queue.tally
        yield ("sent",), counted.sent
        yield ("dropped",), counted.dropped
        yield ("failed",), counted.failed
        yield ("unowned",), tally().unowned

    def kernel() -> Iterable[Sample]:
        counted = tracing.tracer.counters() if tracing.tracer is not None else {}
        return [((name,), counted.get(name, 0)) for name in COUNTERS]

    def failures() -> Iterable[Sample]:
        return [((reason,), count) for reason, count in list(tally().failures.items())]

    def off() -> Iterable[Sample]:
        found = tracing.tracer.off() if tracing.tracer is not None else {}
        return [((probe, why), count) for (probe, why), count in found.items()]

    def follower(read: Callable[[Follower], float]) -> Callable[[], Iterable[Sample]]:
        return value(lambda: 0 if tracing.follower is None else read(tracing.follower))

    def tracer(read: Callable[[Tracer], float]) -> Callable[[], Iterable[Sample]]:
        return value(lambda: 0 if tracing.tracer is None else read(tracing.tracer))

    return (
        Measure(
            "tracing",
            "1 while programs can be traced on this node.",
            value(lambda: tracing.why_not is None),
        ),
        Measure("spans", "Spans by what became of them.", spans, ("outcome",), counts=True),
        Measure(
            "kernel_events",
            "What the kernel's side lost or left out, by what it was.",
            kernel,
            ("event",),
            counts=True,
        ),
        Measure(
            "attach_failures",
            "Processes that are not traced, by why.",
            failures,
            ("reason",),
            counts=True,
        ),
        Measure(
            "attach_refused",
            "Processes for which there was no room in the queue; they are asked for again.",
            value(lambda: tally().refused),
            counts=True,
        ),
        Measure(
            "attachments",
            "Processes that came to be traced.",
            value(lambda: tally().attachments),
            counts=True,
        ),
        Measure(
            "attach_seconds",
            "Time that attaching to them took.",
            value(lambda: tally().seconds),
            counts=True,
        ),
        Measure(
            "attach_longest_seconds",
            "The longest that attaching to one of them took.",
            value(lambda: tally().longest),
        ),
        Measure(
            "attach_waiting",
            "Processes that wait to be attached to.",
            follower(lambda one: one.waiting),
        ),
        Measure(
            "attach_stuck",
            "Threads that one process has kept waiting for more than half a minute.",
            follower(lambda one: one.stuck),
        ),
        Measure(
            "processes_traced",
            "Processes that are traced now.",
            follower(lambda one: one.processes),
        ),
        Measure(
            "binaries_probed",
            "Files that have probes now.",
            tracer(lambda one: one.binaries),
        ),
        Measure(
            "probes_off", "Probed files for which a probe is off, by why.", off, ("probe", "why")
        ),
        Measure(
            "buffer_fill_ratio",
            "How full the buffer between kernel and agent is.",
            tracer(lambda one: one.fill),
        ),
    )


def of_discovery(discovery: Discovery, observer: Observer) -> tuple[Measure, ...]:
    """Processes of containers."""
    return (
        Measure(
            "processes_in_containers",
            "Processes of this node's pods.",
            value(lambda: discovery.counts()["in_containers"]),
        ),
        Measure(
            "processes_of_unknown_pods",
            "Those whose pod or container is not known yet.",
            value(lambda: discovery.counts()["of_unknown_pods"]),
        ),
        Measure(
            "processes_stuck",
            "Those that are left: the file system of a program of their pod does not answer.",
            value(lambda: discovery.counts()["stuck"]),
        ),
        Measure(
            "attach_retrying",
            "Processes that are not traced, as the kernel had no room; they are asked for again.",
            value(lambda: len(discovery.retries)),
        ),
        Measure(
            "attach_retries",
            "How often such were asked for again.",
            value(lambda: discovery.retries.count),
            counts=True,
        ),
        Measure(
            "observations",
            "Containers that were looked at.",
            value(lambda: observer.observed),
            counts=True,
        ),
        Measure(
            "observations_cut",
            "Those that were cut, as searching files cost too much; they are tried again.",
            value(lambda: observer.cut),
            counts=True,
        ),
        Measure(
            "observations_stuck",
            "Looks that have taken more than half a minute until now.",
            value(lambda: observer.stuck),
        ),
    )


def of_watches(watches: dict[str, Watched]) -> tuple[Measure, ...]:
    """Whether what is watched is known."""

    def synced() -> Iterable[Sample]:
        return [((name,), one.synced) for name, one in watches.items()]

    def build() -> Iterable[Sample]:
        yield (VERSION,), 1

    return (
        Measure("watch_synced", "1 once all objects were there.", synced, ("resource",)),
        Measure("build_info", "The version that runs.", build, ("version",)),
    )


def of_reports(counts: Mapping[str, int]) -> tuple[Measure, ...]:
    """What became of writing down what was seen, by its outcomes."""

    def outcomes() -> Iterable[Sample]:
        return [((name,), count) for name, count in counts.items()]

    text = "InstrumentedApplications by what became of writing them."
    return (Measure("reports", text, outcomes, ("outcome",), counts=True),)

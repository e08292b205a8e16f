"""The pods of one namespace, counted by workload: what is kept does not grow with their number."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from console.status import pods
from console.status.faults import Faults
from console.status.gaps import Gap
from console.status.images import Met
from console.status.model import (
    Cause,
    Container,
    Counts,
    ImageState,
    NamespaceStatus,
    Remedy,
    State,
    Workload,
)
from console.status.pods import Rules, Seen
from console.status.remedies import SHOWN, Pending
from webhook import owner
from webhook.model import Object
from webhook.reasons import Reason

Key = tuple[str, str]
"""A workload: kind and name."""


@dataclass(slots=True)
class _Workload:
    states: Counter[State] = field(default_factory=Counter)
    causes: Counter[Cause] = field(default_factory=Counter)
    containers: Counter[Seen] = field(default_factory=Counter)
    pending: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """Counts the pods of one namespace.

    `opted_in`: whether the namespace's label opts them in, None where it
    could not be read; `reached`, whether the API server sends them to the webhook.
    """

    rules: Rules
    opted_in: bool | None = True
    reached: bool = True
    _workloads: dict[Key, _Workload] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The namespace."""
        return self.rules.namespace.name or ""

    def add(self, pod: Object) -> None:
        """Count a live pod, unless it is over."""
        if pods.is_over(pod):
            return
        found = pods.containers(pod, self.rules)
        if all(one.reason == Reason.NOT_OPTED_IN for one in found):
            return
        state = pods.state(found)
        workload = self._workloads.setdefault(_key(pod), _Workload())
        workload.states[state] += 1
        workload.containers.update(found)
        if state is State.PENDING:
            workload.causes[pods.cause(pod, self.rules)] += 1
            if len(workload.pending) < SHOWN:
                workload.pending.append(pod["metadata"]["name"])

    @property
    def counted(self) -> bool:
        """Whether any pod counts."""
        return bool(self._workloads)

    def pending(self) -> Iterator[Pending]:
        """The workloads that have pending pods."""
        for (kind, name), one in sorted(self._workloads.items()):
            if count := one.states[State.PENDING]:
                yield Pending(kind, name, self.name, tuple(one.pending), count)

    @property
    def lacks_images(self) -> bool:
        """Whether there are images without a profile: then somebody may have said why."""
        return any(
            seen.gap is not None and seen.gap.state is ImageState.UNKNOWN
            for one in self._workloads.values()
            for seen in one.containers
        )

    def blame(self, faults: Faults) -> None:
        """Take up why images have no profile."""
        for key, one in self._workloads.items():
            blamed = Counter[Seen]()
            for seen, count in one.containers.items():
                blamed[_blamed(seen, key, faults)] += count
            one.containers = blamed

    def gaps(self) -> Iterator[Met]:
        """What is not known of images."""
        for one in self._workloads.values():
            for seen, count in one.containers.items():
                if seen.gap is not None:
                    is_skipped = seen.state is State.SKIPPED
                    yield Met(self.name, seen.gap, count, count if is_skipped else 0)

    def status(self, remedies: Mapping[Key, Remedy]) -> NamespaceStatus:
        """The namespace as it was counted, with what to do about its pending workloads."""
        workloads = tuple(
            Workload(
                kind=kind,
                name=name,
                counts=_counts([one.states]),
                causes=dict(one.causes),
                containers=tuple(_containers(one.containers)),
                remedy=remedies.get((kind, name)),
            )
            for (kind, name), one in sorted(self._workloads.items())
        )
        counts = _counts(one.states for one in self._workloads.values())
        return NamespaceStatus(self.name, self.opted_in, self.reached, counts, workloads)


def _key(pod: Object) -> Key:
    found = owner.of_pod(pod)
    return (found.kind, found.name) if found else ("Pod", pod["metadata"]["name"])


def _counts(states: Iterable[Counter[State]]) -> Counts:
    total = sum(states, Counter[State]())
    return Counts(
        pods=total.total(),
        instrumented=total[State.INSTRUMENTED],
        pending=total[State.PENDING],
        skipped=total[State.SKIPPED],
        opted_out=total[State.OPTED_OUT],
    )


def _blamed(seen: Seen, workload: Key, faults: Faults) -> Seen:
    gap = seen.gap
    if gap is None or gap.state is not ImageState.UNKNOWN:
        return seen
    fault = faults.of(workload, seen.name, gap.reference)
    if fault is None:
        return seen
    gap = Gap(gap.reference, ImageState.UNREACHABLE, fault.message, fault.is_private)
    if seen.reason != Reason.IMAGE_PENDING:
        return replace(seen, gap=gap)
    return replace(seen, reason=Reason.IMAGE_UNREACHABLE.value, message=fault.message, gap=gap)


def _containers(seen: Counter[Seen]) -> Iterator[Container]:
    merged = Counter[Seen]()
    for one, count in seen.items():  # of how many images they are, is told elsewhere
        merged[replace(one, gap=None)] += count
    for one, count in sorted(merged.items(), key=lambda item: (item[0].name, item[0].state)):
        yield Container(one.name, one.state, one.language, one.reason, one.message, count)

"""The pods of one namespace, counted by workload: what is kept does not grow with their number."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from console.status import pods
from console.status.model import (
    Cause,
    Container,
    Counts,
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


def _containers(seen: Counter[Seen]) -> Iterator[Container]:
    for one, count in sorted(seen.items(), key=lambda item: (item[0].name, item[0].state)):
        yield Container(one.name, one.state, one.language, one.reason, one.message, count)

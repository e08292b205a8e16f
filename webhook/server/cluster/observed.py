"""What node agents saw run, from InstrumentedApplications.

An object that cannot be read is left out, with a line in the log: somebody else may have written
it. So is what is more than its namespace's share of the room: none crowds out the others. Where the
cluster has no such kind, or we may not read it, decisions go without.
"""

from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any

import msgspec

from kube.paths import path
from webhook import observed
from webhook.observed import Key, Observed
from webhook.server.cluster.cache import Watched
from webhook.server.cluster.memory import Memory
from webhook.server.cluster.shares import Shares
from webhook.server.logs import Log
from webhook.server.telemetry import Telemetry

CACHE = "instrumentedapplications"
PATH = path("spanhook.dev/v1alpha1", "instrumentedapplications")

_LACKING = "what runs is told from images alone"
_MOST = 100_000
"""Containers that are known: whatever is in the cluster, memory ends here (some 30 MB)."""
_SILENCE = 3600.0
_SHARED = 4096


class _Metadata(msgspec.Struct):
    name: str
    namespace: str = ""


class InstrumentedApplication(msgspec.Struct):
    """An object as it is decoded: whatever is in it, it never keeps others from being read."""

    metadata: _Metadata
    spec: Any = None
    status: Any = None
    seen: Mapping[Key, Observed] | None = None
    problem: str = ""

    def __post_init__(self) -> None:
        """Make it values at once, before the next one is decoded, and let go of the rest."""
        document = {
            "metadata": {"name": self.metadata.name, "namespace": self.metadata.namespace},
            "spec": self.spec,
            "status": self.status or {},
        }
        self.spec = self.status = None
        try:
            self.seen = observed.read(document)
        except Exception as error:  # noqa: BLE001  # what others write must not stop the watch
            self.problem = str(error) or type(error).__name__

    @property
    def key(self) -> tuple[str, str]:
        """Which object it is."""
        return self.metadata.namespace, self.metadata.name


class ObservedRuntimes:
    """Containers of workloads by image; `known` is one mapping for ever, as a reviewer's facts."""

    def __init__(
        self, log: Log, telemetry: Telemetry, clock: Callable[[], float] = monotonic
    ) -> None:
        self.known: dict[Key, Observed] = {}
        self._log = log
        self._said = Memory(_SILENCE, clock)
        self._bad = telemetry.counter(
            "instrumented_applications_bad",
            "InstrumentedApplications that could not be read, or that there is no room for.",
        )
        self._objects: dict[tuple[str, str], tuple[Key, ...]] = {}
        self._shares = Shares(_MOST)
        self._shared: dict[Observed, Observed] = {}

    def __len__(self) -> int:
        return len(self._objects)

    @property
    def watched(self) -> Watched[InstrumentedApplication]:
        """What is to be watched."""
        return Watched(
            CACHE,
            PATH,
            InstrumentedApplication,
            self,
            optional=True,
            forbidden=f"InstrumentedApplications may not be read: {_LACKING}",
            absent=f"the cluster has no InstrumentedApplications (no such CRD): {_LACKING}",
        )

    def replaced(self, objects: Iterable[InstrumentedApplication]) -> None:
        """These are all of them."""
        found = tuple(objects)
        for key in self._objects.keys() - {one.key for one in found}:
            self._drop(key)  # first: others may need their room
        for one in found:
            self.changed(one)

    def changed(self, item: InstrumentedApplication) -> None:
        """One is new or has changed."""
        before = self._drop(item.key)
        if item.seen is None:
            self._leave_out(item, item.problem)
            return
        seen: Mapping[Key, Observed] = item.seen
        # What was there stays, however little room there is by now.
        if len(seen) > len(before) and not self._shares.fits(item.key[0], len(seen)):
            self._leave_out(item, "its namespace has its share of the room")
            seen = {key: one for key, one in seen.items() if key in before}
        self._take(item.key, seen)

    def removed(self, item: InstrumentedApplication) -> None:
        """One is gone: nobody says any more what its workload runs."""
        self._drop(item.key)

    def forget(self) -> None:
        """An image's digest runs what it ran: what is known stays true."""

    def _take(self, key: tuple[str, str], seen: Mapping[Key, Observed]) -> None:
        if seen:
            self._objects[key] = tuple(seen)
            self._shares.hold(key[0], len(seen))
            self.known.update((one, self._one(value)) for one, value in seen.items())

    def _drop(self, key: tuple[str, str]) -> tuple[Key, ...]:
        """Forget an object; what was known by it."""
        before = self._objects.pop(key, ())
        self._shares.hold(key[0], -len(before))
        for one in before:
            self.known.pop(one, None)
        return before

    def _leave_out(self, item: InstrumentedApplication, why: str) -> None:
        self._bad.inc()
        if self._said.is_new((item.key, why)):
            namespace, name = item.key
            what = "InstrumentedApplication left out"
            self._log.event("warning", what, namespace=namespace, name=name, problem=why)

    def _one(self, seen: Observed) -> Observed:
        """The first that was equal: ten thousand containers run much the same."""
        if len(self._shared) >= _SHARED:
            self._shared.clear()
        return self._shared.setdefault(seen, seen)

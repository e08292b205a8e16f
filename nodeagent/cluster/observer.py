"""What runs in containers is looked at, a few of them a second, and passed on.

A container is looked at some seconds after its first process began, a minute later, and then now
and then: an entry script may prepare for a while before it starts what it is for. And once more
when it is known which probes are on for its Go program. What was seen is passed on each time, for
who writes it down may have forgotten it.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from nodeagent.cluster.cgroup import Place
from nodeagent.cluster.directory import Container
from nodeagent.cluster.heartbeats import Heartbeats
from nodeagent.cluster.pods import Pod
from nodeagent.observing.application import Seen, seen
from nodeagent.observing.container import application
from nodeagent.observing.observation import Observation
from nodeagent.probes import PROBES
from nodeagent.tracing.follower import Outcome
from nodeagent.tracing.process import Process
from webhook.languages.go import GO

_log = logging.getLogger(__name__)

_FIRST = 5.0
"""Seconds that a container has for starting what it is for."""
_TRIES = 12
_BETWEEN = 5.0
"""Seconds between two tries, where the image's digest is not known yet."""
_SOON = 60.0
_AGAIN = 1800.0
_PAUSE = 0.2
"""Seconds between two containers: 5 a second."""
_MOST = 4096
_MOST_OF_POD = 64
_LONGEST_DOUBLING = 9  # 5 s, 10 s, 20 s... until it is the half of an hour


@dataclass(slots=True)
class _Task:
    container: Container
    due: float
    tries: int = 0
    empty: int = 0
    """How often no process was there."""
    seen: Seen | None = None


class Observer:
    """Looks at containers on a thread of its own; `pass_on` is called there.

    `pod` gives the newest state of a pod, `within` the processes of a container.
    """

    def __init__(
        self,
        pod: Callable[[str], Pod | None],
        within: Callable[[Place], Sequence[Process]],
        pass_on: Callable[[Seen], None],
        clock: Callable[[], float] = time.monotonic,
        beats: Heartbeats | None = None,
    ) -> None:
        self._beats = beats or Heartbeats()
        self._pod = pod
        self._within = within
        self._pass_on = pass_on
        self._clock = clock
        self._tasks: dict[Place, _Task] = {}
        self._probes: dict[int, Mapping[str, str]] = {}
        self._lock = threading.Lock()
        self.observed = 0
        """Containers that were looked at, each time counted."""

    def put(self, container: Container, place: Place) -> None:
        """Have a container looked at, unless it was; beyond 4,096 at a time the newest is not.

        Of more than 64 of one pod, the one that was looked at longest ago gives way.
        """
        first = self._clock() + _FIRST
        with self._lock:
            task = self._tasks.get(place)
            if task is None:
                self._add(place, _Task(container, first))
                return
            task.container = container
            if task.empty:  # it has a process again
                task.empty, task.due = 0, min(task.due, first)

    def _add(self, place: Place, task: _Task) -> None:
        of_pod = [one for one in self._tasks if one.pod == place.pod]
        if len(of_pod) >= _MOST_OF_POD:
            del self._tasks[of_pod[0]]
        if len(self._tasks) < _MOST:
            self._tasks[place] = task

    def traced(self, outcome: Outcome) -> None:
        """What came of tracing a process: its container is looked at anew where that is news."""
        pid = outcome.wanted.process.pid
        told = _probes(outcome)
        with self._lock:
            if self._probes.get(pid) == told:
                return
            self._probes[pid] = told
            if len(self._probes) > _MOST:  # of processes whose end was not told
                del self._probes[next(iter(self._probes))]
            for place, task in self._tasks.items():
                if place.pod == outcome.wanted.owner and task.seen is not None:
                    task.due, task.tries, task.seen = self._clock(), 0, None

    def ended(self, pid: int) -> None:
        """A process ended."""
        with self._lock:
            self._probes.pop(pid, None)

    def run(self, stop: threading.Event) -> None:
        """Look at what is due, until told to stop."""
        while not stop.wait(_PAUSE):
            self._beats.beat("observe")
            try:
                self.step()
            except Exception:  # noqa: BLE001 - the thread goes on
                _log.exception("containers could not be looked at")

    def step(self) -> None:
        """Look at one container, if one is due."""
        now = self._clock()
        with self._lock:
            due = next((place for place, task in self._tasks.items() if task.due <= now), None)
            if due is None:
                return
            task = self._tasks[due]
            # Behind all others, so that none is looked at twice before each was once.
            self._tasks[due] = self._tasks.pop(due)
        processes = self._within(due)
        if processes:
            self._look(task, processes)
        elif self._is_gone(due, task.container):
            with self._lock:
                self._tasks.pop(due, None)
        else:  # it may be between two of them: its pod's status says when it is gone
            task.due = now + min(_BETWEEN * 2 ** min(task.empty, _LONGEST_DOUBLING), _AGAIN)
            task.empty += 1

    def _is_gone(self, place: Place, container: Container) -> bool:
        """Whether a container is not its pod's any more: another has its name, or the pod ended."""
        pod = self._pod(container.pod)
        if pod is None:
            return True
        if pod.container(place.container) is not None:
            return False
        return any(name == container.name for _, name in pod.containers)

    def _look(self, task: _Task, processes: Sequence[Process]) -> None:
        is_first = task.seen is None
        task.seen = self._see(task.container, processes) or task.seen
        if task.seen is not None:
            self._pass_on(task.seen)
            task.due = self._clock() + (_SOON if is_first else _AGAIN)
            return
        task.tries += 1
        task.due = self._clock() + (_BETWEEN if task.tries < _TRIES else _AGAIN)

    def _see(self, container: Container, processes: Sequence[Process]) -> Seen | None:
        pod = self._pod(container.pod)
        try:
            found = application(processes)
            if pod is None or found is None:
                return None
            process, observation = found
            self.observed += 1
            return seen(pod.document, container.name, self._told(process, observation))
        except Exception:  # noqa: BLE001 - whatever one process shows, the others are looked at
            _log.exception("%s/%s: not observed", container.namespace, container.pod_name)
            return None

    def _told(self, process: Process, observation: Observation) -> Observation:
        with self._lock:
            probes = self._probes.get(process.pid)
        return replace(observation, probes=probes) if probes else observation


def explained(seen: Seen, why: str | None) -> Seen:
    """What was seen, with `why` nothing at all is traced as the state of a Go program's probes."""
    known = seen.observation
    if why is None or known.language != GO.name or known.probes:
        return seen
    return replace(seen, observation=replace(known, probes={one.name: why for one in PROBES}))


def _probes(outcome: Outcome) -> Mapping[str, str]:
    """By name: "on", or why a probe is off; nothing where the program is not Go's."""
    if not outcome.is_go:
        return {}
    if outcome.binary is None:
        return {probe.name: outcome.why_not for probe in PROBES}
    return {probe.name: outcome.binary.off.get(probe.name, "on") for probe in PROBES}

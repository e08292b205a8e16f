"""What runs in containers is looked at, a few of them a second, and passed on.

A container is looked at some seconds after its first process began, a minute later, and then now
and then: an entry script may prepare for a while before it starts what it is for. And once more
when there is news of it: its application ended and something else began, or it is known which
probes are on for a file that it had not run before. Probes and hooks begin the same files over and
over, which is no news. What was seen is passed on each time, for who writes it down may have
forgotten it.

A file may be on a server that is gone, and who reads it waits for ever: so others read, one pod's
containers one after the other, and where they are kept waiting more of them are begun.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from nodeagent.cluster.cgroup import Place
from nodeagent.cluster.directory import Container
from nodeagent.cluster.heartbeats import Heartbeats
from nodeagent.cluster.pod import Pod
from nodeagent.cluster.tasks import Due, Probes, Running, Task
from nodeagent.observing.application import Seen, seen
from nodeagent.observing.container import application
from nodeagent.observing.observation import Observation
from nodeagent.probes import PROBES
from nodeagent.tracing.follower import Outcome
from nodeagent.tracing.process import Life, Process
from nodeagent.tracing.turns import Turns
from nodeagent.tracing.workers import Workers
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


class Observer:
    """Looks at containers on threads of its own; `pass_on` is called there.

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
        self._tasks: dict[Place, Task] = {}
        self._running: dict[int, Running] = {}
        self._in_work: set[str] = set()
        """The pods that are looked at."""
        self._lock = threading.Lock()
        self._turns = Turns[Due]()
        self._workers: Workers[Due] | None = None
        self.observed = 0
        """Containers that were looked at, each time counted."""
        self.cut = 0
        """How often that was cut: it would have cost too much."""

    def put(self, container: Container, place: Place, pid: int, life: Life) -> None:
        """Have a process's container looked at, unless it was; beyond 4,096 the newest is not.

        Of more than 64 of one pod, the one that was looked at longest ago gives way.
        """
        first = self._clock() + _FIRST
        with self._lock:
            self._running[pid] = Running(place, life)
            task = self._tasks.get(place)
            if task is None:
                self._add(place, Task(container, first))
                return
            task.container = container
            if task.empty:  # it has a process again
                task.empty, task.due = 0, min(task.due, first)
            elif task.seen is not None and task.application is None:  # it is started anew
                task.renew(first)

    def _add(self, place: Place, task: Task) -> None:
        of_pod = [one for one in self._tasks if one.pod == place.pod]
        if len(of_pod) >= _MOST_OF_POD:
            del self._tasks[of_pod[0]]
        if len(self._tasks) < _MOST:
            self._tasks[place] = task

    def traced(self, outcome: Outcome) -> None:
        """What came of tracing a process: its container is looked at anew where that is news.

        Of a process that was `put`; what came of the program that it was before is no news.
        """
        pid, life, probes = outcome.wanted.process.pid, outcome.wanted.life, _probes(outcome)
        with self._lock:
            running = self._running.get(pid)
            if running is None or running.life != life:
                return
            running.probes = probes
            task = self._tasks.get(running.place)
            if task is not None and task.is_news(pid, life, probes):
                task.renew(self._clock())

    def ended(self, pid: int) -> None:
        """A process ended."""
        with self._lock:
            running = self._running.pop(pid, None)
            task = self._tasks.get(running.place) if running is not None else None
            if task is not None and task.application == pid:
                task.application = None

    @property
    def stuck(self) -> int:
        """How many looks have taken more than half a minute until now."""
        return 0 if self._workers is None else self._workers.stuck

    def run(self, stop: threading.Event) -> None:
        """Have looked at what is due, until told to stop."""
        self._workers = Workers("look", self._turns, self.look, threads=1, clock=self._clock)
        while not stop.wait(_PAUSE):
            self._beats.beat("observe")
            self._workers.look()
            if not len(self._turns) and (due := self.next()) is not None:
                self._turns.put(due.place.pod, due)
        self._workers.close()

    def next(self) -> Due | None:
        """A container that is due, to be looked at before another one of its pod is."""
        now = self._clock()
        with self._lock:
            for place, task in self._tasks.items():
                if task.due <= now and place.pod not in self._in_work:
                    break
            else:
                return None
            # Behind all others, so that none is looked at twice before each was once.
            self._tasks[place] = self._tasks.pop(place)
            self._in_work.add(place.pod)
            return Due(place, task, task.generation)

    def look(self, due: Due) -> None:
        """Look at a container."""
        try:
            self._look(due)
        except Exception:  # noqa: BLE001 - the thread goes on
            _log.exception("containers could not be looked at")
        finally:
            with self._lock:
                self._in_work.discard(due.place.pod)

    def _look(self, due: Due) -> None:
        if processes := self._within(due.place):
            self._look_at(due, processes)
            return
        task, is_gone = due.task, self._is_gone(due.place, due.task.container)
        with self._lock:
            if is_gone:
                self._tasks.pop(due.place, None)
            elif task.generation == due.generation:
                # It may be between two of them: its pod's status says when it is gone.
                pause = _BETWEEN * 2 ** min(task.empty, _LONGEST_DOUBLING)
                task.due = self._clock() + min(pause, _AGAIN)
                task.empty += 1

    def _is_gone(self, place: Place, container: Container) -> bool:
        """Whether a container is not its pod's any more: another has its name, or the pod ended."""
        pod = self._pod(container.pod)
        if pod is None:
            return True
        if pod.container(place.container) is not None:
            return False
        return any(name == container.name for _, name in pod.containers)

    def _look_at(self, due: Due, processes: Sequence[Process]) -> None:
        task = due.task
        found = self._see(task.container, processes)
        if found is not None and found[1].observation.is_cut:
            self.cut += 1
            if task.tries < _TRIES:
                found = None  # what was read is remembered: the next try gets further
        with self._lock:
            is_first = task.seen is None
            if found is not None:
                task.seen = found[1]
                task.application = found[0] if found[0] in self._running else None
            seen = task.seen
            task.due = self._clock() + self._pause(task, is_first=is_first)
            if task.generation != due.generation:  # what was told meanwhile is in the next look
                task.renew(self._clock())
        if seen is not None:
            self._pass_on(seen)

    def _pause(self, task: Task, *, is_first: bool) -> float:
        if task.seen is not None:
            return _SOON if is_first else _AGAIN
        task.tries += 1
        return _BETWEEN if task.tries < _TRIES else _AGAIN

    def _see(self, container: Container, processes: Sequence[Process]) -> tuple[int, Seen] | None:
        """The application's process, and what it is; None where it is not known yet."""
        pod = self._pod(container.pod)
        try:
            found = application(processes)
            if pod is None or found is None:
                return None
            process, observation = found
            self.observed += 1
            told = seen(pod.document, container.name, self._told(process, observation))
        except Exception:  # noqa: BLE001 - whatever one process shows, the others are looked at
            _log.exception("%s/%s: not observed", container.namespace, container.pod_name)
            return None
        return (process.pid, told) if told is not None else None

    def _told(self, process: Process, observation: Observation) -> Observation:
        with self._lock:
            running = self._running.get(process.pid)
        probes = running.probes if running is not None else None
        return replace(observation, probes=probes) if probes else observation


def explained(seen: Seen, why: str | None) -> Seen:
    """What was seen, with `why` nothing at all is traced as the state of a Go program's probes."""
    known = seen.observation
    if why is None or known.language != GO.name or known.probes:
        return seen
    return replace(seen, observation=replace(known, probes={one.name: why for one in PROBES}))


def _probes(outcome: Outcome) -> Probes:
    """By name: "on", or why a probe is off; nothing where the program is not Go's."""
    if not outcome.is_go:
        return {}
    if outcome.binary is None:
        return {probe.name: outcome.why_not for probe in PROBES}
    return {probe.name: outcome.binary.off.get(probe.name, "on") for probe in PROBES}

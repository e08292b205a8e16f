"""The processes of this node's containers, from begin to end, and what is done with them.

    started ──▶ settles ──▶ in a container? ──▶ whose? ──▶ traced, observed or left alone
                                                  │ not known yet
                                                  └──▶ asked again when the pod is told of

A process that has just begun may at once become another program, as a shell does, or end: so a
moment is waited, in which nothing is spent on it. Where the file system of its program does not
answer it is left until that does; nobody waits for it.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nodeagent.cluster import proc as looking
from nodeagent.cluster.cgroup import Place
from nodeagent.cluster.directory import Container, Directory
from nodeagent.cluster.lives import Lives, Stuck
from nodeagent.cluster.retries import Retries
from nodeagent.tracing.follower import Wanted
from nodeagent.tracing.process import Life, Process

_log = logging.getLogger(__name__)

_SETTLE = 0.1
_AGAIN = 1.0


class Follows(Protocol):
    """What is asked of a follower."""

    def follow(self, wanted: Wanted) -> bool:
        """Trace a process; returns False where that has to be asked again later."""
        ...

    def leave(self, pid: int) -> None:
        """Trace it no longer."""
        ...


class Observes(Protocol):
    """What is asked of an observer."""

    def put(self, container: Container, place: Place, pid: int, life: Life) -> None:
        """Look at a container, unless that was done; asked with each of its processes."""
        ...

    def ended(self, pid: int) -> None:
        """A process ended."""
        ...


@dataclass(slots=True)
class _Known:
    process: Process
    life: Life
    place: Place
    container: Container | None = None
    followed: bool = False
    is_sandbox: bool = False


class Discovery:
    """For one thread, but `within` and `counts` for any.

    `ratio` is the part of new traces that is kept where nobody says otherwise.
    """

    def __init__(
        self,
        directory: Directory,
        follower: Follows,
        observer: Observes,
        ratio: float = 1.0,
        proc: Path = Path("/proc"),
    ) -> None:
        self._directory = directory
        self._follower = follower
        self._observer = observer
        self._ratio = ratio
        self._proc = proc
        self._lives = Lives()
        self._settling: dict[int, float] = {}
        self._known: dict[int, _Known] = {}
        self._of_pod: dict[str, set[int]] = {}
        self._refused: set[int] = set()
        self._stuck: set[int] = set()
        self._again = 0.0
        self.retries = Retries()
        """Processes that are asked for again: whoever hears what came of one tells this."""

    def counts(self) -> dict[str, int]:
        """How many processes are in containers, in pods that are not known yet, and stuck.

        What keeps a pod's name spaces is in a container that no pod's status ever tells of.
        """
        known = list(self._known.values())
        waiting = sum(one.container is None and not one.is_sandbox for one in known)
        return {
            "in_containers": len(known),
            "of_unknown_pods": waiting,
            "stuck": len(self._stuck),
        }

    def within(self, place: Place) -> list[Process]:
        """The processes of a container."""
        return [one.process for one in list(self._known.values()) if one.place == place]

    def started(self, pid: int) -> None:
        """A process began, or executed another program."""
        self._settling.setdefault(pid, time.monotonic() + _SETTLE)

    def ended(self, pid: int) -> None:
        """A process ended."""
        self._observer.ended(pid)
        self._settling.pop(pid, None)
        known = self._known.pop(pid, None)
        self._refused.discard(pid)
        self._stuck.discard(pid)
        self.retries.forget(pid)
        if known is None:
            return
        pids = self._of_pod[known.place.pod]
        pids.discard(pid)
        if not pids:
            del self._of_pod[known.place.pod]
        if known.followed:
            self._follower.leave(pid)

    def changed(self, pods: Iterable[str]) -> None:
        """Something of these pods is new: their processes are judged anew."""
        for uid in pods:
            for pid in tuple(self._of_pod.get(uid, ())):
                self._judge(self._known[pid])

    def step(self) -> None:
        """Do what is due."""
        now = time.monotonic()
        # Insertion order is that of time: the first that is not due ends it.
        while self._settling and (first := next(iter(self._settling.items())))[1] <= now:
            del self._settling[first[0]]
            self._take(first[0])
        if self._refused and now >= self._again:
            self._again = now + _AGAIN
            for pid in tuple(self._refused):
                self._refused.discard(pid)
                if not self._ask(self._known[pid]):
                    self._refused.add(pid)
        for pid, life in self.retries.due():
            known = self._known.get(pid)
            if known is None or known.life != life or not known.followed:
                self.retries.forget(pid)
            elif not self._ask(known):
                self.retries.postpone(pid)
        if self._stuck and self._lives.freed():
            for pid in tuple(self._stuck):
                self._take(pid)

    def close(self) -> None:
        """Ask about no process any more."""
        self._lives.close()

    def look(self, *, again: bool = True) -> None:
        """Look at all processes that there are: what nobody told of is found, and what ended.

        `again`: those that are known may run another program by now, or be others.
        """
        there = looking.processes(self._proc)
        for pid in (self._known.keys() | self._stuck) - there:
            self.ended(pid)
        known = () if again else self._known.keys()
        for pid in there - self._settling.keys() - self._stuck:
            if pid not in known:
                self._take(pid)

    def anew(self) -> None:
        """Ask anew for all that are to be traced, as when there was nobody to trace them."""
        for known in list(self._known.values()):
            self._judge(known, anew=True)

    def _take(self, pid: int) -> None:
        process = Process(pid, self._proc)
        known = self._known.get(pid)
        place = known.place if known is not None else looking.place(process)
        if place is None:
            return
        try:
            life = self._lives.of(process, place.pod)
        except Stuck:
            self._stuck.add(pid)
            return
        self._stuck.discard(pid)
        if known is None or life != known.life:
            self._begin(process, life)

    def _begin(self, process: Process, life: Life | None) -> None:
        """It is new, or another one by the same number."""
        pid = process.pid
        self.ended(pid)
        place = looking.place(process) if life is not None else None
        if place is None or life is None:
            return
        one = self._known[pid] = _Known(process, life, place)
        one.is_sandbox = looking.is_sandbox(process)
        self._of_pod.setdefault(place.pod, set()).add(pid)
        self._judge(one)

    def _ask(self, known: _Known) -> bool:
        """Judge it anew; returns False where that could not be, and has to be another time."""
        try:
            return self._judge(known, anew=True)
        except Exception:  # noqa: BLE001 - as a lack of descriptors; the others are asked for
            _log.exception("process %d is asked for another time", known.process.pid)
            return False

    def _judge(self, known: _Known, *, anew: bool = False) -> bool:
        """Returns False where too little is known of its container for now."""
        process, place = known.process, known.place
        found = self._directory.container(place, lambda: looking.container(process, place.pod))
        if found is None:
            return False  # what was known of a pod that is gone holds for its last moments
        if found == known.container and not anew:
            return True
        verdict = found.verdict
        if known.followed:
            self._follower.leave(process.pid)
        known.followed = verdict is not None and verdict.traced
        if verdict is not None:
            # Before it is followed: what comes of that is told of a process that is known.
            self._observer.put(found, place, process.pid, known.life)
        if verdict is not None and verdict.traced:
            ratio = self._ratio if verdict.ratio is None else verdict.ratio
            wanted = Wanted(process, known.life, found.pod, verdict.attributes, ratio)
            if not self._follow(wanted, place):
                self._refused.add(process.pid)
        known.container = found  # at last: who failed in between is judged again
        return True

    def _follow(self, wanted: Wanted, place: Place) -> bool:
        """Returns False where that has to be asked again: its file is to be opened for it."""
        try:
            if self._lives.of(wanted.process, place.pod) != wanted.life:
                return True  # it ended, or is another program: that will be told
        except Stuck:
            self._stuck.add(wanted.process.pid)
            return False
        return self._follower.follow(wanted)

"""Follows processes: finds them, traces them, makes their spans, until it is told to stop."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from nodeagent.spans.queue import Queue
from nodeagent.tracing.ends import Ends
from nodeagent.tracing.follower import Follower, Outcome, Wanted
from nodeagent.tracing.process import Process, running
from nodeagent.tracing.tracer import Tracer

_log = logging.getLogger(__name__)

_DRAIN = 0.02
"""Seconds between looks into the ring buffer: half a second of it fills at 50,000 spans/s."""
_LOOK = 0.5


@dataclass(frozen=True, slots=True)
class Targets:
    """Which processes: by number, and those that run a file, now or later."""

    pids: tuple[int, ...] = ()
    executables: tuple[Path, ...] = ()
    ratio: float = 1.0
    service: str = ""
    """The name of those that do not name themselves."""


class Agent:
    """Brings the processes that are to be traced to the tracer, and its events to the queue."""

    def __init__(
        self, tracer: Tracer, queue: Queue, targets: Targets, announce: Callable[[str], None]
    ) -> None:
        self._targets = targets
        self._announce = announce
        self._follower = Follower(tracer, queue, self._tell)
        self._seen: dict[int, Wanted] = {}
        self._ends = Ends()

    def run(self, stop: threading.Event) -> None:
        """Trace until told to stop, or until all processes given by number have ended."""
        look = time.monotonic()
        try:
            while not stop.is_set():
                for pid in self._ends.wait(_DRAIN):
                    self._leave(pid)  # at once: its file may be written to now
                if (now := time.monotonic()) >= look:
                    look = now + _LOOK
                    if not self._look():
                        return
                self._follower.drain()
        finally:
            self._ends.close()
            self._follower.close()
            self._follower.drain()

    def _look(self) -> bool:
        """Follow new processes, leave ended ones; returns whether any can come or is left."""
        for pid, wanted in list(self._seen.items()):
            if wanted.process.life() != wanted.life:
                self._leave(pid)
        for pid in self._wanted():
            if pid not in self._seen:
                self._follow(Process(pid))
        return bool(self._targets.executables or self._seen)

    def _wanted(self) -> Iterable[int]:
        yield from self._targets.pids
        for path in self._targets.executables:
            try:
                yield from running(path)
            except OSError as error:
                _log.debug("%s: %s", path, error.strerror)

    def _follow(self, process: Process) -> None:
        life = process.life()
        if life is None:
            return
        name = self._targets.service
        attributes = {"service.name": name} if name else {}
        owner = str(process.pid)  # each for itself: none waits for another's file
        wanted = Wanted(process, life, owner, attributes, self._targets.ratio)
        if self._follower.follow(wanted):
            self._seen[process.pid] = wanted
            self._ends.watch(process.pid)

    def _leave(self, pid: int) -> None:
        if self._seen.pop(pid, None) is not None:
            self._follower.leave(pid)

    def _tell(self, outcome: Outcome) -> None:
        pid, binary = outcome.wanted.process.pid, outcome.binary
        if binary is None:
            self._announce(f"process {pid} is not traced: {outcome.why_not}")
            return
        if binary.uprobes:
            self._announce(f"tracing process {pid}: {outcome.service}, Go {binary.version}")
        for probe, why in binary.off.items():
            self._announce(f"process {pid}: {probe} is off: {why}")

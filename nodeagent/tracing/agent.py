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
        self._pids = set(targets.pids)
        """Those given by number that have not ended: another process may have the number then."""
        self._seen: dict[int, Wanted] = {}
        self._refused: set[int] = set()
        self._traced = False
        self._ends = Ends()

    def run(self, stop: threading.Event) -> bool:
        """Trace until told to stop, or until nothing is left of the processes given by number.

        Returns False where none of these could be traced.
        """
        look = time.monotonic()
        self._wait_for_files()
        try:
            while not stop.is_set():
                for pid in self._ends.wait(_DRAIN):
                    self._end(pid)  # at once: its file may be written to now
                if (now := time.monotonic()) >= look:
                    look = now + _LOOK
                    if not self._look():
                        break
                self._follower.drain()
        finally:
            self._ends.close()
            self._follower.close()
            self._follower.drain()
        return self._traced or stop.is_set()

    def _wait_for_files(self) -> None:
        for path in self._targets.executables:
            if not _running(path):
                self._announce(f"waiting for processes of {path}")

    def _look(self) -> bool:
        """Follow new processes, leave ended ones; returns whether any can come or is left."""
        for pid, wanted in list(self._seen.items()):
            life = wanted.process.life()
            if life is None or life.began != wanted.life.began:
                self._end(pid)
            elif life != wanted.life:
                self._leave(pid)  # it is another program now
        for pid in self._wanted():
            if pid not in self._seen:
                self._follow(Process(pid))
        return bool(self._targets.executables or self._seen.keys() - self._refused)

    def _wanted(self) -> Iterable[int]:
        yield from sorted(self._pids)
        for path in self._targets.executables:
            yield from _running(path)

    def _follow(self, process: Process) -> None:
        life = process.life()
        if life is None:
            if process.pid in self._pids:
                self._announce(f"process {process.pid} is not traced: {process.absence()}")
                self._pids.discard(process.pid)
            return
        name = self._targets.service
        attributes = {"service.name": name} if name else {}
        owner = str(process.pid)  # each for itself: none waits for another's file
        wanted = Wanted(process, life, owner, attributes, self._targets.ratio)
        if self._follower.follow(wanted):
            self._seen[process.pid] = wanted
            self._ends.watch(process.pid)

    def _end(self, pid: int) -> None:
        self._pids.discard(pid)
        self._leave(pid)

    def _leave(self, pid: int) -> None:
        if self._seen.pop(pid, None) is not None:
            self._follower.leave(pid)
            self._refused.discard(pid)

    def _tell(self, outcome: Outcome) -> None:
        """Called by any thread."""
        pid, binary = outcome.wanted.process.pid, outcome.binary
        if binary is None or not binary.uprobes:
            why = outcome.why_not or "none of the libraries that are traced was found in it"
            self._announce(f"process {pid} is not traced: {why}")
            self._refused.add(pid)
        else:
            self._announce(f"tracing process {pid}: {outcome.service}, Go {binary.version}")
            self._traced = True
            self._refused.discard(pid)
        for probe, why in binary.off.items() if binary else ():
            self._announce(f"process {pid}: {probe} is off: {why}")


def _running(path: Path) -> list[int]:
    try:
        return running(path)
    except OSError as error:
        _log.debug("%s: %s", path, error.strerror)
        return []

"""Follows processes: finds them, traces them, makes their spans, until it is told to stop."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from opentelemetry.sdk.resources import Resource

from nodeagent.binary.program import BinaryError
from nodeagent.kernel.errors import KernelError
from nodeagent.spans.builders import BUILDERS
from nodeagent.spans.queue import Queue
from nodeagent.spans.resource import of_process
from nodeagent.spans.span import Where
from nodeagent.spans.times import monotonic_to_unix
from nodeagent.tracing.binaries import Full
from nodeagent.tracing.process import Life, Process, ProcessGone, running
from nodeagent.tracing.tracer import Tracer

_log = logging.getLogger(__name__)

_DRAIN = 0.02
"""Seconds between looks into the ring buffer: half a second of it fills at 50,000 spans/s."""
_LOOK = 0.5
_CLOCK = 5.0


@dataclass(frozen=True, slots=True)
class Targets:
    """Which processes: by number, and those that run a file, now or later."""

    pids: tuple[int, ...] = ()
    executables: tuple[Path, ...] = ()
    ratio: float = 1.0
    service: str = ""
    """The name of those that do not name themselves."""


@dataclass(frozen=True, slots=True)
class _Followed:
    """A process that is traced, or that cannot be: looked at once, until it ends."""

    process: Process
    life: Life
    resource: Resource | None


class Agent:
    """Brings the processes that are to be traced to the tracer, and its events to the queue."""

    def __init__(
        self, tracer: Tracer, queue: Queue, targets: Targets, announce: Callable[[str], None]
    ) -> None:
        self._tracer = tracer
        self._queue = queue
        self._targets = targets
        self._announce = announce
        self._followed: dict[int, _Followed] = {}
        self._offset = monotonic_to_unix()

    def run(self, stop: threading.Event) -> None:
        """Trace until told to stop, or until all processes given by number have ended."""
        look = clock = time.monotonic()
        while not stop.wait(_DRAIN):
            now = time.monotonic()
            if now >= clock:
                self._offset, clock = monotonic_to_unix(), now + _CLOCK
            if now >= look:
                look = now + _LOOK
                if not self._look():
                    return
            self.drain()
        self.drain()

    def _look(self) -> bool:
        """Follow new processes, leave ended ones; returns whether any can come or is left."""
        ended = [pid for pid, one in self._followed.items() if one.process.life() != one.life]
        self.drain()  # their last spans need what is known of them
        for pid in ended:
            self._tracer.forget(pid)
            del self._followed[pid]
        for pid in self._wanted():
            if pid not in self._followed:
                self._follow(Process(pid))
        return bool(self._targets.executables or self._followed)

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
        try:
            resource = self._trace(process)
        except ProcessGone:
            return
        except (BinaryError, KernelError, Full) as error:
            self._announce(f"process {process.pid} is not traced: {error}")
            resource = None
        self._followed[process.pid] = _Followed(process, life, resource)

    def _trace(self, process: Process) -> Resource:
        binary = self._tracer.trace(process, self._targets.ratio)
        name = process.name()
        environ, name_given = process.environ(), self._targets.service
        resource = of_process(process.pid, name, binary.version, environ, name_given)
        service = str(resource.attributes["service.name"])
        if binary.uprobes:
            self._announce(f"tracing process {process.pid}: {service}, Go {binary.version}")
        for probe, why in binary.off.items():
            self._announce(f"process {process.pid}: {probe} is off: {why}")
        return resource

    def drain(self) -> None:
        """Make spans of what has happened."""
        for event in self._tracer.events():
            followed = self._followed.get(event.value.head.process)
            if followed and followed.resource:
                where = Where(followed.resource, self._offset)
                self._queue.put(BUILDERS[event.probe.name](event.value, where))

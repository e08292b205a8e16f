"""Traces the processes that it is given, and makes their spans.

    follow ──▶ its binary is probed: at once
         └───▶ else in a queue, for the threads that read and attach ──▶ followed, until leave

Spans are made by whoever calls `drain`, which no reading of a binary keeps waiting.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from opentelemetry.sdk.resources import Resource

from nodeagent.binary.errors import BinaryError, NotGo
from nodeagent.kernel.errors import KernelError
from nodeagent.spans import sampling
from nodeagent.spans.builders import BUILDERS
from nodeagent.spans.queue import Queue
from nodeagent.spans.resource import of_process
from nodeagent.spans.span import Where
from nodeagent.spans.telemetry import is_telemetry
from nodeagent.spans.times import monotonic_to_unix
from nodeagent.tracing.binaries import Binary, Full
from nodeagent.tracing.process import Life, Process, ProcessGone
from nodeagent.tracing.tally import Tally
from nodeagent.tracing.tracer import Tracer
from nodeagent.tracing.turns import Turns
from nodeagent.tracing.workers import Workers

_log = logging.getLogger(__name__)

_CLOCK = 5.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A process that is to be traced: `attributes` are those of the resource, from outside of it.

    `owner` is whose turn it takes to be attached to; `ratio` the part of new traces that is kept,
    where the process does not say it.
    """

    process: Process
    life: Life
    owner: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    ratio: float = 1.0


class _Refused(Exception):  # noqa: N818 - no error: the process says that it is not to be traced
    """Says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a process that was to be traced: why it is not, or which probes are off.

    `is_go` is False for a program of another language: then there is nothing to be said.
    `may_pass`: what the kernel refused, as for a lack of memory or of room, it may allow later.
    """

    wanted: Wanted
    why_not: str = ""
    is_go: bool = True
    service: str = ""
    binary: Binary | None = None
    may_pass: bool = False


class Follower:
    """Traces processes with a tracer, and puts their spans into a queue. Close it first of all.

    One process of an owner is attached to at a time: a file that cannot be read keeps its pod
    waiting, and others once there are as many such pods as threads.

    `told` is called, by any thread, with what came of each process.
    """

    def __init__(
        self,
        tracer: Tracer,
        queue: Queue,
        told: Callable[[Outcome], None] = lambda _: None,
        turns: Turns[Wanted] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tally = Tally()
        self._tracer = tracer
        self._queue = queue
        self._told = told
        self._turns = turns or Turns[Wanted]()
        self._wanted: dict[int, Wanted] = {}
        self._resources: dict[int, Resource] = {}
        self._left: list[tuple[int, Resource]] = []
        self._lock = threading.Lock()
        self._offset, self._clock = monotonic_to_unix(), time.monotonic() + _CLOCK
        self._workers = Workers("attach", self._turns, self._attach, clock=clock)

    @property
    def processes(self) -> int:
        """How many processes are traced."""
        return len(self._resources)

    @property
    def waiting(self) -> int:
        """How many processes wait to be attached to."""
        return len(self._turns)

    @property
    def stuck(self) -> int:
        """How many threads are kept waiting by a process's file, for more than half a minute."""
        return self._workers.stuck

    def follow(self, wanted: Wanted) -> bool:
        """Trace a process, soon; returns False where too many wait already: ask again later."""
        pid = wanted.process.pid
        self.leave(pid)
        with self._lock:
            self._wanted[pid] = wanted
        if self._attach(wanted, known=True):
            return True
        if self._turns.put(wanted.owner, wanted):
            return True
        self.tally.refused += 1
        self.leave(pid)
        return False

    def leave(self, pid: int) -> None:
        """Trace a process no longer; what it did until now is still told."""
        with self._lock:
            wanted = self._wanted.pop(pid, None)
            self._part(pid)
        if wanted is not None:
            self._tracer.forget(pid)

    def drain(self) -> None:
        """Make spans of what has happened; see to the threads. To be called all the time."""
        self._workers.look()
        if (now := time.monotonic()) >= self._clock:
            self._offset, self._clock = monotonic_to_unix(), now + _CLOCK
        with self._lock:
            left, self._left = self._left, []
        for event in self._tracer.events():
            if is_telemetry(event.probe.name, event.value):
                continue
            resource = self._resources.get(event.value.head.process)
            if resource is None:
                self.tally.unowned += 1
            else:
                where = Where(resource, self._offset)
                self._queue.put(BUILDERS[event.probe.name](event.value, where))
        with self._lock:
            for pid, resource in left:
                if self._resources.get(pid) is resource:
                    del self._resources[pid]

    def close(self) -> None:
        """Attach to nothing any more; what is traced stays so until the tracer is closed."""
        self._workers.close()

    def _attach(self, wanted: Wanted, *, known: bool = False) -> bool:
        """Returns whether it is done, one way or the other. Never raises: its thread goes on."""
        if not self._is_wanted(wanted):
            return True
        try:
            outcome = self._trace(wanted, known=known)
        except ProcessGone:
            return True
        except NotGo as error:
            outcome = Outcome(wanted, why_not=str(error), is_go=False)
        except (BinaryError, KernelError, Full) as error:
            self.tally.failed(error)
            may_pass = isinstance(error, (KernelError, Full))
            outcome = Outcome(wanted, why_not=str(error), may_pass=may_pass)
        except Exception as error:  # noqa: BLE001 - logged; the thread has others to attach to
            _log.exception("process %d is not traced", wanted.process.pid)
            self.tally.failed(error)
            outcome = Outcome(wanted, why_not=repr(error))
        if outcome is None:
            return False
        if self._is_wanted(wanted) and wanted.process.life() == wanted.life:
            self._told(outcome)
        else:  # it ended meanwhile, or somebody told us to leave it
            self._leave_if(wanted)
        return True

    def _trace(self, wanted: Wanted, *, known: bool) -> Outcome | None:
        """None where the binary is not probed yet, and only `known` ones are asked for."""
        process, environ = wanted.process, dict[str, str]()

        def ratio() -> float:
            environ.update(process.environ())
            if refusal := sampling.refusal(environ):
                raise _Refused(refusal)
            return sampling.ratio(environ, wanted.ratio)

        name, started = process.name(), time.monotonic()
        trace = self._tracer.trace_known if known else self._tracer.trace
        try:
            binary = trace(process, ratio)
        except _Refused as refused:
            return Outcome(wanted, why_not=str(refused))
        if binary is None:
            return None
        resource = of_process(process.pid, name, binary.version, environ, wanted.attributes)
        if binary.uprobes:
            self.tally.attached(time.monotonic() - started, known=known)
            self._keep(wanted, resource)
        return Outcome(wanted, service=str(resource.attributes["service.name"]), binary=binary)

    def _keep(self, wanted: Wanted, resource: Resource) -> None:
        pid = wanted.process.pid
        with self._lock:
            if self._wanted.get(pid) is wanted:
                self._resources[pid] = resource
                return
            other = self._wanted.get(pid)
        self._tracer.forget(pid)
        if other is not None:  # it became another program meanwhile, and may be traced already
            self._turns.put(other.owner, other)

    def _is_wanted(self, wanted: Wanted) -> bool:
        return self._wanted.get(wanted.process.pid) is wanted

    def _leave_if(self, wanted: Wanted) -> None:
        pid = wanted.process.pid
        with self._lock:
            if self._wanted.get(pid) is not wanted:
                return  # another program runs under its number, which somebody follows
            del self._wanted[pid]
            self._part(pid)
        self._tracer.forget(pid)

    def _part(self, pid: int) -> None:
        """Have no more spans of it than those until now. For who has the lock."""
        if (resource := self._resources.get(pid)) is not None:
            self._left.append((pid, resource))

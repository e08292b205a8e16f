"""`spanhook node-agent --standalone`: traces what it is told to, without a cluster."""

import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from nodeagent.binary.errors import BinaryError
from nodeagent.binary.program import read
from nodeagent.kernel.checks import PID_NAMESPACE, STATUS, Check, may_attach, processes
from nodeagent.kernel.errors import CompilerError
from nodeagent.propagation.paths import DEFAULT
from nodeagent.spans.exporter import Exporter
from nodeagent.spans.queue import Queue
from nodeagent.tracing.agent import Agent, Targets
from nodeagent.tracing.opening import Opening


@dataclass(frozen=True, slots=True)
class Options:
    """What is traced, and the OTLP receiver's address: `http://localhost:4318`.

    `propagation` says how traces are passed on, see nodeagent.propagation.paths.
    """

    targets: Targets
    endpoint: str
    propagation: str = DEFAULT


class Untraceable(Exception):  # noqa: N818 - what was asked for is wrong, not we
    """None of what was to be traced can be; says which file and why, or was announced."""


def run(options: Options, announce: Callable[[str], None]) -> None:
    """Trace until SIGTERM or Ctrl-C, or until the processes given by number have ended.

    Raises CompilerError where tracing cannot begin, Untraceable where a file is no program of Go's
    or no process can be traced.
    """
    _refuse_others(options.targets.executables)
    _require(processes(PID_NAMESPACE.stat().st_ino))  # or they have other numbers for the kernel
    _require(may_attach(STATUS.read_text()))  # or a compiler would be blamed for it
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    opening = Opening(options.propagation)
    tracer = opening()
    opening.paths.log()
    queue = Queue(Exporter(f"{options.endpoint.rstrip('/')}/v1/traces"))
    try:
        traced = Agent(tracer, queue, options.targets, announce).run(stop)
        counters = tracer.counters()
    finally:
        queue.close()
        tracer.close()
    if not traced:
        raise Untraceable("no process is left that could be traced")
    announce(_summary(queue, counters))


def _refuse_others(executables: Iterable[Path]) -> None:
    for path in executables:
        try:
            read(path)
        except BinaryError as error:
            raise Untraceable(f"{path}: {error}") from error


def _require(check: Check) -> None:
    if not check.passed:
        raise CompilerError(check.says)


def _summary(queue: Queue, counters: dict[str, int]) -> str:
    tally = queue.tally
    told = {"sent": tally.sent, "dropped": tally.dropped, "failed": tally.failed, **counters}
    return "spans: " + ", ".join(f"{name} {count}" for name, count in told.items())

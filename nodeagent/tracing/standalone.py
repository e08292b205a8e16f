"""`spanhook node-agent --standalone`: traces what it is told to, without a cluster."""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

from nodeagent.kernel.checks import PID_NAMESPACE, processes
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


def run(options: Options, announce: Callable[[str], None]) -> None:
    """Trace until SIGTERM or Ctrl-C. Raises CompilerError where tracing cannot begin."""
    own = processes(PID_NAMESPACE.stat().st_ino)
    if not own.passed:  # the kernel's programs would know our processes by other numbers
        raise CompilerError(own.says)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    opening = Opening(options.propagation)
    tracer = opening()
    opening.paths.log()
    queue = Queue(Exporter(f"{options.endpoint.rstrip('/')}/v1/traces"))
    try:
        Agent(tracer, queue, options.targets, announce).run(stop)
        counters = tracer.counters()
    finally:
        queue.close()
        tracer.close()
    announce(_summary(queue, counters))


def _summary(queue: Queue, counters: dict[str, int]) -> str:
    tally = queue.tally
    told = {"sent": tally.sent, "dropped": tally.dropped, "failed": tally.failed, **counters}
    return "spans: " + ", ".join(f"{name} {count}" for name, count in told.items())

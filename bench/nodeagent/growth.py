"""What the agent holds, and how soon it attaches: many binaries, processes that come and go."""

import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench.nodeagent.agent import Agent, pids, tracing
from bench.nodeagent.figures import Attaching, Growth
from bench.nodeagent.programs import Running, running, told
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer

BINARIES = 10
_REQUESTS = 1000
_BATCH = 50


def grown(program: Path, directory: Path, processes: int) -> Growth:
    """Memory with ten binaries that are asked for something, and after processes of one of them."""
    copies = _copies(program, directory)
    with ExitStack() as stack:
        sink = stack.enter_context(running(program, "collect"))
        servers = [stack.enter_context(running(copy, "serve")) for copy in copies]
        targets = [*pids(servers), "--exe", str(copies[0])]
        agent = stack.enter_context(tracing(targets, sink, processes=len(servers)))
        for server in servers:
            options = {"address": server.addresses[0], "requests": _REQUESTS}
            told(program, "load", options, seconds=60)
        with_binaries = agent.process.resident_bytes
        _come_and_go(copies[0], agent, _BATCH)
        before = agent.process.resident_bytes
        for _ in range(processes // _BATCH):
            _come_and_go(copies[0], agent, _BATCH)
        after = agent.process.resident_bytes
    return Growth(BINARIES, with_binaries, processes, before, after)


def _come_and_go(program: Path, agent: Agent, count: int) -> None:
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(running(program, "serve"))
        agent.wait(count)


def attached(program: Path, directory: Path) -> Attaching:
    """Seconds for binaries that are new, read and probed, and for other processes of the same."""
    tracer = Tracer()
    unknown, known = [], []
    try:
        for copy in _copies(program, directory):
            with running(copy, "serve") as first, running(copy, "serve") as second:
                unknown.append(_seconds(tracer, first))
                known.append(_seconds(tracer, second))
    finally:
        tracer.close()
    return Attaching(median(unknown), median(known))


def _seconds(tracer: Tracer, server: Running) -> float:
    started = time.perf_counter()
    tracer.trace(Process(server.process.pid))
    return time.perf_counter() - started


def _copies(program: Path, directory: Path) -> list[Path]:
    """Files of their own, each a binary for the agent."""
    copies = [directory / f"copy-{number}" for number in range(BINARIES)]
    for copy in copies:
        shutil.copyfile(program, copy)
        with copy.open("ab") as file:  # or what was read of the first would do for all
            file.write(copy.name.encode())
        copy.chmod(0o755)
    return copies

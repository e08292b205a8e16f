import os
import shutil
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from subprocess import PIPE

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from nodeagent.spans.queue import Queue
from nodeagent.tracing.agent import Agent, Targets
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary.conftest import shown
from tests.nodeagent.tracing.servers import CASES, built, running
from tests.waiting import until


class _Exporter(SpanExporter):
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.spans.extend(spans)
        return SpanExportResult.SUCCESS


class _Running:
    """An agent on a thread of its own."""

    def __init__(self, tracer: Tracer, targets: Targets) -> None:
        self.said: list[str] = []
        self.exporter = _Exporter()
        self.stop = threading.Event()
        self._queue = Queue(self.exporter)
        agent = Agent(tracer, self._queue, targets, self.said.append)
        self.traced: bool | None = None
        self.thread = threading.Thread(target=self._run, args=(agent,))
        self.thread.start()

    def _run(self, agent: Agent) -> None:
        self.traced = agent.run(self.stop)

    def traces(self, pid: int) -> bool:
        """Whether it said that it traces the process."""
        return any(line.startswith(f"tracing process {pid}: ") for line in self.said)

    def finish(self) -> list[str]:
        """Stop it; the names of the spans that it made."""
        self.stop.set()
        self.thread.join()
        self._queue.close()
        return [span.name for span in self.exporter.spans]


def test_processes_of_a_file_are_traced_as_they_come(tracer: Tracer, program: Path) -> None:
    """One that runs already, and one that starts later and ends before the agent does."""
    agent = _Running(tracer, Targets(executables=(program,)))
    try:
        with running(program) as first:
            until(lambda: agent.traces(first.pid), "the first process")
            with running(program) as second:
                until(lambda: agent.traces(second.pid), "the second process")
                second.get("/items/2")
            first.get("/items/1")
    finally:
        names = agent.finish()

    assert names == ["GET /items/", "GET /items/"]
    pids = [span.resource.attributes["process.pid"] for span in agent.exporter.spans]
    assert pids == [second.pid, first.pid]


def test_it_ends_with_the_processes_that_it_was_given(tracer: Tracer, program: Path) -> None:
    """Nothing is left to trace when they have ended; their spans are not lost."""
    with running(program) as server:
        agent = _Running(tracer, Targets(pids=(server.pid,)))
        until(lambda: agent.traces(server.pid), "the process")
        server.get("/items/1")
    agent.thread.join(30)

    assert not agent.thread.is_alive()
    assert agent.finish() == ["GET /items/"]


def test_what_cannot_be_traced_is_said_once(tracer: Tracer) -> None:
    """A program that is not Go's; the agent waits on for what else it was given."""
    agent = _Running(tracer, Targets(executables=(Path("/proc/self/exe"),)))
    until(lambda: agent.said, "a word about ourselves")
    agent.finish()

    assert agent.traced, "it was told to stop"
    assert len(agent.said) == len(set(agent.said))
    assert all("is not traced: " in line for line in agent.said)


def test_nothing_that_can_be_traced(tracer: Tracer) -> None:
    """It ends where no process that it was given is a program of Go's, and says so."""
    said: list[str] = []
    queue = Queue(_Exporter())
    targets = Targets(pids=(os.getpid(), 4194305))

    traced = Agent(tracer, queue, targets, said.append).run(threading.Event())
    queue.close()

    assert not traced
    assert {line.rpartition(": ")[0] for line in said} == {
        "process 4194305 is not traced",
        f"process {os.getpid()} is not traced: not a Go program, or built before Go 1.19",
    }


def test_one_that_can_be_traced_is_enough(tracer: Tracer, program: Path) -> None:
    """What else it was given does not end it, nor count in the end."""
    with running(program) as server:
        agent = _Running(tracer, Targets(pids=(os.getpid(), server.pid)))
        until(lambda: agent.traces(server.pid), "the process")
        server.get("/items/1")
    agent.thread.join(30)

    assert agent.traced
    assert agent.finish() == ["GET /items/"]


def test_a_shell_becomes_the_program_that_it_executes(tracer: Tracer, program: Path) -> None:
    """Under its number another file is run: it is looked at anew."""
    command = ["/bin/sh", "-c", 'read wait; exec "$0"', str(program)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as shell:
        targets = Targets(pids=(shell.pid,), executables=(Path("/nonexistent"),))
        agent = _Running(tracer, targets)
        try:
            until(lambda: len(agent.said) > 1, "a word about the shell")
            assert agent.said[0] == "waiting for processes of /nonexistent"
            assert "is not traced: " in agent.said[1]
            assert shell.stdin is not None
            shell.stdin.write("go\n")
            shell.stdin.flush()
            until(lambda: agent.traces(shell.pid), "the program")
        finally:
            shell.kill()
    agent.finish()


def test_a_program_that_is_overwritten_in_place(
    tracer: Tracer, program: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Nothing of the old one's probes is in the new one, which is started at once and traced."""
    with shown(request) as say:
        programs = [program, built(CASES[1], say)] * 2
    path = tmp_path / "server"
    shutil.copy(program, path)
    agent = _Running(tracer, Targets(executables=(path,)))
    try:
        for new in programs:
            shutil.copy(new, path)
            with running(path) as server:
                server.get("/items/1")
                until(lambda pid=server.pid: agent.traces(pid), "the process")  # type: ignore[misc]
                server.get("/items/2")
    finally:
        names = agent.finish()

    assert len(names) >= len(programs)


@pytest.mark.parametrize("ratio", [0.0, 1.0])
def test_the_ratio_is_passed_on(tracer: Tracer, program: Path, ratio: float) -> None:
    """None or all of the traces that begin here."""
    with running(program) as server:
        agent = _Running(tracer, Targets(pids=(server.pid,), ratio=ratio))
        until(lambda: agent.traces(server.pid), "the process")
        for _ in range(5):
            server.get("/silent")
        names = agent.finish()
        tracer.forget(server.pid)

    assert len(names) == 5 * ratio

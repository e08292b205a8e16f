import subprocess
import sys
from collections.abc import Iterator

import pytest

from nodeagent.cluster.executions import Execution, Executions
from nodeagent.kernel.errors import KernelError
from nodeagent.kernel.tracepoints import attach
from tests.nodeagent.machine import require_tracing
from tests.waiting import until


@pytest.fixture(name="executions")
def fixture_executions() -> Iterator[Executions]:
    """Executions of the whole machine."""
    require_tracing()
    executions = Executions()
    yield executions
    executions.close()


def _told(executions: Executions, last: Execution) -> list[Execution]:
    """Everything up to `last`, of its process."""
    found: list[Execution] = []

    def is_told() -> bool:
        found.extend(one for one in executions.read() if one.pid == last.pid)
        return last in found

    until(is_told, f"{last}")
    return found


def test_a_process_begins_and_ends(executions: Executions) -> None:
    """It is told when it executes its program and when it has ended."""
    child = subprocess.Popen(["/bin/true"])
    child.wait()

    told = _told(executions, Execution(child.pid, ended=True))

    assert told == [Execution(child.pid, ended=False), Execution(child.pid, ended=True)]


def test_threads_that_end_are_not_told(executions: Executions) -> None:
    """A process ends once, whatever threads it had."""
    script = "import threading; [threading.Thread(target=int).start() for _ in range(5)]"
    child = subprocess.Popen([sys.executable, "-c", script])
    child.wait()

    told = _told(executions, Execution(child.pid, ended=True))

    assert told.count(Execution(child.pid, ended=True)) == 1


def test_what_is_not_told_is_counted() -> None:
    """A full buffer costs records, and it is known that it did."""
    require_tracing()
    executions = Executions(size=4096)
    try:
        assert executions.untold() == 0
        loop = "for number in $(seq 150); do /bin/true; done"
        subprocess.run(["/bin/sh", "-c", loop], check=True)

        assert executions.untold() > 0
        assert list(executions.read())
    finally:
        executions.close()


def test_an_unknown_tracepoint_is_refused(executions: Executions) -> None:
    """The error names it."""
    program = executions._loaded.programs["on_exec"]

    with pytest.raises(KernelError, match="tracepoint no_such_thing: "):
        attach(program, "no_such_thing")

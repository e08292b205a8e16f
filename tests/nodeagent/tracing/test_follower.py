import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from nodeagent.binary.errors import BinaryError, Reason
from nodeagent.spans.queue import Queue
from nodeagent.tracing.binaries import Binary
from nodeagent.tracing.follower import Follower, Outcome, Wanted
from nodeagent.tracing.process import Life, Process
from nodeagent.tracing.tracer import Tracer
from nodeagent.tracing.turns import Turns
from tests.nodeagent.tracing.exporting import Kept
from tests.nodeagent.tracing.servers import running
from tests.waiting import until


class _Stage:
    """A follower, and what came of what it was asked for."""

    def __init__(self, tracer: Tracer, turns: Turns[Wanted] | None = None) -> None:
        self.told: list[Outcome] = []
        self.exporter = Kept()
        self.queue = Queue(self.exporter)
        self.follower = Follower(tracer, self.queue, self.told.append, turns)

    def outcome(self, pid: int) -> Outcome:
        """What came of a process, waited for."""
        return until(
            lambda: next((one for one in list(self.told) if one.wanted.process.pid == pid), None),
            f"what came of process {pid}",
            60,
        )

    def names(self) -> list[str]:
        """Of all spans, when everything was sent."""
        self.follower.close()
        self.follower.drain()
        self.queue.close()
        return [span.name for span in self.exporter.spans]


@pytest.fixture(name="stage")
def fixture_stage(tracer: Tracer) -> Iterator[_Stage]:
    """A follower that follows nothing yet."""
    stage = _Stage(tracer)
    yield stage
    stage.follower.close()
    stage.queue.close()


def _wanted(pid: int, **more: Any) -> Wanted:
    process = Process(pid)
    life = process.life()
    assert life is not None
    return Wanted(process, life, **more)


def test_the_last_spans_of_a_process_are_told(stage: _Stage, program: Path) -> None:
    """It ended, and is left before they were read."""
    with running(program) as server:
        stage.follower.follow(_wanted(server.pid, attributes={"team": "a"}))
        assert stage.outcome(server.pid).why_not == ""
        server.get("/items/1")
    stage.follower.leave(server.pid)

    assert stage.names() == ["GET /items/"]
    assert stage.exporter.spans[0].resource.attributes["team"] == "a"
    assert stage.follower.processes == 0
    assert stage.follower.tally.unowned == 0


def test_no_process_is_served_before_another_that_waits(tracer: Tracer) -> None:
    """Ten thousand are asked for at once by one owner: most are refused, another's is served."""
    begun, go_on = threading.Event(), threading.Event()
    served: list[str] = []

    class _Slow:
        def trace_known(self, *_: object) -> None:
            return None

        def trace(self, process: Process, _: float) -> None:
            begun.set()
            go_on.wait(30)
            raise BinaryError(Reason.NO_FUNCTIONS, str(process.pid))

        def forget(self, _: int) -> None:
            pass

    stage = _Stage(tracer)
    stage.follower.close()
    slow: Any = _Slow()
    stage.follower = Follower(
        slow, stage.queue, lambda outcome: served.append(outcome.wanted.owner)
    )
    with ExitStack() as stack:
        children = [stack.enter_context(subprocess.Popen(["/bin/sleep", "600"])) for _ in range(2)]
        for child in children:
            stack.callback(child.kill)
        first, other = (_wanted(child.pid, owner="a") for child in children)
        stage.follower.follow(first)
        begun.wait(30)
        accepted = sum(
            stage.follower.follow(Wanted(Process(10_000_000 + number), Life(0, 0, 0), "a"))
            for number in range(10_000)
        )
        stage.follower.follow(Wanted(other.process, other.life, "b"))
        waiting = stage.follower.waiting
        go_on.set()
        until(lambda: "b" in served, "the other's process")
        stage.follower.close()
        stage.queue.close()

    assert accepted + stage.follower.tally.refused == 10_000
    assert waiting <= 257


def test_a_process_that_dies_while_it_is_attached_to(stage: _Stage, program: Path) -> None:
    """Nothing is left of it, and nothing is said."""
    with running(program) as server:
        wanted = _wanted(server.pid)
    stage.follower.follow(wanted)
    with running(program) as other:
        stage.follower.follow(_wanted(other.pid))
        stage.outcome(other.pid)

        assert [one.wanted.process.pid for one in stage.told] == [other.pid]
        assert stage.follower.processes == 1
        stage.follower.leave(other.pid)


def test_who_is_left_while_it_waits_is_not_traced(stage: _Stage, program: Path) -> None:
    """Somebody opted out, or another program runs under its number now."""
    with running(program) as server:
        wanted = _wanted(server.pid)
        stage.follower.follow(wanted)
        stage.follower.leave(server.pid)
        stage.follower.close()
        server.get("/items/1")

        assert stage.names() == []
        assert stage.follower.processes == 0


def test_many_that_come_and_go_leave_nothing(stage: _Stage, tracer: Tracer, program: Path) -> None:
    """Processes of one binary, some at a time."""
    with running(program) as stays:
        stage.follower.follow(_wanted(stays.pid))
        stage.outcome(stays.pid)
        for _ in range(10):
            with ExitStack() as stack:
                servers = [stack.enter_context(running(program)) for _ in range(5)]
                for server in servers:
                    stage.follower.follow(_wanted(server.pid))
                    stage.outcome(server.pid)
                    server.get("/items/1")
            for server in servers:
                stage.follower.leave(server.pid)
            stage.follower.drain()

        assert stage.follower.processes == 1
        assert set(tracer._traced) == {stays.pid}
        assert tracer.binaries == 1
        stage.follower.leave(stays.pid)
        assert stage.names() == ["GET /items/"] * 50


def test_a_process_that_becomes_another_program_while_it_is_attached_to(
    stage: _Stage, tracer: Tracer, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it runs now is traced; what came of the program before does not undo that."""
    attached, go_on = threading.Event(), threading.Event()
    trace = tracer.trace

    def slow(process: Process, ratio: float) -> Binary:
        binary = trace(process, ratio)
        if not attached.is_set():
            attached.set()
            go_on.wait(30)
        return binary

    monkeypatch.setattr(tracer, "trace", slow)
    until(lambda: not tracer.binaries, "the probes of the test before to go")
    with running(program) as server:
        stage.follower.follow(_wanted(server.pid, attributes={"program": "old"}))
        attached.wait(30)
        stage.follower.follow(_wanted(server.pid, attributes={"program": "new"}))
        stage.outcome(server.pid)
        go_on.set()
        until(lambda: len(stage.told) == 2, "the second attachment")
        server.get("/items/1")

        assert stage.names() == ["GET /items/"]
        assert stage.exporter.spans[0].resource.attributes["program"] == "new"
        stage.follower.leave(server.pid)


def test_a_binary_that_is_replaced(stage: _Stage, program: Path, tmp_path: Path) -> None:
    """The running process is traced, and so is the one that runs the new file."""
    path = tmp_path / "server"
    shutil.copy(program, path)
    with running(path) as old:
        stage.follower.follow(_wanted(old.pid))
        stage.outcome(old.pid)
        path.unlink()
        shutil.copy(program, path)
        with running(path) as new:
            stage.follower.follow(_wanted(new.pid))
            stage.outcome(new.pid)
            old.get("/items/1")
            new.get("/items/2")
            names = stage.names()
        stage.follower.leave(new.pid)
    stage.follower.leave(old.pid)

    assert names == ["GET /items/"] * 2


def test_the_environment_of_other_programs_is_not_read(
    stage: _Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be as large as its process likes, and nothing of it is needed."""
    read: list[int] = []

    def environ(process: Process) -> Mapping[str, str]:
        read.append(process.pid)
        return {}

    monkeypatch.setattr(Process, "environ", environ)
    with subprocess.Popen(["/bin/sleep", "600"]) as child:
        stage.follower.follow(_wanted(child.pid))
        outcome = stage.outcome(child.pid)
        child.kill()
    stage.follower.leave(child.pid)

    assert not outcome.is_go
    assert read == []


def test_a_process_that_says_no_is_not_traced(
    stage: _Stage, tracer: Tracer, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its environment; nothing of it is left in the kernel."""
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    with running(program) as server:
        stage.follower.follow(_wanted(server.pid))
        outcome = stage.outcome(server.pid)
        stage.follower.leave(server.pid)

    assert "OTEL_SDK_DISABLED" in outcome.why_not
    assert tracer.binaries == 0


def test_what_came_of_the_program_before_leaves_the_new_one_alone(
    stage: _Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread has the lock first, and follows the process anew."""
    process = Process(os.getpid())
    old, new = Wanted(process, Life(1, 1, 1)), Wanted(process, Life(2, 2, 2))
    follower = stage.follower
    follower._wanted[process.pid] = old
    lock = MagicMock()
    lock.__enter__.side_effect = lambda *_: follower._wanted.update({process.pid: new})
    with monkeypatch.context() as patched:
        patched.setattr(follower, "_lock", lock)
        follower._leave_if(old)

    assert follower._wanted.pop(process.pid) is new

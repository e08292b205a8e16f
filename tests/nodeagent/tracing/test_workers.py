import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import pytest

from nodeagent.binary.errors import BinaryError, Reason
from nodeagent.tracing.follower import Follower, Wanted
from nodeagent.tracing.process import Process
from tests.nodeagent.cluster.objects import process
from tests.waiting import until


@dataclass
class _Tracer:
    """Reads every program at once, but for those of processes on a server that is gone."""

    gone: set[int] = field(default_factory=set)
    reading: set[int] = field(default_factory=set)
    back: threading.Event = field(default_factory=threading.Event)

    def trace_known(self, *_: object) -> None:
        """It knows none."""

    def trace(self, one: Process, _: object) -> None:
        self.reading.add(one.pid)
        if one.pid in self.gone:
            self.back.wait()
        raise BinaryError(Reason.NO_FUNCTIONS, str(one.pid))

    def forget(self, pid: int) -> None:
        """It has none."""

    def events(self) -> tuple[Any, ...]:
        """Nothing happens."""
        return ()


class _Stage:
    """A follower whose time stands still until it is told to pass."""

    def __init__(self, proc: Path) -> None:
        self.now = 0.0
        self.proc = proc
        self.tracer = _Tracer()
        self.served: list[int] = []
        self.follower = Follower(
            cast("Any", self.tracer),
            Mock(),
            lambda outcome: self.served.append(outcome.wanted.process.pid),
            clock=lambda: self.now,
        )

    def follow(self, owner: str, pid: int, *, gone: bool = False) -> None:
        """A process begins."""
        if gone:
            self.tracer.gone.add(pid)
        process(self.proc, pid, Path("/bin/true"))
        one = Process(pid, self.proc)
        life = one.life()
        assert life is not None
        self.follower.follow(Wanted(one, life, owner))

    def reads(self, *pids: int) -> None:
        """Their programs are being read, and no others'."""
        until(lambda: self.tracer.reading == set(pids), f"{pids} to be read")

    def after(self, seconds: float) -> int:
        """How many threads are stuck when so much time has passed."""
        self.now += seconds
        self.follower.drain()
        return self.follower.stuck


@pytest.fixture(name="stage")
def fixture_stage(tmp_path: Path) -> Iterator[_Stage]:
    """Nothing is followed yet."""
    stage = _Stage(tmp_path)
    yield stage
    stage.tracer.back.set()
    stage.follower.close()


def test_a_pod_whose_files_cannot_be_read_stops_itself_alone(stage: _Stage) -> None:
    """It has two processes, and waits for the first of them; others are attached to."""
    stage.follow("a", 1, gone=True)
    stage.follow("a", 2, gone=True)
    stage.reads(1)
    stage.follow("b", 3)
    stage.follow("c", 4)
    until(lambda: stage.served == [3, 4], "the other pods' processes")

    assert stage.tracer.reading == {1, 3, 4}
    stage.tracer.back.set()
    until(lambda: set(stage.served) == {1, 2, 3, 4}, "all processes")


def test_another_thread_takes_the_place_of_those_that_wait(stage: _Stage) -> None:
    """After half a minute, when none is left; they end when they come back."""
    threads = stage.follower._workers._since
    for pid in (1, 2):
        stage.follow(f"gone-{pid}", pid, gone=True)
    stage.reads(1, 2)
    stage.follow("b", 3)
    assert stage.after(30) == 0
    assert len(threads) == 2

    assert stage.after(1) == 2
    until(lambda: stage.served == [3], "the other pod's process")
    assert stage.after(0) == 2
    assert len(threads) == 3

    stage.tracer.back.set()
    until(lambda: len(threads) == 2, "a thread to end")
    assert stage.after(0) == 0


def test_there_are_so_many_threads(stage: _Stage) -> None:
    """Eight wait for as many pods; no further one is begun."""
    for pid in range(1, 10):
        stage.follow(f"gone-{pid}", pid, gone=True)
    stage.reads(1, 2)
    for number in range(3, 9):
        stage.after(31)
        stage.reads(*range(1, number + 1))

    assert stage.after(31) == 8
    assert len(stage.follower._workers._since) == 8
    assert stage.follower.waiting == 1

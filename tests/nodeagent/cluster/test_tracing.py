import logging
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from nodeagent.cluster.directory import Directory
from nodeagent.cluster.discovery import Discovery
from nodeagent.cluster.executions import Executions
from nodeagent.cluster.heartbeats import Heartbeats
from nodeagent.cluster.observer import Observer
from nodeagent.cluster.tracing import UNTRIED, Tracing
from nodeagent.cluster.watching import Watching
from nodeagent.kernel.errors import CompilerError
from nodeagent.probes.http_server import HTTP_SERVER
from nodeagent.spans.queue import Queue
from nodeagent.tracing.follower import Outcome, Wanted
from nodeagent.tracing.process import Life, Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.cluster.objects import namespace, pod, process
from tests.nodeagent.machine import require_tracing
from tests.nodeagent.tracing.exporting import Kept
from tests.nodeagent.tracing.servers import running
from tests.waiting import until

_tracer = partial(Tracer, (HTTP_SERVER,))
"""Of one probe: it is compiled sooner than all of them."""


class _Machine:
    """Lets tracing begin, or does not."""

    def __init__(self) -> None:
        self.lacks = True

    def tracer(self) -> Tracer:
        if self.lacks:
            raise CompilerError("bcc is missing")
        return _tracer()

    def executions(self) -> Executions:
        if self.lacks:
            raise CompilerError("bcc is missing")
        return Executions()


def _why_not(tracing: Tracing) -> str | None:
    return tracing.why_not


def test_tracing_begins_when_it_can(program: Path) -> None:
    """Until then processes are asked for in vain; nothing fails, and it is known why."""
    require_tracing()
    machine, exporter = _Machine(), Kept()
    told: list[Outcome] = []
    tracing = Tracing(Queue(exporter), told.append, machine.tracer)
    with running(program) as server:
        one = Process(server.pid)
        life = one.life()
        assert life is not None
        assert _why_not(tracing) == UNTRIED
        assert not tracing.begin()
        assert _why_not(tracing) == "bcc is missing"
        assert tracing.follow(Wanted(one, life))
        tracing.leave(server.pid)

        machine.lacks = False
        assert tracing.begin()
        assert tracing.begin()
        assert _why_not(tracing) is None
        assert tracing.follow(Wanted(one, life))
        until(lambda: told, "the process")
        server.get("/items/1")
        tracing.close()

    assert [span.name for span in exporter.spans] == ["GET /items/"]
    assert tracing.queue.tally.sent == 1


def test_a_span_that_cannot_be_made_stops_nothing(
    program: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and those after it are made."""
    require_tracing()
    exporter = Kept()
    told: list[Outcome] = []
    tracing = Tracing(Queue(exporter), told.append, _tracer)
    tracing.begin()
    assert tracing.follower is not None
    drain = tracing.follower.drain
    failed = threading.Event()

    def fails_once() -> None:
        if not failed.is_set():
            failed.set()
            raise ValueError("once")
        drain()

    monkeypatch.setattr(tracing.follower, "drain", fails_once)
    with running(program) as server, caplog.at_level(logging.ERROR):
        life = Process(server.pid).life()
        assert life is not None
        tracing.follow(Wanted(Process(server.pid), life))
        until(lambda: told and failed.is_set(), "the process, and the failure")
        server.get("/items/1")
        tracing.close()

    assert [span.name for span in exporter.spans] == ["GET /items/"]
    assert "a span could not be made" in caplog.text


def test_who_does_not_listen_stops_no_thread(caplog: pytest.LogCaptureFixture) -> None:
    """What came of a process is told by a thread that attaches to others, too."""

    def fails(_: Outcome) -> None:
        raise RuntimeError("the loop is closed")

    tracing = Tracing(Queue(Kept()), fails)
    with caplog.at_level(logging.ERROR):
        tracing._tell(Outcome(Wanted(Process(7), Life(0, 0, 0))))
    tracing.close()

    assert "was not heard" in caplog.text


def test_a_thread_that_cannot_begin_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No descriptors were left for the compiler; processes are looked for, and it says it lives."""
    follower, directory, beats = _Follower(), Directory(), Heartbeats(lambda: 0.0)
    directory.namespaces.changed(namespace())
    directory.pods.changed(pod())
    process(tmp_path, 7, Path("/bin/true"))
    observer = Observer(directory.pods.get, lambda _: (), lambda _: None)
    discovery = Discovery(directory, follower, observer, proc=tmp_path)

    def fails() -> Executions:
        raise OSError(24, "Too many open files")

    watching = Watching(directory, discovery, fails, beats)
    stop = threading.Event()
    thread = threading.Thread(target=watching.run, args=(stop,))
    with caplog.at_level(logging.CRITICAL):
        thread.start()
    try:
        until(lambda: follower.pids == {7}, "the process")
    finally:
        stop.set()
        thread.join()

    assert set(beats._until) == {"watch"}


class _Follower:
    def __init__(self) -> None:
        self.pids: set[int] = set()

    def follow(self, wanted: Wanted) -> bool:
        self.pids.add(wanted.process.pid)
        return True

    def leave(self, pid: int) -> None:
        self.pids.discard(pid)


def test_processes_are_looked_for_where_nobody_tells_of_them(tmp_path: Path) -> None:
    """One that begins is found, and that one ended; when the kernel tells, that is heard."""
    follower, directory, machine = _Follower(), Directory(), _Machine()
    directory.namespaces.changed(namespace())
    directory.pods.changed(pod())
    observer = Observer(directory.pods.get, lambda _: (), lambda _: None)
    discovery = Discovery(directory, follower, observer, proc=tmp_path)
    watching = Watching(directory, discovery, machine.executions)
    stop = threading.Event()
    thread = threading.Thread(target=watching.run, args=(stop,))
    thread.start()
    try:
        process(tmp_path, 7, Path("/bin/true"))
        until(lambda: follower.pids == {7}, "the process")
        (tmp_path / "7").rename(tmp_path / "gone")
        until(lambda: follower.pids == set(), "its end")
        assert not watching.told

        require_tracing()
        machine.lacks = False
        watching.anew()
        until(lambda: watching.told, "word from the kernel")
    finally:
        stop.set()
        thread.join()


class _Executions:
    """Misses everything, and knows that."""

    missed = 0

    def read(self) -> tuple[()]:
        return ()

    def untold(self) -> int:
        return self.missed

    def close(self) -> None:
        pass


def test_what_the_kernel_did_not_tell_is_looked_for(tmp_path: Path) -> None:
    """A process of which no word came, and one that runs another program by now."""
    follower, directory, executions = _Follower(), Directory(), _Executions()
    directory.namespaces.changed(namespace())
    directory.pods.changed(pod())
    observer = Observer(directory.pods.get, lambda _: (), lambda _: None)
    discovery = Discovery(directory, follower, observer, proc=tmp_path)
    made: Any = executions
    watching = Watching(directory, discovery, lambda: made)
    stop = threading.Event()
    thread = threading.Thread(target=watching.run, args=(stop,))
    process(tmp_path, 7, Path("/bin/true"))
    thread.start()
    try:
        until(lambda: follower.pids == {7}, "the first process, at the start")
        process(tmp_path, 7, Path("/bin/true"), place=None, began=2)
        process(tmp_path, 8, Path("/bin/true"))
        executions.missed = 2
        until(lambda: follower.pids == {8}, "the other one")
    finally:
        stop.set()
        thread.join()

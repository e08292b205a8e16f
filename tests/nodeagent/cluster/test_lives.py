import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import Mock

import pytest

from nodeagent.cluster.cgroup import Place
from nodeagent.cluster.directory import Directory
from nodeagent.cluster.discovery import Discovery
from nodeagent.cluster.lives import Lives, Stuck
from nodeagent.tracing.process import Life, Process
from tests.nodeagent.cluster.objects import ID, PLACE, namespace, pod, process
from tests.waiting import until

_OTHER = Place("1" * 32, ID)


@dataclass
class _Server:
    """Where the programs of some processes are; it answers when it is told to."""

    pids: set[int]
    answers: threading.Event = field(default_factory=threading.Event)
    asked: list[int] = field(default_factory=list)


@pytest.fixture(name="server")
def fixture_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    """It does not answer."""
    server, life = _Server({7, 8}), Process.life

    def asked(one: Process) -> Life | None:
        server.asked.append(one.pid)
        if one.pid in server.pids:
            server.answers.wait()
        return life(one)

    monkeypatch.setattr(Process, "life", asked)
    yield server
    server.answers.set()


@pytest.fixture(name="lives")
def fixture_lives() -> Iterator[Lives]:
    """Two may hang; who hangs is given up at once."""
    lives = Lives(threads=2, patience=0.01)
    yield lives
    lives.close()


def _life(lives: Lives, one: Process, owner: str) -> Life | None:
    """What is known of a process that is told of; its thread may want some time to begin."""

    def answer() -> Life | None:
        try:
            return lives.of(one, owner)
        except Stuck:
            return None

    return until(answer, f"the life of process {one.pid}")


def test_another_thread_answers_while_one_is_kept_waiting(
    tmp_path: Path, server: _Server, lives: Lives
) -> None:
    """Of the same owner nothing more is asked; of others, as long as there are threads."""
    for pid in (7, 8, 9):
        process(tmp_path, pid, Path("/bin/true"))
    first, second, well = (Process(pid, tmp_path) for pid in (7, 8, 9))
    with pytest.raises(Stuck):
        lives.of(first, "a")
    with pytest.raises(Stuck):
        lives.of(second, "a")
    assert _life(lives, well, "b") == well.life()
    with pytest.raises(Stuck):
        lives.of(second, "b")
    with pytest.raises(Stuck):
        lives.of(well, "c")
    until(lambda: {7, 8} <= set(server.asked), "the questions to be asked")
    assert server.asked.count(7) == server.asked.count(8) == 1

    server.answers.set()
    until(lives.freed, "an answer")
    assert _life(lives, first, "a") == _life(lives, second, "b")


def test_what_is_slow_is_served(
    tmp_path: Path, server: _Server, caplog: pytest.LogCaptureFixture
) -> None:
    """A late answer holds for two seconds; its pod is waited for less and less, and said once."""
    now = [0.0]
    for pid in (7, 8):
        process(tmp_path, pid, Path("/bin/true"))
    first, second = Process(7, tmp_path), Process(8, tmp_path)
    lives = Lives(patience=0.01, clock=lambda: now[0])

    def late(one: Process) -> None:
        server.answers.clear()
        with pytest.raises(Stuck):
            lives.of(one, "a")
        until(lambda: one.pid in server.asked, "the question to be asked")
        server.answers.set()
        until(lives.freed, "an answer")

    late(first)
    assert lives.of(first, "a") == lives.of(first, "a") is not None
    assert server.asked.count(7) == 1
    lives._patience = 3600  # who waited now would wait for ever
    late(second)
    lives._patience, now[0] = 0.01, 2.0
    late(first)
    assert server.asked.count(7) == 2
    lives._patience, now[0] = 3600, 3.9
    late(second)
    now[0] = 6.0
    assert lives.of(first, "a") is not None
    assert len(caplog.messages) == 1

    lives._patience = 0.01
    late(first)
    assert len(caplog.messages) == 2
    lives.close()


def test_what_is_gone_has_no_life(tmp_path: Path, lives: Lives) -> None:
    """Nor has what cannot be read; the thread answers the next one."""
    process(tmp_path, 6, Path("/bin/true"))
    (tmp_path / "6" / "stat").write_text("6 (app) S")
    process(tmp_path, 9, Path("/bin/true"))

    assert Lives(patience=30).of(Process(5, tmp_path), "a") is None
    assert Lives(patience=30).of(Process(6, tmp_path), "a") is None
    assert _life(lives, Process(9, tmp_path), "a") is not None


def test_what_was_known_before_is_not_waited_for(tmp_path: Path, server: _Server) -> None:
    """The server went away later: the process is asked for again when that answers."""
    directory, follower = Directory(), Mock()
    directory.namespaces.changed(namespace())
    directory.pods.changed(pod())
    discovery = Discovery(directory, follower, Mock(), proc=tmp_path)
    discovery._lives = Lives(patience=0.01)
    process(tmp_path, 7, Path("/bin/true"))
    server.pids.clear()

    def follows() -> int:
        discovery._again = 0.0
        discovery.step()
        return int(follower.follow.call_count)

    discovery.look()
    until(follows, "the process to be followed")
    before = follows()
    server.pids.add(7)
    discovery.anew()
    assert follows() == before
    assert discovery.counts()["stuck"] == 1

    server.answers.set()
    until(lambda: follows() > before, "the process to be followed again")
    until(lambda: follows() and not discovery.counts()["stuck"], "nothing to be stuck")
    discovery.close()


def test_a_file_system_that_does_not_answer_stops_no_other(tmp_path: Path, server: _Server) -> None:
    """Its processes are counted, and followed when it answers; one that ended is forgotten."""
    directory, follower = Directory(), Mock()
    directory.namespaces.changed(namespace())
    for place in (PLACE, _OTHER):
        directory.pods.changed(pod(place.pod))
    discovery = Discovery(directory, follower, Mock(), proc=tmp_path)
    discovery._lives = Lives(patience=0.01)
    process(tmp_path, 7, Path("/bin/true"))
    process(tmp_path, 8, Path("/bin/true"))
    process(tmp_path, 9, Path("/bin/true"), place=_OTHER)

    def followed() -> set[int]:
        discovery.step()
        return {call.args[0].process.pid for call in follower.follow.mock_calls}

    discovery.look()
    until(lambda: 9 in followed(), "the other pod's process to be followed")
    assert followed() == {9}
    assert discovery.counts() == {"in_containers": 1, "of_unknown_pods": 0, "stuck": 2}

    discovery.ended(8)
    server.answers.set()
    until(lambda: followed() == {7, 9}, "the process to be followed")
    assert discovery.counts() == {"in_containers": 2, "of_unknown_pods": 0, "stuck": 0}
    discovery.close()

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from nodeagent.binary.errors import BinaryError, Reason
from nodeagent.cluster.agent import NodeAgent
from nodeagent.cluster.directory import Directory
from nodeagent.cluster.discovery import Discovery
from nodeagent.cluster.lives import Lives
from nodeagent.cluster.options import Options
from nodeagent.cluster.retries import Retries
from nodeagent.kernel.errors import CompilerError, KernelError
from nodeagent.tracing.binaries import Full
from nodeagent.tracing.follower import Follower, Outcome, Wanted
from nodeagent.tracing.process import Life, Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.cluster.objects import UID, namespace, pod, process

_LIFE = Life(1, 2, 3)
_WANTED = Wanted(Process(7), _LIFE)
_FULL = Outcome(_WANTED, why_not="no room", may_pass=True)


class _Stage:
    """Retries whose time stands still until it is told to pass."""

    def __init__(self) -> None:
        self.now = 0.0
        self.retries = Retries(lambda: self.now)

    def next(self) -> float:
        """Seconds until something is due."""
        begin = self.now
        while not self.retries.due():
            self.now += 5
        return self.now - begin


@pytest.fixture(name="stage")
def fixture_stage() -> _Stage:
    """Nothing failed yet."""
    return _Stage()


def test_what_fails_is_due_later_each_time(stage: _Stage) -> None:
    """Up to every ten minutes, for as long as it fails; once for each failure."""
    pauses = []
    for number in range(1, 2001):
        assert stage.retries.told(_FULL) == number
        pauses.append(stage.next())
        assert stage.retries.due() == []

    assert pauses[:8] == [10, 20, 40, 80, 160, 320, 600, 600]
    assert set(pauses[8:]) == {600}
    assert stage.retries.count == 2000


def test_what_is_traced_is_not_due(stage: _Stage) -> None:
    """Nor is what failed for good, nor what ended."""
    for end in (
        lambda: stage.retries.told(Outcome(_WANTED)),
        lambda: stage.retries.told(Outcome(_WANTED, why_not="no functions")),
        lambda: stage.retries.forget(7),
    ):
        assert stage.retries.told(_FULL) == 1
        end()
        assert len(stage.retries) == 0
        stage.now += 1000
        assert stage.retries.due() == []


def test_another_program_begins_anew(stage: _Stage) -> None:
    """By the same number."""
    stage.retries.told(_FULL)
    other = Wanted(Process(7), Life(9, 9, 9))

    assert stage.retries.told(Outcome(other, may_pass=True)) == 1


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (KernelError("perf_event_open: Cannot allocate memory"), True),
        (Full("there is no room for more"), True),
        (BinaryError(Reason.NO_FUNCTIONS, "no functions"), False),
        (RuntimeError("a bug"), False),
    ],
)
def test_what_the_kernel_has_no_room_for_may_pass(
    error: Exception, expected: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """What a file is stays as it is."""
    caplog.set_level("CRITICAL")
    told: list[Outcome] = []
    tracer = Mock(spec=Tracer)
    tracer.trace_known.side_effect = error
    follower = Follower(tracer, Mock(), told.append)
    ourselves = Process(os.getpid())
    life = ourselves.life()
    assert life is not None
    follower.follow(Wanted(ourselves, life))
    follower.close()

    assert [one.may_pass for one in told] == [expected]


def test_what_could_not_be_asked_for_is_due_later(stage: _Stage) -> None:
    """As after one more failure; what was told of meanwhile stays as it was told."""
    stage.retries.told(_FULL)
    assert stage.next() == 10
    stage.retries.postpone(7)
    assert stage.next() == 20

    stage.retries.told(_FULL)
    stage.retries.postpone(7)
    assert stage.next() == 40

    stage.retries.told(Outcome(_WANTED))
    stage.retries.postpone(7)
    assert len(stage.retries) == 0


@pytest.fixture(name="failed")
def fixture_failed(tmp_path: Path, stage: _Stage) -> Iterator[tuple[Discovery, Directory, Mock]]:
    """A process that was asked for once, in vain, and is due."""
    directory, follower = Directory(), Mock()
    directory.namespaces.changed(namespace())
    directory.pods.changed(pod())
    discovery = Discovery(directory, follower, Mock(), proc=tmp_path)
    discovery._lives, discovery.retries = Lives(patience=30), stage.retries
    process(tmp_path, 7, Path("/bin/true"))
    discovery.look()
    (first,) = (call.args[0] for call in follower.follow.mock_calls)
    stage.retries.told(Outcome(first, may_pass=True))
    stage.now += 10
    yield discovery, directory, follower
    discovery.close()


def test_a_process_of_a_pod_that_is_not_known_now_is_asked_for_later(
    failed: tuple[Discovery, Directory, Mock], stage: _Stage
) -> None:
    """Its namespace is not there when it is due; it is when it is due again."""
    discovery, directory, follower = failed
    directory.namespaces.removed(namespace())
    discovery.step()
    assert follower.follow.call_count == 1

    directory.namespaces.changed(namespace())
    stage.now += 20
    discovery.step()
    assert follower.follow.call_count == 2


def test_a_process_that_could_not_be_asked_for_is_later(
    failed: tuple[Discovery, Directory, Mock], stage: _Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """What went wrong is said, and ends nothing."""
    discovery, _, follower = failed
    follower.follow.side_effect = OSError(errno.EMFILE, "too many open files")
    discovery.step()
    assert "process 7 is asked for another time" in caplog.text
    follower.follow.side_effect = None

    stage.now += 20
    discovery.step()
    assert follower.follow.call_count == 3


def test_who_was_refused_and_could_not_be_asked_for_is_refused_still(
    failed: tuple[Discovery, Directory, Mock],
) -> None:
    """Its namespace is not known for a moment: the process is not forgotten for that."""
    discovery, directory, follower = failed
    follower.follow.return_value = False
    discovery.anew()
    follower.follow.return_value = True
    directory.namespaces.removed(namespace())
    discovery.step()
    assert follower.follow.call_count == 2

    directory.namespaces.changed(namespace())
    discovery._again = 0
    discovery.step()
    discovery._again = 0
    discovery.step()
    assert follower.follow.call_count == 3


def test_who_could_not_be_judged_is_with_the_next_news(
    failed: tuple[Discovery, Directory, Mock],
) -> None:
    """What is known of its container is new to it still."""
    discovery, directory, follower = failed
    directory.namespaces.changed(namespace(enabled=False))
    discovery.changed(directory.changes())
    directory.namespaces.changed(namespace())
    follower.follow.side_effect = OSError(errno.EMFILE, "too many open files")
    with pytest.raises(OSError, match="too many"):
        discovery.changed([UID])
    follower.follow.side_effect = None

    discovery.changed([UID])
    discovery.changed([UID])
    assert follower.follow.call_count == 3


def test_a_process_is_asked_for_again(tmp_path: Path, stage: _Stage) -> None:
    """When it is due, until it is traced; who opted out meanwhile is not."""
    directory, follower = Directory(), Mock()
    directory.namespaces.changed(namespace())
    directory.pods.changed(pod())
    discovery = Discovery(directory, follower, Mock(), proc=tmp_path)
    discovery._lives, discovery.retries = Lives(patience=30), stage.retries
    process(tmp_path, 7, Path("/bin/true"))
    discovery.look()
    (first,) = (call.args[0] for call in follower.follow.mock_calls)

    stage.retries.told(Outcome(first, may_pass=True))
    discovery.step()
    assert follower.follow.call_count == 1
    stage.now += 10
    discovery.step()
    discovery.step()
    assert follower.follow.call_count == 2

    stage.retries.told(Outcome(first, may_pass=True))
    directory.namespaces.changed(namespace(enabled=False))
    discovery.changed(directory.changes())
    stage.now += 20
    discovery.step()
    assert follower.follow.call_count == 2
    assert len(stage.retries) == 0
    discovery.close()


def test_what_fails_again_and_again_is_said_once() -> None:
    """And that it is traced, when it is."""
    said: list[str] = []

    def none() -> Tracer:
        raise CompilerError("bcc is missing")

    agent = NodeAgent(Options("node-1", "http://127.0.0.1:1"), said.append, none)
    for _ in range(3):
        agent._traced(_FULL)
    agent._traced(Outcome(_WANTED, why_not="no functions"))

    assert [line.partition(": ")[2] for line in said] == [
        "not traced: no room; it is tried again",
        "not traced: no functions",
    ]

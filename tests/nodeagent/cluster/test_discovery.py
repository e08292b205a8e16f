import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nodeagent.cluster.cgroup import Place
from nodeagent.cluster.directory import Container, Directory
from nodeagent.cluster.discovery import Discovery
from nodeagent.cluster.lives import Lives
from nodeagent.tracing.follower import Wanted
from nodeagent.tracing.process import Life, Process
from tests.nodeagent.cluster.objects import (
    ID,
    PLACE,
    UID,
    mounted,
    namespace,
    pod,
    process,
)
from tests.waiting import until

_PROGRAM = Path("/bin/true")


@dataclass
class _Follower:
    """Notes what it is asked for; has no room while `full`."""

    order: list[str]
    followed: dict[int, Wanted] = field(default_factory=dict)
    calls: int = 0
    full: bool = False

    def follow(self, wanted: Wanted) -> bool:
        self.calls += 1
        self.order.append(f"follow {wanted.process.pid}")
        if not self.full:
            self.followed[wanted.process.pid] = wanted
        return not self.full

    def leave(self, pid: int) -> None:
        self.followed.pop(pid, None)


class _Stage:
    """A discovery over a folder that stands for /proc."""

    def __init__(self, proc: Path) -> None:
        self.proc = proc
        self.directory = Directory()
        self.order: list[str] = []
        self.follower = _Follower(self.order)
        self.observed: list[tuple[Container, Place]] = []
        self.gone: list[int] = []
        self.discovery = Discovery(self.directory, self.follower, self, ratio=0.5, proc=proc)
        self.discovery._lives = Lives(patience=30)

    def known(self) -> "_Stage":
        """The pod and its namespace have been told of."""
        self.directory.namespaces.changed(namespace())
        self.directory.pods.changed(pod())
        return self

    def told(self) -> None:
        """What changed is heard."""
        self.discovery.changed(self.directory.changes())

    def stepped(self, pid: int) -> bool:
        """Whether a process is followed, after what is due was done."""
        self.discovery.step()
        return pid in self.follower.followed

    def put(self, container: Container, place: Place, pid: int, _: Life) -> None:
        """As an observer."""
        self.order.append(f"put {pid}")
        self.observed.append((container, place))

    def ended(self, pid: int) -> None:
        """As an observer."""
        self.gone.append(pid)


@pytest.fixture(name="stage")
def fixture_stage(tmp_path: Path) -> Iterator[_Stage]:
    """Nothing has happened yet."""
    stage = _Stage(tmp_path)
    yield stage
    stage.discovery.close()


def test_a_process_that_begins_is_followed(stage: _Stage) -> None:
    """With what is known of its container, which is looked at, too; until it ends."""
    stage.known()
    process(stage.proc, 7, _PROGRAM)
    stage.discovery.started(7)
    until(lambda: stage.stepped(7), "the process to be followed")

    wanted = stage.follower.followed[7]
    assert wanted.process == Process(7, stage.proc)
    assert wanted.owner == UID
    assert wanted.ratio == 0.5
    assert wanted.attributes["k8s.container.name"] == "app"
    assert [(one.name, place) for one, place in stage.observed] == [("app", PLACE)]
    assert stage.discovery.within(PLACE) == [Process(7, stage.proc)]

    stage.discovery.ended(7)
    assert stage.gone[-1] == 7
    assert stage.follower.followed == {}
    assert not any(stage.discovery.counts().values())
    assert stage.discovery._of_pod == {}


def test_what_comes_of_following_is_told_of_what_is_known(stage: _Stage) -> None:
    """A process is put before it is followed: that may be done, and over, before it returns."""
    stage.known()
    process(stage.proc, 7, _PROGRAM)
    stage.discovery.look()

    assert stage.order == ["put 7", "follow 7"]


def test_what_ends_at_once_costs_nothing(stage: _Stage) -> None:
    """It is not looked at: it ended before it had settled."""
    stage.known()
    process(stage.proc, 7, _PROGRAM)
    process(stage.proc, 8, _PROGRAM)
    stage.discovery.started(7)
    stage.discovery.ended(7)
    stage.discovery.started(8)
    until(lambda: stage.stepped(8), "the other process to be followed")

    assert stage.follower.calls == 1


def test_a_process_waits_for_its_pod(stage: _Stage) -> None:
    """It began before anybody told of the pod; when that is told it is followed."""
    process(stage.proc, 7, _PROGRAM)
    stage.discovery.look()
    assert stage.follower.followed == {}
    assert stage.discovery.counts() == {"in_containers": 1, "of_unknown_pods": 1, "stuck": 0}

    stage.known().told()

    assert set(stage.follower.followed) == {7}
    assert stage.discovery.counts() == {"in_containers": 1, "of_unknown_pods": 0, "stuck": 0}


def test_a_process_waits_for_its_containers_name(stage: _Stage) -> None:
    """By the pod's status or, what comes earlier, by its mounts."""
    stage.known()
    early, late = Place(UID, "a" * 64), Place(UID, "b" * 64)
    process(stage.proc, 7, _PROGRAM, place=early)
    mounted(stage.proc, 7, UID, "app")
    process(stage.proc, 8, _PROGRAM, place=late)
    stage.discovery.look()
    assert set(stage.follower.followed) == {7}

    stage.directory.pods.changed(pod(identifier=late.container))
    stage.told()

    assert set(stage.follower.followed) == {7, 8}


@pytest.mark.parametrize("program", ["pause", "pod"])
def test_what_keeps_a_pods_name_spaces_is_not_waited_for(stage: _Stage, program: str) -> None:
    """No pod's status will ever tell of its container; others of the pod are waited for."""
    stage.known()
    place = Place(UID, "a" * 64)
    process(stage.proc, 7, Path(shutil.copy(_PROGRAM, stage.proc / program)), place=place)
    process(stage.proc, 8, _PROGRAM, place=place)
    stage.discovery.look()

    assert stage.discovery.counts()["of_unknown_pods"] == 1


def test_what_is_in_no_container_is_none_of_our_business(stage: _Stage) -> None:
    """A service of the node."""
    process(stage.proc, 7, _PROGRAM, place=None)
    stage.discovery.look()

    assert stage.discovery.counts()["in_containers"] == 0


def test_a_process_becomes_another_program(stage: _Stage, tmp_path: Path) -> None:
    """Under its number: it is followed as what it is now."""
    stage.known()
    process(stage.proc, 7, _PROGRAM)
    stage.discovery.look()
    before = stage.follower.followed[7]
    other = Path(shutil.copy("/bin/false", tmp_path / "other"))
    process(stage.proc, 7, other)

    stage.discovery.look(again=False)
    assert stage.follower.followed[7] is before
    stage.discovery.look()

    assert stage.follower.followed[7].life != before.life


def test_a_number_is_used_again(stage: _Stage) -> None:
    """By a process that began later, in another container."""
    stage.known()
    process(stage.proc, 7, _PROGRAM)
    stage.discovery.look()
    process(stage.proc, 7, _PROGRAM, place=Place("1" * 32, ID), began=2)
    stage.discovery.look()

    assert stage.follower.followed == {}
    assert stage.discovery.within(PLACE) == []


def test_who_opts_out_is_left(stage: _Stage) -> None:
    """A namespace's label is gone; who opts in again is followed again."""
    stage.known()
    process(stage.proc, 7, _PROGRAM)
    stage.discovery.look()

    stage.directory.namespaces.changed(namespace(enabled=False))
    stage.told()
    assert stage.follower.followed == {}

    stage.directory.namespaces.changed(namespace())
    stage.told()
    assert set(stage.follower.followed) == {7}


def test_changes_that_do_not_matter_change_nothing(stage: _Stage) -> None:
    """A pod's status is written often."""
    stage.known()
    process(stage.proc, 7, _PROGRAM)
    stage.discovery.look()
    stage.directory.pods.changed(pod(digest="f" * 64))
    stage.told()

    assert stage.follower.calls == 1


def test_the_processes_of_a_pod_that_is_gone_stay_followed(stage: _Stage) -> None:
    """Their last spans are of it, too."""
    stage.known()
    process(stage.proc, 7, _PROGRAM)
    stage.discovery.look()
    stage.directory.pods.removed(pod())
    stage.told()

    assert set(stage.follower.followed) == {7}
    shutil.rmtree(stage.proc / "7")
    stage.discovery.look()
    assert stage.follower.followed == {}


def test_for_whom_there_was_no_room_is_asked_again(stage: _Stage) -> None:
    """Until there is."""
    stage.known()
    stage.follower.full = True
    process(stage.proc, 7, _PROGRAM)
    stage.discovery.look()
    assert stage.follower.followed == {}

    stage.follower.full = False
    until(lambda: stage.stepped(7), "the process to be followed")


def test_all_are_asked_for_anew(stage: _Stage) -> None:
    """There was nobody to trace them before."""
    stage.known()
    process(stage.proc, 7, _PROGRAM)
    stage.discovery.look()
    stage.follower.followed.clear()

    stage.discovery.anew()

    assert set(stage.follower.followed) == {7}


def test_processes_that_come_and_go_leave_nothing(stage: _Stage) -> None:
    """A thousand of them."""
    stage.known()
    for pid in range(1, 1001):
        process(stage.proc, pid, _PROGRAM)
        stage.discovery.started(pid)
    until(lambda: stage.stepped(1000), "the last of them to be followed")
    assert len(stage.follower.followed) == 1000
    for pid in range(1, 1001):
        stage.discovery.ended(pid)

    assert stage.follower.followed == {}
    assert not stage.discovery._known
    assert not stage.discovery._of_pod
    assert not stage.discovery._settling

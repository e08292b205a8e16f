import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from nodeagent.cluster.cgroup import Place
from nodeagent.cluster.observer import explained
from nodeagent.observing.observation import Observation
from nodeagent.probes import PROBES
from nodeagent.tracing.binaries import Binary
from nodeagent.tracing.process import FileId, Process
from tests.nodeagent.cluster.objects import ID, PLACE, UID, pod
from tests.nodeagent.cluster.observers import OURSELVES, Stage, outcome
from tests.waiting import until


@pytest.fixture(name="stage")
def fixture_stage() -> Stage:
    """A container that has just begun."""
    stage = Stage()
    stage.put(OURSELVES.pid)
    return stage


@pytest.fixture(name="program")
def fixture_child(stage: Stage) -> Iterator[Process]:
    """A process of the container that runs for as long as the test."""
    with subprocess.Popen(["/bin/sleep", "600"]) as child:
        stage.put(child.pid)
        yield Process(child.pid)
        child.kill()


def test_a_container_is_looked_at_when_it_has_started(stage: Stage, program: Process) -> None:
    """Then what was seen is passed on; a minute later, and now and then, it is looked at again."""
    stage.processes = [program]
    assert stage.after(1) == 0
    assert stage.after(10) == 1
    stage.put(OURSELVES.pid)
    assert stage.after(30) == 1
    assert stage.after(60) == 2
    assert stage.after(600) == 2
    assert stage.after(1800) == 3

    seen = stage.passed[0]
    assert stage.passed == [seen] * 3
    assert stage.observer.observed == 3
    assert (seen.container, seen.digest) == ("app", f"sha256:{ID}")
    assert seen.observation.process_name == "sleep"
    assert seen.observation.probes == {}


def test_the_images_digest_is_waited_for(stage: Stage, program: Process) -> None:
    """The kubelet tells it later than the container starts."""
    stage.processes = [program]
    stage.pod = pod().kept()
    assert stage.after(10) == 0
    stage.pod = pod(digest=ID).kept()
    assert stage.after(1) == 0
    assert stage.after(10) == 1


def test_probes_are_told_of(stage: Stage, program: Process) -> None:
    """Which are on for a Go program, and why others are not; known after the first look, anew."""
    stage.processes = [program]
    stage.after(10)
    first, *others = [probe.name for probe in PROBES]
    binary = Binary(0, FileId(0, 0, 0, 0, 0), "1.27", {first: "no such function"})
    stage.observer.traced(outcome(program, binary=binary))
    assert stage.after(0) == 2
    stage.observer.traced(outcome(program, binary=binary))
    assert stage.after(0) == 2

    expected = {first: "no such function", **dict.fromkeys(others, "on")}
    assert stage.passed[1].observation.probes == expected


def test_why_nothing_is_traced_is_told(stage: Stage, program: Process) -> None:
    """Of each probe; nothing of what is not Go's."""
    stage.processes = [program]
    stage.observer.traced(outcome(program, why_not="OTEL_SDK_DISABLED=true"))
    stage.after(10)
    assert set(stage.passed[0].observation.probes.values()) == {"OTEL_SDK_DISABLED=true"}

    stage.observer.traced(outcome(program, why_not="no Go", is_go=False))
    stage.after(0)
    assert stage.passed[1].observation.probes == {}
    stage.observer.ended(program.pid)
    assert list(stage.observer._running) == [OURSELVES.pid]


def test_what_was_cut_is_tried_again(
    stage: Stage, program: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve times; then what there is is passed on, and said to be cut."""

    def cut(processes: Sequence[Process]) -> tuple[Process, Observation]:
        return processes[0], Observation(process_name="node", is_cut=True)

    monkeypatch.setattr("nodeagent.cluster.observer.application", cut)
    stage.processes = [program]
    for _ in range(12):
        assert stage.after(5) == 0

    assert stage.after(1800) == 1
    assert stage.passed[0].observation.is_cut
    assert stage.observer.cut == 13


def test_a_container_that_is_gone_is_forgotten(stage: Stage) -> None:
    """Its processes, and its pod; while the pod is there, it may start anew."""
    assert stage.after(10) == 0
    assert stage.observer._tasks
    stage.pod = None
    stage.after(10)

    assert not stage.observer._tasks


def test_a_container_that_another_took_the_place_of_is_forgotten(stage: Stage) -> None:
    """The pod is there still, and its status has another ID by the container's name."""
    stage.pod = pod(identifier="").kept()
    stage.after(10)
    assert stage.observer._tasks
    stage.pod = pod(identifier="f" * 64).kept()
    stage.after(10)

    assert not stage.observer._tasks


def test_restarts_leave_no_room_taken(stage: Stage) -> None:
    """Thousands of one container of one pod, each by another ID; others find room."""
    for number in range(5000):
        stage.pod = pod(identifier=f"{number:064x}").kept()
        stage.put(OURSELVES.pid, Place(UID, f"{number:064x}"))
        stage.after(100)
    assert len(stage.observer._tasks) <= 64
    for _ in range(100):
        stage.after(100)

    assert list(stage.observer._tasks) == [Place(UID, f"{4999:064x}")]


def test_a_container_without_processes_is_asked_for_less_and_less(stage: Stage) -> None:
    """Up to every half hour; as soon as it has a process again it is looked at."""
    asked: list[Place] = []

    def within(place: Place) -> Sequence[Process]:
        asked.append(place)
        return stage.processes

    stage.observer._within = within
    for _ in range(86_400):
        stage.after(1)
    assert len(asked) < 70

    stage.processes = [OURSELVES]
    stage.put(OURSELVES.pid)
    assert stage.after(5) == 1


def test_a_process_that_cannot_be_looked_at_harms_nobody(stage: Stage, tmp_path: Path) -> None:
    """It has ended meanwhile."""
    stage.processes = [Process(7, tmp_path)]
    assert stage.after(10) == 0


def test_the_thread_goes_on(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever asking for processes raises: it is logged, and asked again."""
    stop, asked = threading.Event(), iter((False, True))

    def within(_: Place) -> Sequence[Process]:
        if next(asked):
            stop.set()
        raise RuntimeError("changed size during iteration")

    stage.observer._within = within
    stage.now = 10
    thread = threading.Thread(target=stage.observer.run, args=(stop,))
    thread.start()
    thread.join(30)

    assert stop.is_set()
    assert "containers could not be looked at" in caplog.text


def test_there_is_room_for_so_many(stage: Stage) -> None:
    """More containers than a node has are not looked at; room is made when their pods end."""
    for number in range(5000):
        stage.put(OURSELVES.pid, Place(f"{number:032x}", ID))
    assert len(stage.observer._tasks) == 4096

    stage.pod = None
    for _ in range(4096):
        stage.after(10)
    assert not stage.observer._tasks


def test_a_machine_that_lets_nothing_be_traced(stage: Stage, program: Process) -> None:
    """Why is written with what runs Go, unless something was said of its probes already."""
    stage.processes = [program]
    stage.after(10)
    (other,) = stage.passed
    go = replace(other, observation=replace(other.observation, language="go"))
    told = replace(go, observation=replace(go.observation, probes={"net/http": "on"}))

    states = explained(go, "bcc is missing").observation.probes

    assert states == {probe.name: "bcc is missing" for probe in PROBES}
    assert explained(go, None) == go
    assert explained(told, "bcc is missing") == told
    assert explained(other, "bcc is missing") == other


def test_a_file_system_that_does_not_answer_stops_its_own_pod() -> None:
    """Its pod's other containers wait; another pod's are looked at, and the agent is well."""
    back, other = threading.Event(), replace(PLACE, pod="other")
    asked: list[Place] = []

    def within(place: Place) -> Sequence[Process]:
        asked.append(place)
        if place.pod == UID:
            back.wait()
        return ()

    stage, stop = Stage(within), threading.Event()
    for place in (PLACE, replace(PLACE, container="second"), other):
        stage.put(OURSELVES.pid, place)
    stage.now = 10.0
    thread = threading.Thread(target=stage.observer.run, args=(stop,))
    thread.start()
    try:
        until(lambda: asked == [PLACE], "the first to be looked at")
        stage.now = 41.0
        until(lambda: asked == [PLACE, other], "another pod to be looked at")
        assert stage.observer.stuck == 1
        assert stage.beats.late() == {}
        back.set()
        until(lambda: len(asked) == 3, "the pod's second")
        until(lambda: stage.observer.stuck == 0, "nobody to wait")
    finally:
        back.set()
        stop.set()
        thread.join()

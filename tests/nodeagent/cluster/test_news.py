import subprocess
from collections.abc import Iterator, Sequence

import pytest

from nodeagent.cluster.directory import Container
from nodeagent.observing.application import Seen
from nodeagent.tracing.binaries import Binary
from nodeagent.tracing.process import FileId, Life, Process
from tests.nodeagent.cluster.observers import OURSELVES, Stage, outcome


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


def test_the_shells_of_probes_are_no_news(stage: Stage, program: Process) -> None:
    """Nor is a Go program that a probe runs: each is one the first time, and a thousand more."""
    stage.processes = [program]
    shell, health = Life(7, 8, 9), Life(7, 8, 10)
    binary = Binary(0, FileId(0, 0, 0, 0, 0), "1.27", {})
    stage.after(10)
    for pid in range(10_000_000, 10_002_000, 2):
        for number, life, came in (
            (pid, shell, {"why_not": "no Go", "is_go": False}),
            (pid + 1, health, {"binary": binary}),
        ):
            stage.put(number, life=life)
            stage.observer.traced(outcome(Process(number), life, **came))
            stage.observer.ended(number)
            stage.after(0)

    assert stage.observer.observed == 3
    assert len(stage.observer._running) == 2


def test_a_container_of_a_thousand_files_is_remembered_in_part(
    stage: Stage, program: Process
) -> None:
    """It builds something; of so many files no more is remembered, nor is it looked at for each."""
    stage.processes = [program]
    stage.after(10)
    for number in range(1000):
        pid, life = 10_000_000 + number, Life(1, 2, 100 + number)
        stage.put(pid, life=life)
        stage.observer.traced(outcome(Process(pid), life, why_not="no Go", is_go=False))
        stage.observer.ended(pid)
        stage.after(0)

    assert stage.observer.observed == 65
    (task,) = stage.observer._tasks.values()
    assert len(task.files) == 64


def test_an_application_that_is_started_anew_is_looked_at(stage: Stage, program: Process) -> None:
    """By what watches over it, from the same file as before: its arguments may be others."""
    stage.processes = [program]
    stage.after(10)
    stage.after(60)
    stage.observer.ended(program.pid)
    stage.processes = [OURSELVES]
    stage.put(OURSELVES.pid)

    assert stage.after(4) == 2
    assert stage.after(1) == 3
    assert stage.passed[-1].observation != stage.passed[0].observation


def test_what_comes_of_an_earlier_program_is_no_news(stage: Stage, program: Process) -> None:
    """The process became another meanwhile, or ended."""
    stage.processes = [program]
    now = Life(1, 2, 4)
    stage.put(program.pid, life=now)
    stage.observer.traced(outcome(program, now, why_not="it says no"))
    stage.observer.traced(outcome(program, why_not="there was no room"))
    stage.observer.traced(outcome(Process(10_000_000), why_not="it is gone"))
    stage.after(10)

    assert set(stage.passed[0].observation.probes.values()) == {"it says no"}
    assert 10_000_000 not in stage.observer._running


def test_what_is_told_during_a_look_is_not_lost(stage: Stage, program: Process) -> None:
    """The look began before: it is done again at once, not in a minute."""
    stage.processes = [program]
    told = iter((True,))

    see = stage.observer._see

    def seen_before(container: Container, processes: Sequence[Process]) -> tuple[int, Seen] | None:
        found = see(container, processes)
        if next(told, False):
            stage.observer.traced(outcome(program, why_not="it says no"))
        return found

    stage.observer._see = seen_before  # type: ignore[method-assign]
    assert stage.after(10) == 1
    assert stage.after(0) == 2

    assert stage.passed[0].observation.probes == {}
    assert set(stage.passed[1].observation.probes.values()) == {"it says no"}

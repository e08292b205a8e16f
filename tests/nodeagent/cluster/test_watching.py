from collections.abc import Iterable
from typing import Any, cast

import pytest

from nodeagent.cluster.directory import Directory
from nodeagent.cluster.executions import Executions
from nodeagent.cluster.watching import Watching
from nodeagent.kernel.errors import CompilerError
from tests.nodeagent.cluster.objects import pod


class _Discovery:
    """Counts how often all processes are looked at."""

    def __init__(self) -> None:
        self.looks = 0

    def look(self, *, again: bool) -> None:
        assert again
        self.looks += 1

    def changed(self, _: Iterable[str]) -> None:
        pass

    def step(self) -> None:
        pass

    def anew(self) -> None:
        pass


def _none() -> Executions:
    raise CompilerError("no BTF")


class _Stage:
    """A watch of a machine whose kernel tells of nothing, and whose time stands still."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.directory = Directory()
        self.discovery = cast("Any", _Discovery())
        self.watching = Watching(self.directory, self.discovery, _none, clock=lambda: self.now)
        self.watching._begin()

    def looks(self, seconds: float, step: float = 0.5) -> int:
        """How often all processes are looked at in this time."""
        before = self.discovery.looks
        for _ in range(int(seconds / step)):
            self.watching._step()
            self.now += step
        return int(self.discovery.looks - before)


@pytest.fixture(name="stage")
def fixture_stage() -> _Stage:
    """Nothing has happened yet."""
    return _Stage()


def test_where_nothing_can_be_traced_processes_are_looked_for_seldom(stage: _Stage) -> None:
    """Every ten seconds: from then on every second, when they can be traced after all."""
    assert stage.looks(100) == 10
    stage.watching.anew()

    assert stage.looks(100) == 100


def test_news_of_a_pod_are_a_reason_to_look(stage: _Stage) -> None:
    """Soon, but not more than once a second, however many there are."""
    assert stage.looks(5) == 1
    stage.directory.pods.changed(pod())
    assert stage.looks(0.5) == 1
    looks = 0
    for number in range(40):
        stage.directory.pods.changed(pod(digest=f"{number:064x}"))
        looks += stage.looks(0.5)

    assert looks == 20

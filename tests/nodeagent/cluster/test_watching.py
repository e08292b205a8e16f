import errno
from collections.abc import Iterable
from typing import Any, cast

import pytest

from nodeagent.cluster.directory import Directory
from nodeagent.cluster.executions import Executions
from nodeagent.cluster.watching import Watching
from nodeagent.kernel.errors import CompilerError
from tests.nodeagent.cluster.objects import UID, pod


class _Discovery:
    """Counts how often all processes are looked at; `errors` are raised, by what is called."""

    def __init__(self) -> None:
        self.looks = 0
        self.told: list[str] = []
        self.errors: dict[str, OSError] = {}

    def look(self, *, again: bool) -> None:
        assert again
        self.looks += 1
        self._fail("look")

    def changed(self, pods: Iterable[str]) -> None:
        for uid in pods:
            self._fail(uid)
            self.told.append(uid)

    def _fail(self, what: str) -> None:
        if what in self.errors:
            raise self.errors.pop(what)

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


def test_news_are_kept_until_they_are_handled(stage: _Stage) -> None:
    """A look that fails does not take them with it; they are handled once."""
    stage.directory.pods.changed(pod())
    stage.discovery.errors["look"] = OSError(errno.EMFILE, "too many open files")
    with pytest.raises(OSError, match="too many"):
        stage.watching._step()
    assert stage.discovery.told == []

    stage.looks(5)
    assert stage.discovery.told == [UID]


def test_news_that_cannot_be_handled_stop_no_others(
    stage: _Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """They are handled a second later, or with other news; what went wrong is said."""
    stage.discovery.errors[UID] = OSError(errno.EMFILE, "too many open files")
    stage.directory._told(UID)
    stage.directory._told("other")
    stage.looks(1)
    assert stage.discovery.told == ["other"]
    assert f"what is new of pod {UID} is handled another time" in caplog.text

    stage.looks(1)
    assert stage.discovery.told == ["other", UID]

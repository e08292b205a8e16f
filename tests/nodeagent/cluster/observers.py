"""An observer whose time stands still until it is told to pass."""

import os
from collections.abc import Callable, Sequence

from nodeagent.cluster.cgroup import Place
from nodeagent.cluster.directory import Container
from nodeagent.cluster.heartbeats import Heartbeats
from nodeagent.cluster.observer import Observer
from nodeagent.cluster.pod import Pod
from nodeagent.cluster.verdicts import Verdict
from nodeagent.observing.application import Seen
from nodeagent.tracing.follower import Outcome, Wanted
from nodeagent.tracing.process import Life, Process
from tests.nodeagent.cluster.objects import ID, PLACE, UID, pod

CONTAINER = Container(UID, "shop", "cart-0", "app", Verdict(traced=True))
OURSELVES = Process(os.getpid())
LIFE = Life(1, 2, 3)


class Stage:
    """An observer whose time stands still until it is told to pass."""

    def __init__(self, within: Callable[[Place], Sequence[Process]] | None = None) -> None:
        self.now = 0.0
        self.beats = Heartbeats(lambda: self.now)
        self.pod: Pod | None = pod(digest=ID).kept()
        self.processes: Sequence[Process] = ()
        self.passed: list[Seen] = []
        self.observer = Observer(
            lambda _: self.pod,
            within or (lambda _: self.processes),
            self.passed.append,
            lambda: self.now,
            self.beats,
        )

    def put(self, pid: int, place: Place = PLACE, life: Life = LIFE) -> None:
        """A process begins."""
        self.observer.put(CONTAINER, place, pid, life)

    def after(self, seconds: float) -> int:
        """How often something was passed on when so much time has passed."""
        self.now += seconds
        if (due := self.observer.next()) is not None:
            self.observer.look(due)
        return len(self.passed)


def outcome(process: Process, life: Life = LIFE, **came: object) -> Outcome:
    """What came of a process that was to be traced."""
    return Outcome(Wanted(process, life, owner=UID), **came)  # type: ignore[arg-type]

"""No tag grows too old for admissions, whatever else is to be done."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from registry.errors import RegistryError, Reserved, Unreachable
from tests.webhook.server.cluster.profiler.queueing import Clock
from tests.webhook.server.cluster.profiler.things import (
    container,
    deployment,
    index,
    lean,
    profile,
    thing,
)
from webhook.model import Image
from webhook.server.cluster.profiler.index import Index
from webhook.server.cluster.profiler.judged import Judged
from webhook.server.cluster.profiler.planner import Planner
from webhook.server.cluster.profiler.queue import Fault, Priority, Queue, Task
from webhook.server.cluster.profiler.shelf import Shelf
from webhook.server.cluster.profiler.term import fault_of
from webhook.settings import ImageInspectionSettings

SETTINGS = ImageInspectionSettings()
UNTOLD = Image(entrypoint=("/opt/cart",))
FEW_LEFT = Reserved("docker.io has few pulls left", 60.0)
STEP = 15.0
HOURS = 3


@dataclass
class Town:
    """A hundred images of Docker Hub that nobody knows, and thirty that are known, by their tags.

    Layers of those would tell more. `refused`: why nothing may be pulled.
    """

    refused: RegistryError
    clock: Clock = field(default_factory=Clock)
    shelf: Shelf = field(default_factory=Shelf)
    index: Index = field(default_factory=index)
    oldest: float = 0.0

    def __post_init__(self) -> None:
        """Everything is there, and what is known was asked for at the beginning."""
        self.queue = Queue(self.clock)
        work: Any = SimpleNamespace(asked={}, judged=Judged())
        new = [f"docker.io/library/new:{number}" for number in range(100)]
        self.tags = [f"docker.io/library/app:{number}" for number in range(30)]
        known = dict.fromkeys(self.tags, UNTOLD)
        self.planner = Planner(self.index, self.shelf, self.queue, work, known)
        for reference in (*new, *self.tags):
            self.index.put(thing(reference), lean(deployment(container(reference))))
        for reference in self.tags:
            self.asked(reference)

    def asked(self, reference: str) -> None:
        """A tag was asked for now."""
        digest = f"sha256:{self.tags.index(reference):064}"
        self.shelf.learnt(profile(digest, {reference: self.clock.time}))

    async def live(self) -> None:
        """Some hours, as a term has them: plan, then do what may be done."""
        while self.clock.time < HOURS * 3600:
            self.clock.time += STEP
            await self.planner.changes(self.clock.time, SETTINGS)
            self.oldest = max(self.oldest, await self.planner.time(self.clock.time, SETTINGS))
            while (task := self.queue.take()) is not None:
                self._do(task)

    def planned(self) -> set[Priority]:
        """What is to be done about what is known."""
        return {self.queue._tasks[reference].priority for reference in self.tags}

    def _do(self, task: Task) -> None:
        if task.priority is Priority.AGED:
            self.queue.done(task)
            self.asked(task.reference)
        else:
            self.queue.failed(task, fault_of(self.refused))
        self.planner.again((task.reference,))


def test_no_tag_passes_its_age_at_the_reserve() -> None:
    """What tags name is asked in time while a hundred images wait for pulls, and so do layers."""
    town = Town(FEW_LEFT)

    asyncio.run(town.live())

    assert SETTINGS.tag_age / 2 < town.oldest < SETTINGS.tag_age * 0.85
    assert len(town.queue) >= 100


def test_a_due_tag_comes_before_layers() -> None:
    """Layers that wait for their turn give way to a tag that is due, and are read after it."""
    town = Town(FEW_LEFT)
    asyncio.run(town.planner.changes(1.0, SETTINGS))
    assert town.planned() == {Priority.LAYERS}
    now = SETTINGS.tag_age * 0.81

    asyncio.run(town.planner.time(now, SETTINGS))
    assert town.planned() == {Priority.AGED}

    for reference in town.tags:
        town.queue.forget(reference)
    town.planner.again()
    asyncio.run(town.planner.changes(now, SETTINGS))
    assert town.planned() == {Priority.AGED}


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (FEW_LEFT, Fault(retry_after=60.0, of_pulls=True)),
        (Unreachable("no answer"), Fault(of_host=True)),
    ],
)
def test_only_the_reserve_is_about_pulls(error: RegistryError, fault: Fault) -> None:
    """Any other fault of a registry holds back what is asked of it at all."""
    assert fault_of(error) == fault

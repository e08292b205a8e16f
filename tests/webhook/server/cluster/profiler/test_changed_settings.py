"""What is planned when somebody changes how images are inspected."""

import asyncio
from typing import Any

import pytest

from tests.webhook.server.cluster.profiler.things import (
    OLD,
    container,
    deployment,
    index,
    lean,
    profile,
    seen,
    thing,
)
from webhook.images.profile import image
from webhook.server.cluster.profiler.planner import Planner
from webhook.server.cluster.profiler.queue import Fault, Priority, Queue
from webhook.server.cluster.profiler.shelf import Shelf
from webhook.server.cluster.profiler.work import Means, Work
from webhook.settings import ImageInspectionSettings

CART = "registry.corp/cart:1"
NOW = 1000.0


class Stage:
    """A planner, and a Deployment of an image that tells nothing."""

    def __init__(self) -> None:
        known = profile(OLD, {CART: NOW}, learnt=NOW)
        self.settings = ImageInspectionSettings()
        found = index()
        found.put(thing(), lean(deployment(container(command=["/srv/start"]))))
        shelf = Shelf()
        shelf.replaced([seen(known)])
        self.queue = Queue(lambda: NOW)
        unused: Any = None
        images = {CART: image(known)}
        means = Means(unused, unused, images, unused, lambda: self.settings)
        work = Work(unused, means, found, shelf)
        self.planner = Planner(found, shelf, self.queue, work, images)

    def plan(self, **fields: Any) -> Priority | None:
        """What is to be done by these settings."""
        self.settings = ImageInspectionSettings(**fields)
        asyncio.run(self.planner.changes(NOW, self.settings))
        found = self.queue._tasks.get(CART)
        return None if found is None else found.priority


@pytest.fixture
def stage() -> Stage:
    """A stage."""
    return Stage()


def test_layers_that_are_not_wanted_any_more(stage: Stage) -> None:
    """Looks that wait are given up; they come back when the settings want them again."""
    assert stage.plan() is Priority.LAYERS
    assert stage.plan(layers=False) is None
    assert stage.plan(layers=True) is Priority.LAYERS


def test_platforms(stage: Stage) -> None:
    """What the settings name is learnt of images that are known already."""
    stage.plan()

    assert stage.plan(platforms=("linux/s390x",)) is Priority.NEW


def test_failures_count_no_more(stage: Stage) -> None:
    """What failed by other settings is tried by these at once."""
    stage.plan()
    task = stage.queue.take()
    assert task is not None
    stage.queue.failed(task, Fault())
    assert stage.queue.take() is None

    stage.plan()
    assert stage.queue.take() is None, "by the same settings it waits"
    stage.plan(plain_http=("registry.corp",))
    assert stage.queue.take() is not None

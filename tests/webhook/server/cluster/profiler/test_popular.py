"""An image that very many pods use: what one more of them costs."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from inspection.starts import start
from tests.webhook.server.cluster.profiler.things import (
    OLD,
    SHOP,
    container,
    index,
    lean_pod,
    pod,
    profile,
    seen,
    thing,
)
from webhook.model import Image, Namespace, Object
from webhook.server.cluster.profiler import judged, plan
from webhook.server.cluster.profiler.index import Index
from webhook.server.cluster.profiler.judged import Judged
from webhook.server.cluster.profiler.planner import Planner
from webhook.server.cluster.profiler.queue import Fault, Priority, Queue
from webhook.server.cluster.profiler.shelf import Shelf
from webhook.settings import ImageInspectionSettings

CART = "registry.corp/cart:1"
NOW = 1000.0
SETTINGS = ImageInspectionSettings()
PODS = 300


class Stage:
    """Pods of one image, each with arguments of its own, all planned; and what was judged."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.counted: list[Object] = []
        for module in (judged, plan):
            monkeypatch.setattr(module, "start", self._start)
        self.index: Index = index()
        self.shelf = Shelf()
        self.queue = Queue(lambda: NOW)
        self.work = SimpleNamespace(asked={}, judged=Judged(), forget=lambda _: None)
        self.known: dict[str, Image] = {}
        work: Any = self.work
        self.planner = Planner(self.index, self.shelf, self.queue, work, self.known)
        self.learn("python3")
        for number in range(PODS):
            self.add(number)
        self.plan()

    def learn(self, program: str) -> None:
        """The image is known, and starts a program."""
        known = profile(OLD, {CART: NOW})
        self.shelf.learnt(known)
        self.known[CART] = Image(entrypoint=(program,))

    def add(self, number: int, **fields: Any) -> None:
        """One more pod."""
        made = pod(container(CART, args=[f"--build={number}"]), **fields)
        self.index.put(thing(f"cart-{number}", kind="Pod"), lean_pod(made))

    def plan(self) -> int:
        """Plan what changed; how many containers were judged for it."""
        self.counted.clear()
        asyncio.run(self.planner.changes(NOW, SETTINGS))
        return len(self.counted)

    def _start(self, container: Object, of: Image) -> Any:
        self.counted.append(container)
        return start(container, of)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A stage."""
    return Stage(monkeypatch)


def test_one_more_pod(stage: Stage) -> None:
    """It is judged, and none of the others again."""
    stage.add(PODS)
    assert stage.plan() == 1

    stage.planner.again()
    assert stage.plan() == 0


def test_an_image_that_tells_otherwise(stage: Stage) -> None:
    """Then all are judged anew, and layers are asked about what it leaves open."""
    stage.learn("/opt/cart")
    stage.planner.again()

    assert stage.plan() >= PODS
    task = stage.queue.take()
    assert task is not None
    assert task.priority is Priority.LAYERS


def test_pods_that_go(stage: Stage) -> None:
    """What was judged of them goes, too, and with the last one all of it."""
    for number in range(PODS):
        stage.index.put(thing(f"cart-{number}", kind="Pod"), None)
        stage.add(number + PODS)
        stage.plan()
    keys = stage.work.judged.of(CART, stage.known[CART])
    assert len(keys) < 3 * PODS

    for number in range(PODS):
        stage.index.put(thing(f"cart-{number + PODS}", kind="Pod"), None)
    stage.work.forget = stage.work.judged.forget
    stage.plan()
    assert not stage.work.judged._images


def test_only_other_credentials_pardon(stage: Stage) -> None:
    """An image that failed waits on when one more pod uses it; not when that has a Secret."""
    stage.shelf.removed(seen(profile(OLD, {CART: NOW})))
    stage.known.clear()
    stage.plan()
    task = stage.queue.take()
    assert task is not None
    stage.queue.failed(task, Fault())

    stage.add(PODS)
    stage.plan()
    assert stage.queue.take() is None
    stage.add(PODS + 1, imagePullSecrets=[{"name": "regcred"}])
    stage.plan()
    assert stage.queue.take() is not None


def test_who_uses_it_is_looked_for_where_it_is_used() -> None:
    """Objects of other namespaces are not looked at."""
    one = index({"shop": SHOP, "pay": Namespace("pay")})
    one.put(thing("a"), lean_pod(pod(container(CART))))
    one.put(thing("b", "pay"), lean_pod(pod(container(CART))))
    one.judge(10)
    unread: Any = None
    one._objects["pay"] = unread

    assert one.user(CART) == thing("a")
    assert one.user("registry.corp/nobody:1") is None

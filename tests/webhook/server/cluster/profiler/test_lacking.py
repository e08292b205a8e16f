"""Images that are not made for the nodes of those who want them."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from registry.errors import PlatformMissing
from registry.keyring import Keyring
from registry.model import Resolved
from registry.spent import Spent
from tests.webhook.server.cluster.profiler.things import (
    OLD,
    container,
    deployment,
    index,
    lean,
    moment,
    platform,
    profile,
    seen,
    thing,
)
from webhook.images.profile import Profile, image
from webhook.server.cluster.profile_merging import merged
from webhook.server.cluster.profiler.planner import Planner
from webhook.server.cluster.profiler.queue import Priority, Queue
from webhook.server.cluster.profiler.shelf import Shelf
from webhook.server.cluster.profiler.work import Means, Work
from webhook.settings import ImageInspectionSettings

CART = "registry.corp/cart:1"
NOW = moment(1000.0)
HAS = ("linux/amd64", "linux/ppc64le")
SETTINGS = ImageInspectionSettings()


@dataclass
class Learning:
    """What an inspector says."""

    profile: Profile
    spent: Spent = field(default_factory=Spent)


class Registry:
    """Stands in for the inspector, with one image of two platforms."""

    async def resolve(self, _: str, **__: Any) -> Resolved:
        """The digest."""
        return Resolved(OLD, "", Spent())

    async def learn(self, _: str, *, platforms: Collection[str], **__: Any) -> Learning:
        """What it has of these, all where none are named."""
        found = [one for one in HAS if one in platforms or not platforms]
        if not found:
            raise PlatformMissing("not for these")
        return Learning(profile(OLD, {}, *map(platform, found), learnt=1000.0))


class Leader:
    """One term, over what the cluster has."""

    def __init__(self, cluster: list[Profile], *wanted: str) -> None:
        self.published: list[Profile] = []
        found = index()
        for number, one in enumerate(wanted):
            selector = {"kubernetes.io/arch": one}
            app = container(command=["python3", "cart.py"])
            found.put(thing(str(number)), lean(deployment(app, nodeSelector=selector)))
        shelf = Shelf(clock=NOW.timestamp)
        shelf.replaced(map(seen, cluster))
        self.queue = Queue(NOW.timestamp)
        self.images = {CART: image(cluster[0])} if cluster else {}
        registry: Any = Registry()
        means = Means(
            lambda: registry, self.keyring, self.images, self.published.append, lambda: SETTINGS
        )
        unused: Any = None
        self.work = Work(unused, means, found, shelf)
        self.planner = Planner(found, shelf, self.queue, self.work, self.images)

    async def keyring(self, *_: object) -> Keyring:
        """No credentials."""
        return Keyring()

    async def plan(self) -> Priority | None:
        """What is to be done."""
        await self.planner.changes(NOW.timestamp(), SETTINGS)
        found = self.queue.take()
        return None if found is None else found.priority


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ([], ("arm64",)),
        ([], ("arm64", "amd64")),
        ([profile(OLD, {CART: 1000.0}, learnt=1000.0)], ("arm64", "amd64")),
        ([profile(OLD, {CART: 1000.0}, learnt=1000.0)], ("arm64", "ppc64le")),
    ],
    ids=["none of them", "one of them", "known by one", "known by another"],
)
def test_asked_in_vain_once(before: list[Profile], wanted: tuple[str, ...]) -> None:
    """Whoever leads next asks no more: what an image lacks is written into its profile."""

    async def scene() -> None:
        first = Leader(before, *wanted)
        assert await first.plan() is Priority.NEW
        await first.work.learn(CART)
        (told,) = first.published
        assert told.lacking == ("linux/arm64",)
        told = replace(told, references=profile(OLD, {CART: 1000.0}).references)
        (told,) = (merged(one, told, NOW.timestamp()) for one in before or [told])

        assert await Leader([told], *wanted).plan() is None
        assert await Leader([told], *wanted, "s390x").plan() is Priority.NEW

    asyncio.run(scene())

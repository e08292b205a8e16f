"""How many images, look-ups and reviews there may be at a time."""

import asyncio

import pytest

from registry.errors import (
    ServerError,
)
from tests.webhook.server.cluster.images.cart import APP, DEADLINE, serving
from tests.webhook.server.cluster.images.passing import play
from tests.webhook.server.cluster.images.stage import JAVA, Registry, Stage
from webhook.server.limits import Limits


def test_a_pod_of_many_images() -> None:
    """All of a pod's images share its deadline; those that came count."""

    async def scene() -> None:
        registry = serving()
        registry.push("shop/slow:1", "two", JAVA)
        stage = Stage(registry)
        stage.registry.faults["docker.io/shop/gone:1"] = ServerError("down")
        reply = await stage.admit(APP, "shop/slow:1", "shop/gone:1")

        assert reply.decisions == "c0=inject:python,c1=inject:java,c2=skip:ImageUnreachable"

    play(scene())


def test_a_pod_of_too_many_images() -> None:
    """Beyond sixteen it is told to come again."""

    async def scene() -> None:
        registry = Registry()
        images = [f"shop/app{number}:1" for number in range(20)]
        for image in images:
            registry.push(image, image)
        stage = Stage(registry)
        reply = await stage.admit(*images)

        assert reply.decisions.count("inject:python") == 16
        assert reply.decisions.count("skip:ImagePending") == 4

    play(scene())


def test_a_registry_that_hangs_leaves_room_for_others() -> None:
    """So many look-ups of one registry, and in all; beyond that a pod is answered at once."""

    async def scene() -> None:
        registry = Registry(seconds=30)
        stage = Stage(registry, Limits(waiting=1000))
        hanging = [
            asyncio.create_task(stage.admit(f"one.example/app{number}:1")) for number in range(80)
        ]
        await asyncio.sleep(0.5)
        assert registry.most == 64
        other = asyncio.create_task(stage.admit("two.example/app:1"))
        await asyncio.sleep(0)
        replies = await asyncio.gather(*hanging)

        assert sorted(reply.seconds for reply in replies)[:16] == [0.0] * 16
        assert {reply.decisions for reply in replies} == {"c0=skip:ImagePending"}
        assert DEADLINE * 0.9 <= (await other).seconds < DEADLINE
        assert stage.metric("image_waits_total", outcome="no_room") == 16
        await stage.lookup.close()

    play(scene())


@pytest.mark.parametrize(
    "limits", [Limits(waiting=1), Limits(waiting_bytes=500)], ids=["number", "bytes"]
)
def test_reviews_that_wait_are_bounded(limits: Limits) -> None:
    """Whoever comes beyond the bound is answered at once; afterwards there is room again."""

    async def scene() -> None:
        stage = Stage(serving(seconds=0.2), limits)
        first = asyncio.create_task(stage.admit(APP))
        await asyncio.sleep(0.1)
        second = await stage.admit("shop/other:1")

        assert second.seconds == 0
        assert second.decisions == "c0=skip:ImagePending"
        assert (await first).decisions == "c0=inject:python"
        assert (stage.waiting.waiting, stage.waiting.held_bytes) == (0, 0)

    play(scene())

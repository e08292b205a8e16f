"""What an admission spends on images that are not known: in a time and at a registry of our own."""

import asyncio

import pytest

from tests.webhook.server.cluster.images.cart import APP, serving
from tests.webhook.server.cluster.images.passing import play
from tests.webhook.server.cluster.images.stage import JAVA, Stage, digest, profile
from webhook.images.reference import canonical


def test_a_cold_image() -> None:
    """The first pod of an image waits for the registry, and gets what the image is."""

    async def scene() -> None:
        stage = Stage(serving(seconds=0.01))
        reply = await stage.admit(APP)

        assert reply.decisions == "c0=inject:python"
        assert reply.seconds == pytest.approx(0.02)
        assert [one.digest for one in stage.written] == [digest("one")]
        assert [one.name for one in stage.written[0].references] == [canonical(APP)]
        assert (stage.written[0].learnt.requests, stage.written[0].learnt.bytes) == (4, 4_500)
        assert stage.metric("image_lookups_total", outcome="learnt") == 1
        assert stage.metric("image_waits_total", outcome="in_time") == 1
        assert stage.metric("image_lookup_requests_total") == 4
        assert stage.metric("image_lookup_bytes_total") == 4_500
        assert stage.metric("image_lookup_duration_seconds_count") == 1
        assert stage.metric("images_known") >= 1

    play(scene())


def test_the_second_pod() -> None:
    """What was learnt once costs no request and no wait, by tag as by digest."""

    async def scene() -> None:
        stage = Stage(serving())
        await stage.admit(APP)
        asked = list(stage.registry.asked)
        by_tag, by_digest = await stage.admit(APP), await stage.admit(f"shop/cart@{digest('one')}")

        assert by_tag.decisions == by_digest.decisions == "c0=inject:python"
        assert by_tag.seconds == by_digest.seconds == 0
        assert stage.registry.asked == asked

    play(scene())


def test_another_tag_of_a_known_image() -> None:
    """Costs one request: which digest it is."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.registry.push("shop/cart:latest", "one")
        await stage.admit(APP)
        reply = await stage.admit("shop/cart:latest")

        assert reply.decisions == "c0=inject:python"
        assert stage.registry.asked[2:] == ["resolve docker.io/shop/cart:latest"]
        assert stage.written[1].platforms == ()
        assert [one.name for one in stage.written[1].references] == ["docker.io/shop/cart:latest"]
        assert stage.metric("image_lookups_total", outcome="refreshed") == 1

    play(scene())


def test_fifty_pods_of_one_image() -> None:
    """Ask once, by tag or by digest."""

    async def scene() -> None:
        stage = Stage(serving(seconds=0.1))
        replies = await asyncio.gather(*(stage.admit(APP) for _ in range(50)))

        assert {reply.decisions for reply in replies} == {"c0=inject:python"}
        assert len(stage.registry.asked) == 2
        assert len(stage.written) == 1
        assert stage.metric("image_lookups_total", outcome="learnt") == 1

    play(scene())


def test_switched_off() -> None:
    """Without inspection the first answer is the answer."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.inspecting(enabled=False)

        assert (await stage.admit(APP)).decisions == "c0=skip:LanguageUnknown"
        assert stage.registry.asked == []

    play(scene())


def test_nobody_to_ask() -> None:
    """While the settings cannot be used, what is known counts, and what is not is pending."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.profiles.learnt(profile("known", JAVA, ("shop/known:1", 0)))
        stage.inspector = None
        reply = await stage.admit(APP, "shop/known:1")

        assert reply.decisions == "c0=skip:ImagePending,c1=inject:java"
        assert stage.metric("image_waits_total", outcome="nobody") == 1

    play(scene())


@pytest.mark.parametrize(
    ("selector", "platforms"),
    [
        ({}, ()),
        ({"kubernetes.io/arch": "arm64"}, ("linux/arm64",)),
        ({"kubernetes.io/arch": "../x"}, ()),
        ({"kubernetes.io/arch": 7}, ()),
        (None, ()),
        ([], ()),
    ],
)
def test_the_platform_is_the_nodes(selector: object, platforms: tuple[str, ...]) -> None:
    """Where the pod selects nodes by architecture, that one is asked for."""

    async def scene() -> None:
        stage = Stage(serving())
        await stage.admit(APP, spec={"nodeSelector": selector} if selector is not None else {})

        assert stage.registry.platforms == [platforms]

    play(scene())

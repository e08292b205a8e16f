"""What decisions know of images, put together."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from inspection.inspector import connect
from tests.webhook.server.cluster.images.stage import JAVA, MIDNIGHT, PYTHON, profile
from tests.webhook.server.cluster.recording import Recording
from webhook.images import configuration
from webhook.images.reference import canonical
from webhook.model import Image
from webhook.review import Review
from webhook.server.cluster.image_facts import ImageFacts, asked
from webhook.server.cluster.keyrings import Keyrings
from webhook.settings import ImageInspectionSettings, Settings

TAG = canonical("shop/cart:1")


def facts(configured: dict[str, Image] | None = None) -> ImageFacts:
    """Facts of a webhook that has not begun."""
    recording = Recording()
    return ImageFacts(configured or {}, recording.log, recording.telemetry)


def reviewed(spec: object, **fields: Any) -> Review:
    """A review of a pod."""
    return Review(uid="u", object={"spec": spec}, kind="Pod", **fields)


def test_a_file_comes_first() -> None:
    """What a person says of an image counts more than what was learnt."""
    one = facts({TAG: configuration.read(JAVA)})
    one.take(Settings(image_inspection=ImageInspectionSettings(tag_age=1e12)))
    one.profiles.learnt(profile("one", PYTHON, ("shop/cart:1", -MIDNIGHT), ("shop/cart:2", 0)))

    assert one.images[TAG].cmd[0] == "java"
    assert one.images[canonical("shop/cart:2")].cmd[0] == "python3"


def test_before_it_has_begun() -> None:
    """A review that comes then is answered at once."""
    one = facts()
    found = asyncio.run(one.fetch(reviewed({}), [TAG], 0.0))

    assert found.images == {}
    assert found.absent[TAG].message == "the webhook is only starting"
    assert "registries are not asked" in one.note()
    asyncio.run(one.close())
    with pytest.raises(RuntimeError):
        one.means()


def test_the_profiler_asks_in_the_background() -> None:
    """It leaves half of a registry's pulls to admissions, which ask on."""

    async def scene() -> None:
        one = facts()
        one.keyrings = cast("Keyrings", SimpleNamespace(keyring=None))
        means = one.means()
        assert means.inspector() is None
        async with connect(ImageInspectionSettings()) as inspector:
            one.inspecting.inspector = inspector
            found = means.inspector()

            assert found is not None
            assert (found.is_background, inspector.is_background) == (True, False)
            assert found.hour is inspector.hour

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("spec", "secrets", "platforms"),
    [
        ({}, (), ()),
        (None, (), ()),
        ([], (), ()),
        ({"imagePullSecrets": [{"name": "a"}, {"name": "b"}]}, ("a", "b"), ()),
        ({"imagePullSecrets": [None, {}, {"name": 1}, {"name": ""}, "x"]}, (), ()),
        ({"imagePullSecrets": "x", "nodeSelector": "x"}, (), ()),
        ({"nodeSelector": {"kubernetes.io/arch": "arm64"}}, (), ("linux/arm64",)),
        ({"nodeSelector": {"kubernetes.io/arch": "arm64\n"}}, (), ()),
        ({"nodeSelector": {"kubernetes.io/arch": ["arm64"]}}, (), ()),
    ],
)
def test_what_a_pod_says(
    spec: object, secrets: tuple[str, ...], platforms: tuple[str, ...]
) -> None:
    """Its pull secrets and its nodes' architecture, where they have the shape that they should."""
    found = asked(reviewed(spec, namespace="shop", dry_run=True), [TAG])

    assert (found.references, found.namespace, found.dry_run) == ((TAG,), "shop", True)
    assert (found.pull_secrets, found.platforms) == (secrets, platforms)

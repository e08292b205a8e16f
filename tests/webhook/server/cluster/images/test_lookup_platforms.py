"""What is asked for nodes of one architecture is no answer for those of another."""

import asyncio
from collections.abc import Mapping

from registry.errors import PlatformMissing
from tests.webhook.server.cluster.images.cart import APP, serving
from tests.webhook.server.cluster.images.passing import play
from tests.webhook.server.cluster.images.stage import Stage
from webhook.images.reference import canonical


def on(architecture: str) -> Mapping[str, Mapping[str, str]]:
    """The part of a pod's spec that selects nodes."""
    return {"nodeSelector": {"kubernetes.io/arch": architecture}}


def test_at_the_same_time() -> None:
    """Each platform is asked for by itself; pods of the same one share what is asked."""

    async def scene() -> None:
        stage = Stage(serving(seconds=0.1))
        await asyncio.gather(
            *(stage.admit(APP, spec=dict(on(one))) for one in ("arm64", "amd64", "arm64"))
        )

        asked = sorted(map(tuple, stage.registry.platforms))
        assert asked == [("linux/amd64",), ("linux/arm64",)]

    play(scene())


def test_a_platform_that_the_image_lacks() -> None:
    """Is remembered of that platform alone: pods of others are not kept from asking."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.registry.faults[canonical(APP)] = PlatformMissing("no linux/arm64")
        await stage.admit(APP, spec=dict(on("arm64")))
        stage.registry.faults.clear()
        again, other = await stage.admit(APP, spec=dict(on("arm64"))), await stage.admit(APP)

        assert again.decisions == "c0=skip:ImageUnreachable"
        assert other.decisions == "c0=inject:python"

    play(scene())


def test_dry_runs() -> None:
    """What one learnt for a platform is not taken for another's."""

    async def scene() -> None:
        stage = Stage(serving())
        await stage.admit(APP, spec=dict(on("arm64")), dryRun=True)
        await stage.admit(APP, spec=dict(on("amd64")))

        assert stage.registry.platforms == [("linux/arm64",), ("linux/amd64",)]

    play(scene())

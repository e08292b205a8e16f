"""Credentials of pods: whose failure it is, and the time that reading them takes."""

import asyncio

import pytest

from registry.keyring import Credential, Keyring
from tests.webhook.server.cluster.images.cart import APP, DEADLINE, serving
from tests.webhook.server.cluster.images.passing import play
from tests.webhook.server.cluster.images.stage import Stage
from webhook.server.limits import Limits


def test_failures_are_of_whose_credentials_they_were() -> None:
    """Who may not read an image does not keep those from it who may."""

    async def scene() -> None:
        stage = Stage(serving())
        good = Keyring((("docker.io", Credential("reader", "made up")),))
        stage.keyrings.keyrings = {"good": good}
        stage.registry.readers = [good]
        without = await stage.admit(APP)
        spec = {"imagePullSecrets": [{"name": "good"}, {}, None, {"name": 7}]}
        having = await stage.admit(APP, spec=spec)

        assert without.decisions == "c0=skip:ImageUnreachable"
        assert having.decisions == "c0=inject:python"

    play(scene())


def test_credentials_that_take_their_time() -> None:
    """Reading them counts against the deadline; when they come, the image is asked for."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.keyrings.seconds = 5
        reply = await stage.admit(APP)

        assert reply.seconds == pytest.approx(DEADLINE)
        assert reply.decisions == "c0=skip:ImagePending"
        assert stage.registry.asked == []
        await asyncio.sleep(5)
        assert (await stage.admit(APP)).decisions == "c0=inject:python"

    play(scene())


def test_credentials_that_never_come() -> None:
    """So many pods may wait for them; whoever comes then is answered at once; a stop ends it."""

    async def scene() -> None:
        stage = Stage(serving(), Limits(waiting=1000))
        stage.keyrings.seconds = 1e9
        replies = await asyncio.gather(*(stage.admit(f"shop/a{n}:1") for n in range(150)))

        assert {reply.decisions for reply in replies} == {"c0=skip:ImagePending"}
        assert stage.metric("image_waits_total", outcome="no_room") == 150 - 128
        await stage.lookup.close()

    play(scene())

"""Images whose configuration leaves it open, and looks into their layers."""

import asyncio
from typing import Any

from inspection.inspector import Inspector
from inspection.learning import Learning
from inspection.look import Look
from inspection.starts import start
from tests.inspection.registries import inspecting
from tests.inspection.trees import files, layer
from tests.inspection.wild import script
from tests.registry import images
from tests.registry.images import Image
from tests.registry.server import Server, running, soon
from tests.webhook.images.layers.surveys import program
from webhook.images.layers import Start
from webhook.images.profile import image
from webhook.model import Object

BLOBS = r"GET .*/blobs/"
TOP = layer([script("run.sh", "exec node server.js"), program("other", "#!/usr/bin/python3.12\n")])
BASE = layer(files("usr/lib", 50, 2_000_000))
LARGE = layer([*files("a", 20, 1_000_000), script("run.sh", "exec node server.js")])


def made(*layers: images.Blob, command: str = "/run.sh") -> Image:
    """An image that starts something that its configuration does not tell."""
    return images.image(*layers, configuration=images.config(Env=["PATH=/bin"], Cmd=[command]))


async def learned(inspector: Inspector, server: Server, content: Image) -> Learning:
    """What is learnt of an image on a server."""
    server.put(content)
    return await inspector.learn(f"{server.host}/team/app:1", deadline=soon())


def starts(learning: Learning, *containers: Object) -> list[Start]:
    """What the containers start."""
    found = [start(container, image(learning.profile)) for container in containers or ({},)]
    return [one for one in found if one is not None]


def looked(content: Image, *containers: Object, seconds: float = 20, **settings: Any) -> Look:
    """A look into an image's layers."""

    async def scenario() -> Look:
        async with running() as server, inspecting(server, **settings) as inspector:
            learning = await learned(inspector, server, content)
            return await inspector.look(
                learning, starts(learning, *containers), deadline=soon(seconds)
            )

    return asyncio.run(scenario())

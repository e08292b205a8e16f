"""Two images, and their name on a server."""

import asyncio
from collections.abc import Awaitable

from registry.model import Description
from tests.registry import images
from tests.registry.server import Server
from webhook.images.reference import Reference, parse

IMAGE = images.image(images.layer({"a": b"b"}))
OTHER = images.image(configuration=images.config("arm64"))


def name(server: Server, tag: str = "1") -> Reference:
    """The image's name on a server."""
    return parse(f"{server.host}/team/app:{tag}")


async def asked(server: Server) -> None:
    """Wait until a request has arrived."""
    await server.until(lambda: bool(server.requests))


async def together(*work: Awaitable[Description]) -> list[Description]:
    """All results at once."""
    return list(await asyncio.gather(*work))

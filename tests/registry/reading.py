"""One image, read from a server that a test has made faulty."""

from typing import Any

from registry.model import Description
from tests.registry import images
from tests.registry.images import Image
from tests.registry.server import Server, asking, soon
from webhook.images.reference import parse

IMAGE = images.image(images.layer({"a": b"b"}))
MANIFEST = r"GET .*/manifests/"
CONFIG = r"GET .*/blobs/"
HEAD = r"HEAD "
SHORT = 0.6
OK = b"HTTP/1.1 200 OK\r\n"


async def describe(
    server: Server, within: float = 10.0, image: Image = IMAGE, **settings: Any
) -> Description:
    """What a client with a deadline gets from a server that has an image."""
    server.put(image)
    async with asking(server, **settings) as client:
        return await client.describe(parse(f"{server.host}/team/app:1"), deadline=soon(within))

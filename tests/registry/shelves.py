"""Layers on a server."""

import asyncio
import gzip
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from random import Random

from registry.client import Client
from registry.errors import RegistryError
from registry.layers import Layer
from registry.limits import Budget
from registry.model import Descriptor
from tests.registry import images
from tests.registry.images import Blob
from tests.registry.server import Behaviour, Server, asking, running, soon
from tests.registry.tars import END, entry
from webhook.images.reference import parse

WIDE = Budget()
BLOBS = r"/blobs/"
OK = b"HTTP/1.1 200 OK\r\n"
MEGABYTE = 1 << 20
NOISE = Random(5).randbytes(3000)
SOUND = gzip.compress(entry(b"a", NOISE) + END)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A layer on a server."""

    server: Server
    client: Client
    blob: Blob

    def layer(
        self, budget: Budget = WIDE, seconds: float = 20, **fields: object
    ) -> AbstractAsyncContextManager[Layer]:
        """The layer; keywords replace fields of its descriptor."""
        described = {"digest": self.blob.digest, "size": len(self.blob.content)} | fields
        name = parse(f"{self.server.host}/team/app:1")
        return self.client.layer(
            name,
            Descriptor(**described),  # type: ignore[arg-type]
            deadline=soon(seconds),
            budget=budget,
        )


def read(
    content: bytes,
    budget: Budget = WIDE,
    behaviour: Behaviour | None = None,
    seconds: float = 20,
    **fields: object,
) -> tuple[list[str], RegistryError | None, Layer]:
    """The paths in a layer until it ends or fails, its fault, and the layer."""

    async def scenario() -> tuple[list[str], RegistryError | None, Layer]:
        async with running() as server, asking(server) as client:
            blob = Blob(content, images.GZIP)
            server.put(images.image(blob))
            if behaviour is not None:
                server.on(BLOBS, behaviour)
            paths: list[str] = []
            opened: Layer | None = None
            try:
                async with Shelf(server, client, blob).layer(budget, seconds, **fields) as opened:
                    async for one in opened:
                        paths.append(one.path)  # noqa: PERF401  # those before a fault count
            except RegistryError as error:
                assert opened
                return paths, error, opened
            return paths, None, opened

    return asyncio.run(scenario())

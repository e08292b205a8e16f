"""Real registries with images, and inspectors that may ask them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from inspection.inspector import Inspector, connect
from tests.registry.debian import Running
from tests.registry.server import PATIENCE, Server
from webhook.settings import ImageInspectionSettings

T = TypeVar("T")
KILOBYTE = 1 << 10
"""What counts as a megabyte in images of tests."""


def settings(*hosts: str, authority: str = "", **fields: Any) -> ImageInspectionSettings:
    """Settings that name registries on this machine; plain ones, unless they have an authority."""
    plain = () if authority else hosts
    named = {"local": hosts, "plain_http": plain, "certificate_authorities": authority}
    return ImageInspectionSettings(**(named | fields))


@asynccontextmanager
async def inspecting(registry: Running | Server, **fields: Any) -> AsyncIterator[Inspector]:
    """An inspector of a registry's images; keywords are further settings."""
    authority = registry.authority if isinstance(registry, Running) else ""
    async with (
        asyncio.timeout(PATIENCE),
        connect(settings(registry.host, authority=authority, **fields)) as inspector,
    ):
        yield inspector


def asked(registry: Running, work: Callable[[Inspector], Awaitable[T]], **fields: Any) -> T:
    """What work with an inspector gives."""

    async def scenario() -> T:
        async with inspecting(registry, **fields) as inspector:
            return await work(inspector)

    return asyncio.run(scenario())

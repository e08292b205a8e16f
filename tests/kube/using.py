"""A client of something that answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from kube.client import Client, connect
from tests.kube.answering import Answer, answering, kubeconfig

Use = Callable[[Client], Awaitable[object]]


@asynccontextmanager
async def client(directory: Path, answer: Answer) -> AsyncIterator[Client]:
    """A client of something that answers."""
    async with (
        answering(answer) as url,
        connect(kubeconfig(directory / "kubeconfig", url, {"token": "t"})) as one,
    ):
        yield one


def ask(directory: Path, answer: Answer, use: Use) -> object:
    """What comes of using a client."""

    async def run() -> object:
        async with client(directory, answer) as one:
            return await use(one)

    return asyncio.run(run())

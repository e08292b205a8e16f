import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from kube.client import Client
from kube.errors import ApiError, Unreachable
from tests.kube.answering import status
from tests.kube.using import ask, client


@asynccontextmanager
async def watching(directory: Path, *chunks: bytes, hang: bool = False) -> AsyncIterator[Client]:
    """A client of a watch that says `chunks`, and then ends or says nothing more."""
    over = asyncio.Event()

    async def watch(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
        if hang:
            await over.wait()
        return response

    async with client(directory, watch) as one:
        try:
            yield one
        finally:
            over.set()


def test_a_watch(tmp_path: Path) -> None:
    """Lines arrive whole, however they were cut on the way, and larger than any buffer."""
    large = b'{"x":"' + b"a" * (9 << 20) + b'"}'

    async def run() -> list[bytes]:
        async with watching(tmp_path, b'{"a":1}\n{"b"', b":2}\n", large, b"\n") as one:
            return [line async for line in one.lines("/a", watch="true")]

    assert [b'{"a":1}', b'{"b":2}', large] == asyncio.run(run())


def test_a_burst(tmp_path: Path) -> None:
    """Many changes at once are all told, and others have their turn in between."""
    turns: list[int] = []

    async def others() -> None:
        while True:
            turns.append(0)
            await asyncio.sleep(0)

    async def run() -> int:
        async with watching(tmp_path, b"{}\n" * 20_000) as one:
            task = asyncio.create_task(others())
            count = 0
            async with one.stream("/a") as lines:
                await anext(lines)
                before = len(turns)
                async for _ in lines:
                    count += 1
                    if count == 15_000:
                        break
            task.cancel()
            return len(turns) - before

    assert asyncio.run(run()) >= 100


def test_a_silent_watch(tmp_path: Path) -> None:
    """A connection on which nothing comes for too long counts as lost."""

    async def run() -> bytes:
        async with (
            watching(tmp_path, b"{}\n", hang=True) as one,
            one.stream("/a", silence=0.5) as lines,
        ):
            first = await anext(lines)
            with pytest.raises(Unreachable):
                await anext(lines)
        return first

    assert asyncio.run(run()) == b"{}"


def test_a_refused_watch(tmp_path: Path) -> None:
    """A watch that is refused is an error before there are lines."""

    async def gone(_request: web.Request) -> web.Response:
        return status(410, "Expired", "too old resource version")

    async def open_it(one: Client) -> None:
        async with one.stream("/a"):
            raise AssertionError

    with pytest.raises(ApiError, match="410 Expired: too old"):
        ask(tmp_path, gone, open_it)

"""Reads that several wait for at the same time."""

import asyncio

import pytest

from registry.errors import TimedOut, Unauthorized, Unreachable
from registry.keyring import Credential, Keyring
from registry.limits import Limits
from registry.model import Description
from tests.registry.named import IMAGE, asked, name, together
from tests.registry.server import Request, Server, asking, hangs, running, says, soon


def test_one_read_for_all() -> None:
    """Those who want the same image at the same time share one read; the first one pays."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.put(IMAGE)
            found = await together(
                *(client.describe(name(server), deadline=soon()) for _ in range(20))
            )
            assert len(server.requests) == 3
            assert {description.digest for description in found} == {IMAGE.manifest.digest}
            assert sorted(one.spent.requests for one in found) == [0] * 19 + [3]

    asyncio.run(scenario())


def test_credentials_are_not_shared() -> None:
    """Who has no credentials gets nothing out of the read of somebody who has."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.put(IMAGE)
            secret = Credential("user", "word")

            async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
                if request.headers.get("authorization") == secret.basic:
                    await server.honestly(request, writer)
                else:
                    await says(401, WWW_Authenticate="Basic realm=x")(request, writer)

            server.on(".*", behave)
            keyring = Keyring(((server.host, secret),))
            good, bad = await asyncio.gather(
                client.describe(name(server), deadline=soon(), keyring=keyring),
                client.describe(name(server), deadline=soon()),
                return_exceptions=True,
            )
            assert isinstance(good, Description)
            assert isinstance(bad, Unauthorized)

    asyncio.run(scenario())


def waiting(server: Server, line: str = "HEAD") -> asyncio.Event:
    """Let a server answer some requests only when the event is set."""
    released = asyncio.Event()

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        await server.honestly(request, writer)

    server.on(line, behave)
    return released


def test_one_who_leaves_does_not_end_it() -> None:
    """A shared read goes on while anybody waits for it."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.put(IMAGE)
            released = waiting(server)
            leaving = asyncio.create_task(client.describe(name(server), deadline=soon()))
            staying = asyncio.create_task(client.describe(name(server), deadline=soon()))
            await asked(server)
            leaving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await leaving
            released.set()
            assert (await staying).images
            assert len(server.requests) == 3

    asyncio.run(scenario())


def test_the_longest_deadline_counts() -> None:
    """A shared read ends for each at its own deadline, and goes on up to the last one's."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.put(IMAGE)
            released = waiting(server)
            hasty = asyncio.create_task(client.describe(name(server), deadline=soon(0.6)))
            await asked(server)
            patient = asyncio.create_task(client.describe(name(server), deadline=soon()))
            with pytest.raises(TimedOut):
                await hasty
            released.set()
            assert (await patient).images
            assert len(server.requests) == 3

    asyncio.run(scenario())


def test_closing_ends_what_is_on_its_way() -> None:
    """Whoever waits when the client is closed hears of it."""

    async def scenario() -> None:
        async with running() as server:
            server.on("HEAD", hangs)
            async with asking(server) as client:
                task = asyncio.create_task(client.describe(name(server), deadline=soon()))
                await asked(server)
            with pytest.raises(Unreachable, match="closed"):
                await task

    asyncio.run(scenario())


def test_nobody_waits_any_more() -> None:
    """A read that nobody waits for is ended, and its connection closed."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.put(IMAGE)
            closed = asyncio.Event()

            async def behave(_request: Request, writer: asyncio.StreamWriter) -> None:
                try:
                    while True:
                        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                        await writer.drain()
                        await asyncio.sleep(0.001)
                except ConnectionError:
                    closed.set()

            server.on("HEAD", behave)
            task = asyncio.create_task(client.describe(name(server), deadline=soon()))
            await asked(server)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await closed.wait()
            server.rules.clear()
            assert (await client.describe(name(server), deadline=soon())).images

    asyncio.run(scenario())


def test_hosts_get_so_many_at_a_time() -> None:
    """No host has more requests in progress than its limit; the others wait for their turn."""

    async def scenario() -> None:
        async with running() as server, asking(server, limits=Limits(lookups_per_host=3)) as client:
            busy, most = 0, 0

            async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
                nonlocal busy, most
                busy += 1
                most = max(most, busy)
                await asyncio.sleep(0.005)
                busy -= 1
                await server.honestly(request, writer)

            server.on(".*", behave)
            for tag in range(12):
                server.put(IMAGE, str(tag))
            await together(
                *(client.describe(name(server, str(tag)), deadline=soon()) for tag in range(12))
            )
            assert most == 3

    asyncio.run(scenario())

"""Layers from a registry: entries, and consumers who stop."""

import asyncio
import gzip
import sys

import pytest

from registry.errors import Malformed, TimedOut
from tests.registry import images
from tests.registry.images import Blob
from tests.registry.server import Request, asking, running, says, soon
from tests.registry.shelves import BLOBS, MEGABYTE, NOISE, OK, SOUND, Shelf, read
from tests.registry.tars import END, entry, pax
from webhook.images.reference import parse


def test_whole() -> None:
    """A layer that is read to its end is verified, and says what it cost."""
    content = gzip.compress(entry(b"a", b"x" * 100) + entry(b"b") + END)

    paths, fault, layer = read(content)

    assert (paths, fault) == (["a", "b"], None)
    assert layer.verified
    assert layer.compressed == len(content)
    assert layer.uncompressed == 512 * 5
    assert layer.spent.requests == 1
    assert layer.spent.bytes > len(content)


def test_stops_when_the_consumer_stops() -> None:
    """What nobody reads is not fetched: the connection is closed, and the bytes are counted."""
    content = b"".join(entry(f"{number}".encode(), NOISE * 30) for number in range(200)) + END

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            blob = Blob(content, images.TAR)
            server.put(images.image(blob))
            async with Shelf(server, client, blob).layer() as layer:
                async for one in layer:
                    if one.path == "3":
                        assert await layer.head(10) == NOISE[:10]
                        break
                assert not layer.verified
                assert layer.spent.bytes < len(content) / 4
            await server.until(lambda: server.broken_off == 1)

    asyncio.run(scenario())


def test_a_hundred_thousand_entries() -> None:
    """A layer of 100,000 entries is read without being kept."""
    content = gzip.compress(b"".join(entry(f"d/{n}".encode()) for n in range(100_000)) + END, 1)

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            blob = Blob(content, images.GZIP)
            server.put(images.image(blob))
            async with Shelf(server, client, blob).layer() as layer:
                blocks = sys.getallocatedblocks()
                count = 0
                async for _ in layer:
                    count += 1
                    if count % 10_000 == 0:
                        assert sys.getallocatedblocks() < blocks + 20_000
            assert count == 100_000

    asyncio.run(scenario())


def test_hostile_paths() -> None:
    """Paths that lead out of the root, or that nothing could hold, are counted and left out."""
    content = gzip.compress(
        entry(b"../../etc/passwd")
        + pax(path=b"x/" * 50_000)
        + entry(b"short")
        + entry(b"/etc/shadow")
        + entry(b"caf\xe9")
        + END
    )

    paths, fault, layer = read(content)

    assert (paths, fault) == (["etc/shadow", "caf�"], None)
    assert layer.skipped == 2


def test_look_ups_do_not_wait_for_streams() -> None:
    """However many layers are on their way, a look-up has its own turn."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            blob = Blob(entry(b"a", NOISE) + END, images.TAR)
            image = images.image(blob)
            server.put(image)
            shelf = Shelf(server, client, blob)
            async with shelf.layer(), shelf.layer():
                found = await client.describe(parse(f"{server.host}/team/app:1"), deadline=soon())
                assert found.images
                with pytest.raises(TimedOut):
                    async with shelf.layer(seconds=0.1):
                        raise AssertionError("a third one has no turn")
            async with shelf.layer() as layer:
                assert [one.path async for one in layer] == ["a"]

    asyncio.run(scenario())


def test_others_get_their_turn() -> None:
    """While a large layer is unpacked the event loop serves others all along."""
    content = gzip.compress(bytes(entry(b"a", NOISE)) * 3000 + END, 1)

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            blob = Blob(content, images.GZIP)
            server.put(images.image(blob))
            turns = 0

            async def other() -> None:
                nonlocal turns
                while True:
                    await asyncio.sleep(0)
                    turns += 1

            task = asyncio.create_task(other())
            async with Shelf(server, client, blob).layer() as layer:
                assert len([one async for one in layer]) == 3000
                assert turns > layer.uncompressed / (1 << 17)
            task.cancel()

    asyncio.run(scenario())


def test_a_consumers_own_fault() -> None:
    """What the consumer raises comes through, and the next layer is read as before."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            blob = Blob(SOUND, images.GZIP)
            server.put(images.image(blob))
            shelf = Shelf(server, client, blob)
            with pytest.raises(ZeroDivisionError):
                async with shelf.layer():
                    raise ZeroDivisionError
            async with shelf.layer() as layer:
                assert [one.path async for one in layer] == ["a"]

    asyncio.run(scenario())


def test_redirected() -> None:
    """A layer is read from the storage that the registry sends us to."""

    async def scenario() -> None:
        async with running() as server, running() as storage:
            blob = Blob(SOUND, images.GZIP)
            server.put(images.image(blob))
            storage.put(images.image(blob))

            async def redirect(request: Request, writer: asyncio.StreamWriter) -> None:
                await says(307, Location=f"{storage.url}{request.path}")(request, writer)

            server.on(BLOBS, redirect)
            async with (
                asking(server, storage) as client,
                Shelf(server, client, blob).layer() as layer,
            ):
                assert [one.path async for one in layer] == ["a"]
                assert layer.spent.requests == 2

    asyncio.run(scenario())


def test_small_pieces() -> None:
    """The format is told also where its first bytes come one by one, or are hardly any."""

    async def one_by_one(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + f"Content-Length: {len(SOUND)}\r\n\r\n".encode())
        for byte in SOUND[:6]:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.001)
        writer.write(SOUND[6:])

    assert read(SOUND, behaviour=one_by_one)[:2] == (["a"], None)
    assert read(b"")[:2] == ([], None)
    assert isinstance(read(b"x")[1], Malformed)


def test_what_follows_the_archive() -> None:
    """Little more than the archive is read to verify it; megabytes are not."""
    little, much = read(entry(b"a") + END + bytes(5000)), read(entry(b"a") + END + bytes(3 << 20))

    assert [(paths, fault, layer.verified) for paths, fault, layer in (little, much)] == [
        (["a"], None, True),
        (["a"], None, False),
    ]
    assert much[2].compressed < MEGABYTE

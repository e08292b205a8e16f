"""Layers from a registry: entries, budgets, bombs, and consumers who stop."""

import asyncio
import gzip
import sys
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from random import Random

import pytest

from registry.client import Client
from registry.errors import (
    BudgetSpent,
    DigestMismatch,
    Malformed,
    NotFound,
    RegistryError,
    TimedOut,
    TooLarge,
    Unreachable,
)
from registry.layers import Layer
from registry.limits import Budget
from registry.model import Descriptor
from tests.registry import images
from tests.registry.images import Blob
from tests.registry.server import (
    Behaviour,
    Request,
    Server,
    asking,
    drips,
    floods,
    hangs,
    running,
    says,
    soon,
    writes,
)
from tests.registry.tars import END, PAX, entry, pax
from webhook.images.reference import parse

WIDE = Budget()
BLOBS = r"/blobs/"
OK = b"HTTP/1.1 200 OK\r\n"
MEGABYTE = 1 << 20
NOISE = Random(5).randbytes(3000)


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


def test_a_digest_that_does_not_fit() -> None:
    """A layer that is not what its digest says is told at its end."""
    paths, fault, layer = read(entry(b"a") + END, behaviour=says(200, entry(b"b") + END))

    assert paths == ["b"]
    assert isinstance(fault, DigestMismatch)
    assert not layer.verified


BUDGETS: dict[str, tuple[bytes, Budget, type[RegistryError]]] = {
    "compressed": (
        entry(b"a", NOISE * 1000) + entry(b"b") + END,
        Budget(compressed=MEGABYTE),
        BudgetSpent,
    ),
    "uncompressed": (
        gzip.compress(entry(b"a", bytes(8 * MEGABYTE)) + entry(b"b") + END),
        Budget(uncompressed=MEGABYTE),
        BudgetSpent,
    ),
    "entries": (gzip.compress(entry(b"a") * 2000 + END), Budget(entries=1000), BudgetSpent),
    "ratio": (
        gzip.compress(entry(b"a", bytes(64 * MEGABYTE)) + entry(b"b") + END),
        WIDE,
        TooLarge,
    ),
    "zstd ratio": (
        images.zstd_frame(entry(b"a", bytes(64 * MEGABYTE)) + entry(b"b") + END),
        WIDE,
        TooLarge,
    ),
    "time": (gzip.compress(entry(b"a") * 50_000 + END), Budget(seconds=0.01), TimedOut),
}


@pytest.mark.parametrize("name", BUDGETS)
def test_budgets(name: str) -> None:
    """Bytes, entries and time are bounded, and a bomb is one when its ratio says so."""
    content, budget, family = BUDGETS[name]

    paths, fault, layer = read(content, budget)

    assert isinstance(fault, family)
    assert "b" not in paths
    assert layer.uncompressed <= 16 * MEGABYTE + (1 << 16)
    assert fault.spent.bytes <= len(content) + 1000


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


FAULTS: dict[str, tuple[bytes, type[RegistryError]]] = {
    "text": (b"this is not an archive" * 100, Malformed),
    "html in gzip": (gzip.compress(b"<html>" * 1000), Malformed),
    "gzip breaks off": (gzip.compress(entry(b"a", NOISE))[:-700], Malformed),
    "zstd breaks off": (images.zstd_frame(entry(b"a", NOISE))[:-700], Malformed),
    "file breaks off": (gzip.compress(entry(b"a", NOISE)[:-1000]), Malformed),
    "damaged": (gzip.compress(entry(b"a", NOISE))[:40] + bytes(100), Malformed),
    "huge name": (gzip.compress(entry(b"x", flag=PAX, size=MEGABYTE * 2)), TooLarge),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name: str) -> None:
    """Layers that are none, or break off, are faults of their family."""
    content, family = FAULTS[name]

    _, fault, _ = read(content)

    assert isinstance(fault, family)


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


SOUND = gzip.compress(entry(b"a", NOISE) + END)
WAYS: dict[str, tuple[Behaviour, type[RegistryError]]] = {
    "truncated": (
        writes(OK + b"Content-Length: 100000\r\n\r\n" + SOUND[:100]),
        Unreachable,
    ),
    "longer": (floods(OK + b"\r\n" + SOUND, bytes(10_000)), TooLarge),
    "drips": (drips(OK + b"Content-Length: 10000\r\n\r\n" + SOUND[:20], b""), TimedOut),
}


@pytest.mark.parametrize("name", WAYS)
def test_ways(name: str) -> None:
    """A layer that does not come as it should ends as the fault that it is."""
    behaviour, family = WAYS[name]

    _, fault, _ = read(SOUND, behaviour=behaviour, seconds=0.5)

    assert isinstance(fault, family)


@pytest.mark.parametrize(
    ("behaviour", "family"), [(says(404), NotFound), (hangs, TimedOut)], ids=["missing", "hangs"]
)
def test_cannot_be_opened(behaviour: Behaviour, family: type[RegistryError]) -> None:
    """A layer that is not there, or does not come, is a fault before its first entry."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.on(BLOBS, behaviour)
            with pytest.raises(family) as fault:
                async with Shelf(server, client, Blob(SOUND, images.GZIP)).layer(seconds=0.3):
                    raise AssertionError("there is nothing to read")
            assert fault.value.spent.requests == 1

    asyncio.run(scenario())


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

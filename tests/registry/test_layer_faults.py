"""Layers that cost too much, are bombs, break off, or are no archives."""

import asyncio
import gzip

import pytest

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
from registry.limits import Budget
from tests.registry import images
from tests.registry.images import Blob
from tests.registry.server import Behaviour, asking, drips, floods, hangs, running, says, writes
from tests.registry.shelves import BLOBS, MEGABYTE, NOISE, OK, SOUND, WIDE, Shelf, read
from tests.registry.tars import END, PAX, entry


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

    _, fault, _ = read(SOUND, behaviour=behaviour, seconds=1)

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

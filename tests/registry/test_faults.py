"""Registries that do not do what they should: each fault is one of its family, and in time."""

import asyncio
import contextlib
import gzip
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import (
    DigestMismatch,
    Malformed,
    RegistryError,
    ServerError,
    TimedOut,
    TooLarge,
    Unauthorized,
    UnexpectedStatus,
    Unreachable,
)
from registry.manifests import OCI_MANIFEST
from tests.registry import images
from tests.registry.reading import CONFIG, HEAD, IMAGE, MANIFEST, OK, SHORT, describe
from tests.registry.server import (
    Behaviour,
    Server,
    asking,
    drips,
    floods,
    hangs,
    response,
    running,
    says,
    soon,
    writes,
)
from webhook.images.reference import parse

CHUNKED = OK + b"Content-Type: " + OCI_MANIFEST.encode() + b"\r\nTransfer-Encoding: chunked\r\n\r\n"


def fault(pattern: str, behaviour: Behaviour, within: float = 10.0) -> RegistryError:
    """The fault of a registry that behaves badly for some requests."""

    async def scenario() -> RegistryError:
        async with running() as server:
            server.on(pattern, behaviour)
            with pytest.raises(RegistryError) as fault:
                await describe(server, within)
            return fault.value

    return asyncio.run(scenario())


SLOW: dict[str, tuple[str, Behaviour]] = {
    "no first byte": (HEAD, hangs),
    "manifest hangs": (MANIFEST, hangs),
    "configuration hangs": (CONFIG, hangs),
    "head drips": (HEAD, drips(OK, b"X-Slow: 1\r\n")),
    "body drips": (CONFIG, drips(OK + b"Content-Length: 1000000\r\n\r\n", b" ")),
    "chunks drip": (MANIFEST, drips(CHUNKED, b"1\r\n \r\n")),
    "a chunk's zeros": (CONFIG, floods(CHUNKED, b"0" * 0x10000)),
    "continues": (HEAD, drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
}


@pytest.mark.parametrize("name", SLOW)
def test_slow(name: str) -> None:
    """Whatever is slow, and at whatever point, the deadline holds."""
    found = fault(*SLOW[name], within=SHORT)

    assert isinstance(found, TimedOut)
    assert found.spent.requests >= 1


ENDLESS: dict[str, tuple[str, Behaviour, type[RegistryError]]] = {
    "manifest": (MANIFEST, floods(CHUNKED, b"10000\r\n" + bytes(0x10000) + b"\r\n"), TooLarge),
    "configuration": (
        CONFIG,
        floods(CHUNKED, b"10000\r\n" + bytes(0x10000) + b"\r\n"),
        TooLarge,
    ),
    "until the end": (CONFIG, floods(OK + b"\r\n", bytes(0x10000)), TooLarge),
    "headers": (HEAD, floods(OK, b"X-More: 1\r\n" * 100), Malformed),
    "a header": (HEAD, floods(OK + b"X-Long: ", b"x" * 0x10000), Malformed),
    "a status line": (HEAD, floods(b"HTTP/1.1 200 ", b"x" * 0x10000), Malformed),
    "a chunk's size": (CONFIG, floods(CHUNKED, b"f" * 0x10000), Malformed),
    "trailers": (CONFIG, floods(CHUNKED + b"0\r\n", b"X-More: 1\r\n" * 100), Malformed),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_endless(name: str) -> None:
    """What never ends is cut off at its limit, long before the deadline."""
    pattern, behaviour, family = ENDLESS[name]
    found = fault(pattern, behaviour)

    assert isinstance(found, family | Unreachable)
    assert not isinstance(found, TimedOut)
    assert found.spent.bytes < 10 << 20


BROKEN: dict[str, tuple[str, Behaviour, type[RegistryError]]] = {
    "nothing": (HEAD, writes(b""), Unreachable),
    "in the head": (HEAD, writes(OK + b"Content-"), Unreachable),
    "in the body": (CONFIG, writes(OK + b"Content-Length: 100\r\n\r\nabc"), Unreachable),
    "in a chunk": (MANIFEST, writes(CHUNKED + b"100\r\nabc"), Unreachable),
    "no chunk": (MANIFEST, writes(CHUNKED + b"rubbish\r\n"), Malformed),
    "no http": (HEAD, writes(b"SSH-2.0-OpenSSH_9.2\r\n"), Malformed),
    "http 0.9": (HEAD, writes(b"<html>hello</html>"), Malformed),
    "two lengths": (
        CONFIG,
        writes(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde"),
        Malformed,
    ),
    "negative length": (CONFIG, writes(OK + b"Content-Length: -1\r\n\r\n"), Malformed),
    "upgrade": (HEAD, writes(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), Malformed),
    "content length lies": (
        MANIFEST,
        writes(OK + b"Content-Length: 99999999999999\r\n\r\n"),
        TooLarge,
    ),
    "large head": (HEAD, writes(OK + b"Content-Length: 99999999\r\n\r\n"), TooLarge),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    """What breaks off or is no HTTP is one of the faults of the way."""
    pattern, behaviour, family = BROKEN[name]
    found = fault(pattern, behaviour)

    assert isinstance(found, family | UnexpectedStatus if name == "upgrade" else family)


WRONG: dict[str, tuple[str, Behaviour, type[RegistryError]]] = {
    "html": (MANIFEST, says(200, b"<html>", Content_Type="text/html"), DigestMismatch),
    "other manifest": (
        MANIFEST,
        says(200, images.image().manifest.content, Content_Type=OCI_MANIFEST),
        DigestMismatch,
    ),
    "truncated configuration": (CONFIG, says(200, IMAGE.config.content[:-1]), DigestMismatch),
    "empty configuration": (CONFIG, says(200), DigestMismatch),
    "longer configuration": (CONFIG, says(200, IMAGE.config.content + b" "), DigestMismatch),
    "packed configuration": (
        CONFIG,
        says(200, gzip.compress(IMAGE.config.content), Content_Encoding="gzip"),
        DigestMismatch,
    ),
    "digest of the head": (HEAD, says(200, Docker_Content_Digest="../../x"), Malformed),
    "unauthorized": (HEAD, says(401), Unauthorized),
    "forbidden": (HEAD, says(403), Unauthorized),
    "teapot": (HEAD, says(418), UnexpectedStatus),
    "no content": (HEAD, says(204), UnexpectedStatus),
    "part": (CONFIG, says(206, b"{}"), UnexpectedStatus),
    "redirect without address": (HEAD, says(302), UnexpectedStatus),
    "server error": (HEAD, says(500), ServerError),
    "bad gateway": (CONFIG, says(502, b"x" * 100_000), ServerError),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name: str) -> None:
    """Content that is not what it should be, and statuses that say no, are told apart."""
    pattern, behaviour, family = WRONG[name]

    assert isinstance(fault(pattern, behaviour), family)


def test_nobody_listens() -> None:
    """A registry that is not there is unreachable."""

    async def scenario() -> None:
        async with running() as server:
            port = server.port
        gone = Server(port=port)
        with pytest.raises(Unreachable, match="cannot be connected to"):
            await describe(gone)

    asyncio.run(scenario())


async def no_address(_host: str, _port: int) -> list[str]:
    """A resolver that knows no name."""
    raise OSError("unknown name")


async def hanging(_host: str, _port: int) -> list[str]:
    """A resolver that never answers."""
    await asyncio.Event().wait()
    return []


@pytest.mark.parametrize(
    ("lookup", "family"),
    [(no_address, Unreachable), (hanging, TimedOut)],
    ids=["unknown", "hangs"],
)
def test_names(lookup: Callable[..., object], family: type[RegistryError]) -> None:
    """A name that does not resolve, or not in time, is a fault within the deadline."""

    async def scenario() -> None:
        async with asking(lookup=lookup) as client:  # type: ignore[arg-type]
            with pytest.raises(family):
                await client.describe(parse("registry.test/app:1"), deadline=soon(SHORT))

    asyncio.run(scenario())


def test_a_past_deadline() -> None:
    """A deadline that has passed already costs nothing."""

    async def scenario() -> None:
        async with running() as server:
            with pytest.raises(TimedOut):
                await describe(server, within=-1)
            assert server.requests == []

    asyncio.run(scenario())


_noise = st.binary(max_size=60)


@given(st.sampled_from([HEAD, MANIFEST, CONFIG]), _noise, st.booleans(), st.integers(0, 400))
def test_noise(pattern: str, noise: bytes, status_first: bool, at: int) -> None:
    """Whatever bytes a registry sends, a read gives a description or a fault, in time."""
    sound = response(200, IMAGE.manifest.content, {"Content-Type": OCI_MANIFEST})
    data = sound[:at] + noise + sound[at:] if status_first else noise

    async def scenario() -> None:
        async with running() as server:
            server.on(pattern, writes(data))
            with contextlib.suppress(RegistryError):
                assert (await describe(server, within=2)).images

    asyncio.run(scenario())

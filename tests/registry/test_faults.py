"""Registries that do not do what they should: each fault is one of its family, and in time."""

import asyncio
import contextlib
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import (
    CircuitOpen,
    DigestMismatch,
    Malformed,
    RateLimited,
    RegistryError,
    ServerError,
    TimedOut,
    TooLarge,
    Unauthorized,
    UnexpectedStatus,
    Unreachable,
    UnsupportedMediaType,
)
from registry.limits import Limits
from registry.manifests import OCI_INDEX, OCI_MANIFEST
from registry.model import Description
from tests.registry import images
from tests.registry.images import Image
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

IMAGE = images.image(images.layer({"a": b"b"}))
MANIFEST, CONFIG = r"GET .*/manifests/", r"GET .*/blobs/"
HEAD = r"HEAD "
SHORT = 0.3
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Content-Type: " + OCI_MANIFEST.encode() + b"\r\nTransfer-Encoding: chunked\r\n\r\n"


async def describe(
    server: Server, within: float = 10.0, image: Image = IMAGE, **settings: Any
) -> Description:
    """What a client with a deadline gets from a server that has an image."""
    server.put(image)
    async with asking(server, **settings) as client:
        return await client.describe(parse(f"{server.host}/team/app:1"), deadline=soon(within))


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


def tagged(body: bytes, content_type: str) -> RegistryError:
    """The fault of a document that a tag gives where no digest is known."""

    async def scenario() -> RegistryError:
        async with running() as server:
            server.on(HEAD, says(405))
            server.on(MANIFEST, says(200, body, Content_Type=content_type))
            with pytest.raises(RegistryError) as fault:
                await describe(server)
            return fault.value

    return asyncio.run(scenario())


DOCUMENTS: dict[str, tuple[bytes, str, type[RegistryError]]] = {
    "login page": (b"<html>", "text/html", Malformed),
    "schema 1": (
        b"{}",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        UnsupportedMediaType,
    ),
    "empty": (b"", OCI_MANIFEST, Malformed),
    "list": (b"[]", OCI_MANIFEST, Malformed),
    "deep": (b'{"manifests":' + b"[" * 100_000, OCI_INDEX, Malformed),
    "many values": (b'{"manifests":[' + b"1," * 300_000 + b"1]}", OCI_INDEX, TooLarge),
    "shape": (b'{"config": 1, "layers": 2}', OCI_MANIFEST, Malformed),
    "no platforms": (b'{"manifests": []}', OCI_INDEX, RegistryError),
    "configuration too large": (
        json.dumps({"config": images.config_descriptor(size=9 << 20), "layers": []}).encode(),
        OCI_MANIFEST,
        TooLarge,
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(name: str) -> None:
    """Documents that are none are faults also where no digest would have told."""
    body, content_type, family = DOCUMENTS[name]

    assert isinstance(tagged(body, content_type), family)


@pytest.mark.parametrize(
    ("content", "family"),
    [
        (b"[]", Malformed),
        (b"{", Malformed),
        (b"{}" * 2, Malformed),
        (b'{"a":' * 50_000, Malformed),
        (b'{"a": [' + b"{}," * 300_000 + b"{}]}", TooLarge),
    ],
    ids=["list", "broken", "two", "deep", "many"],
)
def test_configurations(content: bytes, family: type[RegistryError]) -> None:
    """A configuration that is none is a fault, although its digest is right."""
    image = images.image_of(content)

    async def scenario() -> None:
        async with running() as server:
            with pytest.raises(family):
                await describe(server, image=image)

    asyncio.run(scenario())


def index_of(count: int) -> images.Index:
    """An index of many platforms."""
    return images.index(
        {
            f"linux/cpu{number}": images.image(configuration=images.config(f"cpu{number}"))
            for number in range(count)
        }
    )


def nested(depth: int) -> images.Index:
    """An index in an index, so many times."""
    inner = images.index({"linux/amd64": IMAGE})
    for _ in range(depth):
        inner = images.wrapped(inner)
    return inner


@pytest.mark.parametrize(
    ("index", "family"),
    [(index_of(30), TooLarge), (nested(2), TooLarge), (nested(1), None)],
    ids=["many", "deep", "nested"],
)
def test_indexes(index: images.Index, family: type[RegistryError] | None) -> None:
    """An index in an index is read; deeper ones, or ones with dozens of images, are not."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.put(index)
            name = parse(f"{server.host}/team/app:1")
            if family is not None:
                with pytest.raises(family):
                    await client.describe(name, deadline=soon())
                assert len(server.requests) < 10
                return
            found = await client.describe(name, deadline=soon())
            assert [image.digest for image in found.images] == [IMAGE.manifest.digest]

    asyncio.run(scenario())


def test_one_broken_platform() -> None:
    """Where one of several images cannot be read, its fault is told and the others are ended."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            index = index_of(5)
            server.put(index)
            broken = index.images[3].config.digest
            server.on(rf"blobs/{broken}", says(200, b"{}"))
            with pytest.raises(DigestMismatch):
                await client.describe(parse(f"{server.host}/team/app:1"), deadline=soon())

    asyncio.run(scenario())


def asked_again(pattern: str, behaviour: Behaviour, times: int) -> tuple[list[str], list[str]]:
    """The words of the faults of several reads, and what was asked."""

    async def scenario() -> tuple[list[str], list[str]]:
        words = []
        async with running() as server, asking(server, limits=Limits(failures=3)) as client:
            server.put(IMAGE)
            server.on(pattern, behaviour)
            for _ in range(times):
                with pytest.raises(RegistryError) as fault:
                    await client.describe(parse(f"{server.host}/team/app:1"), deadline=soon(SHORT))
                words.append(fault.value.word)
            return words, server.lines

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    "behaviour",
    [
        says(429, Retry_After="30"),
        says(429),
        says(429, Retry_After="Fri, 31 Dec 2199 00:00:00 GMT"),
    ],
    ids=["seconds", "nothing", "date"],
)
def test_asked_too_often(behaviour: Behaviour) -> None:
    """A registry that says "not now" is not asked again before its time."""
    words, lines = asked_again(HEAD, behaviour, 3)

    assert words == [RateLimited.word] * 3
    assert len(lines) == 1


def test_unavailable_for_a_time() -> None:
    """A 503 that says when to come back is kept to like a 429."""
    words, lines = asked_again(HEAD, says(503, Retry_After="30"), 3)

    assert words == [ServerError.word, RateLimited.word, RateLimited.word]
    assert len(lines) == 1


@pytest.mark.parametrize(
    ("behaviour", "word"),
    [(says(500), "server_error"), (writes(b""), "unreachable"), (hangs, "timed_out")],
    ids=["500", "closes", "hangs"],
)
def test_circuit(behaviour: Behaviour, word: str) -> None:
    """A host that fails again and again is left alone."""
    words, lines = asked_again(HEAD, behaviour, 5)

    assert words == [word] * 3 + [CircuitOpen.word] * 2
    # When a connection closes without an answer the HTTP client itself asks once more.
    assert len(lines) == (6 if word == "unreachable" else 3)


def test_the_circuit_closes_again() -> None:
    """After a while one request goes out, and when it is answered all is as before."""

    async def scenario() -> None:
        limits = Limits(failures=1, open_seconds=0.05)
        async with running() as server, asking(server, limits=limits) as client:
            server.put(IMAGE)
            server.on(HEAD, says(500))
            name = parse(f"{server.host}/team/app:1")
            with pytest.raises(ServerError):
                await client.describe(name, deadline=soon())
            server.rules.clear()
            with pytest.raises(CircuitOpen) as fault:
                await client.describe(name, deadline=soon())
            assert fault.value.retry_after <= 0.05
            await asyncio.sleep(fault.value.retry_after)
            assert (await client.describe(name, deadline=soon())).images
            assert (await client.describe(name, deadline=soon())).images

    asyncio.run(scenario())


def test_faults_of_content_leave_the_circuit_closed() -> None:
    """A host that answers is asked again, however wrong one image is."""
    words, _ = asked_again(CONFIG, says(200, b"{}"), 5)

    assert words == [DigestMismatch.word] * 5


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

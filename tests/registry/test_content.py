"""Manifests, indexes and configurations that are none, although the way was fine."""

import asyncio
import json

import pytest

from registry.errors import DigestMismatch, Malformed, RegistryError, TooLarge, UnsupportedMediaType
from registry.manifests import OCI_INDEX, OCI_MANIFEST
from tests.registry import images
from tests.registry.reading import HEAD, IMAGE, MANIFEST, describe
from tests.registry.server import asking, running, says, soon
from webhook.images.reference import parse


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

"""What a reference gives, and which pulls are left to others."""

import asyncio

import pytest

from registry.errors import ForbiddenAddress, NotFound, PlatformMissing, RateLimited, Reserved
from registry.limits import Limits
from registry.model import Platform
from registry.spent import Spent
from tests.registry import images
from tests.registry.named import IMAGE, OTHER, name
from tests.registry.server import Request, Server, asking, response, running, says, soon
from webhook.images.reference import parse


def test_platform_of_a_single_image() -> None:
    """A tag of one image gives that one, whatever platform is asked for: the kubelet pulls it."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.put(OTHER)
            found = await client.describe(
                name(server), deadline=soon(), platforms=[Platform("linux", "amd64")]
            )
            assert [str(image.platform) for image in found.images] == ["linux/arm64"]

    asyncio.run(scenario())


def test_entries_without_platform() -> None:
    """Where an index does not say the platforms, the configurations do."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            entries = [IMAGE.manifest.descriptor(), OTHER.manifest.descriptor()]
            index = images.index({}, entries)
            server.put(images.Index(index.index, (IMAGE, OTHER)))
            found = await client.describe(
                name(server), deadline=soon(), platforms=[Platform("linux", "arm64")]
            )
            assert [image.digest for image in found.images] == [OTHER.manifest.digest]
            with pytest.raises(PlatformMissing):
                await client.describe(
                    name(server), deadline=soon(), platforms=[Platform("linux", "riscv64")]
                )

    asyncio.run(scenario())


def test_registries_without_head() -> None:
    """A registry that knows no HEAD, or no digest header, is asked with GET."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.put(IMAGE)
            for behaviour in (says(405), says(200)):
                server.on("HEAD", behaviour)
                found = await client.describe(name(server), deadline=soon())
                assert found.digest == IMAGE.manifest.digest
                resolved = await client.resolve(name(server), deadline=soon())
                assert resolved.digest == IMAGE.manifest.digest
                assert resolved.media_type == IMAGE.manifest.media_type

    asyncio.run(scenario())


def limited(server: Server, remaining: int) -> None:
    """Let a server say how many pulls are left."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        blob = server.content.get(request.path)
        assert blob
        headers = {
            "Docker-Content-Digest": blob.digest,
            "Content-Type": blob.media_type,
            "RateLimit-Remaining": f"{remaining};w=21600",
            "RateLimit-Limit": "100;w=21600",
        }
        writer.write(response(200, blob.content, headers, head=request.method == "HEAD"))

    server.on("/manifests/", behave)


def test_reserve() -> None:
    """Near the registry's limit nothing is pulled any more; HEAD, which costs nothing, still is."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.put(IMAGE)
            limited(server, 5)
            with pytest.raises(RateLimited, match="few pulls left") as fault:
                await client.describe(name(server), deadline=soon())
            assert 0 < fault.value.retry_after <= 60
            assert (await client.resolve(name(server), deadline=soon())).digest
            assert {request.method for request in server.requests} == {"HEAD"}

    asyncio.run(scenario())


def test_the_background_leaves_half() -> None:
    """What nobody waits for stops at half of the pulls; who waits may go on to the reserve."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.put(IMAGE)
            limited(server, 40)
            background = client.in_background()
            with pytest.raises(Reserved, match="few pulls left for the background"):
                await background.describe(name(server), deadline=soon())
            assert (await background.resolve(name(server), deadline=soon())).digest
            assert {request.method for request in server.requests} == {"HEAD"}
            assert (await client.describe(name(server), deadline=soon())).images

    asyncio.run(scenario())


def test_somebody_waits_for_a_read_in_the_background() -> None:
    """Then it is none any more: both get the image, for one pull."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.put(IMAGE)
            limited(server, 40)
            first = asyncio.create_task(
                client.in_background().describe(name(server), deadline=soon())
            )
            await asyncio.sleep(0)
            second = await client.describe(name(server), deadline=soon())

            assert (await first).digest == second.digest
            assert [line.split()[0] for line in server.lines] == ["HEAD", "GET", "GET"]

    asyncio.run(scenario())


def test_an_old_number_is_asked_for_again() -> None:
    """After a while HEAD tells whether there are pulls again, before one is spent."""

    async def scenario() -> None:
        limits = Limits(stale_seconds=0)
        async with running() as server, asking(server, limits=limits) as client:
            server.put(IMAGE)
            limited(server, 5)
            await client.resolve(name(server), deadline=soon())
            limited(server, 100)
            digest = IMAGE.manifest.digest
            by_digest = parse(f"{server.host}/team/app@{digest}")
            assert (await client.describe(by_digest, deadline=soon())).images
            assert [line.split()[0] for line in server.lines] == ["HEAD", "HEAD", "GET", "GET"]

    asyncio.run(scenario())


def test_nothing_is_spent_on_what_is_known_to_fail() -> None:
    """A fault without a request says so."""

    async def scenario() -> None:
        async with asking() as client:
            with pytest.raises(ForbiddenAddress) as fault:
                await client.resolve(parse("127.0.0.1:1/app:1"), deadline=soon())
            assert fault.value.spent == Spent()

    asyncio.run(scenario())


def test_connections_are_kept() -> None:
    """Requests to the same host use the same connection, refusals and missing images too."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.put(IMAGE)
            for tag in ("1", "2", "3", "1"):
                try:
                    await client.describe(name(server, tag), deadline=soon())
                except NotFound:
                    continue
            assert server.connections == 1

    asyncio.run(scenario())

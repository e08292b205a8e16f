"""Where the client reads, what it shares, and what it leaves to others."""

import asyncio
from collections.abc import Awaitable

import pytest

from registry.client import Client
from registry.errors import (
    ForbiddenAddress,
    NotFound,
    PlatformMissing,
    RateLimited,
    RegistryError,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from registry.keyring import Credential, Keyring
from registry.limits import Limits
from registry.model import Description, Platform
from registry.proxies import Proxies
from registry.routes import Route
from registry.spent import Spent
from tests.registry import images
from tests.registry.server import (
    Behaviour,
    Request,
    Server,
    asking,
    hangs,
    response,
    running,
    says,
    soon,
    writes,
)
from webhook.images.reference import Reference, parse

IMAGE = images.image(images.layer({"a": b"b"}))
OTHER = images.image(configuration=images.config("arm64"))


def name(server: Server, tag: str = "1") -> Reference:
    """The image's name on a server."""
    return parse(f"{server.host}/team/app:{tag}")


def mirrored(origin: Server, *mirrors: Server, keeps_origin: bool = True) -> tuple[Route, ...]:
    """Routes that put mirrors before a server."""
    return (Route(origin.host, tuple(f"{one.host}/hub" for one in mirrors), keeps_origin),)


def test_mirror_first() -> None:
    """What a mirror has is read there, and its own registry is not asked."""

    async def scenario() -> None:
        async with running() as origin, running() as mirror:
            origin.put(IMAGE)
            mirror.put(IMAGE, repository="hub/team/app")
            routes = mirrored(origin, mirror)
            async with asking(origin, mirror, routes=routes) as client:
                assert (await client.describe(name(origin), deadline=soon())).images
            assert origin.requests == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "behaviour",
    [says(404), says(500), says(401), says(429), writes(b""), hangs],
    ids=["missing", "broken", "unauthorized", "too often", "closes", "hangs"],
)
def test_origin_after_the_mirror(behaviour: Behaviour) -> None:
    """Whatever is wrong with a mirror, there is time left for the image's own registry."""

    async def scenario() -> None:
        async with running() as origin, running() as mirror:
            origin.put(IMAGE)
            mirror.on(".*", behaviour)
            routes = mirrored(origin, mirror)
            async with asking(origin, mirror, routes=routes) as client:
                assert (await client.describe(name(origin), deadline=soon(2))).images
            assert mirror.requests

    asyncio.run(scenario())


def test_the_last_fault_is_told() -> None:
    """Where nobody has the image, the last fault is raised, and notes tell the others."""

    async def scenario() -> None:
        async with running() as origin, running() as mirror:
            mirror.on(".*", says(500))
            routes = mirrored(origin, mirror)
            async with asking(origin, mirror, routes=routes) as client:
                with pytest.raises(NotFound) as fault:
                    await client.describe(name(origin), deadline=soon())
            (note,) = fault.value.__notes__
            assert note.startswith(f"{mirror.host}/hub/team/app before it: ")
            assert fault.value.spent.requests == 2

    asyncio.run(scenario())


def test_rewritten() -> None:
    """A rewritten name is never asked at its own registry."""

    async def scenario() -> None:
        async with running() as origin, running() as other:
            origin.put(IMAGE)
            routes = mirrored(origin, other, keeps_origin=False)
            async with asking(origin, other, routes=routes) as client:
                with pytest.raises(NotFound):
                    await client.describe(name(origin), deadline=soon())
            assert origin.requests == []

    asyncio.run(scenario())


def test_mirrors_have_their_own_credentials() -> None:
    """A registry's password is not given to its mirror."""

    async def scenario() -> None:
        async with running() as origin, running() as mirror:
            for one in (origin, mirror):
                one.on(".*", says(401, WWW_Authenticate="Basic realm=x"))
            keyring = Keyring(((origin.host, Credential("user", "word")),))
            routes = mirrored(origin, mirror)
            async with asking(origin, mirror, routes=routes) as client:
                with pytest.raises(Unauthorized):
                    await client.describe(name(origin), deadline=soon(), keyring=keyring)
            assert [r.headers.get("authorization") for r in mirror.requests] == [None]
            assert origin.requests[-1].headers["authorization"]

    asyncio.run(scenario())


def test_through_a_proxy() -> None:
    """Requests without TLS go to the proxy whole, with its password; exceptions go around it."""

    async def scenario() -> None:
        async with running() as server, running() as proxy:
            server.put(IMAGE)
            proxy.content = {
                f"http://registry.test{path}": blob for path, blob in server.content.items()
            }
            proxies = Proxies(http=f"http://user:word@127.0.0.1:{proxy.port}")
            plain = frozenset({"registry.test", server.host})
            async with asking(proxies=proxies, plain_http=plain) as client:
                found = await client.describe(parse("registry.test/team/app:1"), deadline=soon())
                assert found.images
            assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("behaviour", "family"),
    [(says(403), Unreachable), (writes(b""), Unreachable), (hangs, TimedOut)],
    ids=["refuses", "closes", "hangs"],
)
def test_proxy_that_does_not_let_us_through(
    behaviour: Behaviour, family: type[RegistryError]
) -> None:
    """A tunnel that a proxy does not make is the way's fault."""

    async def scenario() -> None:
        async with running() as proxy:
            proxy.on("CONNECT", behaviour)
            proxies = Proxies(https=f"http://127.0.0.1:{proxy.port}")
            async with asking(proxies=proxies) as client:
                with pytest.raises(family):
                    await client.describe(parse("registry.test/app:1"), deadline=soon(0.5))
            assert proxy.requests[0].line == "CONNECT registry.test:443"

    asyncio.run(scenario())


def test_proxies_do_not_open_metadata() -> None:
    """An address that is not followed is not asked for through a proxy either."""

    async def scenario() -> None:
        async with running() as proxy:
            proxies = Proxies(https=f"http://127.0.0.1:{proxy.port}")
            async with asking(proxies=proxies) as client:
                with pytest.raises(ForbiddenAddress):
                    await client.describe(parse("169.254.169.254/app:1"), deadline=soon())
            assert proxy.requests == []

    asyncio.run(scenario())


async def together(*work: Awaitable[Description]) -> list[Description]:
    """All results at once."""
    return list(await asyncio.gather(*work))


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


def waiting(server: Server, released: asyncio.Event) -> None:
    """Let a server answer HEAD only when it is released."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        await server.honestly(request, writer)

    server.on("HEAD", behave)


async def asked(server: Server) -> None:
    """Wait until a request has arrived."""
    await server.until(lambda: bool(server.requests))


def test_one_who_leaves_does_not_end_it() -> None:
    """A shared read goes on while anybody waits, up to the longest deadline."""

    async def scenario(client: Client, server: Server) -> None:
        released = asyncio.Event()
        waiting(server, released)
        hasty = asyncio.create_task(client.describe(name(server), deadline=soon(0.05)))
        leaving = asyncio.create_task(client.describe(name(server), deadline=soon()))
        patient = asyncio.create_task(client.describe(name(server), deadline=soon()))
        await asked(server)
        leaving.cancel()
        with pytest.raises(TimedOut):
            await hasty
        with pytest.raises(asyncio.CancelledError):
            await leaving
        released.set()
        assert (await patient).images
        assert len(server.requests) == 3

    async def run() -> None:
        async with running() as server, asking(server) as client:
            server.put(IMAGE)
            await scenario(client, server)

    asyncio.run(run())


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

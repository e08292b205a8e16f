"""Mirrors, rewritten names and proxies: where the client reads."""

import asyncio

import pytest

from registry.errors import (
    ForbiddenAddress,
    NotFound,
    RegistryError,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from registry.keyring import Credential, Keyring
from registry.proxies import Proxies
from registry.routes import Route
from tests.registry.named import IMAGE, name
from tests.registry.server import Behaviour, Server, asking, hangs, running, says, soon, writes
from webhook.images.reference import parse


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

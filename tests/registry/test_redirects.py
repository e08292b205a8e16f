"""Where answers send us, and where we do not go."""

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certs.authority import Authority
from registry.errors import (
    ForbiddenAddress,
    ForbiddenRedirect,
    RegistryError,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from registry.keyring import Credential, Keyring
from registry.resolver import Lookup
from tests.registry import images
from tests.registry.server import Behaviour, Request, Server, asking, running, says, soon
from webhook.images.reference import parse

IMAGE = images.image(images.layer({"a": b"b"}))
BLOBS = r"GET .*/blobs/"
SECRET = Credential("user", "word")


def basic(server: Server) -> Keyring:
    """A keyring for a server that asks for a password."""
    server.on(".*", challenging(server))
    return Keyring(((server.host, SECRET),))


def challenging(server: Server) -> Behaviour:
    """Honest to whoever brings a password."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.headers.get("authorization") == SECRET.basic:
            await server.honestly(request, writer)
        else:
            await says(401, WWW_Authenticate='Basic realm="test"')(request, writer)

    return behave


def resolving(*answers: Sequence[str]) -> Lookup:
    """A resolver that gives one answer after the other, then the last one for ever."""
    left: Iterator[Sequence[str]] = iter(answers[:-1])

    async def lookup(_host: str, _port: int) -> list[str]:
        return list(next(left, answers[-1]))

    return lookup


def test_to_storage() -> None:
    """Blobs are read where the registry sends us, and the password stays behind."""

    async def scenario() -> None:
        async with running() as server, running() as storage:
            server.put(IMAGE)
            storage.put(IMAGE)
            keyring = basic(server)

            async def redirect(request: Request, writer: asyncio.StreamWriter) -> None:
                location = f"{storage.url}{request.path}?signature=a%2Fb+c"
                await says(307, Location=location)(request, writer)

            server.on(BLOBS, redirect)
            async with asking(server, storage) as client:
                found = await client.describe(
                    parse(f"{server.host}/team/app:1"), deadline=soon(), keyring=keyring
                )
            assert found.images
            (request,) = storage.requests
            assert request.path.endswith("?signature=a%2Fb+c")
            assert "authorization" not in request.headers
            assert "authorization" in server.requests[-1].headers

    asyncio.run(scenario())


def test_to_the_same_place() -> None:
    """A redirect without a host stays with the registry, and keeps the password."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.put(IMAGE)
            keyring = basic(server)
            path = f"/v2/team/app/blobs/{IMAGE.config.digest}"
            server.content["/store/config"] = server.content.pop(path)
            server.on(BLOBS, says(302, Location="/store/config"))
            found = await client.describe(
                parse(f"{server.host}/team/app:1"), deadline=soon(), keyring=keyring
            )
            assert found.images
            assert server.requests[-1].headers["authorization"] == SECRET.basic

    asyncio.run(scenario())


def test_a_challenge_after_a_redirect() -> None:
    """Credentials are not given to whoever asks for them behind a redirect."""

    async def scenario() -> None:
        async with running() as server, running() as other:
            server.put(IMAGE)
            keyring = basic(server)
            other.on(".*", says(401, WWW_Authenticate='Basic realm="give"'))
            server.on(BLOBS, says(307, Location=f"{other.url}/x"))
            async with asking(server, other) as client:
                with pytest.raises(Unauthorized):
                    await client.describe(
                        parse(f"{server.host}/team/app:1"), deadline=soon(), keyring=keyring
                    )
            assert [request.headers.get("authorization") for request in other.requests] == [None]

    asyncio.run(scenario())


FORBIDDEN: list[tuple[str, type[RegistryError], str]] = [
    ("https://169.254.169.254/latest/meta-data/", ForbiddenAddress, "link-local"),
    ("https://[fd00:ec2::254]/latest/", ForbiddenAddress, "metadata"),
    ("https://[::ffff:169.254.169.254]/", ForbiddenAddress, "link-local"),
    ("https://[fe80::1%25eth0]/", ForbiddenAddress, "link-local"),
    ("https://127.0.0.1:1/", ForbiddenAddress, "loopback"),
    ("https://0.0.0.0/", ForbiddenAddress, "unspecified"),
    ("https://224.0.0.1/", ForbiddenAddress, "multicast"),
    ("https://registry.test/", ForbiddenAddress, "has the address 169.254.169.254"),
    ("https://user:word@registry.test/", ForbiddenAddress, "has the address"),
    ("//registry.test/", ForbiddenRedirect, "without TLS"),
    ("http://registry.test/", ForbiddenRedirect, "without TLS"),
    ("https://2130706433/", ForbiddenAddress, "unusual"),
    ("https://127.1/", ForbiddenAddress, "unusual"),
    ("https://0x7f.1/", ForbiddenAddress, "has the address"),
    ("file:///etc/passwd", ForbiddenRedirect, "leads to"),
    ("ftp://registry.test/", ForbiddenRedirect, "leads to"),
    ("unix:///run/x.sock", ForbiddenRedirect, "leads to"),
    ("javascript:alert(1)", ForbiddenRedirect, "leads to"),
    ("https://", ForbiddenRedirect, "leads to"),
    ("https://registry.test:99999/", ForbiddenRedirect, "leads to"),
    ("https://[::1", ForbiddenRedirect, "leads to"),
    ("https://registry.test:0/", ForbiddenRedirect, "leads to"),
]


@pytest.mark.parametrize(
    ("location", "family", "words"), FORBIDDEN, ids=[text for text, _, _ in FORBIDDEN]
)
def test_forbidden(location: str, family: type[RegistryError], words: str) -> None:
    """Nothing is followed to this machine, its link, a metadata service, or out of HTTP."""

    async def scenario() -> None:
        async with running() as server:
            server.put(IMAGE)
            server.on(BLOBS, says(307, Location=location))
            lookup = resolving(["127.0.0.1"], ["169.254.169.254", "127.0.0.1"])
            async with asking(server, lookup=lookup) as client:
                with pytest.raises(family, match=words):
                    await client.describe(parse(f"{server.host}/team/app:1"), deadline=soon())

    asyncio.run(scenario())


def test_loops() -> None:
    """A registry that redirects again and again is not followed for ever."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.put(IMAGE)
            server.on(BLOBS, says(307, Location="/v2/team/app/blobs/again"))
            with pytest.raises(ForbiddenRedirect, match="again and again"):
                await client.describe(parse(f"{server.host}/team/app:1"), deadline=soon())
            assert len(server.requests) == 2 + 6

    asyncio.run(scenario())


def test_away_from_tls(tmp_path: Path) -> None:
    """What was asked with TLS is not answered without, whatever the settings allow."""
    now = datetime.now(UTC)
    authority = Authority.create(now)
    leaf = authority.issue(["localhost"], now)
    (tmp_path / "tls.crt").write_bytes(leaf.certificate)
    (tmp_path / "tls.key").write_bytes(leaf.key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "tls.crt", tmp_path / "tls.key")

    async def scenario() -> None:
        async with running(context) as server, running() as plain:
            server.put(IMAGE)
            plain.put(IMAGE)
            authorities = authority.certificate.decode()
            name = parse(f"{server.host}/team/app:1")
            async with asking(server, plain, authorities=authorities) as client:
                assert (await client.describe(name, deadline=soon())).images
                server.on(BLOBS, says(307, Location=f"{plain.url}/x"))
                with pytest.raises(ForbiddenRedirect, match="away from TLS"):
                    await client.describe(name, deadline=soon())
            assert plain.requests == []

    asyncio.run(scenario())


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_local_registries_are_named(host: str) -> None:
    """A registry of this machine is asked where the settings name it, and otherwise not."""

    async def scenario() -> None:
        async with running() as server:
            name = parse(f"{host}:{server.port}/team/app:1")
            plain = frozenset({host})
            async with asking(server, plain_http=plain, local=frozenset()) as client:
                with pytest.raises(ForbiddenAddress, match="name the host in the settings"):
                    await client.resolve(name, deadline=soon())
            assert server.requests == []

    asyncio.run(scenario())


def test_tls_is_the_default() -> None:
    """A registry that is not named as one without TLS is asked with it."""

    async def scenario() -> None:
        async with running() as server:
            server.put(IMAGE)
            async with asking(server, plain_http=frozenset()) as client:
                with pytest.raises((Unreachable, TimedOut)):  # the server waits for a request
                    await client.resolve(parse(f"{server.host}/team/app:1"), deadline=soon(0.3))
            assert server.requests == []

    asyncio.run(scenario())


def test_rebinding() -> None:
    """A name is judged by the address that is connected to, each time."""

    async def scenario() -> None:
        async with running() as server:
            asked: list[str] = []

            async def lookup(host: str, _port: int) -> list[str]:
                asked.append(host)
                return ["10.255.255.1"] if len(asked) == 1 else ["127.0.0.1"]

            name = parse(f"registry.test:{server.port}/team/app:1")
            plain = frozenset({"registry.test"})
            async with asking(server, lookup=lookup, plain_http=plain) as client:
                with pytest.raises(RegistryError):
                    await client.resolve(name, deadline=soon(0.2))
            async with asking(server, lookup=lookup, plain_http=plain) as client:
                with pytest.raises(ForbiddenAddress, match="127"):
                    await client.resolve(name, deadline=soon())
            assert server.requests == []

    asyncio.run(scenario())


def test_allowed_addresses_are_used() -> None:
    """Of a name's addresses those that are refused are left out, the others are tried."""

    async def scenario() -> None:
        async with running() as server:
            lookup = resolving(["127.0.0.1", "10.255.255.1"])
            plain = frozenset({"registry.test"})
            async with asking(server, lookup=lookup, plain_http=plain) as client:
                with pytest.raises(RegistryError) as fault:
                    await client.resolve(
                        parse(f"registry.test:{server.port}/team/app:1"), deadline=soon(0.2)
                    )
            assert not isinstance(fault.value, ForbiddenAddress)
            assert server.requests == []

    asyncio.run(scenario())

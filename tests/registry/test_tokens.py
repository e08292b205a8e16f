"""Tokens: what is asked of a token server, and token servers that misbehave."""

import asyncio
import json
from urllib.parse import parse_qs

import pytest

from registry.client import Client
from registry.errors import (
    ForbiddenAddress,
    ForbiddenRedirect,
    Malformed,
    NotFound,
    RateLimited,
    RegistryError,
    TimedOut,
    TooLarge,
    Unauthorized,
    UnexpectedStatus,
)
from registry.keyring import Credential, Keyring
from registry.model import Description
from tests.registry import images
from tests.registry.server import (
    Behaviour,
    Request,
    Server,
    asking,
    floods,
    hangs,
    running,
    says,
    soon,
)
from webhook.images.reference import parse

IMAGE = images.image(images.layer({"a": b"b"}))
TOKEN = r"/token"
SECRET = Credential("user", "word")
OK = b"HTTP/1.1 200 OK\r\n\r\n"


def protect(server: Server, realm: str = "", token: str = "good", scope: str = "") -> None:
    """Let a server ask for a token, and give it out itself."""
    where = realm or f"{server.url}/token?kept=1"
    about = scope or "repository:team/app:pull,push"
    challenge = f'Bearer realm="{where}",service="test",scope="{about}"'

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.headers.get("authorization") == f"Bearer {token}":
            await server.honestly(request, writer)
        else:
            await says(401, WWW_Authenticate=challenge)(request, writer)

    server.on(r"/v2/", behave)
    server.on(TOKEN, gives({"token": "good", "expires_in": 300}))
    server.put(IMAGE)


def gives(answer: object) -> Behaviour:
    """A token server that answers the same JSON to everybody."""
    return says(200, json.dumps(answer).encode(), Content_Type="application/json")


async def describe(
    client: Client, server: Server, credential: Credential | None = None, within: float = 10
) -> Description:
    """What a client with a credential gets."""
    keyring = Keyring(((server.host, credential),)) if credential else Keyring()
    name = parse(f"{server.host}/team/app:1")
    return await client.describe(name, deadline=soon(within), keyring=keyring)


def asked(server: Server) -> list[Request]:
    """What the token server was asked."""
    return [request for request in server.requests if TOKEN in request.path]


def test_anonymous() -> None:
    """Without credentials a token is asked for all the same, for pulling alone."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            protect(server)
            assert (await describe(client, server)).images
            (request,) = asked(server)
            assert parse_qs(request.path.partition("?")[2]) == {
                "kept": ["1"],
                "service": ["test"],
                "scope": ["repository:team/app:pull"],
            }
            assert "authorization" not in request.headers

    asyncio.run(scenario())


def test_password() -> None:
    """A user and password go to the realm, and never to the registry."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            protect(server)
            assert (await describe(client, server, SECRET)).images
            for request in server.requests:
                is_realm = TOKEN in request.path
                assert (request.headers.get("authorization") == SECRET.basic) == is_realm

    asyncio.run(scenario())


def test_identity_token() -> None:
    """An identity token is exchanged by POST, in the body."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            protect(server)
            server.on(TOKEN, gives({"access_token": "good"}))
            assert (await describe(client, server, Credential("u", "", "a&b"))).images
            (request,) = asked(server)
            assert request.method == "POST"
            assert parse_qs(request.body.decode()) == {
                "grant_type": ["refresh_token"],
                "refresh_token": ["a&b"],
                "client_id": ["oci-registry-client"],
                "service": ["test"],
                "scope": ["repository:team/app:pull"],
            }

    asyncio.run(scenario())


def test_names_inside() -> None:
    """A registry that knows the repository by another name is asked for that one."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            protect(server, scope="repository:inside/team/app:pull")
            assert (await describe(client, server)).images
            assert "scope=repository:inside/team/app:pull" in asked(server)[0].path

    asyncio.run(scenario())


def test_kept_until_it_expires() -> None:
    """A token is used again; one that lives for no time is asked for each time."""

    async def scenario(seconds: float, expected: int) -> None:
        async with running() as server, asking(server) as client:
            protect(server)
            server.on(TOKEN, gives({"token": "good", "expires_in": seconds}))
            await describe(client, server)
            await describe(client, server)
            assert len(asked(server)) == expected

    asyncio.run(scenario(300, 1))
    asyncio.run(scenario(10**18, 1))
    # One request is refused, all others fetch a token first: three requests for the image twice.
    asyncio.run(scenario(0, 6))
    asyncio.run(scenario(-5, 6))


def test_rejected_token() -> None:
    """A token that the registry does not take any more is replaced, once."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            protect(server)
            await describe(client, server)
            protect(server, token="better")
            server.on(TOKEN, gives({"token": "better"}))
            assert (await describe(client, server)).images
            assert len(asked(server)) == 2

    asyncio.run(scenario())


def test_401_loops() -> None:
    """A registry that takes no token is unauthorized after the first."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            protect(server, token="another")
            with pytest.raises(Unauthorized):
                await describe(client, server, SECRET)
            assert len(server.requests) == 3

    asyncio.run(scenario())


def test_basic_loops() -> None:
    """A registry that takes no password is unauthorized after the first try."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.on(".*", says(401, WWW_Authenticate="Basic realm=x"))
            with pytest.raises(Unauthorized, match="'user'"):
                await describe(client, server, SECRET)
            assert len(server.requests) == 2

    asyncio.run(scenario())


def test_candidates() -> None:
    """Each fitting credential is tried, and the last one's fault is told."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            protect(server)

            async def choosy(request: Request, writer: asyncio.StreamWriter) -> None:
                good = request.headers.get("authorization") == SECRET.basic
                behave = gives({"token": "good"}) if good else says(401)
                await behave(request, writer)

            server.on(TOKEN, choosy)
            wrong = Credential("wrong", "wrong")
            name = parse(f"{server.host}/team/app:1")
            both = Keyring(((f"{server.host}/team", wrong), (server.host, SECRET)))
            assert (await client.describe(name, deadline=soon(), keyring=both)).images
            with pytest.raises(Unauthorized, match="refuses the token"):
                await describe(client, server, wrong)

    asyncio.run(scenario())


FAULTS: dict[str, tuple[Behaviour, type[RegistryError]]] = {
    "hangs": (hangs, TimedOut),
    "endless": (floods(OK, b" " * 10_000), TooLarge),
    "html": (says(200, b"<html>"), Malformed),
    "list": (gives([]), Malformed),
    "nothing": (gives({}), Malformed),
    "null": (gives({"token": None}), Malformed),
    "number": (gives({"token": 5}), Malformed),
    "lines": (gives({"token": "a\r\nX-Injected: 1"}), Malformed),
    "unicode": (gives({"token": "ä"}), Malformed),
    "long": (gives({"token": "x" * 40_000}), Malformed),
    "time": (gives({"token": "x", "expires_in": "soon"}), Malformed),
    "bad request": (says(400), Unauthorized),
    "forbidden": (says(403), Unauthorized),
    "missing": (says(404), NotFound),
    "too often": (says(429, Retry_After="7"), RateLimited),
    "teapot": (says(418), UnexpectedStatus),
    "loop": (says(302, Location="/token"), ForbiddenRedirect),
    "metadata": (says(302, Location="https://169.254.169.254/"), ForbiddenAddress),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name: str) -> None:
    """A token server's faults are told as what they are, within the deadline."""
    behaviour, family = FAULTS[name]

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            protect(server)
            server.on(TOKEN, behaviour)
            with pytest.raises(family):
                await describe(client, server, within=0.3 if family is TimedOut else 10)

    asyncio.run(scenario())


REALMS: dict[str, type[RegistryError]] = {
    "https://169.254.169.254/token": ForbiddenAddress,
    "http://registry.test/token": ForbiddenRedirect,
    "file:///etc/passwd": Malformed,
    "token": Malformed,
    "": Malformed,
    "https://[::1": Malformed,
    "https://127.0.0.1:1/token": ForbiddenAddress,
}


@pytest.mark.parametrize("realm", REALMS)
def test_realms(realm: str) -> None:
    """A realm is a URL with TLS, at an address that may be asked."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            protect(server)
            server.rules.clear()
            server.on(".*", says(401, WWW_Authenticate=f'Bearer realm="{realm}"'))
            with pytest.raises(REALMS[realm]):
                await describe(client, server, SECRET)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "header", ["Bearer", 'Bearer service="x"', "Negotiate", "Digest realm=x", ""]
)
def test_challenges_without_sense(header: str) -> None:
    """A challenge that cannot be met is a fault, not a loop."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.on(".*", says(401, WWW_Authenticate=header))
            with pytest.raises((Unauthorized, Malformed)):
                await describe(client, server, SECRET)
            assert len(server.requests) == 1

    asyncio.run(scenario())


def test_one_token_for_all() -> None:
    """Those who want the same token at the same time share one request for it."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            protect(server)
            await describe(client, server)
            other = images.index({"linux/amd64": IMAGE, "linux/arm64": images.image()})
            for number in range(10):
                server.put(other, str(number), "team/other")
            before = len(asked(server))
            names = [parse(f"{server.host}/team/other:{number}") for number in range(10)]
            found = await asyncio.gather(
                *(client.describe(name, deadline=soon()) for name in names)
            )
            assert len({description.digest for description in found}) == 1
            assert len(asked(server)) == before + 1

    asyncio.run(scenario())

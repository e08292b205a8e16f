"""What is asked of a token server, and how often."""

import asyncio
from urllib.parse import parse_qs

import pytest

from registry.errors import TimedOut, Unauthorized
from registry.keyring import Credential, Keyring
from tests.registry import images
from tests.registry.protection import IMAGE, SECRET, TOKEN, asked, describe, gives, protect
from tests.registry.server import Request, asking, running, says, soon
from webhook.images.reference import parse


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


def test_a_wrong_guess() -> None:
    """Where the realm of another repository does not serve this one, the registry is asked."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            protect(server)
            await describe(client, server)
            protect(server, scope="repository:inside/other:pull")
            server.put(IMAGE, "1", "team/other")

            async def choosy(request: Request, writer: asyncio.StreamWriter) -> None:
                good = "inside/other" in request.path
                await (gives({"token": "good"}) if good else says(403))(request, writer)

            server.on(TOKEN, choosy)
            other = parse(f"{server.host}/team/other:1")
            found = await client.describe(other, deadline=soon())
            assert found.spent.requests == 6, "guess, refused, token, HEAD, manifest, configuration"
            again = await client.describe(other, deadline=soon())
            assert again.spent.requests == 3

    asyncio.run(scenario())


def test_the_longest_deadline_counts_for_tokens() -> None:
    """A token that several wait for comes in time for the one with the longest deadline."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            protect(server)
            released = asyncio.Event()

            async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
                await released.wait()
                await gives({"token": "good"})(request, writer)

            server.on(TOKEN, behave)
            hasty = asyncio.create_task(describe(client, server, within=0.6))
            await server.until(lambda: bool(asked(server)))
            patient = asyncio.create_task(describe(client, server))
            with pytest.raises(TimedOut):
                await hasty
            released.set()
            assert (await patient).images
            assert len(asked(server)) == 1

    asyncio.run(scenario())

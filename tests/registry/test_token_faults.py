"""Token servers, realms and challenges that misbehave."""

import asyncio

import pytest

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
from tests.registry.protection import OK, SECRET, TOKEN, describe, gives, protect
from tests.registry.server import Behaviour, asking, floods, hangs, running, says, soon
from webhook.images.reference import parse


def test_401_loops() -> None:
    """A registry that takes no token is unauthorized after the first."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            protect(server, token="another")
            with pytest.raises(Unauthorized):
                await describe(client, server, SECRET)
            assert len(server.requests) == 3

    asyncio.run(scenario())


REFUSALS: dict[str, tuple[str, Behaviour]] = {
    "basic": (".*", says(401, WWW_Authenticate="Basic realm=x")),
    "unknown": (".*", says(401, WWW_Authenticate="Negotiate")),
    "forbidden": (".*", says(403)),
    "token refused": (TOKEN, says(401)),
    "token broken": (TOKEN, says(200, b"<html>")),
    "token too often": (TOKEN, says(429)),
    "token not taken": (TOKEN, gives({"token": "another"})),
}


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("token", ["", "identity-3f9c"])
def test_no_credential_is_told(name: str, token: str) -> None:
    """No part of a credential is in a fault: some registries take API tokens as names of users."""
    secret = Credential("name-8d21", "word-77aa", token)

    async def scenario() -> RegistryError:
        async with running() as server, asking(server) as client:
            protect(server)
            server.on(*REFUSALS[name])
            with pytest.raises(RegistryError) as fault:
                await describe(client, server, secret)
            assert server.requests
            return fault.value

    found = asyncio.run(scenario())
    told = f"{found} {found!r} {found.args} {getattr(found, '__notes__', ())} {secret}"

    assert not [part for part in ("8d21", "77aa", "3f9c", secret.basic[6:]) if part in told]


def test_basic_loops() -> None:
    """A registry that takes no password is unauthorized after the first try."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.on(".*", says(401, WWW_Authenticate="Basic realm=x"))
            with pytest.raises(Unauthorized, match="the given credentials"):
                await describe(client, server, SECRET)
            assert len(server.requests) == 2

    asyncio.run(scenario())


@pytest.mark.parametrize(("status", "tried"), [(401, 8), (403, 8), (429, 1)])
def test_many_credentials(status: int, tried: int) -> None:
    """Eight that a registry refuses are tried; where it says "too often" no further one is."""
    secrets = [Credential(f"user{number}", "word") for number in range(20)]

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            server.on(".*", says(status))
            keyring = Keyring(tuple((server.host, one) for one in secrets))
            name = parse(f"{server.host}/team/app:1")
            with pytest.raises(RegistryError):
                await client.resolve(name, deadline=soon(), keyring=keyring)
            assert len(server.requests) == tried

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


def test_no_tokens_for_now() -> None:
    """A token server that says "not now" is not asked again before its time."""

    async def scenario() -> None:
        async with running() as server, asking(server) as client:
            protect(server)
            server.on(TOKEN, says(429, Retry_After="999999"))
            for _ in range(3):
                with pytest.raises(RateLimited) as fault:
                    await describe(client, server)
                assert fault.value.retry_after <= 3600
            assert len(server.requests) == 2

    asyncio.run(scenario())

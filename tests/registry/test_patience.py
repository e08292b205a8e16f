"""Registries that say "not now", or nothing at all, and how they are left alone."""

import asyncio
from collections.abc import Awaitable

import pytest

from registry.errors import CircuitOpen, DigestMismatch, RateLimited, RegistryError, ServerError
from registry.limits import Limits
from registry.model import Description
from tests.registry.reading import CONFIG, HEAD, IMAGE, SHORT
from tests.registry.server import PATIENCE, Behaviour, asking, hangs, running, says, soon, writes
from webhook.images.reference import parse


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


async def is_asked(reading: Awaitable[Description]) -> bool:
    """Whether a read got past the circuit breaker."""
    try:
        return bool((await reading).images)
    except CircuitOpen:
        return False


def test_the_circuit_closes_again() -> None:
    """After a while one request goes out, and when it is answered all is as before."""

    async def scenario() -> None:
        limits = Limits(failures=1, open_seconds=0.5)
        async with running() as server, asking(server, limits=limits) as client:
            server.put(IMAGE)
            server.on(HEAD, says(500))
            name = parse(f"{server.host}/team/app:1")
            with pytest.raises(ServerError):
                await client.describe(name, deadline=soon())
            server.rules.clear()
            with pytest.raises(CircuitOpen) as fault:
                await client.describe(name, deadline=soon())
            assert fault.value.retry_after <= 0.5
            async with asyncio.timeout(PATIENCE):
                while not await is_asked(client.describe(name, deadline=soon())):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            assert (await client.describe(name, deadline=soon())).images

    asyncio.run(scenario())


def test_faults_of_content_leave_the_circuit_closed() -> None:
    """A host that answers is asked again, however wrong one image is."""
    words, _ = asked_again(CONFIG, says(200, b"{}"), 5)

    assert words == [DigestMismatch.word] * 5

"""Registries that fail: what a pod is told, and when they are asked again."""

import asyncio

import pytest

from registry.errors import (
    ERRORS,
    CircuitOpen,
    RateLimited,
    RegistryError,
    ServerError,
    TimedOut,
    UnexpectedStatus,
)
from tests.webhook.server.cluster.images.cart import APP, DEADLINE, serving
from tests.webhook.server.cluster.images.passing import play
from tests.webhook.server.cluster.images.stage import Stage
from webhook.images.reference import canonical


def fault(kind: type[RegistryError]) -> RegistryError:
    """One of the family."""
    if issubclass(kind, RateLimited | CircuitOpen):
        return kind("what happened", 7.0)
    if kind is UnexpectedStatus:
        return UnexpectedStatus("what happened", 418)
    return kind("what happened")


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.word)
def test_every_fault(kind: type[RegistryError]) -> None:
    """The pod is allowed and told why; the metric has the fault's word; nobody waits longer."""

    async def scene() -> None:
        stage = Stage(serving(seconds=0.1))
        stage.registry.faults[canonical(APP)] = fault(kind)
        reply = await stage.admit(APP)

        reason = "ImagePending" if kind is TimedOut else "ImageUnreachable"
        assert reply.decisions == f"c0=skip:{reason}"
        assert "what happened" in reply.warnings
        assert reply.seconds <= DEADLINE
        assert stage.metric("image_lookups_total", outcome=kind.word) == 1
        assert stage.written == []

    play(scene())


def test_a_fault_that_nobody_foresaw() -> None:
    """A bug costs the pod its agent and nothing else; the log has it."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.registry.faults[canonical(APP)] = KeyError("nobody foresaw this")
        reply = await stage.admit(APP)

        assert reply.decisions == "c0=skip:ImagePending"
        assert stage.metric("image_lookups_total", outcome="bug") == 1
        told = [line.get("traceback", "") for line in stage.recording.lines]
        assert any("nobody foresaw this" in trace for trace in told)

    play(scene())


def test_failures_are_remembered() -> None:
    """A fault is not asked for again at once, each time for longer, and forgotten with success."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.registry.faults[canonical(APP)] = ServerError("down")
        waits = []
        for _ in range(3):
            began = len(stage.registry.asked)
            await stage.admit(APP)
            assert len(stage.registry.asked) == began + 1
            time = asyncio.get_running_loop().time()
            for _ in range(1000):
                await asyncio.sleep(1)
                await stage.admit(APP)
                if len(stage.registry.asked) > began + 1:
                    break
            waits.append(round(asyncio.get_running_loop().time() - time))
            await asyncio.sleep(100)
        assert waits[0] == 5
        assert waits == sorted(set(waits))
        assert stage.metric("image_waits_total", outcome="remembered") > 5
        stage.registry.faults.clear()
        await asyncio.sleep(400)
        assert (await stage.admit(APP)).decisions == "c0=inject:python"

    play(scene())


def test_a_registry_that_says_when() -> None:
    """Is not asked before that."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.registry.faults[canonical(APP)] = RateLimited("too often", 60.0)
        await stage.admit(APP)
        await asyncio.sleep(59)
        await stage.admit(APP)
        assert len(stage.registry.asked) == 1
        await asyncio.sleep(2)
        await stage.admit(APP)
        assert len(stage.registry.asked) == 2

    play(scene())

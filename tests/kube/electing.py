"""Candidates, a clock that a test moves, and an API server in memory."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from kube.election import Election
from kube.errors import Unreachable
from tests.kube.objects import Objects

LEASE = "/apis/coordination.k8s.io/v1/namespaces/n/leases/leader"
AWAY = Unreachable("nobody there")


@dataclass
class Time:
    """A steady clock that a test moves."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@dataclass
class Scene:
    """An API server, a clock, and candidates."""

    objects: Objects = field(default_factory=Objects)
    clock: Time = field(default_factory=Time)
    told: list[tuple[str, bool]] = field(default_factory=list)

    def candidate(self, name: str) -> Election:
        """One more."""
        return Election(
            self.objects,
            "n",
            "leader",
            name,
            changed=lambda leads: self.told.append((name, leads)),
            clock=self.clock,
        )

    @property
    def spec(self) -> dict[str, Any]:
        """Of the Lease."""
        spec: dict[str, Any] = self.objects.stored[LEASE]["spec"]
        return spec


def leading(*candidates: Election) -> list[str]:
    """Who of them leads, as "a", "b" in their order."""
    return [name for name, one in zip("abc", candidates, strict=False) if one.is_leader]


def run(play: Callable[[Scene], Coroutine[Any, Any, None]]) -> Scene:
    """Play a scene to its end."""
    scene = Scene()
    asyncio.run(play(scene))
    return scene


async def stop(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

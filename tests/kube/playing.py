"""A collection that a test plays: what the API server says to each list and watch."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kube.client import SILENCE
from kube.errors import KubeError, Oversized


class _Metadata(msgspec.Struct):
    name: str


class Thing(msgspec.Struct):
    """What is watched."""

    metadata: _Metadata
    color: str = ""


def thing(name: str, version: int = 1, color: str = "") -> dict[str, Any]:
    """An object as the API server has it."""
    return {"metadata": {"name": name, "resourceVersion": str(version)}, "color": color}


def page(*things: dict[str, Any], version: int = 1, more: str = "") -> bytes:
    """One page of a list; `more` is the token for the next."""
    metadata = {"resourceVersion": str(version), "continue": more}
    return json.dumps({"metadata": metadata, "items": things}).encode()


def event(kind: str, one: dict[str, Any]) -> bytes:
    """One line of a watch."""
    return json.dumps({"type": kind, "object": one}).encode()


def error(code: int, reason: str) -> bytes:
    """An ERROR event."""
    return event("ERROR", {"kind": "Status", "code": code, "reason": reason, "message": "m"})


BOOKMARK = event("BOOKMARK", {"metadata": {"resourceVersion": "50"}})

Line = bytes | KubeError


class Over(Exception):  # noqa: N818  # it says that the play is
    """Nothing is left to play."""


@dataclass
class Source:
    """Answers lists and watches from its script, and notes what it was asked."""

    script: deque[bytes | KubeError | list[Line]]
    asked: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, *script: bytes | KubeError | list[Line]) -> "Source":
        """A page or an error for each list, lines or an error for each watch, in their order."""
        return cls(deque(script))

    async def read(self, path: str, **query: str) -> bytes:
        """A list's next page."""
        answer = self._next(path, query)
        assert isinstance(answer, bytes), "the script has a watch where a list was asked for"
        return answer

    async def read_at_most(self, most: int, path: str, **query: str) -> bytes:
        """A list's next page, if it is not too large."""
        answer = await self.read(path, **query)
        if len(answer) > most:
            raise Oversized(path)
        return answer

    @asynccontextmanager
    async def stream(
        self, path: str, *, silence: float = SILENCE, **query: str
    ) -> AsyncIterator[AsyncGenerator[bytes, None]]:
        """The next watch."""
        assert silence > 0
        answer = self._next(path, query)
        assert isinstance(answer, list), "the script has a list where a watch was asked for"
        yield _played(answer)

    def _next(self, path: str, query: dict[str, str]) -> bytes | list[Line]:
        self.asked.append({"path": path, **query})
        if not self.script:
            raise Over
        answer = self.script.popleft()
        if isinstance(answer, KubeError):
            raise answer
        return answer


async def _played(lines: Iterable[Line]) -> AsyncGenerator[bytes, None]:
    for line in lines:
        await asyncio.sleep(0)
        if isinstance(line, KubeError):
            raise line
        yield line


@dataclass
class Store:
    """What is known, by name, and how it came."""

    colors: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def replaced(self, objects: Iterable[Thing]) -> None:
        """All objects."""
        self.colors = {one.metadata.name: one.color for one in objects}
        self.calls.append(f"replaced {' '.join(self.colors)}".rstrip())

    def changed(self, item: Thing) -> None:
        """One object."""
        self.colors[item.metadata.name] = item.color
        self.calls.append(f"changed {item.metadata.name}")

    def removed(self, item: Thing) -> None:
        """One object less."""
        self.colors.pop(item.metadata.name, None)
        self.calls.append(f"removed {item.metadata.name}")


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        """The time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

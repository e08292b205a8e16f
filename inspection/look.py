"""One look into an image's layers: from the top, no further than it takes to know.

What is held meanwhile is what `registry.layers` and `webhook.images.layers.survey` hold: a piece of
one layer, the first bytes of one file, and names in bounds.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final

from inspection.allowance import Allowance, Ended
from inspection.commands import command
from registry.archive import Entry
from registry.client import Client
from registry.errors import RegistryError
from registry.keyring import Keyring
from registry.layers import Layer
from registry.model import Descriptor, Name
from registry.spent import Spent
from webhook.images.layers import Start, Survey
from webhook.images.profile import Command

_EMPTY: Final = 32
"""Bytes of a compressed layer without an entry: builders leave them behind for ENV and the like."""
_EXTRA: Final = 0.15
"""The share of an image that may be read for what is good to know, but not needed."""


_USUAL_RATIO: Final = 0.3
"""Compressed bytes of a program for each of its bytes."""
_TOGETHER: Final = 1
"""Command lines in one pass: what is held for one, 22 MiB of names at most, is held for each."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the layers told, and what it cost.

    `begun` layers were opened, the topmost first, and `read` bytes (compressed) came of them; the
    image has `layers`, which are `size` bytes together.
    """

    commands: tuple[Command, ...]
    spent: Spent = field(default_factory=Spent)
    begun: int = 0
    read: int = 0
    layers: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Remote:
    """One platform's image where it is read: its layers, base first, and who may read them."""

    client: Client
    name: Name
    layers: Sequence[Descriptor]
    keyring: Keyring

    def layer(
        self, layer: Descriptor, allowance: Allowance, now: float
    ) -> AbstractAsyncContextManager[Layer]:
        """One of the layers, within what is left of the allowance. Raises BudgetSpent."""
        return self.client.layer(
            self.name,
            layer,
            deadline=allowance.deadline,
            budget=allowance.budget(now),
            keyring=self.keyring,
        )


class Looker:
    """Reads one image's layers. `thorough`: also for what is only good to know."""

    def __init__(self, remote: Remote, allowance: Allowance, *, thorough: bool) -> None:
        self._remote = remote
        self._allowance = allowance
        self._thorough = thorough
        self._size = sum(layer.size for layer in remote.layers)
        self._spent = Spent()
        self._begun = 0
        self._read = 0

    async def look(self, starts: Sequence[Start]) -> Look:
        """Ask about command lines, some in one pass. A fault of the registry is a result."""
        commands: list[Command] = []
        for at in range(0, len(starts), _TOGETHER):
            commands += await self._pass(starts[at : at + _TOGETHER])
        count = len(self._remote.layers)
        return Look(tuple(commands), self._spent, self._begun, self._read, count, self._size)

    async def _pass(self, starts: Sequence[Start]) -> list[Command]:
        """One pass over the layers. What it holds goes with it: the next one needs the room."""
        surveys = [Survey(start) for start in starts]
        ended = await self._survey(surveys)
        pairs = zip(starts, surveys, strict=True)
        return [command(start, survey.findings, ended) for start, survey in pairs]

    async def _survey(self, surveys: Sequence[Survey]) -> Ended:
        """Feed the surveys until each is decided, or something ends it."""
        open_ones = _undecided(surveys)
        try:
            for layer in reversed(self._remote.layers):
                if open_ones and layer.size > _EMPTY:
                    await self._layer(layer, open_ones)
                    open_ones = _undecided(open_ones)
                for survey in open_ones:
                    survey.end_layer()
                open_ones = _undecided(open_ones)
        except RegistryError as error:
            for survey in _undecided(open_ones):
                survey.end_layer(is_complete=False)
            return self._allowance.ended(error, asyncio.get_running_loop().time())
        return Ended()

    async def _layer(self, layer: Descriptor, surveys: list[Survey]) -> None:
        now = asyncio.get_running_loop().time
        opening = self._remote.layer(layer, self._allowance, now())
        opened: Layer | None = None
        self._begun += 1
        try:
            async with opening as opened:
                await self._entries(opened, surveys)
        except RegistryError as error:
            if opened is None:
                self._count(error.spent)
            raise
        finally:
            if opened is not None:
                self._count(opened.spent)
                self._read += opened.compressed
                self._allowance.spend(opened.compressed, now())

    async def _entries(self, opened: Layer, surveys: list[Survey]) -> None:
        async for entry in opened:
            await self._entry(opened, entry, surveys)
            surveys = _undecided(surveys)
            if not surveys:
                return

    async def _entry(self, opened: Layer, entry: Entry, surveys: list[Survey]) -> None:
        """Feed an entry, and the first bytes of its content as far as they are wanted."""
        wanted = {survey: size for survey in surveys if (size := survey.feed(entry))}
        while wanted:
            head = await opened.head(max(wanted.values()))
            answers = {s: s.feed_head(entry, head[:size]) for s, size in wanted.items()}
            wanted = {
                survey: size
                for survey, size in answers.items()
                if size and not (survey.is_decided() and self._is_dear(opened, survey, size))
            }

    def _is_dear(self, opened: Layer, survey: Survey, size: int) -> bool:
        """Whether so many bytes of a file are a large part of the image, for a version at most."""
        if self._thorough or not survey.is_alone:
            return False
        ratio = max(opened.compressed / max(opened.uncompressed, 1), _USUAL_RATIO)
        return self._read + opened.compressed + size * ratio > _EXTRA * self._size

    def _count(self, spent: Spent) -> None:
        before = self._spent
        self._spent = Spent(before.requests + spent.requests, before.bytes + spent.bytes)


def _undecided(surveys: Sequence[Survey]) -> list[Survey]:
    return [survey for survey in surveys if not survey.is_decided()]

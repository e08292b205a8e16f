"""From what changed, and from time that passed, to tasks in the queue."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from webhook.model import Image
from webhook.server.cluster.profiler.index import Index
from webhook.server.cluster.profiler.judged import key
from webhook.server.cluster.profiler.plan import Situation, needed, passed
from webhook.server.cluster.profiler.queue import Priority, Queue, Task
from webhook.server.cluster.profiler.shelf import Shelf
from webhook.server.cluster.profiler.wanted import host
from webhook.server.cluster.profiler.work import Work
from webhook.settings import ImageInspectionSettings

_AT_A_TIME: Final = 20
"""References, or pods, that are looked at before admissions have their turn again."""


_Whose = tuple[str, tuple[str, ...], tuple[str, ...]]
"""Namespace, platforms and pull secrets."""


@dataclass(slots=True)
class Planner:
    """Plans with what is known when it is called. Times are seconds since 1970."""

    index: Index
    shelf: Shelf
    queue: Queue
    work: Work
    known: Mapping[str, Image]
    _digests: dict[str, set[str]] = field(default_factory=dict)
    """Digest → references that name it themselves."""
    _planned: dict[str, frozenset[_Whose]] = field(default_factory=dict)
    """Reference → for whom it was planned."""
    _settings: ImageInspectionSettings | None = None
    """By which all of them were planned."""

    async def changes(self, now: float, settings: ImageInspectionSettings) -> tuple[str, ...]:
        """Plan what changed; references that nobody uses any more."""
        self.index.notice()
        self._follow(settings)
        while self.index.judge(_AT_A_TIME):  # noqa: ASYNC110  # this is what makes it less
            await asyncio.sleep(0)
        found = dict.fromkeys((*self._take(self.index.changed), *self._dirty()))
        gone: list[str] = []
        for number, reference in enumerate(found):
            if self.index.uses(reference):
                await self._judge(reference)
                self._plan(reference, now, settings)
            elif reference in self._planned:
                self._forget(reference)
                gone.append(reference)
            if number % _AT_A_TIME == 0:
                await asyncio.sleep(0)
        return tuple(gone)

    async def time(self, now: float, settings: ImageInspectionSettings) -> float:
        """Plan what time brings; the age of the tag that was not asked for the longest."""
        oldest = 0.0
        for number, reference in enumerate(tuple(self._planned)):
            found = self._situation(reference)
            if found.resolved is not None:
                oldest = max(oldest, now - found.resolved)
            self._put(reference, passed(reference, found, now, settings), found)
            if number % _AT_A_TIME == 0:
                await asyncio.sleep(0)
        return oldest

    def again(self, references: Iterable[str] | None = None) -> None:
        """Have these, or all, planned anew with the next changes."""
        self.index.changed.update(self._planned if references is None else references)

    async def used(self) -> frozenset[str]:
        """The digests that anything uses: what tags point to, and what nodes run."""
        found: set[str] = set()
        for number, reference in enumerate(tuple(self._planned)):
            if (known := self.shelf.find(reference)) is not None:
                found.add(known[0].digest)
            found |= {use.running for use in self.index.uses(reference) if use.running}
            if number % _AT_A_TIME == 0:
                await asyncio.sleep(0)
        return frozenset(found)

    @property
    def wanted(self) -> int:
        """How many images are used."""
        return len(self._planned)

    def _follow(self, settings: ImageInspectionSettings) -> None:
        """Have all planned by these settings: no task of others is left, nor a failure."""
        if self._settings not in (None, settings):
            for reference in self._planned:
                self.queue.forget(reference)
            self.again()
        self._settings = settings

    def _take(self, changed: set[str]) -> tuple[str, ...]:
        found = tuple(changed)
        changed.clear()
        return found

    def _dirty(self) -> Iterable[str]:
        """The references about which profiles tell something else now."""
        for name in self._take(self.shelf.dirty):
            if name in self._planned:
                yield name
            yield from self._digests.get(name, ())

    async def _judge(self, reference: str) -> None:
        """Judge what containers start that were not judged before, a few at a time."""
        found = self._situation(reference)
        if found.image is None or found.held is None:
            return
        keys = self.work.judged.of(reference, found.image)
        new = [use for use in found.uses if use.container not in keys]
        for number, use in enumerate(new):
            key(use, found.image, keys)
            if number % _AT_A_TIME == _AT_A_TIME - 1:
                await asyncio.sleep(0)
        self.work.judged.tidy(reference, found.uses)

    def _plan(self, reference: str, now: float, settings: ImageInspectionSettings) -> None:
        found = self._situation(reference)
        whose = frozenset((use.namespace, use.platforms, use.secrets) for use in found.uses)
        if self._planned.get(reference, whose) != whose:
            self.queue.pardon(reference)  # other credentials, another platform
        self._planned[reference] = whose
        if digest := reference.partition("@")[2]:
            self._digests.setdefault(digest, set()).add(reference)
        self._put(reference, needed(reference, found, now, settings), found)

    def _put(self, reference: str, priority: Priority | None, found: Situation) -> None:
        if priority is not None and found.uses:
            namespace = min(use.namespace for use in found.uses)
            self.queue.put(Task(reference, host(reference), namespace, priority))

    def _situation(self, reference: str) -> Situation:
        uses = self.index.uses(reference)
        found = self.shelf.find(reference)
        is_tag = "@" not in reference
        asked = self.work.asked.get(reference, frozenset())
        running = {use.running for use in uses if use.running} - asked if is_tag else set()
        image = self.known.get(reference)
        return Situation(
            uses,
            found[0] if found is not None else None,
            found[1] if found is not None and is_tag else None,
            image,
            found[0].lacking if found is not None else (),
            tuple(one for one in running if not self.shelf.has_seen(reference, one)),
            self.work.judged.of(reference, image) if image is not None else None,
        )

    def _forget(self, reference: str) -> None:
        del self._planned[reference]
        digest = reference.partition("@")[2]
        if (named := self._digests.get(digest)) is not None:
            named.discard(reference)
            if not named:
                del self._digests[digest]
        self.queue.forget(reference)
        self.work.forget(reference)

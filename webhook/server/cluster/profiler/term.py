"""One term of leadership: what runs from its first moment to its last, and is forgotten with it."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, time
from typing import Final

from kube.errors import KubeError
from registry.errors import (
    CircuitOpen,
    ForbiddenAddress,
    RateLimited,
    RegistryError,
    Reserved,
    ServerError,
    TimedOut,
    Unreachable,
    Untrusted,
)
from webhook.model import Namespace
from webhook.server.cluster.context import Context
from webhook.server.cluster.profiler.garbage import Garbage
from webhook.server.cluster.profiler.index import Index
from webhook.server.cluster.profiler.notices import Notices
from webhook.server.cluster.profiler.planner import Planner
from webhook.server.cluster.profiler.queue import Fault, Priority, Queue, Task
from webhook.server.cluster.profiler.shelf import Shelf
from webhook.server.cluster.profiler.tidying import Tidying
from webhook.server.cluster.profiler.watching import Watching
from webhook.server.cluster.profiler.work import Gone, Means, Work
from webhook.settings import Settings

_OF_HOSTS: Final = (
    CircuitOpen,
    ForbiddenAddress,
    RateLimited,
    ServerError,
    TimedOut,
    Unreachable,
    Untrusted,
)
"""Faults that another image of the same registry would find, too."""
_READS_LAYERS: Final = frozenset({Priority.LAYERS, Priority.OLD})


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things are looked at, in seconds, and how many images are worked on at a time."""

    changes: float = 1.0
    """Between looks at namespaces and settings; objects wake us by themselves."""
    together: float = 0.05
    """What comes within this time is planned together."""
    time: float = 15.0
    idle: float = 5.0
    tidy: float = 600.0
    least: float = 10.0
    """Between two looks for garbage, however short `keepUnused` is."""
    workers: int = 2


@dataclass(frozen=True, slots=True)
class View:
    """What the server knows: namespaces, whether all of them, and the settings."""

    namespaces: Mapping[str, Namespace]
    is_complete: Callable[[], bool]
    settings: Callable[[], Settings]


class Term:
    """Runs until it is cancelled. Nothing of it outlives it but what was written."""

    def __init__(
        self, context: Context, view: View, means: Means, notices: Notices, pace: Pace
    ) -> None:
        self._context = context
        self._view, self._means, self._notices, self._pace = view, means, notices, pace
        self._changed, self._ready = asyncio.Event(), asyncio.Event()
        self._index = Index(view.namespaces, view.settings)
        self._shelf = Shelf()
        self.queue = Queue(monotonic)
        failures = self.queue.failures
        self.work = Work(context.client, means, self._index, self._shelf, failures)
        self.planner = Planner(self._index, self._shelf, self.queue, self.work, means.known)
        self._watching = Watching(
            context.client, self._index, self._shelf, context.log, self._changed.set
        )
        self.oldest = 0.0
        """Seconds since the tag was asked for that was not for the longest."""
        self._reading = 0

    async def run(self) -> None:
        """Watch, plan, work and tidy."""
        runs = [self._watching.run, self._plan, self._pass_time, self._tidy]
        runs += [self._labour] * self._pace.workers
        async with asyncio.TaskGroup() as group:
            for run in runs:
                group.create_task(run())

    async def _plan(self) -> None:
        """Plan what changes, when all profiles are known: what they hold is not learnt again."""
        while not self._watching.knows_profiles:
            await self._sleep(self._pace.changes)
        while True:
            gone = await self.planner.changes(time(), self._means.settings())
            for reference in gone:
                self._notices.forget(reference)
            self._ready.set()
            await self._sleep(self._pace.changes)

    async def _sleep(self, seconds: float) -> None:
        """Until something changes, but not for longer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()
                await asyncio.sleep(self._pace.together)
        self._changed.clear()

    async def _pass_time(self) -> None:
        while True:
            await asyncio.sleep(self._pace.time)
            self.oldest = await self.planner.time(time(), self._means.settings())
            if self.queue.dropped and len(self.queue) == 0:
                self.queue.dropped = 0
                self.planner.again()
            self._ready.set()

    async def _labour(self) -> None:
        """Do one task after the other."""
        while True:
            task = self._next()
            if task is None:
                await self._rest()
                continue
            reads = task.priority in _READS_LAYERS
            self._reading += reads
            try:
                await self._do(task)
            finally:
                self._reading -= reads
            self.planner.again((task.reference,))
            self._changed.set()

    def _next(self) -> Task | None:
        """The next task, if we still lead and registries may be asked."""
        if not self._context.leadership.is_leader or self._means.inspector() is None:
            return None
        # One at a time reads layers: a new template never waits for them.
        may_read = not self._reading and self.work.may_look
        return self.queue.take(() if may_read else _READS_LAYERS)

    async def _rest(self) -> None:
        """Until there is something to do."""
        wait = self.queue.wait() or self._pace.idle
        self._ready.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(min(wait, self._pace.idle)):
                await self._ready.wait()

    async def _do(self, task: Task) -> None:
        try:
            done = await self.work.do(task)
        except Gone:
            self.queue.failed(task, Fault())
        except RegistryError as error:
            self.queue.failed(task, fault_of(error))
            self._notices.failed(task, error, self._index.user)
        except KubeError as error:
            self.queue.failed(task, Fault())
            self._notices.failed(task, error, self._index.user)
        except Exception as error:  # noqa: BLE001  # of one image; the others are learnt all the same
            self.queue.failed(task, Fault())
            self._notices.bug(task, error)
        else:
            if done.message:
                self.queue.failed(task, Fault())
            else:
                self.queue.done(task)
            self._notices.did(task, done)

    async def _tidy(self) -> None:
        """Tidy up now and then, where it is known who uses what."""
        client, notices = self._context.client, self._notices
        garbage = Garbage(time())
        tidying = Tidying(client, garbage, notices, lambda: self._context.leadership.is_leader)
        while True:
            keep = self._means.settings().keep_unused
            # Who keeps for a short time wants to see it.
            await asyncio.sleep(min(self._pace.tidy, max(keep / 10, self._pace.least)))
            if self._knows_users():
                await tidying.tidy(self._shelf, await self.planner.used(), time(), keep)

    def _knows_users(self) -> bool:
        return (
            self._view.is_complete()
            and self._watching.knows_users
            and self._watching.knows_profiles
            and not self._index.waiting
            and not self._index.changed
        )


def fault_of(error: RegistryError) -> Fault:
    """What a fault means for what else is to be done."""
    retry_after = getattr(error, "retry_after", None) or 0.0
    if isinstance(error, Reserved):
        return Fault(retry_after=retry_after, of_pulls=True)
    return Fault(isinstance(error, _OF_HOSTS), retry_after)

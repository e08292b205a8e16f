"""The profiler: at work while this replica leads and the settings want it, idle otherwise."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from webhook.server.cluster.context import Context
from webhook.server.cluster.profiler.notices import Notices
from webhook.server.cluster.profiler.term import Pace, Term, View
from webhook.server.cluster.profiler.work import Means

_USUAL_PACE = Pace()
_LOOK_SECONDS = 1.0
"""How soon changed settings are noticed; that we lead no more, we hear at once."""


@dataclass(frozen=True, slots=True)
class _Value:
    """A metric that is read off the term that runs; 0 while there is none."""

    name: str
    help: str
    read: Callable[[Term], float]


_VALUES = (
    _Value("queue_length", "Images about which something is to be done.", lambda t: len(t.queue)),
    _Value("wanted_images", "Images that opted-in workloads use.", lambda t: t.planner.wanted),
    _Value(
        "oldest_tag_seconds",
        "Since when the tag was not asked for that was not for the longest.",
        lambda t: t.oldest,
    ),
    _Value(
        "layer_bytes_hour",
        "Bytes of layers that were read in this hour.",
        lambda t: t.work.layer_bytes,
    ),
)


class Profiler:
    """Learns images ahead of admission while `run` runs."""

    def __init__(
        self, context: Context, view: View, means: Means, pace: Pace | None = None
    ) -> None:
        self._context, self._view, self._means = context, view, means
        self._pace = pace or Pace()
        self._notices = Notices(context)
        self._woken = asyncio.Event()
        self._term: Term | None = None
        context.leadership.tell(lambda _: self._woken.set())
        for value in _VALUES:
            context.telemetry.watch(f"profiler_{value.name}", value.help, self._reading(value))
        context.telemetry.watch(
            "profiler_failing_images",
            "Images that could not be learnt the last time.",
            lambda: self._notices.failing if self._term else 0,
        )

    async def run(self) -> None:
        """Begin and end terms; never returns."""
        while True:
            if self._is_wanted:
                await self._serve()
            await self._wait()

    @property
    def _is_wanted(self) -> bool:
        return self._context.leadership.is_leader and self._means.settings().enabled

    async def _serve(self) -> None:
        """One term, to its end."""
        self._notices.said("begins")
        self._term = Term(self._context, self._view, self._means, self._notices, self._pace)
        try:
            async with asyncio.TaskGroup() as group:
                running = group.create_task(self._term.run())
                while self._is_wanted:
                    await self._wait()
                running.cancel()
        finally:
            self._term = None
            self._notices.said("ends")

    async def _wait(self) -> None:
        """Until we begin or cease to lead; a look at the settings now and then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._woken.wait()
        self._woken.clear()

    def _reading(self, value: _Value) -> Callable[[], float]:
        return lambda: value.read(self._term) if self._term is not None else 0.0

"""What runs beside the serving: each in a task that is looked after."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from time import monotonic

from kube.backoff import Backoff
from webhook.server.logs import Log
from webhook.server.telemetry import Telemetry

_STOP_SECONDS = 5.0
"""How long tasks may take to end: what they hold (a Lease) they let go by a request."""
_STEADY_SECONDS = 60.0
"""A run that lasted longer was well: the next one that fails is a first failure again."""


class Tasks:
    """Starts tasks, starts them anew when a bug ends one, and ends them all.

    Nothing that runs here may end the server: it serves from what it knows.
    """

    def __init__(
        self, log: Log, telemetry: Telemetry, clock: Callable[[], float] = monotonic
    ) -> None:
        self._log = log
        self._clock = clock
        self._failures = telemetry.counter(
            "background_failures",
            "Background tasks that a bug ended; they are started anew.",
            "task",
        )
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run `run` until it returns; cancelled at the end of the server."""
        self._running[name] = asyncio.create_task(self._look_after(name, run), name=name)

    async def stop(self) -> None:
        """Cancel all, and wait a bounded time for what they do at their ends."""
        for task in self._running.values():
            task.cancel()
        if self._running:
            await asyncio.wait(self._running.values(), timeout=_STOP_SECONDS)

    async def _look_after(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        backoff = Backoff(first=1.0, longest=60.0)
        while True:
            started = self._clock()
            try:
                await run()
            except Exception as error:  # noqa: BLE001  # whatever it is, the others go on
                self._failures.labels(name).inc()
                trace = "".join(traceback.format_exception(error))
                self._log.event("error", "background task failed", task=name, traceback=trace)
                if self._clock() - started > _STEADY_SECONDS:
                    backoff.reset()
                await asyncio.sleep(backoff.next())
            else:
                return

"""Kubernetes Events (events.k8s.io/v1): written in the background, once for the same thing.

`say` never waits and never raises; what it is told goes through these, and is dropped at the first
that objects:

    said already?       the same object, reason and `about`, within the last hour
    room in the queue?  256 wait at most; the metric counts what was dropped
    a token?            50 at once, then one a second
    written already?    the name is made of what is said: another replica's Event answers 409
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import monotonic

from kube.backoff import Backoff
from kube.errors import ApiError, Unreachable
from kube.objects import Objects
from kube.paths import path
from webhook.server.cluster.event import API_VERSION, Event, Regarding, document
from webhook.server.cluster.memory import Memory
from webhook.server.logs import Log
from webhook.server.telemetry import Telemetry

_QUEUE = 256
_SILENCE = 3900.0
"""A little longer than the API server keeps Events, by default: the name is free again then."""
_BURST = 50
_TRIES = 4


class Events:
    """Takes Events, and writes them while `run` runs."""

    def __init__(
        self,
        instance: str,
        log: Log,
        telemetry: Telemetry,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._instance = instance
        self._log = log
        self._sleep = sleep
        self._said = Memory(_SILENCE, clock)
        self._bucket = _Bucket(clock)
        self._queue: asyncio.Queue[Event] = asyncio.Queue(_QUEUE)
        outcomes = telemetry.counter(
            "events", "Kubernetes Events, by what became of them.", "outcome"
        )
        self._counts = {word: outcomes.labels(word) for word in ("written", "repeated", "dropped")}

    @property
    def waiting(self) -> int:
        """How many are to be written."""
        return self._queue.qsize()

    def say(self, event: Event) -> None:
        """Have an Event written, unless it was said already."""
        if not self._said.is_new(event.identity):
            self._counts["repeated"].inc()
            return
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self._said.forget(event.identity)  # to be said when there is room again
            self._counts["dropped"].inc()

    async def run(self, client: Objects) -> None:
        """Write what is said, one after the other; never returns."""
        while True:
            event = await self._queue.get()
            while wait := self._bucket.wait():
                await self._sleep(wait)
            await self._write(client, event)

    async def _write(self, client: Objects, event: Event) -> None:
        """Try a few times; an Event is not worth more."""
        backoff = Backoff(first=1.0)
        for _ in range(_TRIES):
            try:
                await self._create(client, event)
            except ApiError as error:
                if error.conflict:
                    self._counts["repeated"].inc()
                    return
                if not error.passing:
                    self._drop(event, error)
                    return
            except Unreachable:
                pass
            else:
                self._counts["written"].inc()
                return
            await self._sleep(backoff.next())
        # Forgotten, so that it may be said when the API server is there again.
        self._said.forget(event.identity)
        self._counts["dropped"].inc()

    async def _create(self, client: Objects, event: Event) -> None:
        uid = event.regarding.uid or await self._uid(client, event.regarding)
        body = document(event, uid, self._instance, datetime.now(UTC))
        namespace = body["metadata"]["namespace"]
        await client.create(path(API_VERSION, "events", namespace=namespace), body)

    def _drop(self, event: Event, error: ApiError) -> None:
        """Refused: trying again does not help. The log hears of it once an hour."""
        self._counts["dropped"].inc()
        if self._said.is_new(("refused", error.status)):
            self._log.event("warning", "event refused", reason=event.reason, error=str(error))

    async def _uid(self, client: Objects, regarding: Regarding) -> str:
        """The object's uid, by which `kubectl describe` finds its Events; "" where unreadable."""
        if not regarding.plural:
            return ""
        where = path(
            regarding.api_version,
            regarding.plural,
            namespace=regarding.namespace or None,
            name=regarding.name,
        )
        try:
            found = await client.get(where)
        except ApiError:
            return ""
        return str(found.get("metadata", {}).get("uid", ""))


class _Bucket:
    """A token bucket: `_BURST` at once, then one a second."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tokens = float(_BURST)
        self._then = clock()

    def wait(self) -> float:
        """Seconds until there is a token; 0.0 takes it."""
        now = self._clock()
        self._tokens = min(_BURST, self._tokens + now - self._then)
        self._then = now
        if self._tokens < 1:
            return 1 - self._tokens
        self._tokens -= 1
        return 0.0

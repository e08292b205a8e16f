"""One collection of objects kept in memory: listed once, watched ever after.

    list, in pages ──▶ replaced ──▶ watch ──▶ changed, removed, …
          ▲                           │
          └───────────────────────────┘ only when the API server forgot where we were

What is known stays when the API server is away. What happens when a watch ends:

    by itself, or after something was heard    watch again from there, at once
    410 Gone                                   list anew
    403, 404, 400                              say so, list anew; waits grow to minutes
    an event cannot be read                    say so, list anew: it would only come again
    5xx, 429, 401, nobody answers              say so, watch again from there; waits grow to 30 s
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from time import monotonic
from typing import Generic, Protocol, TypeVar

import msgspec

from kube.backoff import Backoff
from kube.client import SILENCE
from kube.errors import ApiError, KubeError, Unreachable, Unreadable
from kube.pages import Reader, collection, decoder

T = TypeVar("T", bound=msgspec.Struct)
T_contra = TypeVar("T_contra", contravariant=True)

_REFUSED_SECONDS = 300.0
"""The longest wait after a refusal: somebody has to change a role first."""


class Source(Reader, Protocol):
    """What is asked of `kube.client.Client`."""

    def stream(
        self, path: str, *, silence: float = SILENCE, **query: str
    ) -> AbstractAsyncContextManager[AsyncGenerator[bytes, None]]:
        """The lines of a watch."""
        ...


class Handler(Protocol[T_contra]):
    """Keeps the objects, in whatever form; called between two awaits, so never half-way."""

    def replaced(self, objects: Iterable[T_contra]) -> None:
        """These are all objects that there are."""
        ...

    def changed(self, item: T_contra) -> None:
        """An object is new or has changed."""
        ...

    def removed(self, item: T_contra) -> None:
        """An object is gone; this was its last state."""
        ...


@dataclass(frozen=True, slots=True)
class Selection:
    """Which objects of the collection, as the API server's query parameters have it."""

    label_selector: str = ""
    field_selector: str = ""

    def query(self) -> dict[str, str]:
        """The parameters; none for an empty selector."""
        named = {"labelSelector": self.label_selector, "fieldSelector": self.field_selector}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Times:
    """How long things take, and the clock that tells; tests put their own here."""

    watch_seconds: float = 300.0
    """The API server ends a watch after one to two times this."""
    silence_seconds: float = SILENCE
    clock: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Reflector(Generic[T]):
    """Keeps `handler` up to date with the collection at `path`, decoded as `type_`.

    `told` hears of each change between being in contact (None) and not (why).
    """

    def __init__(  # noqa: PLR0913  # four things to know, the rest has names
        self,
        client: Source,
        path: str,
        type_: type[T],
        handler: Handler[T],
        *,
        label_selector: str = "",
        field_selector: str = "",
        told: Callable[[KubeError | None], None] = lambda _: None,
        times: Times = Times(),
    ) -> None:
        self._client = client
        self._path = path
        self._handler = handler
        self._query = Selection(label_selector, field_selector).query()
        self._told = told
        self._times = times
        self._type = type_
        self._decode = decoder(type_)
        self._backoff = Backoff()
        self._failure: KubeError | None = None
        self.synced = False
        """Whether all objects were there once. Stays True when the API server goes away."""
        self.last_contact: float | None = None
        """When the API server was last heard, on `times.clock`."""

    @property
    def error(self) -> str | None:
        """Why there is no contact now; None while there is."""
        return None if self._failure is None else str(self._failure)

    @property
    def forbidden(self) -> bool:
        """Whether our rights are what keeps us from the objects."""
        return isinstance(self._failure, ApiError) and self._failure.forbidden

    @property
    def absent(self) -> bool:
        """Whether the cluster has no such kind, which is what keeps us from the objects."""
        return isinstance(self._failure, ApiError) and self._failure.not_found

    async def run(self) -> None:
        """List and watch; never returns."""
        while True:
            try:
                version = await self._list()
                while version:
                    version = await self._watch(version)
            except KubeError as error:
                await self._wait(error)

    async def _list(self) -> str:
        """Read all objects; the resourceVersion to watch from."""
        objects, version = await collection(
            self._client, self._path, self._type, self._query, self._heard
        )
        self._handler.replaced(objects)
        self.synced = True
        self._heard()
        return version

    async def _watch(self, version: str) -> str:
        """Follow one watch to its end; where to go on, "" where only a new list helps.

        Raises ApiError where the API server refuses to be watched, Unreadable for what it tells.
        """
        position = _Position(version)
        lost: KubeError | None = None
        try:
            async with self._open(version) as lines:
                position.opened = True
                self._heard()
                async for line in lines:
                    self._take(line, position)
        except Unreadable:
            raise
        except Unreachable as error:
            lost = error
        except ApiError as error:
            if not (error.passing or error.gone):
                raise
            lost = error
        if not position.moved:
            await self._pause(lost, position)
        return "" if _is_gone(lost) else position.version

    def _open(self, version: str) -> AbstractAsyncContextManager[AsyncGenerator[bytes, None]]:
        # Jittered: replicas that started together would ask for new watches together.
        seconds = self._times.watch_seconds * random.uniform(1.0, 2.0)  # noqa: S311
        return self._client.stream(
            self._path,
            silence=self._times.silence_seconds,
            watch="true",
            allowWatchBookmarks="true",
            resourceVersion=version,
            timeoutSeconds=str(max(1, round(seconds))),
            **self._query,
        )

    def _take(self, line: bytes, position: "_Position") -> None:
        """One line of a watch. Raises ApiError for an ERROR event."""
        event = _event(line)
        if event.type == "ERROR":
            raise _error(event.object)
        if event.type in ("ADDED", "MODIFIED"):
            self._handler.changed(self._decode(event.object))
        elif event.type == "DELETED":
            self._handler.removed(self._decode(event.object))
        # Last: what cannot be read is asked for again, not passed over.
        position.move(_versioned(event.object).metadata.resource_version)
        self._backoff.reset()
        self._heard()

    async def _pause(self, lost: KubeError | None, position: "_Position") -> None:
        """After a watch that told nothing: whatever the cause, not again in a hurry.

        A connection that breaks is not worth a word before the next one fails too: API servers
        restart, and the next one answers.
        """
        broke = isinstance(lost, Unreachable) and position.opened
        if lost is None or broke or _is_gone(lost):
            await self._times.sleep(self._backoff.next())
        else:
            await self._wait(lost)

    async def _wait(self, error: KubeError) -> None:
        """Say that there is no contact, and let time pass."""
        if self._failure is None or _lack(self._failure) != _lack(error):
            self._failure = error
            self._told(error)
        self._failure = error
        refused = isinstance(error, ApiError) and not error.passing
        delay = self._backoff.next(_REFUSED_SECONDS if refused else None)
        asked = error.retry_after if isinstance(error, ApiError) else None
        await self._times.sleep(max(delay, asked or 0.0))

    def _heard(self) -> None:
        self.last_contact = self._times.clock()
        if self._failure is not None:
            self._failure = None
            self._told(None)


def _is_gone(error: KubeError | None) -> bool:
    return isinstance(error, ApiError) and error.gone


def _lack(error: KubeError) -> int | None:
    """The status where the right or the kind is what lacks: that is another matter than a loss."""
    lacks = isinstance(error, ApiError) and (error.forbidden or error.not_found)
    return error.status if isinstance(error, ApiError) and lacks else None


class _Position:
    """Where a watch is."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.opened = False
        self.moved = False

    def move(self, version: str) -> None:
        self.version = version or self.version
        self.moved = True


class _Event(msgspec.Struct):
    type: str
    object: msgspec.Raw


class _Status(msgspec.Struct):
    code: int = 500
    reason: str = ""
    message: str = ""


class _Metadata(msgspec.Struct, rename="camel"):
    resource_version: str = ""


class _Versioned(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


_event = decoder(_Event)
_versioned = decoder(_Versioned)
_status = decoder(_Status)


def _error(raw: msgspec.Raw) -> ApiError:
    status = _status(raw)
    return ApiError(status.code, status.reason, status.message)

"""A watched collection as people see it: checks, metrics, and a line when contact is lost."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from kube.errors import ApiError, KubeError
from kube.reflector import Handler, Reflector, Source
from webhook.server.logs import Log
from webhook.server.telemetry import Telemetry

T = TypeVar("T", bound=msgspec.Struct)
T_contra = TypeVar("T_contra", contravariant=True)


class Store(Handler[T_contra], Protocol[T_contra]):
    """Keeps what is watched."""

    def __len__(self) -> int:
        """How many objects are kept."""
        ...

    def forget(self) -> None:
        """Our right to read was taken: what is known will not be corrected any more."""
        ...


@dataclass(frozen=True, slots=True)
class Watched(Generic[T]):
    """What is watched. `optional`: the server is ready without the right to read it, or its kind.

    `forbidden` and `absent` say what the lack of the one or the other means.
    """

    name: str
    path: str
    type: type[T]
    store: Store[T]
    field_selector: str = ""
    optional: bool = False
    forbidden: str = "our role does not allow to read it"
    absent: str = "the cluster has no such kind"


class Cache(Generic[T]):
    """Watches when `run` runs, and tells how it goes."""

    def __init__(
        self, watched: Watched[T], log: Log, clock: Callable[[], float] = monotonic
    ) -> None:
        self.watched = watched
        self._log = log
        self._clock = clock
        self._since = clock()
        self._reflector: Reflector[T] | None = None
        self._lacking = False
        """Whether the right or the kind was what lacked, when the API server last said anything."""

    async def run(self, client: Source) -> None:
        """List and watch; never returns. Called again after a bug, it goes on with what it has."""
        if self._reflector is None:
            one = self.watched
            self._reflector = Reflector(
                client,
                one.path,
                one.type,
                one.store,
                field_selector=one.field_selector,
                told=self._told,
            )
        await self._reflector.run()

    @property
    def synced(self) -> bool:
        """Whether all objects were there once."""
        return self._reflector is not None and self._reflector.synced

    @property
    def connected(self) -> bool:
        """Whether the API server tells us of changes now."""
        return self.synced and self.error is None

    @property
    def forbidden(self) -> bool:
        """Whether we may not read these objects."""
        return self._reflector is not None and self._reflector.forbidden

    @property
    def absent(self) -> bool:
        """Whether the cluster has no such kind."""
        return self._reflector is not None and self._reflector.absent

    @property
    def error(self) -> str | None:
        """Why there is no contact."""
        return self._reflector.error if self._reflector is not None else None

    @property
    def age(self) -> float:
        """Seconds since the API server was last heard; a minute is usual when nothing changes."""
        last = self._reflector.last_contact if self._reflector is not None else None
        return self._clock() - (self._since if last is None else last)

    def check(self) -> str | None:
        """What keeps the server from being ready: once there, objects stay known."""
        if self.synced or (self.watched.optional and self._lacking):
            return None
        return self.error or "not read yet"

    def note(self) -> str:
        """What `/readyz?verbose` says of it."""
        if self.forbidden or self.absent:
            lack = self.watched.forbidden if self.forbidden else self.watched.absent
            return f"{lack}: {self.error}"
        objects = (
            f"{len(self.watched.store)} objects, the API server was heard {self.age:.1f} s ago"
        )
        return f"{objects}, now: {self.error}" if self.error else objects

    def _told(self, error: KubeError | None) -> None:
        name = self.watched.name
        if error is None or isinstance(error, ApiError):
            self._lacking = error is not None and (error.forbidden or error.not_found)
        if error is None:
            self._log.event("info", "the API server is there again", cache=name)
        elif isinstance(error, ApiError) and error.forbidden:
            self.watched.store.forget()
            self._log.event("warning", self.watched.forbidden, cache=name, error=str(error))
        elif isinstance(error, ApiError) and error.not_found:
            self._log.event("warning", self.watched.absent, cache=name, error=str(error))
        else:
            held = f"going on with {len(self.watched.store)} objects" if self.synced else "waiting"
            self._log.event(
                "error", f"the API server is not there; {held}", cache=name, error=str(error)
            )


_GAUGES: tuple[tuple[str, str, Callable[[Cache[Any]], float]], ...] = (
    ("synced", "1 when all objects were read once.", lambda one: one.synced),
    ("connected", "1 while the API server tells of changes.", lambda one: one.connected),
    ("forbidden", "1 while the right to read is missing.", lambda one: one.forbidden),
    (
        "age_seconds",
        "Seconds since the API server was last heard; up to 60 when nothing changes.",
        lambda one: one.age,
    ),
    ("objects", "Objects that are known.", lambda one: len(one.watched.store)),
)


def measure(caches: tuple[Cache[Any], ...], telemetry: Telemetry) -> None:
    """Have the metrics tell of the caches, by name."""
    for name, help_text, value in _GAUGES:
        gauge = telemetry.gauge(f"cache_{name}", help_text, "cache")
        for one in caches:
            gauge.labels(one.watched.name).set_function(partial(value, one))

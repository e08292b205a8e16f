"""What the leader watches: workloads and pods for who uses which image, and the profiles."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from kube.errors import ApiError, KubeError
from kube.reflector import Reflector, Source
from webhook.server.cluster.profiler.index import Index, Thing
from webhook.server.cluster.profiler.objects import KINDS, Kind, Pod, Workload
from webhook.server.cluster.profiler.shelf import Seen, Shelf
from webhook.server.cluster.profiles import PATH
from webhook.server.logs import Log

_PODS = "Pod"


@dataclass(frozen=True, slots=True)
class _Objects:
    """Hands objects of a kind to the index."""

    kind: str
    index: Index
    wake: Callable[[], None]

    def replaced(self, objects: Iterable[Workload | Pod]) -> None:
        """These are all objects."""
        self.index.replace(self.kind, ((self._thing(one), one.lean) for one in objects))
        self.wake()

    def changed(self, item: Workload | Pod) -> None:
        """An object is new or has changed."""
        self.index.put(self._thing(item), item.lean)
        self.wake()

    def removed(self, item: Workload | Pod) -> None:
        """An object is gone."""
        self.index.put(self._thing(item), None)
        self.wake()

    def _thing(self, item: Workload | Pod) -> Thing:
        one = item.metadata
        # Nobody is told by a pod's uid: there are many, and workloads are told.
        return Thing(self.kind, one.namespace, one.name, "" if self.kind == _PODS else one.uid)


@dataclass(frozen=True, slots=True)
class _Profiles:
    """Hands profiles to the shelf."""

    shelf: Shelf
    wake: Callable[[], None]

    def replaced(self, objects: Iterable[Seen]) -> None:
        """These are all profiles."""
        self.shelf.replaced(objects)
        self.wake()

    def changed(self, item: Seen) -> None:
        """A profile is new or has changed."""
        self.shelf.changed(item)
        self.wake()

    def removed(self, item: Seen) -> None:
        """A profile is gone."""
        self.shelf.removed(item)
        self.wake()


@dataclass(slots=True)
class Watching:
    """The watches of one term of leadership; `log` hears of rights that are missing."""

    client: Source
    index: Index
    shelf: Shelf
    log: Log
    wake: Callable[[], None]
    _objects: dict[str, Reflector[Any]] = field(default_factory=dict)
    _profiles: Reflector[Seen] | None = None

    @property
    def knows_profiles(self) -> bool:
        """Whether all profiles were read."""
        return self._profiles is not None and self._profiles.synced

    @property
    def knows_users(self) -> bool:
        """Whether all that may be read was, pods among it."""
        return bool(self._objects) and all(
            one.synced or (one.forbidden and kind != _PODS) for kind, one in self._objects.items()
        )

    async def run(self) -> None:
        """Watch; never returns."""
        # Whether profiles can be read, the server's own watch says already.
        self._profiles = Reflector(self.client, PATH, Seen, _Profiles(self.shelf, self.wake))
        self._objects = {kind.kind: self._reflector(kind) for kind in KINDS}
        async with asyncio.TaskGroup() as group:
            group.create_task(_endless(self._profiles))
            for one in self._objects.values():
                group.create_task(_endless(one))

    def _reflector(self, kind: Kind) -> Reflector[Any]:
        shape: type[Any] = kind.shape
        return Reflector(
            self.client,
            kind.path,
            shape,
            _Objects(kind.kind, self.index, self.wake),
            field_selector=kind.field_selector,
            told=lambda error: self._told(kind.plural, error),
        )

    def _told(self, what: str, error: KubeError | None) -> None:
        """Say which right is missing. That the API server is away others say already."""
        if isinstance(error, ApiError) and error.forbidden:
            said = f"profiler: {what} may not be read; images that only they use are learnt late"
            self.log.event("warning", said, error=str(error))


async def _endless(one: Reflector[Any]) -> None:
    await one.run()

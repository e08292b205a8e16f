"""One leader among replicas, by a Lease (coordination.k8s.io/v1), as client-go elects it.

the Lease says                      we
----------------------------------  ---------------------------------------------------------------
nothing: there is none              make it, and lead
somebody, and it changed            follow; the time begins anew
somebody, unchanged for its time    take it over, and lead
nobody: whoever led let it go       take it over, and lead
us                                  renew, and lead for `renew` seconds from when we began to ask

Times are measured on our own steady clock: how long we have seen a Lease of others unchanged, how
long ago we asked for our last renewal. What clocks of others wrote into the Lease is for people.
So who leads knows when it ends without being told; writes that must not be done by two still need a
resourceVersion, as a process may be held between looking at the clock and writing.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from math import ceil
from time import monotonic
from typing import Any

from kube.client import Object
from kube.errors import ApiError, KubeError
from kube.objects import Objects
from kube.paths import path
from kube.times import micro

API_VERSION = "coordination.k8s.io/v1"


class Election:
    """A candidate. `changed` hears whether we lead, each time that it changes.

    duration: seconds for which others leave our Lease alone; renew: seconds for which we go on
    without having renewed it, less than that; retry: seconds between tries.
    """

    def __init__(  # noqa: PLR0913  # four say which Lease and who we are, the rest has names
        self,
        client: Objects,
        namespace: str,
        name: str,
        identity: str,
        *,
        duration: float = 15.0,
        renew: float = 10.0,
        retry: float = 2.0,
        changed: Callable[[bool], None] = lambda _: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._client = client
        self._collection = path(API_VERSION, "leases", namespace=namespace)
        self._path = path(API_VERSION, "leases", namespace=namespace, name=name)
        self._metadata = {"name": name, "namespace": namespace}
        self._identity = identity
        self._duration, self._renew, self._retry = duration, renew, retry
        self._changed = changed
        self._clock = clock
        self._until = clock()
        self._said = False
        self._known: dict[str, Any] | None = None
        self._known_since = clock()
        self.error: str | None = None
        """Why the last try failed; None when it did not."""

    @property
    def is_leader(self) -> bool:
        """Whether we lead now, by our own clock."""
        return self._clock() < self._until

    async def run(self) -> None:
        """Be a candidate until cancelled; then let go of the Lease if we lead."""
        try:
            while True:
                await self.attempt()
                # Apart: candidates that started together would ask together for ever.
                await asyncio.sleep(self._retry * random.uniform(0.9, 1.1))  # noqa: S311
        finally:
            await self._release()

    async def attempt(self) -> None:
        """Try once to get the Lease or to keep it. Raises nothing."""
        try:
            # A request that hangs must not outlast the time that we have.
            async with asyncio.timeout(self._renew / 2):
                await self._try()
            self.error = None
        except (KubeError, TimeoutError) as error:
            self._known = None if isinstance(error, ApiError) else self._known
            self.error = str(error) or "no answer in time"
        self._tell()

    async def _try(self) -> None:
        started = self._clock()
        if self._known is None or not self._is_ours(self._known):
            found = await self._get()
            if found is None:
                self._hold(await self._client.create(self._collection, self._first()), started)
                return
            self._observe(found)
            if not self._is_free(found):
                self._until = started
                return
            self._known = found
        written = await self._client.replace(self._path, self._next(self._known))
        self._hold(written, started)

    async def _get(self) -> dict[str, Any] | None:
        try:
            return await self._client.get(self._path)
        except ApiError as error:
            if error.not_found:
                return None
            raise

    def _hold(self, lease: dict[str, Any], started: float) -> None:
        self._known = lease
        self._until = started + self._renew

    def _observe(self, lease: dict[str, Any]) -> None:
        if self._known is None or self._known.get("spec") != lease.get("spec"):
            self._known_since = self._clock()
        self._known = lease

    def _is_ours(self, lease: Object) -> bool:
        return bool(_spec(lease).get("holderIdentity") == self._identity)

    def _is_free(self, lease: Object) -> bool:
        spec = _spec(lease)
        if not spec.get("holderIdentity") or self._is_ours(lease):
            return True
        duration = float(spec.get("leaseDurationSeconds") or self._duration)
        return self._clock() - self._known_since >= duration

    def _first(self) -> dict[str, Any]:
        times = {"acquireTime": _now(), "renewTime": _now(), "leaseTransitions": 0}
        return {
            "apiVersion": API_VERSION,
            "kind": "Lease",
            "metadata": self._metadata,
            "spec": self._claim() | times,
        }

    def _next(self, lease: Object) -> dict[str, Any]:
        """The Lease after we took it over, or kept it."""
        spec = _spec(lease) | self._claim() | {"renewTime": _now()}
        if not self._is_ours(lease):
            spec["acquireTime"] = _now()
            spec["leaseTransitions"] = int(spec.get("leaseTransitions") or 0) + 1
        return {**lease, "spec": spec}

    def _claim(self) -> dict[str, Any]:
        return {"holderIdentity": self._identity, "leaseDurationSeconds": ceil(self._duration)}

    async def _release(self) -> None:
        """Let go, so that another can lead at once. Nothing is raised: it would end by itself."""
        held, led = self._known, self.is_leader
        self._until = self._clock()
        self._tell()
        if held is None or not led or not self._is_ours(held):
            return
        spec = _spec(held) | {"holderIdentity": "", "leaseDurationSeconds": 1, "renewTime": _now()}
        with suppress(KubeError, TimeoutError):
            async with asyncio.timeout(self._retry):
                await self._client.replace(self._path, {**held, "spec": spec})

    def _tell(self) -> None:
        leads = self.is_leader
        if leads != self._said:
            self._said = leads
            self._changed(leads)


def _spec(lease: Object) -> dict[str, Any]:
    return dict(lease.get("spec") or {})


def _now() -> str:
    return micro(datetime.now(UTC))

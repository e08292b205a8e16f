"""Tells the API server what was seen, in the background.

`put` never waits and never raises. What it is told goes through these:

    known already?         the same, within an hour: nothing to do; later it is looked up again, and
                           written where the object is gone or was seen on an older day
    room?                  2,000 workloads wait at most; `counts` tells what was dropped
    settled?               written 10 s after the first word of it: a container that starts runs
                           this and that before it runs what it is for
    changed by another?    read and put together anew
    its owners may not be changed?  written with those that are there
    server away, no right, put off, and tried again: longer each time, up to five minutes
    no such kind?          and after twenty times forgotten, until it is put again
    refused for what it says?  said in the log, and not tried before it is put again, an hour later
"""

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from kube.backoff import Backoff
from kube.errors import ApiError, KubeError, Unreachable
from kube.objects import Objects
from kube.paths import path
from nodeagent.observing.application import Seen, Workload
from nodeagent.observing.document import API_VERSION, merged, plain
from webhook.observed import Key
from webhook.observed.document import ENTRIES

_log = logging.getLogger(__name__)

MANAGER = "spanhook-node-agent"
PLURAL = "instrumentedapplications"
OUTCOMES = ("written", "unchanged", "conflict", "forbidden", "absent", "failed", "dropped")

_SETTLE = 10.0
_RECHECK = 3600.0
_BETWEEN = 0.2
"""Seconds between two workloads: a node that starts asks for all of its at once."""
_WAITING = 2_000
_KNOWN = 10_000
_LONGEST = 300.0
_SILENCE = 3600.0
_TRIES = 20


@dataclass(slots=True)
class _Waiting:
    """What is to be written of a workload, and from when on (seconds of the clock)."""

    due: float
    seen: dict[Key, Seen] = field(default_factory=dict)
    tries: int = 0
    backoff: Backoff = field(default_factory=lambda: Backoff(1.0, _LONGEST))


class Reporter:
    """Takes what was seen, and writes it while `run` runs. `node` is the node's name."""

    def __init__(
        self,
        client: Objects,
        node: str,
        clock: Callable[[], float] = monotonic,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
        settle: float = _SETTLE,
    ) -> None:
        self._client = client
        self._node = node
        self._clock = clock
        self._today = today
        self._settle = settle
        self._waiting: dict[Workload, _Waiting] = {}
        self._known: OrderedDict[Key, tuple[Seen, float]] = OrderedDict()
        self._said: dict[str, float] = {}
        self._wake = asyncio.Event()
        self.counts = dict.fromkeys(OUTCOMES, 0)
        """What became of what was to be written, by workload."""

    @property
    def waiting(self) -> int:
        """How many workloads are to be written."""
        return len(self._waiting)

    def put(self, seen: Seen) -> None:
        """Have it written, unless it is known already. Never waits, never raises.

        To be called on the event loop's thread, and again now and then while it is there: every
        few minutes, or once in an hour at least.
        """
        known = self._known.get(seen.key)
        now = self._clock()
        if known is not None and known[0] == seen and now < known[1]:
            return
        if self._add(seen, now + self._settle):
            self._wake.set()
        else:
            self.counts["dropped"] += 1

    async def run(self) -> None:
        """Write what is put; never returns."""
        while True:
            workload = min(self._waiting, key=lambda one: self._waiting[one].due, default=None)
            now = self._clock()
            wait = None if workload is None else self._waiting[workload].due - now
            if workload is not None and wait is not None and wait <= 0:
                await self._take(workload, self._waiting.pop(workload))
                await asyncio.sleep(_BETWEEN)
                continue
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    def _add(self, seen: Seen, due: float) -> bool:
        one = self._waiting.get(seen.workload)
        if one is None:
            if len(self._waiting) >= _WAITING:
                return False
            one = self._waiting[seen.workload] = _Waiting(due)
        if len(one.seen) >= ENTRIES and seen.key not in one.seen:
            return False
        one.seen[seen.key] = seen
        return True

    async def _take(self, workload: Workload, one: _Waiting) -> None:
        """Write one workload, or put it off."""
        try:
            word = await self._write(workload, tuple(one.seen.values()))
        except KubeError as error:
            word = _word(error)
            self._complain(word, workload, error)
            if word != "failed" or _passes(error):
                self.counts[word] += 1
                self._put_off(workload, one)
                return
        self.counts[word] += 1
        again = self._clock() + _RECHECK * random.uniform(0.75, 1.0)  # noqa: S311  # guards nothing
        for key, seen in one.seen.items():
            self._known[key] = seen, again
            self._known.move_to_end(key)
        while len(self._known) > _KNOWN:
            self._known.popitem(last=False)

    def _put_off(self, workload: Workload, one: _Waiting) -> None:
        """Try it later, with what was put meanwhile."""
        newer = self._waiting.get(workload)
        if newer is not None:
            one.seen = dict(list((one.seen | newer.seen).items())[-ENTRIES:])
        one.tries += 1
        one.due = self._clock() + one.backoff.next()
        if one.tries < _TRIES:
            self._waiting[workload] = one
        else:
            self._waiting.pop(workload, None)
            self.counts["dropped"] += 1

    async def _write(self, workload: Workload, seen: Sequence[Seen]) -> str:
        """Read, put together, apply. Raises KubeError, a conflict where it was changed between."""
        where = _path(workload)
        found = await self._found(where)
        wanted = merged(found, seen, self._today())
        if found is None:
            found = await self._create(workload, wanted)
        there = plain(found)
        if wanted == there:
            return "unchanged"
        version = _version(found)
        if any(wanted[key] != there.get(key) for key in ("metadata", "spec")):
            head = {key: wanted[key] for key in ("apiVersion", "kind", "metadata", "spec")}
            version = _version(await self._apply_head(where, head, there, version))
        tail = {key: wanted[key] for key in ("apiVersion", "kind", "status")}
        names = {key: wanted["metadata"][key] for key in ("name", "namespace")}
        await self._apply(_path(workload, "status"), tail | {"metadata": names}, version)
        return "written"

    async def _found(self, where: str) -> dict[str, Any] | None:
        try:
            return await self._client.get(where)
        except ApiError as error:
            if error.not_found:
                return None
            raise

    async def _create(self, workload: Workload, wanted: dict[str, Any]) -> dict[str, Any]:
        """Without an entry, so that all of them are applied; a conflict where another was first."""
        head = {key: wanted[key] for key in ("apiVersion", "kind", "metadata")}
        body = head | {"spec": {"workload": wanted["spec"]["workload"]}}
        where = path(API_VERSION, PLURAL, namespace=workload.namespace)
        return await self._client.create(where, body, fieldManager=MANAGER)

    async def _apply_head(
        self, where: str, head: dict[str, Any], there: dict[str, Any], version: str
    ) -> dict[str, Any]:
        """Apply all but the status; without another owner where that is what is refused.

        With the admission plugin OwnerReferencesPermissionEnforcement, on in OpenShift, only who
        may delete an object may change its owners. What was seen matters more than who is one.
        """
        owners = there["metadata"]["ownerReferences"]
        try:
            return await self._apply(where, head, version)
        except ApiError as error:
            if not error.forbidden or head["metadata"]["ownerReferences"] == owners:
                raise
        metadata = head["metadata"] | {"ownerReferences": owners}
        return await self._apply(where, head | {"metadata": metadata}, version)

    async def _apply(self, where: str, body: dict[str, Any], version: str) -> dict[str, Any]:
        """Only onto the version that was read."""
        metadata = dict(body["metadata"])
        metadata["resourceVersion"] = version
        return await self._client.apply(where, body | {"metadata": metadata}, manager=MANAGER)

    def _complain(self, word: str, workload: Workload, error: KubeError) -> None:
        """Once an hour for each word; two nodes at the same time are no trouble."""
        now = self._clock()
        if word == "conflict" or now < self._said.get(word, now):
            return
        self._said[word] = now + _SILENCE
        what = "node %s: %s not written (said once an hour): %s"
        _log.warning(what, self._node, _path(workload), error)


def _path(workload: Workload, subresource: str | None = None) -> str:
    return path(
        API_VERSION,
        PLURAL,
        namespace=workload.namespace,
        name=workload.object_name,
        subresource=subresource,
    )


def _version(found: dict[str, Any]) -> str:
    return str(found["metadata"]["resourceVersion"])


def _passes(error: KubeError) -> bool:
    return error.passing if isinstance(error, ApiError) else isinstance(error, Unreachable)


def _word(error: KubeError) -> str:
    if not isinstance(error, ApiError):
        return "failed"
    told = {"conflict": error.conflict, "forbidden": error.forbidden, "absent": error.not_found}
    return next((word for word, holds in told.items() if holds), "failed")

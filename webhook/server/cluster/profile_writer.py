"""ImageProfiles are written behind the answer: for the other replicas, and for later.

`say` never waits and never raises. What is there already is kept: other references, platforms that
this replica did not ask for, and what the layers told.

    said again before it was written?    one profile, with both
    room?                                1,000 wait at most; the metric counts what was dropped
    changed meanwhile by another?        counted; read and merged anew, a few times
    server away, no right, no such kind? counted, said once an hour, and put off: one is tried each
                                         minute, and all of them when one could be written
    refused for what it says?            counted and said; it would be refused again
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic, time
from typing import Any

from kube.backoff import Backoff
from kube.errors import ApiError, KubeError, Unreachable
from kube.objects import Objects
from kube.paths import path
from webhook.images.profile import Profile, name, read, write
from webhook.server.cluster.memory import Memory
from webhook.server.cluster.profile_merging import merged
from webhook.server.logs import Log
from webhook.server.telemetry import Telemetry

_WAITING = 1_000
_TRIES = 4
_AGAIN = 60.0
"""Seconds until one of those that were put off is tried."""
_SILENCE = 3600.0
_ENCOURAGING = {"written": _WAITING, "unchanged": 1}
"""How many of those that were put off are tried when one came to this."""
_OUTCOMES = ("written", "unchanged", "conflict", "forbidden", "absent", "failed", "dropped")


class Writer:
    """Takes profiles, and writes them one after the other while `run` runs."""

    def __init__(
        self,
        log: Log,
        telemetry: Telemetry,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        day: Callable[[], float] = time,
    ) -> None:
        """`clock` is a steady one, `day` tells seconds since 1970."""
        self._log = log
        self._sleep = sleep
        self._day = day
        self._said = Memory(_SILENCE, clock)
        self._waiting: OrderedDict[str, Profile] = OrderedDict()
        self._put_off: OrderedDict[str, Profile] = OrderedDict()
        self._wake = asyncio.Event()
        writes = telemetry.counter(
            "image_profile_writes", "ImageProfiles to be written, by what became of it.", "outcome"
        )
        telemetry.watch(
            "image_profiles_unwritten",
            "ImageProfiles that wait to be written.",
            lambda: len(self._waiting) + len(self._put_off),
        )
        self._counts = {word: writes.labels(word) for word in _OUTCOMES}

    def say(self, profile: Profile) -> None:
        """Have a profile written. One without platforms only adds its references."""
        digest = profile.digest
        before = self._waiting.get(digest) or self._put_off.pop(digest, None)
        if before is None and len(self._waiting) + len(self._put_off) >= _WAITING:
            self._counts["dropped"].inc()
            return
        self._waiting[digest] = self._both(before, profile)
        self._wake.set()

    async def run(self, client: Objects) -> None:
        """Write what is said; never returns."""
        while True:
            while self._waiting:
                _, profile = self._waiting.popitem(last=False)
                word = await self._write(client, profile)
                self._counts[word].inc()
                self._take_up(_ENCOURAGING.get(word, 0))
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_AGAIN if self._put_off else None):
                    await self._wake.wait()
            if not self._waiting:
                self._take_up(1)

    def _take_up(self, most: int) -> None:
        """Have so many that were put off written now."""
        for _ in range(min(most, len(self._put_off))):
            self.say(self._put_off.popitem(last=False)[1])

    async def _write(self, client: Objects, profile: Profile) -> str:
        """Try a few times; what came of it in a word."""
        backoff = Backoff()
        problem: KubeError | None = None
        for _ in range(_TRIES):
            try:
                return await self._once(client, profile)
            except KubeError as error:
                problem = error
            if isinstance(problem, ApiError) and problem.conflict:
                self._counts["conflict"].inc()
            elif not _passes(problem):
                break
            await self._sleep(backoff.next())
        word = _word(problem)
        if word != "failed" or _passes(problem):
            self._keep(profile)
        if self._said.is_new(word):
            what = "ImageProfile not written; said once an hour"
            self._log.event("warning", what, name=name(profile.digest), error=str(problem))
        return word

    def _keep(self, profile: Profile) -> None:
        """Put it off, with what was said of it meanwhile."""
        new = self._waiting.pop(profile.digest, None)
        self._put_off[profile.digest] = self._both(profile, new) if new else profile

    async def _once(self, client: Objects, profile: Profile) -> str:
        """Read, merge, apply. Raises KubeError, a conflict where it was changed in between."""
        where = path("spanhook.dev/v1alpha1", "imageprofiles", name=name(profile.digest))
        found = await _found(client, where)
        before = None if found is None else _profile(found)
        wanted = self._both(before, profile)
        if not wanted.platforms:
            return "unchanged"  # deleted since: what the tag points to is to be learnt anew
        body = write(wanted)
        if before is not None and body == write(before):
            return "unchanged"
        if found is not None:
            body["metadata"]["resourceVersion"] = found["metadata"]["resourceVersion"]
        await client.apply(where, body)
        return "written"

    def _both(self, before: Profile | None, profile: Profile) -> Profile:
        return profile if before is None else merged(before, profile, self._day())


def _passes(error: KubeError | None) -> bool:
    """Whether the same may be taken another time."""
    if isinstance(error, ApiError):
        return error.passing or error.conflict
    return isinstance(error, Unreachable)


def _word(error: KubeError | None) -> str:
    if isinstance(error, ApiError) and error.forbidden:
        return "forbidden"
    return "absent" if isinstance(error, ApiError) and error.not_found else "failed"


async def _found(client: Objects, where: str) -> dict[str, Any] | None:
    try:
        return await client.get(where)
    except ApiError as error:
        if error.not_found:
            return None
        raise


def _profile(found: dict[str, Any]) -> Profile | None:
    """None for what nobody can read: ours takes its place."""
    try:
        return read(found)
    except ValueError:
        return None

"""Load as a busy cluster makes it: clients in parallel that create pods, each one after the other.

A thread of its own, so that a test can do harm meanwhile. The pods come in waves: in each wave
every client creates one. The last waves wait until the test has done all its harm; so the load
never ends first, however slow the machine is.
"""

import asyncio
import math
import threading
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.cluster.reliability.client import Target, create, stored
from tests.cluster.reliability.tally import Creation, Tally

PODS = 2_000
CLIENTS = 50
WAVE_SECONDS = 0.6
HELD_BACK = 5
"""Waves that wait for the test."""
PATIENCE = 150.0


class Load:
    """`with Load(target, pod) as load:` starts it; `finish` waits for the end and counts."""

    def __init__(
        self,
        target: Target,
        pod: dict[str, Any],
        *,
        pods: int = PODS,
        clients: int = CLIENTS,
        wave_seconds: float = WAVE_SECONDS,
    ) -> None:
        self._target = target
        self._pod = pod
        self._clients = clients
        self._waves = pods // clients
        self._wave_seconds = wave_seconds
        self._creations: list[Creation] = []
        self._progress = threading.Condition()
        self._hurry = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._tally: Tally | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for the end, whatever happened: a load must not outlive its test."""
        self._join()

    def wait_for(self, count: int) -> None:
        """Wait until so many creations have ended. Raises TimeoutError."""
        with self._progress:
            if not self._progress.wait_for(lambda: len(self._creations) >= count, PATIENCE):
                raise TimeoutError(f"{len(self._creations)} of {count} pods after {PATIENCE} s")

    def finish(self) -> Tally:
        """Create what is left as fast as it goes, then count what is stored.

        Raises what the load raised, and TimeoutError where it does not end.
        """
        self._join()
        if self._failure is not None:
            raise self._failure
        if self._tally is None:
            raise TimeoutError(f"the load did not end within {PATIENCE} s")
        return self._tally

    def _join(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._hurry.set)
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        try:
            self._tally = self._loop.run_until_complete(asyncio.wait_for(self._all(), PATIENCE))
        except BaseException as failure:  # noqa: BLE001  # raised by finish, in the test's thread
            self._failure = failure
        finally:
            self._loop.close()

    async def _all(self) -> Tally:
        async with self._target.session(self._clients) as session:
            began = monotonic()
            await asyncio.gather(
                *(self._client(session, number, began) for number in range(self._clients))
            )
            found = await stored(session, self._target)
        bare = frozenset(name for name, injected in found.items() if not injected)
        return Tally(tuple(self._creations), frozenset(found), bare)

    async def _client(self, session: aiohttp.ClientSession, number: int, began: float) -> None:
        for wave in range(self._waves):
            await self._turn(wave, began)
            name = f"pod-{number:02}-{wave:03}"
            creation = await create(session, self._target, name, self._pod)
            with self._progress:
                self._creations.append(creation)
                self._progress.notify_all()

    async def _turn(self, wave: int, began: float) -> None:
        """Wait until it is the wave's time, or there is nothing to wait for any more."""
        held_back = wave >= self._waves - HELD_BACK
        at = math.inf if held_back else began + wave * self._wave_seconds
        remaining = at - monotonic()
        if remaining > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(
                    self._hurry.wait(), None if math.isinf(remaining) else remaining
                )

"""Hosts that are asked: how many requests each gets at a time, and whether it is asked at all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from registry.breaker import Breaker
from registry.call import Call
from registry.errors import CircuitOpen, Malformed, RegistryError, ServerError, Unreachable
from registry.limits import Limits

# Before the answer's head is there, all of these say that the host cannot do it (`Malformed` is
# then about HTTP); after it, what is wrong with the content is not the host's fault.
_BEFORE = (Unreachable, ServerError, Malformed)
_AFTER = (Unreachable,)


@dataclass(slots=True)
class Turn:
    """One request's turn at a host."""

    streams: bool
    since: float
    answered: bool = False


class Host:
    """One host's turns and its circuit breaker."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._breaker = Breaker(limits)
        self._lookups = asyncio.Semaphore(limits.lookups_per_host)
        self._streams = asyncio.Semaphore(limits.streams_per_host)

    @asynccontextmanager
    async def turn(self, call: Call, *, streams: bool) -> AsyncIterator[Turn]:
        """Wait for a turn; the block's outcome is the host's. Raises CircuitOpen."""
        self._check(call)
        async with self._streams if streams else self._lookups:
            self._check(call)
            self._breaker.begin()
            turn = Turn(streams, call.now)
            try:
                yield turn
            except BaseException as error:
                self._judge(error, turn, call)
                raise
            self._breaker.succeeded()

    def _judge(self, error: BaseException, turn: Turn, call: Call) -> None:
        if isinstance(error, _AFTER if turn.answered else _BEFORE) or _hung(error, turn, call):
            self._breaker.failed(call.now)
        elif isinstance(error, RegistryError):
            self._breaker.succeeded()
        else:
            self._breaker.abandoned()

    def _check(self, call: Call) -> None:
        if wait := self._breaker.wait(call.now):
            raise CircuitOpen(f"{self._name} failed too often", wait)


def _hung(error: BaseException, turn: Turn, call: Call) -> bool:
    """Whether the time went by at this host. Of a stream's reader nobody knows where it went."""
    if turn.streams and turn.answered:
        return False
    return isinstance(error, asyncio.CancelledError) and call.was_kept_waiting(turn.since)

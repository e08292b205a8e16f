"""The same question is asked once, however many want the answer at the same time."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from copy import copy
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from registry.call import Call
from registry.errors import RegistryError, Unreachable
from registry.spent import Spent

T = TypeVar("T")

Work = Callable[[Call], Coroutine[Any, Any, T]]


@dataclass(slots=True)
class _Flight(Generic[T]):
    call: Call
    task: asyncio.Task[T]
    waiters: int = 0


class Flights(Generic[T]):
    """Questions on their way. One ends with its answer, or when nobody waits for it any more."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight[T]] = {}
        self._tasks: set[asyncio.Task[T]] = set()

    async def join(self, key: Hashable, call: Call, work: Work[T], what: str) -> T:
        """The answer to the question `key`, asked by `work` unless it is on its way already.

        Work has until the last deadline of all who wait for it; what it spends is counted to the
        first. Raises what work raises. The caller's block keeps the call's own deadline.
        """
        flight = self._flights.get(key)
        if is_first := flight is None:
            own = Call(call.deadline, is_background=call.is_background)
            flight = self._start(key, own, work, what)
        flight.call.serve(call)
        flight.waiters += 1
        call.followers.add(flight.call)
        try:
            await asyncio.wait([flight.task])  # ends with this call, the task does not
            if flight.task.cancelled():
                raise Unreachable(f"{what}: the client was closed meanwhile")
            return flight.task.result()
        except RegistryError as error:
            raise copy(error) from error  # each who waits gets one of its own to write on
        finally:
            flight.waiters -= 1
            call.followers.discard(flight.call)
            call.meter.add(flight.call.meter.spent if is_first else Spent())
            if not flight.waiters:
                self._drop(key, flight)

    async def close(self) -> None:
        """End all that is on its way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, key: Hashable, call: Call, work: Work[T], what: str) -> _Flight[T]:
        async def fly() -> T:
            async with call.limited(what):
                return await work(call)

        flight = _Flight(call, asyncio.create_task(fly()))
        self._flights[key] = flight
        self._tasks.add(flight.task)
        flight.task.add_done_callback(lambda task: self._landed(key, task))
        return flight

    def _landed(self, key: Hashable, task: asyncio.Task[T]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # looked at: nobody may be left to whom it matters
        if (flight := self._flights.get(key)) is not None and flight.task is task:
            del self._flights[key]

    def _drop(self, key: Hashable, flight: _Flight[T]) -> None:
        flight.task.cancel()
        if self._flights.get(key) is flight:
            del self._flights[key]

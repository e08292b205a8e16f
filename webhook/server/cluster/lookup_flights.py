"""Look-ups on their way: each question once, and no more at a time than there is room for."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from registry.keyring import Keyring
from webhook.images.profile import Profile
from webhook.images.reference import parse
from webhook.model import Absence

AT_A_TIME = 128
AT_A_REGISTRY = 64
"""So that one that hangs leaves room for the others."""

Question = tuple[str, Keyring, tuple[str, ...]]
"""A reference, the credentials with which it is asked for, as others may be told otherwise, and the
platforms."""
Came = Profile | Absence


@dataclass(slots=True)
class Flight:
    """One look-up on its way. `for_pod`: whether a pod waits for it, not dry runs alone."""

    task: asyncio.Task[Came]
    for_pod: bool


class Flights:
    """Ends with its answer; whoever waits may go before."""

    def __init__(self) -> None:
        self._flights: dict[Question, Flight] = {}
        self._hosts: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._flights)

    def join(self, question: Question, *, for_pod: bool) -> Flight | None:
        """The look-up of a question that is on its way already."""
        flight = self._flights.get(question)
        if flight is not None:
            flight.for_pod |= for_pod
        return flight

    def has_room(self, question: Question) -> bool:
        """Whether a further one may start."""
        return len(self) < AT_A_TIME and self._hosts[_host(question)] < AT_A_REGISTRY

    def start(
        self, question: Question, work: Coroutine[Any, Any, Came], *, for_pod: bool
    ) -> Flight:
        """Have a question answered that is not on its way; `work` must not raise."""
        host = _host(question)
        flight = Flight(asyncio.create_task(work, name=f"look-up of {question[0]}"), for_pod)
        self._flights[question] = flight
        self._hosts[host] += 1

        def landed(_: object) -> None:
            del self._flights[question]
            self._hosts[host] -= 1
            if not self._hosts[host]:
                del self._hosts[host]

        flight.task.add_done_callback(landed)
        return flight

    async def close(self) -> None:
        """End all that is on its way."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _host(question: Question) -> str:
    return parse(question[0]).domain

"""What an admission may spend on images that are not known.

asked before?        what is on its way is waited for, not asked twice; a failure is remembered
room?                so many at a time, and of one registry; beyond that: ImagePending at once
not in time?         the look-up goes on for a while, so that a later pod has its result
a tag grew old?      asked which image it names now; where nobody tells, the old one counts

what came            is known at once             is written behind the answer
-------------------  ---------------------------  ------------------------------
for a pod            yes                          yes
for dry runs alone   to later look-ups            when a pod asks for it, too
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic, time
from typing import Any, Protocol

from inspection.faults import absence
from registry.errors import RegistryError
from registry.keyring import Keyring
from registry.recent import Recent
from webhook.images.profile import Profile
from webhook.images.profile.sightings import believed
from webhook.model import Absence, Image
from webhook.reasons import Reason
from webhook.server.cluster.lookup_counts import Counts
from webhook.server.cluster.lookup_failures import Failures
from webhook.server.cluster.lookup_flights import AT_A_TIME, Came, Flight, Flights, Question
from webhook.server.cluster.lookup_reading import Inspects, Reading
from webhook.server.cluster.profiles import Profiles
from webhook.server.waiting import Found

SECONDS = 10.0
"""How long a look-up goes on, whether somebody waits for it or not."""
_OF_A_POD = 16
"""Images of one pod that are asked for."""
_SHELF = 256

_LATE = "the registry did not answer in time; it is being asked on"
_NO_ROOM = "too many images are being asked for at the moment"
_NOBODY = "registries cannot be asked at the moment; the webhook's log says why"
_BUG = "reading it failed inside Spanhook; the webhook's log says how"


class Keyrings(Protocol):
    """What is asked of `webhook.server.cluster.keyrings.Keyrings`."""

    async def keyring(self, namespace: str, names: Sequence[str]) -> Keyring:
        """Credentials for a pod's images; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """Images that a pod needs, by canonical reference, and the pod's words on getting them.

    `platforms` as in `linux/amd64`; none where the pod may run on any.
    """

    references: tuple[str, ...]
    namespace: str = ""
    pull_secrets: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Clocks:
    """A steady clock, and the time of day in seconds since 1970."""

    steady: Callable[[], float] = monotonic
    day: Callable[[], float] = time


@dataclass(frozen=True, slots=True)
class Sources:
    """Where facts come from and go to. `inspector` gives None where nobody can be asked."""

    inspector: Callable[[], Inspects | None]
    keyrings: Keyrings
    profiles: Profiles
    write: Callable[[Profile], None]


_Begun = dict[str, Image | Absence | Flight]
"""By reference."""
_Read = tuple[str, tuple[str, ...]]
"""A reference and platforms."""


class Lookup:
    """Asks registries while reviews wait, and a while longer."""

    def __init__(self, sources: Sources, counts: Counts, clocks: Clocks | None = None) -> None:
        self._from = sources
        self._counts = counts
        self._clocks = clocks or Clocks()
        self._failures = Failures(self._clocks.steady)
        self._flights = Flights()
        self._beginnings: set[asyncio.Task[_Begun]] = set()
        self._shelf: Recent[_Read, Profile] = Recent(_SHELF)
        """What dry runs learnt: were it known, no later pod would have it written."""

    async def fetch(self, asked: Asked, until: float) -> Found:
        """The images, as far as they come until a time of the event loop's clock.

        The time may have come: then the look-ups are only begun.
        """
        begun = await self._begun(asked, until)
        tasks = [one.task for one in begun.values() if isinstance(one, Flight)]
        await _wait(tasks, until)
        images: dict[str, Image] = {}
        absent: dict[str, Absence] = {}
        for reference in asked.references:
            came = self._came(begun.get(reference))
            image = self._from.profiles.stale(reference) if isinstance(came, Absence) else came
            if image is not None:
                images[reference] = image
            elif isinstance(came, Absence):
                absent[reference] = came
        return Found(images, absent)

    async def close(self) -> None:
        """End what is on its way."""
        for task in tuple(self._beginnings):
            task.cancel()
        await asyncio.gather(*self._beginnings, return_exceptions=True)
        await self._flights.close()

    async def _begun(self, asked: Asked, until: float) -> _Begun:
        """What was begun in time. Without credentials nothing is: it is begun when they come."""
        if len(self._beginnings) >= AT_A_TIME:
            return {one: self._refused("no_room", _NO_ROOM) for one in asked.references}
        task = asyncio.create_task(self._begin_all(asked))
        self._beginnings.add(task)
        task.add_done_callback(self._beginnings.discard)
        await _wait([task], until)
        if task.done() and not task.cancelled():
            return task.result()
        return {one: self._refused("late", _LATE) for one in asked.references}

    async def _begin_all(self, asked: Asked) -> _Begun:
        keyring = await self._from.keyrings.keyring(asked.namespace, asked.pull_secrets)
        return {one: self._begin(one, asked, keyring) for one in asked.references[:_OF_A_POD]}

    def _begin(self, reference: str, asked: Asked, keyring: Keyring) -> Image | Absence | Flight:
        """A look-up that is on its way, or what is known without one."""
        if (known := self._from.profiles.known.get(reference)) is not None:
            return known  # it came while we waited for the credentials
        read = (reference, asked.platforms)
        if (learnt := self._shelf.get(read)) is not None and self._is_young(learnt):
            return self._from_shelf(read, learnt, asked)
        question = (reference, keyring, asked.platforms)
        flight = self._flights.join(question, for_pod=not asked.dry_run)
        return flight or self._start(question, asked)

    def _start(self, question: Question, asked: Asked) -> Absence | Flight:
        """A new look-up, or why there is none."""
        if (why := self._failures.recall(question)) is not None:
            self._counts.wait("remembered")
            return why
        if not self._flights.has_room(question):
            return self._refused("no_room", _NO_ROOM)
        if (inspector := self._from.inspector()) is None:
            return self._refused("nobody", _NOBODY)
        reference, keyring, platforms = question
        reading = Reading(inspector, reference, platforms, keyring)
        work = self._read(question, reading)
        return self._flights.start(question, work, for_pod=not asked.dry_run)

    def _came(self, begun: Image | Absence | Flight | None) -> Image | Absence:
        """What there is when the time is up."""
        if begun is None:
            return self._refused("no_room", _NO_ROOM)
        if not isinstance(begun, Flight):
            return begun
        if not begun.task.done():
            return self._refused("late", _LATE)
        if begun.task.cancelled():
            return self._refused("nobody", _NOBODY)
        came = begun.task.result()
        self._counts.wait("failed" if isinstance(came, Absence) else "in_time")
        return came if isinstance(came, Absence) else self._from.profiles.view(came)

    def _refused(self, word: str, message: str) -> Absence:
        self._counts.wait(word)
        return Absence(Reason.IMAGE_PENDING, message)

    def _is_young(self, learnt: Profile) -> bool:
        """Whether its tag was seen lately; a digest does not grow old."""
        age = self._from.profiles.known.tag_age
        now = self._clocks.day()
        seen = (believed(one.resolved.timestamp(), now) for one in learnt.references)
        return all(now - when < age for when in seen)

    def _from_shelf(self, read: _Read, learnt: Profile, asked: Asked) -> Image:
        self._counts.wait("in_time")
        if not asked.dry_run:
            self._shelf.drop(read)
            self._publish(learnt)
        return self._from.profiles.view(learnt)

    async def _read(self, question: Question, reading: Reading) -> Came:
        """One look-up to its end; what came of it is noted."""
        began = self._clocks.steady()
        retry_after = 0.0
        came: Came
        try:
            deadline = asyncio.get_running_loop().time() + SECONDS
            came = await reading.read(deadline, self._from.profiles.has, self._now)
            word = "learnt" if came.platforms else "refreshed"
        except RegistryError as error:
            word, came = error.word, absence(error)
            retry_after = getattr(error, "retry_after", None) or 0.0
        except Exception as error:  # noqa: BLE001  # whatever it is, a pod waits for an answer
            word, came = "bug", Absence(Reason.IMAGE_PENDING, _BUG)
            self._counts.bug(reading.reference, error)
        spent = reading.meter.spent
        self._counts.lookup(word, self._clocks.steady() - began, spent.requests, spent.bytes)
        self._note(question, came, retry_after)
        return came

    def _note(self, question: Question, came: Came, retry_after: float) -> None:
        if isinstance(came, Absence):
            self._failures.note(question, came, retry_after)
            return
        self._failures.forget(question)
        flight = self._flights.join(question, for_pod=False)
        if flight is not None and flight.for_pod:
            self._publish(came)
            return
        self._shelf.put((question[0], question[2]), came)

    def _publish(self, profile: Profile) -> None:
        self._from.profiles.learnt(profile)
        self._from.write(profile)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clocks.day(), UTC)


async def _wait(tasks: Sequence[asyncio.Task[Any]], until: float) -> None:
    """Until all are done, or the time has come; what is not done goes on."""
    if tasks:
        left = until - asyncio.get_running_loop().time()
        await asyncio.wait(tasks, timeout=max(0.0, left))

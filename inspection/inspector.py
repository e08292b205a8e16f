"""Asks a registry what an image is."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from inspection import platforms as chosen
from inspection.allowance import Allowance
from inspection.budget import HourlyBudget
from inspection.commands import failed
from inspection.faults import sentence
from inspection.learning import Learning, learning
from inspection.look import Look, Looker, Remote
from inspection.manifests import Manifests
from inspection.reach import reach
from registry import client as registries
from registry.client import Client
from registry.errors import PlatformMissing, RegistryError, TimedOut
from registry.keyring import Keyring
from registry.model import Description, Platform, Resolved
from registry.resolver import Lookup
from registry.spent import Spent
from webhook.images.layers import Start
from webhook.images.profile import Command, Profile
from webhook.images.profile.bounds import bounded
from webhook.images.reference import Reference, parse
from webhook.settings import ImageInspectionSettings

_NOBODY: Final = Keyring()
_AT_ONCE: Final = 1
"""Looks into layers at a time: what one holds is bounded, and so is the sum."""


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def connect(
    settings: ImageInspectionSettings, lookup: Lookup | None = None
) -> AsyncIterator["Inspector"]:
    """An inspector, its connections closed at the end; proxies also from this process' environment.

    Raises ValueError for settings that cannot be used, with the field.
    """
    reached = reach(settings, os.environ)
    async with registries.connect(reached, lookup) as client:
        yield Inspector(client, settings)


class Inspector:
    """Learns what images are. Deadlines are times of the event loop's clock.

    References are as in a pod; ValueError for what is none.
    """

    def __init__(
        self,
        client: Client,
        settings: ImageInspectionSettings,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._client = client
        self._settings = settings
        self._now = now
        self.hour = HourlyBudget(settings.layer_bytes_per_hour)
        """Of all looks, by the event loop's clock."""
        self._looks = asyncio.Semaphore(_AT_ONCE)
        self._manifests = Manifests()

    @property
    def is_background(self) -> bool:
        """Whether nobody waits for what it reads."""
        return self._client.is_background

    def in_background(self) -> "Inspector":
        """The same inspector, for what nobody waits for: it leaves half of the pulls alone."""
        inspector = copy(self)
        inspector._client = self._client.in_background()  # noqa: SLF001  # one of our own
        return inspector

    async def resolve(
        self, reference: str, *, deadline: float, keyring: Keyring = _NOBODY
    ) -> Resolved:
        """What a tag points to now, in one request. Raises RegistryError."""
        return await self._client.resolve(parse(reference), deadline=deadline, keyring=keyring)

    async def learn(
        self,
        reference: str,
        *,
        deadline: float,
        platforms: Collection[str] = (),
        keyring: Keyring = _NOBODY,
    ) -> Learning:
        """What the image's configuration says. Raises RegistryError, ValueError for a platform.

        Of the platforms that are given, else of those in the settings; where neither names one, of
        this machine's architecture, or of all where the image is not made for that.
        """
        name = parse(reference)
        wanted = chosen.parse_all(platforms or self._settings.platforms)
        found = await self._describe(name, wanted, deadline, keyring)
        images = chosen.ordered(found.images, wanted)
        try:
            learned = learning(reference, found, images, self._now())
        except RegistryError as error:
            error.spent = found.spent
            raise
        self._manifests.note(name.repository, learned)
        return learned

    async def look(
        self,
        learned: Learning,
        starts: Sequence[Start],
        *,
        deadline: float,
        keyring: Keyring = _NOBODY,
        thorough: bool = False,
    ) -> Look:
        """What the layers tell of command lines, and what that cost. Raises no RegistryError.

        Reads the first platform's layers from the top, until everything is known, or until the
        settings' budget is used up. `thorough` reads on for what is only good to know.
        """
        name = replace(parse(learned.reference), digest=learned.images[0].digest)
        try:
            async with asyncio.timeout_at(deadline):
                await self._looks.acquire()
        except TimeoutError:
            late = TimedOut(f"{name.repository}: the layers of other images were read until now")
            return Look(tuple(failed(start, str(late)) for start in starts))
        try:
            began = asyncio.get_running_loop().time()
            allowance = Allowance(self._settings, self.hour, began, deadline)
            remote = Remote(self._client, name, learned.images[0].layers, keyring)
            return await Looker(remote, allowance, thorough=thorough).look(starts)
        finally:
            self._looks.release()

    async def look_inside(
        self,
        learned: Learning | Profile,
        starts: Sequence[Start],
        *,
        deadline: float,
        keyring: Keyring = _NOBODY,
        reference: str = "",
    ) -> Profile:
        """The profile with what the layers tell of command lines. Raises no RegistryError.

        A profile alone is asked for anew, unless it was learnt lately, by `reference`, or else by
        the first one that it has; what comes of a fault is in the commands' state and message.
        Raises ValueError where there is no reference at all.
        """
        profile = learned if isinstance(learned, Profile) else learned.profile
        if not starts:
            return profile
        try:
            found, spent = await self._learned(learned, reference, deadline, keyring)
        except RegistryError as error:
            commands = tuple(failed(start, sentence(error)) for start in starts)
            return _with_commands(profile, commands, error.spent)
        look = await self.look(found, starts, deadline=deadline, keyring=keyring)
        return _with_commands(profile, look.commands, _sum(spent, look.spent))

    async def _learned(
        self, learned: Learning | Profile, reference: str, deadline: float, keyring: Keyring
    ) -> tuple[Learning, Spent]:
        """Where the layers are, and what it cost to learn that now."""
        if isinstance(learned, Learning):
            return learned, Spent()
        names = [reference, *(one.name for one in learned.references)]
        name = parse(next(filter(None, names), ""))
        digest = learned.platforms[0].digest if learned.platforms else learned.digest
        whole = f"{name.repository}@{digest}"
        if (image := self._manifests.find(whole)) is not None:
            return Learning(whole, learned, (image,), Spent()), Spent()
        found = await self.learn(whole, deadline=deadline, keyring=keyring)
        return found, found.spent

    async def _describe(
        self, name: Reference, wanted: Collection[Platform], deadline: float, keyring: Keyring
    ) -> Description:
        """The description for the platforms wanted; without any, for our own, else for all."""
        ask = self._client.describe
        if wanted:
            return await ask(name, deadline=deadline, platforms=wanted, keyring=keyring)
        try:
            return await ask(name, deadline=deadline, platforms=(chosen.own(),), keyring=keyring)
        except PlatformMissing as error:
            before = error.spent
        try:
            found = await ask(name, deadline=deadline, keyring=keyring)
        except RegistryError as error:
            error.spent = _sum(before, error.spent)
            raise
        return replace(found, spent=_sum(before, found.spent))


def _with_commands(profile: Profile, commands: Sequence[Command], spent: Spent) -> Profile:
    """The profile with commands, each in the place of an older one of its key; the newest stay."""
    new = {one.key for one in commands}
    merged = (*(one for one in profile.commands if one.key not in new), *commands)
    learnt = replace(
        profile.learnt,
        requests=profile.learnt.requests + spent.requests,
        bytes=profile.learnt.bytes + spent.bytes,
    )
    return bounded(replace(profile, commands=merged, learnt=learnt))


def _sum(one: Spent, other: Spent) -> Spent:
    return Spent(one.requests + other.requests, one.bytes + other.bytes)

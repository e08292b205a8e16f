"""One look-up from a reference to a profile: as few requests as will do.

reference   what is asked                                  requests
----------  ---------------------------------------------  -------------------------------------
a digest    what is in it                                  manifests and configuration
a tag       which digest it names, and what is in that     one; the others for what nobody knows
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, TypeVar

from registry.errors import RegistryError
from registry.keyring import Keyring
from registry.spent import Meter, Spent
from webhook.images import profile as profiles
from webhook.images import reference as references
from webhook.images.profile import Profile, Reference
from webhook.settings import VERSION


class Costly(Protocol):
    """Something that was asked for."""

    @property
    def spent(self) -> Spent:
        """What it cost."""
        ...


class Learnt(Costly, Protocol):
    """What is read of `inspection.learning.Learning`."""

    @property
    def profile(self) -> Profile:
        """What was learnt."""
        ...


class Resolved(Costly, Protocol):
    """What is read of `registry.model.Resolved`."""

    @property
    def digest(self) -> str:
        """What the tag points to."""
        ...


S = TypeVar("S", bound=Costly)


class Inspects(Protocol):
    """What is asked of `inspection.inspector.Inspector`; deadlines are the event loop's times."""

    async def resolve(self, reference: str, *, deadline: float, keyring: Keyring) -> Resolved:
        """The digest that a tag points to. Raises RegistryError."""
        ...

    async def learn(
        self, reference: str, *, deadline: float, platforms: Collection[str], keyring: Keyring
    ) -> Learnt:
        """What the image's configuration says. Raises RegistryError."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What is asked, with whose credentials, and what it has cost until now."""

    inspector: Inspects
    reference: str
    platforms: Collection[str]
    keyring: Keyring
    meter: Meter = field(default_factory=Meter)

    async def read(
        self, deadline: float, is_known: Callable[[str], bool], now: Callable[[], datetime]
    ) -> Profile:
        """The profile; one without platforms where only the tag was asked for.

        Raises RegistryError.
        """
        parsed = references.parse(self.reference)
        if parsed.digest:
            return await self._learn(self.reference, deadline)
        resolved = await self._count(
            self.inspector.resolve(self.reference, deadline=deadline, keyring=self.keyring)
        )
        tag = (Reference(self.reference, now()),)
        if is_known(resolved.digest):
            spent = self.meter.spent
            learnt = profiles.Learnt(now(), VERSION, spent.requests, spent.bytes)
            return Profile(resolved.digest, tag, (), (), learnt)
        profile = await self._learn(f"{parsed.repository}@{resolved.digest}", deadline)
        return replace(profile, references=tag)

    async def _learn(self, reference: str, deadline: float) -> Profile:
        learning = await self._count(
            self.inspector.learn(
                reference, deadline=deadline, platforms=self.platforms, keyring=self.keyring
            )
        )
        spent = self.meter.spent
        profile = learning.profile
        learnt = replace(profile.learnt, requests=spent.requests, bytes=spent.bytes)
        return replace(profile, learnt=learnt)

    async def _count(self, asked: Awaitable[S]) -> S:
        try:
            found = await asked
        except RegistryError as error:
            self.meter.add(error.spent)
            raise
        self.meter.add(found.spent)
        return found

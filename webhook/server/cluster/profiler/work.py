"""What is done for one image: by which requests, and what is made known of it.

priority     requests to its registry                                 made known
-----------  -------------------------------------------------------  ------------------------------
NEW, AGED    a tag: which digest it names; a digest that is not       the tag, or the whole profile
             known: its manifests and configuration
LAYERS       layers from the top, until they tell                     what they tell
OLD          all of it, layers too                                    all, in place of the old
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic, time
from typing import Any, Final, Protocol

from inspection.inspector import Inspector
from kube.client import Object
from kube.errors import ApiError
from registry.errors import PlatformMissing
from registry.keyring import Keyring
from registry.recent import Recent
from registry.spent import Spent
from webhook.images import profile as profiles
from webhook.images.profile import Profile
from webhook.images.reference import parse
from webhook.model import Image
from webhook.server.cluster.lookup_reading import Reading
from webhook.server.cluster.profiler.index import Index
from webhook.server.cluster.profiler.judged import Judged
from webhook.server.cluster.profiler.plan import (
    Situation,
    missing_platforms,
    platforms,
    starts,
)
from webhook.server.cluster.profiler.queue import Priority, Task
from webhook.server.cluster.profiler.shelf import Shelf, held
from webhook.server.cluster.profiler.wanted import Use, owners
from webhook.server.cluster.profiles import PATH
from webhook.settings import ImageInspectionSettings

_SECONDS: Final = 30.0
_RECENT: Final = 64


class Profiles(Protocol):
    """What is asked of `kube.client.Client`."""

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """An object."""
        ...

    async def apply(
        self, path: str, body: Object, *, manager: str = ..., force: bool = ..., **query: str
    ) -> dict[str, Any]:
        """Server-side apply."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """What the work is done with. `inspector` gives None where registries may not be asked.

    `known`: images as decisions know them. `publish`: makes a profile known here at once, and has
    it written for the others.
    """

    inspector: Callable[[], Inspector | None]
    keyring: Callable[[str, Sequence[str]], Awaitable[Keyring]]
    known: Mapping[str, Image]
    publish: Callable[[Profile], None]
    settings: Callable[[], ImageInspectionSettings]


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in a word for metrics, and what it cost."""

    word: str
    digest: str = ""
    spent: Spent = field(default_factory=Spent)
    message: str = ""
    """What is left to be done, though it was tried; "" where nothing is."""


class Gone(Exception):  # noqa: N818  # it says what the image is
    """Nobody uses the image any more, or what it was to be done with is gone: plan anew."""


def _never(_: str) -> int:
    return 0


class Work:
    """Does tasks. Methods raise RegistryError, KubeError and Gone.

    `failures`: how often in a row it did not come to an end for an image.
    """

    def __init__(
        self,
        client: Profiles,
        means: Means,
        index: Index,
        shelf: Shelf,
        failures: Callable[[str], int] = _never,
    ) -> None:
        self._failures = failures
        self._client = client
        self._means = means
        self._index = index
        self._shelf = shelf
        self._recent: Recent[str, Profile] = Recent(_RECENT)
        self.judged = Judged()
        self.asked: dict[str, frozenset[str]] = {}
        """Reference → digests that nodes run, for which the tag was asked."""

    async def do(self, task: Task) -> Done:
        """Do it."""
        return await _DEEDS[task.priority](self, task.reference)

    def forget(self, reference: str) -> None:
        """Nobody uses the image any more."""
        self.asked.pop(reference, None)
        self.judged.forget(reference)

    @property
    def layer_bytes(self) -> int:
        """Bytes that were read of layers within the hour."""
        inspector = self._means.inspector()
        # The event loop's clock is this one: libuv's, too, is CLOCK_MONOTONIC.
        return inspector.hour.spent(monotonic()) if inspector is not None else 0

    @property
    def may_look(self) -> bool:
        """Whether the hour has room for the layers of one image: none is given up in the middle."""
        inspector, settings = self._means.inspector(), self._means.settings()
        whole = min(settings.layer_bytes_per_image, settings.layer_bytes_per_hour)
        return inspector is not None and inspector.hour.left(monotonic()) >= whole

    async def learn(self, reference: str) -> Done:
        """Ask what a reference names, and what is in that where nobody knows."""
        uses, settings = self._uses(reference), self._means.settings()
        self.asked[reference] = frozenset(use.running for use in uses if use.running)
        keyring = await self._keyring(uses)
        wanted = platforms(uses, settings)
        reading = Reading(self._inspector(), reference, wanted, keyring)

        def is_known(digest: str) -> bool:
            found = self._shelf.get(digest)
            return found is not None and not missing_platforms(uses, found, found.lacking, settings)

        try:
            profile = await reading.read(_deadline(), is_known, _now)
        except PlatformMissing:
            # Then what it has: somebody may still build it for the nodes that are asked for.
            reading = replace(reading, platforms=())
            profile = await reading.read(_deadline(), lambda one: bool(self._shelf.get(one)), _now)
        known = held(profile)
        if (before := self._shelf.get(profile.digest)) is not None:
            known = known.with_(before, time())
        self._publish(replace(profile, lacking=missing_platforms(uses, known, (), settings)))
        word = "learnt" if profile.platforms else "refreshed"
        return Done(word, profile.digest, reading.meter.spent)

    async def look(self, reference: str) -> Done:
        """Ask the layers what containers start."""
        uses = self._uses(reference)
        profile = await self._profile(reference)
        known = held(profile)
        settings = self._means.settings()
        image = profiles.image(profile, settings.platforms)
        keys = self.judged.of(reference, image)
        asked = tuple(starts(Situation(uses, known, None, image, keys=keys), settings))
        seconds = _SECONDS + settings.layer_seconds_per_image
        keyring = await self._keyring(uses)
        found = await self._inspector().look_inside(
            profile, asked, deadline=_deadline(seconds), keyring=keyring, reference=reference
        )
        spent = _cost(profile, found)
        self._publish(found)
        return Done("layers", found.digest, spent, self._left(found, {one.key for one in asked}))

    async def relearn(self, reference: str) -> Done:
        """Learn everything anew, in place of what other code made of it."""
        uses = self._uses(reference)
        where, old = await self._stored(reference)
        before = profiles.read(old)
        name = f"{parse(reference).repository}@{before.digest}"
        keyring, inspector = await self._keyring(uses), self._inspector()
        wanted = [one.platform for one in before.platforms]
        learning = await inspector.learn(
            name, deadline=_deadline(), platforms=wanted, keyring=keyring
        )
        found = learning.profile
        settings = self._means.settings()
        image = profiles.image(found, settings.platforms)
        asked = tuple(starts(Situation(uses, held(found), None, image), settings))
        if asked and settings.layers:
            deadline = _deadline(_SECONDS + settings.layer_seconds_per_image)
            found = await inspector.look_inside(learning, asked, deadline=deadline, keyring=keyring)
        spent = Spent(found.learnt.requests, found.learnt.bytes)
        found = replace(found, references=before.references, last_used=before.last_used)
        body = profiles.write(found)
        body["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
        await self._client.apply(where, body)
        self._shelf.learnt(found)
        left = self._left(found, {one.key for one in asked})
        return Done("relearnt", found.digest, spent, left)

    def _uses(self, reference: str) -> tuple[Use, ...]:
        if not (uses := self._index.uses(reference)):
            raise Gone(reference)
        return uses

    def _inspector(self) -> Inspector:
        if (inspector := self._means.inspector()) is None:
            raise Gone("registries may not be asked")
        return inspector

    async def _keyring(self, uses: Collection[Use]) -> Keyring:
        """Everybody's who uses the image: each is tried for the image that its own pods name."""
        found = Keyring()
        turn = max((self._failures(use.reference) for use in uses), default=0)
        for namespace, names in owners(uses, turn):
            found = found + await self._means.keyring(namespace, names)
        return found

    def _publish(self, profile: Profile) -> None:
        if profile.platforms:
            self._recent.put(profile.digest, profile)
        self._means.publish(profile)
        self._shelf.learnt(profile)

    async def _profile(self, reference: str) -> Profile:
        """All that is known of an image; what was learnt just now may not be written yet."""
        found = self._shelf.find(reference)
        recent = self._recent.get(found[0].digest) if found is not None else None
        return recent or profiles.read((await self._stored(reference))[1])

    async def _stored(self, reference: str) -> tuple[str, dict[str, Any]]:
        """A profile's path, and the object."""
        found = self._shelf.find(reference)
        if found is None:
            raise Gone(reference)
        where = f"{PATH}/{profiles.name(found[0].digest)}"
        try:
            return where, await self._client.get(where)
        except ApiError as error:
            if error.not_found:
                raise Gone(reference) from error
            raise

    def _left(self, profile: Profile, keys: Collection[str | None]) -> str:
        """Why something is still open that may be tried again."""
        failed = [one for one in profile.commands if one.key in keys and one.state == "failed"]
        return failed[0].message or "its layers could not be read" if failed else ""


_DEEDS: Mapping[Priority, Callable[[Work, str], Awaitable[Done]]] = {
    Priority.NEW: Work.learn,
    Priority.LAYERS: Work.look,
    Priority.AGED: Work.learn,
    Priority.OLD: Work.relearn,
}


def _deadline(seconds: float = _SECONDS) -> float:
    return asyncio.get_running_loop().time() + seconds


def _now() -> datetime:
    return datetime.now(UTC)


def _cost(before: Profile, after: Profile) -> Spent:
    """What was spent since: the profile sums it up."""
    one, other = before.learnt, after.learnt
    return Spent(other.requests - one.requests, other.bytes - one.bytes)

"""What is known of images, from ImageProfiles: by digest for ever, by tag for a while.

What this replica learnt by itself is known at once, and until the watch tells it anew. An object
that cannot be read is left out, with a line in the log: somebody else may have written it.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from time import time
from typing import Any

import msgspec

from kube.paths import path
from webhook.images import profile as profiles
from webhook.images.profile import Profile
from webhook.images.profile.known import Images, Kept, Seen, keep
from webhook.images.profile.sightings import believed
from webhook.model import Image
from webhook.server.cluster.lean import lean
from webhook.server.cluster.memory import Memory
from webhook.server.logs import Log
from webhook.server.telemetry import Telemetry
from webhook.settings import ImageInspectionSettings

PATH = path("spanhook.dev/v1alpha1", "imageprofiles")

_OWN = 1_000
"""Images that we learnt and the watch has not told of yet, or never will (we may not write it)."""
_WATCHED = 15_000
"""Profiles of others that are known. The leader keeps fewer; whatever it does, memory ends here."""
_SILENCE = 3600.0


class _Metadata(msgspec.Struct):
    name: str


class ImageProfile(msgspec.Struct):
    """An object as it is decoded: whatever is in it, it never keeps others from being read."""

    metadata: _Metadata
    spec: Any = None
    status: Any = None
    profile: Profile | None = None
    problem: str = ""

    def __post_init__(self) -> None:
        """Make it a value at once, before the next one is decoded, and let go of the rest."""
        document = {
            "metadata": {"name": self.metadata.name},
            "spec": self.spec,
            "status": self.status,
        }
        self.spec = self.status = None
        try:
            self.profile = lean(profiles.read(document))
        except Exception as error:  # noqa: BLE001  # what others write must not stop the watch
            self.problem = str(error) or type(error).__name__

    @property
    def digest(self) -> str:
        """What it is of, by its name."""
        return self.metadata.name.replace("-", ":", 1)


_NOTHING = Kept(None)


class Profiles:
    """The images that ImageProfiles tell of, and those that this replica learnt itself."""

    def __init__(self, log: Log, telemetry: Telemetry, clock: Callable[[], float] = time) -> None:
        self._clock = clock
        self.known = Images(clock, ImageInspectionSettings().tag_age)
        self._platforms: tuple[str, ...] = ()
        self._log = log
        self._said = Memory(_SILENCE, clock)
        self._bad = telemetry.counter(
            "image_profiles_bad", "ImageProfiles that could not be read and were left out."
        )
        self._beyond = telemetry.counter(
            "image_profiles_beyond", "ImageProfiles that were left out because there are too many."
        )
        self._watched: dict[str, Kept] = {}
        self._own: OrderedDict[str, Kept] = OrderedDict()
        telemetry.watch(
            "images_known", "Images that are known, by digest.", lambda: len(self.known.digests)
        )

    def __len__(self) -> int:
        return len(self._watched)

    def take(self, settings: ImageInspectionSettings) -> None:
        """Follow the settings; `platforms` holds for what is read from now on."""
        self.known.tag_age = settings.tag_age
        self._platforms = settings.platforms

    # What the watch tells.

    def replaced(self, objects: Iterable[ImageProfile]) -> None:
        """These are all profiles."""
        found: dict[str, Kept] = {}
        for one in objects:
            if (kept := self._kept(one, found)) is not None:
                found[one.digest] = kept
        for digest in self._watched.keys() - found.keys():
            self._watch(digest, None)
        for digest, kept in found.items():
            self._watch(digest, kept)

    def changed(self, item: ImageProfile) -> None:
        """A profile is new or has changed."""
        self._watch(item.digest, self._kept(item, self._watched))

    def removed(self, item: ImageProfile) -> None:
        """A profile is gone: what it told is to be learnt anew, from us as from others."""
        sides = (self._watched, self._own)
        gone = [side.pop(item.digest, _NOTHING) for side in sides]
        tags = [seen for one in gone for seen in one.tags]
        self._tell(item.digest, tags, [part for one in gone for part in one.parts])

    def forget(self) -> None:
        """Nothing to do: a digest's image does not change, and tags grow old by themselves."""

    # What this replica learnt.

    def learnt(self, profile: Profile) -> None:
        """Know it from now on. One without platforms says only where its tags point to."""
        digest = profile.digest
        kept = keep(lean(profile), self._platforms)
        before = self._own.pop(digest, _NOTHING)
        tags = {name: seen for seen, name in (*before.tags, *kept.tags)}
        self._own[digest] = Kept(
            kept.image or before.image,
            kept.parts or before.parts,
            tuple((seen, name) for name, seen in tags.items()),
        )
        self._tell(digest, (*before.tags, *kept.tags), before.parts)
        if len(self._own) > _OWN:
            old, gone = self._own.popitem(last=False)
            self._tell(old, gone.tags, gone.parts)

    def has(self, digest: str) -> bool:
        """Whether it is known what the digest is."""
        return digest in self.known.digests

    def stale(self, reference: str) -> Image | None:
        """The image to which a tag was seen to point last, however long ago."""
        return self.known.stale(reference)

    def view(self, profile: Profile) -> Image:
        """What decisions read of a profile, whether it is known or not."""
        return self.known.digests.get(profile.digest) or profiles.image(profile, self._platforms)

    # How both come together.

    def _kept(self, item: ImageProfile, others: Collection[str]) -> Kept | None:
        """What is kept of it beside the others; None where it is left out."""
        if item.profile is None:
            self._say_bad(item)
            return None
        if len(others) < _WATCHED or item.digest in others:
            return keep(item.profile, self._platforms)
        self._beyond.inc()
        if self._said.is_new("beyond"):
            what = "too many ImageProfiles: the others are left out, and their images asked for"
            self._log.event("warning", what, known=_WATCHED)
        return None

    def _say_bad(self, item: ImageProfile) -> None:
        self._bad.inc()
        name = item.metadata.name
        if self._said.is_new((name, item.problem)):
            self._log.event("warning", "ImageProfile left out", name=name, problem=item.problem)

    def _watch(self, digest: str, kept: Kept | None) -> None:
        before = self._watched.pop(digest, _NOTHING)
        tags = before.tags
        if kept is not None:
            self._watched[digest] = kept
            tags += kept.tags
            told = {name: seen for seen, name in kept.tags}
            own = self._own.get(digest, _NOTHING).tags
            now = self._clock()
            if all(believed(seen, now) <= believed(told.get(name, -1), now) for seen, name in own):
                self._own.pop(digest, None)
        self._tell(digest, tags, before.parts)

    def _tell(self, digest: str, tags: Iterable[Seen], gone: Iterable[str]) -> None:
        """Make `known` say of a digest and of these tags what both sides say of them."""
        sides = [side for of in (self._watched, self._own) if (side := of.get(digest))]
        self.known.tell(digest, sides, tags, gone)

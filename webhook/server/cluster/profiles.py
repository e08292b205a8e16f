"""What is known of images, from ImageProfiles: by digest for ever, by tag for a while.

    asked for            found
    -------------------  --------------------------------------------------------------------
    name@digest          what is known of the digest, whatever the name
    name:tag             the image to which the tag was seen to point last, if that is not
                         longer ago than `imageInspection.tagAge`; `stale` gives it then, too

What this replica learnt by itself is known at once, and until the watch tells it anew. An object
that cannot be read is left out, with a line in the log: somebody else may have written it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from time import time
from typing import Any, TypeVar, overload

import msgspec

from kube.paths import path
from webhook.images import profile as profiles
from webhook.images.profile import Profile
from webhook.model import Image
from webhook.server.cluster.lean import lean
from webhook.server.cluster.memory import Memory
from webhook.server.logs import Log
from webhook.server.telemetry import Telemetry
from webhook.settings import ImageInspectionSettings

T = TypeVar("T")

PATH = path("spanhook.dev/v1alpha1", "imageprofiles")

_OWN = 1_000
"""Images that we learnt and the watch has not told of yet, or never will (we may not write it)."""
_SKEW = 300.0
"""Seconds that other replicas' clocks may be ahead: what was seen later than that, was not seen."""
_SILENCE = 3600.0


_Seen = tuple[int, str]
"""When a tag was seen to point to a digest (seconds since 1970), and the tag or the digest."""


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


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of a profile: an image, its further digests, and when tags pointed to it."""

    image: Image | None
    parts: tuple[str, ...] = ()
    tags: tuple[_Seen, ...] = ()


_NOTHING = _Kept(None)


class Images(Mapping[str, Image]):
    """Images by canonical reference: a mapping for ever, as a reviewer's facts."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.digests: dict[str, Image] = {}
        self.tags: dict[str, tuple[_Seen, ...]] = {}
        """Claims, the youngest first."""
        self.tag_age = ImageInspectionSettings().tag_age
        self._clock = clock

    @overload
    def get(self, key: str, default: None = None, /) -> Image | None: ...
    @overload
    def get(self, key: str, default: Image | T, /) -> Image | T: ...
    def get(self, key: str, default: Image | T | None = None, /) -> Image | T | None:
        """The image, where it is known and its tag is not too old."""
        claims = self.tags.get(key)
        if claims is None:
            return self.digests.get(key.rpartition("@")[2], default)
        resolved, digest = claims[0]
        if self._clock() - resolved >= self.tag_age:
            return default
        return self.digests.get(digest, default)

    def __getitem__(self, key: str) -> Image:
        if (image := self.get(key)) is None:
            raise KeyError(key)
        return image

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        """Tags that are not too old, and digests without a name."""
        yield from (tag for tag in self.tags if tag in self)
        yield from self.digests

    def __len__(self) -> int:
        return len(self.digests) + len(self.tags)

    def claim(self, tag: str, digest: str, resolved: int | None) -> None:
        """A tag was seen to point to a digest; None: nobody says so any more."""
        claims = [claim for claim in self.tags.get(tag, ()) if claim[1] != digest]
        if resolved is not None:
            if resolved > self._clock() + _SKEW:
                resolved = 0
            claims.append((resolved, digest))
            claims.sort(reverse=True)
        if claims:
            self.tags[tag] = tuple(claims)
        else:
            self.tags.pop(tag, None)


class Profiles:
    """The images that ImageProfiles tell of, and those that this replica learnt itself."""

    def __init__(self, log: Log, telemetry: Telemetry, clock: Callable[[], float] = time) -> None:
        self.known = Images(clock)
        self._platforms: tuple[str, ...] = ()
        self._log = log
        self._said = Memory(_SILENCE, clock)
        self._bad = telemetry.counter(
            "image_profiles_bad", "ImageProfiles that could not be read and were left out."
        )
        self._watched: dict[str, _Kept] = {}
        self._own: OrderedDict[str, _Kept] = OrderedDict()
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
        found = {one.digest: kept for one in objects if (kept := self._kept(one)) is not None}
        for digest in self._watched.keys() - found.keys():
            self._watch(digest, None)
        for digest, kept in found.items():
            self._watch(digest, kept)

    def changed(self, item: ImageProfile) -> None:
        """A profile is new or has changed."""
        self._watch(item.digest, self._kept(item))

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
        kept = self._made(lean(profile))
        before = self._own.pop(digest, _NOTHING)
        tags = {name: seen for seen, name in (*before.tags, *kept.tags)}
        self._own[digest] = _Kept(
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
        claims = self.known.tags.get(reference)
        return self.known.digests.get(claims[0][1]) if claims else None

    def view(self, profile: Profile) -> Image:
        """What decisions read of a profile, whether it is known or not."""
        return self.known.digests.get(profile.digest) or profiles.image(profile, self._platforms)

    # How both come together.

    def _kept(self, item: ImageProfile) -> _Kept | None:
        if item.profile is not None:
            return self._made(item.profile)
        self._bad.inc()
        name = item.metadata.name
        if self._said.is_new((name, item.problem)):
            self._log.event("warning", "ImageProfile left out", name=name, problem=item.problem)
        return None

    def _made(self, profile: Profile) -> _Kept:
        return _Kept(
            profiles.image(profile, self._platforms) if profile.platforms else None,
            tuple(one.digest for one in profile.platforms if one.digest != profile.digest),
            tuple((int(one.resolved.timestamp()), one.name) for one in profile.references),
        )

    def _watch(self, digest: str, kept: _Kept | None) -> None:
        before = self._watched.pop(digest, _NOTHING)
        tags = before.tags
        if kept is not None:
            self._watched[digest] = kept
            tags += kept.tags
            told = {name: seen for seen, name in kept.tags}
            own = self._own.get(digest, _NOTHING).tags
            if all(seen <= told.get(name, -1) for seen, name in own):
                self._own.pop(digest, None)
        self._tell(digest, tags, before.parts)

    def _tell(self, digest: str, tags: Iterable[_Seen], gone: Iterable[str]) -> None:
        """Make `known` say of a digest and of these tags what both sides say of them."""
        sides = [side for of in (self._watched, self._own) if (side := of.get(digest))]
        digests = self.known.digests
        before = digests.pop(digest, None)
        for part in gone:
            if digests.get(part) is before:
                del digests[part]
        shown = next((side for side in sides if side.image is not None), None)
        if shown is not None and shown.image is not None:
            digests[digest] = shown.image
            for part in shown.parts:
                told = digests.get(part)
                if told is None or told is before:  # else it has a profile of its own
                    digests[part] = shown.image
        for name in {name for _, name in tags}:
            seen = [when for side in sides for when, tag in side.tags if tag == name]
            self.known.claim(name, digest, max(seen, default=None))

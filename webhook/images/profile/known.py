"""Images by the references that pods have for them, out of profiles.

asked for            found
-------------------  --------------------------------------------------------------------
name@digest          what is known of the digest, whatever the name
name:tag             the image to which the tag was seen to point last, if that is not
                     longer ago than `tag_age`; `stale` gives it then, too.
                     Times that are yet to come are nobody's word

Who keeps them says how old a tag may be: admissions ask again, a report takes what was seen last.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar, overload

from webhook.images.profile.model import Profile
from webhook.images.profile.platforms import image
from webhook.images.profile.sightings import believed
from webhook.model import Image

T = TypeVar("T")

Seen = tuple[int, str]
"""When a tag was seen to point to a digest (seconds since 1970), and the tag or the digest."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a profile: an image, its further digests, and when tags pointed to it."""

    image: Image | None
    parts: tuple[str, ...] = ()
    tags: tuple[Seen, ...] = ()


def keep(profile: Profile, platforms: Collection[str] = ()) -> Kept:
    """What is kept of a profile, for pods on these platforms; on any where there are none."""
    return Kept(
        image(profile, platforms) if profile.platforms else None,
        tuple(one.digest for one in profile.platforms if one.digest != profile.digest),
        tuple((int(one.resolved.timestamp()), one.name) for one in profile.references),
    )


class Images(Mapping[str, Image]):
    """Images by canonical reference. Times are seconds since 1970."""

    def __init__(self, clock: Callable[[], float], tag_age: float) -> None:
        self.digests: dict[str, Image] = {}
        self.tags: dict[str, tuple[Seen, ...]] = {}
        """Claims, the youngest first."""
        self.tag_age = tag_age
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
        now = self._clock()
        resolved, digest = _youngest(claims, now)
        if now - resolved >= self.tag_age:
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

    def digest(self, reference: str) -> str:
        """The digest that a reference names, a tag's however long ago; "" where nobody knows."""
        claims = self.tags.get(reference)
        if claims:
            return _youngest(claims, self._clock())[1]
        return reference.partition("@")[2]

    def stale(self, tag: str) -> Image | None:
        """The image to which a tag was seen to point last, however long ago."""
        return self.digests.get(self.digest(tag)) if tag in self.tags else None

    def claim(self, tag: str, digest: str, resolved: int | None) -> None:
        """A tag was seen to point to a digest; None: nobody says so any more."""
        claims = [claim for claim in self.tags.get(tag, ()) if claim[1] != digest]
        if resolved is not None:
            claims.append((resolved, digest))
            claims.sort(reverse=True)
        if claims:
            self.tags[tag] = tuple(claims)
        else:
            self.tags.pop(tag, None)

    def tell(
        self, digest: str, sides: Iterable[Kept], tags: Iterable[Seen], gone: Iterable[str] = ()
    ) -> None:
        """Say of a digest and of these tags what all sides say of them.

        `tags`: those of before, too. `gone`: digests of parts that may be known no more.
        """
        sides = tuple(sides)
        before = self.digests.pop(digest, None)
        for part in gone:
            if self.digests.get(part) is before:
                del self.digests[part]
        shown = next((side for side in sides if side.image is not None), None)
        if shown is not None and shown.image is not None:
            self.digests[digest] = shown.image
            for part in shown.parts:
                told = self.digests.get(part)
                if told is None or told is before:  # else it has a profile of its own
                    self.digests[part] = shown.image
        now = self._clock()
        for name in {name for _, name in tags}:
            seen = [when for side in sides for when, tag in side.tags if tag == name]
            self.claim(name, digest, max(seen, key=lambda when: believed(when, now), default=None))


class Digests(Mapping[str, str]):
    """The digests that tags point to, while it is known: as young as the images they stand for."""

    def __init__(self, images: Images) -> None:
        self._images = images

    def __getitem__(self, tag: str) -> str:
        if tag in self._images and (digest := self._images.digest(tag)):
            return digest
        raise KeyError(tag)

    def __iter__(self) -> Iterator[str]:
        return (tag for tag in self._images.tags if tag in self._images)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _youngest(claims: tuple[Seen, ...], now: float) -> tuple[float, str]:
    """The claim that counts, with the time that is believed."""
    found = ((believed(when, now), digest) for when, digest in claims)
    return next((one for one in found if one[0]), (0.0, claims[0][1]))

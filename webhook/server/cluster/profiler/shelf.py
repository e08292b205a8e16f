"""What profiles hold already, as far as it tells what is left to learn."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from time import time
from typing import Final

from webhook.images.profile import Profile, State
from webhook.images.profile.sightings import believed
from webhook.model import EMPTY, nothing
from webhook.server.cluster.profiles import ImageProfile

Budget = tuple[int, float]
"""Bytes and seconds."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the profile of a digest holds. Times are seconds since 1970.

    `parts`: digests of its platforms' images. `tags`: canonical references, and when each was last
    seen to point here. `last_used` is 0 where nobody said. `lacking`: platforms that were asked
    for, and that it has not.
    """

    digest: str
    parts: frozenset[str] = frozenset()
    platforms: frozenset[str] = frozenset()
    tags: Mapping[str, float] = field(default_factory=nothing)
    commands: Mapping[str, State] = field(default_factory=nothing)
    budgets: Mapping[str, Budget] = field(default_factory=nothing)
    revision: int = 0
    learnt: float = 0.0
    last_used: float = 0.0
    lacking: frozenset[str] = frozenset()

    def with_(self, other: "Held", now: float) -> "Held":
        """Both: what is known of a digest only grows. `now`: times after it are not believed."""

        def later(one: float, another: float) -> float:
            return max(one, another, key=lambda when: believed(when, now))

        tags = {**other.tags, **self.tags}
        commands = _best(self.commands, other.commands)
        budgets = _largest(self.budgets, other.budgets)
        return replace(
            self,
            parts=self.parts | other.parts,
            platforms=self.platforms | other.platforms,
            tags={name: later(at, other.tags.get(name, at)) for name, at in tags.items()},
            commands=commands,
            budgets={key: size for key, size in budgets.items() if commands[key] == "budget"},
            revision=max(self.revision, other.revision),
            learnt=later(self.learnt, other.learnt),
            last_used=later(self.last_used, other.last_used),
            lacking=(self.lacking | other.lacking) - self.platforms - other.platforms,
        )

    @property
    def digests(self) -> frozenset[str]:
        """Every digest by which it is known."""
        return self.parts | {self.digest}


def _largest(one: Mapping[str, Budget], other: Mapping[str, Budget]) -> Mapping[str, Budget]:
    """Of each command line the largest budget that was not enough."""
    if not other or one == other:
        return one
    return {**one, **{key: max(found, one.get(key, found)) for key, found in other.items()}}


_WORTH: Final[Mapping[State, int]] = {"failed": 0, "budget": 1, "undecided": 2, "decided": 3}


def _best(one: Mapping[str, State], other: Mapping[str, State]) -> Mapping[str, State]:
    """Of each command line the look that came further."""
    if not other or one == other:
        return one
    found = dict(one)
    for key, state in other.items():
        if key not in found or _WORTH[found[key]] < _WORTH[state]:
            found[key] = state
    return found


def held(profile: Profile) -> Held:
    """What a profile holds."""
    return Held(
        profile.digest,
        frozenset(one.digest for one in profile.platforms),
        frozenset(one.platform for one in profile.platforms),
        {one.name: float(int(one.resolved.timestamp())) for one in profile.references},
        {one.key: one.state for one in profile.commands},
        {
            one.key: (one.budget_bytes, one.budget_seconds)
            for one in profile.commands
            if one.state == "budget"
        },
        profile.revision if profile.platforms else 0,
        float(int(profile.learnt.at.timestamp())) if profile.platforms else 0.0,
        profile.last_used.timestamp() if profile.last_used else 0.0,
        frozenset(profile.lacking),
    )


class Seen(ImageProfile):
    """An object as it is decoded; of its profile only `held` outlives that."""

    held: Held | None = None

    def __post_init__(self) -> None:
        """Let go of everything else at once."""
        ImageProfile.__post_init__(self)
        if self.profile is not None:
            self.held = held(self.profile)
        self.profile = None


@dataclass(slots=True)
class Shelf:
    """Follows the profiles in the cluster. `dirty`: tags and digests that tell something else now.

    What we learnt counts at once, and until the cluster tells it: a watch may tell older things
    first, and what we may not write it never tells.
    """

    clock: Callable[[], float] = time
    dirty: set[str] = field(default_factory=set)
    _told: dict[str, Held] = field(default_factory=dict)
    _own: dict[str, Held] = field(default_factory=dict)
    _tags: dict[str, dict[str, float]] = field(default_factory=dict)
    """Reference → digest → when it was last seen to point there."""
    _parts: dict[str, str] = field(default_factory=dict)
    """Digest of one platform's image → digest of the profile."""

    def __len__(self) -> int:
        return len(self._told.keys() | self._own.keys())

    def __iter__(self) -> Iterator[Held]:
        """All profiles; the shelf may change meanwhile."""
        for digest in (*self._told, *(self._own.keys() - self._told.keys())):
            if (found := self.get(digest)) is not None:
                yield found

    def get(self, digest: str) -> Held | None:
        """What is held of a digest, an index's or one platform's."""
        digest = self._parts.get(digest, digest)
        told, own = self._told.get(digest), self._own.get(digest)
        if told is None or own is None:
            return told or own
        return told.with_(own, self.clock())

    def find(self, reference: str) -> tuple[Held, float] | None:
        """What is held of a canonical reference, and since when its tag was not asked for.

        For a digest that is never: the time is 0.
        """
        _, at, digest = reference.partition("@")
        if at:
            found = self.get(digest)
            return None if found is None else (found, 0.0)
        claims = self._tags.get(reference)
        if not claims:
            return None
        now = self.clock()
        when, digest = max((believed(at, now), digest) for digest, at in claims.items())
        found = self.get(digest)
        return None if found is None else (found, when)

    def has_seen(self, reference: str, digest: str) -> bool:
        """Whether a tag is known to point to a digest, or to have pointed there."""
        known = self.get(digest)
        return known is not None and known.digest in self._tags.get(reference, ())

    def learnt(self, profile: Profile) -> None:
        """We learnt it."""
        new = held(profile)
        own = self._own.get(new.digest)
        self._own[new.digest] = new if own is None else own.with_(new, self.clock())
        self._note(new.digest, own)

    def replaced(self, objects: Iterable[Seen]) -> None:
        """These are all profiles."""
        found = {one.digest: one.held for one in objects}
        for digest in self._told.keys() - found.keys():
            self._tell(digest, None)
        for digest, one in found.items():
            self._tell(digest, one)

    def changed(self, item: Seen) -> None:
        """A profile is new or has changed."""
        self._tell(item.digest, item.held)

    def removed(self, item: Seen) -> None:
        """A profile is gone, and with it what we know of it."""
        own = self._own.pop(item.digest, None)
        self._tell(item.digest, None)
        self._note(item.digest, own)

    def _tell(self, digest: str, now: Held | None) -> None:
        before = self._told.pop(digest, None)
        if now is not None:
            self._told[digest] = now
            own = self._own.get(digest)
            if own is not None and now.with_(own, self.clock()) == now:
                del self._own[digest]
        if before != now:
            self._note(digest, before)

    def _note(self, digest: str, before: Held | None) -> None:
        """Have tags and parts say what is held now."""
        now = self.get(digest)
        tags = now.tags if now is not None else EMPTY
        names = (before.tags if before is not None else EMPTY).keys() | tags.keys()
        for name in names:
            claims = self._tags.setdefault(name, {})
            claims.pop(digest, None)
            if name in tags:
                claims[digest] = tags[name]
            if not claims:
                del self._tags[name]
        parts = now.parts if now is not None else frozenset[str]()
        for part in (before.parts if before is not None else frozenset[str]()) - parts:
            if self._parts.get(part) == digest:
                del self._parts[part]
        self._parts |= {part: digest for part in parts if part != digest}
        self.dirty |= {digest, *names, *parts}

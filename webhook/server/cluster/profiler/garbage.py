"""Which profiles are no longer worth keeping, and of which it is to be noted that they are used.

used now          last noted        what is done
----------------  ----------------  --------------------------------------------------------------
yes               within a day      nothing
yes               longer ago        noted
no                                  deleted, when it was not used for `keepUnused`, or is one of the
                                    longest unused beyond `MOST`, and nobody asked a registry about
                                    it within the hour

It is noted at most daily, so what was noted yesterday may have been used a moment ago: who did not
look meanwhile counts from the next day, or from when it began to look.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from webhook.images.profile.sightings import believed
from webhook.server.cluster.profiler.shelf import Held

DAY: Final = 86_400.0
MOST: Final = 10_000
"""Profiles that are kept: builds with a tag of their own make thousands within `keepUnused`."""
_NEW: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Digests whose use is to be noted, and digests whose profile is to be deleted."""

    note: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()


@dataclass(slots=True)
class Garbage:
    """Looks at all profiles now and then. Times are seconds since 1970; `since`: the first look."""

    since: float
    _used: dict[str, float] = field(default_factory=dict)
    """When a digest that is not used any more was last seen to be used."""

    def look(
        self, shelf: Iterable[Held], used: Collection[str], now: float, keep: float
    ) -> Verdict:
        """Judge all profiles. `used`: digests that anything uses now; `keep`: `keepUnused`."""
        note: list[str] = []
        idle: list[tuple[float, str]] = []
        there: set[str] = set()
        for one in shelf:
            there.add(one.digest)
            if not one.digests.isdisjoint(used):
                self._used[one.digest] = now
                if now - believed(one.last_used, now) >= DAY:
                    note.append(one.digest)
            elif now - _asked(one, now) >= _NEW:
                idle.append((self._last(one, now), one.digest))
        for digest in self._used.keys() - there:
            del self._used[digest]
        idle.sort()
        excess = len(there) - MOST
        delete = (
            digest
            for number, (last, digest) in enumerate(idle)
            if number < excess or now - last >= keep
        )
        return Verdict(tuple(note), tuple(delete))

    def _last(self, one: Held, now: float) -> float:
        """When it may have been used last."""
        seen = self._used.get(one.digest)
        if seen is not None:
            # Were it yet to come: it is not unused since our clock was ahead, but since now.
            self._used[one.digest] = seen = min(seen, now)
            return seen
        last_used = believed(one.last_used, now)
        noted = min(last_used + DAY, self.since) if last_used else 0.0
        return max(noted, last_used, _asked(one, now))


def _asked(one: Held, now: float) -> float:
    """When a registry was last asked about it: somebody wanted it then."""
    return max(believed(when, now) for when in (one.learnt, *one.tags.values()))

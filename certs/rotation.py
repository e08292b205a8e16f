"""How certificates are replaced while nobody fails a call: a state machine, no clock, no I/O.

phase       the Secret holds          caBundle  the next move, and when
----------  ------------------------  --------  ---------------------------------------------------
EMPTY       nothing                   –         CREATE    nobody serves anything that could be put
                                                          back; or somebody does, but has not put
                                                          it back for `hold`
STEADY      A, leaf of A              A         ANNOUNCE  A is due, or a person asked: B comes
ANNOUNCING  A, leaf of A, next B      A B       SWITCH    every entry has shown A and B for `hold`:
                                                          each API server learns of it by a watch of
                                                          its own, and some are slow
ADOPTING    B, leaf of B, previous A  B A       RETIRE    every live replica has served a leaf of B
                                                          for `hold`: the same API servers may still
                                                          hold connections to be verified
STEADY      B, leaf of B              B
any         leaf missing, due, for    the same  RENEW     at once, with the authority that signs
            other names, or asked for                     already: nobody has to trust anew

- Only the leader moves, one move at a time. It computes `plan` from what it has just read and
  writes it under the resourceVersions that it read: of two leaders one loses, and reads again.
- Holds are counted by the leader's steady clock and kept in its memory. A new leader counts anew,
  and so does one that did not look for half a hold: a crash makes a rotation longer, never shorter,
  and no clock that was set cuts a hold short. API servers may be half a hold behind.
- The time is a span (`Time`): the leader's clock and the API server's. Something is due when it is
  by the later one, and what is made is valid by both. So a clock that is years off makes longer
  certificates, and breaks none.
- An expired authority (by both clocks) goes the same way, but its SWITCH does not wait for the
  hold: no API server believes anybody any more.
- The bundle has what the Secret trusts, and of what the leader has ever seen in it whatever a live
  replica still serves a leaf of, whoever that authority comes from.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from certs import bundle
from certs.authority import AUTHORITY_LIFETIME, LEAF_LIFETIME, Authority, Leaf, Name, Pair
from certs.holdings import Holdings, Phase, Time

Asked = Literal["authority", "leaf"]


class Move(StrEnum):
    """What changes in the Secret, as a line of the log says it."""

    CREATE = "authority and leaf created"
    RENEW = "leaf renewed"
    ANNOUNCE = "next authority announced"
    SWITCH = "leaf of the next authority issued"
    RETIRE = "previous authority retired"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long what is made is valid, and how long a condition must hold before a move.

    Authorities and leaves are due when a third of their life is left.
    """

    authority: timedelta = AUTHORITY_LIFETIME
    leaf: timedelta = LEAF_LIFETIME
    hold: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the leader has just seen.

    `elapsed`: by a clock that nobody sets. `bundles`: the certificates in the caBundle of each
    entry of ours, none where there is no configuration. `serving`: live replicas, and the issuer
    (RFC 4514) of what each serves. `asked`: what a person wants replaced. `known`: authorities that
    were seen earlier.
    """

    time: Time
    elapsed: timedelta
    bundles: tuple[tuple[bytes, ...], ...]
    serving: Mapping[str, str]
    asked: Asked | None = None
    known: tuple[bytes, ...] = ()

    def shows(self, *certificates: bytes) -> bool:
        """Whether every entry has them."""
        return bool(self.bundles) and all(set(certificates) <= set(one) for one in self.bundles)


@dataclass(frozen=True, slots=True)
class Watch:
    """What a leader keeps in mind from one `plan` to the next.

    `since`: when each condition that holds was first seen to hold. `at`: when it last looked.
    """

    at: timedelta = timedelta()
    since: Mapping[str, timedelta] = field(default_factory=dict)

    def seen(self, now: timedelta, met: Iterable[str], gap: timedelta) -> "Watch":
        """What is known after another look; after more than `gap` nothing of before counts."""
        known = self.since if now - self.at <= gap else {}
        return Watch(now, {name: known.get(name, now) for name in met})

    def ripe(self, hold: timedelta) -> frozenset[str]:
        """The conditions that have held for that long."""
        return frozenset(name for name, start in self.since.items() if self.at - start >= hold)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now.

    `bundle`: what every caBundle has to be, None where that is so or nothing can be done. `write`:
    what the Secret has to hold after `move`. `waits`: for what, as a person would say it, "" in
    steady state. `settled`: what a person asked for is in `write`.
    """

    phase: Phase
    waits: str
    watch: Watch
    bundle: tuple[bytes, ...] | None = None
    move: Move | None = None
    write: Holdings | None = None
    settled: bool = False


@dataclass(frozen=True, slots=True)
class _Situation:
    """Everything that rules look at. `ripe`: conditions that have held for long enough."""

    holdings: Holdings | None
    seen: Seen
    names: Sequence[Name]
    timing: Timing
    ripe: frozenset[str] = field(default_factory=frozenset)

    def leaf(self, authority: Authority) -> Leaf:
        return authority.issue(self.names, self.seen.time.earliest, self._span(self.timing.leaf))

    def authority(self) -> Authority:
        return Authority.create(self.seen.time.earliest, self._span(self.timing.authority))

    def due(self, pair: Pair, lifetime: timedelta) -> bool:
        return pair.expires - self.seen.time.latest <= lifetime / 3

    def _span(self, lifetime: timedelta) -> timedelta:
        return lifetime + (self.seen.time.latest - self.seen.time.earliest)


def plan(
    holdings: Holdings | None,
    seen: Seen,
    watch: Watch,
    names: Sequence[Name],
    timing: Timing,
) -> Plan:
    """What the leader does now; `holdings` is None where the Secret is empty.

    `watch` is the last plan's, `Watch()` for a new leader.
    """
    conditions = _conditions(holdings, seen)
    met = [name for name, unmet in conditions.items() if not unmet]
    watch = watch.seen(seen.elapsed, met, timing.hold / 2)
    ripe = watch.ripe(timing.hold)
    situation = _Situation(holdings, seen, names, timing, ripe)
    phase = Phase.EMPTY if holdings is None else holdings.phase
    made = Plan(phase, _waits(conditions, ripe), watch, _missing(holdings, seen))
    for move, rule in _RULES:
        write = rule(situation)
        if write is not None:
            return replace(
                made, move=move, write=write, settled=_ANSWERS.get(move, "") == seen.asked
            )
    return made


_ANSWERS: Mapping[Move, Asked] = {Move.RENEW: "leaf", Move.ANNOUNCE: "authority"}


def _conditions(holdings: Holdings | None, seen: Seen) -> dict[str, str]:
    """What has to hold for a while before the next move, each with what it still lacks."""
    if holdings is None:
        return {_EMPTY: ""} if seen.serving else {}
    found = {}
    if holdings.upcoming is not None:
        shown = seen.shows(*holdings.trusted)
        found[_announced(holdings)] = "" if shown else "the caBundle to show the next authority"
    if holdings.previous:
        found[_adopted(holdings)] = _laggards(holdings, seen)
    return found


_EMPTY = "replicas to put back what they serve"


def _announced(holdings: Holdings) -> str:
    return "API servers to learn of " + ", ".join(map(bundle.subject, holdings.trusted))


def _adopted(holdings: Holdings) -> str:
    return "the last calls to whoever served another than " + bundle.subject(
        holdings.authority.certificate
    )


def _laggards(holdings: Holdings, seen: Seen) -> str:
    if not seen.shows(holdings.authority.certificate):
        return "the caBundle to show the authority"
    name = bundle.subject(holdings.authority.certificate)
    late = sorted(replica for replica, issuer in seen.serving.items() if issuer != name)
    if late or not seen.serving:
        return f"{', '.join(late) or 'replicas'} to serve a leaf of {name}"
    return ""


def _waits(conditions: Mapping[str, str], ripe: frozenset[str]) -> str:
    return "; ".join(unmet or name for name, unmet in conditions.items() if name not in ripe)


def _missing(holdings: Holdings | None, seen: Seen) -> tuple[bytes, ...] | None:
    """What the bundles have to be, None where they are."""
    if holdings is None:
        return None
    served = set(seen.serving.values())
    known = dict.fromkeys((*(one for entry in seen.bundles for one in entry), *seen.known))
    needed = (one for one in known if bundle.subject(one) in served)
    wanted = tuple(dict.fromkeys((*holdings.trusted, *needed)))
    return None if all(set(one) == set(wanted) for one in seen.bundles) else wanted


def _create(now: _Situation) -> Holdings | None:
    if now.holdings is not None or (now.seen.serving and _EMPTY not in now.ripe):
        return None
    authority = now.authority()
    return Holdings(authority, now.leaf(authority))


def _renew(now: _Situation) -> Holdings | None:
    held = now.holdings
    if held is None or now.seen.time.after(held.authority):
        return None
    leaf = held.leaf
    if leaf is None or now.seen.asked == "leaf" or not leaf.covers(now.names):
        return replace(held, leaf=now.leaf(held.authority))
    # A leaf ends with its authority: near that end another one would be due at once again.
    if now.due(leaf, now.timing.leaf) and leaf.expires < held.authority.expires:
        return replace(held, leaf=now.leaf(held.authority))
    return None


def _announce(now: _Situation) -> Holdings | None:
    held = now.holdings
    if held is None:
        return None
    if held.upcoming is not None:  # a long outage may have outlasted it
        wanted = now.due(held.upcoming, now.timing.authority)
    else:
        asked = now.seen.asked == "authority" and not held.previous
        wanted = asked or now.due(held.authority, now.timing.authority)
    return replace(held, upcoming=now.authority()) if wanted else None


def _switch(now: _Situation) -> Holdings | None:
    held = now.holdings
    if held is None or held.upcoming is None:
        return None
    nobody_verifies = now.seen.time.after(held.authority) and (
        not now.seen.bundles or now.seen.shows(held.upcoming.certificate)
    )
    if not nobody_verifies and _announced(held) not in now.ripe:
        return None
    previous = tuple(dict.fromkeys((held.authority.certificate, *held.previous)))
    return Holdings(held.upcoming, now.leaf(held.upcoming), None, previous)


def _retire(now: _Situation) -> Holdings | None:
    held = now.holdings
    if held is None or not held.previous or _adopted(held) not in now.ripe:
        return None
    return replace(held, previous=())


_RULES: tuple[tuple[Move, Callable[[_Situation], Holdings | None]], ...] = (
    (Move.CREATE, _create),
    (Move.RENEW, _renew),
    (Move.ANNOUNCE, _announce),
    (Move.SWITCH, _switch),
    (Move.RETIRE, _retire),
)
"""The first that gives something is what happens."""

"""A cluster in which certificates rotate: replicas, and API servers that lag behind.

Replicas act through the `plan`, `objection` and `may_restore` that the server uses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509

from certs import bundle
from certs.authority import Authority, Leaf
from certs.holdings import Holdings, Phase, Time
from certs.rotation import Asked, Plan, Seen, Timing, Watch, plan
from certs.succession import may_restore, objection
from tests.certs.making import NOW

NAMES = ("webhook.example",)
TIMING = Timing()
LAG = TIMING.hold / 2
"""How far an API server may be behind; it gets what is older at once."""
STRANGER = Authority.create(NOW, timedelta(days=36500), "foreign")
ANOTHER = Authority.create(NOW, name="another")


@lru_cache(maxsize=4096)
def verifies(authorities: tuple[bytes, ...], leaf: bytes, now: datetime) -> bool:
    """What an API server does: is it signed by one of these, and is all of it valid."""
    served = x509.load_pem_x509_certificate(leaf)
    return any(
        _is_valid(authority, now) and _is_valid(served, now) and _signed(served, authority)
        for authority in map(x509.load_pem_x509_certificate, authorities)
    )


def _is_valid(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc


def _signed(served: x509.Certificate, authority: x509.Certificate) -> bool:
    if served.issuer != authority.subject:
        return False
    served.verify_directly_issued_by(authority)
    return True


@dataclass
class Replica:
    """One replica: what it has in memory it serves. `lease` is what the others can know of it."""

    offset: timedelta
    memory: Holdings | None = None
    lease: str | None = None
    watch: Watch = field(default_factory=Watch)
    known: dict[bytes, None] = field(default_factory=dict)
    planned: tuple[Plan, int, int] | None = None

    @property
    def leaf(self) -> Leaf | None:
        """What it serves."""
        return None if self.memory is None else self.memory.leaf


class World:
    """A cluster: a Secret, a configuration, API servers, replicas."""

    def __init__(self) -> None:
        self.now = NOW
        self.elapsed = timedelta()
        self.secret: Holdings | None = None
        self.secret_version = 0
        self.changed = timedelta()
        self.damaged = False
        self.asked: Asked | None = None
        self.history: list[tuple[timedelta, tuple[bytes, ...], bool]] = [(timedelta(), (), True)]
        self.api_servers: list[int] = []
        self.replicas: dict[str, Replica] = {}
        self.ghosts: dict[str, str] = {}
        self.born = 0
        self.excused = True

    def time(self, replica: Replica) -> Time:
        """The API server's clock is right, the replica's need not be."""
        own = self.now + replica.offset
        return Time(min(own, self.now), max(own, self.now))

    def shown(self) -> tuple[tuple[bytes, ...], ...]:
        """The caBundle of both entries as the API server has stored it."""
        return (self.history[-1][1],) * 2

    def serving(self) -> Mapping[str, str]:
        """What the Leases say."""
        live = {name: one.lease for name, one in self.replicas.items() if one.lease is not None}
        return live | self.ghosts

    def store(self, holdings: Holdings | None, *, damaged: bool = False) -> None:
        """A write to the Secret that the API server has accepted."""
        self.secret, self.damaged, self.changed = holdings, damaged, self.elapsed
        self.secret_version += 1

    def show(self, certificates: tuple[bytes, ...], *, tampered: bool = False) -> None:
        """A write to the configuration that the API server has accepted."""
        self.history.append((self.elapsed, certificates, tampered))

    def wait(self, duration: timedelta) -> None:
        """Let time pass; what an API server has not seen for LAG it sees now."""
        self.elapsed += duration
        self.now += duration
        newest = max(
            (i for i, (at, _, _) in enumerate(self.history) if self.elapsed - at >= LAG), default=0
        )
        self.api_servers = [max(view, newest) for view in self.api_servers]

    def work(self, replica: Replica) -> None:
        """Everything that a replica does, in its order."""
        self.look(replica)
        self.publish(replica)
        self.read(replica)
        self.write(replica)

    def one(self, pick: int) -> Replica:
        """A replica."""
        return list(self.replicas.values())[pick % len(self.replicas)]

    def start(self, offset: timedelta) -> None:
        """A replica that reads, says what it serves, and reads again before it is ready."""
        self.born += 1
        replica = self.replicas[f"r{self.born}"] = Replica(offset)
        if self.damaged:
            return
        replica.memory = self.secret
        self.publish(replica)

    def look(self, replica: Replica) -> None:
        """What every replica does when the Secret has changed."""
        memory, found = replica.memory, self.secret
        trusted = () if found is None else found.trusted
        replica.known |= dict.fromkeys((*self.shown()[0], *trusted))
        if (
            found is not None
            and objection(memory, found, self.shown(), self.time(replica), NAMES) is None
        ):
            if not (memory is None and self.damaged):
                replica.memory = found
        elif memory is not None and (
            may_restore(memory, self.shown(), self.others(replica), leads=True)
            or self.elapsed - self.changed >= TIMING.hold
        ):
            self.store(memory)

    def others(self, replica: Replica) -> Mapping[str, str]:
        """What the others serve."""
        own = next(name for name, one in self.replicas.items() if one is replica)
        return {name: issuer for name, issuer in self.serving().items() if name != own}

    def publish(self, replica: Replica) -> None:
        """Say in the Lease what is served."""
        if replica.leaf is not None:
            replica.lease = bundle.issuer(replica.leaf.certificate)

    def read(self, replica: Replica) -> None:
        """A leader looks at everything and plans."""
        if self.secret != replica.memory:
            return
        seen = Seen(
            self.time(replica),
            self.elapsed,
            self.shown(),
            self.serving(),
            self.asked,
            tuple(replica.known),
        )
        made = plan(self.secret, seen, replica.watch, NAMES, TIMING)
        replica.watch = made.watch
        replica.planned = (made, self.secret_version, len(self.history))

    def write(self, replica: Replica) -> None:
        """A leader writes what it planned, under the versions that it had read."""
        if replica.planned is None:
            return
        made, secret_version, bundle_version = replica.planned
        replica.planned = None
        if made.bundle is not None and bundle_version == len(self.history):
            self.show(made.bundle)
        if made.write is not None and secret_version == self.secret_version:
            self.store(made.write)
            self.asked = None if made.settled else self.asked

    def round(self) -> None:
        """Everybody does everything once, and API servers are up to date."""
        for replica in self.replicas.values():
            self.work(replica)
            self.check()
        self.api_servers = [len(self.history) - 1] * len(self.api_servers)

    def settle(self) -> None:
        """Undisturbed, everything comes to rest: steady, and everybody is believed."""
        self.ghosts = {}
        for _ in range(40):
            self.elapsed += timedelta(minutes=2)
            self.now += timedelta(minutes=2)
            self.round()
            if self.at_rest():
                break
        assert self.at_rest()
        self.excused = False
        self.check()

    def at_rest(self) -> bool:
        """Whether there is nothing left to do."""
        return (
            self.secret is not None
            and self.asked is None
            and self.secret.phase is Phase.STEADY
            and self.shown() == (self.secret.trusted,) * 2
            and all(one.memory == self.secret for one in self.replicas.values())
            and self.secret.leaf is not None
            and verifies(self.secret.trusted, self.secret.leaf.certificate, self.now)
        )

    def check(self) -> None:
        """No API server refuses a replica, unless somebody tampered with what it sees."""
        if self.excused:
            return
        for view in self.api_servers:
            _, believed, tampered = self.history[view]
            if tampered:
                continue
            for name, replica in self.replicas.items():
                if replica.leaf is not None:
                    assert verifies(believed, replica.leaf.certificate, self.now), name

"""Random walks: replicas and API servers that lag behind, two leaders, crashes, wrong clocks.

What must hold all the time: whatever bundle an API server believes in, it verifies what every
replica serves. Replicas act through the `plan`, `objection` and `may_restore` that the server uses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

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
_UNSEEN = Authority.create(NOW, timedelta(days=36500), "foreign")
_OTHER = Authority.create(NOW, name="another")


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


class Walk(RuleBasedStateMachine):
    """A cluster: a Secret, a configuration, API servers, replicas."""

    def __init__(self) -> None:
        super().__init__()
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

    @initialize(
        replicas=st.integers(1, 3),
        api_servers=st.integers(1, 3),
        asked=st.sampled_from(["authority", "authority", None]),
    )
    def begin(self, replicas: int, api_servers: int, asked: Asked | None) -> None:
        """A cluster on its first day, when everything is in place; mostly a rotation begins."""
        self.api_servers = [0] * api_servers
        for _ in range(replicas):
            self.start(timedelta())
        self.settle()
        self.asked = asked

    # What everybody sees

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

    # What happens

    @rule(minutes=st.sampled_from([0.1, 1, 2.4]))
    def time_passes(self, minutes: float) -> None:
        """Minutes go by in which nobody does anything."""
        assume(not self.damaged)
        self.wait(timedelta(minutes=minutes))

    @rule(pick=st.integers(0, 9), minutes=st.integers(1, 12))
    def leader_goes_on(self, pick: int, minutes: int) -> None:
        """Minutes go by in which one replica does its work and the others sleep."""
        assume(not self.damaged)
        replica = self.one(pick)
        for _ in range(minutes):
            self.work(replica)
            self.check()
            self.wait(timedelta(minutes=1))

    @rule(server=st.integers(0, 2), versions=st.integers(1, 3))
    def api_server_learns(self, server: int, versions: int) -> None:
        """One API server sees the next versions of the configuration."""
        server %= len(self.api_servers)
        view = self.api_servers[server] + versions
        self.api_servers[server] = min(view, len(self.history) - 1)

    @rule(pick=st.integers(0, 9))
    def replica_looks(self, pick: int) -> None:
        """A replica reads the Secret: it takes it up, keeps it out, or puts back what it knows."""
        self.look(self.one(pick))

    @rule(pick=st.integers(0, 9))
    def replica_publishes(self, pick: int) -> None:
        """A replica's Lease says what it serves."""
        self.publish(self.one(pick))

    @rule(pick=st.integers(0, 9))
    def leader_reads(self, pick: int) -> None:
        """Any replica may think that it leads: it reads and plans."""
        self.read(self.one(pick))

    @rule(pick=st.integers(0, 9))
    def leader_writes(self, pick: int) -> None:
        """And at some time later it writes, if nobody else has written meanwhile."""
        self.write(self.one(pick))

    @rule(pick=st.integers(0, 9))
    def replica_works(self, pick: int) -> None:
        """All of it without a pause."""
        self.work(self.one(pick))

    @precondition(lambda self: len(self.replicas) < 4)
    @rule(days=st.sampled_from([0, 0, -400, 400]))
    def replica_starts(self, days: int) -> None:
        """A replica comes, whose clock may be a year off."""
        self.start(timedelta(days=days))

    @precondition(lambda self: len(self.replicas) > 1 and not self.damaged)
    @rule(pick=st.integers(0, 9), cleanly=st.booleans())
    def replica_ends(self, pick: int, cleanly: bool) -> None:
        """A replica goes; killed, its Lease is there for a while."""
        name = list(self.replicas)[pick % len(self.replicas)]
        if sum(one.memory is not None for one in self.replicas.values()) == 1:
            return
        gone = self.replicas.pop(name)
        if not cleanly and gone.lease is not None:
            self.ghosts[name] = gone.lease

    @precondition(lambda self: self.ghosts)
    @rule()
    def ghosts_go(self) -> None:
        """Leases that nobody renewed do not count any more."""
        self.ghosts = {}

    @rule(pick=st.integers(0, 9), days=st.sampled_from([-4000, -400, 0, 400]))
    def clock_jumps(self, pick: int, days: int) -> None:
        """Somebody sets a node's clock."""
        self.one(pick).offset = timedelta(days=days)

    @precondition(lambda self: not self.damaged)
    @rule(days=st.sampled_from([1, 5, 9]))
    def days_pass(self, days: int) -> None:
        """Days in which everybody does what they have to."""
        self.settle()
        for _ in range(days):
            self.now += timedelta(days=1)
            self.round()
        self.settle()

    @precondition(lambda self: not self.damaged)
    @rule(days=st.integers(10, 900))
    def outage(self, days: int) -> None:
        """Nothing runs for long, then all replicas start again."""
        self.now += timedelta(days=days)
        offsets = [one.offset for one in self.replicas.values()]
        self.replicas, self.ghosts = {}, {}
        self.excused = True
        for offset in offsets:
            self.start(offset)
        self.settle()

    @rule(asked=st.sampled_from(["authority", "leaf"]))
    def person_asks(self, asked: Asked) -> None:
        """Somebody sets the annotation."""
        self.asked = asked

    @rule(content=st.sampled_from(["nothing", "some", "foreign"]))
    def bundle_is_reset(self, content: str) -> None:
        """Somebody applies a manifest over the configuration; what that breaks is theirs."""
        shown = self.history[-1][1]
        contents = {"nothing": (), "some": shown[:1], "foreign": (_OTHER.certificate,)}
        self.show(contents[content], tampered=True)

    @precondition(lambda self: not self.damaged and self.secret is not None)
    @rule(content=st.sampled_from(["emptied", "foreign"]))
    def secret_is_damaged(self, content: str) -> None:
        """Somebody empties the Secret, or puts another authority there."""
        assume(any(one.memory is not None for one in self.replicas.values()))
        foreign = Holdings(_UNSEEN, _UNSEEN.issue(NAMES, self.now))
        self.store(None if content == "emptied" else foreign, damaged=True)

    # How it is done

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
        if self.secret != replica.memory or (self.secret is None and self.damaged):
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

    @invariant()
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

    def teardown(self) -> None:
        """Whatever happened, it ends well."""
        if self.replicas:
            self.settle()


Walk.TestCase.settings = settings(stateful_step_count=50, deadline=None)
TestWalk = Walk.TestCase

"""Random walks: replicas and API servers that lag behind, two leaders, crashes, wrong clocks.

What must hold all the time: whatever bundle an API server believes in, it verifies what every
replica serves (`World.check`).
"""

from datetime import timedelta

from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from certs.holdings import Holdings
from certs.rotation import Asked
from tests.certs.world import ANOTHER, NAMES, STRANGER, World


class Rotation(RuleBasedStateMachine):
    """What happens in a cluster while certificates rotate, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @initialize(
        replicas=st.integers(1, 3),
        api_servers=st.integers(1, 3),
        asked=st.sampled_from(["authority", "authority", None]),
    )
    def begin(self, replicas: int, api_servers: int, asked: Asked | None) -> None:
        """A cluster on its first day, when everything is in place; mostly a rotation begins."""
        self.world.api_servers = [0] * api_servers
        for _ in range(replicas):
            self.world.start(timedelta())
        self.world.settle()
        self.world.asked = asked

    @rule(pick=st.integers(0, 9), minutes=st.sampled_from([1, 6, 12, 30]))
    def leader_goes_on(self, pick: int, minutes: int) -> None:
        """Minutes go by in which one replica does its work and the others sleep."""
        assume(not self.world.damaged)
        replica = self.world.one(pick)
        for _ in range(minutes):
            self.world.work(replica)
            self.world.check()
            self.world.wait(timedelta(minutes=1))

    @rule(server=st.integers(0, 2), versions=st.integers(1, 3))
    def api_server_learns(self, server: int, versions: int) -> None:
        """One API server sees the next versions of the configuration."""
        server %= len(self.world.api_servers)
        view = self.world.api_servers[server] + versions
        self.world.api_servers[server] = min(view, len(self.world.history) - 1)

    @rule(pick=st.integers(0, 9))
    def replica_looks(self, pick: int) -> None:
        """A replica reads the Secret: it takes it up, keeps it out, or puts back what it knows.

        What its Lease says of it comes later.
        """
        self.world.look(self.world.one(pick))

    @rule(pick=st.integers(0, 9))
    def leader_reads(self, pick: int) -> None:
        """Any replica may think that it leads: it reads and plans."""
        self.world.read(self.world.one(pick))

    @rule(pick=st.integers(0, 9))
    def leader_writes(self, pick: int) -> None:
        """And at some time later it writes, if nobody else has written meanwhile."""
        self.world.write(self.world.one(pick))

    @rule(pick=st.integers(0, 9))
    def replica_works(self, pick: int) -> None:
        """All of it without a pause."""
        self.world.work(self.world.one(pick))

    @precondition(lambda self: len(self.world.replicas) < 4)
    @rule(days=st.sampled_from([0, 0, -400, 400]))
    def replica_starts(self, days: int) -> None:
        """A replica comes, whose clock may be a year off."""
        self.world.start(timedelta(days=days))

    @precondition(lambda self: len(self.world.replicas) > 1 and not self.world.damaged)
    @rule(pick=st.integers(0, 9), cleanly=st.booleans())
    def replica_ends(self, pick: int, cleanly: bool) -> None:
        """A replica goes; killed, its Lease is there for a while."""
        name = list(self.world.replicas)[pick % len(self.world.replicas)]
        if sum(one.memory is not None for one in self.world.replicas.values()) == 1:
            return
        gone = self.world.replicas.pop(name)
        if not cleanly and gone.lease is not None:
            self.world.ghosts[name] = gone.lease

    @precondition(lambda self: bool(self.world.ghosts))
    @rule()
    def ghosts_go(self) -> None:
        """Leases that nobody renewed do not count any more."""
        self.world.ghosts = {}

    @rule(pick=st.integers(0, 9), days=st.sampled_from([-4000, -400, 0, 400]))
    def clock_jumps(self, pick: int, days: int) -> None:
        """Somebody sets a node's clock."""
        self.world.one(pick).offset = timedelta(days=days)

    @rule(asked=st.sampled_from(["authority", "leaf"]))
    def person_asks(self, asked: Asked) -> None:
        """Somebody sets the annotation."""
        self.world.asked = asked

    @invariant()
    def nobody_is_refused(self) -> None:
        """No API server refuses a replica, unless somebody tampered with what it sees."""
        self.world.check()

    def teardown(self) -> None:
        """Whatever happened, it ends well."""
        if self.world.replicas:
            self.world.settle()


class Trouble(Rotation):
    """What people do, and long outages, beside all that."""

    @precondition(lambda self: not self.world.damaged)
    @rule(days=st.sampled_from([1, 5, 9]))
    def days_pass(self, days: int) -> None:
        """Days in which everybody does what they have to."""
        self.world.settle()
        for _ in range(days):
            self.world.now += timedelta(days=1)
            self.world.round()
        self.world.settle()

    @precondition(lambda self: not self.world.damaged)
    @rule(days=st.integers(10, 900))
    def outage(self, days: int) -> None:
        """Nothing runs for long, then all replicas start again."""
        self.world.now += timedelta(days=days)
        offsets = [one.offset for one in self.world.replicas.values()]
        self.world.replicas, self.world.ghosts = {}, {}
        self.world.excused = True
        for offset in offsets:
            self.world.start(offset)
        self.world.settle()

    @rule(content=st.sampled_from(["nothing", "some", "foreign"]))
    def bundle_is_reset(self, content: str) -> None:
        """Somebody applies a manifest over the configuration; what that breaks is theirs."""
        shown = self.world.history[-1][1]
        contents = {"nothing": (), "some": shown[:1], "foreign": (ANOTHER.certificate,)}
        self.world.show(contents[content], tampered=True)

    @precondition(lambda self: not self.world.damaged and self.world.secret is not None)
    @rule(content=st.sampled_from(["emptied", "foreign"]))
    def secret_is_damaged(self, content: str) -> None:
        """Somebody empties the Secret, or puts another authority there."""
        assume(any(one.memory is not None for one in self.world.replicas.values()))
        foreign = Holdings(STRANGER, STRANGER.issue(NAMES, self.world.now))
        self.world.store(None if content == "emptied" else foreign, damaged=True)


for machine in (Rotation, Trouble):
    machine.TestCase.settings = settings(stateful_step_count=30, deadline=None)
TestRotation = Rotation.TestCase
TestTrouble = Trouble.TestCase

"""The queue under whatever happens, in whatever order."""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.webhook.server.cluster.profiler.queueing import Clock, drained, tasks
from webhook.server.cluster.profiler.queue import Fault, Queue, Task


class Machine(RuleBasedStateMachine):
    """Whatever happens: one task a reference, none taken twice at once, each done in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.queue = Queue(self.clock, most=8)
        self.wanted: set[str] = set()
        self.taken: list[Task] = []

    @rule(one=tasks)
    def put(self, one: Task) -> None:
        """Something is to be done."""
        dropped = self.queue.dropped
        self.queue.put(one)
        self.wanted.add(one.reference)
        if self.queue.dropped > dropped:
            self.wanted = {name for name in self.wanted if has(self.queue, name)}

    @rule()
    def take(self) -> None:
        """Somebody takes what may be done."""
        one = self.queue.take()
        if one is not None:
            assert one.reference not in {other.reference for other in self.taken}
            self.taken.append(one)

    @precondition(lambda self: self.taken)
    @rule()
    def done(self) -> None:
        """It is done."""
        one = self.taken.pop()
        self.queue.done(one)
        self.wanted.discard(one.reference)

    @precondition(lambda self: self.taken)
    @rule(of_host=st.booleans(), seconds=st.sampled_from((0.0, 900.0)))
    def fail(self, of_host: bool, seconds: float) -> None:
        """It failed; a queue that filled up meanwhile may have no room for it."""
        self.queue.failed(self.taken.pop(0), Fault(of_host, seconds))
        self.wanted = {name for name in self.wanted if has(self.queue, name)}

    @rule(one=tasks)
    def forget(self, one: Task) -> None:
        """Nobody wants it any more."""
        self.queue.forget(one.reference)
        self.wanted.discard(one.reference)

    @rule(one=tasks)
    def pardon(self, one: Task) -> None:
        """It may go better now."""
        self.queue.pardon(one.reference)

    @rule(seconds=st.floats(0, 2000))
    def wait(self, seconds: float) -> None:
        """Time goes by."""
        self.clock.time += seconds

    @invariant()
    def bounded(self) -> None:
        """Never more than there is room for."""
        assert len(self.queue) <= 8

    def teardown(self) -> None:
        """All that is wanted is done once, and nothing else."""
        while self.taken:
            self.done()
        found: list[Task] = []
        for _ in range(20):
            self.clock.time += 4000
            found += drained(self.queue)

        assert Counter(one.reference for one in found) == Counter(self.wanted)
        assert (len(self.queue), self.queue.taken, self.queue.wait()) == (0, 0, None)


TestNothingIsLost = Machine.TestCase


def has(queue: Queue, reference: str) -> bool:
    """Whether something is to be done about it, or is being done."""
    return reference in queue._tasks or reference in queue._taken

from webhook.server.cluster.memory import Memory


class Clock:
    """A clock that stands still."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_once_within_the_time() -> None:
    """A thing is new once, and again when the time is over; the time runs from the first."""
    clock = Clock()
    memory = Memory(60.0, clock)

    assert memory.is_new("a")
    clock.now = 59.0
    assert not memory.is_new("a")
    assert memory.is_new("b")
    clock.now = 60.0
    assert memory.is_new("a")


def test_what_is_forgotten_is_new() -> None:
    """Forgetting works, also for what was never seen."""
    memory = Memory(60.0, Clock())
    memory.is_new("a")
    memory.forget("a")
    memory.forget("b")

    assert memory.is_new("a")


def test_it_does_not_grow_for_ever() -> None:
    """Of more things than it holds, the oldest are new again."""
    memory = Memory(60.0, Clock())
    for thing in range(10_001):
        memory.is_new(thing)

    assert not memory.is_new(10_000)
    assert not memory.is_new(1)
    assert memory.is_new(0)

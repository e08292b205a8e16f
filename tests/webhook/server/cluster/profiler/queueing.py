"""Tasks, and a clock that stands still."""

from hypothesis import strategies as st

from webhook.server.cluster.profiler.queue import Priority, Queue, Task

HOSTS = ("docker.io", "registry.corp")
NAMESPACES = ("shop", "pay", "mail")

tasks = st.builds(
    lambda number, host, namespace, priority: Task(
        f"{host}/app:{number}", host, namespace, priority
    ),
    st.integers(0, 12),
    st.sampled_from(HOSTS),
    st.sampled_from(NAMESPACES),
    st.sampled_from(Priority),
)


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.time


def drained(queue: Queue) -> list[Task]:
    """Everything that may be done now, each done."""
    found = []
    while (one := queue.take()) is not None:
        found.append(one)
        queue.done(one)
    return found

"""The order in which images are learnt, with a clock of the test's own."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.webhook.server.cluster.profiler.queueing import NAMESPACES, Clock, drained, tasks
from webhook.server.cluster.profiler.queue import Fault, Priority, Queue, Task


def task(
    number: int,
    namespace: str = "shop",
    priority: Priority = Priority.NEW,
    host: str = "docker.io",
) -> Task:
    """A task about an image of its own."""
    return Task(f"{host}/app:{number}", host, namespace, priority)


@given(st.lists(tasks, max_size=40))
def test_what_matters_most_comes_first(put: list[Task]) -> None:
    """By priority; the same image once, with the highest that anybody wanted."""
    queue = Queue(Clock())
    for one in put:
        queue.put(one)

    found = drained(queue)

    best = {
        one.reference: min(o.priority for o in put if o.reference == one.reference) for one in put
    }
    assert {one.reference: one.priority for one in found} == best
    assert all(a.priority <= b.priority for a, b in pairwise(found))


@given(st.lists(st.sampled_from(NAMESPACES), min_size=1, max_size=40))
def test_namespaces_take_turns(namespaces: list[str]) -> None:
    """Between two images of one namespace every other that has some gets its turn."""
    queue = Queue(Clock())
    for number, namespace in enumerate(namespaces):
        queue.put(task(number, namespace))

    order = [one.namespace for one in drained(queue)]

    left = Counter(namespaces)
    for place, namespace in enumerate(order):
        later = order[place + 1 :]
        left[namespace] -= 1
        if namespace in later:
            between = later[: later.index(namespace)]
            assert all(
                other in between for other, more in left.items() if more and other != namespace
            )


def test_within_a_namespace_in_the_order_of_their_coming() -> None:
    """First come, first served."""
    queue = Queue(Clock())
    for number in range(5):
        queue.put(task(number))

    assert [one.reference[-1] for one in drained(queue)] == list("01234")


def test_an_image_that_fails_waits_longer_each_time() -> None:
    """From half a minute up to half an hour; one success, and it begins anew."""
    clock = Clock()
    queue = Queue(clock)
    queue.put(task(1))
    waits = []
    for _ in range(12):
        one = queue.take()
        assert one is not None
        queue.failed(one, Fault())
        assert queue.take() is None
        wait = queue.wait()
        assert wait is not None
        waits.append(wait)
        clock.time += wait

    assert 22 <= waits[0] <= 30
    assert all(b > a for a, b in pairwise(waits[:6]))
    assert max(waits) <= 1800
    assert queue.failures(task(1).reference) == 12
    queue.done(queue.take() or task(1))
    assert queue.failures(task(1).reference) == 0


def test_a_registry_that_fails_is_left_alone() -> None:
    """Its other images wait with the one that found out; other registries' do not."""
    clock = Clock()
    queue = Queue(clock)
    queue.put(task(1))
    queue.put(task(2))
    queue.put(task(3, host="registry.corp"))
    first = queue.take()
    assert first is not None

    queue.failed(first, Fault(of_host=True, retry_after=100))

    assert drained(queue) == [task(3, host="registry.corp")]
    assert queue.wait() == 100
    clock.time += 100
    assert drained(queue) == [task(1), task(2)]


def test_an_answer_of_the_registry_ends_its_wait() -> None:
    """One image that is read: the registry is well, and the others need not go on waiting."""
    clock = Clock()
    queue = Queue(clock)
    for number in range(3):
        queue.put(task(number))
    first, second = queue.take(), queue.take()
    assert first is not None
    assert second is not None
    queue.failed(first, Fault(of_host=True))
    queue.done(second)

    assert drained(queue) == [task(2)]


def test_a_change_ends_an_images_wait() -> None:
    """Who corrects a template need not wait for half an hour."""
    queue = Queue(Clock())
    queue.put(task(1))
    queue.failed(queue.take() or task(1), Fault())
    assert queue.take() is None

    queue.pardon(task(1).reference)

    assert drained(queue) == [task(1)]


def test_nobody_wants_it_any_more() -> None:
    """What is forgotten is not done, not even again after it failed."""
    queue = Queue(Clock())
    queue.put(task(1))
    queue.put(task(2))
    one = queue.take()
    assert one is not None
    queue.forget(one.reference)
    queue.forget(task(2).reference)
    queue.failed(one, Fault())

    assert (len(queue), queue.wait()) == (0, None)


def test_room_for_what_matters() -> None:
    """A full queue lets go of what is worth less, of the namespace that has most of it."""
    queue = Queue(Clock(), most=3)
    queue.put(task(1, "shop", Priority.OLD))
    queue.put(task(2, "shop", Priority.OLD))
    queue.put(task(3, "pay", Priority.OLD))
    queue.put(task(4, "mail", Priority.NEW))
    assert queue.dropped == 1
    queue.put(task(5, "mail", Priority.OLD))
    assert queue.dropped == 2

    assert [one.reference[-1] for one in drained(queue)] == ["4", "1", "3"]


def test_a_priority_that_is_left_out() -> None:
    """It stays where it is, and what is worth less is done meanwhile."""
    queue = Queue(Clock())
    queue.put(task(1, priority=Priority.LAYERS))
    queue.put(task(2, priority=Priority.OLD))

    assert queue.take((Priority.LAYERS,)) == task(2, priority=Priority.OLD)
    assert queue.take((Priority.LAYERS,)) is None
    assert queue.take() == task(1, priority=Priority.LAYERS)


def test_ten_thousand_images() -> None:
    """A large cluster's images go through, and nothing of them stays behind."""
    clock = Clock()
    queue = Queue(clock)
    for number in range(10_000):
        queue.put(task(number, f"namespace-{number % 100}"))
    for number in range(10_000):
        one = queue.take()
        assert one is not None
        if number % 3:
            queue.done(one)
        else:
            queue.failed(one, Fault())
    for _ in range(3):
        clock.time += 4000
        drained(queue)

    assert (len(queue), queue.wait()) == (0, None)
    assert [*queue._images, *queue._later, *queue._taken] == []
    assert len(queue._hosts) == 0

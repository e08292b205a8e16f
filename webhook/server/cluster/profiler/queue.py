"""What is to be learnt, in the order in which it is worth it.

    first by priority       see `Priority`
    then by namespace       in turn: ten thousand images of one do not keep another waiting
    then by age             what came first

An image that failed waits, longer each time, and so does its registry where the fault is the
registry's: see `Fault`. A registry that lets nobody pull for now is still asked what tags name:
that costs no pull, and an admission would wait for it once a tag's age is up. Times are seconds of
a steady clock.
"""

import heapq
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import count
from random import uniform
from typing import Final

from registry.recent import Recent

MOST: Final = 20_000
_FIRST: Final = 30.0
_LONGEST: Final = 1800.0
_LONGEST_OF_A_HOST: Final = 300.0
_HOSTS: Final = 512


class Priority(IntEnum):
    """What is done first."""

    NEW = 0
    """A template, or a pod, of an image that is not known."""
    AGED = 1
    """A tag whose age is soon up."""
    LAYERS = 2
    """An image whose configuration did not tell what a container of it runs."""
    OLD = 3
    """An image that other code than ours learnt of."""


@dataclass(frozen=True, slots=True)
class Task:
    """One image to do something about. `host` is its registry, `namespace` one that uses it."""

    reference: str
    host: str
    namespace: str
    priority: Priority


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a task failed: the image alone or its whole registry; seconds to wait at least.

    `of_pulls`: the registry's, but only for what pulls.
    """

    of_host: bool = False
    retry_after: float = 0.0
    of_pulls: bool = False


@dataclass(slots=True)
class _Wait:
    """How often in a row something failed, and until when it is left alone."""

    failures: int = 0
    until: float = 0.0

    def fail(self, now: float, longest: float, fault: Fault) -> None:
        self.failures += 1
        whole = min(longest, _FIRST * 2.0 ** min(self.failures - 1, 16))
        # Apart: what failed together would come back together.
        self.until = now + max(whole * uniform(0.75, 1.0), fault.retry_after)  # noqa: S311


_WITHOUT_PULLS: Final = frozenset({Priority.AGED})
"""What is asked for with HEAD, which no registry counts."""

_Ready = OrderedDict[str, OrderedDict[str, Task]]
"""Namespace → reference → task."""


class Queue:
    """At most one task for each reference, and at most `most` in all.

    take() ─▶ done() or failed(): meanwhile the reference is nobody else's.
    """

    def __init__(self, clock: Callable[[], float], most: int = MOST) -> None:
        self._clock = clock
        self._most = most
        self._tasks: dict[str, Task] = {}
        self._ready: dict[Priority, _Ready] = {one: OrderedDict() for one in Priority}
        self._later: list[tuple[float, int, Task]] = []
        self._order = count()
        self._taken: dict[str, Task] = {}
        self._forgotten: set[str] = set()
        self._images: dict[str, _Wait] = {}
        self._hosts: Recent[str, _Wait] = Recent(_HOSTS)
        self._pulls: Recent[str, _Wait] = Recent(_HOSTS)
        """Of registries of which nothing is pulled meanwhile."""
        self.dropped = 0
        """Tasks that there was no room for; whoever put them comes again."""

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def taken(self) -> int:
        """Tasks that somebody is at."""
        return len(self._taken)

    def put(self, task: Task) -> None:
        """Have a task done, unless there is one of its reference that is worth as much.

        Nothing is put while somebody is at the reference: what is to be done after that, the result
        tells.
        """
        reference = task.reference
        if reference in self._taken:
            self._forgotten.discard(reference)
            return
        known = self._tasks.get(reference)
        if known is not None:
            if known.priority <= task.priority:
                return
            self._remove(known)
        elif len(self._tasks) >= self._most and not self._make_room(task.priority):
            self.dropped += 1
            return
        self._add(task)

    def take(self, without: Collection[Priority] = ()) -> Task | None:
        """The next task; None where nothing may be done now, but for priorities to leave out."""
        self._wake()
        for priority, ready in self._ready.items():
            if priority not in without and (task := self._first(ready)) is not None:
                self._taken[task.reference] = task
                del self._tasks[task.reference]
                return task
        return None

    def done(self, task: Task) -> None:
        """It went well: the image and its registry have a clean record, as far as it shows."""
        self._images.pop(task.reference, None)
        self._hosts.drop(task.host)
        if task.priority not in _WITHOUT_PULLS:
            self._pulls.drop(task.host)
        self._release(task)

    def failed(self, task: Task, fault: Fault) -> None:
        """It failed: it waits, and its registry too where the fault is that one's."""
        now = self._clock()
        self._images.setdefault(task.reference, _Wait()).fail(now, _LONGEST, fault)
        if fault.of_host:
            self._hosts.obtain(task.host, _Wait).fail(now, _LONGEST_OF_A_HOST, fault)
        if fault.of_pulls:
            self._pulls.obtain(task.host, _Wait).fail(now, _LONGEST_OF_A_HOST, fault)
        if self._release(task):
            self.put(task)

    def pardon(self, reference: str) -> None:
        """Something about the image changed: its failures count no more."""
        if self._images.pop(reference, None) is not None and reference in self._tasks:
            task = self._tasks[reference]
            self._remove(task)
            self._add(task)

    def forget(self, reference: str) -> None:
        """Nobody wants the image any more."""
        self._images.pop(reference, None)
        if reference in self._taken:
            self._forgotten.add(reference)
        if (task := self._tasks.get(reference)) is not None:
            self._remove(task)

    def failures(self, reference: str) -> int:
        """How often in a row it failed."""
        wait = self._images.get(reference)
        return 0 if wait is None else wait.failures

    def wait(self) -> float | None:
        """Seconds until something may be done; 0 where there is, None where there is nothing."""
        self._wake()
        if any(self._ready.values()):
            return 0.0
        return max(0.0, self._later[0][0] - self._clock()) if self._later else None

    def _release(self, task: Task) -> bool:
        """Nobody is at it any more; whether somebody still wants the image."""
        del self._taken[task.reference]
        if task.reference not in self._forgotten:
            return True
        self._forgotten.discard(task.reference)
        self._images.pop(task.reference, None)
        return False

    def _add(self, task: Task) -> None:
        self._tasks[task.reference] = task
        until = self._until(task)
        if until > self._clock():
            heapq.heappush(self._later, (until, next(self._order), task))
        else:
            namespaces = self._ready[task.priority]
            namespaces.setdefault(task.namespace, OrderedDict())[task.reference] = task

    def _until(self, task: Task) -> float:
        """When the image and its registry may be asked again."""
        waits = [self._images.get(task.reference), self._hosts.get(task.host)]
        if task.priority not in _WITHOUT_PULLS:
            waits.append(self._pulls.get(task.host))
        return max((one.until for one in waits if one is not None), default=0.0)

    def _remove(self, task: Task) -> None:
        """Take a task out; in the heap it stays, and is passed over there when its time comes."""
        del self._tasks[task.reference]
        namespaces = self._ready[task.priority]
        tasks = namespaces.get(task.namespace, OrderedDict[str, Task]())
        tasks.pop(task.reference, None)
        if not tasks:
            namespaces.pop(task.namespace, None)
        if len(self._later) > 2 * self._most:
            self._later = [
                one for one in self._later if self._tasks.get(one[2].reference) is one[2]
            ]
            heapq.heapify(self._later)

    def _wake(self) -> None:
        """Move what has waited long enough to what is ready."""
        while self._later and self._later[0][0] <= self._clock():
            task = heapq.heappop(self._later)[2]
            if self._is_waiting(task):
                self._add(task)

    def _is_waiting(self, task: Task) -> bool:
        """Whether a task of the heap is still to be done, and not ready already."""
        reference = task.reference
        ready = self._ready[task.priority].get(task.namespace, ())
        return self._tasks.get(reference) is task and reference not in ready

    def _first(self, namespaces: _Ready) -> Task | None:
        """The first task of the namespace whose turn it is, which then goes to the end."""
        while namespaces:
            namespace, tasks = next(iter(namespaces.items()))
            task = tasks.popitem(last=False)[1]
            if tasks:
                namespaces.move_to_end(namespace)
            else:
                del namespaces[namespace]
            if self._until(task) <= self._clock():
                return task
            self._add(task)  # its registry failed since: later
        return None

    def _make_room(self, priority: Priority) -> bool:
        """Let go of a task that is worth less: the newest of the namespace that has most."""
        for worst in reversed(Priority):
            if worst <= priority:
                return False
            if (last := self._last(worst)) is not None:
                self._remove(last)
                self.dropped += 1
                return True
        return False

    def _last(self, priority: Priority) -> Task | None:
        namespaces = self._ready[priority]
        if namespaces:
            return next(reversed(max(namespaces.values(), key=len).values()))
        return next(self._waiting(priority), None)

    def _waiting(self, priority: Priority) -> Iterator[Task]:
        for _, _, task in self._later:
            if task.priority is priority and self._is_waiting(task):
                yield task

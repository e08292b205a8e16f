"""What processes run, asked on threads that may be kept waiting for ever.

A program's file may be on a server that is gone: who asks about it waits in the kernel, and nothing
ends that. One thread asks; where it is kept waiting another one takes its place, so many in all. An
answer that comes late is kept for who asks again, so that what is slow is served, too.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue

from nodeagent.tracing.process import Life, Process

_log = logging.getLogger(__name__)

_THREADS = 8
_PATIENCE = 0.5
"""Seconds. What runs is in memory: its file system answers in microseconds, if at all."""
_FIRST, _LONGEST = 1.0, 60.0
"""Seconds in which an owner that was late is not waited for; twice as many each time."""
_FRESH = 2.0
"""Seconds for which a late answer holds: a process may execute another program at any time."""
_FORGOTTEN = 600.0


class Stuck(Exception):  # noqa: N818 - no error of the process: somebody else does not answer
    """It cannot be known now what a process runs."""


@dataclass(slots=True, eq=False)
class _Question:
    process: Process
    owner: str
    life: Life | None = None
    answered: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class _Late:
    """An owner whose last answer that was waited for came late, or never."""

    pause: float = _FIRST / 2
    until: float = 0.0
    """When it is waited for again; before, it is asked only."""
    answers: dict[Process, tuple[float, Life | None]] = field(default_factory=dict)
    """What came late, and when."""


class Lives:
    """For one thread. A file system that does not answer stops one owner, and others at eight."""

    def __init__(
        self,
        threads: int = _THREADS,
        patience: float = _PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Of so many `threads` at most, and `patience` seconds for an answer."""
        self._threads = threads
        self._patience = patience
        self._clock = clock
        self._hung: list[_Question] = []
        self._late: dict[str, _Late] = {}
        self._asked: SimpleQueue[_Question | None] | None = None
        self._lock = threading.Lock()
        self._freed = threading.Event()

    def of(self, process: Process, owner: str) -> Life | None:
        """When a process began and what it runs; None when it is gone. Raises Stuck.

        Where one of an owner's got no answer, its others are not asked for until it has. An owner
        that was late is asked and not waited for, for a while: ask again when it is `freed`.
        """
        now = self._clock()
        with self._lock:
            late = self._late.get(owner)
            answer = late.answers.get(process) if late is not None else None
            if answer is not None and now - answer[0] < _FRESH:
                return answer[1]
            if len(self._hung) >= self._threads or any(one.owner == owner for one in self._hung):
                raise Stuck
        question = _Question(process, owner)
        self._queue().put(question)
        is_waited_for = late is None or now >= late.until
        if not question.answered.wait(self._patience if is_waited_for else 0):
            self._give_up(question, was_waited_for=is_waited_for)
        elif is_waited_for:
            with self._lock:
                self._late.pop(owner, None)  # in time again
        return question.life

    def freed(self) -> bool:
        """Whether some that were given up were answered since the last call: worth a try."""
        was = self._freed.is_set()
        if was:  # else what is freed between these lines would be forgotten
            self._freed.clear()
        return was

    def close(self) -> None:
        """Let the thread end that waits for questions; those that wait for answers are left."""
        if self._asked is not None:
            self._asked.put(None)
            self._asked = None

    def _queue(self) -> "SimpleQueue[_Question | None]":
        if self._asked is None:
            asked: SimpleQueue[_Question | None] = SimpleQueue()
            # A daemon: an interpreter that ends must not wait for it, too.
            threading.Thread(target=self._work, args=(asked,), name="life", daemon=True).start()
            self._asked = asked
        return self._asked

    def _give_up(self, question: _Question, *, was_waited_for: bool) -> None:
        """Let another thread take the place of the one that waits. Raises Stuck."""
        with self._lock:
            if question.answered.is_set():
                return
            self._hung.append(question)
            self._asked = None
            if was_waited_for:
                self._put_off(question)
        raise Stuck

    def _put_off(self, question: _Question) -> None:
        """Have its owner not waited for, longer each time. For who has the lock."""
        now, owner = self._clock(), question.owner
        if owner not in self._late:
            for gone in [uid for uid, one in self._late.items() if one.until < now - _FORGOTTEN]:
                del self._late[gone]
            text = "process %d of pod %s: the file system of its program does not answer in time"
            _log.warning(text, question.process.pid, owner)
        late = self._late.setdefault(owner, _Late())
        late.pause = min(2 * late.pause, _LONGEST)
        late.until = now + late.pause

    def _work(self, asked: "SimpleQueue[_Question | None]") -> None:
        while (question := asked.get()) is not None:
            life = _life(question.process)
            with self._lock:
                question.life = life
                question.answered.set()
                if question in self._hung:
                    self._hung.remove(question)
                    self._keep(question)
                    self._freed.set()
                    return

    def _keep(self, question: _Question) -> None:
        """Keep a late answer, while it is fresh. For who has the lock."""
        now, late = self._clock(), self._late.get(question.owner)
        if late is not None:
            fresh = {one: (at, it) for one, (at, it) in late.answers.items() if now - at < _FRESH}
            late.answers = {**fresh, question.process: (now, question.life)}


def _life(process: Process) -> Life | None:
    try:
        return process.life()
    except Exception:  # noqa: BLE001 - it is one process; others are asked about on this thread
        _log.exception("process %d cannot be told", process.pid)
        return None

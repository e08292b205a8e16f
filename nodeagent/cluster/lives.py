"""What processes run, asked on threads that may be kept waiting for ever.

A program's file may be on a server that is gone: who asks about it waits in the kernel, and nothing
ends that. One thread asks; where it is kept waiting another one takes its place, so many in all.
"""

import logging
import threading
from dataclasses import dataclass, field
from queue import SimpleQueue

from nodeagent.tracing.process import Life, Process

_log = logging.getLogger(__name__)

_THREADS = 8
_PATIENCE = 0.5
"""Seconds. What runs is in memory: its file system answers in microseconds, if at all."""


class Stuck(Exception):  # noqa: N818 - no error of the process: somebody else does not answer
    """It cannot be known now what a process runs."""


@dataclass(slots=True, eq=False)
class _Question:
    process: Process
    owner: str
    life: Life | None = None
    answered: threading.Event = field(default_factory=threading.Event)


class Lives:
    """For one thread. A file system that does not answer stops one owner, and others at eight."""

    def __init__(self, threads: int = _THREADS, patience: float = _PATIENCE) -> None:
        """Of so many `threads` at most, and `patience` seconds for an answer."""
        self._threads = threads
        self._patience = patience
        self._hung: list[_Question] = []
        self._asked: SimpleQueue[_Question | None] | None = None
        self._lock = threading.Lock()
        self._freed = threading.Event()

    def of(self, process: Process, owner: str) -> Life | None:
        """When a process began and what it runs; None when it is gone. Raises Stuck.

        Where one of an owner's got no answer, its others are not asked for until it has.
        """
        with self._lock:
            hung = list(self._hung)
        if len(hung) >= self._threads or any(one.owner == owner for one in hung):
            raise Stuck
        question = _Question(process, owner)
        self._queue().put(question)
        if not question.answered.wait(self._patience):
            self._give_up(question)
        return question.life

    def freed(self) -> bool:
        """Whether some that were given up were answered since the last call: worth a try."""
        was = self._freed.is_set()
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

    def _give_up(self, question: _Question) -> None:
        """Let another thread take the place of the one that waits. Raises Stuck."""
        with self._lock:
            if question.answered.is_set():
                return
            self._hung.append(question)
            self._asked = None
        _log.warning(
            "process %d of pod %s: the file system of its program does not answer",
            question.process.pid,
            question.owner,
        )
        raise Stuck

    def _work(self, asked: "SimpleQueue[_Question | None]") -> None:
        while (question := asked.get()) is not None:
            life = _life(question.process)
            with self._lock:
                question.life = life
                question.answered.set()
                if question in self._hung:
                    self._hung.remove(question)
                    self._freed.set()
                    return


def _life(process: Process) -> Life | None:
    try:
        return process.life()
    except Exception:  # noqa: BLE001 - it is one process; others are asked about on this thread
        _log.exception("process %d cannot be told", process.pid)
        return None

"""The thread that follows the processes of a node."""

import logging
import threading
import time
from collections.abc import Callable

from nodeagent.cluster.directory import Directory
from nodeagent.cluster.discovery import Discovery
from nodeagent.cluster.executions import Executions
from nodeagent.cluster.heartbeats import Heartbeats
from nodeagent.kernel.errors import CompilerError

_log = logging.getLogger(__name__)

_STEP = 0.02
_LOOK = 30.0
"""Seconds between looks at all processes, for what nobody told of; there should be none."""
_LOOK_ALONE = 1.0
"""Where the kernel does not tell of processes."""
_LOOK_SELDOM = 10.0
"""Where nothing can be traced either: what is only looked at may wait, but for news of its pod."""
_AGAIN = 1.0
"""Until news are handled again that could not be."""
_COMPILING = 600.0
"""Seconds in which the compiler has answered, or was given up, with each Python there is."""


class Watching:
    """Brings what happens to processes and pods to a discovery. `run` is for a thread."""

    def __init__(
        self,
        directory: Directory,
        discovery: Discovery,
        make: Callable[[], Executions] = Executions,
        beats: Heartbeats | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._beats = beats or Heartbeats()
        self._directory = directory
        self._discovery = discovery
        self._make = make
        self._executions: Executions | None = None
        self._untold = 0
        self._missed = False
        self._changes: set[str] = set()
        """The UIDs of pods whose news have not been handled yet."""
        self._again = 0.0
        """When those are handled again that could not be."""
        self._clock = clock
        self._look = self._looked = 0.0
        """When all processes are looked at next, and when they were."""
        self._traces = False
        self._anew = threading.Event()
        self.told = False
        """Whether the kernel tells of processes, which else have to be looked for."""

    def anew(self) -> None:
        """Have all processes asked for anew, by any thread: there is tracing now."""
        self._anew.set()

    def run(self, stop: threading.Event) -> None:
        """Follow processes until told to stop."""
        self._begin()
        try:
            while not stop.wait(_STEP):
                self._beats.beat("watch")
                try:
                    self._step()
                except Exception:  # noqa: BLE001 - the thread goes on
                    _log.exception("processes could not be followed")
        finally:
            self._discovery.close()
            if self._executions is not None:
                self._executions.close()

    def _begin(self) -> None:
        if self._executions is not None:
            return
        self._beats.beat("watch", within=_COMPILING)
        try:
            self._executions = self._make()
        except CompilerError as error:
            _log.debug("processes are looked for now and then: %s", error)
        except Exception:  # noqa: BLE001 - as a lack of descriptors; the thread goes on
            _log.exception("processes are looked for now and then")
        self.told = self._executions is not None
        self._look = 0.0

    def _step(self) -> None:
        if self._anew.is_set():
            self._anew.clear()
            self._traces = True
            self._begin()
            self._discovery.anew()
        self._read()
        news = self._directory.changes()
        self._changes |= news  # at once: what comes next may fail, and they are told but once
        if news and not self.told:  # its containers may just have been started
            self._look = min(self._look, self._looked + _LOOK_ALONE)
        if (now := self._clock()) >= self._look:
            self._looked, self._look = now, now + self._pause()
            self._discovery.look(again=not self.told or self._missed)
            self._missed = False
        if news or now >= self._again:
            self._handle(now)
        self._discovery.step()

    def _handle(self, now: float) -> None:
        for uid in tuple(self._changes):
            try:
                self._discovery.changed((uid,))
            except Exception:  # noqa: BLE001 - as a lack of descriptors; the others are handled
                _log.exception("what is new of pod %s is handled another time", uid)
                self._again = now + _AGAIN
            else:
                self._changes.discard(uid)

    def _pause(self) -> float:
        """Seconds until all processes are looked at anew, where nothing happens."""
        if self.told:
            return _LOOK
        return _LOOK_ALONE if self._traces else _LOOK_SELDOM

    def _read(self) -> None:
        if self._executions is None:
            return
        for execution in self._executions.read():
            if execution.ended:
                self._discovery.ended(execution.pid)
            else:
                self._discovery.started(execution.pid)
        if (untold := self._executions.untold()) != self._untold:
            self._untold, self._look, self._missed = untold, 0.0, True

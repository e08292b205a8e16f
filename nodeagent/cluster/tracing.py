"""Tracing as a whole, where the machine lets it begin: now, or at a later try."""

import logging
import threading
from collections.abc import Callable

from nodeagent.cluster.heartbeats import Heartbeats
from nodeagent.kernel.errors import CompilerError
from nodeagent.spans.queue import Queue
from nodeagent.tracing.follower import Follower, Outcome, Wanted
from nodeagent.tracing.tracer import Tracer

_log = logging.getLogger(__name__)

_DRAIN = 0.02
"""Seconds between looks into the ring buffer: half a second of it fills at 50,000 spans/s."""
_CLOSING = 10.0

UNTRIED = "it has not been tried yet"
"""Why nothing is traced at first."""


class Tracing:
    """Traces processes once it has begun; before, it is asked in vain and nothing happens."""

    def __init__(
        self,
        queue: Queue,
        told: Callable[[Outcome], None],
        make: Callable[[], Tracer] = Tracer,
        beats: Heartbeats | None = None,
    ) -> None:
        self._beats = beats or Heartbeats()
        self.queue = queue
        self.why_not: str | None = UNTRIED
        """Why nothing is traced; None once it has begun."""
        self.tracer: Tracer | None = None
        self.follower: Follower | None = None
        self._told = told
        self._make = make
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> bool:
        """Try; returns whether there is tracing now. Takes seconds."""
        if self.follower is not None:
            return True
        try:
            self.tracer = self._make()
        except CompilerError as error:
            self.why_not = str(error)
            return False
        self.follower = follower = Follower(self.tracer, self.queue, self._tell)
        self.why_not = None
        self._thread = threading.Thread(target=self._drain, args=(follower,), name="drain")
        self._thread.start()
        return True

    def follow(self, wanted: Wanted) -> bool:
        """Trace a process; returns False where that has to be asked again later."""
        return self.follower.follow(wanted) if self.follower is not None else True

    def leave(self, pid: int) -> None:
        """Trace it no longer."""
        if self.follower is not None:
            self.follower.leave(pid)

    def close(self) -> None:
        """Send what is there, and let go of everything in the kernel."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_CLOSING)
        if self.follower is not None:
            self.follower.close()
            self.follower.drain()
        self.queue.close()
        if self.tracer is not None:
            self.tracer.close()

    def _tell(self, outcome: Outcome) -> None:
        """Never raises: it is a thread that has others to attach to who tells."""
        try:
            self._told(outcome)
        except Exception:  # noqa: BLE001 - the thread goes on
            _log.exception("what came of tracing a process was not heard")

    def _drain(self, follower: Follower) -> None:
        while not self._stop.wait(_DRAIN):
            self._beats.beat("drain")
            try:
                follower.drain()
            except Exception:  # noqa: BLE001 - the thread goes on
                _log.exception("a span could not be made")

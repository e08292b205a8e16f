"""The ends of processes, told at once."""

import contextlib
import os
import select


class Ends:
    """Waits for processes to end, by descriptors of theirs (pidfd, since Linux 5.3)."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._pids: dict[int, int] = {}

    def watch(self, pid: int) -> None:
        """Tell of its end, too; where that cannot be had it is not told. Once is enough."""
        if pid in self._pids.values():
            return
        with contextlib.suppress(OSError):
            descriptor = os.pidfd_open(pid)
            self._pids[descriptor] = pid
            self._poll.register(descriptor, select.POLLIN)

    def wait(self, seconds: float) -> list[int]:
        """Those that ended, each once, as soon as there are any; none after so long."""
        return [self._ended(descriptor) for descriptor, _ in self._poll.poll(seconds * 1000)]

    def close(self) -> None:
        """Watch none any more."""
        while self._pids:
            self._ended(next(iter(self._pids)))

    def _ended(self, descriptor: int) -> int:
        self._poll.unregister(descriptor)
        os.close(descriptor)
        return self._pids.pop(descriptor)

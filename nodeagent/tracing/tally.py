"""What came of attaching to processes, counted."""

import threading
from collections import Counter
from dataclasses import dataclass, field

from nodeagent.binary.errors import BinaryError
from nodeagent.kernel.errors import KernelError
from nodeagent.tracing.binaries import Full

_KINDS: tuple[tuple[type[Exception], str], ...] = ((KernelError, "kernel"), (Full, "full"))
_UNKNOWN = "internal"


@dataclass(slots=True)
class Tally:
    """Since the start. `unowned` are spans of processes that nobody had told us of, or no longer.

    `refused` were processes for which there was no room in the queue; `failures` those that are not
    traced, by a word; `seconds` were spent on attaching, `longest` of them for one process.
    """

    refused: int = 0
    unowned: int = 0
    attachments: int = 0
    known: int = 0
    seconds: float = 0.0
    longest: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def attached(self, seconds: float, *, known: bool) -> None:
        """A process is traced, after so many seconds; `known` where its binary was probed."""
        with self._lock:
            self.attachments += 1
            self.known += known
            self.seconds += seconds
            self.longest = max(self.longest, seconds)

    def failed(self, error: Exception) -> None:
        """A process is not traced."""
        with self._lock:
            self.failures[_word(error)] += 1


def _word(error: Exception) -> str:
    if isinstance(error, BinaryError):
        return str(error.reason)
    return next((word for kind, word in _KINDS if isinstance(error, kind)), _UNKNOWN)

"""Says on stderr how far a long reading has come; a short one says nothing."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TextIO

_PATIENCE = 1.0
"""Seconds that pass in silence."""
_TERMINAL, _LOG = 0.1, 10.0
"""Seconds between two words: where a line can be written over, and where it cannot."""
_ERASE = "\r\x1b[K"


@dataclass(slots=True)
class Progress:
    """Counts what has been read. Nothing depends on it."""

    stream: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = monotonic
    namespaces: int = 0
    pods: int = 0
    total: int = 0
    _next: float = 0.0
    _shown: bool = False

    def __post_init__(self) -> None:
        self._next = self.clock() + _PATIENCE

    def read(self, *, pods: int = 0, namespaces: int = 0) -> None:
        """Note what has been read since."""
        self.pods += pods
        self.namespaces += namespaces
        now = self.clock()
        if now < self._next:
            return
        terminal = self.stream.isatty()
        self._next = now + (_TERMINAL if terminal else _LOG)
        text = f"read {self.pods:,} pods of {self.namespaces:,} of {self.total:,} namespaces"
        self.stream.write(f"{_ERASE}{text}" if terminal else f"spanhook: {text}\n")
        self.stream.flush()
        self._shown = terminal

    def done(self) -> None:
        """Take back the line that was written last."""
        if self._shown:
            self.stream.write(_ERASE)
            self.stream.flush()

"""Says on stderr how far something long has come; something short says nothing."""

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
class Line:
    """One line that is written over. Nothing depends on it."""

    stream: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = monotonic
    _next: float = field(default=0.0, init=False)
    _shown: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Start to wait."""
        self._next = self.clock() + _PATIENCE

    def say(self, text: Callable[[], str]) -> None:
        """Write the line where it is time for it."""
        now = self.clock()
        if now < self._next:
            return
        terminal = self.stream.isatty()
        self._next = now + (_TERMINAL if terminal else _LOG)
        self.stream.write(f"{_ERASE}{text()}" if terminal else f"spanhook: {text()}\n")
        self.stream.flush()
        self._shown = terminal

    def done(self) -> None:
        """Take back the line that was written last."""
        if self._shown:
            self.stream.write(_ERASE)
            self.stream.flush()

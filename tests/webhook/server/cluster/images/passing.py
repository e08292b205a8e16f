"""An event loop whose time passes by itself, at once, whenever everybody waits."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.SelectSelector):
    loop: "Passing"

    def select(self, timeout: float | None = None) -> list[Any]:
        """Let the time pass that somebody would wait; nothing else ever comes here."""
        assert timeout is not None, "everybody waits, and nothing will ever happen"
        self.loop.now += max(0.0, timeout)
        return super().select(0)


class Passing(asyncio.SelectorEventLoop):
    """Its clock begins at 1000."""

    def __init__(self) -> None:
        selector = _Selector()
        selector.loop = self
        self.now = 1000.0
        super().__init__(selector)

    def time(self) -> float:
        """The time that has passed."""
        return self.now


def play(scene: Coroutine[Any, Any, T]) -> T:
    """What comes of a scene in which time passes by itself."""
    with asyncio.Runner(loop_factory=Passing) as runner:
        return runner.run(scene)

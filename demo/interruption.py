"""Being asked to stop: Ctrl-C and SIGTERM end the demo the same, orderly way."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Raised in the main thread wherever it is; not an Exception, so that nothing swallows it."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Within, a signal to stop raises Interrupted once; later ones leave the cleaning up alone."""
    before = {number: signal.signal(number, _interrupt) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise Interrupted

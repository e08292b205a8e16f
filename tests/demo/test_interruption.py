import signal

import pytest

from demo.interruption import Interrupted, interruptible


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_raised_once(number: signal.Signals) -> None:
    """The second one does not disturb the cleaning up; afterwards all is as it was."""
    before = signal.getsignal(number)

    with pytest.raises(Interrupted):
        _interrupt_twice(number)

    assert signal.getsignal(number) is before


def _interrupt_twice(number: signal.Signals) -> None:
    with interruptible():
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(number)


def test_nothing_swallows_it() -> None:
    """It is no Exception: who catches those does not catch this."""
    assert not issubclass(Interrupted, Exception)

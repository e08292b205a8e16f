import os

import pytest

from nodeagent.kernel.errors import KernelError
from nodeagent.kernel.features import Kind, call, load, loads, move, zero_on_stack
from tests.nodeagent.machine import require_tracing

_KTIME, _PUSH_DATA, _PROBE_READ_USER = 5, 90, 112


@pytest.mark.parametrize("kind", list(Kind))
def test_what_does_nothing_is_taken(kind: Kind) -> None:
    """A program of each type."""
    require_tracing()

    os.close(load(kind, ()))


def test_functions_are_called_with_arguments() -> None:
    """Numbers, and eight bytes on the stack."""
    require_tracing()

    loads(Kind.KPROBE, call(_KTIME))
    loads(Kind.KPROBE, zero_on_stack(1), move(2, 8), move(3, 0), call(_PROBE_READ_USER))
    loads(Kind.SK_MSG, move(2, 0), move(3, 1), move(4, 0), call(_PUSH_DATA))


def test_a_refusal_says_why() -> None:
    """In the verifier's own words, without what it counted."""
    require_tracing()

    with pytest.raises(KernelError, match=r"(cannot use|unknown) .*#90$"):
        loads(Kind.KPROBE, move(2, 0), move(3, 1), move(4, 0), call(_PUSH_DATA))

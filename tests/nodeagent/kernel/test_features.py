import os
import resource

import pytest

from nodeagent.kernel import syscalls
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


def test_locked_memory_may_be_what_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before Linux 5.11 programs count as such: the limit is lifted, the program loaded again."""
    limits: list[tuple[int, int]] = []

    def refuse_below_the_limit(*_: object) -> int:
        if not limits:
            raise PermissionError(1, "Operation not permitted")
        return 7

    monkeypatch.setattr(syscalls, "call", refuse_below_the_limit)
    monkeypatch.setattr(resource, "setrlimit", lambda _, pair: limits.append(pair))

    assert load(Kind.KPROBE, ()) == 7
    assert limits == [(resource.RLIM_INFINITY, resource.RLIM_INFINITY)]


def test_a_limit_that_stays_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not lift it is told what the kernel said."""

    def refuse(*_: object) -> int:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(syscalls, "call", refuse)
    monkeypatch.setattr(resource, "setrlimit", refuse)

    with pytest.raises(KernelError, match="Operation not permitted"):
        load(Kind.KPROBE, ())

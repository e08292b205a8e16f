"""Whether a way is open on this machine, found out by going its first steps."""

import os
from collections.abc import Callable, Mapping

from nodeagent.kernel.errors import KernelError
from nodeagent.kernel.features import Kind, call, load, loads, move, zero_on_stack
from nodeagent.kernel.sockets import control_groups, on_connections
from nodeagent.propagation.attaching import constants
from nodeagent.propagation.way import SK_MSG, WRITE, Way

# From the kernel's linux/bpf.h.
_PROBE_WRITE_USER, _MSG_PUSH_DATA = 36, 90


def refusal(way: Way) -> str:
    """Why the way is closed; empty where it is open."""
    try:
        _STEPS[way.name]()
    except KernelError as error:
        return f"{_NEEDS[way.name]}: {error}"
    return ""


def _write() -> None:
    # Kernels in lockdown refuse it to everybody: most are where Secure Boot is on.
    loads(Kind.KPROBE, *(move(1, 0), zero_on_stack(2), move(3, 8)), call(_PROBE_WRITE_USER))


def _change_messages() -> None:
    loads(Kind.SK_MSG, move(2, 0), move(3, 1), move(4, 0), call(_MSG_PUSH_DATA))
    constants(SK_MSG)
    program = load(Kind.SOCK_OPS, ())
    try:
        on_connections(program, control_groups()).detach()
    finally:
        os.close(program)


_STEPS: Mapping[str, Callable[[], None]] = {
    WRITE.name: _write,
    SK_MSG.name: _change_messages,
}
_NEEDS: Mapping[str, str] = {
    WRITE.name: "SYS_ADMIN is needed, and a kernel that is not locked down",
    SK_MSG.name: "NET_ADMIN is needed, and control groups of version 2",
}

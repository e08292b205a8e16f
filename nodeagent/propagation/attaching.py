"""A way is put to work: what it has to know of the kernel, where its programs are attached."""

from pathlib import Path

from nodeagent.kernel import btf
from nodeagent.kernel.compiler import Loaded
from nodeagent.kernel.sockets import Link, control_groups, on_connections, on_messages
from nodeagent.propagation.way import Way


def constants(way: Way) -> dict[str, int]:
    """What the way's text leaves open. Raises KernelError where the kernel does not tell."""
    members = btf.offsets(tuple(way.members.values())) if way.members else {}
    return {**way.defines, **{name: members[one] for name, (_, one) in way.members.items()}}


def attach(way: Way, loaded: Loaded, group: Path | None = None) -> tuple[Link, ...]:
    """Attach the programs that are not for uprobes. Raises KernelError.

    Only sockets of who is in this control group, or below it, are seen; without one all are.
    """
    if "sockets" not in way.maps:
        return ()
    on_messages(loaded.programs["propagation_message"], loaded.maps["sockets"])
    program = loaded.programs["propagation_socket"]
    return (on_connections(program, group or control_groups()),)

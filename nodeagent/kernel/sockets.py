"""Programs on sockets: when they are connected, and when something is sent.

A program on a control group of version 2 sees the sockets of all who are in it, and can put them
into a map; a program on that map sees what they send.
"""

import contextlib
import ctypes
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from nodeagent.kernel import syscalls
from nodeagent.kernel.errors import KernelError

# From the kernel's linux/bpf.h.
_PROG_ATTACH, _LINK_CREATE = 8, 28
_CGROUP_SOCK_OPS, _SK_MSG_VERDICT = 3, 7
# Of union bpf_attr: for the one where to attach, the program, the kind, flags; for the other the
# program, where to, the kind, flags.
_ATTRIBUTES = struct.Struct("=IIII")
_INITIAL = 0xEFFFFFFB  # PROC_CGROUP_INIT_INO in the kernel's include/linux/proc_ns.h


@dataclass(frozen=True, slots=True)
class Link:
    """An attached program; it is detached with the last descriptor, however we end."""

    descriptor: int

    def detach(self) -> None:
        """Let the program run no longer."""
        with contextlib.suppress(OSError):
            os.close(self.descriptor)


def on_messages(program: int, sockets: int) -> None:
    """Run a program for what is sent on sockets of this map, as long as there is the map.

    Raises KernelError.
    """
    packed = _ATTRIBUTES.pack(sockets, program, _SK_MSG_VERDICT, 0)
    try:
        syscalls.call("bpf", _PROG_ATTACH, ctypes.create_string_buffer(packed), len(packed))
    except OSError as error:
        raise KernelError(f"program on a map of sockets: {error.strerror}") from error


def on_connections(program: int, group: Path) -> Link:
    """Run a program for sockets of whoever is in this control group. Raises KernelError."""
    try:
        folder = os.open(group, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise KernelError(f"{group}: {error.strerror}") from error
    packed = _ATTRIBUTES.pack(program, folder, _CGROUP_SOCK_OPS, 0)
    try:
        return Link(
            syscalls.call("bpf", _LINK_CREATE, ctypes.create_string_buffer(packed), len(packed))
        )
    except OSError as error:
        raise KernelError(f"program on control group {group}: {error.strerror}") from error
    finally:
        os.close(folder)


def control_groups(proc: Path = Path("/proc")) -> Path:
    """Where the machine's control groups of version 2 are. Raises KernelError.

    In a container, which has its own alone at the usual place: where the machine's are mounted
    beside them, else as the machine's first process has them.
    """
    try:
        if (proc / "self/ns/cgroup").stat().st_ino == _INITIAL:
            return Path("/") / _mounted(proc / "self/mountinfo")
        with contextlib.suppress(KernelError):
            return Path("/") / _mounted(proc / "self/mountinfo", above=True)
        return proc / "1/root" / _mounted(proc / "1/mountinfo")
    except OSError as error:
        raise KernelError(f"{error.filename}: {error.strerror}") from error


def _mounted(mounts: Path, *, above: bool = False) -> str:
    """Where they are mounted, without the slash in front; `above`: with groups that hold ours."""
    for line in mounts.read_text(errors="replace").splitlines():
        mount, _, source = line.partition(" - ")
        _, _, _, root, place, *_ = mount.split()
        # What is above our own is told by how to go there (cgroup_namespaces(7)).
        if source.startswith("cgroup2 ") and (not above or root.startswith("/..")):
            return place.lstrip("/")
    raise KernelError(f"{mounts}: no control groups of version 2")

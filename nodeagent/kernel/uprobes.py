"""Uprobes: a BPF program runs whenever a process executes an instruction of a file.

There are two ways to one: a link of BPF's own, since Linux 6.6, for which the capabilities BPF and
PERFMON do; and a perf event, for which kernels want SYS_ADMIN since CVE-2025-38466 was closed in
all that are maintained (5.10.240, 5.15.189, 6.1.146, 6.6.99, 6.12.39, 6.16).
"""

import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nodeagent.kernel import syscalls
from nodeagent.kernel.errors import KernelError

PMU = Path("/sys/bus/event_source/devices/uprobe/type")
"""Where the kernel says the number of its uprobes among the sources of events; since Linux 4.17."""

# struct perf_event_attr up to config2: type, size, config, sample_period, …, wakeup_events,
# bp_type, config1 (here the path's address), config2 (the offset in the file), then to its size.
_ATTRIBUTES = struct.Struct("=IIQQQQQIIQQ40x")
_EVERY_PROCESS, _ANY_CPU, _NO_GROUP, _CLOSE_ON_EXEC = -1, 0, -1, 8
_SET_BPF, _ENABLE = 0x40042408, 0x2400

# union bpf_attr for BPF_LINK_CREATE: the program, nothing, the kind and flags of the attachment;
# then, for BPF_TRACE_UPROBE_MULTI, addresses of path, offsets, counters and cookies, how many they
# are, flags and a process.
_LINK = struct.Struct("=IIIIQQQQIII4x")
_LINK_CREATE, _UPROBE_MULTI = 28, 48


@dataclass(frozen=True, slots=True)
class Uprobe:
    """One attached probe; `by_link` as a link of BPF's, else as a perf event."""

    descriptor: int
    by_link: bool = False

    def detach(self) -> None:
        """Take the probe out. The kernel waits for its readers: about a tenth of a second."""
        with contextlib.suppress(OSError):
            os.close(self.descriptor)


@cache
def _type() -> int:
    try:
        return int(PMU.read_text())
    except OSError as error:
        raise KernelError(f"no uprobes: {PMU}: {error.strerror}") from error


def attach(program: int, path: str, offset: int) -> Uprobe:
    """Attach a loaded program to an instruction, for every process that runs the file.

    The offset is the instruction's place in the file. Raises KernelError.
    """
    try:
        return Uprobe(_link(program, path, offset), by_link=True)
    except OSError as error:
        if error.errno != errno.EINVAL:  # what older kernels say, and all to what is no program
            raise KernelError(f"uprobe at {path}+{offset:#x}: {error.strerror}") from error
    return Uprobe(_event(program, path, offset))


def attach_nowhere(program: int) -> str:
    """Attach a loaded program to a file that nobody executes, and take it off again; says how.

    Raises KernelError: then no file can be probed. Its words are the same each time.
    """
    try:
        probe = _try(program)
    except OSError as error:
        raise KernelError(f"trial of a uprobe, at memory: {error.strerror}") from error
    return "by links of BPF" if probe.by_link else "as perf events"


def _try(program: int) -> Uprobe:
    file = os.memfd_create("spanhook-try")
    path = f"/proc/self/fd/{file}"
    try:
        os.write(file, b"\x90" * mmap.PAGESIZE)
        probe = attach(program, path, 0)
        probe.detach()
    except KernelError as error:
        raise KernelError(str(error).replace(path, "memory")) from error
    finally:
        os.close(file)
    return probe


def _link(program: int, path: str, offset: int) -> int:
    """A link's descriptor. Raises OSError."""
    held = ctypes.create_string_buffer(os.fsencode(path))
    offsets = ctypes.create_string_buffer(struct.pack("=Q", offset))
    places = (ctypes.addressof(held), ctypes.addressof(offsets), 0, 0)
    packed = _LINK.pack(*(program, 0, _UPROBE_MULTI, 0), *places, *(1, 0, 0))
    return syscalls.call("bpf", _LINK_CREATE, ctypes.create_string_buffer(packed), len(packed))


def _event(program: int, path: str, offset: int) -> int:
    """A perf event's descriptor. Raises KernelError."""
    held = ctypes.create_string_buffer(os.fsencode(path))
    packed = _ATTRIBUTES.pack(
        *(_type(), _ATTRIBUTES.size, 0, 1, 0, 0, 0, 1, 0, ctypes.addressof(held), offset)
    )
    try:
        descriptor = syscalls.call(
            *("perf_event_open", ctypes.create_string_buffer(packed)),
            *(_EVERY_PROCESS, _ANY_CPU, _NO_GROUP, _CLOSE_ON_EXEC),
        )
    except OSError as error:
        why = "SYS_ADMIN is needed, or Linux 6.6" if error.errno == errno.EACCES else error.strerror
        raise KernelError(f"uprobe at {path}+{offset:#x}: {why}") from error
    try:
        fcntl.ioctl(descriptor, _SET_BPF, program)
        fcntl.ioctl(descriptor, _ENABLE, 0)
    except OSError as error:
        os.close(descriptor)
        raise KernelError(f"program at {path}+{offset:#x}: {error.strerror}") from error
    return descriptor

"""Uprobes: a BPF program runs whenever a process executes an instruction of a file."""

import contextlib
import ctypes
import fcntl
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


@dataclass(frozen=True, slots=True)
class Uprobe:
    """One attached probe."""

    descriptor: int

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
        raise KernelError(f"uprobe at {path}+{offset:#x}: {error.strerror}") from error
    try:
        fcntl.ioctl(descriptor, _SET_BPF, program)
        fcntl.ioctl(descriptor, _ENABLE, 0)
    except OSError as error:
        os.close(descriptor)
        raise KernelError(f"program at {path}+{offset:#x}: {error.strerror}") from error
    return Uprobe(descriptor)

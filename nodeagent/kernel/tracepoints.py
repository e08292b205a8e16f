"""Raw tracepoints: a BPF program runs whenever the kernel passes a named place.

Raw ones, since they need no tracefs, which is not mounted in containers.
"""

import contextlib
import ctypes
import os
import struct
from dataclasses import dataclass

from nodeagent.kernel import syscalls
from nodeagent.kernel.errors import KernelError

_OPEN = 17  # BPF_RAW_TRACEPOINT_OPEN
# Of union bpf_attr: the name's address, the program's descriptor.
_ATTRIBUTES = struct.Struct("=QIxxxx")


@dataclass(frozen=True, slots=True)
class Tracepoint:
    """One attached program."""

    descriptor: int

    def detach(self) -> None:
        """Let the program run there no longer."""
        with contextlib.suppress(OSError):
            os.close(self.descriptor)


def attach(program: int, name: str) -> Tracepoint:
    """Attach a loaded program to the tracepoint of this name. Raises KernelError."""
    held = ctypes.create_string_buffer(name.encode())
    packed = _ATTRIBUTES.pack(ctypes.addressof(held), program)
    try:
        return Tracepoint(
            syscalls.call("bpf", _OPEN, ctypes.create_string_buffer(packed), len(packed))
        )
    except OSError as error:
        raise KernelError(f"tracepoint {name}: {error.strerror}") from error

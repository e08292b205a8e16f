"""What the kernel lets programs do, found out by loading the smallest ones that do it.

What files tell of a kernel, as its lockdown, is not always what it says to a program.
"""

import ctypes
import os
import struct
from collections.abc import Sequence
from enum import IntEnum

from nodeagent.kernel import syscalls
from nodeagent.kernel.errors import KernelError
from nodeagent.kernel.limits import lift_locked_memory

_LOAD = 5
# Of union bpf_attr: type, number of instructions, their address, the license's; how much is told,
# where to; a version and flags.
_ATTRIBUTES = struct.Struct("=IIQQIIQII")
_INSTRUCTION = struct.Struct("=BBhi")  # code, registers, offset, value
_LOG = 64 << 10


class Kind(IntEnum):
    """Types of programs, from the kernel's linux/bpf.h."""

    KPROBE = 2
    SOCK_OPS = 13
    SK_MSG = 16


def move(register: int, value: int) -> bytes:
    """A number into a register."""
    return _INSTRUCTION.pack(0xB7, register, 0, value)


def zero_on_stack(register: int) -> bytes:
    """Eight bytes of zeros, their address into a register."""
    return (
        _INSTRUCTION.pack(0x7A, 10, -8, 0)
        + _INSTRUCTION.pack(0xBF, 10 << 4 | register, 0, 0)
        + _INSTRUCTION.pack(0x07, register, 0, -8)
    )


def call(function: int) -> bytes:
    """A call of the kernel's function of this number."""
    return _INSTRUCTION.pack(0x85, 0, 0, function)


_END = _INSTRUCTION.pack(0x95, 0, 0, 0)


def load(kind: Kind, instructions: Sequence[bytes]) -> int:
    """A descriptor of the program that does this and returns 1.

    Raises KernelError, which says why the kernel refuses it.
    """
    code = ctypes.create_string_buffer(b"".join((*instructions, move(0, 1), _END)))
    license_, log = ctypes.create_string_buffer(b"GPL"), ctypes.create_string_buffer(_LOG)
    addresses = [ctypes.addressof(one) for one in (code, license_, log)]
    count = (len(code) - 1) // _INSTRUCTION.size
    packed = _ATTRIBUTES.pack(kind, count, *addresses[:2], 1, _LOG, addresses[2], 0, 0)
    try:
        return _call(ctypes.create_string_buffer(packed), len(packed))
    except OSError as error:
        raise KernelError(_reason(log.value.decode(errors="replace")) or error.strerror) from error


def loads(kind: Kind, *instructions: bytes) -> None:
    """Load the program and let go of it. Raises KernelError."""
    os.close(load(kind, instructions))


def _call(attributes: ctypes.Array[ctypes.c_char], size: int) -> int:
    try:
        return syscalls.call("bpf", _LOAD, attributes, size)
    except PermissionError:
        if not lift_locked_memory():
            raise
        return syscalls.call("bpf", _LOAD, attributes, size)


def _reason(log: str) -> str:
    """The verifier's last word but for what it counted; in front are the instructions."""
    lines = [line for line in log.splitlines() if line and not line.startswith("processed ")]
    return lines[-1] if lines else ""

"""The system calls that Python does not know."""

import ctypes
import os
import platform
from functools import cache

from nodeagent.kernel.errors import KernelError

# From the kernel's asm/unistd.h.
_NUMBERS = {
    "x86_64": {"bpf": 321, "perf_event_open": 298, "openat2": 437},
    "aarch64": {"bpf": 280, "perf_event_open": 241, "openat2": 437},
}


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def call(name: str, *arguments: int | ctypes.Array[ctypes.c_char]) -> int:
    """Make the system call; buffers are passed by their address. Raises OSError."""
    numbers = _NUMBERS.get(platform.machine())
    if numbers is None:
        raise KernelError(f"{name}: not known on {platform.machine()}")
    words = [
        ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments
    ]
    result = int(_libc().syscall(ctypes.c_long(numbers[name]), *words))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result

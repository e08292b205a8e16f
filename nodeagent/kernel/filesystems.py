"""What kind of file system a file is on."""

import ctypes
import os
from functools import cache

# From the kernel's linux/magic.h.
_OVERLAY = 0x794C7630
_FUSE = 0x65735546
_STATFS = 256  # bytes; struct statfs is 120, and begins with the type in a word


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def is_overlay(descriptor: int) -> bool:
    """Whether an open file is on an overlay file system, as those of containers are.

    Raises OSError.
    """
    return _kind(descriptor) == _OVERLAY


def is_fuse(descriptor: int) -> bool:
    """Whether an open file is another program's, which may never answer. Raises OSError."""
    return _kind(descriptor) == _FUSE


def _kind(descriptor: int) -> int:
    status = ctypes.create_string_buffer(_STATFS)
    if _libc().fstatfs(descriptor, status):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return ctypes.c_long.from_buffer(status).value & 0xFFFFFFFF

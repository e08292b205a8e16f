"""What kind of file system a file is on."""

import ctypes
import os
from functools import cache

_OVERLAY = 0x794C7630  # OVERLAYFS_SUPER_MAGIC, from the kernel's linux/magic.h
_STATFS = 256  # bytes; struct statfs is 120, and begins with the type in a word


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def is_overlay(descriptor: int) -> bool:
    """Whether an open file is on an overlay file system, as those of containers are.

    Raises OSError.
    """
    status = ctypes.create_string_buffer(_STATFS)
    if _libc().fstatfs(descriptor, status):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    kind = ctypes.c_long.from_buffer(status).value
    return kind & 0xFFFFFFFF == _OVERLAY

"""Reads of files that others own: bounded, never blocking, never outside of where they belong.

A container decides what its paths lead to. The kernel resolves them within the container's root
(openat2, since Linux 5.6), does not follow them into volumes, which may hang or be anybody's, and
what is no ordinary file is never opened: opening alone may block (a FIFO) or do something (a tape).
"""

import ctypes
import os
import stat
import struct
from pathlib import Path

from nodeagent.kernel.errors import KernelError
from nodeagent.kernel.syscalls import call

# From the kernel's linux/openat2.h.
_NO_XDEV, _NO_MAGICLINKS, _IN_ROOT = 0x01, 0x02, 0x10
_HOW = struct.Struct("<QQQ")
_PART = 1 << 16


def upto(path: Path, most: int) -> bytes:
    """The first bytes of a file of /proc. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        return _read(descriptor, most)
    finally:
        os.close(descriptor)


def inside(root: Path, path: str, most: int) -> bytes | None:
    """A file's content by its path in a root folder; None where it cannot be had, or is longer."""
    try:
        descriptor = _found(root, path)
    except (OSError, KernelError, ValueError):
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > most:
            return None
        return upto(Path(f"/proc/self/fd/{descriptor}"), most)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _found(root: Path, path: str) -> int:
    """The file, found and not opened (O_PATH)."""
    folder = os.open(root, os.O_PATH | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        how = _HOW.pack(os.O_PATH | os.O_CLOEXEC, 0, _NO_XDEV | _NO_MAGICLINKS | _IN_ROOT)
        name = ctypes.create_string_buffer(os.fsencode(path))
        buffer = ctypes.create_string_buffer(how, len(how))
        return call("openat2", folder, name, buffer, len(how))
    finally:
        os.close(folder)


def _read(descriptor: int, most: int) -> bytes:
    parts: list[bytes] = []
    while most > 0 and (part := os.read(descriptor, min(most, _PART))):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)

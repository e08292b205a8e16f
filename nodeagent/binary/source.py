"""Reads of a file that may be corrupt, hostile or shrinking: bounded, and never mapped.

A mapped file that shrinks ends its reader with SIGBUS; a read only comes back short.
"""

import os
import stat
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from nodeagent.binary.errors import BinaryError, Reason

_MOST = 64 << 20
"""Bytes in one read: a functions' table of eight million functions."""
_WINDOW = 4 << 20


class Source:
    """A file as bytes at offsets. Raises BinaryError where it cannot be opened."""

    def __init__(self, file: BinaryIO | Path) -> None:
        try:
            self._descriptor = (
                os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
                if isinstance(file, Path)
                else os.dup(file.fileno())
            )
            weakref.finalize(self, os.close, self._descriptor)
            status = os.fstat(self._descriptor)
        except OSError as error:
            raise BinaryError(Reason.UNREADABLE, f"{file}: {error}") from error
        if not stat.S_ISREG(status.st_mode):
            raise BinaryError(Reason.UNREADABLE, f"{file}: no ordinary file")
        self.size = status.st_size

    def read(self, offset: int, size: int) -> bytes:
        """Exactly these bytes. Raises BinaryError where the file has not got them."""
        if size > _MOST:
            raise BinaryError(Reason.TOO_LARGE, f"{size} bytes in one piece")
        data = self.upto(offset, size)
        if len(data) < size:
            raise BinaryError(Reason.TRUNCATED, f"no {size} bytes at {offset:#x}")
        return data

    def upto(self, offset: int, size: int) -> bytes:
        """These bytes, as many as the file has."""
        if offset < 0 or size <= 0 or offset >= self.size:
            return b""
        parts: list[bytes] = []
        while size and (part := self._some(offset, min(size, _MOST))):
            parts.append(part)
            offset, size = offset + len(part), size - len(part)
        return b"".join(parts)

    def find(self, pattern: bytes, start: int, end: int) -> Iterator[int]:
        """Where a pattern stands in a part of the file."""
        overlap = len(pattern) - 1
        while start + overlap < min(end, self.size):
            window = self.upto(start, min(_WINDOW, end - start))
            at = window.find(pattern)
            while at >= 0:
                yield start + at
                at = window.find(pattern, at + 1)
            start += max(len(window) - overlap, 1)

    def _some(self, offset: int, size: int) -> bytes:
        try:
            return os.pread(self._descriptor, size, offset)
        except OSError as error:
            raise BinaryError(Reason.UNREADABLE, f"at {offset:#x}: {error.strerror}") from error

"""The ring buffer through which BPF programs hand over what they saw.

The kernel's side never wakes us (waking costs 1.4 µs an event): who reads comes by on a timer.
Format and order of access: https://docs.kernel.org/bpf/ringbuf.html.
"""

import mmap
import threading
from collections.abc import Iterator

_BUSY, _DISCARDED = 1 << 31, 1 << 30
_HEADER = 8


class RingBuffer:
    """Reads a ring buffer's records, each once."""

    def __init__(self, descriptor: int, size: int) -> None:
        """Map the buffer of this many bytes, a power of two. Raises OSError."""
        page = mmap.PAGESIZE
        self._mask = size - 1
        self._consumer = mmap.mmap(descriptor, page)
        # The data is mapped twice in a row: a record that wraps around is in one piece, too.
        self._producer = mmap.mmap(
            descriptor, page + 2 * size, prot=mmap.PROT_READ, offset=page, flags=mmap.MAP_SHARED
        )
        # Casts read and write a word in one piece, which slices and struct do not promise.
        self._consumed = memoryview(self._consumer).cast("Q")
        self._words = memoryview(self._producer).cast("Q")
        self._fence = threading.Lock()

    def records(self) -> Iterator[bytes]:
        """What has been written since the last call, oldest first."""
        position = self._consumed[0]
        end = self._committed(position)
        while position < end:
            start = mmap.PAGESIZE + (position & self._mask)
            word = self._words[start >> 3] & 0xFFFFFFFF
            length = word & ~_DISCARDED
            try:
                if not word & _DISCARDED:
                    yield self._producer[start + _HEADER : start + _HEADER + length]
            finally:  # who fails on a record is not given it again
                position += _space(length)
                self._consumed[0] = position

    @property
    def fill(self) -> float:
        """How much of it is taken, from 0 to 1."""
        return (self._words[0] - self._consumed[0]) / (self._mask + 1)

    def _committed(self, position: int) -> int:
        """Where the records end that are written completely."""
        end = self._words[0]
        while position < end:
            start = mmap.PAGESIZE + (position & self._mask)
            word = self._words[start >> 3] & 0xFFFFFFFF
            if word & _BUSY:
                break
            position += _space(word & ~_DISCARDED)
        # A lock orders memory: what the records hold is read after their headers, on arm64, too.
        with self._fence:
            return position

    def close(self) -> None:
        """Give the memory back."""
        self._consumed.release()
        self._words.release()
        self._consumer.close()
        self._producer.close()


def _space(length: int) -> int:
    """What a record takes with its header: a multiple of eight."""
    return (length + _HEADER + 7) & ~7

"""What the dynamic loader would write into a position-independent program before it starts.

Only relative relocations count here: all pointers in a Go program's own data are of that kind. Go's
linker writes their values in place, too (cmd/link, `Adddynrel`), and does not sort them; so do GNU
ld, gold and mold. lld leaves the places empty, but sorts the table by address (`-z combreloc`,
everybody's default). So a table that is not sorted is none that we need. RELR keeps its values in
place by definition.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator

from nodeagent.binary.elf import DYNAMIC, Elf
from nodeagent.binary.source import Source

_ENTRY = struct.Struct("<QQQ")
_TAG = struct.Struct("<QQ")
_RELATIVE = {"amd64": 8, "arm64": 1027}
_TABLE, _SIZE = 7, 8  # DT_RELA, DT_RELASZ
_MOST_TAGS = 512
_BLOCK = 1024  # entries that are read at once
_MOST_BLOCKS = 16 << 10


class Relocations:
    """The sorted relative relocations of a program; none where there is no such table."""

    def __init__(self, source: Source, elf: Elf) -> None:
        self._source = source
        self._kind = _RELATIVE[elf.architecture]
        self._start, self._end = _table(source, elf)
        self._last: tuple[int, tuple[tuple[int, int], ...]] = (-1, ())
        self._firsts = self._first_addresses()

    def within(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The addresses from `start` to `end` that are written, and what is written there."""
        number = max(bisect_right(self._firsts, start) - 1, 0)
        while number < len(self._firsts) and self._firsts[number] < end:
            yield from ((at, value) for at, value in self._block(number) if start <= at < end)
            number += 1

    def find(self, value: int) -> Iterator[int]:
        """The addresses that this value is written to."""
        for at in self._source.find(struct.pack("<QQ", self._kind, value), self._start, self._end):
            if (at - self._start) % _ENTRY.size == _ENTRY.size - _TAG.size:
                yield _ENTRY.unpack(self._source.read(at - 8, _ENTRY.size))[0]

    def _first_addresses(self) -> list[int]:
        firsts: list[int] = []
        for at in range(self._start, self._end, _BLOCK * _ENTRY.size):
            entry = self._source.upto(at, _ENTRY.size)
            if len(entry) < _ENTRY.size:
                break
            address, kind, _ = _ENTRY.unpack(entry)
            if kind != self._kind:  # the relative ones stand in front of all others
                break
            if firsts and address < firsts[-1]:
                return []
            firsts.append(address)
        return firsts

    def _block(self, number: int) -> tuple[tuple[int, int], ...]:
        if self._last[0] != number:  # neighbours in memory are neighbours in the table
            self._last = (number, self._read_block(number))
        return self._last[1]

    def _read_block(self, number: int) -> tuple[tuple[int, int], ...]:
        at = self._start + number * _BLOCK * _ENTRY.size
        data = self._source.upto(at, min(_BLOCK * _ENTRY.size, self._end - at))
        whole = len(data) // _ENTRY.size * _ENTRY.size
        entries = _ENTRY.iter_unpack(data[:whole])
        return tuple((address, value) for address, kind, value in entries if kind == self._kind)


def _table(source: Source, elf: Elf) -> tuple[int, int]:
    """Where the table begins and ends in the file."""
    for segment in elf.segments:
        if segment.kind == DYNAMIC:
            data = source.upto(segment.offset, min(segment.size, _MOST_TAGS * _TAG.size))
            tags = dict(_TAG.iter_unpack(data[: len(data) // _TAG.size * _TAG.size]))
            start = elf.offset(tags.get(_TABLE, 0))
            size = min(tags.get(_SIZE, 0), _MOST_BLOCKS * _BLOCK * _ENTRY.size)
            if start is not None:
                return start, min(start + size, source.size)
    return 0, 0

"""The table of functions that every Go program carries for its own stack traces.

The runtime's pclntab (runtime/symtab.go; cmd/link, `pcln.go`) in its form since Go 1.18: a header,
then names, then rows of code offset and record, then the records, which say which name it is.
"""

import struct
from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from nodeagent.binary.elf import Elf, Segment
from nodeagent.binary.errors import BinaryError, Reason
from nodeagent.binary.source import Source

_HEADER = struct.Struct("<I2xBBQQQQQQQQ")
_MAGICS = (0xFFFFFFF1, 0xFFFFFFF0)  # since 1.20; 1.18 and 1.19
_QUANTUM = {"amd64": 1, "arm64": 4}
_POINTER = 8
_ROW = 8
_SECTIONS = (".gopclntab", ".data.rel.ro.gopclntab")
_MOST = 4 << 20  # functions
_PORTION = 1 << 14  # functions whose records are read at once
_LARGEST = 1 << 9  # bytes of a record, on the average over a portion
_LONGEST_NAME = 4 << 10
_LONGEST_NAMES = 64 << 20
_MOST_COPIES = 16  # of a name: a program has one, and some that are vendored
_MOST_MAGICS = 1 << 12
_MOST_TABLES = 4  # for each of which all data is searched


@dataclass(frozen=True, slots=True)
class Table:
    """Where the table lies: `address` in memory, all else in the file."""

    source: Source
    address: int
    count: int
    text: int
    names: range
    rows: int

    def name_offsets(self, name: str) -> Iterator[tuple[int, str]]:
        """Where names that end so begin, counted from the first one, and what stands before it."""
        found = self.source.find(name.encode() + b"\0", self.names.start, self.names.stop)
        for at in islice(found, _MOST_COPIES):
            start = max(self.names.start, at - _LONGEST_NAME)
            before = self.source.upto(start, at - start)
            begin = before.rfind(b"\0") + 1
            yield start + begin - self.names.start, before[begin:].decode(errors="replace")

    def functions(self, names: Container[int]) -> Iterator[tuple[int, int, int]]:
        """Name, begin and end of the functions with these names, all as offsets.

        Code is counted from where the program's own begins. Raises BinaryError.
        """
        rows = memoryview(self.source.read(self.rows, self.count * _ROW + 4)).cast("I")
        for first in range(0, self.count, _PORTION):
            last = min(first + _PORTION, self.count)
            for row, name in self._names(rows, first, last):
                if name in names:
                    yield name, rows[2 * row], rows[2 * row + 2]

    def _names(self, rows: memoryview, first: int, last: int) -> Iterator[tuple[int, int]]:
        """The rows from one to the other, each with its name's offset: a record's second word."""
        base, size = rows[2 * first + 1], rows[2 * last - 1] - rows[2 * first + 1] + _ROW
        if not 0 < size <= _LARGEST * (last - first):
            raise BinaryError(Reason.CORRUPT, "the functions are not in order")
        words = memoryview(self.source.read(self.rows + base, size // 4 * 4)).cast("I")
        try:
            for row in range(first, last):
                yield row, words[(rows[2 * row + 1] - base) // 4 + 1]
        except IndexError:
            raise BinaryError(Reason.CORRUPT, "a function's record is amiss") from None


def tables(source: Source, elf: Elf) -> Iterator[Table]:
    """What looks like a program's table: in the section that is named so, else in all data.

    A foreign linker may put it amid other data, and sections may be gone.
    """
    offsets = islice(_offsets(source, elf), _MOST_MAGICS)
    return islice(chain.from_iterable(_at(source, elf, at) for at in offsets), _MOST_TABLES)


def _offsets(source: Source, elf: Elf) -> Iterator[int]:
    for section in filter(None, map(elf.sections.get, _SECTIONS)):
        yield section.offset
    # All but the first byte, in which the magic numbers differ: one search for both.
    pattern = struct.pack("<IHBB", _MAGICS[0], 0, _QUANTUM[elf.architecture], _POINTER)[1:]
    for segment in elf.loaded:
        for at in source.find(pattern, segment.offset, segment.offset + segment.size):
            yield at - 1


def _at(source: Source, elf: Elf, offset: int) -> Iterator[Table]:
    """The table whose header is at an offset of the file, if it is one."""
    segment = next((s for s in elf.loaded if s.offset <= offset < s.offset + s.size), None)
    head = source.upto(offset, _HEADER.size)
    if segment is None or len(head) < _HEADER.size:
        return
    magic, quantum, pointer, count, _, text, names, behind, _, _, rows = _HEADER.unpack(head)
    if magic not in _MAGICS or (quantum, pointer) != (_QUANTUM[elf.architecture], _POINTER):
        return
    in_order = names < behind < rows and behind - names < _LONGEST_NAMES
    if in_order and 0 < count <= _MOST and _fits(segment, offset + rows, count):
        address = offset - segment.offset + segment.address
        places = range(offset + names, offset + behind)
        yield Table(source, address, count, text, places, offset + rows)


def _fits(segment: Segment, rows: int, count: int) -> bool:
    return rows + count * _ROW < segment.offset + segment.size

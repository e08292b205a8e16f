"""Where an ELF file's parts lie in the file and in memory.

Layout as in the System V ABI, "Object Files"; 64 bits and little-endian only: amd64 and arm64.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from nodeagent.binary.errors import BinaryError, NotGo, Reason
from nodeagent.binary.source import Source
from webhook.images.layers.elf import MAGIC

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_NOTE = struct.Struct("<III")
_WIDE_LITTLE = b"\x02\x01"
_SHARED = 3
_MACHINES = {62: "amd64", 183: "arm64"}
_MOST = 1024  # rows of a table; programs of today have some forty
_NAMES = 1 << 20
_LONGEST_NOTE = 4096
_HIGHEST = 1 << 63

LOAD, DYNAMIC, NOTE = 1, 2, 4
_NO_BITS = 8
_EXECUTABLE, _WRITABLE = 1, 2


@dataclass(frozen=True, slots=True)
class Segment:
    """A program header. `size` is in the file; in memory zeros may follow (bytes)."""

    kind: int
    flags: int
    offset: int
    address: int
    size: int

    @property
    def end(self) -> int:
        """The address behind what is in the file."""
        return self.address + self.size

    @property
    def writable(self) -> bool:
        """Whether it is data, relocated constants among it."""
        return self.kind == LOAD and bool(self.flags & _WRITABLE)

    @property
    def executable(self) -> bool:
        """Whether it is code."""
        return self.kind == LOAD and bool(self.flags & _EXECUTABLE)


@dataclass(frozen=True, slots=True)
class Section:
    """A section that is in the file: its address in memory, or 0, and where it lies."""

    address: int
    offset: int
    size: int


class Elf:
    """An ELF file's header and tables. Raises NotGo where it is none, BinaryError."""

    def __init__(self, source: Source) -> None:
        self._source = source
        head = source.upto(0, _HEADER.size)
        if head[:4] != MAGIC or len(head) < _HEADER.size:
            raise NotGo(Reason.NOT_ELF, "no ELF file")
        _, kind, machine, _, _, segments, sections, *rest = _HEADER.unpack(head)
        _, _, segment_size, segment_count, section_size, section_count, names = rest
        if head[4:6] != _WIDE_LITTLE or machine not in _MACHINES:
            raise BinaryError(Reason.UNSUPPORTED, f"machine {machine} is neither amd64 nor arm64")
        self.architecture = _MACHINES[machine]
        self.is_pie = kind == _SHARED
        self._segments = (segments, segment_size, segment_count)
        self._sections = (sections, section_size, section_count, names)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The program headers."""
        rows = _rows(self._source, _SEGMENT, *self._segments)
        found = tuple(Segment(row[0], row[1], row[2], row[3], row[5]) for row in rows)
        if any(max(s.offset, s.address) + s.size > _HIGHEST for s in found if s.kind == LOAD):
            raise BinaryError(Reason.CORRUPT, "a segment ends behind the last address")
        return found

    @cached_property
    def loaded(self) -> tuple[Segment, ...]:
        """The segments that are in memory."""
        return tuple(s for s in self.segments if s.kind == LOAD and s.size)

    def offset(self, address: int) -> int | None:
        """Where in the file the byte at an address is."""
        for segment in self.loaded:
            if segment.address <= address < segment.end:
                return address - segment.address + segment.offset
        return None

    @cached_property
    def sections(self) -> Mapping[str, Section]:
        """Sections by name; none where the table is gone or broken: nothing depends on it."""
        *table, names_index = self._sections
        try:
            rows = list(_rows(self._source, _SECTION, *table))
            names = self._source.upto(rows[names_index][4], min(rows[names_index][5], _NAMES))
        except (BinaryError, IndexError):
            return {}
        return {
            names[row[0] :].partition(b"\0")[0].decode(errors="replace"): Section(*row[3:6])
            for row in rows
            if row[1] not in (0, _NO_BITS)
        }

    @property
    def notes(self) -> Iterator[tuple[bytes, int, bytes]]:
        """Owner, type and content of each note."""
        for segment in self.segments:
            if segment.kind == NOTE:
                yield from _notes(self._source.upto(segment.offset, min(segment.size, _NAMES)))


def _rows(
    source: Source, layout: struct.Struct, at: int, size: int, count: int
) -> Iterator[tuple[int, ...]]:
    if size < layout.size or count > _MOST:
        raise BinaryError(Reason.CORRUPT, f"a table of {count} rows of {size} bytes")
    table = source.read(at, size * count)
    return (layout.unpack_from(table, row * size) for row in range(count))


def _notes(data: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    at = 0
    while at + _NOTE.size <= len(data):
        name, size, kind = _NOTE.unpack_from(data, at)
        at += _NOTE.size
        behind = at + _padded(name)
        yield data[at : at + name], kind, data[behind : behind + min(size, _LONGEST_NOTE)]
        at = behind + _padded(size)


def _padded(size: int) -> int:
    return (size + 3) // 4 * 4

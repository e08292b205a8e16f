"""What the first bytes of an ELF file tell. Bounded, and safe on any bytes.

Layout as in the System V ABI, "Object Files". The dynamic section and the section names stand
mostly behind what can be read, names of symbols and libraries mostly within: linkers put
`.dynstr` in front of the code.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

MAGIC = b"\x7fELF"
_LOAD, _INTERPRETER, _NOTE = 1, 3, 4
_EXECUTABLE, _WRITABLE = 1, 2
_MOST_SEGMENTS = 64
_MOST_SECTIONS = 256
_LONGEST_NAME = 256
_MACHINES = {
    3: "386",
    40: "arm",
    62: "amd64",
    183: "arm64",
    243: "riscv64",
    21: "ppc64",
    22: "s390x",
}
_LIBRARY = re.compile(rb"\0(lib[\w+.-]{1,64}\.so(?:\.\d+)*)(?=\0)")
_LIBRARIES = 32


@dataclass(frozen=True, slots=True)
class Segment:
    """A program header: its type and flags, and where it lies in the file (bytes)."""

    kind: int
    flags: int
    offset: int
    size: int


class Header:
    """The beginning of an ELF file. Raises ValueError where it is none."""

    def __init__(self, head: bytes) -> None:
        if head[:4] != MAGIC or len(head) < 64 or head[4] not in (1, 2) or head[5] not in (1, 2):  # noqa: PLR2004
            raise ValueError("no ELF file")
        self._head = head
        self._wide = head[4] == 2  # noqa: PLR2004
        self._order = "<" if head[5] == 1 else ">"
        layout = "HHIQQQIHHHHHH" if self._wide else "HHIIIIIHHHHHH"
        fields: tuple[int, ...] = struct.unpack_from(self._order + layout, head, 16)
        self.kind, machine, _, self._entry, self._segments_at, self._sections_at, _ = fields[:7]
        self._segment_size, self._segment_count = fields[8:10]
        self._section_size, self._section_count, self._names_index = fields[10:13]
        self.machine = _MACHINES.get(machine, str(machine))

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The program headers that lie within what was read."""
        layout = self._order + ("IIQQQQ" if self._wide else "IIIIIII")
        found: list[Segment] = []
        for at in self._table(self._segments_at, self._segment_size, self._segment_count, layout):
            fields = struct.unpack_from(layout, self._head, at)
            if self._wide:
                kind, flags, offset, _, _, size = fields
            else:
                kind, offset, _, _, size, _, flags = fields
            found.append(Segment(kind, flags, offset, size))
        return tuple(found)

    @cached_property
    def interpreter(self) -> str | None:
        """The program that loads this one; None of a static one."""
        for segment in self.segments:
            if segment.kind == _INTERPRETER and 0 < segment.size <= _LONGEST_NAME:
                text = self._part(segment.offset, segment.size)
                return text.partition(b"\0")[0].decode(errors="replace") or None
        return None

    @property
    def needs_interpreter(self) -> bool:
        """Whether the program is dynamic, its interpreter within what was read or not."""
        return any(segment.kind == _INTERPRETER for segment in self.segments)

    @cached_property
    def sections(self) -> frozenset[str]:
        """The names of the sections, where they lie within what was read."""
        layout = self._order + ("IIQQQQ" if self._wide else "IIIIII")
        table = self._table(self._sections_at, self._section_size, self._section_count, layout)
        fields = [struct.unpack_from(layout, self._head, at) for at in table]
        if self._names_index >= len(fields):
            return frozenset()
        names = self._part(*fields[self._names_index][4:6])
        found = (names[at : at + _LONGEST_NAME].partition(b"\0")[0] for at, *_ in fields)
        return frozenset(name.decode(errors="replace") for name in found if name)

    @property
    def notes(self) -> Iterator[tuple[bytes, int]]:
        """The owners and types of the notes within what was read."""
        for segment in self.segments:
            if segment.kind == _NOTE:
                yield from self._notes(self._part(segment.offset, segment.size))

    @property
    def data(self) -> tuple[Segment, ...]:
        """The segments of initialised variables."""
        return tuple(s for s in self.segments if s.kind == _LOAD and s.flags & _WRITABLE and s.size)

    @cached_property
    def symbols_end(self) -> int:
        """Up to where names of symbols may stand: the code begins there."""
        code = (s.offset for s in self.segments if s.kind == _LOAD and s.flags & _EXECUTABLE)
        first = next((offset for offset in code if offset), len(self._head))
        return min(first, len(self._head))

    def names(self, *wanted: bytes) -> str | None:
        """The first of the symbols that a table of strings in front of the code has."""
        for name in wanted:
            if self._head.find(b"\0" + name + b"\0", 0, self.symbols_end) >= 0:
                return name.decode()
        return None

    @property
    def libraries(self) -> tuple[str, ...]:
        """The libraries whose names stand in front of the code: those that it is linked with."""
        found = _LIBRARY.finditer(self._head, 0, self.symbols_end)
        return tuple(dict.fromkeys(m[1].decode() for m, _ in zip(found, range(_LIBRARIES))))  # noqa: B905

    @property
    def tables_end(self) -> int:
        """The byte behind the program headers."""
        return self._segments_at + self._segment_size * self._segment_count

    def _table(self, at: int, size: int, count: int, layout: str) -> range:
        """Where the rows of a table begin, those that are within what was read."""
        most = _MOST_SEGMENTS if at == self._segments_at else _MOST_SECTIONS
        if at < 1 or size < struct.calcsize(layout) or count > most:
            return range(0)
        if at + size * count > len(self._head):
            return range(0)
        return range(at, at + size * count, size)

    def _part(self, offset: int, size: int) -> bytes:
        return self._head[offset : offset + size] if offset < len(self._head) else b""

    def _notes(self, data: bytes) -> Iterator[tuple[bytes, int]]:
        at = 0
        while at + 12 <= len(data):
            name, description, kind = struct.unpack_from(self._order + "III", data, at)
            yield data[at + 12 : at + 12 + min(name, _LONGEST_NAME)], kind
            at += 12 + (name + 3) // 4 * 4 + (description + 3) // 4 * 4

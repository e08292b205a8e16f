"""A program's memory as it is when it was loaded at the addresses that the linker gave it."""

import struct
from collections.abc import Iterator

from nodeagent.binary.elf import Elf, Segment
from nodeagent.binary.errors import BinaryError, Reason
from nodeagent.binary.relocations import Relocations
from nodeagent.binary.source import Source

_BLOCK = 8 << 10
_KEPT = 512  # blocks
_MOST = 16 << 20
_POINTER = 8


class Memory:
    """Reads by address. Raises BinaryError for addresses that the file has nothing at."""

    def __init__(self, source: Source, elf: Elf) -> None:
        self._source = source
        self._elf = elf
        self._relocations = Relocations(source, elf) if elf.is_pie else None
        self._blocks: dict[int, bytes] = {}

    def read(self, address: int, size: int) -> bytes:
        """These bytes, relocated."""
        if not 0 <= size <= _MOST:
            raise BinaryError(Reason.TOO_LARGE, f"{size} bytes at {address:#x}")
        number, start = divmod(address, _BLOCK)
        data = self._block(number)[start : start + size]
        while len(data) < size:
            number += 1
            data += self._block(number)[: size - len(data)]
        return data

    def word(self, address: int) -> int:
        """The pointer or number of eight bytes there."""
        return int.from_bytes(self.read(address, _POINTER), "little")

    def holds(self, address: int, size: int = 1) -> bool:
        """Whether the file has something for all of these addresses."""
        return any(s.address <= address and address + size <= s.end for s in self._elf.loaded)

    def find_word(self, value: int) -> Iterator[int]:
        """Addresses in data that hold this pointer."""
        for segment in self._elf.loaded:
            if segment.writable:
                yield from self._find_in(segment, value)
        if self._relocations is not None:
            yield from self._relocations.find(value)

    def _find_in(self, segment: Segment, value: int) -> Iterator[int]:
        end = segment.offset + segment.size
        for at in self._source.find(struct.pack("<Q", value), segment.offset, end):
            address = at - segment.offset + segment.address
            if address % _POINTER == 0:
                yield address

    def _block(self, number: int) -> bytes:
        block = self._blocks.get(number)
        if block is None:
            if len(self._blocks) >= _KEPT:
                self._blocks.clear()  # what is needed comes back; plainer than to know what is old
            block = self._blocks[number] = self._read_block(number)
        return block

    def _read_block(self, number: int) -> bytes:
        """A block of memory; parts of it that no segment covers are zeros."""
        start, end = number * _BLOCK, (number + 1) * _BLOCK
        block = bytearray(_BLOCK)
        covered = False
        for segment in self._elf.loaded:
            first, last = max(segment.address, start), min(segment.end, end)
            if first < last:
                offset = segment.offset + first - segment.address
                block[first - start : last - start] = self._source.read(offset, last - first)
                covered = True
        if not covered:
            raise BinaryError(Reason.CORRUPT, f"nothing is loaded at {start:#x}")
        if self._relocations is not None:
            self._relocate(block, start, self._relocations)
        return bytes(block)

    @staticmethod
    def _relocate(block: bytearray, start: int, relocations: Relocations) -> None:
        for address, value in relocations.within(start, start + _BLOCK - _POINTER + 1):
            struct.pack_into("<Q", block, address - start, value)

"""What the runtime knows of its program: where code and types begin, which types there are.

The runtime's moduledata (runtime/symtab.go). Its begin has not changed since Go 1.18, its end has.
It has no name in a stripped program, but its first word points to the table of functions.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from nodeagent.binary.elf import Elf
from nodeagent.binary.errors import BinaryError, Reason
from nodeagent.binary.memory import Memory
from nodeagent.binary.pclntab import Table

_SIZE = 432
_ROWS = 128  # the slice of rows of the table of functions
_CODE = struct.Struct("<4Q")  # at _CODE_AT: minpc, maxpc, text, etext
_CODE_AT = 160
_SLICE = struct.Struct("<3Q")
_MOST = 1 << 20
_MOST_PLACES = 64


@dataclass(frozen=True, slots=True)
class Layout:
    """Offsets within moduledata since a version of Go."""

    since: tuple[int, int]
    types: int
    etypes: int
    links: int | None
    """The slices of typelinks and itablinks; None where types and itabs stand side by side."""


_LAYOUTS = (
    Layout((1, 27), 296, 312, None),
    Layout((1, 26), 296, 304, 360),
    Layout((1, 20), 296, 304, 352),
    Layout((1, 18), 280, 288, 336),
)
_DESCRIPTORS, _ITABS = 304, 320  # typedesclen; itaboffset and itabsize, since 1.27


@dataclass(frozen=True, slots=True)
class Module:
    """Addresses in a program; ranges are of addresses.

    `type_links` is where the offsets of types are listed. A program since Go 1.27 has
    `descriptors` instead: one beside the other.
    """

    address: int
    text: int
    types: range
    type_links: range = range(0)
    descriptors: range = range(0)


def module(memory: Memory, elf: Elf, table: Table, version: tuple[int, int]) -> Module:
    """What belongs to a table of functions. Raises BinaryError where nothing does."""
    layout = next((known for known in _LAYOUTS if version >= known.since), None)
    if layout is None:
        raise BinaryError(Reason.UNSUPPORTED, f"Go {version[0]}.{version[1]} is older than 1.18")
    for address in islice(_places(memory, elf, table), _MOST_PLACES):
        found = _read(memory, address, table, layout)
        if found:
            return found
    raise BinaryError(Reason.NO_MODULE, "nothing points to the table of functions as it should")


def _places(memory: Memory, elf: Elf, table: Table) -> Iterator[int]:
    section = elf.sections.get(".go.module")  # since 1.26
    if section:
        yield section.address
    yield from memory.find_word(table.address)


def _read(memory: Memory, address: int, table: Table, layout: Layout) -> Module | None:
    if not memory.holds(address, _SIZE):
        return None
    data = memory.read(address, _SIZE)
    _, count, _ = _SLICE.unpack_from(data, _ROWS)
    low, high, text, end = _CODE.unpack_from(data, _CODE_AT)
    types, etypes = _word(data, layout.types), _word(data, layout.etypes)
    if count != table.count + 1 or not text <= low < high <= end:
        return None
    if not types < etypes or not memory.holds(types, etypes - types):
        return None
    if layout.links is None:
        return _side_by_side(data, address, text, range(types, etypes))
    return _listed(memory, data, Module(address, text, range(types, etypes)), layout.links)


def _side_by_side(data: bytes, address: int, text: int, types: range) -> Module | None:
    descriptors = range(types.start, types.start + _word(data, _DESCRIPTORS))
    start = types.start + _word(data, _ITABS)
    itabs = range(start, start + _word(data, _ITABS + 8))
    if max(descriptors.stop, itabs.stop) > types.stop:
        return None
    return Module(address, text, types, descriptors=descriptors)


def _listed(memory: Memory, data: bytes, found: Module, at: int) -> Module | None:
    types = _list(memory, data, at, 4)
    itabs = _list(memory, data, at + _SLICE.size, 8)
    if types is None or itabs is None:
        return None
    return replace(found, type_links=types)


def _list(memory: Memory, data: bytes, at: int, size: int) -> range | None:
    """The addresses that a slice has its elements at."""
    start, count, room = _SLICE.unpack_from(data, at)
    if count != room or count > _MOST or (count and not memory.holds(start, count * size)):
        return None
    return range(start, start + count * size, size)


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")

"""Type descriptors: what a Go program says of its own types, for interfaces and reflection.

abi.Type and what follows it by kind (internal/abi/type.go; runtime/type.go before Go 1.21). They
stay when a program is stripped. Sizes and offsets are in bytes.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from nodeagent.binary.errors import BinaryError, Reason
from nodeagent.binary.memory import Memory
from nodeagent.binary.module import Module

_HEAD = struct.Struct("<20xB2xB16xi4x")  # flags, kind, name
_UNCOMMON = struct.Struct("<iHHI4x")  # package path, number of methods
_COUNT = struct.Struct("<8xQ8x")  # of a slice
_ARGUMENTS = struct.Struct("<HH")
_FIELD = struct.Struct("<3Q")  # name, type, offset
_HAS_UNCOMMON, _EXTRA_STAR, NAMED = 1, 2, 4
_KINDS = 31
_VARIADIC = 1 << 15
_LIST_AT = 56  # the slice of a struct's fields, of an interface's methods
_METHOD, _INTERFACE_METHOD, _ARGUMENT = 16, 8, 8
_MOST_FIELDS = 4096
_LONGEST_NAME = 64 << 10
_SHORT = 64  # bytes that hold most names


class Kind(IntEnum):
    """Kinds that are told apart here, by reflect's numbers; all others are numbers and strings."""

    OTHER = 0
    ARRAY = 17
    CHANNEL = 18
    FUNCTION = 19
    INTERFACE = 20
    MAP = 21
    POINTER = 22
    SLICE = 23
    STRUCT = 25


_BY_NUMBER = {int(kind): kind for kind in Kind}
_SIZES = {
    Kind.OTHER: _HEAD.size,
    Kind.ARRAY: 72,
    Kind.CHANNEL: 64,
    Kind.FUNCTION: 56,
    Kind.INTERFACE: 80,
    Kind.POINTER: 56,
    Kind.SLICE: 56,
    Kind.STRUCT: 80,
}
_ELEMENT_AT = {Kind.MAP: 56} | dict.fromkeys(
    (Kind.ARRAY, Kind.CHANNEL, Kind.POINTER, Kind.SLICE), _HEAD.size
)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One type: `name` with the package's own name in front: `http.Request`.

    `named` tells types with a name from those that are spelled out: `map[string][]string`.
    """

    address: int
    kind: Kind
    name: str
    named: bool
    uncommon: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a struct; `type` is the address of its type's descriptor."""

    name: str
    type: int
    offset: int


class Descriptors:
    """The type descriptors of a program. Everything raises BinaryError where they are amiss."""

    def __init__(self, memory: Memory, module: Module, map_size: int) -> None:
        self._memory = memory
        self._types = module.types
        self._sizes = _SIZES | {Kind.MAP: map_size}

    def at(self, address: int) -> Descriptor:
        """The descriptor at an address."""
        if address not in self._types:
            raise BinaryError(Reason.CORRUPT, f"no type at {address:#x}")
        flags, number, name = _HEAD.unpack(self._memory.read(address, _HEAD.size))
        text = self._named(name)[bool(flags & _EXTRA_STAR) :]
        kind = _BY_NUMBER.get(number & _KINDS, Kind.OTHER)
        named, uncommon = bool(flags & NAMED), bool(flags & _HAS_UNCOMMON)
        return Descriptor(address, kind, text, named, uncommon)

    def package(self, type_: Descriptor) -> str:
        """The import path of a named type's package; empty of `error` and the like."""
        if not type_.uncommon:
            return ""
        at = type_.address + self._sizes[type_.kind]
        path, *_ = _UNCOMMON.unpack(self._memory.read(at, _UNCOMMON.size))
        return self._named(path) if path else ""

    def element(self, type_: Descriptor) -> int | None:
        """The address of the type that an array, channel, map, pointer or slice is of."""
        at = _ELEMENT_AT.get(type_.kind)
        return None if at is None else self._memory.word(type_.address + at)

    def parts(self, type_: Descriptor) -> Sequence[int]:
        """The addresses of the types that a type is made of; a function's arguments are not."""
        element = self.element(type_)
        if element is not None:
            return (element,)
        return [part for _, part, _ in self._rows(type_)] if type_.kind is Kind.STRUCT else ()

    def fields(self, type_: Descriptor) -> tuple[Field, ...]:
        """The fields of a struct; none of any other type."""
        if type_.kind is not Kind.STRUCT:
            return ()
        rows = self._rows(type_)
        return tuple(Field(self._text(name), part, offset) for name, part, offset in rows)

    def length(self, type_: Descriptor) -> int:
        """The bytes that a descriptor takes with all that follows it."""
        size = self._sizes[type_.kind]
        if type_.kind is Kind.STRUCT:
            size += self._count(type_) * _FIELD.size
        elif type_.kind is Kind.INTERFACE:
            size += self._count(type_) * _INTERFACE_METHOD
        elif type_.kind is Kind.FUNCTION:
            data = self._memory.read(type_.address + _HEAD.size, _ARGUMENTS.size)
            taken, given = _ARGUMENTS.unpack(data)
            size += (taken + given % _VARIADIC) * _ARGUMENT
        if type_.uncommon:
            at = type_.address + self._sizes[type_.kind]
            _, methods, *_ = _UNCOMMON.unpack(self._memory.read(at, _UNCOMMON.size))
            size += _UNCOMMON.size + methods * _METHOD
        return size

    def _count(self, type_: Descriptor) -> int:
        at = type_.address + _LIST_AT
        return int(_COUNT.unpack(self._memory.read(at, _COUNT.size))[0])

    def _rows(self, type_: Descriptor) -> Iterator[tuple[int, int, int]]:
        """Name, type and offset of each field of a struct."""
        count = self._count(type_)
        if count > _MOST_FIELDS:
            raise BinaryError(Reason.TOO_LARGE, f"{type_.name} has {count} fields")
        start = self._memory.word(type_.address + _LIST_AT)
        return _FIELD.iter_unpack(self._memory.read(start, count * _FIELD.size))

    def _named(self, offset: int) -> str:
        return self._text(self._types.start + offset)

    def _text(self, address: int) -> str:
        """A name: a byte of flags, its length as Go's varint, itself."""
        head = self._memory.read(address, _SHORT)
        size, start = head[1] & 0x7F, 2
        while head[start - 1] >= 0x80 and start < 4:  # noqa: PLR2004
            size, start = size | (head[start] & 0x7F) << 7 * (start - 1), start + 1
        if size > _LONGEST_NAME:
            raise BinaryError(Reason.TOO_LARGE, f"a name of {size} bytes")
        data = head if start + size <= _SHORT else self._memory.read(address, start + size)
        return data[start : start + size].decode(errors="replace")

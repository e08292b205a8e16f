"""How a map's keys and elements lie in memory: Go's map since 1.24 ("Swiss"), and the one before.

MapType in internal/abi (map.go, map_swiss.go in 1.24 and 1.25, type.go before).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from nodeagent.binary.memory import Memory

_SLOTS = 8  # in a group as in a bucket, and one byte of control for each, in front
_POINTER = 8
_AT = 80  # behind the head and pointers to key, element, group and hash function


@dataclass(frozen=True, slots=True)
class MapLayout:
    """A group of slots, or an old map's bucket. Sizes and offsets are in bytes.

    It begins with a byte of control for each of its `slots`. Key `i` is at `keys + i * key_stride`,
    its element at `elements + i * element_stride`; where they are indirect, a pointer is there. An
    old bucket points to the next one at `overflow`.
    """

    group_size: int
    keys: int
    key_stride: int
    elements: int
    element_stride: int
    indirect_key: bool
    indirect_element: bool
    overflow: int | None = None
    slots: int = _SLOTS

    @property
    def swiss(self) -> bool:
        """Whether it is a map of Go 1.24 or newer: groups instead of buckets."""
        return self.overflow is None


@dataclass(frozen=True, slots=True)
class Format:
    """How map types are described since a version of Go: in how many bytes, and how to read it."""

    since: tuple[int, int]
    size: int
    read: Callable[[bytes], MapLayout]


def layout(memory: Memory, address: int, format_: Format) -> MapLayout:
    """The layout of the map type whose descriptor is at an address. Raises BinaryError."""
    return format_.read(memory.read(address, format_.size)[_AT:])


def chosen(version: tuple[int, int], toolchain: str) -> Format:
    """The format of a version; a toolchain says so in its name where Swiss maps were off."""
    known = _FORMATS[-1:] if _WITHOUT_SWISS in toolchain else _FORMATS
    return next((format_ for format_ in known if version >= format_.since), known[-1])


def _strides(data: bytes) -> MapLayout:
    group, keys, key, elements, element, _, flags = struct.unpack("<6QI4x", data)
    return MapLayout(group, keys, key, elements, element, *_swiss(flags))


def _pairs(data: bytes) -> MapLayout:
    group, slot, element, flags = struct.unpack("<3QI4x", data)
    return MapLayout(group, _SLOTS, slot, _SLOTS + element, slot, *_swiss(flags))


def _buckets(data: bytes) -> MapLayout:
    key, element, bucket, flags = struct.unpack("<BBHI", data)
    indirect = (bool(flags & 1), bool(flags & 2))
    elements, overflow = _SLOTS * (1 + key), bucket - _POINTER
    return MapLayout(bucket, _SLOTS, key, elements, element, *indirect, overflow)


def _swiss(flags: int) -> tuple[bool, bool]:
    """Whether keys and elements are indirect."""
    return bool(flags & 4), bool(flags & 8)


_FORMATS = (
    Format((1, 27), 136, _strides),
    Format((1, 24), 112, _pairs),
    Format((1, 18), 88, _buckets),
)
_WITHOUT_SWISS = "noswissmap"  # GOEXPERIMENT, until 1.25

"""Where the running kernel keeps what, by its own description: https://docs.kernel.org/bpf/btf.html."""

import struct
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from nodeagent.kernel.errors import KernelError

KERNEL = Path("/sys/kernel/btf/vmlinux")

# Magic, version, flags, size of the header; place and size of the types and of the names behind it.
_HEADER = struct.Struct("=HBBIIIII")
_MAGIC = 0xEB9F
# A type: the place of its name; its kind, and how many parts it has; its size, or another type.
_TYPE = struct.Struct("=III")
_MEMBER = struct.Struct("=III")  # name, type, offset in bits
_STRUCT = 4
_BITS = 0xFFFFFF  # of an offset: above may be a bit field's size

# By kind: the bytes behind a type, and those of each of its parts.
_BEHIND = {
    **dict.fromkeys((2, 7, 8, 9, 10, 11, 12, 16, 18), (0, 0)),
    **dict.fromkeys((1, 14, 17), (4, 0)),
    3: (12, 0),
    **dict.fromkeys((_STRUCT, 5, 15, 19), (0, 12)),
    **dict.fromkeys((6, 13), (0, 8)),
}


def offsets(wanted: Collection[tuple[str, str]], file: Path = KERNEL) -> Mapping[str, int]:
    """Bytes in front of members of structs, by the member. Raises KernelError.

    `wanted` are pairs of a struct and its member.
    """
    try:
        found = dict(_members(file.read_bytes(), wanted))
    except OSError as error:
        raise KernelError(f"{file}: {error.strerror}") from error
    except (struct.error, KeyError, ValueError) as error:
        raise KernelError(f"{file}: not understood") from error
    for type_, member in wanted:
        if member not in found:
            raise KernelError(f"{file}: no {member} in struct {type_}")
    return found


def _members(data: bytes, wanted: Collection[tuple[str, str]]) -> Iterator[tuple[str, int]]:
    magic, _, _, header, types, size, names, length = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise ValueError
    text = data[header + names : header + names + length]
    structs = {_place(text, type_): type_ for type_, _ in wanted}
    for name, at, count in _structs(data, header + types, header + types + size):
        if name in structs:
            within = {_place(text, one): one for type_, one in wanted if type_ == structs[name]}
            members = _MEMBER.iter_unpack(data[at : at + count * _MEMBER.size])
            yield from ((within[n], (bits & _BITS) // 8) for n, _, bits in members if n in within)


def _structs(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Of every struct the place of its name and of its members, and how many they are."""
    unpack, size, behind = _TYPE.unpack_from, _TYPE.size, _BEHIND
    while at < end:
        name, info, _ = unpack(data, at)
        at += size
        kind, count = info >> 24 & 31, info & 0xFFFF
        if kind == _STRUCT:
            yield name, at, count
        fixed, part = behind[kind]
        at += fixed + part * count


def _place(text: bytes, name: str) -> int:
    """Where a name lies: each is there once. Raises ValueError where it is not."""
    return text.index(b"\0" + name.encode() + b"\0") + 1

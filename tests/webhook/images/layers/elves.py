"""ELF files, made of as much as is read of them."""

import struct

NOTE_OF_GO = struct.pack("<III", 4, 8, 4) + b"Go\0\0" + b"abcdefgh"
_LOAD, _INTERPRETER, _NOTE = 1, 3, 4
_DATA_AT = 0x4000


def elf(
    *,
    interpreter: str | None = None,
    note: bytes = b"",
    names: bytes = b"",
    data: bytes = b"",
    data_at: int = _DATA_AT,
    machine: int = 62,
    wide: bool = True,
    order: str = "<",
) -> bytes:
    """An ELF file. `names` stand in front of its code, as `.dynstr` does; `data` is writable."""
    parts = {0x400: interpreter.encode() + b"\0" if interpreter else b"", 0x500: note, 0x600: names}
    segments = [(_LOAD, 4, 0, 0x2000), (_LOAD, 5, 0x2000, 0x100)]
    if interpreter:
        segments.append((_INTERPRETER, 4, 0x400, len(interpreter) + 1))
    if note:
        segments.append((_NOTE, 4, 0x500, len(note)))
    if data:
        segments.append((_LOAD, 6, data_at, len(data)))
        parts[data_at] = data
    content = bytearray(max(0x2100, *(at + len(part) for at, part in parts.items())))
    for at, part in parts.items():
        content[at : at + len(part)] = part
    head = _header(len(segments), machine, wide=wide, order=order)
    head += b"".join(_segment(*segment, wide=wide, order=order) for segment in segments)
    content[: len(head)] = head
    return bytes(content)


def build_information(version: str = "go1.26.1", path: str = "example.com/orders") -> bytes:
    """Go's build information as its linker writes it since Go 1.18."""
    text = f"path\t{path}\nmod\t{path}\t(devel)\t\n".encode()
    information = bytes(range(16)) + text + bytes(range(16))
    return (
        b"\xff Go buildinf:\x08\x02".ljust(32, b"\0")
        + _varint(len(version))
        + version.encode()
        + _varint(len(information))
        + information
    )


def _header(count: int, machine: int, *, wide: bool, order: str) -> bytes:
    identity = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    size, row = (64, 56) if wide else (52, 32)
    layout = order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH")
    return identity + struct.pack(
        layout, 2, machine, 1, 0x2000, size, 0, 0, size, row, count, 0, 0, 0
    )


def _segment(kind: int, flags: int, at: int, size: int, *, wide: bool, order: str) -> bytes:
    if wide:
        return struct.pack(order + "IIQQQQQQ", kind, flags, at, at, at, size, size, 0x1000)
    return struct.pack(order + "IIIIIIII", kind, at, at, at, size, size, flags, 0x1000)


def _varint(number: int) -> bytes:
    found = b""
    while number >= 0x80:
        found += bytes([number & 0x7F | 0x80])
        number >>= 7
    return found + bytes([number])

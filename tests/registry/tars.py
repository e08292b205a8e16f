"""Tar archives with exactly the headers that a test wants, sound or not."""

from registry.tar import BLOCK

FILE, HARDLINK, SYMLINK, DIRECTORY = b"0", b"1", b"2", b"5"
PAX, PAX_GLOBAL, LONG_NAME, LONG_TARGET, SPARSE = b"x", b"g", b"L", b"K", b"S"
END = bytes(2 * BLOCK)


def entry(
    name: bytes,
    content: bytes = b"",
    *,
    flag: bytes = FILE,
    target: bytes = b"",
    size: int | None = None,
    prefix: bytes = b"",
    mode: bytes = b"0000644\0",
    magic: bytes = b"ustar\x0000",
) -> bytes:
    """A header and its content, padded; `size` may lie."""
    length = len(content) if size is None else size
    block = bytearray(BLOCK)
    block[0 : len(name)] = name
    block[100:108] = mode
    block[124:136] = f"{length:011o}\0".encode()
    block[148:156] = b" " * 8
    block[156:157] = flag
    block[157 : 157 + len(target)] = target
    block[257:265] = magic
    block[345 : 345 + len(prefix)] = prefix
    return signed(block) + padded(content)


def signed(block: bytes | bytearray) -> bytes:
    """A header block with its checksum."""
    sealed = bytearray(block)
    sealed[148:156] = b" " * 8
    sealed[148:156] = f"{sum(sealed):06o}\0 ".encode()
    return bytes(sealed)


def padded(content: bytes) -> bytes:
    """Content up to the next block."""
    return content + bytes(-len(content) % BLOCK)


def record(key: bytes, value: bytes) -> bytes:
    """One record of a pax header, which counts its own length."""
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest)
    while len(str(length).encode() + rest) != length:
        length += 1
    return str(length).encode() + rest


def pax(**records: bytes) -> bytes:
    """A pax header; `__` in a keyword is a dot."""
    content = b"".join(
        record(key.replace("__", ".").encode(), value) for key, value in records.items()
    )
    return entry(b"PaxHeader", content, flag=PAX)

"""Single headers, records and paths of tar archives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import tar
from registry.errors import Malformed
from tests.registry.tars import DIRECTORY, FILE, HARDLINK, SYMLINK, entry, record, signed


def read(block: bytes) -> tar.Header:
    """The header in a block that has one."""
    found = tar.header(block[: tar.BLOCK])
    assert found is not None
    return found


def test_header() -> None:
    """Name, size, mode and target are those of the block."""
    found = read(entry(b"usr/bin/java", b"x" * 700, mode=b"0100755\0"))

    assert found == tar.Header(FILE, b"usr/bin/java", b"", 700, 0o755, is_continued=False)


@pytest.mark.parametrize(
    ("block", "kind"),
    [
        (entry(b"a"), "file"),
        (entry(b"a", flag=b"\0"), "file"),
        (entry(b"a", flag=b"7"), "file"),
        (entry(b"a", flag=b"?"), "file"),
        (entry(b"a/", flag=b"\0"), "directory"),
        (entry(b"a", flag=DIRECTORY), "directory"),
        (entry(b"a", flag=SYMLINK, target=b"b"), "symlink"),
        (entry(b"a", flag=HARDLINK, target=b"b"), "hardlink"),
        (entry(b"a", flag=b"3"), "other"),
        (entry(b"a", flag=b"6"), "other"),
    ],
    ids=["0", "nul", "7", "?", "slash", "5", "2", "1", "3", "6"],
)
def test_kinds(block: bytes, kind: str) -> None:
    """Flags are kinds; those that nobody knows are files."""
    assert read(block).kind == kind


def test_kinds_without_content() -> None:
    """A link has no content, whatever its size says: the next header follows at once."""
    assert read(entry(b"a", flag=SYMLINK, size=1000)).size == 0


def test_prefix() -> None:
    """Long names are split in two; in GNU's form those bytes mean something else."""
    assert read(entry(b"b", prefix=b"a" * 150)).name == b"a" * 150 + b"/b"
    assert read(entry(b"b", prefix=b"a", magic=b"ustar  \0")).name == b"b"


def test_zeros() -> None:
    """A block of zeros is no header."""
    assert tar.header(bytes(512)) is None


def test_large_sizes() -> None:
    """Sizes over 8 GiB are binary."""
    block = bytearray(entry(b"a")[:512])
    block[124:136] = b"\x80" + (1 << 40).to_bytes(11)

    assert read(signed(block)).size == 1 << 40


def test_signed_checksums() -> None:
    """Archivers that summed signed bytes are understood."""
    block = bytearray(entry("é".encode())[:512])
    block[148:156] = b" " * 8
    total = sum(byte - 256 if byte > 127 else byte for byte in block)
    block[148:156] = f"{total:06o}\0 ".encode()

    assert read(bytes(block)).name == "é".encode()


@pytest.mark.parametrize(
    "block",
    [
        b"<html>" + bytes(506),
        entry(b"a")[:100],
        entry(b"a")[:511] + b"\1",
        signed(bytearray(entry(b"a")[:124] + b"x" * 12 + entry(b"a")[136:512])),
        signed(bytearray(entry(b"a")[:124] + b"\xff" * 12 + entry(b"a")[136:512])),
        signed(bytearray(entry(b"a")[:124] + b"\x80" + b"\xff" * 11 + entry(b"a")[136:512])),
        signed(bytearray(entry(b"a")[:124] + b"-0000000001\0" + entry(b"a")[136:512])),
    ],
    ids=["html", "short", "checksum", "octal", "negative", "huge", "minus"],
)
def test_refused(block: bytes) -> None:
    """What is no header, or has numbers without sense, is a fault."""
    with pytest.raises(Malformed):
        tar.header(block)


def test_records() -> None:
    """Records count their own bytes; values may have any but a key's `=`."""
    data = record(b"path", b"a=b\nc") + record(b"comment", "é".encode()) + record(b"x", b"")

    assert tar.records(data) == {b"path": b"a=b\nc", b"comment": "é".encode(), b"x": b""}


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        b"9999 path=a\n",
        b"5 a=b\n",
        b"7 path\n",
        b"-6 a=b\n",
        b"0 a=b\n",
        b"99999999999999999999999999 a=b\n",
        b" a=b\n",
    ],
)
def test_records_refused(data: bytes) -> None:
    """Records that do not add up are a fault."""
    with pytest.raises(Malformed):
        tar.records(data)


@given(st.dictionaries(st.from_regex(rb"[a-zA-Z.]{1,10}", fullmatch=True), st.binary(max_size=90)))
def test_records_round_trip(values: dict[bytes, bytes]) -> None:
    """What is written is read again."""
    assert tar.records(b"".join(record(key, value) for key, value in values.items())) == values


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (b"usr/bin/java", "usr/bin/java"),
        (b"./usr//bin/./java", "usr/bin/java"),
        (b"/usr/bin/java", "usr/bin/java"),
        (b"//usr/bin/java", "usr/bin/java"),
        (b"a/../b", "b"),
        (b"app/", "app"),
        (b"./", ""),
        (b"/", ""),
        (b"", ""),
        (b"..", None),
        (b"../etc/passwd", None),
        (b"a/../../etc/passwd", None),
        (b"/../etc/passwd", None),
        (b"..data", "..data"),
        (b"a\0b", None),
        (b"x" * 4096, "x" * 4096),
        (b"x" * 4097, None),
        (b"caf\xe9", "caf�"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_path(name: bytes, expected: str | None) -> None:
    """Paths start below the root; what leads out of it, or is longer than any, has none."""
    assert tar.path(name) == expected


@given(st.binary(max_size=60))
def test_any_name_is_survived(name: bytes) -> None:
    """A path never leads out, and can be written as UTF-8."""
    found = tar.path(name)
    if found is not None:
        assert not found.startswith("/")
        assert ".." not in found.split("/")
        found.encode()


@given(st.binary(min_size=512, max_size=512))
def test_any_block_is_survived(block: bytes) -> None:
    """With a right checksum any block is a header or a fault."""
    try:
        found = tar.header(signed(block))
    except Malformed:
        return
    assert found is not None
    assert found.size >= 0


@given(st.binary(max_size=80))
def test_any_records_are_survived(data: bytes) -> None:
    """Bytes are records or a fault."""
    try:
        found = tar.records(data)
    except Malformed:
        return
    assert isinstance(found, dict)

"""Headers of tar archives: ustar, GNU and pax, as Go's archive/tar reads them for containerd.

The standard library's tarfile keeps every member, and reads a name as long as the archive says;
here a header is 512 bytes in and a value out, and whoever reads the archive sets the bounds.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from registry.errors import Malformed

BLOCK: Final = 512
LONGEST_PATH: Final = 4096
"""PATH_MAX: no runtime can unpack more. With it the entry's name is as good as none."""

Kind = Literal["file", "directory", "symlink", "hardlink", "other"]

_KINDS: Mapping[bytes, Kind] = {
    b"1": "hardlink",
    b"2": "symlink",
    b"3": "other",
    b"4": "other",
    b"5": "directory",
    b"6": "other",
}
_ZERO: Final = bytes(BLOCK)
_CHECKSUM: Final = slice(148, 156)
_BLANK: Final = sum(b" " * 8)
_ASCII: Final = bytes(range(128))
_SPARSE: Final = b"GNU.sparse."
_LARGEST: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Header:
    """One header block. `size`: bytes of content that follow it, before padding."""

    flag: bytes
    name: bytes
    target: bytes
    size: int
    mode: int
    is_continued: bool
    """Further blocks with a sparse file's map follow (GNU's old form)."""

    @property
    def kind(self) -> Kind:
        """What the entry is; flags that nobody knows are files, as the standard says."""
        if self.flag in _KINDS:
            return _KINDS[self.flag]
        return "directory" if self.name.endswith(b"/") else "file"


def header(block: bytes) -> Header | None:
    """The header in a block; None for a block of zeros. Raises Malformed."""
    if block == _ZERO:
        return None
    if len(block) != BLOCK:
        raise Malformed("the layer's archive breaks off in a header")
    _check(block)
    flag = block[156:157]
    magic = block[257:265]
    name = _text(block[0:100])
    if magic == b"ustar\x0000" and (prefix := _text(block[345:500])):
        name = prefix + b"/" + name
    return Header(
        flag=flag,
        name=name,
        target=_text(block[157:257]),
        # Go takes no content for kinds that have none, whatever their size says.
        size=0 if flag in _KINDS else _number(block[124:136]),
        mode=_number(block[100:108]) & 0o7777,
        is_continued=flag == b"S" and block[482] != 0,
    )


def records(data: bytes) -> dict[bytes, bytes]:
    """The records of a pax header, each `<length> <key>=<value>` and a line's end.

    Raises Malformed.
    """
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 20)
        length = data[at:space] if space > 0 else b""
        if not length.isdigit():
            raise Malformed("the layer's archive has a pax header without sense")
        end = at + int(length)
        record = data[space + 1 : end]
        key, equals, value = record[:-1].partition(b"=")
        if end > len(data) or not record.endswith(b"\n") or not equals:
            raise Malformed("the layer's archive has a pax header without sense")
        found[key] = value
        at = end
    return found


def size(value: bytes) -> int:
    """A size in a pax record. Raises Malformed."""
    if not value.isdigit() or len(value) > 19 or int(value) > _LARGEST:  # noqa: PLR2004
        raise Malformed("the layer's archive has a size without sense")
    return int(value)


def is_sparse(found: Mapping[bytes, bytes]) -> bool:
    """Whether pax records say that the content is a map and what lies between holes."""
    return any(key.startswith(_SPARSE) for key in found)


def path(name: bytes) -> str | None:
    """The path from the root, without leading slash: `usr/bin/java`. "" is the root itself.

    None where it has no place below the root, or is longer than any path. What is not UTF-8 is
    replaced: names are compared and shown, never opened.
    """
    if len(name) > LONGEST_PATH or b"\0" in name:
        return None
    text = posixpath.normpath(name.decode(errors="replace").lstrip("/") or ".")
    if text == ".." or text.startswith("../"):
        return None
    return "" if text == "." else text


def _check(block: bytes) -> None:
    told = _number(block[_CHECKSUM])
    found = sum(block) - sum(block[_CHECKSUM]) + _BLANK
    # Old archivers summed the bytes as signed ones.
    if told != found and told != found - 256 * len(block.translate(None, _ASCII)):
        raise Malformed("the layer is no tar archive, or its header is damaged")


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _number(field: bytes) -> int:
    """Octal text, or a large number in binary (GNU)."""
    if field[0] & 0x80:
        number = int.from_bytes(bytes([field[0] & 0x7F]) + field[1:])
        if field[0] & 0x40 or number > _LARGEST:
            raise Malformed("the layer's archive has a number without sense")
        return number
    digits = field.strip(b" \0").partition(b"\0")[0].rstrip(b" ")
    if digits.translate(None, b"01234567"):  # what is left is no octal digit
        raise Malformed("the layer's archive has a number without sense")
    return int(digits, 8) if digits else 0

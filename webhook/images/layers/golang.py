"""What Go's linker leaves in a program: a note near its beginning, build information in its data.

The note is `.note.go.buildid` (cmd/link, `elf.go`); the format of the build information is that of
Go's package debug/buildinfo, as it is written since Go 1.18.
"""

import re
from dataclasses import dataclass

from webhook.images import versions
from webhook.images.layers.elf import Header

MAGIC = b"\xff Go buildinf:"
_ALIGNMENT = 16
_HEADER = 32
_INLINE = 2  # the flag of strings that stand in the header's place; before 1.18 there are addresses
_SENTINEL = 16  # bytes on either side of the module information
_OWNER = (b"Go\0\0", 4)
_SEARCHED = 64 << 10
"""How much of the data Go's own reader searched until 1.21; the linker puts it at the front."""
_LONGEST = 256 << 10
_VERSION = re.compile(r"(?:go|devel go)?(\d+\.\d+(?:\.\d+)?)")
_PATH = re.compile(r"^path\t(\S+)$", re.MULTILINE)
_MODULE = re.compile(r"^mod\t(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Build:
    """`version` of the Go toolchain; `path` of the main package, `module` that it belongs to."""

    version: str | None = None
    path: str | None = None
    module: str | None = None


def build(head: bytes, header: Header) -> Build | None:
    """What a program's first bytes say of its build; None where nothing says that it is Go's."""
    at = _position(head, header)
    if at is not None:
        return _information(head, at)
    if _OWNER in header.notes or ".go.buildinfo" in header.sections:
        return Build()
    return None


def texts(data: bytes, at: int = 0) -> tuple[str, str] | None:
    """The toolchain's name for itself and the module information, lines of words with tabs between.

    The build information is at a place of `data`. None of one that only points to its texts.
    """
    if data[at + 15 : at + 16] == b"" or not data[at + 15] & _INLINE:
        return None
    version, behind = _string(data, at + _HEADER)
    information, _ = _string(data, behind)
    text = information[_SENTINEL:-_SENTINEL]
    return version.decode(errors="replace"), text.decode(errors="replace")


def read(version: str, text: str) -> Build:
    """What `texts` say, told apart."""
    number = _VERSION.match(version)
    path, module = _PATH.search(text), _MODULE.search(text)
    return Build(
        versions.normalise("go", number[1]) if number else None,
        path[1][: _HEADER * 8] if path else None,
        module[1][: _HEADER * 8] if module else None,
    )


def reach(header: Header) -> int:
    """How many of a program's first bytes it takes to find its build information."""
    return max((s.offset + min(s.size, _SEARCHED) for s in header.data), default=0)


def _position(head: bytes, header: Header) -> int | None:
    for segment in header.data:
        end = min(segment.offset + _SEARCHED, segment.offset + segment.size, len(head))
        at = head.find(MAGIC, segment.offset, end)
        while at >= 0 and (at - segment.offset) % _ALIGNMENT:
            at = head.find(MAGIC, at + 1, end)
        if at >= 0:
            return at
    return None


def _information(head: bytes, at: int) -> Build:
    found = texts(head, at)
    return read(*found) if found else Build()


def _string(head: bytes, at: int) -> tuple[bytes, int]:
    """The string at a place, with its length in front as Go's varint, and the place behind it."""
    size = shift = 0
    for byte in head[at : at + 5]:
        at += 1
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004
            break
    else:
        return b"", at
    size = min(size, _LONGEST)
    return head[at : at + size], at + size

"""A tar archive on its way in: one entry after the other, and the beginning of a file on demand.

Nothing is kept: what is held at any time is a piece of the stream, one entry's names, and as much
of a file as was asked for.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Final

from registry import tar
from registry.errors import BudgetSpent, Malformed, TooLarge
from registry.tape import Tape
from registry.tar import BLOCK, Header, Kind

LONGEST_HEAD: Final = 8 << 20
_LONGEST_SPECIAL: Final = 1 << 20  # of a pax header or a long name, as in Go's archive/tar
_NAMES: Final = {b"L": b"path", b"K": b"linkpath"}  # GNU's long names, as pax would say them
_PAX: Final = b"x"
_SPECIAL: Final = frozenset({b"x", b"g", *_NAMES})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `path` starts below the root, without a slash; `target` is a link's, as it is."""

    path: str
    kind: Kind
    size: int
    mode: int
    target: str = ""
    is_sparse: bool = False
    """Its content is stored with holes left out, and is not given."""


@dataclass(slots=True)
class _Content:
    """What is left of the current entry's content, and its padding."""

    left: int = 0
    padding: int = 0
    head: bytes = field(default=b"")


class Archive:
    """Entries from a source of bytes, which gives b"" at its end."""

    def __init__(self, source: Callable[[], Awaitable[bytes]], entries: int) -> None:
        self._tape = Tape(source)
        self._most = entries
        self._entries = 0
        self._content = _Content()
        self._is_readable = False
        self.skipped = 0
        """Entries passed over because no file system could hold them where they want to be."""

    async def next(self) -> Entry | None:
        """The next entry; None at the archive's end. Raises Malformed, TooLarge, BudgetSpent."""
        while (found := await self._header()) is not None:
            header, said = found
            entry = _entry(header, said)
            self._is_readable = entry is not None and not entry.is_sparse
            if entry is not None:
                return entry
            self.skipped += 1
        return None

    async def head(self, size: int) -> bytes:
        """The first bytes of the current entry, fewer where it is shorter.

        May be asked again for more, up to LONGEST_HEAD bytes; raises ValueError beyond that.
        """
        if size > LONGEST_HEAD:
            raise ValueError(f"at most {LONGEST_HEAD} bytes of a file are kept")
        content = self._content
        wanted = min(size - len(content.head), content.left)
        if self._is_readable and wanted > 0:
            content.head += await self._exactly(wanted)
            content.left -= wanted
        return content.head[: max(size, 0)]

    def close(self) -> None:
        """Let go of the file that was read last."""
        self._content = _Content()
        self._is_readable = False

    async def _header(self) -> tuple[Header, dict[bytes, bytes]] | None:
        """The next entry's header, and what the special ones before it say."""
        said: dict[bytes, bytes] = {}
        while (header := await self._block()) is not None:
            if header.flag not in _SPECIAL:
                if b"size" in said and header.kind == "file":
                    header = replace(header, size=tar.size(said[b"size"]))
                self._begin(header.size)
                return header, said
            content = await self._special(header)
            if header.flag == _PAX:
                said |= tar.records(content)
            elif header.flag in _NAMES:
                said[_NAMES[header.flag]] = content.partition(b"\0")[0]
        return None

    async def _block(self) -> Header | None:
        """The next header block, whatever it is for; None at the end."""
        await self._end_content()
        block = await self._tape.take(BLOCK)
        if not block:
            return None  # archives without the two blocks of zeros exist
        header = tar.header(block)
        if header is None:
            return None
        self._entries += 1
        if self._entries > self._most:
            raise BudgetSpent(f"the layer has more than {self._most} entries")
        if header.is_continued:
            await self._pass_sparse_map()
        return header

    async def _pass_sparse_map(self) -> None:
        while (await self._exactly(BLOCK))[504]:
            pass

    async def _special(self, header: Header) -> bytes:
        if header.size > _LONGEST_SPECIAL:
            raise TooLarge(f"the layer's archive has a name of {header.size} bytes")
        self._begin(header.size)
        content = await self._exactly(header.size)
        self._content.left = 0
        return content

    def _begin(self, size: int) -> None:
        self._content = _Content(size, -size % BLOCK)

    async def _end_content(self) -> None:
        rest = self._content.left + self._content.padding
        self._content = _Content()
        if await self._tape.skip(rest) < rest:
            raise Malformed("the layer's archive breaks off in a file")

    async def _exactly(self, size: int) -> bytes:
        data = await self._tape.take(size)
        if len(data) < size:
            raise Malformed("the layer's archive breaks off")
        return data


def _entry(header: Header, said: dict[bytes, bytes]) -> Entry | None:
    """The entry as it is told; None where it cannot be unpacked."""
    is_sparse = header.flag == b"S" or tar.is_sparse(said)
    name = said.get(b"GNU.sparse.name") or said.get(b"path") or header.name
    target = said.get(b"linkpath") or header.target
    path = tar.path(name)
    if path is None or len(target) > tar.LONGEST_PATH:
        return None
    return Entry(
        path, header.kind, header.size, header.mode, target.decode(errors="replace"), is_sparse
    )

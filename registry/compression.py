"""Layers come as gzip, zstd or plain: whatever the media type says, the first bytes tell.

Each reader takes compressed pieces and gives uncompressed ones of at most `STEP` bytes, so that a
bomb is seen long before it fills memory. zstd is in the standard library from Python 3.14 on;
backports.zstd is the same module for older ones.
"""

import sys
import zlib
from typing import Final, Protocol

from registry.errors import Malformed

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

STEP: Final = 64 << 10

# Windows up to 32 MiB: zstd's levels up to 19 use 8 MiB at most, a frame may ask for 2 GiB.
_WINDOW_LOG: Final = 25
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE: Final = b"\x2a\x4d\x18"  # after a first byte 0x50 to 0x5f
MARK_BYTES: Final = 4
"""So many first bytes tell the format."""


class Reader(Protocol):
    """Compressed in, uncompressed out. Everything raises Malformed."""

    @property
    def is_complete(self) -> bool:
        """Whether the input may end here."""

    def feed(self, data: bytes) -> None:
        """Take a piece; only when `read` has given all of the one before."""

    def read(self) -> bytes:
        """Up to `STEP` bytes; empty when more input is needed."""


def reader(mark: bytes) -> Reader:
    """The reader for content that begins with `mark`, which it has to be fed with, too."""
    if mark.startswith(_GZIP):
        return Gzip()
    if mark.startswith(_ZSTD) or (
        mark[1:MARK_BYTES] == _ZSTD_SKIPPABLE and mark[0] & 0xF0 == 0x50  # noqa: PLR2004
    ):
        return Zstd()
    return Plain()


class Plain:
    """No compression."""

    is_complete = True

    def __init__(self) -> None:
        self._data = memoryview(b"")

    def feed(self, data: bytes) -> None:
        """Take a piece."""
        self._data = memoryview(data)

    def read(self) -> bytes:
        """The next part of it."""
        part, self._data = self._data[:STEP], self._data[STEP:]
        return bytes(part)


class Gzip:
    """Members one after the other, as pigz and eStargz write them; padding with zeros ends them."""

    def __init__(self) -> None:
        self._input = b""
        self._member = _member()
        self._is_begun = False

    @property
    def is_complete(self) -> bool:
        """Whether no member is broken off."""
        return not self._is_begun

    def feed(self, data: bytes) -> None:
        """Take a piece."""
        self._input = data

    def read(self) -> bytes:
        """Up to STEP bytes."""
        while True:
            if not self._is_begun:
                self._input = self._input.lstrip(b"\0")
                if not self._input:
                    return b""
                self._member, self._is_begun = _member(), True
            try:
                output = self._member.decompress(self._input, STEP)
            except zlib.error as error:
                raise Malformed(f"the layer is no sound gzip ({error})") from error
            if self._member.eof:
                self._input, self._is_begun = self._member.unused_data, False
            else:
                self._input = self._member.unconsumed_tail
            if output or self._is_begun:
                return output


def _member() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)


class Zstd:
    """Frames one after the other; skippable ones, as zstd:chunked writes them, give nothing."""

    def __init__(self) -> None:
        self._input = b""
        self._frame = _frame()
        self._is_begun = False

    @property
    def is_complete(self) -> bool:
        """Whether no frame is broken off."""
        return not self._is_begun

    def feed(self, data: bytes) -> None:
        """Take a piece."""
        self._input = data

    def read(self) -> bytes:
        """Up to STEP bytes."""
        while True:
            if not self._is_begun:
                if not self._input:
                    return b""
                self._frame, self._is_begun = _frame(), True
            data, self._input = self._input, b""
            try:
                output = self._frame.decompress(data, STEP)
            except zstd.ZstdError as error:
                raise Malformed(f"the layer is no sound zstd ({error})") from error
            if self._frame.eof:
                self._input, self._is_begun = self._frame.unused_data, False
            if output or self._is_begun:
                return output


def _frame() -> zstd.ZstdDecompressor:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG})

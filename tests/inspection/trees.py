"""Layers made of members with modes and links, and content as compressible as programs are."""

import gzip
import io
import tarfile
from collections.abc import Sequence
from functools import cache
from random import Random

from tests.registry.images import GZIP, Blob
from tests.webhook.images.layers.elves import elf
from tests.webhook.images.layers.surveys import Member

_KINDS = {"symlink": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE, "directory": tarfile.DIRTYPE}
_BLOCK = 1000
_NOISE = 400  # of each block: gzip makes 40 % of programs and libraries
_CODE = 0x2100


def layer(members: Sequence[Member]) -> Blob:
    """A gzip layer of members, in the order that builders write: by path."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for member in sorted(members, key=lambda one: one.path.split("/")):
            info = tarfile.TarInfo(member.path)
            info.mode, info.linkname = member.mode, member.target
            info.type = _KINDS.get(member.kind, tarfile.REGTYPE)
            info.size = member.size if member.kind == "file" else 0
            tar.addfile(info, io.BytesIO(member.content))
    return Blob(gzip.compress(buffer.getvalue(), 1, mtime=0), GZIP)


@cache
def _noise(seed: int) -> bytes:
    return Random(seed).randbytes(1 << 20)


def body(size: int, seed: int = 0) -> bytes:
    """Content that compresses as programs do; of one seed, the same."""
    noise = _noise(seed % 7)
    blocks = (
        noise[(at * _NOISE + seed) % (len(noise) - _NOISE) :][:_NOISE].ljust(_BLOCK, b"\0")
        for at in range(size // _BLOCK + 1)
    )
    return b"".join(blocks)[:size]


def binary(size: int, *, data: bytes = b"", **fields: bytes | str) -> bytes:
    """A program of so many bytes; its initialised `data` stands behind its code."""
    at = max(size * 65 // 100 // 16 * 16, 0x4000)
    head = elf(data=data, data_at=at, **fields)  # type: ignore[arg-type]
    code = head[:_CODE] + body(at - _CODE, size)
    return (code + data + body(max(size - at - len(data), 0), size + 1))[
        : max(size, at + len(data))
    ]


def files(folder: str, count: int, size: int, suffix: str = "") -> list[Member]:
    """Files of `size` bytes together."""
    each = size // count
    return [Member(f"{folder}/{n:05}{suffix}", content=body(each, n)) for n in range(count)]

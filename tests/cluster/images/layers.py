"""Layers: file trees of this machine as archives, kept in the per-user cache by their content."""

import hashlib
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from agents.cache import directory

Fill = Callable[[tarfile.TarFile], None]
"""Writes the content of a layer."""


@dataclass(frozen=True, slots=True)
class Layer:
    """An uncompressed archive: packing would cost more than a local import saves."""

    path: Path
    digest: str
    """`sha256:` and 64 hex digits; of the archive, and so of the content too."""
    size: int

    @classmethod
    def cached(cls, name: str, parts: Iterable[str], fill: Fill) -> Self:
        """The layer of this name and these parts; `fill` makes it on the first call.

        `parts` are whatever the content follows from.
        """
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
        path = directory().expanduser().absolute() / "layers" / f"{name}-{key}.tar"
        if not path.exists():
            _make(path, fill)
        return cls(path, _digest(path), path.stat().st_size)


def layer(name: str, trees: Mapping[str, Path]) -> Layer:
    """A layer that has, at each path of the image, this file or folder. All belongs to root."""
    return Layer.cached(name, _facts(trees), lambda tar: _add_trees(tar, trees))


def add(tar: tarfile.TarFile, source: Path, name: str) -> None:
    """Put a file, folder or link into the archive as `name`, the same one at any time."""
    tar.add(source, name, recursive=False, filter=_plain)


def _add_trees(tar: tarfile.TarFile, trees: Mapping[str, Path]) -> None:
    for place, source in trees.items():
        for path in _walk(source):
            add(tar, path, _inside(place, source, path))


def _facts(trees: Mapping[str, Path]) -> Iterator[str]:
    """Where things come to lie and what they are; enough to tell one layer from another."""
    for place, source in trees.items():
        for path in _walk(source):
            yield _inside(place, source, path)
            yield str(path.lstat().st_mode)
            yield _content(path)


def _content(path: Path) -> str:
    if path.is_symlink():
        return str(path.readlink())
    return _digest(path) if path.is_file() else ""


def _walk(source: Path) -> Iterator[Path]:
    """`source` and everything below it, folders before what is in them."""
    yield source
    if source.is_dir() and not source.is_symlink():
        for path in sorted(source.iterdir()):
            yield from _walk(path)


def _inside(place: str, source: Path, path: Path) -> str:
    return str(Path(place.lstrip("/")) / path.relative_to(source))


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Whose it was and when it was written is no part of an image."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = 0
    return entry


def _make(path: Path, fill: Fill) -> None:
    """Write beside its place and rename: what breaks off leaves nothing that looks finished."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        try:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                fill(tar)
        except BaseException:
            Path(file.name).unlink()
            raise
    Path(file.name).rename(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"

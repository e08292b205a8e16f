"""Built agents in the per-user cache, keyed by the content that they are built from."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path


def directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the cache: `$SPANHOOK_CACHE`, `$XDG_CACHE_HOME/spanhook` or `~/.cache/spanhook`."""
    own = environ.get("SPANHOOK_CACHE")
    if own:
        return Path(own)
    shared = environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "spanhook"


def key(root: Path, files: Iterable[Path], facts: Iterable[str]) -> str:
    """Return 16 hex digits over the names and contents of `files` and over `facts`."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(root)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    digest.update("\0".join(facts).encode())
    return digest.hexdigest()[:16]


def entry(name: str, make: Callable[[Path], None]) -> Path:
    """Return the cached directory `name`; `make` fills it where it is not there yet.

    It is filled beside its place and renamed: a build that breaks off leaves nothing behind, and of
    two that run at once the first one stays.
    """
    place = directory() / "agents" / name
    if place.is_dir():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=place.parent) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        make(made)
        try:
            made.rename(place)
        except OSError:
            if not place.is_dir():
                raise
    return place


def link_tree(source: Path, into: Path) -> None:
    """Make `into` hold what `source` holds, by hard links where the file system allows."""
    shutil.copytree(source, into, copy_function=_link, symlinks=True, dirs_exist_ok=True)


def _link(source: str, target: str) -> None:
    Path(target).unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)

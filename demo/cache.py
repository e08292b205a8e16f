"""The per-user cache: what was built once, under the digest of what it was built from."""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.cache import directory

_DONE = ".done"


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of finished folders."""

    root: Path

    def folder(self, name: str, parts: Iterable[str], make: Callable[[Path], None]) -> Path:
        """The folder of this name and these parts, made on the first call.

        `make` gets an empty folder, in its final place: a virtual environment cannot be moved there
        when it is done, as `agents.cache.entry` does. Where it raises, nothing is left that a later
        call would take for finished. Two processes at once make it once.
        """
        target = self.root / f"{name}-{_digest(parts)}"
        self.root.mkdir(parents=True, exist_ok=True)
        with _locked(target.with_suffix(".lock")):
            if not (target / _DONE).exists():
                shutil.rmtree(target, ignore_errors=True)
                target.mkdir()
                make(target)
                (target / _DONE).touch()
        return target


def user_cache() -> Cache:
    """The demo's part of the per-user cache."""
    return Cache(directory().expanduser().absolute() / "demo")


def contents(*paths: Path) -> Iterator[str]:
    """Name and text of every file, for a digest; folders are read with all that is in them."""
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and not _LEFT_OUT.intersection(file.relative_to(path).parts):
                yield file.name
                yield hashlib.sha256(file.read_bytes()).hexdigest()


_LEFT_OUT = frozenset({"__pycache__", "node_modules", "bin", "obj"})


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

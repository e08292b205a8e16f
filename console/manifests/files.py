"""The files that a command reads: what `-f` names, as kubectl understands it."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from console.manifests.errors import InputError, ManifestError

STDIN = "-"
SUFFIXES = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class File:
    """A file's name as a person knows it, and its text."""

    name: str
    text: str


def read_files(names: Iterable[str], *, recursive: bool = False) -> tuple[File, ...]:
    """The files that are named, those of folders in the order of their names.

    Raises InputError for one that cannot be read, ManifestError for one that is not UTF-8.
    """
    return tuple(file for name in names for file in _read(name, recursive=recursive))


def _read(name: str, *, recursive: bool) -> Iterator[File]:
    if name == STDIN:
        yield File("stdin", _decode("stdin", sys.stdin.buffer.read()))
        return
    path = Path(name)
    for one in _folder(path, recursive=recursive) if path.is_dir() else [path]:
        yield File(str(one), _decode(str(one), _content(one)))


def _folder(folder: Path, *, recursive: bool) -> list[Path]:
    try:
        inside = folder.rglob("*") if recursive else folder.iterdir()
        found = sorted(one for one in inside if one.suffix in SUFFIXES and one.is_file())
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror or error}") from error
    if not found:
        hint = "" if recursive else "; -R looks into its folders too"
        raise InputError(f"{folder}: no {', '.join(SUFFIXES)} file in this folder{hint}")
    return found


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


def _decode(name: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = f"not UTF-8: byte 0x{content[error.start]:02x}"
        raise ManifestError(problem, file=name, line=line) from error

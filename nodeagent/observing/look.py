"""What was read of one process: all that is told of it comes from here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from nodeagent.observing.budget import Budget
from nodeagent.observing.files import inside, upto
from nodeagent.tracing.process import FileId, Process, ProcessGone, file_id
from webhook.images.layers import content
from webhook.images.layers.content import Binary

_COMMAND = 64 << 10
_WORDS = 1024
_ENVIRONMENT = 256 << 10
_MAPS = 2 << 20
"""Bytes: some 20,000 mappings, where a JVM has a thousand."""
_FILES = 4096
_DOCUMENT = 64 << 10
_ESCAPE = re.compile(rb"\\([0-7]{3})")
_COLUMNS = 5


@dataclass(frozen=True)
class Look:
    """A process: its program's path and first bytes, words, environment and mapped files.

    Values of the environment stay in here: they may be secrets. `budget` is what is left for
    searching files.
    """

    process: Process
    executable: str
    file: FileId
    head: bytes
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    mapped: tuple[str, ...]
    budget: Budget = field(default_factory=Budget)

    @property
    def name(self) -> str:
        """The name of the program's file."""
        return self.executable.rpartition("/")[2]

    @cached_property
    def binary(self) -> Binary:
        """What the program's first bytes tell."""
        found = content.read(self.head, self.file.size)
        return found if isinstance(found, Binary) else Binary()

    def document(self, path: str) -> bytes | None:
        """A file of the process's own file system; None where it has none, or not a short one."""
        return inside(self.process.proc / str(self.process.pid) / "root", path, _DOCUMENT)


def look(process: Process, budget: Budget) -> Look:
    """Read what /proc tells of a process. Raises ProcessGone."""
    folder = process.proc / str(process.pid)
    with process.executable() as file:
        try:
            identity = file_id(file)
            return Look(
                process,
                _executable(folder),
                identity,
                file.read(content.ENTRY_HEAD),
                tuple(_words(upto(folder / "cmdline", _COMMAND))),
                dict(_variables(upto(folder / "environ", _ENVIRONMENT))),
                tuple(_files(upto(folder / "maps", _MAPS))),
                budget,
            )
        except OSError as error:
            raise ProcessGone(f"process {process.pid}: {error.strerror}") from error


def _executable(folder: Path) -> str:
    path = str((folder / "exe").readlink()).removesuffix(" (deleted)")
    return path.encode(errors="surrogateescape").decode(errors="replace")


def _words(data: bytes) -> Iterator[str]:
    for word in data.split(b"\0", _WORDS)[:_WORDS]:
        yield word.decode(errors="replace")


def _variables(data: bytes) -> Iterator[tuple[str, str]]:
    for entry in data.split(b"\0"):
        name, equals, value = entry.decode(errors="replace").partition("=")
        if equals:
            yield name, value


def _files(data: bytes) -> Iterator[str]:
    """The files of lines `from-to rwxp offset device inode  path`, each once."""
    seen: set[bytes] = set()
    for line in data.split(b"\n"):
        columns = line.split(None, _COLUMNS)
        if len(columns) <= _COLUMNS or columns[-1][:1] != b"/" or len(seen) >= _FILES:
            continue
        path = columns[-1].removesuffix(b" (deleted)")
        if path not in seen:
            seen.add(path)
            yield _ESCAPE.sub(_byte, path).decode(errors="replace")


def _byte(escape: re.Match[bytes]) -> bytes:
    # A newline in a path is the only byte that the kernel writes so; others stay below 0o400.
    return bytes((int(escape[1], 8) & 0xFF,))

"""A process as /proc shows it. Processes end at any time: every look may find nothing."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from nodeagent.kernel.filesystems import is_overlay

_PROC = Path("/proc")
_ENVIRON = 1 << 20
"""Bytes of an environment: any process may say that all of its memory is it (PR_SET_MM)."""


class ProcessGone(Exception):  # noqa: N818 - processes end, that is no error
    """The process has ended, or is not ours to look at; says which it was and why."""


@dataclass(frozen=True, slots=True)
class FileId:
    """Which file it is, and which of its contents.

    On an overlay file system `device` is 0: each container of an image has a device of its own for
    what is one file below, with the inode's number of that, and probes go to that. A container
    that writes to it gets a copy, which keeps number, size and time, but not when it was `changed`.
    `modified` may be set by who writes (utimes); `changed` is the kernel's to say, everywhere.
    """

    device: int
    inode: int
    size: int
    modified: int
    changed: int


@dataclass(frozen=True, slots=True)
class Life:
    """A process from its begin, or from the last time that it executed a file, to its end.

    Numbers of processes are used again; and a shell becomes the program that it executes.
    """

    began: int
    device: int
    inode: int


@dataclass(frozen=True, slots=True)
class Process:
    """A process by its number, in the name space of processes that the kernel's programs see."""

    pid: int
    proc: Path = _PROC

    def executable(self) -> BinaryIO:
        """The file that it runs, opened. Raises ProcessGone.

        It stays the same file when the process ends or when its path names another one.
        """
        try:
            return (self.proc / str(self.pid) / "exe").open("rb")
        except OSError as error:
            raise ProcessGone(f"process {self.pid}: {error.strerror}") from error

    def name(self) -> str:
        """The name of the file that it runs. Raises ProcessGone."""
        try:
            path = (self.proc / str(self.pid) / "exe").readlink()
        except OSError as error:
            raise ProcessGone(f"process {self.pid}: {error.strerror}") from error
        # What UTF-8 is not would make a text that cannot be sent.
        return os.fsencode(path.name).decode(errors="replace").removesuffix(" (deleted)")

    def environ(self) -> Mapping[str, str]:
        """The environment that it was started with, the first MiB of it. Raises ProcessGone."""
        try:
            with (self.proc / str(self.pid) / "environ").open("rb") as file:
                text = file.read(_ENVIRON)
        except OSError as error:
            raise ProcessGone(f"process {self.pid}: {error.strerror}") from error
        if len(text) == _ENVIRON:
            text = text.rpartition(b"\0")[0]  # half a value is not the value
        pairs = (entry.decode(errors="replace").partition("=") for entry in text.split(b"\0"))
        return {name: value for name, equals, value in pairs if equals}

    def life(self) -> Life | None:
        """When it began and what it runs; None when it is gone."""
        folder = self.proc / str(self.pid)
        try:
            text = (folder / "stat").read_text(errors="replace")
            status = (folder / "exe").stat()
        except OSError:
            return None
        # The name in parentheses may hold anything; the 20th field behind it is the time.
        return Life(int(text.rpartition(")")[2].split()[19]), status.st_dev, status.st_ino)

    def absence(self) -> str:
        """Why it has no `life`, for a person."""
        folder = self.proc / str(self.pid)
        try:
            (folder / "exe").stat()
        except PermissionError:
            return "its file may not be looked at: run as root, or with SYS_PTRACE"
        except OSError:
            if folder.exists():
                return "it runs no file: it has ended, or is a part of the kernel"
        return "there is no such process"


def file_id(file: BinaryIO) -> FileId:
    """Which file is open here."""
    status = os.fstat(file.fileno())
    device = 0 if is_overlay(file.fileno()) else status.st_dev
    return FileId(device, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def running(path: Path, proc: Path = _PROC) -> list[int]:
    """The processes that run this file, by number. Raises OSError when there is no such file."""
    wanted = path.stat()
    return sorted(
        int(entry.name)
        for entry in proc.iterdir()
        if entry.name.isdecimal() and _runs(entry / "exe", wanted)
    )


def _runs(link: Path, wanted: os.stat_result) -> bool:
    try:
        return os.path.samestat(link.stat(), wanted)
    except OSError:
        return False

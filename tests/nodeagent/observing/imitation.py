"""A folder that looks like /proc, with processes that no machine needs to have."""

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from nodeagent.tracing.process import Process

_FIELDS = 52


class Imitation:
    """Processes by number; each has a root of its own."""

    def __init__(self, folder: Path) -> None:
        self.proc = folder / "proc"
        self._files = folder / "files"

    def process(
        self,
        pid: int,
        executable: str = "/usr/bin/app",
        argv: Iterable[str | bytes] = (),
        *,
        content: bytes | None = None,
        environ: Mapping[str, str] | None = None,
        mapped: Iterable[str] = (),
        parent: int = 0,
        began: int = 0,
    ) -> Process:
        """A process; its program is /bin/true by another name, unless `content` says otherwise."""
        folder = self.proc / str(pid)
        folder.mkdir(parents=True)
        (folder / "exe").symlink_to(self._file(executable, content))
        (folder / "cmdline").write_bytes(b"".join(_bytes(word) + b"\0" for word in argv))
        pairs = (f"{name}={value}" for name, value in (environ or {}).items())
        (folder / "environ").write_text("".join(f"{pair}\0" for pair in pairs))
        (folder / "maps").write_bytes(b"".join(map(_line, (executable, *mapped))))
        numbers = ["S", str(parent), *["0"] * (_FIELDS - 4)]
        numbers[19] = str(began)
        (folder / "stat").write_text(f"{pid} (a b) {' '.join(numbers)}\n")
        (folder / "root").symlink_to(self.root(pid))
        return Process(pid, self.proc)

    def root(self, pid: int) -> Path:
        """The root folder of a process."""
        folder = self._files / f"root-{pid}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def put(self, pid: int, path: str, content: str) -> None:
        """A file in a process's own file system."""
        file = self.root(pid) / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)

    def _file(self, executable: str, content: bytes | None) -> Path:
        file = self._files / executable.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        if content is not None:
            file.write_bytes(content)
        elif not file.exists():
            shutil.copyfile("/bin/true", file)
        return file


def _bytes(word: str | bytes) -> bytes:
    return os.fsencode(word)


def _line(path: str) -> bytes:
    return b"7f00-7f01 r-xp 00000000 08:01 42                         " + os.fsencode(path) + b"\n"

"""The control groups of a node: one name, in every hierarchy that the machine has."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")

_SECONDS = 20.0
_INTERVAL = 0.02


@dataclass(frozen=True, slots=True)
class Group:
    """A group under the root, by its name; pods' groups are below it."""

    name: str

    def create(self) -> None:
        """Make it in every hierarchy."""
        for hierarchy in hierarchies():
            (hierarchy / self.name).mkdir()

    def processes(self) -> Iterator[int]:
        """The numbers of all processes in it and below."""
        for folder in self.folders():
            for path, _, _ in os.walk(folder):  # unlike rglob it passes over what is gone
                try:
                    yield from map(int, Path(path, "cgroup.procs").read_text().split())
                except OSError:  # the group went while we looked
                    continue

    def delete(self) -> None:
        """Remove it and what is below. Raises TimeoutError while processes are left in it."""
        deadline = time.monotonic() + _SECONDS
        while folders := self.folders():
            for folder in folders:
                _remove(folder)
            if time.monotonic() > deadline:
                raise TimeoutError(f"control groups remain: {folders}")
            time.sleep(_INTERVAL)

    def folders(self) -> list[Path]:
        """Where it is; nowhere when it was removed."""
        places = (hierarchy / self.name for hierarchy in hierarchies())
        return [place for place in places if place.is_dir()]


def hierarchies() -> list[Path]:
    """One for each controller of version 1, or the single one of version 2."""
    if (ROOT / "cgroup.controllers").exists():
        return [ROOT]
    return [path for path in sorted(ROOT.iterdir()) if (path / "cgroup.procs").exists()]


def kill(processes: Iterator[int], spare: int) -> bool:
    """Send each of them SIGKILL, but `spare`; whether there was one."""
    found = False
    for number in set(processes) - {spare}:
        found = True
        try:
            os.kill(number, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return found


def _remove(folder: Path) -> None:
    for path, _, _ in os.walk(folder, topdown=False):
        try:
            Path(path).rmdir()
        except OSError:  # a process is still ending in it: the caller comes again
            return

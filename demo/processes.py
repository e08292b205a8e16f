"""Processes that run beside the demo: each in a group of its own, with its output in a file."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_LINES = 5
_INTERVAL = 0.02  # seconds


class StartError(Exception):
    """A process that could not be started, or did not become ready."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running process and the file that holds what it says."""

    name: str
    log: Path
    popen: "subprocess.Popen[bytes]"

    @classmethod
    def start(
        cls, name: str, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path
    ) -> Self:
        """Start it with exactly this environment. Raises StartError."""
        try:
            with log.open("wb") as output:
                popen = subprocess.Popen(
                    argv,
                    env=env,
                    cwd=cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            raise StartError(f"{name}: {argv[0]}: {error.strerror}") from error
        return cls(name, log, popen)

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""
        # WNOWAIT leaves it a zombie: its number, and its group's, is nobody else's before `end`.
        looking = os.WEXITED | os.WNOHANG | os.WNOWAIT
        if self.popen.returncode is not None:
            return True
        return os.waitid(os.P_PID, self.popen.pid, looking) is not None

    def last_words(self) -> str:
        """The last lines of what it said."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-_LINES:])

    def terminate(self) -> None:
        """Ask it to end, as a kubelet does: SIGTERM to the process itself."""
        if not self.ended:
            self.popen.terminate()

    def end(self, seconds: float) -> int | None:
        """Wait this long for its end, then kill what is left of its group.

        Returns its exit code, None where it had to be killed.
        """
        deadline = time.monotonic() + seconds
        while not self.ended and time.monotonic() < deadline:
            time.sleep(_INTERVAL)
        obedient = self.ended
        # The leader may be gone while a worker of it still runs: the group goes in any case.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        code = self.popen.wait()
        return code if obedient else None


def terminate_children() -> None:
    """Ask every direct child of this process to end: package managers that were interrupted.

    Linux only, where /proc names them; elsewhere they end by themselves.
    """
    for file in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for pid in file.read_text().split():
                os.kill(int(pid), signal.SIGTERM)


class Children:
    """The processes that were started, for who has to end them; used from several threads."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._lock = threading.Lock()
        self.closed = False
        """Whether `end` was called: nothing starts any more."""

    def start(
        self, name: str, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path
    ) -> Child:
        """Start a process. Raises StartError, also once `end` was called."""
        with self._lock:
            if self.closed:
                raise StartError(f"{name}: everything is being stopped")
            child = Child.start(name, argv, env=env, cwd=cwd, log=log)
            self._children.append(child)
            return child

    def end(self, seconds: float) -> list[str]:
        """End all at once, the last started first; returns the names that had to be killed."""
        with self._lock:
            self.closed = True
        for child in reversed(self._children):
            child.terminate()
        deadline = time.monotonic() + seconds
        return [
            child.name
            for child in reversed(self._children)
            if child.end(max(0, deadline - time.monotonic())) is None
        ]

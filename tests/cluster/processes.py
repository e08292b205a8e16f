"""The cluster's processes: children that do not outlive the test run, each with a log."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from demo.processes import Child

START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_INTERVAL = 0.02
_LINES = 30

# The kernel sends a parent-death signal when the *thread* that started the child ends. This one
# lasts as long as the program, whichever thread of a test starts or restarts a process.
_starter = ThreadPoolExecutor(1, "starts-processes")


class StartError(Exception):
    """A process that ended or did not become ready; with the end of its log."""


def start(
    name: str, command: Sequence[str], folder: Path, log: Path, *, farewell: str = "KILL"
) -> Child:
    """Start a program that gets the signal `farewell` when the test run is killed.

    Raises demo.processes.StartError.
    """
    setpriv = shutil.which("setpriv")  # util-linux, part of every Linux but the smallest
    through = (setpriv, "--pdeathsig", farewell, "--") if setpriv else ()
    return _starter.submit(
        Child.start, name, [*through, *command], env=os.environ, cwd=folder, log=log
    ).result()


class Process:
    """One program of the cluster, which can be stopped and started again with the same command."""

    def __init__(self, name: str, command: Sequence[str | Path], folder: Path) -> None:
        self.name = name
        self._command = [str(word) for word in command]
        self._folder = folder
        self._child: Child | None = None
        self._starts = 0

    @property
    def log(self) -> Path:
        """What the process says; a new file for each start."""
        return self._folder / f"{self.name}.{self._starts}.log"

    @property
    def pid(self) -> int:
        """Its number. Raises LookupError where it does not run."""
        if not self.running or self._child is None:
            raise LookupError(f"{self.name} does not run")
        return self._child.popen.pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._child is not None and not self._child.ended

    def start(self) -> None:
        """Start it; whether it is ready is for `wait` to find out. Raises StartError."""
        if self.running:
            raise StartError(f"{self.name} runs already")
        self._starts += 1
        self._child = start(self.name, self._command, self._folder, self.log)

    def wait(self, ready: Callable[[], bool], seconds: float = START_SECONDS) -> None:
        """Wait until `ready` says so. Raises StartError with what the process said last."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.running:
                raise StartError(f"{self.name} ended\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise StartError(f"{self.name}: not ready in {seconds:.0f} s\n{self.last_words()}")
            time.sleep(_INTERVAL)

    def stop(self, *, seconds: float = _STOP_SECONDS) -> None:
        """Ask it to end, and kill it after `seconds`; 0 kills at once."""
        child, self._child = self._child, None
        if child is not None:
            if seconds:
                child.terminate()
            child.end(seconds)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Stop it in its tracks for a while: it keeps its connections and answers nothing."""
        pid = self.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def last_words(self) -> str:
        """Where the log is, and its end."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join([f"{self.log}:", *lines[-_LINES:]])

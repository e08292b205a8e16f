"""Processes in control groups as kubelets name them: what tells whose container a process is."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from secrets import token_hex

from tests.nodeagent.machine import give_up
from tests.waiting import until

_HIERARCHIES = (Path("/sys/fs/cgroup/pids"), Path("/sys/fs/cgroup"))
_ENTER = 'echo $$ > "$1" && shift && exec "$@"'


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs in a container."""

    process: "subprocess.Popen[str]"
    port: int

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    def get(self, path: str) -> None:
        """Ask it for something."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
        finally:
            connection.close()

    def kill(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a pod: its ID, and the control group of its processes."""

    pod: str
    group: Path
    identifier: str = field(default_factory=lambda: token_hex(32))

    @contextmanager
    def running(self, program: Path, **environment: str) -> Iterator[Running]:
        """One of the tests' servers, from its first instruction in the container."""
        command = ["/bin/sh", "-c", _ENTER, "sh", str(self.group / "cgroup.procs"), str(program)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
        ) as process:
            try:
                assert process.stdout is not None
                address = process.stdout.readline().split()[0]
                yield Running(process, int(address.rpartition(":")[2]))
            finally:
                process.kill()


@contextmanager
def container(pod: str) -> Iterator[Container]:
    """A new container of the pod of this UID; where there can be none, see `give_up`."""
    identifier = token_hex(32)
    group = _hierarchy() / "kubepods" / "besteffort" / f"pod{pod}" / identifier
    try:
        group.mkdir(parents=True)
    except OSError as error:
        give_up(f"no control groups: {error}")
    try:
        yield Container(pod, group, identifier)
    finally:
        until(lambda: not (group / "cgroup.procs").read_text(), "the container to be empty")
        group.rmdir()
        with suppress(OSError):  # another container's
            for parent in list(group.parents)[:3]:
                parent.rmdir()


def _hierarchy() -> Path:
    return next(path for path in _HIERARCHIES if (path / "cgroup.procs").exists())

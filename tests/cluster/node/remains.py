"""What a node is on the machine, and how nothing of it remains.

Before anything is made, its names are written down in a record. A node is taken down by removing
what the record names. A process beside the test run does that (`python -m tests.cluster.node`): it
waits for the end of its input, which comes when the run is done and also when the run is killed.
What even that one left (it was killed too), the next node's start removes.
"""

import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from tests.cluster.node.cgroups import Group, kill
from tests.cluster.node.namespace import Namespace

RECORDS = Path("/run/spanhook-test-nodes")
_PREFIX = "spanhook-"

_SECONDS = 30.0
_INTERVAL = 0.02


@dataclass(frozen=True, slots=True)
class Remains:
    """A node by its name: that of its record, its network namespace and its control groups.

    `owner` is the test run's process: its number and when it started, in ticks since boot.
    `directory` holds the node's files; of them the logs stay, for who wants to read them.
    """

    name: str
    owner: tuple[int, str]
    directory: str

    @classmethod
    def of(cls, directory: Path) -> Self:
        """A new one of this process."""
        name = f"{_PREFIX}{secrets.token_hex(4)}"
        return cls(name, (os.getpid(), _started(os.getpid())), str(directory))

    @classmethod
    def read(cls, record: Path) -> Self:
        """From its record."""
        fields = json.loads(record.read_text())
        return cls(fields["name"], tuple(fields["owner"]), fields["directory"])

    @property
    def record(self) -> Path:
        """The file that names it."""
        return RECORDS / self.name

    @property
    def namespace(self) -> Namespace:
        """Its network namespace."""
        return Namespace(self.name)

    @property
    def group(self) -> Group:
        """Its control groups."""
        return Group(self.name)

    @property
    def is_owned(self) -> bool:
        """Whether the test run that made it is still there."""
        number, started = self.owner
        return _started(number) == started

    def write(self) -> None:
        """Write the record."""
        RECORDS.mkdir(exist_ok=True)
        unfinished = RECORDS / f".{self.name}"
        unfinished.write_text(json.dumps(asdict(self)))
        unfinished.rename(self.record)

    def remove(self) -> None:
        """End its processes and remove what it is made of, the record last.

        Its mounts are in a mount namespace of the node's own and go with the last process.
        """
        self._end_processes()
        self.group.delete()
        self.namespace.delete()
        for name in _DATA:
            if (folder := Path(self.directory) / name).exists():
                shutil.rmtree(folder)
        self.record.unlink(missing_ok=True)

    def _end_processes(self) -> None:
        """All in its network and in its control groups: components, shims, containers."""
        deadline = time.monotonic() + _SECONDS
        while self._kill():
            if time.monotonic() > deadline:
                raise TimeoutError(f"processes of {self.name} do not end")
            time.sleep(_INTERVAL)

    def _kill(self) -> bool:
        spared = self.owner[0]  # the run may stand inside while it takes the node down
        in_network = kill(iter(self.namespace.processes()), spared)
        in_groups = kill(self.group.processes(), spared)
        return in_network or in_groups


_DATA = ("kubelet", "etcd")


@contextmanager
def kept(directory: Path) -> Iterator[Remains]:
    """A new node's namespace and groups, and the process that removes them and what they hold."""
    sweep()
    node = Remains.of(directory)
    node.write()
    command = [sys.executable, "-m", __package__, str(node.record)]
    # A session of its own: Ctrl-C is for the test run, and this comes after it.
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as keeper:
        node.namespace.create()
        node.group.create()
        yield node
        # Leaving closes its input and waits for it.
    if keeper.returncode:
        raise RuntimeError(f"{node.name} could not be removed, see above")


def wait_and_remove(record: Path) -> None:
    """Wait until the test run ends or closes our input, then remove its node."""
    sys.stdin.buffer.read()
    with _locked(record) as found:
        if found is not None:
            found.remove()


def sweep() -> None:
    """Remove the nodes of test runs that are gone."""
    for record in sorted(RECORDS.glob(f"{_PREFIX}*")):
        with _locked(record) as found:
            if found is not None and not found.is_owned:
                found.remove()


@contextmanager
def _locked(record: Path) -> Iterator[Remains | None]:
    """The node of a record while nobody else removes it; None where somebody else has."""
    try:
        file = record.open()
    except FileNotFoundError:
        yield None
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield Remains.read(record) if record.exists() else None


def _started(number: int) -> str:
    try:
        status = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return ""
    # The name, in parentheses, may hold anything; the 20th field after it is the start.
    return status.rpartition(")")[2].split()[19]
